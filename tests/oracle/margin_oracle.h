/* margin_oracle.h -- what are the figures of one point, computed the slow and obvious
 * way?
 *
 * Written from worker/README.md alone, so that the program's fast code has something
 * to agree with that shares nothing with it but that page, core/arith.h and GSL.
 *
 * Exact to the bit: every figure but the five below, for which the page names a
 * distribution and not an order of operations.  There the oracle is right to
 *   kupiec_lr                        4 |x - np| eps + 16 eps LR, absolute
 *   kupiec_p, kupiec_p_upper,        1e-12 relative where the value is above 1e-290
 *   kupiec_phase_p, independence_p
 * for the doubles np and n (1 - p). */
#ifndef TESTS_MARGIN_ORACLE_H
#define TESTS_MARGIN_ORACLE_H

#include "core/err.h"
#include "market/bars.h"

#include <stddef.h>

enum oracle_loss { ORACLE_PATH, ORACLE_CLOSE };
enum oracle_sides { ORACLE_LONG, ORACLE_SHORT, ORACLE_BOTH };
enum oracle_range { ORACLE_TRAINING, ORACLE_TEST, ORACLE_ALL };

struct oracle_request {
    size_t horizon_bars; /* h, at least 1 */
    enum oracle_loss loss;
    enum oracle_sides sides;
    double confidence;   /* 1 - p, within (0, 1)                       */
    size_t warmup_bars;  /* W, at least 1                              */
    double holdout;      /* part of the bars kept for testing, [0, 1)  */
    size_t embargo_bars; /* bars between training and test             */
    double release_from, release_full, release_halflife_bars;
    double lambda, q, floor, buffer; /* the point's parameters */
    int release;                     /* 0 off, 1 on            */
};

/* What one phase (t - a) mod h has to say. */
struct oracle_phase {
    size_t n, x;               /* scored bars, exceedances               */
    size_t n00, n01, n10, n11; /* pairs (t, t + h): was one, is one      */
    double kupiec_p_upper;     /* NaN where n = 0                        */
    double independence_p;     /* NaN where there is no pair             */
};

/* Every figure of the page's table, counts included, as doubles; undefined is NaN. */
struct oracle_figures {
    double observations, left_out;
    double exceedances, exceedances_long, exceedances_short;
    double coverage;
    double kupiec_lr, kupiec_p, kupiec_p_upper, kupiec_phase_p, independence_p;
    double mean_margin, max_margin, last_margin;
    double mean_shortfall, worst_shortfall, es_ratio;
    double peak_to_trough;
    double rise_1d, rise_5d, rise_20d, rise_30d;
    size_t n_phases; /* h */
    struct oracle_phase *phase;
};

/* The figures by name, in the page's order. */
struct oracle_name {
    const char *name;
    size_t offset; /* of the double in struct oracle_figures */
};
extern const struct oracle_name oracle_names[];
extern const size_t oracle_n_names;

/* The bars [*first, *end) of a range; empty ranges have *first = *end. */
void oracle_range_bars(const struct oracle_request *request, enum oracle_range range,
                       size_t n_bars, size_t *first, size_t *end);

/* The margin of every bar: margin[bars->n], NaN before the end of the warm-up.
 * ERR_INPUT where the request is out of bounds or the warm-up holds no return. */
int oracle_margins(const struct oracle_request *request, const struct bars *bars,
                   double margin[], struct err *err);

/* All figures over a range; free with oracle_figures_free.  Errors as above. */
int oracle_score(const struct oracle_request *request, const struct bars *bars,
                 enum oracle_range range, struct oracle_figures *figures,
                 struct err *err);
void oracle_figures_free(struct oracle_figures *figures);

#endif /* TESTS_MARGIN_ORACLE_H */
