#include "worker/kernels.h"

extern const struct kernels kernels_scalar;
#if defined(__x86_64__)
extern const struct kernels kernels_avx2, kernels_avx512;
#endif

const struct kernels *kernels_of(enum isa isa)
{
#if defined(__x86_64__)
    if (isa == ISA_AVX512)
        return &kernels_avx512;
    if (isa == ISA_AVX2)
        return &kernels_avx2;
#endif
    return isa == ISA_SCALAR ? &kernels_scalar : NULL;
}

int kernels_choose(const struct kernels **kernels, struct err *err)
{
    enum isa isa;

    if (isa_choose(&isa, err) != 0)
        return -1;
    *kernels = kernels_of(isa);
    return 0;
}
