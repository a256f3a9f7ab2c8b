/* example_engine.c -- a margin engine in one page: it prices at any moment, and never
 * waits for a parameter set
 *
 *     example-engine ADDRESS RELAY.public ENGINE.secret SIGNERS STORE
 *                    INSTRUMENT NOTIONAL [N_SETS]
 *     example-engine ADDRESS --plain STORE INSTRUMENT NOTIONAL [N_SETS]
 *     example-engine --dump parameters.json
 *
 * Prints the margin of a position each time that a new set is current; ends after
 * N_SETS (0, the default: never).  --dump prints every field of a set, a line each, as
 * example_engine.py does. */
#include "client/engine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct position {
    const char *instrument;
    double notional;
};

/* The margins in use.  They change only to those of a calibrated instrument. */
struct margin {
    int64_t initial_ppm, maintenance_ppm;
};

/* What a thread that must not wait does, as often as it likes. */
static void price(struct plimsoll_engine *engine, const struct position *position,
                  struct margin *margin)
{
    const struct plimsoll_view *view = plimsoll_engine_take(engine);
    const struct plimsoll_tier *tier;
    struct err err = {0};

    if (view == NULL) {
        puts("no set yet: the highest margin");
    } else if (plimsoll_set_margin(view->set, position->instrument, position->notional,
                                   &tier, &err) != 0) {
        printf("margin stays: %s\n", err.text);
    } else {
        *margin =
            (struct margin){tier->initial_margin_ppm, tier->maintenance_margin_ppm};
        printf("version %llu: ", (unsigned long long)view->publication.version);
    }
    plimsoll_engine_give(engine, view);
    printf("%s of %g: initial margin %.2f, maintenance margin %.2f\n",
           position->instrument, position->notional,
           position->notional * 1e-6 * (double)margin->initial_ppm,
           position->notional * 1e-6 * (double)margin->maintenance_ppm);
}

/* What an operator is to know. */
static void tell(struct plimsoll_engine *engine)
{
    struct plimsoll_event event;

    while (plimsoll_engine_notice(engine, &event) > 0)
        if (event.text[0] != '\0')
            printf("version %llu is held: %s\n", (unsigned long long)event.version,
                   event.text);
    fflush(stdout);
}

static int run(const struct plimsoll_options *options, const struct position *position,
               long n_sets, struct err *err)
{
    struct margin margin = {PLIMSOLL_PPM_MAX,
                            PLIMSOLL_PPM_MAX}; /* until one is known */
    struct plimsoll_engine *engine;
    uint64_t serial = 0;

    if (plimsoll_engine_start(options, &engine, err) != 0)
        return -1;
    while (n_sets == 0 || serial < (uint64_t)n_sets) {
        const uint64_t now = plimsoll_engine_wait(engine, serial, 1000);

        if (now != serial)
            price(engine, position, &margin);
        serial = now;
        tell(engine);
        if (plimsoll_engine_health(engine).is_dead)
            break;
    }
    plimsoll_engine_stop(engine);
    return 0;
}

/* ---- every field, to compare with other readers ---- */

static void dump_values(const char *name, const char *group,
                        const struct plimsoll_values *values)
{
    for (size_t i = 0; i < values->n; i++)
        if (isnan(values->value[i].value))
            printf("%s.%s.%s=null\n", name, group, values->value[i].name);
        else
            printf("%s.%s.%s=%a\n", name, group, values->value[i].name,
                   values->value[i].value);
}

static void dump_real(const char *name, const char *group, const char *field,
                      double value)
{
    const struct plimsoll_value one = {.name = field, .value = value};
    const struct plimsoll_values values = {.n = 1, .value = (void *)&one};

    dump_values(name, group, &values);
}

static void dump_fits(const char *name, const char *group,
                      const struct plimsoll_fits *fits)
{
    char path[64];

    if (fits->status == NULL)
        return;
    printf("%s.%s.status=%s\n%s.%s.counts=%lld,%lld,%lld\n", name, group, fits->status,
           name, group, (long long)fits->n_fits, (long long)fits->n_failed,
           (long long)fits->n_fallback_bars);
    dump_real(name, group, "gradient_norm", fits->gradient_norm);
    dump_real(name, group, "log_likelihood", fits->log_likelihood);
    snprintf(path, sizeof path, "%s.parameters", group);
    dump_values(name, path, &fits->parameters);
    snprintf(path, sizeof path, "%s.standard_errors", group);
    dump_values(name, path, &fits->standard_errors);
}

static void dump_tiers(const struct plimsoll_instrument *instrument)
{
    for (size_t i = 0; i < instrument->n_tiers; i++) {
        const struct plimsoll_tier *tier = &instrument->tier[i];

        printf("%s.tier%zu=", instrument->name, i);
        printf(isinf(tier->up_to_notional) ? "null" : "%a", tier->up_to_notional);
        printf(",%lld,%lld\n", (long long)tier->initial_margin_ppm,
               (long long)tier->maintenance_margin_ppm);
    }
}

static void dump_instrument(const struct plimsoll_instrument *instrument)
{
    const char *name = instrument->name;

    printf("%s=%s,%s,%lld\n", name, plimsoll_status_text(instrument->status),
           instrument->reason, (long long)instrument->as_of_ns);
    if (!instrument->has_margins)
        return;
    printf("%s.margins=%lld,%lld\n", name, (long long)instrument->initial_margin_ppm,
           (long long)instrument->maintenance_margin_ppm);
    dump_tiers(instrument);
    dump_values(name, "parameters", &instrument->parameters);
    dump_values(name, "training", &instrument->training);
    dump_values(name, "test", &instrument->test);
    dump_fits(name, "fits", &instrument->fits);
    dump_fits(name, "tail_fits", &instrument->tail_fits);
    if (instrument->n_points_left_out > 0)
        printf("%s.points_left_out=%lld\n", name,
               (long long)instrument->n_points_left_out);
    if (instrument->incumbent.is_there) {
        printf("%s.incumbent=%lld,%d,%s\n", name,
               (long long)instrument->incumbent.initial_margin_ppm,
               instrument->incumbent.is_kept, instrument->incumbent.breach);
        dump_real(name, "incumbent", "cost", instrument->incumbent.cost);
        dump_real(name, "incumbent", "gain", instrument->incumbent.gain);
    }
}

static int dump(const char *path, struct err *err)
{
    struct plimsoll_set *set;

    if (plimsoll_set_read(path, &set, err) != 0)
        return -1;
    const struct plimsoll_head *head = plimsoll_set_head(set);
    printf("sha256=%s\njob=%s,%s\nmade=%s,%s\nhistory=%s\nincumbent=%s\n",
           plimsoll_set_sha256(set), head->job_name, head->job_sha256, head->program,
           head->study, head->history_sha256,
           head->incumbent_sha256 != NULL ? head->incumbent_sha256 : "null");
    printf("as_of=%lld\ninterval=%lld\nhorizon=%lld\nconfidence=%a\nn_points=%lld\n",
           (long long)head->as_of_ns, (long long)head->interval_ns,
           (long long)head->horizon_bars, head->confidence, (long long)head->n_points);
    for (size_t i = 0; i < plimsoll_set_count(set); i++)
        dump_instrument(plimsoll_set_at(set, i));
    plimsoll_set_free(set);
    return 0;
}

/* ---- the command line ---- */

static int usage(void)
{
    fputs("usage: example-engine ADDRESS RELAY.public ENGINE.secret SIGNERS STORE "
          "INSTRUMENT NOTIONAL [N_SETS]\n"
          "       example-engine ADDRESS --plain STORE INSTRUMENT NOTIONAL [N_SETS]\n"
          "       example-engine --dump parameters.json\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    struct plimsoll_options options = {0};
    struct err err = {0};
    int at = 6, status;

    if (argc == 3 && strcmp(argv[1], "--dump") == 0) {
        status = dump(argv[2], &err);
    } else {
        options.plain = argc > 2 && strcmp(argv[2], "--plain") == 0;
        at = options.plain ? 4 : 6;
        if (argc < at + 2 || argc > at + 3)
            return usage();
        options.relay[0].address = argv[1];
        options.store = argv[at - 1];
        if (!options.plain) {
            options.relay[0].key = argv[2];
            options.key = argv[3];
            options.signers = argv[4];
        }
        const struct position position = {argv[at], atof(argv[at + 1])};
        status = run(&options, &position, argc > at + 2 ? atol(argv[at + 2]) : 0, &err);
    }
    if (status == 0)
        return 0;
    fprintf(stderr, "example-engine: %s\n", err.text);
    return 1;
}
