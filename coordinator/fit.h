/* fit.h -- one volatility model on one series: what is asked, what is there to fit */
#ifndef COORDINATOR_FIT_H
#define COORDINATOR_FIT_H

#include "coordinator/fit_report.h"
#include "coordinator/table_time.h"
#include "core/clock.h"
#include "core/sha256.h"
#include "market/bars.h"
#include "worker/garch.h"
#include "worker/har.h"

#include <stdbool.h>

enum { FIT_CONFIDENCES_MAX = 8, FIT_COLUMN_MAX = 64 };

struct fit_request {
    const char *series, *column; /* a table of numbers ...                        */
    bool prices;                 /* the column holds closes, not returns          */
    bool variances;              /* ... or variances (har)                        */
    const char *history, *instrument, *interval; /* ... or a store's bars         */
    struct table_span span;                      /* of either                     */
    const char *model;
    struct garch_spec garch;
    struct har_spec har;
    size_t window;
    double lambda;
    bool losses;             /* tails: the column holds losses, not returns    */
    double share, threshold; /* tails: what lies beyond; threshold NaN: share  */
    size_t n_confidences;
    double confidence[FIT_CONFIDENCES_MAX];
    double level; /* of the intervals */
    bool scan;
    bool as_json;
    const char *write; /* path of a CSV, or NULL */
};

struct fit_data {
    size_t n;
    double *value;    /* [n] returns, NaN where missing; or variances             */
    bool has_bars;    /* all of their columns                                     */
    struct bars bars; /* n of them, or none                                       */
    int64_t *time;    /* [n] start of each, ns since 1970 UTC; NULL: not known    */
    char sha256[SHA256_TEXT_MAX];
};

/* What a model leaves behind. */
struct fit_paths {
    double mean;      /* taken from returns before they are standardised */
    double *variance; /* [n + 1] of bar t from the bars before it; [n] is the forecast.
                         NaN: none */
};

struct fit_model {
    const char *name, *meaning;
    bool wants_prices; /* open, high, low and close */
    bool sees_all; /* parameters of the whole series: what it gives is no forecast */
    bool is_tail;  /* of losses: no forecast, no residuals */
    /* Estimate, report, fill paths.  *reason: NULL, or why there is no estimate. */
    int (*run)(const struct fit_request *request, const struct fit_data *data,
               struct fit_report *report, struct fit_paths *paths, const char **reason,
               struct err *err);
};

/* A table or a store, and nothing that only the other has: ERR_USAGE. */
int fit_check_source(const struct fit_request *request, struct err *err);

/* Where no column is said: the only one, or the one that is called r, return, returns
 * (close, price with --prices).  ERR_USAGE says what there is, and refuses a column of
 * prices that are not said to be prices. */
int fit_column_settle(struct fit_request *request, char name[FIT_COLUMN_MAX],
                      struct err *err);

const struct fit_model *fit_model_find(const char *name);
const struct fit_model *fit_model_row(size_t i); /* NULL after the last */

/* With wants_prices a table's columns open, high, low and close. */
int fit_data_read(const struct fit_request *request, bool wants_prices,
                  struct fit_data *data, struct err *err);
void fit_data_free(struct fit_data *data);

/* What every model reports: the series before, the forecast and residuals after. */
void fit_report_series(const struct fit_request *request, const struct fit_data *data,
                       struct fit_report *report);
void fit_report_paths(const struct fit_request *request, const struct fit_data *data,
                      const struct fit_paths *paths, struct fit_report *report);
/* "2024-03-01T08:00:00Z", or "" where bar t has no known moment.  Returns out. */
const char *fit_moment(const struct fit_data *data, size_t t, char out[CLOCK_TEXT_MAX]);
/* The CSV of --write. */
int fit_write_paths(const struct fit_request *request, const struct fit_data *data,
                    const struct fit_paths *paths, struct err *err);

#endif /* COORDINATOR_FIT_H */
