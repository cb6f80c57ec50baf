// The avx2 set: every kernel compiled for x86-64-v3.
#include "sets.h"
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3,tune=znver3"))), apply_to = function)
#include "kernels.inc"
#pragma clang attribute pop
const apus_kernels apus_kernels_avx2 = APUS_KERNEL_TABLE;
