#include "coordinator/report_stress.h"

#include <math.h>

enum { NAME_WIDTH = 20, FIGURE_WIDTH = 12 };

/* The instrument that the scenario costs most; NULL: it costs none anything. */
static const struct outcome *find_worst(const struct result *result, size_t row)
{
    const struct study *study = result->job->plan.study;
    const struct outcome *worst = NULL;
    double most = 0.0;

    for (size_t i = 0; i < result->universe->n; i++) {
        const struct outcome *outcome = &result->outcome[i];

        if (outcome->n_judged == 0 || outcome->status == STATUS_FAILED ||
            outcome->verdict[0].stress.at_ns[row] == STRESS_NOWHERE)
            continue;
        const double cost =
            outcome->verdict[0]
                .stress.figure[row * study->n_stress + study->stress_cost];
        if (cost > most) {
            most = cost;
            worst = outcome;
        }
    }
    return worst;
}

static void print_row(const struct result *result, const struct stress_joint_row *row,
                      FILE *out)
{
    const struct plan *plan = &result->job->plan;
    const struct outcome *worst = find_worst(result, row->row);
    char room[STRESS_NAME_MAX];

    fprintf(out, "%-*s %4zu", NAME_WIDTH, stress_name(&plan->stress, row->row, room),
            row->n_instruments);
    for (size_t f = 0; f < plan->study->n_stress; f++)
        if (isnan(row->figure[f]))
            fprintf(out, " %*s", FIGURE_WIDTH, "-");
        else
            fprintf(out, " %*.4g", FIGURE_WIDTH, row->figure[f]);
    fprintf(out, "  %s\n", worst != NULL ? worst->entry->instrument : "-");
}

static void print_head(const struct study *study, FILE *out)
{
    fprintf(out, "%-*s %4s", NAME_WIDTH, "under stress", "n");
    for (size_t f = 0; f < study->n_stress; f++)
        fprintf(out, " %*s", FIGURE_WIDTH, study->stress[f].name);
    fputs("  worst for\n", out);
}

void report_stress(const struct result *result, FILE *out)
{
    const struct stress_joint *joint = &result->joint;

    if (joint->n == 0)
        return;
    fputs("(plimsoll help stress: what the figures and scenarios are)\n", out);
    print_head(result->job->plan.study, out);
    for (size_t r = 0; r < joint->n; r++)
        print_row(result, &joint->row[r], out);
    if (joint->reverse_volatilities > 0)
        fprintf(out,
                "all together move by %zu of their days' volatilities at once before "
                "funds are not enough\n",
                joint->reverse_volatilities);
    fputc('\n', out);
}
