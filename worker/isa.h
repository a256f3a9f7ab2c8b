/* isa.h -- which vector instructions the kernels of this run use
 *
 * The results have the same bits whatever the answer; only the speed differs. */
#ifndef WORKER_ISA_H
#define WORKER_ISA_H

#include "core/err.h"

enum isa { ISA_SCALAR, ISA_AVX2, ISA_AVX512, ISA_COUNT };

const char *isa_name(enum isa isa); /* "scalar", "avx2", "avx512" */

/* The best that this machine and this build have. */
enum isa isa_best(void);

/* The best, or what the environment variable PLIMSOLL_ISA asks for.  ERR_USAGE where
 * that is no name, or more than there is.  Fit for the start of a program. */
int isa_choose(enum isa *isa, struct err *err);

#endif /* WORKER_ISA_H */
