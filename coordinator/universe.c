#include "coordinator/universe.h"
#include "coordinator/job_bars.h"
#include "core/clock.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>

static bool is_pattern(const char *text)
{
    return strcmp(text, "all") == 0 || strpbrk(text, "*?[") != NULL;
}

/* A name without wildcards promises that instrument. */
static int check_named(const struct job *job, const struct history *history,
                       const char *interval, struct err *err)
{
    const struct conf_texts *named = &job->keys.instruments;

    for (size_t i = 0; i < named->n; i++)
        if (!is_pattern(named->text[i]) &&
            history_find(history, named->text[i], interval) == NULL)
            return conf_complain(job->conf, "instruments", err,
                                 "the history has no %s bars of %s", interval,
                                 named->text[i]);
    return 0;
}

/* Somebody must have a bar between `from` and `to`; who has none fails by itself. */
static int check_span(const struct job *job, const struct universe *universe,
                      struct err *err)
{
    char first_text[CLOCK_TEXT_MAX], last_text[CLOCK_TEXT_MAX];
    int64_t first = INT64_MAX, last = 0;

    for (size_t i = 0; i < universe->n; i++) {
        const struct history_entry *entry = universe->entry[i];

        if (entry->first_ns < job->keys.to_ns && entry->last_ns >= job->keys.from_ns)
            return 0;
        first = entry->first_ns < first ? entry->first_ns : first;
        last = entry->last_ns > last ? entry->last_ns : last;
    }
    return conf_complain(
        job->conf, job->keys.from_ns > last ? "from" : "to", err,
        "no bar stands between `from` and `to`; the history's run from "
        "%s to %s",
        clock_moment_text(first, first_text), clock_moment_text(last, last_text));
}

/* What is wrong where no instrument is left: the patterns, or the interval. */
static int complain_empty(const struct job *job, const struct history *history,
                          const char *interval, struct err *err)
{
    const size_t n_all = history_count(history);
    const struct history_entry *other = NULL;
    size_t n = 0;

    for (size_t i = 0; i < n_all; i++)
        if (history_entry(history, i)->interval_ns == job->keys.interval_ns) {
            other = history_entry(history, i);
            n++;
        }
    if (other == NULL)
        return conf_complain(job->conf, "interval", err,
                             "the history has no %s bars of any instrument asked for",
                             interval);
    return conf_complain(job->conf, "instruments", err,
                         "takes none of the %zu instruments with %s bars, such as %s",
                         n, interval, other->instrument);
}

static void digest_series(struct sha256 *sha, const struct history_entry *entry)
{
    sha256_add(sha, entry->instrument, strlen(entry->instrument) + 1);
    sha256_add(sha, entry->interval, strlen(entry->interval) + 1);
    sha256_add(sha, entry->sha256, strlen(entry->sha256) + 1);
}

/* Of all that the job sees, shorter bars too. */
static void digest(const struct job *job, const struct history *history,
                   struct universe *universe)
{
    struct sha256 sha;

    sha256_start(&sha);
    for (size_t i = 0; i < universe->n; i++) {
        const struct history_entry *finer =
            job_bars_finer(job, history, universe->entry[i]);

        digest_series(&sha, universe->entry[i]);
        if (finer != NULL)
            digest_series(&sha, finer);
    }
    sha256_text(&sha, universe->sha256);
}

int universe_new(const struct job *job, const struct history *history,
                 struct universe *universe, struct err *err)
{
    const size_t n_all = history_count(history);
    char interval[CLOCK_TEXT_MAX];

    clock_duration_text(job->keys.interval_ns, interval);
    if (check_named(job, history, interval, err) != 0)
        return -1;
    *universe = (struct universe){.entry = calloc(n_all + 1, sizeof *universe->entry)};
    if (universe->entry == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments", n_all);
    for (size_t i = 0; i < n_all; i++) {
        const struct history_entry *entry = history_entry(history, i);

        if (entry->interval_ns == job->keys.interval_ns &&
            job_takes(job, entry->instrument))
            universe->entry[universe->n++] = entry;
    }
    if (universe->n == 0) {
        universe_free(universe);
        return complain_empty(job, history, interval, err);
    }
    if (check_span(job, universe, err) != 0 ||
        groups_new(job, universe->n, universe->entry, &universe->groups, err) != 0) {
        universe_free(universe);
        return -1;
    }
    digest(job, history, universe);
    return 0;
}

int universe_read_incumbents(const struct job *job, struct universe *universe,
                             struct err *err)
{
    return universe_read_incumbents_at(job->keys.incumbent, job, universe, err);
}

int universe_read_incumbents_at(const char *path, const struct job *job,
                                struct universe *universe, struct err *err)
{
    if (path == NULL)
        return 0;
    const char **name = calloc(universe->n, sizeof *name);
    if (name == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu names", universe->n);
    for (size_t i = 0; i < universe->n; i++)
        name[i] = universe->entry[i]->instrument;
    const int status = incumbents_read(path, &job->plan.grid, universe->n, name,
                                       &universe->incumbents, err);
    free(name);
    return status;
}

const struct incumbent *universe_incumbent(const struct universe *universe, size_t i)
{
    return universe->incumbents.n > 0 ? &universe->incumbents.of[i] : NULL;
}

uint64_t universe_most_bars(const struct universe *universe)
{
    uint64_t most = 0;

    for (size_t i = 0; i < universe->n; i++)
        if (universe->entry[i]->n_bars > most)
            most = universe->entry[i]->n_bars;
    return most;
}

void universe_free(struct universe *universe)
{
    incumbents_free(&universe->incumbents);
    groups_free(&universe->groups);
    free(universe->entry);
    *universe = (struct universe){0};
}
