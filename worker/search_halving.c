/* Successive halving: many points on a little of the history, few on all of it.
 *
 * Rung r = 0 ... R - 1 rates its n_r points on a share s_r of the training bars and
 * hands the best on to the next.  Of B points to spend on N candidates a quarter goes
 * into the last rung, on all bars, and the rest evenly into the others:
 *
 *     b_r = 3B / (4 ),   b_{R-1} = B/4
 *     s_0 = b_0 / N,   s_r = s_0^((R-1-r)/(R-1)),   n_r = b_r / s_r
 *
 * (K. Jamieson, A. Talwalkar, "Non-stochastic best arm identification and
 * hyperparameter optimization", AISTATS 2016, with a fixed budget.)  All of a rung are
 * rated before any is promoted, so it does not matter who is fast.
 *
 * Promoted are the first by (violation, cost, point). */
#include "core/arith.h"
#include "worker/search_method.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct halving {
    size_t d, n_rungs, rung;
    double budget, first_share; /* points; share of the first rung */
    size_t n;
    double *u; /* [n][d] of this rung's points */
    struct promoted {
        struct candidate at;
        size_t place; /* among the rung's points */
    } * order;        /* [n] */
};

static void end(void *state)
{
    struct halving *halving = state;

    if (halving == NULL)
        return;
    free(halving->u);
    free(halving->order);
    free(halving);
}

/* The grid of the axes that move, the last fastest, each value in the middle of its
 * share of the axis. */
static void fill_grid(const struct search_start *start, struct halving *halving)
{
    for (size_t i = 0; i < halving->n; i++) {
        size_t k = i;

        for (size_t j = halving->d; j-- > 0;) {
            const size_t n = start->axis[j]->n;

            halving->u[i * halving->d + j] = ((double)(k % n) + 0.5) / (double)n;
            k /= n;
        }
    }
}

/* b_r */
static double budget_of(const struct halving *halving, size_t rung)
{
    const double budget = halving->budget;

    return rung + 1 < halving->n_rungs ? 0.75 * budget / (double)(halving->n_rungs - 1)
                                       : 0.25 * budget;
}

/* Shares of s_0 and more; all on the whole history where the budget allows. */
static void set_rungs(const struct search_start *start, struct halving *halving)
{
    halving->budget = start->n_most;
    halving->n_rungs = start->rules->n_rungs;
    halving->first_share = budget_of(halving, 0) / (double)halving->n;
    if (halving->first_share >= 1.0)
        halving->n_rungs = 1;
}

static int start(const struct search_start *start, void **state, struct err *err)
{
    struct halving *halving = calloc(1, sizeof *halving);
    const size_t n =
        (size_t)(start->rules->n_candidates > 0 ? start->rules->n_candidates
                                                : grid_n_points(start->grid));

    if (halving == NULL)
        return err_set(err, ERR_MEMORY, "no memory for candidates");
    *halving = (struct halving){.d = start->d,
                                .n = n,
                                .u = calloc(n * start->d, sizeof(double)),
                                .order = calloc(n, sizeof *halving->order)};
    if (halving->u == NULL || halving->order == NULL) {
        end(halving);
        return err_set(err, ERR_MEMORY, "no memory for %zu candidates", n);
    }
    set_rungs(start, halving);
    if (start->rules->n_candidates == 0) {
        fill_grid(start, halving);
    } else if (search_design_sobol(n, halving->d, halving->u, err) != 0) {
        end(halving);
        return -1;
    }
    *state = halving;
    return 0;
}

/* s_r; the last is 1 itself. */
static double share_of(const struct halving *halving, size_t rung)
{
    const double last = (double)(halving->n_rungs - 1);

    if (rung + 1 == halving->n_rungs)
        return 1.0;
    return arith_exp((last - (double)rung) / last * arith_log(halving->first_share));
}

static int ask(void *state, double n_spent, struct search_wish *wish, struct err *err)
{
    struct halving *halving = state;
    const size_t n = halving->rung < halving->n_rungs ? halving->n : 0;

    (void)n_spent;
    if (search_wish_fill(wish, n, err) != 0)
        return -1;
    if (n == 0)
        return 0;
    memcpy(wish->u, halving->u, n * halving->d * sizeof *wish->u);
    wish->share = share_of(halving, halving->rung);
    return 0;
}

/* ---- promotion ---- */

static int by_rank(const void *one, const void *other)
{
    const struct promoted *a = one, *b = other;

    return candidate_before(&a->at, &b->at) ? -1 : candidate_before(&b->at, &a->at);
}

static int by_place(const void *one, const void *other)
{
    const struct promoted *a = one, *b = other;

    return a->place < b->place ? -1 : a->place > b->place;
}

static int tell(void *state, const struct search_wish *wish,
                const struct search_answer answer[], struct err *err)
{
    struct halving *halving = state;
    const size_t d = halving->d;

    (void)err;
    if (++halving->rung == halving->n_rungs)
        return 0;
    const double n_next = floor(
        budget_of(halving, halving->rung) / share_of(halving, halving->rung) + 1e-9);
    for (size_t i = 0; i < halving->n; i++)
        halving->order[i] = (struct promoted){answer[i].at, i};
    qsort(halving->order, halving->n, sizeof *halving->order, by_rank);
    if (n_next < (double)halving->n)
        halving->n = n_next >= 1.0 ? (size_t)n_next : 1;
    qsort(halving->order, halving->n, sizeof *halving->order, by_place);
    for (size_t i = 0; i < halving->n; i++)
        memcpy(halving->u + i * d, wish->u + halving->order[i].place * d,
               d * sizeof *halving->u);
    return 0;
}

const struct search_method search_halving = {
    .name = "halving",
    .meaning = "many points on a little of the history, the best of them on ever more",
    .start = start,
    .ask = ask,
    .tell = tell,
    .end = end,
};
