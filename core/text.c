#include "core/text.h"

#include <ctype.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an error may quote of a text that came from outside. */
enum { QUOTE_MAX = 40 };

static int quoted(size_t n_chars)
{
    return n_chars < QUOTE_MAX ? (int)n_chars : QUOTE_MAX;
}

static size_t skip_digits(const char *text, size_t n_chars, size_t i)
{
    while (i < n_chars && isdigit((unsigned char)text[i]))
        i++;
    return i;
}

/* [+-] digits [. digits] [e [+-] digits], with a digit before or after the point. */
static bool is_decimal(const char *text, size_t n_chars)
{
    size_t i = 0;

    if (i < n_chars && (text[i] == '+' || text[i] == '-'))
        i++;
    const size_t whole = i;
    i = skip_digits(text, n_chars, i);
    size_t n_digits = i - whole;
    if (i < n_chars && text[i] == '.') {
        const size_t fraction = ++i;

        i = skip_digits(text, n_chars, i);
        n_digits += i - fraction;
    }
    if (n_digits == 0)
        return false;
    if (i < n_chars && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        if (i < n_chars && (text[i] == '+' || text[i] == '-'))
            i++;
        const size_t exponent = i;

        i = skip_digits(text, n_chars, i);
        if (i == exponent)
            return false;
    }
    return i == n_chars;
}

int text_to_real(const char *text, size_t n_chars, double *value, struct err *err)
{
    enum { LONGEST = 400 };
    char copy[LONGEST + 1];

    if (n_chars > LONGEST || !is_decimal(text, n_chars))
        return err_set(err, ERR_INPUT, "'%.*s' is not a number", quoted(n_chars), text);
    memcpy(copy, text, n_chars);
    copy[n_chars] = '\0';
    const double parsed = strtod(copy, NULL);
    if (!isfinite(parsed))
        return err_set(err, ERR_INPUT, "'%.*s' is too large for a number",
                       quoted(n_chars), text);
    *value = parsed;
    return 0;
}

int text_to_integer(const char *text, size_t n_chars, int64_t min, int64_t max,
                    int64_t *value, struct err *err)
{
    const bool negative = n_chars > 0 && text[0] == '-';
    size_t i = n_chars > 0 && (text[0] == '-' || text[0] == '+');
    int64_t sum = 0;

    if (i == n_chars || skip_digits(text, n_chars, i) != n_chars)
        return err_set(err, ERR_INPUT, "'%.*s' is not a whole number", quoted(n_chars),
                       text);
    for (; i < n_chars; i++) {
        const int digit = text[i] - '0';

        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, negative ? -digit : digit, &sum))
            return err_set(err, ERR_INPUT, "'%.*s' is too large for a whole number",
                           quoted(n_chars), text);
    }
    if (sum < min || sum > max)
        return err_set(err, ERR_INPUT, "%lld is not between %lld and %lld",
                       (long long)sum, (long long)min, (long long)max);
    *value = sum;
    return 0;
}

char *text_from_real(double value, char out[TEXT_REAL_MAX])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, TEXT_REAL_MAX, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return out;
}

bool text_matches(const char *pattern, const char *name)
{
    return strcmp(pattern, "all") == 0 || fnmatch(pattern, name, 0) == 0;
}
