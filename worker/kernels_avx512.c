/* Compiled with the flags that CMakeLists.txt names for it. */
#if defined(__AVX512F__)
#define KERNELS kernels_avx512
#include "worker/kernels_body.h"
#else
typedef int no_kernels_avx512;
#endif
