/* date.h -- which day does a vendor's text mean, where it is not ISO 8601?
 *
 * 20230103, 2023/01/03, 03.01.2023, Jan 3, 2023 and 3-Jan-2023 can mean one day only.
 * 03/01/2023 is the third of January or the first of March: never guessed. */
#ifndef MARKET_DATE_H
#define MARKET_DATE_H

#include "core/err.h"

#include <stddef.h>

enum date_order {
    DATE_ORDER_UNKNOWN,
    DATE_DAY_FIRST,   /* --dates dmy */
    DATE_MONTH_FIRST, /* --dates mdy */
};

enum { DATE_TEXT_MAX = 48 };

/* Write the text as ISO 8601 writes it, "2023-01-03 09:00:00": the date rearranged, a
 * 12-hour clock turned into one of 24 hours, the rest as it stands.  What is in no form
 * known here is copied, so that the parser of ISO 8601 has the last word.  ERR_INPUT
 * where the order of day and month is needed and unknown. */
int date_to_iso(const char *text, size_t n_chars, enum date_order order,
                char out[DATE_TEXT_MAX], struct err *err);

#endif /* MARKET_DATE_H */
