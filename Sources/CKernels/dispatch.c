#include "sets.h"

const apus_kernels *apus_kernels_of(apus_kernel_set set) {
    switch (set) {
    case APUS_AVX512: return &apus_kernels_avx512;
    case APUS_AVX2: return &apus_kernels_avx2;
    default: return &apus_kernels_baseline;
    }
}

int apus_kernels_supported(apus_kernel_set set) {
    __builtin_cpu_init();
    switch (set) {
    case APUS_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    case APUS_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    default: return 1;
    }
}
