#include "client/diff.h"

#include <math.h>
#include <string.h>

/* Where rows go, and how many went there. */
struct table {
    FILE *out;
    size_t n_rows;
    const char *instrument;
};

static void put_row(struct table *table, const char *field, const char *old,
                    const char *new, const char *change)
{
    if (table->n_rows++ == 0)
        fprintf(table->out, "%-20s %-24s %14s %14s %10s\n", "instrument", "field",
                "old", "new", "change");
    fprintf(table->out, "%-20s %-24s %14s %14s %10s\n", table->instrument, field, old,
            new, change);
}

enum { NUMBER_MAX = 32 };

static void put_number(struct table *table, const char *field, double old, double new)
{
    char old_text[NUMBER_MAX], new_text[NUMBER_MAX], change[NUMBER_MAX] = "";

    if (old == new)
        return;
    snprintf(old_text, sizeof old_text, "%.10g", old);
    snprintf(new_text, sizeof new_text, "%.10g", new);
    if (old != 0.0)
        snprintf(change, sizeof change, "%+.4f", new / old - 1.0);
    put_row(table, field, old_text, new_text, change);
}

/* One that only one side has. */
static void put_lonely(struct table *table, const char *field, double value,
                       bool is_new)
{
    char text[NUMBER_MAX];

    snprintf(text, sizeof text, "%.10g", value);
    put_row(table, field, is_new ? "-" : text, is_new ? text : "-", "");
}

static void compare_parameters(struct table *table, const struct plimsoll_values *old,
                               const struct plimsoll_values *new)
{
    for (size_t i = 0; i < new->n; i++) {
        const struct plimsoll_value *value = &new->value[i];
        const struct plimsoll_value *before = plimsoll_values_find(old, value->name);

        if (before == NULL)
            put_lonely(table, value->name, value->value, true);
        else
            put_number(table, value->name, before->value, value->value);
    }
    for (size_t i = 0; i < old->n; i++)
        if (plimsoll_values_find(new, old->value[i].name) == NULL)
            put_lonely(table, old->value[i].name, old->value[i].value, false);
}

static void compare_tier(struct table *table, size_t i, const struct plimsoll_tier *old,
                         const struct plimsoll_tier *new)
{
    char field[64];

    if (old->up_to_notional != new->up_to_notional) {
        snprintf(field, sizeof field, "tiers[%zu] up_to_notional", i);
        put_number(table, field, old->up_to_notional, new->up_to_notional);
    }
    snprintf(field, sizeof field, "tiers[%zu] initial ppm", i);
    put_number(table, field, (double)old->initial_margin_ppm,
               (double)new->initial_margin_ppm);
    snprintf(field, sizeof field, "tiers[%zu] maintenance ppm", i);
    put_number(table, field, (double)old->maintenance_margin_ppm,
               (double)new->maintenance_margin_ppm);
}

/* The first tier's margins are the instrument's own, which have rows already. */
static void compare_tiers(struct table *table, const struct plimsoll_instrument *old,
                          const struct plimsoll_instrument *new)
{
    if (old->n_tiers != new->n_tiers) {
        put_number(table, "number of tiers", (double)old->n_tiers,
                   (double)new->n_tiers);
        return;
    }
    if (old->n_tiers > 1)
        for (size_t i = 0; i < old->n_tiers; i++)
            compare_tier(table, i, &old->tier[i], &new->tier[i]);
}

static void compare_margins(struct table *table, const struct plimsoll_instrument *old,
                            const struct plimsoll_instrument *new)
{
    if (old->has_margins != new->has_margins) {
        const struct plimsoll_instrument *one = new->has_margins ? new : old;

        put_lonely(table, "initial_margin_ppm", (double)one->initial_margin_ppm,
                   new->has_margins);
        put_lonely(table, "maintenance_margin_ppm", (double)one->maintenance_margin_ppm,
                   new->has_margins);
        return;
    }
    put_number(table, "initial_margin_ppm", (double)old->initial_margin_ppm,
               (double)new->initial_margin_ppm);
    put_number(table, "maintenance_margin_ppm", (double)old->maintenance_margin_ppm,
               (double)new->maintenance_margin_ppm);
    compare_tiers(table, old, new);
}

/* ---- under stress ---- */

/* The largest of a figure over all scenarios; the reverse ones ask for a move. */
static double most_of(const struct plimsoll_stress *stress, const char *name)
{
    double most = NAN;

    for (size_t i = 0; i < stress->n; i++) {
        const struct plimsoll_value *value =
            plimsoll_values_find(&stress->scenario[i].figures, name);

        if (strncmp(stress->scenario[i].name, "reverse-", 8) != 0 && value != NULL)
            most = fmax(most, value->value);
    }
    return most;
}

static void compare_stress(struct table *table, const struct plimsoll_stress *old,
                           const struct plimsoll_stress *new)
{
    char field[64];

    for (size_t f = 0; old->n > 0 && new->n > 0 && f < new->scenario[0].figures.n;
         f++) {
        const char *name = new->scenario[0].figures.value[f].name;
        const double before = most_of(old, name), after = most_of(new, name);

        if (isnan(before) || isnan(after))
            continue;
        snprintf(field, sizeof field, "most %s under stress", name);
        put_number(table, field, before, after);
    }
}

static void compare_both(struct table *table, const struct plimsoll_instrument *old,
                         const struct plimsoll_instrument *new)
{
    table->instrument = new->name;
    if (old->status != new->status)
        put_row(table, "status", plimsoll_status_text(old->status),
                plimsoll_status_text(new->status), "");
    compare_margins(table, old, new);
    compare_parameters(table, &old->parameters, &new->parameters);
    compare_stress(table, &old->stress, &new->stress);
}

static void put_only(struct table *table, const struct plimsoll_instrument *instrument,
                     bool is_new)
{
    const char *status = plimsoll_status_text(instrument->status);

    table->instrument = instrument->name;
    put_row(table, is_new ? "added" : "gone", is_new ? "-" : status,
            is_new ? status : "-", "");
}

/* Both are sorted by name: merge them. */
size_t plimsoll_diff_print(const struct plimsoll_set *old,
                           const struct plimsoll_set *new, FILE *out)
{
    const size_t n_old = plimsoll_set_count(old), n_new = plimsoll_set_count(new);
    struct table table = {.out = out};

    for (size_t i = 0, j = 0; i < n_old || j < n_new;) {
        const struct plimsoll_instrument *a =
            i < n_old ? plimsoll_set_at(old, i) : NULL;
        const struct plimsoll_instrument *b =
            j < n_new ? plimsoll_set_at(new, j) : NULL;
        const int order = a == NULL ? 1 : b == NULL ? -1 : strcmp(a->name, b->name);

        if (order == 0)
            compare_both(&table, a, b);
        else
            put_only(&table, order < 0 ? a : b, order > 0);
        i += order <= 0;
        j += order >= 0;
    }
    return table.n_rows;
}
