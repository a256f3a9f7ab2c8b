#include "worker/liquidation_inside.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static const struct measured *find(const struct plan *plan, const char *instrument)
{
    for (size_t i = 0; instrument != NULL && i < plan->n_measured; i++)
        if (strcmp(plan->measured[i].instrument, instrument) == 0)
            return &plan->measured[i];
    return NULL;
}

static struct study_source told(const char *name, double value, bool is_default)
{
    return (struct study_source){.name = name,
                                 .figure = {value, NAN, NAN},
                                 .from = is_default ? SOURCE_DEFAULT : SOURCE_JOB};
}

static struct study_source seen(const char *name, struct measured_figure figure,
                                const struct measured *measured, enum measured_of of)
{
    return (struct study_source){name, figure, SOURCE_MEASURED, measured, of};
}

/* NaN is none. */
static bool is_law(const struct measured_law *law)
{
    return law->y.value > 0.0 && law->delta.value > 0.0 && law->delta.value <= 1.0;
}

/* The law that the job wants, or the other where that one tells nothing; MEASURED_LAWS
 * where neither does. */
static enum measured_of law_of(const struct measured *measured, enum measured_of wanted)
{
    const enum measured_of other =
        wanted == MEASURED_FLOW ? MEASURED_BOOK : MEASURED_FLOW;

    if (measured == NULL)
        return MEASURED_LAWS;
    return is_law(&measured->law[wanted])  ? wanted
           : is_law(&measured->law[other]) ? other
                                           : MEASURED_LAWS;
}

/* Y and delta belong together; what is measured goes before what the job says. */
size_t liquidation_sources(const struct plan *plan, const char *instrument,
                           struct study_source source[STUDY_SOURCES_MAX])
{
    const struct liquidation_settings *settings = plan->settings;
    const struct measured *measured = find(plan, instrument);
    const double step_s = 1e-9 * (double)plan->interval_ns /
                          (double)liquidation_steps_a_bar(settings, plan->interval_ns);

    const enum measured_of of =
        law_of(measured, (enum measured_of)settings->impact_from);

    if (of != MEASURED_LAWS) {
        source[0] = seen("impact", measured->law[of].y, measured, of);
        source[1] = seen("impact_delta", measured->law[of].delta, measured, of);
    } else {
        const bool is_default = settings->impact_y == LIQ_DEFAULT_Y &&
                                settings->impact_delta == LIQ_DEFAULT_DELTA;

        source[0] = told("impact", settings->impact_y, is_default);
        source[1] = told("impact_delta", settings->impact_delta, is_default);
    }
    if (measured != NULL && measured->halflife_s.value > 0.0)
        source[2] =
            seen("impact_halflife_s", measured->halflife_s, measured, MEASURED_BOOK);
    else
        source[2] = told("impact_halflife_s", settings->impact_halflife_steps * step_s,
                         settings->impact_halflife_steps == LIQ_DEFAULT_HALFLIFE_STEPS);
    return 3;
}

/* In the steps of this work; what the job says stays as it is, to the bit. */
struct impact_rule liquidation_impact(const struct plan *plan, const char *instrument)
{
    const struct liquidation_settings *settings = plan->settings;
    struct study_source source[STUDY_SOURCES_MAX];

    liquidation_sources(plan, instrument, source);
    const double step_s = 1e-9 * (double)plan->interval_ns /
                          (double)liquidation_steps_a_bar(settings, plan->interval_ns);
    return (struct impact_rule){.y = source[0].figure.value,
                                .delta = source[1].figure.value,
                                .halflife_steps =
                                    source[2].from == SOURCE_MEASURED
                                        ? source[2].figure.value / step_s
                                        : settings->impact_halflife_steps};
}
