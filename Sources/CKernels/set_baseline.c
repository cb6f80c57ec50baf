// The baseline set: every kernel compiled for x86-64.
#include "sets.h"
#pragma clang attribute push(__attribute__((target("arch=x86-64"))), apply_to = function)
#include "kernels.inc"
#pragma clang attribute pop
const apus_kernels apus_kernels_baseline = APUS_KERNEL_TABLE;
