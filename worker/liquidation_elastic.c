#include "worker/elasticity.h"
#include "worker/liquidation_inside.h"

#include <math.h>
#include <string.h>

enum { ASKED = 2 }; /* bad debt, cost */

static const struct metric *asked_row(size_t m)
{
    static const char *const name[ASKED] = {"bad_debt", "cost"};

    return metric_find(LIQ_METRICS, liquidation_metrics, name[m]);
}

static int figures_at(struct liquidation_work *work, const double *value,
                      double f[ASKED], struct err *err)
{
    if (liquidation_follow(work, value, err) != 0)
        return -1;
    const struct liquidation_tally tally =
        liquidation_run(work, JUDGED_TRAINING, value);

    for (size_t m = 0; m < ASKED; m++)
        f[m] = asked_row(m)->of(&tally, work->plan->confidence);
    return 0;
}

/* All points have the same accounts on the same paths, so that a difference is the
 * axis's (unless liquidation.own_numbers). */
int liquidation_elasticities(struct liquidation_work *work, const double *value,
                             double figure[LIQ_METRICS], struct err *err)
{
    const size_t first = path_n_axes(&work->plan->path);
    double at[ASKED], f_below[ASKED], f_above[ASKED], moved[AXES_MAX];

    if (!work->settings->elasticities)
        return 0;
    memcpy(moved, value, work->plan->grid.n_axes * sizeof *moved);
    if (figures_at(work, moved, at, err) != 0)
        return -1;
    for (size_t a = 0; a < LIQ_AXES; a++) {
        const double x = value[first + a];
        double below, above;

        elasticity_neighbours(&liquidation_axes[a], x, &below, &above);
        moved[first + a] = below;
        if (figures_at(work, moved, f_below, err) != 0)
            return -1;
        moved[first + a] = above;
        if (figures_at(work, moved, f_above, err) != 0)
            return -1;
        moved[first + a] = x;
        for (size_t m = 0; m < ASKED; m++)
            figure[LIQ_ELASTIC + ASKED * a + m] =
                elasticity_at(x, at[m], below, above, f_below[m], f_above[m]);
    }
    return 0;
}

/* Of those axes that a change of does something. */
static void tell_of(const char *what, size_t m, const double *figure, FILE *out)
{
    bool is_any = false;

    fprintf(out, "  %s:", what);
    for (size_t a = 0; a < LIQ_AXES; a++) {
        const double e = figure[LIQ_ELASTIC + ASKED * a + m];

        if (isnan(e) || e == 0.0)
            continue;
        fprintf(out, "%s %s %+.3f", is_any ? "," : "", liquidation_axes[a].name, e);
        is_any = true;
    }
    fputs(is_any ? "\n" : " none\n", out);
}

void liquidation_tell(const struct plan *plan, const double *figure, FILE *out)
{
    const struct liquidation_settings *settings = plan->settings;

    if (settings->elasticities) {
        tell_of("elasticities of bad debt", 0, figure, out);
        tell_of("... of cost", 1, figure, out);
    }
    if (settings->rare_paths == 0)
        return;
    static const char *const word[] = {"sound", "no loss seen", "too few",
                                       "heavy weights"};
    fprintf(out, "  bad debt within a horizon from the last bar on: ");
    if (figure[LIQ_RARE_STATUS] == 0.0)
        fprintf(out, "%.3g, standard error %.2g", figure[LIQ_RARE_P],
                figure[LIQ_RARE_ERROR]);
    else
        fprintf(out, "not told, %s", word[(size_t)figure[LIQ_RARE_STATUS]]);
    fprintf(out, " (%lld paths, worth %.0f; Pareto k %.2f)\n",
            (long long)settings->rare_paths, figure[LIQ_RARE_EFFECTIVE],
            figure[LIQ_RARE_PARETO_K]);
}
