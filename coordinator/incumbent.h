/* incumbent.h -- what is in production now, and which points around it deserve a look?
 *
 * The set in production is scored in the same run on the same bars, off the grid where
 * it stands off it, and so is a star of points around it: along each axis half and a
 * quarter of the way to the grid's next value, up and down.  They are points like those
 * of the grid, numbered from INCUMBENT_POINT on, the incumbent itself the first; a grid
 * point wins a tie.  Along axes that instruments share the star does not reach. */
#ifndef COORDINATOR_INCUMBENT_H
#define COORDINATOR_INCUMBENT_H

#include "client/set.h"
#include "core/err.h"
#include "core/sha256.h"
#include "worker/axis.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INCUMBENT_POINTS_MAX = 1 + 4 * AXES_MAX };
#define INCUMBENT_POINT (UINT64_C(1) << 63)

/* Of one instrument; n_points 0: nothing to score, and why. */
struct incumbent {
    bool is_there; /* with a margin that engines use */
    bool is_other; /* its parameters are not those of this job's axes */
    int64_t initial_margin_ppm;
    size_t n_points;
    double (*point)[AXES_MAX]; /* [n_points] */
};

/* The whole set, [n] in the order of the names given. */
struct incumbents {
    char sha256[SHA256_TEXT_MAX]; /* of its bytes; empty: there is none */
    size_t n;
    struct incumbent *of;
};

/* Of these instruments.  ERR_INPUT where the file is no set, or a parameter lies
 * outside of its axis's bounds: file, instrument, value. */
int incumbents_read(const char *path, const struct grid *grid, size_t n,
                    const char *const name[], struct incumbents *incumbents,
                    struct err *err);
void incumbents_free(struct incumbents *incumbents);

/* The values of a point: of the grid, or of the incumbent's (NULL: there is none). */
void incumbent_values(const struct grid *grid, const struct incumbent *incumbent,
                      uint64_t point, double value[AXES_MAX]);

#endif /* COORDINATOR_INCUMBENT_H */
