#include "coordinator/verdicts.h"

#include <math.h>
#include <stdlib.h>

/* One block: the structs, then the figures they point to, so that the structs may be
 * put in another order. */
int verdicts_new(const struct plan *plan, size_t n, struct verdict **verdict,
                 struct err *err)
{
    const size_t n_metrics = plan->study->n_metrics;
    const size_t n_rows = stress_n_rows(&plan->stress);
    const size_t n_stress = n_rows * plan->study->n_stress;
    const size_t n_bytes =
        n * (sizeof(struct verdict) + n_rows * sizeof(int64_t) +
             (JUDGED_RANGES * n_metrics + n_stress) * sizeof(double));
    struct verdict *all = calloc(1, n_bytes);

    if (all == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the figures of %zu points", n);
    double *figure = (double *)(all + n);
    int64_t *at_ns = (int64_t *)(figure + n * (JUDGED_RANGES * n_metrics + n_stress));
    for (size_t i = 0; i < n; i++) {
        for (int range = 0; range < JUDGED_RANGES; range++) {
            all[i].figure[range] = figure;
            figure += n_metrics;
        }
        if (n_rows == 0)
            continue;
        all[i].stress = (struct stress_table){.figure = figure, .at_ns = at_ns};
        figure += n_stress;
        at_ns += n_rows;
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
    for (size_t row = 0; row < stress_n_rows(&plan->stress); row++)
        verdict->stress.at_ns[row] = STRESS_NOWHERE;
    verdict->fits = (struct path_fits){fits_report_none(), fits_report_none()};
}
