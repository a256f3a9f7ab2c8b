/* fits.h -- writing down how the fits along a point's path went */
#ifndef COORDINATOR_FITS_H
#define COORDINATOR_FITS_H

#include "core/json.h"
#include "worker/path.h"

/* The members "fits" and "tail_fits" (client/README.md), of what is fitted. */
void fits_put(struct json *json, const struct path_models *models,
              const struct path_fits *fits);

#endif /* COORDINATOR_FITS_H */
