/* liquidation_paths.h -- which paths does a range of bars hold, and who stands on them?
 *
 * A path starts at the close of every k-th bar since 1970, where its horizon lies in
 * the range and crosses no gap; so a night's new bars leave the older paths as they
 * are. */
#ifndef WORKER_LIQUIDATION_PATHS_H
#define WORKER_LIQUIDATION_PATHS_H

#include "core/err.h"
#include "worker/engine.h"
#include "worker/liquidation.h"
#include "worker/series.h"
#include "worker/steps.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct liquidation_paths {
    size_t n, n_left_out, n_finer; /* of n, in shorter bars */
    const struct bars *bars;       /* borrowed */
    size_t horizon_bars, a_bar, n_steps;
    size_t *start;       /* [n] bars, ascending                       */
    uint32_t *number;    /* [n] for the draws: bars since 1970        */
    double *price;       /* [n_steps + 1] of the path laid last       */
    double *low, *high;  /* [n] of all its steps                      */
    double *debt, *need; /* [n], room                                 */
    struct population_rule people;
    bool own_numbers;
    uint64_t who;
    double *share, *slack; /* [n][people.n], or of the path asked for last */
};

int liquidation_paths_new(const struct series *series, struct range range,
                          const struct liquidation_settings *settings, uint64_t who,
                          struct liquidation_paths *paths, struct err *err);
void liquidation_paths_free(struct liquidation_paths *paths);

/* Path p without its sigma and its steps, which few paths need: engine_is_idle(). */
struct engine_path liquidation_path(const struct liquidation_paths *paths, size_t p,
                                    uint64_t seed);
/* Its steps, lent until the next call: [n_steps + 1]; *finer, where not NULL: they are
 * those of shorter bars. */
const double *liquidation_lay(const struct liquidation_paths *paths, size_t p,
                              bool *finer);
/* Sizes and slacks of its accounts, lent until the next call. */
void liquidation_people(const struct liquidation_paths *paths, size_t p,
                        const struct draws *draws, const double **share,
                        const double **slack);

#endif /* WORKER_LIQUIDATION_PATHS_H */
