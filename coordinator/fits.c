#include "coordinator/fits.h"

#include <math.h>

void figures_put(struct json *json, const char *name, const struct study *study,
                 const double *figure)
{
    json_put_object(json, name);
    for (size_t i = 0; i < study->n_metrics; i++)
        if (!study->metrics[i].is_optional || !isnan(figure[i]))
            json_put_real(json, study->metrics[i].name, figure[i]);
    json_end(json);
}

/* A fitted model, by the words of its table's row. */
struct fitted {
    const char *const *parameter;
    const char *(*status_name)(int64_t status);
    const struct fits_report *fits;
};

/* The parameters that this variant of the model has. */
static void put_parameters(struct json *json, const char *name,
                           const struct fitted *model, const double *value)
{
    json_put_object(json, name);
    for (size_t i = 0; model->parameter[i] != NULL; i++)
        if (!isnan(model->fits->parameter[i]))
            json_put_real(json, model->parameter[i], value[i]);
    json_end(json);
}

static void put(struct json *json, const char *name, const struct fitted *model)
{
    const struct fits_report *fits = model->fits;

    if (model->parameter == NULL)
        return;
    json_put_object(json, name);
    json_put_text(json, "status", model->status_name(fits->status));
    json_put_integer(json, "n_fits", (int64_t)fits->n_fits);
    json_put_integer(json, "n_failed", (int64_t)(fits->n_fits - fits->n_estimates));
    json_put_integer(json, "n_fallback_bars", (int64_t)fits->n_fallback_bars);
    json_put_real(json, "gradient_norm", fits->gradient_norm);
    json_put_real(json, "log_likelihood", fits->log_likelihood);
    put_parameters(json, "parameters", model, fits->parameter);
    put_parameters(json, "standard_errors", model, fits->error);
    json_end(json);
}

void fits_put(struct json *json, const struct path_models *models,
              const struct path_fits *fits)
{
    const struct fitted volatility = {models->volatility->parameter,
                                      models->volatility->status_name,
                                      &fits->volatility};

    put(json, "fits", &volatility);
    if (models->tail != NULL) {
        const struct fitted tail = {models->tail->parameter, models->tail->status_name,
                                    &fits->tail};

        put(json, "tail_fits", &tail);
    }
}
