#include "coordinator/fits.h"

#include <math.h>

/* The parameters that this variant of the model has. */
static void put_parameters(struct json *json, const char *name,
                           const struct volatility_model *model,
                           const struct volatility_report *fits, const double *value)
{
    json_put_object(json, name);
    for (size_t i = 0; model->parameter[i] != NULL; i++)
        if (!isnan(fits->parameter[i]))
            json_put_real(json, model->parameter[i], value[i]);
    json_end(json);
}

void fits_put(struct json *json, const struct volatility_model *model,
              const struct volatility_report *fits)
{
    if (model->parameter == NULL)
        return;
    json_put_object(json, "fits");
    json_put_text(json, "status", model->status_name(fits->status));
    json_put_integer(json, "n_fits", (int64_t)fits->n_fits);
    json_put_integer(json, "n_failed", (int64_t)(fits->n_fits - fits->n_estimates));
    json_put_integer(json, "n_fallback_bars", (int64_t)fits->n_fallback_bars);
    json_put_real(json, "gradient_norm", fits->gradient_norm);
    json_put_real(json, "log_likelihood", fits->log_likelihood);
    put_parameters(json, "parameters", model, fits, fits->parameter);
    put_parameters(json, "standard_errors", model, fits, fits->error);
    json_end(json);
}
