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

size_t text_character(const char *text, size_t n_left)
{
    const unsigned char *bytes = (const unsigned char *)text;
    const unsigned char b = n_left > 0 ? bytes[0] : 0xff;
    const size_t n = b < 0x80 ? 1 : b < 0xc2 ? 0 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;

    if (n == 0 || n > n_left || b > 0xf4)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    if ((b == 0xe0 && bytes[1] < 0xa0) || (b == 0xed && bytes[1] > 0x9f) ||
        (b == 0xf0 && bytes[1] < 0x90) || (b == 0xf4 && bytes[1] > 0x8f))
        return 0;
    return n;
}

/* U+0000 to U+001F, U+007F, and U+0080 to U+009F, which some terminals obey too. */
static bool is_control(const char *text, size_t n)
{
    const unsigned char b = (unsigned char)text[0];

    return b < 0x20 || b == 0x7f || (n == 2 && b == 0xc2 && (text[1] & 0xe0) == 0x80);
}

size_t text_show(const char *text, char *out, size_t out_max)
{
    const size_t n_bytes = strlen(text);
    size_t n_out = 0;

    for (size_t i = 0, n; i < n_bytes; i += n) {
        const size_t whole = text_character(text + i, n_bytes - i);
        const bool as_it_is = whole > 0 && !is_control(text + i, whole);

        n = as_it_is ? whole : 1;
        if (n_out + (as_it_is ? n : 4) >= out_max)
            break;
        if (as_it_is)
            memcpy(out + n_out, text + i, n);
        else
            snprintf(out + n_out, 5, "\\x%02x", (unsigned char)text[i]);
        n_out += as_it_is ? n : 4;
    }
    out[n_out] = '\0';
    return n_out;
}
