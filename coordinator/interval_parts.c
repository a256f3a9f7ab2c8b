#include "coordinator/interval_parts.h"
#include "worker/study.h"

#include <math.h>
#include <string.h>

/* Surfaces of a block, in this order. */
enum surface {
    SURFACE_OBSERVATIONS,
    SURFACE_EXCEEDANCES,
    SURFACE_MARGIN,
    SURFACE_SHORTFALL,
    SURFACE_MAX,
    SURFACE_PEAK,
    SURFACE_WORST,
    SURFACES
};
static const char *const surface_name[SURFACES] = {
    "observations", "exceedances",    "mean_margin",    "mean_shortfall",
    "max_margin",   "peak_to_trough", "worst_shortfall"};

/* What each metric is put together from. */
enum blend {
    BLEND_COVERAGE,
    BLEND_MARGIN,
    BLEND_SHORTFALL,
    BLEND_MAX_MARGIN,
    BLEND_WORST,
    BLEND_PEAK,
    BLENDS
};
static const struct {
    const char *metric;
    size_t n;
    enum interval_part part[2];
} blends[BLENDS] = {
    [BLEND_COVERAGE] = {"coverage", 1, {PART_EXCEEDANCES}},
    [BLEND_MARGIN] = {"mean_margin", 1, {PART_MARGIN}},
    [BLEND_SHORTFALL] = {"mean_shortfall", 2, {PART_EXCEEDANCES, PART_SHORTFALL}},
    [BLEND_MAX_MARGIN] = {"max_margin", 1, {PART_MAX_MARGIN}},
    [BLEND_WORST] = {"worst_shortfall", 1, {PART_WORST}},
    [BLEND_PEAK] = {"peak_to_trough", 2, {PART_MAX_MARGIN, PART_MIN_MARGIN}},
};

static void add_part(struct interval_parts *parts, enum interval_part part)
{
    for (size_t i = 0; i < parts->n; i++)
        if (parts->part[i] == part)
            return;
    parts->place[part] = parts->n;
    parts->part[parts->n++] = part;
}

static int add_metric(struct interval_parts *parts, const struct metric *metric,
                      size_t *row, struct err *err)
{
    for (size_t b = 0; b < BLENDS; b++) {
        if (strcmp(blends[b].metric, metric->name) != 0)
            continue;
        for (size_t i = 0; i < blends[b].n; i++)
            add_part(parts, blends[b].part[i]);
        *row = b;
        return 0;
    }
    return err_set(err, ERR_INPUT,
                   "%s cannot be put together from blocks of bars: only coverage, "
                   "mean_margin, mean_shortfall, max_margin, worst_shortfall and "
                   "peak_to_trough can",
                   metric->name);
}

int interval_parts_make(const struct plan *plan, struct interval_parts *parts,
                        struct err *err)
{
    const struct study *study = plan->study;

    *parts = (struct interval_parts){.plan = *plan};
    if (add_metric(parts, plan->objective, &parts->objective, err) != 0)
        return -1;
    for (size_t i = 0; i < plan->n_constraints; i++)
        if (add_metric(parts, plan->constraint[i].metric, &parts->constraint[i], err) !=
            0)
            return -1;
    parts->plan.n_surfaces = SURFACES;
    for (size_t s = 0; s < SURFACES; s++) {
        parts->plan.surface[s] =
            metric_find(study->n_metrics, study->metrics, surface_name[s]);
        if (parts->plan.surface[s] == NULL || parts->plan.surface[s]->of == NULL)
            return err_set(err, ERR_INPUT, "the %s study has no %s of a block of bars",
                           study->name, surface_name[s]);
    }
    return 0;
}

static double part_of(enum interval_part part, size_t n_bars, size_t n_points,
                      const double surface[])
{
    const double x = surface[SURFACE_EXCEEDANCES * n_points];
    const double most = surface[SURFACE_MAX * n_points];
    const double ratio = surface[SURFACE_PEAK * n_points];

    switch (part) {
    case PART_EXCEEDANCES:
        return x;
    case PART_MARGIN:
        return (double)n_bars * surface[SURFACE_MARGIN * n_points];
    case PART_SHORTFALL:
        return x * surface[SURFACE_SHORTFALL * n_points];
    case PART_MAX_MARGIN:
        return most;
    case PART_MIN_MARGIN: /* an undefined ratio is one over a margin of 0 */
        return isnan(ratio) ? 0.0 : -most / ratio;
    default:
        return surface[SURFACE_WORST * n_points];
    }
}

void interval_parts_fill(struct interval_parts *parts, const struct interval_block *at,
                         size_t n_points, const double surface[], double part[])
{
    parts->common[at->number][0] = surface[SURFACE_OBSERVATIONS * n_points];
    parts->common[at->number][1] = (double)at->n_bars;
    for (size_t i = 0; i < n_points; i++)
        for (size_t j = 0; j < parts->n; j++)
            part[j * at->stride + i] =
                part_of(parts->part[j], at->n_bars, n_points, surface + i);
}

static double metric_of(const struct interval_parts *parts, size_t row,
                        const double common[], const double total[])
{
    const double x = total[parts->place[PART_EXCEEDANCES]];
    const double most = total[parts->place[PART_MAX_MARGIN]];
    const double least = -total[parts->place[PART_MIN_MARGIN]];

    switch ((enum blend)row) {
    case BLEND_COVERAGE:
        return 1.0 - x / common[0];
    case BLEND_MARGIN:
        return total[parts->place[PART_MARGIN]] / common[1];
    case BLEND_SHORTFALL:
        return x > 0.0 ? total[parts->place[PART_SHORTFALL]] / x : 0.0;
    case BLEND_MAX_MARGIN:
        return most;
    case BLEND_PEAK:
        return least > 0.0 ? most / least : (double)NAN;
    default:
        return total[parts->place[PART_WORST]];
    }
}

void interval_parts_score(const void *context, const double common[],
                          const double total[], struct candidate *candidate)
{
    const struct interval_parts *parts = context;
    const struct plan *plan = &parts->plan;

    candidate->cost = metric_of(parts, parts->objective, common, total);
    candidate->violation = 0.0;
    for (size_t i = 0; i < plan->n_constraints; i++)
        candidate->violation +=
            constraint_violation(&plan->constraint[i],
                                 metric_of(parts, parts->constraint[i], common, total));
}
