/* fits.h -- writing down a judged point: its figures, how the fits along its path went
 */
#ifndef COORDINATOR_FITS_H
#define COORDINATOR_FITS_H

#include "core/json.h"
#include "worker/path.h"
#include "worker/study.h"

/* An object of every figure of one range; those that are optional where they are there.
 */
void figures_put(struct json *json, const char *name, const struct study *study,
                 const double *figure);

/* The members "fits" and "tail_fits" (client/README.md), of what is fitted. */
void fits_put(struct json *json, const struct path_models *models,
              const struct path_fits *fits);

#endif /* COORDINATOR_FITS_H */
