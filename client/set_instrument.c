#include "client/members.h"
#include "client/set_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int read_name(const json_t *entry, const char **name, struct err *err)
{
    const char *text;

    if (member_text(entry, "instrument", &text, err) != 0)
        return -1;
    if (member_check_name(text, err) != 0)
        return err_add(err, "instrument");
    *name = text;
    return 0;
}

static int read_status(const json_t *entry, struct plimsoll_instrument *instrument,
                       struct err *err)
{
    const char *text;

    if (member_text(entry, "status", &text, err) != 0 ||
        member_text(entry, "reason", &instrument->reason, err) != 0)
        return -1;
    for (int s = PLIMSOLL_CALIBRATED; s <= PLIMSOLL_FAILED; s++) {
        if (strcmp(text, plimsoll_status_text((enum plimsoll_status)s)) != 0)
            continue;
        instrument->status = (enum plimsoll_status)s;
        if (s != PLIMSOLL_CALIBRATED && instrument->reason[0] == '\0')
            return err_set(err, ERR_INPUT, "reason: is empty, but the status is %s",
                           text);
        return 0;
    }
    return err_set(err, ERR_INPUT,
                   "status: '%.40s' is none of calibrated, held and failed", text);
}

/* 0 <= maintenance <= initial <= 1000 times the notional. */
static int read_margins(const json_t *object, int64_t *initial, int64_t *maintenance,
                        struct err *err)
{
    if (member_integer(object, "initial_margin_ppm", 0, PLIMSOLL_PPM_MAX, initial,
                       err) != 0 ||
        member_integer(object, "maintenance_margin_ppm", 0, PLIMSOLL_PPM_MAX,
                       maintenance, err) != 0)
        return -1;
    if (*maintenance > *initial)
        return err_set(err, ERR_INPUT,
                       "maintenance_margin_ppm: %lld is above initial_margin_ppm, %lld",
                       (long long)*maintenance, (long long)*initial);
    return 0;
}

static int read_tier(const json_t *object, struct plimsoll_tier *tier, struct err *err)
{
    static const char *const allowed[] = {"up_to_notional", "initial_margin_ppm",
                                          "maintenance_margin_ppm", NULL};

    if (!json_is_object(object))
        return err_set(err, ERR_INPUT, "is not an object");
    if (members_only(object, allowed, err) != 0)
        return -1;
    tier->up_to_notional = INFINITY;
    if (!json_is_null(json_object_get(object, "up_to_notional")) &&
        member_real(object, "up_to_notional", &tier->up_to_notional, err) != 0)
        return -1;
    return read_margins(object, &tier->initial_margin_ppm,
                        &tier->maintenance_margin_ppm, err);
}

/* Tiers rise in notional, and never fall in margin; only the last has no upper end. */
static int check_tier(const struct plimsoll_tier *tier, size_t i, size_t n,
                      struct err *err)
{
    const double lower = i > 0 ? tier[i - 1].up_to_notional : 0.0;

    if (i + 1 == n && isfinite(tier[i].up_to_notional))
        return err_set(err, ERR_INPUT,
                       "up_to_notional: the last tier's is %g, and must be null",
                       tier[i].up_to_notional);
    if (i + 1 < n && isinf(tier[i].up_to_notional))
        return err_set(err, ERR_INPUT, "up_to_notional: is null before the last tier");
    if (!(tier[i].up_to_notional > lower))
        return err_set(err, ERR_INPUT, "up_to_notional: %g is not above %g",
                       tier[i].up_to_notional, lower);
    if (i > 0 && (tier[i].initial_margin_ppm < tier[i - 1].initial_margin_ppm ||
                  tier[i].maintenance_margin_ppm < tier[i - 1].maintenance_margin_ppm))
        return err_set(err, ERR_INPUT, "a margin is below that of the tier before");
    return 0;
}

static int read_tiers(const json_t *entry, struct plimsoll_instrument *instrument,
                      struct err *err)
{
    const json_t *tiers;

    if (member_array(entry, "tiers", &tiers, err) != 0)
        return -1;
    const size_t n = json_array_size(tiers);
    if (n == 0)
        return err_set(err, ERR_INPUT, "tiers: is empty");
    instrument->tier = calloc(n, sizeof *instrument->tier);
    if (instrument->tier == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu tiers", n);
    instrument->n_tiers = n;
    for (size_t i = 0; i < n; i++)
        if (read_tier(json_array_get(tiers, i), &instrument->tier[i], err) != 0)
            return err_add(err, "tiers[%zu]", i);
    for (size_t i = 0; i < n; i++)
        if (check_tier(instrument->tier, i, n, err) != 0)
            return err_add(err, "tiers[%zu]", i);
    if (instrument->tier[0].initial_margin_ppm != instrument->initial_margin_ppm ||
        instrument->tier[0].maintenance_margin_ppm !=
            instrument->maintenance_margin_ppm)
        return err_set(err, ERR_INPUT,
                       "tiers[0]: its margins differ from the instrument's");
    return 0;
}

int set_fill_values(const json_t *object, const char *name, bool may_be_null,
                    struct plimsoll_values *values, struct err *err)
{
    const json_t *group;
    const char *key;
    json_t *value;

    if (member_object(object, name, &group, err) != 0)
        return -1;
    const size_t n = json_object_size(group);
    values->value = calloc(n + 1, sizeof *values->value);
    if (values->value == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory for %zu numbers", name, n);
    json_object_foreach((json_t *)group, key, value)
    {
        const bool is_null = may_be_null && json_is_null(value);

        if (member_check_name(key, err) != 0)
            return err_add(err, "%s", name);
        if (!is_null && !json_is_number(value))
            return err_set(err, ERR_INPUT, "%s: %.40s: is not a number", name, key);
        values->value[values->n++] = (struct plimsoll_value){
            .name = key,
            .value = is_null ? (double)NAN : json_number_value(value),
        };
    }
    return 0;
}

/* A number, or null for one that is undefined. */
static int read_defined(const json_t *object, const char *name, double *value,
                        struct err *err)
{
    *value = NAN;
    return json_is_null(json_object_get(object, name))
               ? 0
               : member_real(object, name, value, err);
}

static int read_fits(const json_t *evidence, const char *name,
                     struct plimsoll_fits *fits, struct err *err)
{
    static const char *const allowed[] = {
        "status",          "n_fits",          "n_failed",
        "n_fallback_bars", "gradient_norm",   "log_likelihood",
        "parameters",      "standard_errors", NULL};
    const json_t *object;

    if (member_object(evidence, name, &object, err) != 0)
        return -1;
    if (members_only(object, allowed, err) != 0 ||
        member_text(object, "status", &fits->status, err) != 0 ||
        member_integer(object, "n_fits", 1, INT64_MAX, &fits->n_fits, err) != 0 ||
        member_integer(object, "n_failed", 0, fits->n_fits, &fits->n_failed, err) !=
            0 ||
        member_integer(object, "n_fallback_bars", 0, INT64_MAX, &fits->n_fallback_bars,
                       err) != 0 ||
        read_defined(object, "gradient_norm", &fits->gradient_norm, err) != 0 ||
        read_defined(object, "log_likelihood", &fits->log_likelihood, err) != 0 ||
        set_fill_values(object, "parameters", false, &fits->parameters, err) != 0 ||
        set_fill_values(object, "standard_errors", true, &fits->standard_errors, err) !=
            0)
        return err_add(err, "%s", name);
    return 0;
}

static int read_incumbent(const json_t *evidence, struct plimsoll_incumbent *incumbent,
                          struct err *err)
{
    static const char *const allowed[] = {
        "initial_margin_ppm", "is_kept", "cost", "gain", "breach", NULL};
    const json_t *object;

    if (member_object(evidence, "incumbent", &object, err) != 0)
        return -1;
    if (members_only(object, allowed, err) != 0 ||
        member_integer(object, "initial_margin_ppm", 0, PLIMSOLL_PPM_MAX,
                       &incumbent->initial_margin_ppm, err) != 0 ||
        member_flag(object, "is_kept", &incumbent->is_kept, err) != 0 ||
        read_defined(object, "cost", &incumbent->cost, err) != 0 ||
        read_defined(object, "gain", &incumbent->gain, err) != 0 ||
        member_text(object, "breach", &incumbent->breach, err) != 0)
        return err_add(err, "incumbent");
    incumbent->is_there = true;
    return 0;
}

static int read_evidence(const json_t *entry, struct plimsoll_instrument *instrument,
                         struct err *err)
{
    static const char *const allowed[] = {"training",  "test",      "fits",
                                          "tail_fits", "incumbent", "points_left_out",
                                          "shared",    "sources",   NULL};
    const json_t *evidence;

    if (member_object(entry, "evidence", &evidence, err) != 0)
        return -1;
    if (members_only(evidence, allowed, err) != 0 ||
        set_fill_values(evidence, "training", true, &instrument->training, err) != 0)
        return err_add(err, "evidence");
    if (json_object_get(evidence, "test") != NULL &&
        set_fill_values(evidence, "test", true, &instrument->test, err) != 0)
        return err_add(err, "evidence");
    if (json_object_get(evidence, "fits") != NULL &&
        read_fits(evidence, "fits", &instrument->fits, err) != 0)
        return err_add(err, "evidence");
    if (json_object_get(evidence, "tail_fits") != NULL &&
        read_fits(evidence, "tail_fits", &instrument->tail_fits, err) != 0)
        return err_add(err, "evidence");
    if (json_object_get(evidence, "incumbent") != NULL &&
        read_incumbent(evidence, &instrument->incumbent, err) != 0)
        return err_add(err, "evidence");
    if (json_object_get(evidence, "points_left_out") != NULL &&
        member_integer(evidence, "points_left_out", 1, INT64_MAX,
                       &instrument->n_points_left_out, err) != 0)
        return err_add(err, "evidence");
    if (set_fill_sources(evidence, instrument, err) != 0)
        return -1;
    return set_fill_shared(evidence, instrument, err);
}

/* Margins never fall from tier to tier, so the first one's tell of all.  Nobody may be
 * asked for nothing. */
static int check_usable(const struct plimsoll_instrument *instrument, struct err *err)
{
    if (instrument->status == PLIMSOLL_CALIBRATED &&
        instrument->maintenance_margin_ppm == 0)
        return err_set(err, ERR_INPUT, "%s: is calibrated, but asks for a margin of 0",
                       instrument->initial_margin_ppm == 0 ? "initial_margin_ppm"
                                                           : "maintenance_margin_ppm");
    return 0;
}

/* All of them are there, or, where nothing was judged, none. */
static int read_judged(const json_t *entry, struct plimsoll_instrument *instrument,
                       struct err *err)
{
    static const char *const judged[] = {
        "parameters", "initial_margin_ppm", "maintenance_margin_ppm",
        "tiers",      "evidence",           "liquidation",
        "stress"};

    for (size_t i = 0; i < sizeof judged / sizeof *judged; i++)
        instrument->has_margins |= json_object_get(entry, judged[i]) != NULL;
    if (!instrument->has_margins)
        return instrument->status == PLIMSOLL_CALIBRATED
                   ? err_set(err, ERR_INPUT, "is calibrated, but has no margins")
                   : 0;
    if (set_fill_values(entry, "parameters", false, &instrument->parameters, err) !=
            0 ||
        read_margins(entry, &instrument->initial_margin_ppm,
                     &instrument->maintenance_margin_ppm, err) != 0 ||
        check_usable(instrument, err) != 0 || read_tiers(entry, instrument, err) != 0)
        return -1;
    return set_fill_liquidation(entry, instrument, err) != 0 ||
                   set_fill_stress(entry, &instrument->stress, err) != 0
               ? -1
               : read_evidence(entry, instrument, err);
}

int set_fill_instrument(const json_t *entry, struct plimsoll_instrument *instrument,
                        struct err *err)
{
    static const char *const allowed[] = {"instrument",
                                          "status",
                                          "reason",
                                          "as_of",
                                          "parameters",
                                          "initial_margin_ppm",
                                          "maintenance_margin_ppm",
                                          "tiers",
                                          "liquidation",
                                          "stress",
                                          "evidence",
                                          NULL};

    if (!json_is_object(entry))
        return err_set(err, ERR_INPUT, "is not an object");
    if (read_name(entry, &instrument->name, err) != 0)
        return -1;
    if (members_only(entry, allowed, err) != 0 ||
        read_status(entry, instrument, err) != 0 ||
        member_moment(entry, "as_of", &instrument->as_of_ns, err) != 0 ||
        read_judged(entry, instrument, err) != 0)
        return err_add(err, "%s", instrument->name);
    return 0;
}
