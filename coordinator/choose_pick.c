#include "client/set.h"
#include "coordinator/choose.h"
#include "coordinator/evidence.h"
#include "coordinator/job_bars.h"
#include "coordinator/origin.h"
#include "coordinator/parameters.h"
#include "coordinator/verdicts.h"
#include "core/clock.h"
#include "core/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the entry ---- */

static int judge(const struct job *job, const struct bars *bars,
                 struct outcome *outcome, struct err *err)
{
    const struct study *study = job->plan.study;
    double value[AXES_MAX];
    void *work = NULL;

    outcome->point = calloc(1, sizeof *outcome->point);
    if (outcome->point == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a point");
    if (verdicts_new(&job->plan, 1, &outcome->verdict, err) != 0 ||
        study->prepare(&job->plan, bars, &work, err) != 0)
        return -1;
    grid_values(&job->plan.grid, 0, value);
    const int status = study->judge(work, value, &outcome->verdict[0], err);
    study->release(work);
    if (status != 0)
        return -1;
    outcome->n_judged = 1;
    outcome->found.n_points = 1;
    outcome_decide(&job->plan, outcome);
    return 0;
}

/* A point that the job would not have let through stays out. */
static int check_outcome(const struct choose_pick *pick, struct outcome *outcome,
                         struct err *err)
{
    static const char nearest[] = "at the nearest, "; /* there is only this one */
    const char *why = strstr(outcome->reason, nearest);

    if (outcome->status != STATUS_CALIBRATED)
        return err_set(err, ERR_REFUSED, "%s: %s: %s", pick->instrument, pick->point,
                       why != NULL ? why + strlen(nearest) : outcome->reason);
    snprintf(outcome->reason, sizeof outcome->reason,
             "chosen by the operator, in place of the search's choice");
    return 0;
}

/* What it shares with others stays as the set has it. */
static int take_shared(const struct choose_pick *pick, const struct plan *plan,
                       const struct plimsoll_instrument *in_set,
                       struct outcome *outcome, struct err *err)
{
    struct outcome_shared *of = &outcome->shared;

    for (size_t i = 0; in_set != NULL && i < in_set->n_shared; i++) {
        const struct plimsoll_shared *shared = &in_set->shared[i];
        const bool by_group = shared->group != NULL;

        of->group = by_group ? shared->group : of->group;
        of->weight = shared->weight;
        of->n[by_group ? AXIS_GROUP : AXIS_GLOBAL] = (size_t)shared->n_instruments;
        for (size_t a = 0; a < plan->grid.n_axes; a++) {
            const struct axis *axis = &plan->grid.axis[a];
            const double value =
                plimsoll_values_find(&in_set->parameters, shared->parameter)->value;

            if (strcmp(axis->rule->name, shared->parameter) == 0 &&
                axis->value[0] != value)
                return err_set(err, ERR_REFUSED,
                               "%s: %s: %s is shared by %s and stands at %g: one "
                               "instrument cannot leave it",
                               pick->instrument, pick->point, shared->parameter,
                               by_group ? shared->group : "all", value);
        }
    }
    return 0;
}

static int make_entry(const struct choose_pick *pick, const struct job *job,
                      const struct history *history, char **entry, struct err *err)
{
    struct outcome outcome = {0};
    struct bars bars = {0};
    struct plimsoll_set *set = NULL;
    char interval[CLOCK_TEXT_MAX];
    int status = -1;

    clock_duration_text(job->keys.interval_ns, interval);
    outcome.entry = history_find(history, pick->instrument, interval);
    if (outcome.entry == NULL)
        return err_set(err, ERR_USAGE, "the history has no %s bars of %s", interval,
                       pick->instrument);
    if (plimsoll_set_read(pick->set_path, &set, err) == 0 &&
        take_shared(pick, &job->plan, plimsoll_set_find(set, pick->instrument),
                    &outcome, err) == 0 &&
        job_bars_read(job, history, outcome.entry, &bars, err) == 0 &&
        judge(job, &bars, &outcome, err) == 0 &&
        check_outcome(pick, &outcome, err) == 0)
        status = parameters_make_entry(job, &outcome, entry, err);
    bars_free(&bars);
    outcome_free(&outcome);
    plimsoll_set_free(set);
    return status;
}

static int entry_from_origin(const struct choose_pick *pick, const struct h5 *file,
                             char **entry, struct err *err)
{
    struct history *history = NULL;
    struct origin origin;
    struct job job;
    int status = -1;

    if (origin_read(file, &origin, err) != 0)
        return -1;
    const char *path = pick->history != NULL ? pick->history : origin.history;
    if (origin_job_at(file, &origin, pick->instrument, pick->point, &job, err) == 0) {
        if (history_open(path, &history, err) == 0 &&
            origin_check_history(&origin, &job, history, path, err) == 0)
            status = make_entry(pick, &job, history, entry, err);
        history_close(history);
        job_free(&job);
    }
    origin_free(&origin);
    return status;
}

/* ---- the set ---- */

/* The set's entry of the instrument, from its brace to behind the closing one: the
 * writer's own lines (parameters.c), which plimsoll_set_parse then reads anew. */
static int find_entry(const char *set, const char *instrument, size_t *begin,
                      size_t *end)
{
    char line[128];

    snprintf(line, sizeof line, "\n    {\n      \"instrument\": \"%s\",\n", instrument);
    const char *first = strstr(set, line);
    if (first == NULL)
        return -1;
    const char *last = strstr(first + 1, "\n    }");
    if (last == NULL)
        return -1;
    *begin = (size_t)(first + 1 - set);
    *end = (size_t)(last - set) + strlen("\n    }");
    return 0;
}

/* Each line of the entry four columns in. */
static void write_entry(FILE *out, const char *entry)
{
    while (*entry != '\0') {
        const size_t n = strcspn(entry, "\n");

        fprintf(out, "    %.*s", (int)n, entry);
        entry += n + (entry[n] == '\n');
        if (*entry != '\0')
            fputc('\n', out);
    }
}

/* What all instruments came to together under stress, the last member of a set, is not
 * true any more. */
static void write_rest(FILE *out, const char *rest)
{
    const char *joint = strstr(rest, ",\n  \"stress\": {");

    if (joint == NULL)
        fputs(rest, out);
    else
        fprintf(out, "%.*s\n}\n", (int)(joint - rest), rest);
}

static int splice(const struct choose_pick *pick, const char *set, const char *entry,
                  char **bytes, size_t *n_bytes, struct err *err)
{
    size_t begin, end;

    if (find_entry(set, pick->instrument, &begin, &end) != 0)
        return err_set(err, ERR_INPUT, "%s: has no entry of %s that can be replaced",
                       pick->set_path, pick->instrument);
    FILE *out = open_memstream(bytes, n_bytes);
    if (out == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a set");
    fwrite(set, 1, begin, out);
    write_entry(out, entry);
    write_rest(out, set + end);
    if (fclose(out) != 0)
        return err_set(err, ERR_MEMORY, "no memory for a set");
    return 0;
}

/* The set must be the calibration's, and what comes out must be one that an engine
 * takes. */
static int check_set(const struct choose_pick *pick, const char *bytes, size_t n_bytes,
                     struct err *err)
{
    struct plimsoll_set *set;

    if (plimsoll_set_parse(bytes, n_bytes, &set, err) != 0)
        return err_add(err, "%s", pick->set_path);
    plimsoll_set_free(set);
    return 0;
}

static int check_job(const struct choose_pick *pick, const struct h5 *file,
                     const char *set, struct err *err)
{
    char *sha256, line[128];

    if (h5_get_text(file, "/", "job_sha256", &sha256, err) != 0)
        return -1;
    snprintf(line, sizeof line, "\"sha256\": \"%s\"", sha256);
    free(sha256);
    if (strstr(set, line) != NULL)
        return 0;
    return err_set(err, ERR_INPUT, "%s: is not of the job that made %s", pick->set_path,
                   pick->calibration);
}

static int replace(const struct choose_pick *pick, const struct h5 *file,
                   const char *set, size_t n_set, struct err *err)
{
    char *entry = NULL, *bytes = NULL;
    size_t n_bytes;
    int status = -1;

    if (check_set(pick, set, n_set, err) == 0 && check_job(pick, file, set, err) == 0 &&
        entry_from_origin(pick, file, &entry, err) == 0 &&
        splice(pick, set, entry, &bytes, &n_bytes, err) == 0 &&
        check_set(pick, bytes, n_bytes, err) == 0)
        status = file_replace(pick->output, bytes, n_bytes, err);
    free(entry);
    free(bytes);
    return status;
}

int choose_pick(const struct choose_pick *pick, struct err *err)
{
    struct h5 *file;
    char *set;
    size_t n_set;
    int status = -1;

    if (h5_open(pick->calibration, EVIDENCE_KIND, &file, err) != 0)
        return -1;
    if (file_read(pick->set_path, PLIMSOLL_SET_BYTES_MAX, &set, &n_set, err) == 0) {
        status = replace(pick, file, set, n_set, err);
        free(set);
    }
    h5_close(file);
    return status;
}
