#include "core/clock.h"
#include "core/text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { FIRST_YEAR = 1970, LAST_YEAR = 2261 };

/* H. Hinnant, "chrono-compatible low-level date algorithms" (2013): a year that starts
 * in March has its leap day last, and 400 years have 146,097 days. */
int64_t clock_days_from_civil(int64_t year, int month, int day)
{
    const int64_t y = year - (month <= 2);
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t year_of_era = y - era * 400;
    const int64_t day_of_year =
        (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static int days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/* A text that is eaten from the left. */
struct cursor {
    const char *text;
    size_t n_left;
};

static bool eat(struct cursor *cursor, const char *any_of)
{
    if (cursor->n_left == 0 || strchr(any_of, *cursor->text) == NULL ||
        *cursor->text == '\0')
        return false;
    cursor->text++;
    cursor->n_left--;
    return true;
}

/* Exactly n_digits digits in [min, max]. */
static bool eat_number(struct cursor *cursor, int n_digits, int min, int max,
                       int *value)
{
    int sum = 0;

    if (cursor->n_left < (size_t)n_digits)
        return false;
    for (int i = 0; i < n_digits; i++) {
        if (!isdigit((unsigned char)cursor->text[i]))
            return false;
        sum = 10 * sum + cursor->text[i] - '0';
    }
    cursor->text += n_digits;
    cursor->n_left -= (size_t)n_digits;
    *value = sum;
    return sum >= min && sum <= max;
}

static bool eat_date(struct cursor *cursor, int64_t *days)
{
    int year, month, day;

    if (!eat_number(cursor, 4, FIRST_YEAR, LAST_YEAR, &year) || !eat(cursor, "-") ||
        !eat_number(cursor, 2, 1, 12, &month) || !eat(cursor, "-") ||
        !eat_number(cursor, 2, 1, days_in_month(year, month), &day))
        return false;
    *days = clock_days_from_civil(year, month, day);
    return true;
}

/* ".250" after the seconds, up to nine digits. */
static bool eat_fraction(struct cursor *cursor, int64_t *ns)
{
    int64_t unit = CLOCK_SECOND / 10;
    int digit;

    if (!eat(cursor, ".,"))
        return true;
    if (!eat_number(cursor, 1, 0, 9, &digit))
        return false;
    *ns += digit * unit;
    while (unit > 1 && eat_number(cursor, 1, 0, 9, &digit)) {
        unit /= 10;
        *ns += digit * unit;
    }
    return true;
}

static bool eat_time_of_day(struct cursor *cursor, int64_t *ns)
{
    int hour, minute, second;

    if (!eat_number(cursor, 2, 0, 23, &hour) || !eat(cursor, ":") ||
        !eat_number(cursor, 2, 0, 59, &minute))
        return false;
    *ns = hour * CLOCK_HOUR + minute * CLOCK_MINUTE;
    if (!eat(cursor, ":"))
        return true;
    if (!eat_number(cursor, 2, 0, 59, &second))
        return false;
    *ns += second * CLOCK_SECOND;
    return eat_fraction(cursor, ns);
}

/* "Z", "+01:00", "-0330" or nothing: what is to be subtracted for UTC. */
static bool eat_zone(struct cursor *cursor, int64_t *ns)
{
    int hour, minute = 0;

    eat(cursor, " ");
    if (eat(cursor, "Zz"))
        return true;
    const bool east = cursor->n_left > 0 && *cursor->text == '+';
    if (!eat(cursor, "+-"))
        return true;
    if (!eat_number(cursor, 2, 0, 14, &hour))
        return false;
    eat(cursor, ":");
    if (cursor->n_left > 0 && !eat_number(cursor, 2, 0, 59, &minute))
        return false;
    *ns = (hour * CLOCK_HOUR + minute * CLOCK_MINUTE) * (east ? 1 : -1);
    return true;
}

int clock_parse_moment(const char *text, size_t n_chars, int64_t *moment_ns,
                       struct err *err)
{
    struct cursor cursor = {text, n_chars};
    int64_t days, time_of_day = 0, zone = 0;
    bool good = eat_date(&cursor, &days);

    if (good && eat(&cursor, "Tt "))
        good = eat_time_of_day(&cursor, &time_of_day) && eat_zone(&cursor, &zone);
    if (!good || cursor.n_left != 0 || days * CLOCK_DAY + time_of_day - zone < 0)
        return err_set(
            err, ERR_INPUT, "'%.*s' is not a moment such as 2024-03-01T08:30:00Z",
            (int)(n_chars < CLOCK_TEXT_MAX ? n_chars : CLOCK_TEXT_MAX), text);
    *moment_ns = days * CLOCK_DAY + time_of_day - zone;
    return 0;
}

char *clock_moment_text(int64_t moment_ns, char out[CLOCK_TEXT_MAX])
{
    const time_t seconds = (time_t)(moment_ns / CLOCK_SECOND);
    const long fraction = (long)(moment_ns % CLOCK_SECOND);
    struct tm tm;

    gmtime_r(&seconds, &tm);
    size_t n = strftime(out, CLOCK_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
    if (fraction != 0) {
        n += (size_t)snprintf(out + n, CLOCK_TEXT_MAX - n, ".%09ld", fraction);
        while (out[n - 1] == '0')
            n--;
    }
    out[n] = 'Z';
    out[n + 1] = '\0';
    return out;
}

static const struct {
    char letter;
    int64_t ns;
} unit[] = {{'w', 7 * CLOCK_DAY},
            {'d', CLOCK_DAY},
            {'h', CLOCK_HOUR},
            {'m', CLOCK_MINUTE},
            {'s', CLOCK_SECOND}};

enum { N_UNITS = sizeof unit / sizeof *unit };

int clock_parse_duration(const char *text, size_t n_chars, int64_t *duration_ns,
                         struct err *err)
{
    enum { LARGEST_COUNT = 10000 };
    int64_t count;

    for (size_t i = 0; n_chars > 1 && i < N_UNITS; i++) {
        if (text[n_chars - 1] != unit[i].letter)
            continue;
        if (text_to_integer(text, n_chars - 1, 1, LARGEST_COUNT, &count, NULL) != 0)
            break;
        *duration_ns = count * unit[i].ns;
        return 0;
    }
    return err_set(err, ERR_INPUT,
                   "'%.*s' is not a duration such as 15m, 1h or 1d (up to 10000)",
                   (int)(n_chars < CLOCK_TEXT_MAX ? n_chars : CLOCK_TEXT_MAX), text);
}

char *clock_duration_text(int64_t duration_ns, char out[CLOCK_TEXT_MAX])
{
    for (size_t i = 0; i < N_UNITS; i++) {
        if (duration_ns % unit[i].ns != 0)
            continue;
        snprintf(out, CLOCK_TEXT_MAX, "%lld%c", (long long)(duration_ns / unit[i].ns),
                 unit[i].letter);
        return out;
    }
    snprintf(out, CLOCK_TEXT_MAX, "%lldns", (long long)duration_ns);
    return out;
}

static int64_t now_of(clockid_t which)
{
    struct timespec now;

    clock_gettime(which, &now);
    return (int64_t)now.tv_sec * CLOCK_SECOND + now.tv_nsec;
}

int64_t clock_now(void)
{
    return now_of(CLOCK_REALTIME);
}

int64_t clock_monotonic(void)
{
    return now_of(CLOCK_MONOTONIC);
}
