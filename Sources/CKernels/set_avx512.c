// The avx512 set: every kernel compiled for x86-64-v4.
#include "sets.h"
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,tune=znver4"))), apply_to = function)
#include "kernels.inc"
#pragma clang attribute pop
const apus_kernels apus_kernels_avx512 = APUS_KERNEL_TABLE;
