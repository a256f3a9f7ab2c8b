/* stress_joint.h -- what do the bad days do to all instruments together?
 *
 * A window: each instrument as it went in it.  A shock, and correlation-break: each its
 * own worst, all at once.  A figure is the mean by money of the instruments that the
 * scenario covers (open interest in the quote currency; in the margin study all weigh
 * the same).  Covers assume the same accounts to be the largest everywhere, funds are
 * each instrument's own; the reverse row pools them. */
#ifndef COORDINATOR_STRESS_JOINT_H
#define COORDINATOR_STRESS_JOINT_H

#include "coordinator/outcome.h"
#include "worker/study.h"

#include <stddef.h>

struct stress_joint {
    size_t n_instruments; /* that have parameters and money at stake */
    size_t n;
    struct stress_joint_row {
        size_t row; /* of the instruments' tables */
        size_t n_instruments;
        double figure[STRESS_FIGURES_MAX];
    } row[STRESS_SPANS_MAX];
    /* The least whole number of their days' volatilities by which all have to move at
     * once for the funds together not to be enough; 0: none up to STRESS_CURVE. */
    size_t reverse_volatilities;
};

/* Of the instruments that did not fail. */
struct stress_joint stress_joint_of(const struct plan *plan, size_t n,
                                    const struct outcome outcome[]);

/* Where a limit of stress.joint is broken, every calibrated instrument is held. */
void stress_joint_hold(const struct plan *plan, const struct stress_joint *joint,
                       size_t n, struct outcome outcome[]);

#endif /* COORDINATOR_STRESS_JOINT_H */
