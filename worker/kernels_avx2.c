/* Compiled with the flags that CMakeLists.txt names for it. */
#if defined(__AVX2__)
#define KERNELS kernels_avx2
#include "worker/kernels_body.h"
#else
typedef int no_kernels_avx2;
#endif
