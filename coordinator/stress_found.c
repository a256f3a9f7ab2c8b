#include "coordinator/stress_found.h"
#include "core/clock.h"
#include "core/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the days ---- */

struct days {
    size_t n;
    struct stress_day *day; /* room for all that instruments may name */
};

static struct stress_day *day_of(struct days *days, int64_t at_ns)
{
    const int64_t day = at_ns / CLOCK_DAY - (at_ns % CLOCK_DAY < 0);

    for (size_t i = 0; i < days->n; i++)
        if (days->day[i].day == day)
            return &days->day[i];
    days->day[days->n] = (struct stress_day){.day = day};
    return &days->day[days->n++];
}

static void add_shortfalls(const struct outcome *outcome, struct days *days)
{
    const struct stress_shortfall *shortfall = outcome->verdict[0].stress.shortfall;

    for (size_t i = 0; i < STRESS_SHORTFALLS && shortfall[i].beyond > 0.0; i++) {
        struct stress_day *day = day_of(days, shortfall[i].at_ns);

        day->n_short++;
        day->beyond += shortfall[i].beyond;
        if (shortfall[i].beyond > day->most_beyond) {
            day->most = outcome->entry->instrument;
            day->most_beyond = shortfall[i].beyond;
        }
    }
}

static void add_worst(const struct stress_rules *rules, const struct outcome *outcome,
                      struct days *days)
{
    for (size_t i = 0; i < rules->n_found; i++) {
        const int64_t at_ns = outcome->verdict[0].stress.at_ns[rules->n_windows + i];

        if (at_ns != STRESS_NOWHERE)
            day_of(days, at_ns)->n_worst++;
    }
}

static bool is_known(const struct stress_rules *rules, int64_t day)
{
    const int64_t from_ns = day * CLOCK_DAY, to_ns = from_ns + CLOCK_DAY;

    for (size_t w = 0; w < rules->n_windows; w++)
        if (rules->window[w].from_ns < to_ns && from_ns < rules->window[w].to_ns)
            return true;
    return false;
}

static int compare(const void *a, const void *b)
{
    const struct stress_day *x = a, *y = b;

    if (x->n_short != y->n_short)
        return x->n_short > y->n_short ? -1 : 1;
    if (x->n_worst != y->n_worst)
        return x->n_worst > y->n_worst ? -1 : 1;
    if (x->beyond != y->beyond)
        return x->beyond > y->beyond ? -1 : 1;
    return (x->day > y->day) - (x->day < y->day);
}

int stress_find_days(const struct plan *plan, size_t n, const struct outcome outcome[],
                     struct stress_day day[STRESS_DAYS_MAX], size_t *n_days,
                     struct err *err)
{
    const struct stress_rules *rules = &plan->stress;
    const size_t a_piece = STRESS_SHORTFALLS + rules->n_found;
    struct days days = {.day = calloc(n * a_piece + 1, sizeof *days.day)};
    size_t n_judged = 0;

    if (days.day == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the days of %zu instruments", n);
    for (size_t i = 0; i < n; i++) {
        if (outcome[i].n_judged == 0)
            continue;
        n_judged++;
        add_shortfalls(&outcome[i], &days);
        add_worst(rules, &outcome[i], &days);
    }
    qsort(days.day, days.n, sizeof *days.day, compare);
    *n_days = 0;
    for (size_t i = 0; i < days.n && *n_days < STRESS_DAYS_MAX; i++) {
        const struct stress_day *found = &days.day[i];
        const bool is_common = found->n_worst > 1 && 2 * found->n_worst >= n_judged;

        if ((found->n_short > 0 || is_common) && !is_known(rules, found->day))
            day[(*n_days)++] = *found;
    }
    free(days.day);
    return 0;
}

/* ---- the file ---- */

static void date_of(int64_t day, char out[CLOCK_TEXT_MAX])
{
    clock_moment_text(day * CLOCK_DAY, out);
    out[sizeof "2022-05-11" - 1] = '\0';
}

/* A day on which margins fell short ends with the horizon of positions opened in it. */
static void write_day(FILE *out, const struct stress_day *day, int64_t n_more_days)
{
    char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX];

    date_of(day->day, from);
    date_of(day->day + 1 + n_more_days, to);
    if (day->n_short == 0)
        fprintf(out, "  found-%s: [%s/%s, \"largest losses of %zu instruments\"]\n",
                from, from, to, day->n_worst);
    else
        fprintf(out,
                "  short-%s: [%s/%s, \"beyond the margin of %zu instrument%s, most of "
                "%s: %.4g\"]\n",
                from, from, to, day->n_short, day->n_short == 1 ? "" : "s", day->most,
                day->most_beyond);
}

static void write_quoted(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void write_own(FILE *out, const struct conf_named *windows)
{
    for (size_t i = 0; i < windows->n; i++) {
        fprintf(out, "  %s: [", windows->name[i]);
        for (size_t j = 0; j < windows->texts[i].n; j++) {
            fputs(j > 0 ? ", " : "", out);
            write_quoted(out, windows->texts[i].text[j]);
        }
        fputs("]\n", out);
    }
}

static void write_all(FILE *out, const struct result *result, size_t n,
                      const struct stress_day day[])
{
    const struct job_keys *keys = &result->job->keys;

    fprintf(out,
            "# Days for stress.windows_file: those of the job %s, then what its run "
            "found.\n"
            "# Every job is tried on %zu windows besides (`plimsoll help stress`).\n",
            keys->name, stress_n_events());
    fputs(keys->stress_windows.n + n > 0 ? "windows:\n" : "windows: {}\n", out);
    write_own(out, &keys->stress_windows);
    for (size_t i = 0; i < n; i++)
        write_day(out, &day[i], keys->horizon_bars * keys->interval_ns / CLOCK_DAY);
}

int stress_found_write(const struct result *result, const char *directory,
                       struct err *err)
{
    struct stress_day day[STRESS_DAYS_MAX];
    char path[FILE_PATH_MAX], *bytes = NULL;
    size_t n, n_bytes;

    if (file_join(directory, STRESS_LIBRARY_NAME, path, err) != 0 ||
        stress_find_days(&result->job->plan, result->universe->n, result->outcome, day,
                         &n, err) != 0)
        return -1;
    FILE *out = open_memstream(&bytes, &n_bytes);
    if (out == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %s", path);
    write_all(out, result, n, day);
    int status = fclose(out) == 0 ? file_replace(path, bytes, n_bytes, err)
                                  : err_set(err, ERR_MEMORY, "no memory for %s", path);
    free(bytes);
    return status;
}
