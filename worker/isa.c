#include "worker/isa.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[ISA_COUNT] = {"scalar", "avx2", "avx512"};

const char *isa_name(enum isa isa)
{
    return names[isa];
}

enum isa isa_best(void)
{
#if defined(__x86_64__)
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");

    if (avx2 && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        return ISA_AVX512;
    if (avx2)
        return ISA_AVX2;
#endif
    return ISA_SCALAR;
}

int isa_choose(enum isa *isa, struct err *err)
{
    const char *asked = getenv("PLIMSOLL_ISA");
    const enum isa best = isa_best();

    if (asked == NULL || asked[0] == '\0') {
        *isa = best;
        return 0;
    }
    for (int i = 0; i < ISA_COUNT; i++) {
        if (strcmp(asked, names[i]) != 0)
            continue;
        if (i > (int)best)
            return err_set(err, ERR_USAGE,
                           "PLIMSOLL_ISA: this machine has no %s; its best is %s",
                           asked, names[best]);
        *isa = (enum isa)i;
        return 0;
    }
    return err_set(err, ERR_USAGE, "PLIMSOLL_ISA: %s is not scalar, avx2 or avx512",
                   asked);
}
