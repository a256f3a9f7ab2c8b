/* columns.h -- which column is which, where the user says so?
 *
 *     time=Date,open=Open,high=Max,low=Min,close=Last,volume=Vol     by name
 *     time=1,open=2,close=3,high=4,low=5                             by place, from 1
 *
 * "end" instead of "time" says that the time is that of the end of the bar. */
#ifndef MARKET_COLUMNS_H
#define MARKET_COLUMNS_H

#include "market/format.h"

enum { COLUMNS_NAME_MAX = 64, COLUMNS_N_FORMATS = 3, COLUMNS_PLACES_MAX = 64 };

/* Formats that stand in for the table; points into itself: not to be copied. */
struct columns {
    char name[FORMAT_N_FIELDS][COLUMNS_NAME_MAX];
    char places[COLUMNS_PLACES_MAX + 1];
    size_t n_formats;
    struct format format[COLUMNS_N_FORMATS];
};

/* ERR_USAGE where a field is unknown or said twice, one of time, open, high, low and
 * close is missing, or names and places are mixed. */
int columns_parse(const char *text, struct columns *columns, struct err *err);

#endif /* MARKET_COLUMNS_H */
