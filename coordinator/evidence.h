/* evidence.h -- what did the job find, for people and notebooks? (calibration.h5)
 *
 * Everything in it has one form: figures over axes.  A surface is a group that holds
 * its axes, each a 1-D array and dimension scale, and its figures, each an array over
 * those axes in their order; every array has the attributes "units" and "long_name".
 * So h5py reads it by name, and xarray opens each surface as a Dataset:
 *
 *     xarray.open_dataset("calibration.h5", engine="h5netcdf", group="BTC-PERP/points")
 *
 *     /                              attributes: program, build, job, digests, ranks
 * ... /instruments                   over `instrument`: status, cost, last margin ...
 *     /BTC-PERP                      attributes: status, reason, chosen point ...
 *     /BTC-PERP/points               over `point`, winner first, then the runners-up:
 *                                    the axes' values of each and all its metrics
 *     /BTC-PERP/marginals/lambda     over `lambda`: the best cost given that value ...
 *     /BTC-PERP/surface              over all axes of the grid: cost, coverage ...
 *
 * Which groups, axes and figures there are is the study's affair: they come as tables.
 * NaN is "undefined", fractions have unit "1".  The file is sealed (core/seal.h) and
 * appears under its name only when it is whole. */
#ifndef COORDINATOR_EVIDENCE_H
#define COORDINATOR_EVIDENCE_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVIDENCE_KIND "PLIMSOLL EVIDENCE 1"

enum { EVIDENCE_AXES_MAX = 20 };

/* An axis of numbers, or of names where label is not NULL. */
struct evidence_axis {
    const char *name, *unit, *meaning;
    size_t n;
    const double *value;      /* [n] */
    const char *const *label; /* [n] */
};

/* One number, or one text where text is not NULL, a point of the axes; the last axis
 * runs fastest. */
struct evidence_figure {
    const char *name, *unit, *meaning;
    const double *value;
    const char *const *text;
};

struct evidence_surface {
    size_t n_axes;
    const struct evidence_axis *axis;
    size_t n_figures;
    const struct evidence_figure *figure;
    bool is_deflated; /* smaller, and many times as long in the writing */
};

struct evidence;

/* Begin a file that replaces path when it is committed. */
int evidence_create(const char *path, struct evidence **evidence, struct err *err);
/* Make it visible; frees evidence always.  On failure path is as before. */
int evidence_commit(struct evidence *evidence, struct err *err);
/* Drop it; takes NULL. */
void evidence_abandon(struct evidence *evidence);

/* Attributes of a group ("/", "/BTC-PERP"), which is made with its parents if it is
 * not there. */
int evidence_set_text(struct evidence *evidence, const char *group, const char *name,
                      const char *value, struct err *err);
int evidence_set_integer(struct evidence *evidence, const char *group, const char *name,
                         int64_t value, struct err *err);
int evidence_set_real(struct evidence *evidence, const char *group, const char *name,
                      double value, struct err *err);

/* Write a surface into this group, made as above.  Names of axes and figures are
 * distinct. */
int evidence_write(struct evidence *evidence, const char *group,
                   const struct evidence_surface *surface, struct err *err);

#endif /* COORDINATOR_EVIDENCE_H */
