#include "worker/scope.h"

const char *scope_name(enum axis_scope scope)
{
    static const char *const name[] = {[AXIS_INSTRUMENT] = "instrument",
                                       [AXIS_GROUP] = "group",
                                       [AXIS_GLOBAL] = "global"};

    return name[scope];
}

bool scope_has(const struct grid *grid, enum axis_scope scope)
{
    for (size_t a = 0; a < grid->n_axes; a++)
        if (grid->axis[a].scope == scope)
            return true;
    return false;
}

bool scope_is_shared(const struct grid *grid)
{
    return scope_has(grid, AXIS_GROUP) || scope_has(grid, AXIS_GLOBAL);
}

uint64_t scope_n(const struct grid *grid, enum axis_scope scope)
{
    uint64_t n = 1;

    for (size_t a = 0; a < grid->n_axes; a++)
        if (grid->axis[a].scope == scope)
            n *= grid->axis[a].n;
    return n;
}

uint64_t scope_n_cells(const struct grid *grid)
{
    return scope_n(grid, AXIS_GLOBAL) * scope_n(grid, AXIS_GROUP);
}

size_t scope_cell(const struct grid *grid, const size_t digit[AXES_MAX])
{
    size_t cell = 0;

    for (enum axis_scope scope = AXIS_GLOBAL; scope > AXIS_INSTRUMENT; scope--)
        for (size_t a = 0; a < grid->n_axes; a++)
            if (grid->axis[a].scope == scope)
                cell = cell * grid->axis[a].n + digit[a];
    return cell;
}

void scope_cell_digits(const struct grid *grid, size_t cell, size_t digit[AXES_MAX])
{
    for (size_t a = 0; a < grid->n_axes; a++)
        digit[a] = 0;
    for (enum axis_scope scope = AXIS_GROUP; scope <= AXIS_GLOBAL; scope++)
        for (size_t a = grid->n_axes; a-- > 0;)
            if (grid->axis[a].scope == scope) {
                digit[a] = cell % grid->axis[a].n;
                cell /= grid->axis[a].n;
            }
}

size_t scope_cell_of_values(const struct grid *grid, const double value[AXES_MAX])
{
    size_t digit[AXES_MAX] = {0};

    for (size_t a = 0; a < grid->n_axes; a++) {
        const struct axis *axis = &grid->axis[a];

        if (axis->scope == AXIS_INSTRUMENT)
            continue;
        while (digit[a] < axis->n && axis->value[digit[a]] != value[a])
            digit[a]++;
        if (digit[a] == axis->n)
            return SIZE_MAX;
    }
    return scope_cell(grid, digit);
}
