#include "client/set.h"
#include "coordinator/inspect.h"
#include "coordinator/inspect_stress.h"
#include "core/clock.h"
#include "core/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void print_head(const struct plimsoll_set *set)
{
    const struct plimsoll_head *head = plimsoll_set_head(set);
    char as_of[CLOCK_TEXT_MAX], interval[CLOCK_TEXT_MAX];

    printf("%s: %s study, %lld bars of %s, confidence %g, as of %s\n", head->job_name,
           head->study, (long long)head->horizon_bars,
           clock_duration_text(head->interval_ns, interval), head->confidence,
           clock_moment_text(head->as_of_ns, as_of));
    printf("by %s, %lld points an instrument\n", head->program,
           (long long)head->n_points);
    printf("sha256 %s\n\n", plimsoll_set_sha256(set));
}

static void print_values(const char *before, const struct plimsoll_values *values)
{
    for (size_t i = 0; i < values->n; i++)
        printf("%s%s=%g", i == 0 ? before : " ", values->value[i].name,
               values->value[i].value);
}

static void print_row(const struct plimsoll_instrument *instrument)
{
    printf("%-20s %-10s ", instrument->name, plimsoll_status_text(instrument->status));
    if (instrument->has_margins)
        printf("%11lld %15lld  ", (long long)instrument->initial_margin_ppm,
               (long long)instrument->maintenance_margin_ppm);
    else
        printf("%11s %15s  ", "-", "-");
    print_values("", &instrument->parameters);
    printf("%s%s\n", instrument->has_margins && instrument->reason[0] ? "  " : "",
           instrument->reason);
}

static void print_rows(const struct plimsoll_set *set)
{
    printf("%-20s %-10s %11s %15s  parameters or reason\n", "instrument", "status",
           "initial ppm", "maintenance ppm");
    for (size_t i = 0; i < plimsoll_set_count(set); i++)
        print_row(plimsoll_set_at(set, i));
}

static void print_figures(const struct plimsoll_instrument *instrument)
{
    const struct plimsoll_values *training = &instrument->training;

    printf("\n%-24s %14s %14s\n", "figure", "training", "test");
    for (size_t i = 0; i < training->n; i++) {
        const char *name = training->value[i].name;
        const struct plimsoll_value *test =
            plimsoll_values_find(&instrument->test, name);

        printf("%-24s %14.6g", name, training->value[i].value);
        if (test != NULL)
            printf(" %14.6g", test->value);
        printf("\n");
    }
}

static void print_fits(const char *what, const struct plimsoll_fits *fits)
{
    if (fits->status == NULL)
        return;
    printf("\n%lld fits of the %s, %lld of them failed; the last: %s\n",
           (long long)fits->n_fits, what, (long long)fits->n_failed, fits->status);
    printf("log-likelihood %.10g, norm of its gradient %.3g\n\n", fits->log_likelihood,
           fits->gradient_norm);
    printf("%-24s %14s %14s\n", "parameter", "estimate", "standard error");
    for (size_t i = 0; i < fits->parameters.n; i++) {
        const char *name = fits->parameters.value[i].name;
        const struct plimsoll_value *error =
            plimsoll_values_find(&fits->standard_errors, name);

        printf("%-24s %14.6g %14.6g\n", name, fits->parameters.value[i].value,
               error != NULL ? error->value : (double)NAN);
    }
}

static void print_incumbent(const struct plimsoll_incumbent *incumbent)
{
    if (!incumbent->is_there)
        return;
    printf(
        "\nincumbent: %lld ppm, %s; cost %.6g, the best point saves %.4g of it%s%s\n",
        (long long)incumbent->initial_margin_ppm,
        incumbent->is_kept ? "kept" : "replaced", incumbent->cost, incumbent->gain,
        incumbent->breach[0] != '\0' ? "; it breaks a limit: " : "", incumbent->breach);
}

static void put_incumbent(struct json *json, const struct plimsoll_incumbent *incumbent)
{
    if (!incumbent->is_there)
        return;
    json_put_object(json, "incumbent");
    json_put_integer(json, "initial_margin_ppm", incumbent->initial_margin_ppm);
    json_put_flag(json, "is_kept", incumbent->is_kept);
    json_put_real(json, "cost", incumbent->cost);
    json_put_real(json, "gain", incumbent->gain);
    json_put_text(json, "breach", incumbent->breach);
    json_end(json);
}

static void print_sources(const struct plimsoll_instrument *instrument)
{
    for (size_t i = 0; i < instrument->n_sources; i++) {
        const struct plimsoll_source *source = &instrument->sources[i];

        printf("%s%s %.6g, %s", i == 0 ? "\n" : "", source->name, source->value,
               source->from);
        if (source->source != NULL)
            printf(" of the %s from %s, 95 %% of [%.6g, %.6g]", source->of,
                   source->source, source->low, source->high);
        printf("\n");
    }
}

static void put_sources(struct json *json, const struct plimsoll_instrument *instrument)
{
    if (instrument->n_sources == 0)
        return;
    json_put_array(json, "sources");
    for (size_t i = 0; i < instrument->n_sources; i++) {
        const struct plimsoll_source *source = &instrument->sources[i];

        json_put_object(json, NULL);
        json_put_text(json, "name", source->name);
        json_put_real(json, "value", source->value);
        json_put_text(json, "from", source->from);
        if (source->source != NULL) {
            json_put_real(json, "low", source->low);
            json_put_real(json, "high", source->high);
            json_put_text(json, "of", source->of);
            json_put_text(json, "source", source->source);
            json_put_text(json, "source_sha256", source->sha256);
        }
        json_end(json);
    }
    json_end(json);
}

static void print_instrument(const struct plimsoll_instrument *instrument)
{
    char as_of[CLOCK_TEXT_MAX];

    printf("%s  %s%s%s\nas of %s\n", instrument->name,
           plimsoll_status_text(instrument->status),
           instrument->reason[0] != '\0' ? ": " : "", instrument->reason,
           clock_moment_text(instrument->as_of_ns, as_of));
    if (!instrument->has_margins)
        return;
    print_values("", &instrument->parameters);
    printf("\n\n%-20s %11s %15s\n", "up to notional", "initial ppm", "maintenance ppm");
    for (size_t i = 0; i < instrument->n_tiers; i++)
        printf("%-20g %11lld %15lld\n", instrument->tier[i].up_to_notional,
               (long long)instrument->tier[i].initial_margin_ppm,
               (long long)instrument->tier[i].maintenance_margin_ppm);
    print_figures(instrument);
    print_fits("volatility", &instrument->fits);
    print_fits("tail", &instrument->tail_fits);
    print_sources(instrument);
    inspect_print_stress(&instrument->stress);
    print_incumbent(&instrument->incumbent);
}

static void put_values(struct json *json, const char *name,
                       const struct plimsoll_values *values)
{
    json_put_object(json, name);
    for (size_t i = 0; i < values->n; i++)
        json_put_real(json, values->value[i].name, values->value[i].value);
    json_end(json);
}

static void put_fits(struct json *json, const char *name,
                     const struct plimsoll_fits *fits)
{
    if (fits->status == NULL)
        return;
    json_put_object(json, name);
    json_put_text(json, "status", fits->status);
    json_put_integer(json, "n_fits", fits->n_fits);
    json_put_integer(json, "n_failed", fits->n_failed);
    json_put_integer(json, "n_fallback_bars", fits->n_fallback_bars);
    json_put_real(json, "gradient_norm", fits->gradient_norm);
    json_put_real(json, "log_likelihood", fits->log_likelihood);
    put_values(json, "parameters", &fits->parameters);
    put_values(json, "standard_errors", &fits->standard_errors);
    json_end(json);
}

static void put_tiers(struct json *json, const struct plimsoll_instrument *instrument)
{
    json_put_array(json, "tiers");
    for (size_t i = 0; i < instrument->n_tiers; i++) {
        const struct plimsoll_tier *tier = &instrument->tier[i];

        json_put_object(json, NULL);
        json_put_real(json, "up_to_notional", tier->up_to_notional);
        json_put_integer(json, "initial_margin_ppm", tier->initial_margin_ppm);
        json_put_integer(json, "maintenance_margin_ppm", tier->maintenance_margin_ppm);
        json_end(json);
    }
    json_end(json);
}

static void put_judged(struct json *json, const struct plimsoll_instrument *instrument)
{
    put_values(json, "parameters", &instrument->parameters);
    json_put_integer(json, "initial_margin_ppm", instrument->initial_margin_ppm);
    json_put_integer(json, "maintenance_margin_ppm",
                     instrument->maintenance_margin_ppm);
    put_tiers(json, instrument);
    inspect_put_stress(json, &instrument->stress);
    json_put_object(json, "evidence");
    put_values(json, "training", &instrument->training);
    if (instrument->test.n > 0)
        put_values(json, "test", &instrument->test);
    put_fits(json, "fits", &instrument->fits);
    put_fits(json, "tail_fits", &instrument->tail_fits);
    put_sources(json, instrument);
    put_incumbent(json, &instrument->incumbent);
    json_end(json);
}

/* An entry as it stands in the set. */
static void put_instrument(struct json *json,
                           const struct plimsoll_instrument *instrument)
{
    char as_of[CLOCK_TEXT_MAX];

    json_put_object(json, NULL);
    json_put_text(json, "instrument", instrument->name);
    json_put_text(json, "status", plimsoll_status_text(instrument->status));
    json_put_text(json, "reason", instrument->reason);
    json_put_text(json, "as_of", clock_moment_text(instrument->as_of_ns, as_of));
    if (instrument->has_margins)
        put_judged(json, instrument);
    json_end(json);
}

/* One entry, or an array of all. */
static int print_json(const struct plimsoll_set *set,
                      const struct plimsoll_instrument *only, struct err *err)
{
    struct json json;
    size_t n_bytes;
    char *bytes;

    json_start(&json, 2);
    if (only != NULL) {
        put_instrument(&json, only);
    } else {
        json_put_array(&json, NULL);
        for (size_t i = 0; i < plimsoll_set_count(set); i++)
            put_instrument(&json, plimsoll_set_at(set, i));
        json_end(&json);
    }
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    fputs(bytes, stdout);
    free(bytes);
    return 0;
}

static int show(const struct plimsoll_set *set, const struct inspect_options *options,
                struct err *err)
{
    const struct plimsoll_instrument *only = NULL;

    if (options->instrument != NULL) {
        only = plimsoll_set_find(set, options->instrument);
        if (only == NULL)
            return err_set(err, ERR_USAGE, "%s: has no instrument %s", options->path,
                           options->instrument);
    }
    if (options->as_json)
        return print_json(set, only, err);
    if (only != NULL) {
        print_instrument(only);
        return 0;
    }
    print_head(set);
    print_rows(set);
    inspect_print_joint(&plimsoll_set_head(set)->stress);
    return 0;
}

int inspect_parameters(const struct inspect_options *options, struct err *err)
{
    struct plimsoll_set *set;

    if (plimsoll_set_read(options->path, &set, err) != 0)
        return -1;
    const int status = show(set, options, err);
    plimsoll_set_free(set);
    return status;
}
