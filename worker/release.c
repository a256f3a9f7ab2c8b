#include "worker/release.h"

#include "core/arith.h"
#include "worker/volatility.h"

#include <math.h>

static const double LN2 = 0x1.62e42fefa39efp-1;

void release_reference(const struct release_rule *rule, const struct kernels *kernels,
                       const struct series *series, double *reference)
{
    const double lambda = arith_exp(-LN2 / rule->halflife_bars);
    const struct volatility ewma = {volatility_find("ewma"), kernels, series};

    /* EWMA has a path wherever there is a series */
    (void)volatility_path(&ewma, &lambda, reference, NULL, NULL);
}

void release_in_use(const struct release_rule *rule, const struct series *series,
                    const double *variance, const double *reference, double *in_use)
{
    for (size_t t = series->rules.warmup_bars; t < series->n; t++) {
        const double w = reference[t];
        const double y = w == 0.0 ? 1.0 : sqrt(variance[t] / w);

        in_use[t] = y <= rule->from   ? 1.0
                    : y >= rule->full ? 0.0
                                      : (rule->full - y) / (rule->full - rule->from);
    }
}
