/* scores.h -- which VaR, and which pair of VaR and ES, forecasts losses better? */
#ifndef WORKER_SCORES_H
#define WORKER_SCORES_H

#include "worker/backtest.h"

#include <stddef.h>

/* Mean scores: the smaller the better, and smallest in expectation at the truth. */
struct scores {
    enum backtest_status status; /* of both: NO_DATA, BAD_INPUT (p)                  */
    enum backtest_status fz_status; /* BAD_INPUT where some ES is not above 0        */
    size_t n_bars;
    size_t n_missing;
    double tick; /* in the unit of the losses                                        */
    double fz;   /* FZ0, without a unit but for ln of it                              */
};

/* With losses l, VaR v and ES e positive, and p the probability that l > v:
 *
 *     tick_t = (1{l > v} - p) (l - v)                                        >= 0
 *     FZ0_t  = 1{l > v} (l - v) / (p e) + v / e + ln e - 1,   e > 0
 *
 * In the papers' letters, for returns Y = -l and their lower tail: alpha = p, their v
 * and e are -v and -e here, and L_FZ0 = -1{Y <= v}(v - Y)/(alpha e) + v/e + ln(-e) - 1.
 * Scaling l, v, e by c > 0 scales tick by c and adds ln c to FZ0, so that differences
 * between forecasts do not depend on the unit.  At the truth E tick = p (e - E l) and
 * E FZ0 = ln e.
 *
 * R. Koenker, G. Bassett, "Regression Quantiles", Econometrica 46(1) (1978), 33-50.
 * T. Fissler, J. F. Ziegel, "Higher order elicitability and Osband's principle",
 * Annals of Statistics 44(4) (2016), 1680-1707.
 * A. J. Patton, J. F. Ziegel, R. Chen, "Dynamic semiparametric models for expected
 * shortfall (and Value-at-Risk)", Journal of Econometrics 211(2) (2019), 388-413, (6).
 *
 * es may be NULL: fz is then NaN and fz_status NO_DATA. */
struct scores scores_of(size_t n, const double loss[], const double var[],
                        const double es[], double p);

#endif /* WORKER_SCORES_H */
