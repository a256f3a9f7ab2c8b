/* walk_unit.h -- what is a rank asked in a walk-forward, and what does it answer?
 *
 *     (instrument, fold k)     ->  what the job chose on the training bars, what the
 *                                  challengers did, and how each does on the test bars
 *     (instrument, n_folds)    ->  the overfitting of the job's grid over all bars;
 * where axes are shared, what each half of the bars would choose with each cell
 * (worker/cscv_shared.h)
 *
 * Every answer is a function of job and history alone.  Both sides write and read the
 * bytes here. */
#ifndef COORDINATOR_WALK_UNIT_H
#define COORDINATOR_WALK_UNIT_H

#include "coordinator/outcome.h"
#include "coordinator/subject.h"
#include "coordinator/walk_shared.h"
#include "core/buffer.h"
#include "core/err.h"
#include "worker/challenger.h"
#include "worker/cscv_shared.h"
#include "worker/fold.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The job's own choice comes first, then the challengers', and the set in production
 * where the job names it: its point as it is. */
enum { WALK_INCUMBENT = 1 + CHALLENGERS, WALK_CONTENDERS };
const char *walk_contender_name(size_t c); /* "job", "constant", ... */

/* One contender on one fold. */
struct walk_choice {
    uint32_t status; /* enum status */
    uint32_t is_judged;
    double value[AXES_MAX]; /* on the axes of its own plan; NaN where not judged */
    double last;
    char reason[ERR_TEXT_MAX];
    double *figure[JUDGED_RANGES]; /* [n_metrics] each                          */
    double *score;                 /* [n_scores of the fold]                    */
};

struct walk_fold {
    int64_t training_from_ns, training_to_ns, test_from_ns,
        test_to_ns;              /* bars' starts */
    uint64_t n_training, n_test; /* bars; n_test: scores of each choice          */
    struct walk_choice choice[WALK_CONTENDERS];
};

/* Of the job's grid, by CSCV over even blocks of all bars behind the warm-up: what was
 * chosen by the job's rule, placed by that rule and by the tick loss. */
struct walk_overfit {
    struct cscv by_rule, by_loss;
    uint64_t n_points; /* with the same shared values                                 */
    uint64_t n_broken; /* halves whose choice breaks a constraint elsewhere          */
    char reason[ERR_TEXT_MAX]; /* why there is none                                   */
    /* Where axes are shared: of the shared values, by the members' sums. */
    struct walk_overfit_shared {
        struct cscv by_rule, by_loss;
        uint64_t n_cells; /* combinations to choose from; 0: nothing is shared */
        uint64_t n_members;
    } shared;
};

/* A rank's bars. */
struct walk_worker {
    const struct subject *subject;
    struct fold_rules rules;
    size_t n_blocks;
    size_t instrument; /* whose bars these are; SIZE_MAX: nobody's */
    struct bars bars;
    struct walk_shared shared; /* starts as {SIZE_MAX, NULL} */
};

/* How a job walks; how many units each instrument is. */
struct fold_rules walk_rules(const struct job *job);
static inline uint64_t walk_units(const struct fold_rules *rules)
{
    return rules->n_folds + 1;
}

/* schedule_worker.work; context is the walk_worker, a request the unit's number. */
int walk_work(void *context, struct reader request, struct buffer *answer,
              struct err *err);
void walk_worker_end(struct walk_worker *worker);

/* -1: the bytes are no such answer, or memory.  Free the fold with walk_fold_free. */
int walk_get_fold(struct reader *reader, size_t n_metrics, struct walk_fold *fold);
int walk_get_overfit(struct reader *reader, struct walk_overfit *overfit);
/* free(*choice): [cscv_n_halves][cells] of the job */
int walk_get_choices(struct reader *reader, size_t n, struct cscv_choice **choice);
void walk_fold_free(struct walk_fold *fold);
/* The scores of bars are most of it. */
void walk_fold_forget_scores(struct walk_fold *fold, size_t n_metrics);

#endif /* COORDINATOR_WALK_UNIT_H */
