#include "coordinator/verdicts.h"

#include <math.h>
#include <stdlib.h>

/* One block: the structs, then the figures they point to, so that the structs may be
 * put in another order. */
int verdicts_new(const struct plan *plan, size_t n, struct verdict **verdict,
                 struct err *err)
{
    const size_t n_metrics = plan->study->n_metrics;
    const size_t n_bytes =
        n * (sizeof(struct verdict) + JUDGED_RANGES * n_metrics * sizeof(double));
    struct verdict *all = calloc(1, n_bytes);

    if (all == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the figures of %zu points", n);
    double *figure = (double *)(all + n);
    for (size_t i = 0; i < n; i++)
        for (int range = 0; range < JUDGED_RANGES; range++) {
            all[i].figure[range] = figure;
            figure += n_metrics;
        }
    *verdict = all;
    return 0;
}

void verdicts_free(struct verdict *verdict)
{
    free(verdict);
}

void verdict_clear(const struct plan *plan, struct verdict *verdict)
{
    for (int range = 0; range < JUDGED_RANGES; range++)
        for (size_t m = 0; m < plan->study->n_metrics; m++)
            verdict->figure[range][m] = NAN;
    verdict->last = NAN;
    verdict->as_of_ns = 0;
    verdict->tiers = (struct verdict_tiers){0};
    verdict->fits = (struct path_fits){fits_report_none(), fits_report_none()};
}
