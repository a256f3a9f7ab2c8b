/* nested.h -- which shared values do instruments agree on?
 *
 * s numbers the combinations of the global axes' values, u those of the group axes',
 * and best_i(s, u) is the best (violation, cost) that instrument i has with them, its
 * own axes free.  With w_i the instrument's weight,
 *
 *     F_g(s, u) = sum over i in g of w_i best_i(s, u)      u_g(s) = argmin_u F_g(s, u)
 *     F(s)      = sum over g of F_g(s, u_g(s))             s*     = argmin_s F(s)
 *
 * Sums of pairs are pairs of sums.  They are ordered by how many instruments of a
 * weight above 0 have no value there, then by violation, by cost, by number: the order
 * does not change when the same is added to both sides, so the nested minimum is the
 * minimum over all choices of s, of every group's u and of every instrument's own axes
 * at once.
 *
 * A sum runs over a fixed tree, halves of the members in their order, whatever the
 * order in which they became known: its bits are a function of the problem. */
#ifndef WORKER_NESTED_H
#define WORKER_NESTED_H

#include <stdbool.h>
#include <stddef.h>

struct nested_sum {
    size_t n_without; /* instruments that have no value there */
    double violation, cost;
};

struct nested_problem {
    size_t n_global, n_group; /* combinations of values: s below n_global ...      */
    size_t n_groups;
    /* The instruments of group g stand at first[g] to before first[g + 1]. */
    const size_t *first;  /* [n_groups + 1] */
    const double *weight; /* [instruments]  */
    /* (violation, cost) of an instrument at cell s n_group + u; false: none. */
    bool (*best)(const void *context, size_t instrument, size_t cell, double *violation,
                 double *cost);
    const void *context;
};

bool nested_before(const struct nested_sum *a, const struct nested_sum *b);

/* F_g(s, u). */
struct nested_sum nested_group(const struct nested_problem *problem, size_t g, size_t s,
                               size_t u);
/* F(s), and every group's u_g(s) in u [n_groups]. */
struct nested_sum nested_global(const struct nested_problem *problem, size_t s,
                                size_t u[]);
/* F(s*), s* and u_g(s*); room [n_groups]. */
struct nested_sum nested_solve(const struct nested_problem *problem, size_t *s,
                               size_t u[], size_t room[]);

#endif /* WORKER_NESTED_H */
