#include "market/number.h"

#include "core/text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { LONGEST = 48 };

/* How many digits from here on? */
static size_t n_digits(const char *text, size_t n_chars)
{
    size_t n = 0;

    while (n < n_chars && isdigit((unsigned char)text[n]))
        n++;
    return n;
}

/* Take the marks out of 1,234,567 and put a point for the decimal mark.  False where
 * the groups are not of three digits. */
static bool regroup(const char *text, size_t n_chars, char thousands, char decimal,
                    char out[LONGEST])
{
    size_t i = n_chars > 0 && (text[0] == '-' || text[0] == '+'), n = 0, group;

    if (n_chars >= LONGEST)
        return false;
    memcpy(out, text, i);
    n = i;
    for (bool first = true;; first = false) {
        group = n_digits(text + i, n_chars - i);
        const bool more = i + group < n_chars && text[i + group] == thousands;

        if (!first && group != 3)
            return false;
        if (first && more && (group == 0 || group > 3))
            return false;
        memcpy(out + n, text + i, group);
        n += group;
        i += group + more;
        if (!more)
            break;
    }
    if (i < n_chars && text[i] == decimal) {
        out[n++] = '.';
        i++;
    }
    memcpy(out + n, text + i, n_chars - i);
    out[n + n_chars - i] = '\0';
    return true;
}

static int shown(size_t n_chars)
{
    return n_chars < 40 ? (int)n_chars : 40;
}

static int from_marked(const char *text, size_t n_chars, enum number_style style,
                       double *value, struct err *err)
{
    const bool comma = style == NUMBER_COMMA;
    char plain[LONGEST];

    if (!regroup(text, n_chars, comma ? '.' : ',', comma ? ',' : '.', plain) ||
        strchr(plain, ',') != NULL)
        return err_set(err, ERR_INPUT, "'%.*s' is not a number with a decimal %s",
                       shown(n_chars), text, comma ? "comma" : "point");
    return text_to_real(plain, strlen(plain), value, err);
}

int number_from_text(const char *text, size_t n_chars, enum number_style style,
                     double *value, struct err *err)
{
    const char *comma = memchr(text, ',', n_chars);
    const char *point = memchr(text, '.', n_chars);

    if (style == NUMBER_COMMA || (style == NUMBER_POINT && comma != NULL))
        return from_marked(text, n_chars, style, value, err);
    if (comma == NULL)
        return text_to_real(text, n_chars, value, err);
    if (point != NULL && comma < point)
        return from_marked(text, n_chars, NUMBER_POINT, value, err);
    return err_set(err, ERR_INPUT,
                   "'%.*s' has a comma: say what it is with --decimal point or comma",
                   shown(n_chars), text);
}

int number_from_amount(const char *text, size_t n_chars, enum number_style style,
                       double *value, struct err *err)
{
    static const char letters[] = "KMBT";
    const char *letter =
        n_chars > 1 && text[n_chars - 1] != '\0'
            ? strchr(letters, toupper((unsigned char)text[n_chars - 1]))
            : NULL;

    if (number_from_text(text, n_chars - (letter != NULL), style, value, err) != 0)
        return -1;
    for (const char *l = letters; letter != NULL && l <= letter; l++)
        *value *= 1000.0;
    return 0;
}

_Bool number_is_absent(const char *text, size_t n_chars)
{
    static const char *const words[] = {"", "null", "none", "nan", "na", "n/a", "-"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (n_chars == strlen(words[i]) && strncasecmp(text, words[i], n_chars) == 0)
            return true;
    return false;
}
