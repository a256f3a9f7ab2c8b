#include "coordinator/incumbent.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Its values of the grid's axes; 0: it has others. */
static int take_values(const struct grid *grid,
                       const struct plimsoll_instrument *instrument,
                       double value[AXES_MAX], struct err *err)
{
    if (instrument->parameters.n != grid->n_axes)
        return 0;
    for (size_t a = 0; a < grid->n_axes; a++) {
        const struct axis_rule *rule = grid->axis[a].rule;
        const struct plimsoll_value *parameter =
            plimsoll_values_find(&instrument->parameters, rule->name);

        if (parameter == NULL)
            return 0;
        if (!axis_allows(rule, parameter->value))
            return err_set(err, ERR_INPUT,
                           "%s: parameters: %s %g is out of bounds (%s)",
                           instrument->name, rule->name, parameter->value, rule->unit);
        value[a] = parameter->value;
    }
    return 1;
}

/* x and some of the way to the grid's next value: a point of its own unless whole
 * numbers leave no room between. */
static void add_way(struct incumbent *incumbent, const struct axis *axis, size_t a,
                    double to, double share)
{
    const double *centre = incumbent->point[0];
    double x = centre[a] + share * (to - centre[a]);

    if (axis->rule->whole)
        x = nearbyint(x);
    if (x == centre[a] || x == to)
        return;
    double *point = incumbent->point[incumbent->n_points++];
    memcpy(point, centre, sizeof incumbent->point[0]);
    point[a] = x;
}

static void add_star(const struct grid *grid, struct incumbent *incumbent)
{
    for (size_t a = 0; a < grid->n_axes; a++) {
        const struct axis *axis = &grid->axis[a];
        const double x = incumbent->point[0][a];
        size_t below = axis->n, above = axis->n;

        if (axis->scope != AXIS_INSTRUMENT)
            continue;
        for (size_t i = 0; i < axis->n; i++) {
            below = axis->value[i] < x ? i : below;
            above = axis->value[i] > x && above == axis->n ? i : above;
        }
        for (int part = 2; part <= 4; part *= 2) {
            if (below < axis->n)
                add_way(incumbent, axis, a, axis->value[below], 1.0 / part);
            if (above < axis->n)
                add_way(incumbent, axis, a, axis->value[above], 1.0 / part);
        }
    }
}

static int fill(const struct grid *grid, const struct plimsoll_instrument *instrument,
                struct incumbent *incumbent, struct err *err)
{
    if (instrument == NULL || instrument->status != PLIMSOLL_CALIBRATED)
        return 0;
    incumbent->is_there = true;
    incumbent->initial_margin_ppm = instrument->initial_margin_ppm;
    incumbent->point = calloc(INCUMBENT_POINTS_MAX, sizeof *incumbent->point);
    if (incumbent->point == NULL)
        return err_set(err, ERR_MEMORY, "no memory for an incumbent's points");
    const int taken = take_values(grid, instrument, incumbent->point[0], err);
    incumbent->is_other = taken == 0;
    if (taken != 1)
        return taken;
    incumbent->n_points = 1;
    add_star(grid, incumbent);
    return 0;
}

int incumbents_read(const char *path, const struct grid *grid, size_t n,
                    const char *const name[], struct incumbents *incumbents,
                    struct err *err)
{
    struct plimsoll_set *set;
    int status = 0;

    *incumbents = (struct incumbents){0};
    if (plimsoll_set_read(path, &set, err) != 0)
        return -1;
    *incumbents = (struct incumbents){.n = n, .of = calloc(n, sizeof *incumbents->of)};
    if (incumbents->of == NULL)
        status = err_set(err, ERR_MEMORY, "no memory for %zu incumbents", n);
    for (size_t i = 0; status == 0 && i < n; i++)
        if (fill(grid, plimsoll_set_find(set, name[i]), &incumbents->of[i], err) < 0)
            status = err_add(err, "%s", path);
    memcpy(incumbents->sha256, plimsoll_set_sha256(set), SHA256_TEXT_MAX);
    plimsoll_set_free(set);
    if (status != 0)
        incumbents_free(incumbents);
    return status;
}

void incumbents_free(struct incumbents *incumbents)
{
    for (size_t i = 0; incumbents->of != NULL && i < incumbents->n; i++)
        free(incumbents->of[i].point);
    free(incumbents->of);
    *incumbents = (struct incumbents){0};
}

void incumbent_values(const struct grid *grid, const struct incumbent *incumbent,
                      uint64_t point, double value[AXES_MAX])
{
    if (point >= INCUMBENT_POINT)
        memcpy(value, incumbent->point[point - INCUMBENT_POINT],
               AXES_MAX * sizeof *value);
    else
        grid_values(grid, point, value);
}
