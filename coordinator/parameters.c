#include "coordinator/parameters.h"
#include "coordinator/fits.h"
#include "coordinator/parameters_stress.h"
#include "coordinator/sources.h"
#include "core/clock.h"
#include "core/json.h"
#include "worker/scope.h"

#include <math.h>

enum { SCHEMA_VERSION = 1, PPM = 1000000, PPM_MAX = 1000000000 };

/* Engines hold whole millionths; a margin is never rounded down. */
static int64_t to_ppm(double fraction)
{
    return (int64_t)fmin(ceil(fraction * PPM), PPM_MAX);
}

static int64_t as_of_all(const struct result *result)
{
    int64_t latest = 0;

    for (size_t i = 0; i < result->universe->n; i++) {
        const int64_t last = result_as_of(result->job, &result->outcome[i]);

        latest = last > latest ? last : latest;
    }
    return latest;
}

static void put_moment(struct json *json, const char *name, int64_t moment_ns)
{
    char text[CLOCK_TEXT_MAX];

    json_put_text(json, name, clock_moment_text(moment_ns, text));
}

static void put_head(struct json *json, const struct result *result)
{
    const struct job *job = result->job;
    char interval[CLOCK_TEXT_MAX];

    json_put_text(json, "schema", "plimsoll-parameters");
    json_put_integer(json, "schema_version", SCHEMA_VERSION);
    json_put_object(json, "job");
    json_put_text(json, "name", job->keys.name);
    json_put_text(json, "sha256", job->sha256);
    json_end(json);
    json_put_text(json, "program", result_program());
    json_put_text(json, "study", job->plan.study->name);
    json_put_text(json, "history_sha256", result->universe->sha256);
    if (result->universe->incumbents.n > 0)
        json_put_text(json, "incumbent_sha256", result->universe->incumbents.sha256);
    put_moment(json, "as_of", as_of_all(result));
    json_put_text(json, "interval",
                  clock_duration_text(job->keys.interval_ns, interval));
    json_put_integer(json, "horizon_bars", (int64_t)job->plan.series.horizon_bars);
    json_put_real(json, "confidence", job->plan.confidence);
    json_put_integer(json, "n_points", (int64_t)job_n_points(job));
}

static void put_parameters(struct json *json, const struct plan *plan,
                           const struct outcome *outcome)
{
    double value[AXES_MAX];

    outcome_values(plan, outcome, 0, value);
    json_put_object(json, "parameters");
    for (size_t a = 0; a < plan->grid.n_axes; a++)
        json_put_real(json, plan->grid.axis[a].rule->name, value[a]);
    json_end(json);
}

/* What becomes of the set in production, where the job names it. */
static void put_incumbent(struct json *json, const struct outcome *outcome)
{
    const struct outcome_warm *warm = &outcome->warm;

    if (outcome->incumbent == NULL || !outcome->incumbent->is_there)
        return;
    json_put_object(json, "incumbent");
    json_put_integer(json, "initial_margin_ppm",
                     outcome->incumbent->initial_margin_ppm);
    json_put_flag(json, "is_kept", outcome->point[0].point == INCUMBENT_POINT);
    json_put_real(json, "cost", warm->is_scored ? warm->cost : (double)NAN);
    json_put_real(json, "gain", warm->is_scored ? warm->gain : (double)NAN);
    json_put_text(json, "breach", warm->breach);
    json_end(json);
}

/* Which parameters are not the instrument's own, and with whom it has them. */
static void put_shared(struct json *json, const struct plan *plan,
                       const struct outcome *outcome)
{
    const struct outcome_shared *shared = &outcome->shared;

    if (!scope_is_shared(&plan->grid))
        return;
    json_put_array(json, "shared");
    for (size_t a = 0; a < plan->grid.n_axes; a++) {
        const struct axis *axis = &plan->grid.axis[a];

        if (axis->scope == AXIS_INSTRUMENT)
            continue;
        json_put_object(json, NULL);
        json_put_text(json, "parameter", axis->rule->name);
        json_put_text(json, "scope", scope_name(axis->scope));
        if (axis->scope == AXIS_GROUP)
            json_put_text(json, "group", shared->group);
        json_put_integer(json, "n_instruments", (int64_t)shared->n[axis->scope]);
        json_put_real(json, "weight", shared->weight);
        json_end(json);
    }
    json_end(json);
}

static void put_tier(struct json *json, double up_to, double initial,
                     double maintenance)
{
    json_put_object(json, NULL);
    if (isinf(up_to))
        json_put_null(json, "up_to_notional");
    else
        json_put_real(json, "up_to_notional", up_to);
    json_put_integer(json, "initial_margin_ppm", to_ppm(initial));
    json_put_integer(json, "maintenance_margin_ppm", to_ppm(maintenance));
    json_end(json);
}

/* The study's tiers, or one without an upper end and maintenance by the job's policy.
 */
static void put_margins(struct json *json, const struct job *job,
                        const struct verdict *verdict)
{
    const struct verdict_tiers *tiers = &verdict->tiers;
    const double policy = verdict->last * job->keys.maintenance_ratio;

    json_put_integer(json, "initial_margin_ppm", to_ppm(verdict->last));
    json_put_integer(json, "maintenance_margin_ppm",
                     to_ppm(tiers->n > 0 ? tiers->maintenance[0] : policy));
    json_put_array(json, "tiers");
    for (size_t k = 0; k < tiers->n; k++)
        put_tier(json, tiers->up_to[k], tiers->initial[k], tiers->maintenance[k]);
    if (tiers->n == 0)
        put_tier(json, INFINITY, verdict->last, policy);
    json_end(json);
}

/* What the study says of the engine's other settings. */
static void put_engine(struct json *json, const struct study *study,
                       const struct verdict *verdict)
{
    if (study->n_engine == 0)
        return;
    json_put_object(json, study->name);
    for (size_t i = 0; i < study->n_engine; i++) {
        const struct study_engine *engine = &study->engine[i];
        const double value = verdict->engine[i];

        if (!engine->is_amount)
            json_put_integer(json, engine->name, (int64_t)value);
        else if (isinf(value))
            json_put_null(json, engine->name);
        else
            json_put_real(json, engine->name, value);
    }
    json_end(json);
}

static void put_outcome(struct json *json, const struct job *job,
                        const struct outcome *outcome)
{
    const struct plan *plan = &job->plan;

    json_put_object(json, NULL);
    json_put_text(json, "instrument", outcome->entry->instrument);
    json_put_text(json, "status", status_text(outcome->status));
    json_put_text(json, "reason", outcome->reason);
    put_moment(json, "as_of", result_as_of(job, outcome));
    if (outcome->n_judged > 0) {
        const struct verdict *verdict = &outcome->verdict[0];

        put_parameters(json, plan, outcome);
        put_margins(json, job, verdict);
        put_engine(json, plan->study, verdict);
        stress_put(json, plan, &verdict->stress);
        json_put_object(json, "evidence");
        figures_put(json, "training", plan->study, verdict->figure[JUDGED_TRAINING]);
        if (plan->holdout > 0.0)
            figures_put(json, "test", plan->study, verdict->figure[JUDGED_TEST]);
        fits_put(json, &plan->path, &verdict->fits);
        sources_put(json, plan, outcome->entry->instrument);
        put_incumbent(json, outcome);
        put_shared(json, plan, outcome);
        if (outcome->n_left_out > 0)
            json_put_integer(json, "points_left_out", (int64_t)outcome->n_left_out);
        json_end(json);
    }
    json_end(json);
}

int parameters_make_entry(const struct job *job, const struct outcome *outcome,
                          char **bytes, struct err *err)
{
    struct json json;
    size_t n_bytes;

    json_start(&json, 2);
    put_outcome(&json, job, outcome);
    return json_finish(&json, bytes, &n_bytes, err);
}

int parameters_make(const struct result *result, char **bytes, size_t *n_bytes,
                    struct err *err)
{
    struct json json;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    put_head(&json, result);
    json_put_array(&json, "instruments");
    for (size_t i = 0; i < result->universe->n; i++)
        put_outcome(&json, result->job, &result->outcome[i]);
    json_end(&json);
    stress_put_joint(&json, &result->job->plan, &result->joint);
    json_end(&json);
    return json_finish(&json, bytes, n_bytes, err);
}
