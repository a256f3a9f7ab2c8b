/* number.h -- which number does a vendor's cell mean?
 *
 * Most write 16541.77; files made for spreadsheets write 16,541.77 or 16.541,77, and
 * volumes as 62.33K.  A comma that may part thousands or fractions is never guessed. */
#ifndef MARKET_NUMBER_H
#define MARKET_NUMBER_H

#include "core/err.h"

#include <stddef.h>

enum number_style {
    NUMBER_PLAIN, /* a point; commas only where they can be nothing but thousands */
    NUMBER_POINT, /* --decimal point: every comma parts thousands                 */
    NUMBER_COMMA, /* --decimal comma: every point parts thousands                 */
};

/* ERR_INPUT where the text is no number of that style; n_chars need not end in NUL. */
int number_from_text(const char *text, size_t n_chars, enum number_style style,
                     double *value, struct err *err);

/* The same where a letter may stand behind: K, M, B for thousands and so on. */
int number_from_amount(const char *text, size_t n_chars, enum number_style style,
                       double *value, struct err *err);

/* Does the cell say that there is no number: empty, null, None, NaN, NA, N/A, "-"? */
_Bool number_is_absent(const char *text, size_t n_chars);

#endif /* MARKET_NUMBER_H */
