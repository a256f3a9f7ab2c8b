/* backtest_figures.h -- what do all backtests say of horizons that do not overlap? */
#ifndef COORDINATOR_BACKTEST_FIGURES_H
#define COORDINATOR_BACKTEST_FIGURES_H

#include "coordinator/backtest.h"
#include "worker/acerbi_szekely.h"
#include "worker/christoffersen.h"
#include "worker/duration.h"
#include "worker/dynamic_quantile.h"
#include "worker/kupiec.h"
#include "worker/mcneil_frey.h"
#include "worker/tuff.h"

/* Every p-value there is: of one phase, or of several together. */
enum backtest_p {
    P_KUPIEC,
    P_KUPIEC_EXACT,
    P_KUPIEC_UPPER,
    P_BINOMIAL_UPPER, /* exact, one-sided */
    P_INDEPENDENCE,
    P_INDEPENDENCE_SIMULATED,
    P_CONDITIONAL,
    P_CONDITIONAL_SIMULATED,
    P_TUFF,
    P_TUFF_EXACT,
    P_DURATION,
    P_DURATION_SIMULATED,
    P_DYNAMIC_QUANTILE,
    P_DYNAMIC_QUANTILE_SIMULATED,
    P_Z1,
    P_Z2,
    P_Z3,
    P_MCNEIL_FREY_STUDENT,
    P_MCNEIL_FREY_BOOTSTRAP,
    BACKTEST_PS
};

struct backtest_figures {
    size_t n_bars, n_missing, n_hits;
    struct transitions pairs;
    struct kupiec kupiec;
    struct independence independence;
    struct tuff tuff;
    struct duration duration;
    struct dynamic_quantile dynamic_quantile;
    struct acerbi_szekely acerbi;
    double critical[ACERBI_TESTS][2]; /* of Z at 5 % and 1 %; NaN: no law      */
    struct mcneil_frey mcneil_frey;
    double p[BACKTEST_PS]; /* NaN where there is none */
};

/* Room for series of n bars. */
struct backtest_room {
    double *real;            /* what one test works in  */
    double *z[ACERBI_TESTS]; /* [n_samples] each        */
};

int backtest_room_new(const struct backtest_plan *plan, size_t n,
                      struct backtest_room *room, struct err *err);
void backtest_room_free(struct backtest_room *room);

/* All of them; n_bars 0 where no bar is scored, and then no p-value either. */
void backtest_figures_of(const struct backtest_plan *plan,
                         const struct backtest_series *series,
                         const struct backtest_room *room,
                         struct backtest_figures *figures);

#endif /* COORDINATOR_BACKTEST_FIGURES_H */
