#include "market/stamp.h"

#include "core/clock.h"
#include "core/text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* 1990-01-01 and 2100-01-01, seconds since 1970. */
static const int64_t first_s = INT64_C(631152000), end_s = INT64_C(4102444800);

static const struct {
    unsigned unit;
    int64_t ns;
    const char *word;
} scale[] = {
    {STAMP_S, CLOCK_SECOND, "s"},
    {STAMP_MS, CLOCK_SECOND / 1000, "ms"},
    {STAMP_US, CLOCK_SECOND / 1000000, "us"},
    {STAMP_NS, 1, "ns"},
    {STAMP_TEXT, 0, "text"},
};

enum { N_SCALES = sizeof scale / sizeof *scale };

char *stamp_words(unsigned units, char out[STAMP_WORDS_MAX])
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < N_SCALES; i++)
        if (units & scale[i].unit)
            n += (size_t)snprintf(out + n, STAMP_WORDS_MAX - n, "%s%s", n ? ", " : "",
                                  scale[i].word);
    return out;
}

/* The scale whose plausible range holds the count; N_SCALES if none does. */
static size_t scale_of(int64_t count)
{
    for (size_t i = 0; i < N_SCALES && scale[i].ns > 0; i++) {
        const int64_t per_second = CLOCK_SECOND / scale[i].ns;

        if (count >= first_s * per_second && count < end_s * per_second)
            return i;
    }
    return N_SCALES;
}

int stamp_from_integer(int64_t count, struct stamp_rule rule, int64_t *moment_ns,
                       unsigned *unit, struct err *err)
{
    char words[STAMP_WORDS_MAX];
    const size_t i = scale_of(count);

    if (i == N_SCALES)
        return err_set(err, ERR_INPUT, "time %lld is not between 1990 and 2099",
                       (long long)count);
    if (!(rule.units & scale[i].unit))
        return err_set(err, ERR_INPUT, "time %lld is in %s, but this format has %s",
                       (long long)count, scale[i].word, stamp_words(rule.units, words));
    *moment_ns = count * scale[i].ns;
    *unit = scale[i].unit;
    return 0;
}

/* "1502942400.0": a whole count and a fraction of its unit. */
static int from_decimal(const char *text, size_t n_chars, size_t n_whole,
                        struct stamp_rule rule, int64_t *moment_ns, unsigned *unit,
                        struct err *err)
{
    int64_t count, part;

    if (text_to_integer(text, n_whole, 0, INT64_MAX, &count, err) != 0 ||
        stamp_from_integer(count, rule, moment_ns, unit, err) != 0)
        return -1;
    part = scale[scale_of(count)].ns;
    for (size_t i = n_whole + 1; i < n_chars; i++) {
        if (!isdigit((unsigned char)text[i]))
            return err_set(err, ERR_INPUT, "time '%.*s' is not a number",
                           (int)(n_chars < 40 ? n_chars : 40), text);
        part /= 10;
        *moment_ns += (text[i] - '0') * part;
    }
    return 0;
}

/* "2019-10-17 09-AM": the hour of a 12-hour clock. */
static bool from_half_day(const char *text, size_t n_chars, int64_t *local_ns)
{
    int64_t hour;

    if (n_chars != 16 || text[10] != ' ' || text[13] != '-' || text[15] != 'M' ||
        (text[14] != 'A' && text[14] != 'P') ||
        text_to_integer(text + 11, 2, 1, 12, &hour, NULL) != 0 ||
        clock_parse_moment(text, 10, local_ns, NULL) != 0)
        return false;
    *local_ns += (hour % 12 + (text[14] == 'P' ? 12 : 0)) * CLOCK_HOUR;
    return true;
}

static int64_t last_sunday(int64_t year, int month)
{
    const int64_t last = clock_days_from_civil(year, month, 31);

    return last - (last + 4) % 7; /* 1970-01-01 was a Thursday: day 0 is 4 */
}

/* British summer time runs from 01:00 UTC to 01:00 UTC on the last Sundays of March
 * and October (Summer Time Order 2002; the same dates since 1996). */
static bool is_british_summer(int64_t moment_ns)
{
    const int64_t day = moment_ns / CLOCK_DAY;
    int64_t year = 1970 + day / 366;

    while (clock_days_from_civil(year + 1, 1, 1) <= day)
        year++;
    return moment_ns >= last_sunday(year, 3) * CLOCK_DAY + CLOCK_HOUR &&
           moment_ns < last_sunday(year, 10) * CLOCK_DAY + CLOCK_HOUR;
}

static int from_london(int64_t local_ns, int64_t *moment_ns, struct err *err)
{
    char text[CLOCK_TEXT_MAX];

    if (is_british_summer(local_ns - CLOCK_HOUR))
        *moment_ns = local_ns - CLOCK_HOUR;
    else if (!is_british_summer(local_ns))
        *moment_ns = local_ns;
    else
        return err_set(err, ERR_INPUT, "London's clocks skipped the local time %s",
                       clock_moment_text(local_ns, text));
    return 0;
}

/* "2021.01.01 00:00" as MetaTrader writes it, on the clock of Moscow and Nicosia. */
static int from_metatrader(const char *text, size_t n_chars, int64_t *moment_ns,
                           struct err *err)
{
    char iso[DATE_TEXT_MAX];

    if (n_chars < 16 || n_chars >= sizeof iso || text[4] != '.' || text[7] != '.')
        return err_set(err, ERR_INPUT, "'%.*s' is not a time such as 2021.01.01 00:00",
                       (int)(n_chars < 40 ? n_chars : 40), text);
    memcpy(iso, text, n_chars);
    iso[4] = iso[7] = '-';
    if (clock_parse_moment(iso, n_chars, moment_ns, err) != 0)
        return -1;
    *moment_ns -= 3 * CLOCK_HOUR;
    return 0;
}

/* ISO 8601, or another form that can be written as it. */
static int from_date(const char *text, size_t n_chars, enum date_order order,
                     int64_t *moment_ns, struct err *err)
{
    char iso[DATE_TEXT_MAX];

    if (clock_parse_moment(text, n_chars, moment_ns, err) == 0)
        return 0;
    return date_to_iso(text, n_chars, order, iso, err) != 0
               ? -1
               : clock_parse_moment(iso, strlen(iso), moment_ns, err);
}

static int from_words(const char *text, size_t n_chars, struct stamp_rule rule,
                      int64_t *moment_ns, struct err *err)
{
    int64_t moment;

    if (n_chars > 4 && memcmp(text + n_chars - 4, " UTC", 4) == 0)
        n_chars -= 4;
    if (rule.zone == STAMP_METATRADER) {
        if (from_metatrader(text, n_chars, &moment, err) != 0)
            return -1;
    } else if (!from_half_day(text, n_chars, &moment) &&
               from_date(text, n_chars, rule.order, &moment, err) != 0) {
        return -1;
    }
    if (rule.zone == STAMP_LONDON && from_london(moment, &moment, err) != 0)
        return -1;
    if (moment < first_s * CLOCK_SECOND || moment >= end_s * CLOCK_SECOND)
        return err_set(err, ERR_INPUT, "time %.*s is not between 1990 and 2099",
                       (int)(n_chars < 40 ? n_chars : 40), text);
    *moment_ns = moment;
    return 0;
}

int stamp_from_text(const char *text, size_t n_chars, struct stamp_rule rule,
                    int64_t *moment_ns, unsigned *unit, struct err *err)
{
    size_t n_whole = 0;
    int64_t count;

    while (n_whole < n_chars && isdigit((unsigned char)text[n_whole]))
        n_whole++;
    if (n_whole == n_chars && n_chars > 0 && !(n_chars == 8 && rule.units & STAMP_TEXT))
        return text_to_integer(text, n_chars, 0, INT64_MAX, &count, err) != 0
                   ? -1
                   : stamp_from_integer(count, rule, moment_ns, unit, err);
    if (n_whole > 4 && text[n_whole] == '.') /* fewer are a day or a year */
        return from_decimal(text, n_chars, n_whole, rule, moment_ns, unit, err);
    if (!(rule.units & STAMP_TEXT))
        return err_set(err, ERR_INPUT, "time '%.*s' is not a count since 1970",
                       (int)(n_chars < 40 ? n_chars : 40), text);
    *unit = STAMP_TEXT;
    return from_words(text, n_chars, rule, moment_ns, err);
}
