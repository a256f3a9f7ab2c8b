/* backtest_options.h -- what is `plimsoll backtest` asked to do? */
#ifndef COORDINATOR_BACKTEST_OPTIONS_H
#define COORDINATOR_BACKTEST_OPTIONS_H

#include "coordinator/backtest.h"
#include "coordinator/forecast.h"

/* Columns of a table of losses and forecasts. */
enum backtest_column { LOSS, VAR, ES, MEAN, SCALE, BACKTEST_COLUMNS };

struct backtest_request {
    const char *column[BACKTEST_COLUMNS]; /* NULL: looked for by its usual name */
    struct fit_request data;
    struct forecast_spec forecast;
    struct backtest_plan plan;
    size_t warmup_bars; /* 0: not said                                      */
    int side;           /* of backtest_sides; -1: not said                  */
    bool path;          /* losses are the worst on the way                  */
    bool has_law;       /* said, not preset                                 */
    bool wants_model;   /* something is said that only a model's forecasts have */
    bool help;
};

int backtest_options_parse(int argc, char **argv, struct backtest_request *request,
                           struct err *err);
/* Of a table of losses and forecasts: ERR_USAGE where something is said that only a
 * model's forecasts have. */
int backtest_options_check_table(const struct backtest_request *request,
                                 struct err *err);
void backtest_options_help(void);

#endif /* COORDINATOR_BACKTEST_OPTIONS_H */
