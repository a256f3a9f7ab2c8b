#include "coordinator/walk_book.h"
#include "coordinator/walk_joint.h"
#include "worker/scope.h"

#include <math.h>
#include <stdlib.h>

int walk_book_open(const struct subject *subject, size_t first, size_t n, uint64_t seed,
                   struct walk_book *book, struct err *err)
{
    enum { REPLICATES = 1000 };

    *book = (struct walk_book){
        .result = {.subject = subject,
                   .rules = walk_rules(&subject->job),
                   .n_blocks = (size_t)subject->job.keys.n_blocks,
                   .n_replicates = REPLICATES,
                   .seed = seed,
                   .n = n,
                   .instrument = calloc(n, sizeof *book->result.instrument)},
        .first = first,
        .choice = calloc(subject->universe.n, sizeof *book->choice)};
    if (book->result.instrument == NULL || book->choice == NULL) {
        walk_book_close(book);
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments", n);
    }
    for (size_t i = 0; i < n; i++)
        book->result.instrument[i].entry = subject->universe.entry[first + i];
    return 0;
}

void walk_book_close(struct walk_book *book)
{
    for (size_t i = 0; book->result.instrument != NULL && i < book->result.n; i++)
        for (size_t k = 0; k < book->result.rules.n_folds; k++)
            walk_fold_free(&book->result.instrument[i].fold[k]);
    for (size_t i = 0; book->choice != NULL && i < book->result.subject->universe.n;
         i++)
        free(book->choice[i]);
    free(book->choice);
    free(book->result.instrument);
    *book = (struct walk_book){0};
}

struct walk_instrument *walk_book_at(const struct walk_book *book, size_t instrument)
{
    return instrument >= book->first && instrument - book->first < book->result.n
               ? &book->result.instrument[instrument - book->first]
               : NULL;
}

static int take_reason(struct reader *answer, char *reason, struct err *err)
{
    if (reader_get_text(answer, reason, ERR_TEXT_MAX) != 0)
        return err_set(err, ERR_BUG, "a reason cannot be read");
    return 0;
}

static int take_overfit(struct walk_book *book, size_t i, bool is_good,
                        struct reader *answer, struct err *err)
{
    const struct grid *grid = &book->result.subject->job.plan.grid;
    struct walk_instrument *of = walk_book_at(book, i);
    char unread[ERR_TEXT_MAX];

    if (of != NULL)
        of->overfit.by_rule.pbo = of->overfit.by_loss.pbo = (double)NAN;
    if (!is_good)
        return take_reason(answer, of != NULL ? of->overfit.reason : unread, err);
    const int status = scope_is_shared(grid)
                           ? walk_get_choices(answer,
                                              cscv_n_halves(book->result.n_blocks) *
                                                  (size_t)scope_n_cells(grid),
                                              &book->choice[i])
                           : walk_get_overfit(answer, &of->overfit);
    return status == 0 ? 0 : err_set(err, ERR_BUG, "an overfitting cannot be read");
}

int walk_book_take(struct walk_book *book, size_t instrument, size_t k,
                   struct reader answer, struct err *err)
{
    const struct study *study = book->result.subject->job.plan.study;
    struct walk_instrument *of = walk_book_at(book, instrument);
    uint32_t is_good;

    if (reader_get(&answer, &is_good, sizeof is_good) != 0)
        return err_set(err, ERR_BUG, "an answer cannot be read");
    if (k == book->result.rules.n_folds)
        return take_overfit(book, instrument, is_good, &answer, err);
    if (!is_good)
        return take_reason(&answer, of->fold_reason[k], err);
    if (walk_get_fold(&answer, study->n_metrics, &of->fold[k]) != 0)
        return err_set(err, ERR_MEMORY, "a fold cannot be read");
    of->has_fold[k] = true;
    return 0;
}

/* What all of a pool would choose. */
static int join(struct walk_book *book, size_t n, const size_t instrument[],
                struct err *err)
{
    const struct subject *subject = book->result.subject;

    if (!scope_is_shared(&subject->job.plan.grid))
        return 0;
    struct walk_overfit **overfit = calloc(subject->universe.n, sizeof *overfit);
    if (overfit == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments",
                       subject->universe.n);
    for (size_t i = 0; i < n; i++)
        overfit[instrument[i]] = &walk_book_at(book, instrument[i])->overfit;
    const int status =
        walk_joint(subject, book->result.n_blocks,
                   (const struct cscv_choice *const *)book->choice, overfit, err);
    free(overfit);
    return status;
}

int walk_book_conclude(struct walk_book *book, size_t n, const size_t instrument[],
                       struct err *err)
{
    if (join(book, n, instrument, err) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct walk_instrument *of = walk_book_at(book, instrument[i]);

        if (walk_conclude(&book->result, of, err) != 0)
            return -1;
        for (size_t k = 0; k < book->result.rules.n_folds; k++)
            walk_fold_forget_scores(&of->fold[k],
                                    book->result.subject->job.plan.study->n_metrics);
        of->is_walked = true;
    }
    return 0;
}
