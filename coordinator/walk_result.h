/* walk_result.h -- what do all folds of an instrument say together? */
#ifndef COORDINATOR_WALK_RESULT_H
#define COORDINATOR_WALK_RESULT_H

#include "coordinator/subject.h"
#include "coordinator/walk_unit.h"
#include "core/err.h"
#include "worker/spa.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A contender over all test bars of its folds, each chosen on the bars before. */
struct walk_total {
    size_t n_chosen;                  /* folds that had a point                       */
    double observations, exceedances; /* of those folds' test bars                    */
    double coverage, mean_margin; /* the margin over all their bars, scored or not */
    double in_coverage, in_mean_margin; /* means over the folds' training bars */
    double mean_score; /* over bars that every contender has one of    */
};

/* How much the chosen value of an axis moves from fold to fold. */
struct walk_stability {
    double min, max;
    size_t n_values;  /* different ones                                            */
    double mean_step; /* of its places along the axis, 0 to 1; NaN: no two folds   */
};

struct walk_instrument {
    const struct history_entry *entry;
    bool is_walked; /* all its units are answered, and what follows is decided */
    enum status status;
    char reason[ERR_TEXT_MAX]; /* empty where calibrated                           */
    bool has_fold[FOLDS_MAX];
    struct walk_fold fold[FOLDS_MAX];
    char fold_reason[FOLDS_MAX][ERR_TEXT_MAX]; /* where there is none              */
    struct walk_overfit overfit; /* reason: why there is none                      */
    size_t n_contenders;         /* all, or but for the incumbent */
    struct walk_total total[WALK_CONTENDERS];
    struct walk_stability stability[AXES_MAX];
    struct spa spa; /* benchmark: the job's choice; alternatives: the others */
    size_t n_compared;
    double mean_block;
};

struct walk_result {
    const struct subject *subject;
    struct fold_rules rules;
    size_t n_blocks, n_replicates;
    uint64_t seed;
    size_t n;
    struct walk_instrument *instrument; /* [n]: the universe, or the one asked for */
};

/* After the answers: totals, stability, SPA and the decision. */
int walk_conclude(const struct walk_result *result, struct walk_instrument *instrument,
                  struct err *err);

void walk_print_table(const struct walk_result *result, FILE *out);
/* free(*bytes) */
int walk_make_json(const struct walk_result *result, char **bytes, size_t *n_bytes,
                   struct err *err);

#endif /* COORDINATOR_WALK_RESULT_H */
