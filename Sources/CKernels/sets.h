// The tables that the three sets export.
#pragma once
#include <string.h>  // before the target attribute is pushed: it applies to every declaration
#include "CKernels.h"

extern const apus_kernels apus_kernels_baseline;
extern const apus_kernels apus_kernels_avx2;
extern const apus_kernels apus_kernels_avx512;
