#include "market/date.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct day {
    int year, month, day;
    size_t n_chars; /* of the text that said so */
};

/* The number at *at, of one digit to max_digits; moves *at behind it.  -1: none. */
static int eat_number(const char *text, size_t *at, int max_digits)
{
    int value = 0, n = 0;

    while (n < max_digits && isdigit((unsigned char)text[*at])) {
        value = 10 * value + text[(*at)++] - '0';
        n++;
    }
    return n == 0 || isdigit((unsigned char)text[*at]) ? -1 : value;
}

static int month_of(const char *text)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

    for (int m = 0; m < 12; m++)
        if (strncasecmp(text, names + 3 * m, 3) == 0)
            return m + 1;
    return -1;
}

/* Over a month's name, three letters or all of it. */
static int eat_month(const char *text, size_t *at)
{
    const int month = month_of(text + *at);

    while (month > 0 && isalpha((unsigned char)text[*at]))
        (*at)++;
    return month;
}

static void eat_any(const char *text, size_t *at, const char *any_of)
{
    while (text[*at] != '\0' && strchr(any_of, text[*at]) != NULL)
        (*at)++;
}

/* "20230103", perhaps with the time of day in the same digits. */
static bool from_digits(const char *text, struct day *day)
{
    if (strspn(text, "0123456789") != 8)
        return false;
    return sscanf(text, "%4d%2d%2d", &day->year, &day->month, &day->day) == 3 &&
           (day->n_chars = 8) != 0;
}

/* "2023/01/03" */
static bool from_year_first(const char *text, struct day *day)
{
    size_t at = 0;

    day->year = eat_number(text, &at, 4);
    if (at != 4 || text[at++] != '/')
        return false;
    day->month = eat_number(text, &at, 2);
    if (text[at++] != '/')
        return false;
    day->day = eat_number(text, &at, 2);
    day->n_chars = at;
    return day->month > 0 && day->day > 0;
}

/* "03.01.2023" is day first by custom; "03/01/2023" is either. */
static bool from_year_last(const char *text, enum date_order order, struct day *day,
                           bool *is_either)
{
    size_t at = 0;
    const int first = eat_number(text, &at, 2);
    const char mark = text[at];

    if (first < 0 || (mark != '.' && mark != '/'))
        return false;
    at++;
    const int second = eat_number(text, &at, 2);
    if (second < 0 || text[at++] != mark)
        return false;
    const size_t year_at = at;
    const bool month_first = mark == '/' && order == DATE_MONTH_FIRST;

    *day = (struct day){.year = eat_number(text, &at, 4),
                        .month = month_first ? first : second,
                        .day = month_first ? second : first,
                        .n_chars = at};
    *is_either = mark == '/' && order == DATE_ORDER_UNKNOWN;
    return at == year_at + 4;
}

/* "Jan 3, 2023", "3 January 2023", "3-Jan-2023" */
static bool from_month_name(const char *text, struct day *day)
{
    size_t at = 0;

    day->month = eat_month(text, &at);
    eat_any(text, &at, " ");
    day->day = eat_number(text, &at, 2);
    eat_any(text, &at, ", -");
    if (day->month < 0)
        day->month = eat_month(text, &at);
    eat_any(text, &at, ", -");
    const size_t year_at = at;

    day->year = eat_number(text, &at, 4);
    day->n_chars = at;
    return day->month > 0 && day->day > 0 && at == year_at + 4;
}

/* "9:05:00 PM" or "9:05 PM" */
static bool from_half_day(const char *text, int *hour, int *minute, int *second)
{
    char half[3] = "";
    int n = 0;

    *second = 0;
    if (sscanf(text, "%2d:%2d:%2d %2[AaPpMm]%n", hour, minute, second, half, &n) != 4 &&
        (*second = 0, sscanf(text, "%2d:%2d %2[AaPpMm]%n", hour, minute, half, &n)) !=
            3)
        return false;
    if (text[n] != '\0' || toupper((unsigned char)half[1]) != 'M' || *hour < 1 ||
        *hour > 12 || strchr("AaPp", half[0]) == NULL)
        return false;
    *hour = *hour % 12 + (toupper((unsigned char)half[0]) == 'P' ? 12 : 0);
    return true;
}

/* What stands behind the date, as ISO 8601 writes it: " 9:05 PM", "T220000" of a column
 * of its own; any other as it stands. */
static void put_rest(const char *rest, char *out, size_t room)
{
    const bool from_column = *rest == 'T';
    int hour, minute, second;

    rest += *rest == ',';
    if ((*rest == ' ' || from_column) &&
        from_half_day(rest + 1, &hour, &minute, &second))
        snprintf(out, room, " %02d:%02d:%02d", hour, minute, second);
    else if (from_column && strspn(rest + 1, "0123456789") == 6 && rest[7] == '\0')
        snprintf(out, room, " %.2s:%.2s:%.2s", rest + 1, rest + 3, rest + 5);
    else if (*rest == ' ' && isdigit((unsigned char)rest[1]) && rest[2] == ':')
        snprintf(out, room, " 0%s", rest + 1);
    else
        snprintf(out, room, "%s", rest);
}

int date_to_iso(const char *text, size_t n_chars, enum date_order order,
                char out[DATE_TEXT_MAX], struct err *err)
{
    char copy[DATE_TEXT_MAX];
    struct day day = {0};
    bool is_either = false;

    snprintf(copy, sizeof copy, "%.*s", (int)n_chars, text);
    snprintf(out, DATE_TEXT_MAX, "%s", copy);
    if (!from_digits(copy, &day) && !from_year_first(copy, &day) &&
        !from_year_last(copy, order, &day, &is_either) && !from_month_name(copy, &day))
        return 0;
    if (is_either)
        return err_set(err, ERR_INPUT,
                       "'%s' may begin with the day or the month: say which with "
                       "--dates dmy or mdy",
                       copy);
    const int n =
        snprintf(out, DATE_TEXT_MAX, "%04d-%02d-%02d", day.year, day.month, day.day);

    put_rest(copy + day.n_chars, out + n, DATE_TEXT_MAX - (size_t)n);
    return 0;
}
