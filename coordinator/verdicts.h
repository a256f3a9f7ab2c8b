/* verdicts.h -- memory for the figures of points, made and freed in one place */
#ifndef COORDINATOR_VERDICTS_H
#define COORDINATOR_VERDICTS_H

#include "core/err.h"
#include "worker/study.h"

#include <stddef.h>

/* Figures for n points; free with verdicts_free(verdict), which takes NULL. */
int verdicts_new(const struct plan *plan, size_t n, struct verdict **verdict,
                 struct err *err);
void verdicts_free(struct verdict *verdict);

/* Of a point that cannot be judged: every figure undefined. */
void verdict_clear(const struct plan *plan, struct verdict *verdict);

#endif /* COORDINATOR_VERDICTS_H */
