/* scope.h -- which points of a grid belong together where instruments share axes?
 *
 * An axis is each instrument's own, its group's, or everybody's.  A cell is one
 * combination of the values that are shared:
 *
 *     cell = (digits of the global axes) n_group + (digits of the group axes),
 *
 * each in mixed radix like a point's, the last axis fastest.  A grid whose axes are the
 * instrument's own has one cell. */
#ifndef WORKER_SCOPE_H
#define WORKER_SCOPE_H

#include "worker/axis.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CELLS_MAX = 1 << 16 };

const char *scope_name(enum axis_scope scope); /* "instrument", "group", "global" */

/* Does any axis have this scope, with one value or more? */
bool scope_has(const struct grid *grid, enum axis_scope scope);
/* Is any not the instrument's own? */
bool scope_is_shared(const struct grid *grid);
/* Combinations of the values of the axes of this scope: 1 where there are none. */
uint64_t scope_n(const struct grid *grid, enum axis_scope scope);
/* Of all shared axes. */
uint64_t scope_n_cells(const struct grid *grid);

/* The cell of a point with these digits. */
size_t scope_cell(const struct grid *grid, const size_t digit[AXES_MAX]);
/* The digits of a cell; 0 on the instrument's own axes. */
void scope_cell_digits(const struct grid *grid, size_t cell, size_t digit[AXES_MAX]);
/* The cell that has these values on the shared axes; SIZE_MAX: they are off the grid.
 */
size_t scope_cell_of_values(const struct grid *grid, const double value[AXES_MAX]);

#endif /* WORKER_SCOPE_H */
