/* fit_tails.h -- the tail models of `plimsoll fit`, for its table alone */
#ifndef COORDINATOR_FIT_TAILS_H
#define COORDINATOR_FIT_TAILS_H

#include "coordinator/fit.h"

/* run() of struct fit_model; none of them fills paths. */
int fit_run_pot(const struct fit_request *request, const struct fit_data *data,
                struct fit_report *report, struct fit_paths *paths, const char **reason,
                struct err *err);
int fit_run_hill(const struct fit_request *request, const struct fit_data *data,
                 struct fit_report *report, struct fit_paths *paths,
                 const char **reason, struct err *err);
int fit_run_historical(const struct fit_request *request, const struct fit_data *data,
                       struct fit_report *report, struct fit_paths *paths,
                       const char **reason, struct err *err);
int fit_run_law(const struct fit_request *request, const struct fit_data *data,
                struct fit_report *report, struct fit_paths *paths, const char **reason,
                struct err *err);

#endif /* COORDINATOR_FIT_TAILS_H */
