#include "coordinator/guard.h"
#include "core/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* ---- what is wrong ---- */

struct breaches {
    size_t n;
    struct err first;
};

static void breach(struct breaches *breaches, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void breach(struct breaches *breaches, const char *fmt, ...)
{
    char text[ERR_TEXT_MAX / 2];
    va_list ap;

    if (breaches->n++ > 0)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    err_set(&breaches->first, ERR_REFUSED, "%s", text);
}

static int conclude(const struct breaches *breaches, struct err *err)
{
    if (breaches->n == 0)
        return 0;
    if (breaches->n == 1)
        return err_set(err, ERR_REFUSED, "guard-rail: %s", breaches->first.text);
    return err_set(err, ERR_REFUSED, "guard-rail: %s (and %zu more)",
                   breaches->first.text, breaches->n - 1);
}

/* A limit is a decimal: just what it allows must pass, whatever the rounding. */
static const double SLACK = 1e-12;

static bool is_below(double a, double b)
{
    return a * (1.0 + SLACK) < b;
}

/* ---- values by name ---- */

enum margin { INITIAL, MAINTENANCE, NO_MARGIN };

static enum margin margin_of(const char *name)
{
    if (strcmp(name, "initial_margin_ppm") == 0)
        return INITIAL;
    return strcmp(name, "maintenance_margin_ppm") == 0 ? MAINTENANCE : NO_MARGIN;
}

static double tier_margin(const struct plimsoll_tier *tier, enum margin margin)
{
    return (double)(margin == INITIAL ? tier->initial_margin_ppm
                                      : tier->maintenance_margin_ppm);
}

static bool is_calibrated(const struct plimsoll_instrument *instrument)
{
    return instrument != NULL && instrument->status == PLIMSOLL_CALIBRATED;
}

/* ---- a set by itself ---- */

/* Every tier's margin, or the one parameter; false where the instrument has no such. */
static bool check_bound(const struct conf_limit *limit,
                        const struct plimsoll_instrument *instrument,
                        struct breaches *breaches)
{
    const enum margin margin = margin_of(limit->name);
    const struct plimsoll_value *parameter =
        plimsoll_values_find(&instrument->parameters, limit->name);
    const size_t n = margin != NO_MARGIN ? instrument->n_tiers : parameter != NULL;

    for (size_t i = 0; i < n; i++) {
        const double value = margin != NO_MARGIN
                                 ? tier_margin(&instrument->tier[i], margin)
                                 : parameter->value;

        if (!(value >= limit->min))
            breach(breaches, "%s: %s of %.10g is below %g (publication.bounds)",
                   instrument->name, limit->name, value, limit->min);
        else if (!(value <= limit->max))
            breach(breaches, "%s: %s of %.10g is above %g (publication.bounds)",
                   instrument->name, limit->name, value, limit->max);
    }
    return n > 0;
}

static void check_figure(const struct conf_limit *limit,
                         const struct plimsoll_instrument *instrument,
                         struct breaches *breaches)
{
    const struct plimsoll_value *figure =
        plimsoll_values_find(&instrument->test, limit->name);

    if (figure == NULL)
        breach(breaches, "%s: has no %s on unseen bars (publication.evidence)",
               instrument->name, limit->name);
    else if (isnan(figure->value))
        breach(breaches, "%s: %s on unseen bars is undefined (publication.evidence)",
               instrument->name, limit->name);
    else if (figure->value < limit->min)
        breach(breaches,
               "%s: %s of %.6g on unseen bars is below %g (publication.evidence)",
               instrument->name, limit->name, figure->value, limit->min);
    else if (figure->value > limit->max)
        breach(breaches,
               "%s: %s of %.6g on unseen bars is above %g (publication.evidence)",
               instrument->name, limit->name, figure->value, limit->max);
}

static void check_bounds(const struct guard *guard, const struct plimsoll_set *set,
                         struct breaches *breaches)
{
    for (size_t l = 0; l < guard->bounds.n; l++) {
        size_t n_seen = 0, n_calibrated = 0;

        for (size_t i = 0; i < plimsoll_set_count(set); i++) {
            const struct plimsoll_instrument *instrument = plimsoll_set_at(set, i);

            if (!is_calibrated(instrument))
                continue;
            n_calibrated++;
            n_seen += check_bound(&guard->bounds.limit[l], instrument, breaches);
        }
        if (n_seen == 0 && n_calibrated > 0)
            breach(breaches, "no instrument has a '%s' (publication.bounds)",
                   guard->bounds.limit[l].name);
    }
}

int guard_check_set(const struct guard *guard, const struct plimsoll_set *set,
                    struct err *err)
{
    const size_t n = plimsoll_set_count(set);
    struct breaches breaches = {0};
    size_t n_calibrated = 0;

    check_bounds(guard, set, &breaches);
    for (size_t i = 0; i < n; i++) {
        const struct plimsoll_instrument *instrument = plimsoll_set_at(set, i);

        n_calibrated += is_calibrated(instrument);
        for (size_t l = 0; l < guard->evidence.n && is_calibrated(instrument); l++)
            check_figure(&guard->evidence.limit[l], instrument, &breaches);
    }
    if (is_below((double)n_calibrated, guard->min_share_calibrated * (double)n))
        breach(&breaches,
               "%zu of %zu instruments are calibrated, a share below %g "
               "(publication.min_share_calibrated)",
               n_calibrated, n, guard->min_share_calibrated);
    return conclude(&breaches, err);
}

/* ---- what changes ---- */

static void check_step(const struct conf_limit *limit, const char *instrument,
                       double old, double new, struct breaches *breaches)
{
    const double step = new - old;
    const double size = fabs(old) * (1.0 + SLACK);

    if (step < 0.0 && !isinf(limit->min) && step < limit->min * size)
        breach(breaches,
               "%s: %s falls from %.10g to %.10g, by more than a share of %g "
               "(publication.change)",
               instrument, limit->name, old, new, -limit->min);
    if (step > 0.0 && !isinf(limit->max) && step > limit->max * size)
        breach(breaches,
               "%s: %s rises from %.10g to %.10g, by more than a share of %g "
               "(publication.change)",
               instrument, limit->name, old, new, limit->max);
}

/* At every notional: tiers may be cut elsewhere than before. */
static void check_tiers(const struct conf_limit *limit, enum margin margin,
                        const struct plimsoll_instrument *old,
                        const struct plimsoll_instrument *new,
                        struct breaches *breaches)
{
    for (size_t i = 0, j = 0; i < old->n_tiers && j < new->n_tiers;) {
        const double up_to_old = old->tier[i].up_to_notional;
        const double up_to_new = new->tier[j].up_to_notional;

        check_step(limit, new->name, tier_margin(&old->tier[i], margin),
                   tier_margin(&new->tier[j], margin), breaches);
        i += up_to_old <= up_to_new;
        j += up_to_new <= up_to_old;
    }
}

/* False where the new one has nothing of that name. */
static bool check_change(const struct conf_limit *limit,
                         const struct plimsoll_instrument *old,
                         const struct plimsoll_instrument *new,
                         struct breaches *breaches)
{
    const enum margin margin = margin_of(limit->name);
    const struct plimsoll_value *before =
        plimsoll_values_find(&old->parameters, limit->name);
    const struct plimsoll_value *after =
        plimsoll_values_find(&new->parameters, limit->name);

    if (margin != NO_MARGIN)
        check_tiers(limit, margin, old, new, breaches);
    else if (before != NULL && after != NULL)
        check_step(limit, new->name, before->value, after->value, breaches);
    return margin != NO_MARGIN || after != NULL;
}

static bool same_tiers(const struct plimsoll_instrument *a,
                       const struct plimsoll_instrument *b)
{
    if (a->n_tiers != b->n_tiers)
        return false;
    for (size_t i = 0; i < a->n_tiers; i++)
        if (a->tier[i].up_to_notional != b->tier[i].up_to_notional ||
            a->tier[i].initial_margin_ppm != b->tier[i].initial_margin_ppm ||
            a->tier[i].maintenance_margin_ppm != b->tier[i].maintenance_margin_ppm)
            return false;
    return true;
}

static bool same_parameters(const struct plimsoll_values *a,
                            const struct plimsoll_values *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->value[i].name, b->value[i].name) != 0 ||
            a->value[i].value != b->value[i].value)
            return false;
    return true;
}

/* For an engine; what is not calibrated in both is not used in either. */
static bool is_changed(const struct plimsoll_instrument *old,
                       const struct plimsoll_instrument *new)
{
    if (is_calibrated(old) != is_calibrated(new))
        return true;
    return is_calibrated(old) && (!same_tiers(old, new) ||
                                  !same_parameters(&old->parameters, &new->parameters));
}

static void check_changes(const struct guard *guard, const struct plimsoll_set *old,
                          const struct plimsoll_set *new, struct breaches *breaches)
{
    for (size_t l = 0; l < guard->change.n; l++) {
        size_t n_seen = 0, n_both = 0;

        for (size_t i = 0; i < plimsoll_set_count(new); i++) {
            const struct plimsoll_instrument *after = plimsoll_set_at(new, i);
            const struct plimsoll_instrument *before =
                plimsoll_set_find(old, after->name);

            if (!is_calibrated(before) || !is_calibrated(after))
                continue;
            n_both++;
            n_seen += check_change(&guard->change.limit[l], before, after, breaches);
        }
        if (n_seen == 0 && n_both > 0)
            breach(breaches, "no instrument has a '%s' (publication.change)",
                   guard->change.limit[l].name);
    }
}

struct shares {
    size_t n_all, n_changed;        /* instruments of either set     */
    size_t n_before, n_kept;        /* calibrated before, and still  */
    const char *changed, *not_kept; /* the first of each             */
};

static void count(const struct plimsoll_instrument *old,
                  const struct plimsoll_instrument *new, struct shares *shares)
{
    const char *name = new != NULL ? new->name : old->name;

    shares->n_all++;
    if (is_changed(old, new) && shares->n_changed++ == 0)
        shares->changed = name;
    if (!is_calibrated(old))
        return;
    shares->n_before++;
    if (is_calibrated(new))
        shares->n_kept++;
    else if (shares->not_kept == NULL)
        shares->not_kept = name;
}

static struct shares count_shares(const struct plimsoll_set *old,
                                  const struct plimsoll_set *new)
{
    struct shares shares = {0};

    for (size_t i = 0; i < plimsoll_set_count(new); i++)
        count(plimsoll_set_find(old, plimsoll_set_at(new, i)->name),
              plimsoll_set_at(new, i), &shares);
    for (size_t i = 0; i < plimsoll_set_count(old); i++)
        if (plimsoll_set_find(new, plimsoll_set_at(old, i)->name) == NULL)
            count(plimsoll_set_at(old, i), NULL, &shares);
    return shares;
}

int guard_check_change(const struct guard *guard, const struct plimsoll_set *old,
                       const struct plimsoll_set *new, struct err *err)
{
    const struct shares shares = count_shares(old, new);
    struct breaches breaches = {0};

    check_changes(guard, old, new, &breaches);
    if (is_below(guard->max_share_changed * (double)shares.n_all,
                 (double)shares.n_changed))
        breach(&breaches,
               "%zu of %zu instruments change (%s is the first), a share above %g "
               "(publication.max_share_changed)",
               shares.n_changed, shares.n_all, shares.changed,
               guard->max_share_changed);
    if (is_below((double)shares.n_kept,
                 guard->min_share_kept * (double)shares.n_before))
        breach(&breaches,
               "%zu of %zu instruments stay calibrated (%s is the first that does "
               "not), a share below %g (publication.min_share_kept)",
               shares.n_kept, shares.n_before, shares.not_kept, guard->min_share_kept);
    return conclude(&breaches, err);
}
