/* stress.h -- what would bad days do to a parameter set?
 *
 * For people and their reports: no engine needs it.  Scenarios and figures are named
 * (worker/README.md, "Stress"); amounts are shares of the notional, or of the open
 * interest. */
#ifndef CLIENT_STRESS_H
#define CLIENT_STRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A named number: a parameter, or a figure of the backtest (NaN: undefined). */
struct plimsoll_value {
    const char *name;
    double value;
};

struct plimsoll_values {
    size_t n;
    struct plimsoll_value *value; /* [n] */
};

/* An instrument in one scenario. */
struct plimsoll_scenario {
    const char *name;
    int64_t at_ns; /* start of the bar before the worst of it */
    struct plimsoll_values figures;
};

/* A day on which the set's margins, as they would have been then, were short. */
struct plimsoll_shortfall {
    int64_t at_ns;
    double beyond; /* loss beyond margin, a share of the notional, above 0 */
};

enum { PLIMSOLL_SHORTFALLS_MAX = 8 };

struct plimsoll_stress {
    bool is_there;
    size_t n;
    struct plimsoll_scenario *scenario; /* [n] */
    size_t n_not_covered;
    const char **not_covered; /* [n_not_covered] scenarios that its bars do not reach */
    size_t n_shortfalls;
    struct plimsoll_shortfall shortfall[PLIMSOLL_SHORTFALLS_MAX]; /* the worst first */
};

/* All instruments together in one scenario: means by what is at stake. */
struct plimsoll_together {
    const char *name;
    bool has_span; /* days of the calendar */
    int64_t from_ns, to_ns;
    int64_t n_instruments; /* that it covers */
    struct plimsoll_values figures;
};

struct plimsoll_joint {
    bool is_there;
    int64_t n_instruments;
    int64_t
        reverse_volatilities; /* days' volatilities that all have to move at once
                               * to empty the funds together; 0: more than looked at */
    size_t n;
    struct plimsoll_together *scenario; /* [n] */
};

#endif /* CLIENT_STRESS_H */
