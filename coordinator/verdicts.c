#include "coordinator/verdicts.h"

#include <stdlib.h>

int verdicts_new(const struct plan *plan, size_t n, struct verdict **verdict,
                 struct err *err)
{
    const size_t n_metrics = plan->study->n_metrics;
    struct verdict *all = calloc(n, sizeof *all);
    double *figure = calloc(n * JUDGED_RANGES * n_metrics, sizeof *figure);

    if (all == NULL || figure == NULL) {
        free(all);
        free(figure);
        return err_set(err, ERR_MEMORY, "no memory for the figures of %zu points", n);
    }
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
    if (verdict != NULL)
        free(verdict[0].figure[0]);
    free(verdict);
}
