/* fits.h -- writing down how the fits along a point's path went */
#ifndef COORDINATOR_FITS_H
#define COORDINATOR_FITS_H

#include "core/json.h"
#include "worker/volatility.h"

/* The member "fits" (client/README.md); nothing where the model is not fitted. */
void fits_put(struct json *json, const struct volatility_model *model,
              const struct volatility_report *fits);

#endif /* COORDINATOR_FITS_H */
