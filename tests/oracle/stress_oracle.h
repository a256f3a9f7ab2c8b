/* stress_oracle.h -- which bars do the bad days have, and what do they cost beyond
 * margin, the slow and obvious way?
 *
 * Written from worker/STRESS.md alone. */
#ifndef TESTS_STRESS_ORACLE_H
#define TESTS_STRESS_ORACLE_H

#include "market/bars.h"

#include <stddef.h>
#include <stdint.h>

struct stress_ask {
    const struct bars *bars;
    size_t warmup, horizon;
    int sides;            /* 0 both, 1 long, 2 short */
    const double *margin; /* [n], of the bars from the warm-up on */
};

/* What the worst of these bars lose over h bars, where collateral keeps `worth`:
 * -1 where none has a whole horizon; else the place of the worst. */
struct stress_answer {
    double loss, beyond, beyond_then;
    long at;
};
struct stress_answer oracle_stress(const struct stress_ask *ask, size_t n,
                                   const unsigned char is_in[], size_t h, double worth);

/* Mark the bars of a window; of the k-th largest loss (from 0); of the roughest week.
 */
void oracle_window(const struct stress_ask *ask, int64_t from_ns, int64_t to_ns,
                   unsigned char is_in[]);
void oracle_worst(const struct stress_ask *ask, size_t k, unsigned char is_in[]);
void oracle_roughest(const struct stress_ask *ask, unsigned char is_in[]);

#endif /* TESTS_STRESS_ORACLE_H */
