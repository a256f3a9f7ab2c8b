#include "coordinator/night_view.h"
#include "core/clock.h"
#include "core/json.h"

#include <stdlib.h>

/* n slots, the last of which is last_ns. */
static int look_at(const struct night_book *book, int64_t last_ns, size_t n,
                   int64_t now_ns, struct night_view *view, struct err *err)
{
    struct night_view found = {.book = book, .now_ns = now_ns, .n = n};

    found.night = calloc(n, sizeof *found.night);
    if (found.night == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu nights", n);
    for (size_t i = 0; i < n; i++) {
        const int64_t back_ns = (int64_t)(n - 1 - i) * book->calendar.every_ns;

        found.night[i] = night_look(book, last_ns - back_ns, now_ns);
        found.n_unpublished += night_state_is_unpublished(found.night[i].state);
    }
    for (size_t i = 0; i < book->n; i++)
        if (book->night[i].state == NIGHT_PUBLISHED) {
            found.last_slot_ns = book->night[i].slot_ns;
            found.last_version = book->night[i].version;
        }
    *view = found;
    return 0;
}

int night_view_make(const struct night_book *book, size_t n_last, int64_t now_ns,
                    struct night_view *view, struct err *err)
{
    if (book->n == 0)
        return err_set(err, ERR_INPUT, "no night was begun yet");
    int64_t last_ns = night_slot_of(&book->calendar, now_ns);
    if (last_ns < book->night[book->n - 1].slot_ns)
        last_ns = book->night[book->n - 1].slot_ns; /* a clock that was set back */
    const size_t n = (size_t)((last_ns - book->since_ns) / book->calendar.every_ns) + 1;
    return look_at(book, last_ns, n < n_last ? n : n_last, now_ns, view, err);
}

int night_view_one(const struct night_book *book, int64_t slot_ns, int64_t now_ns,
                   struct night_view *view, struct err *err)
{
    char slot[CLOCK_TEXT_MAX];

    if (book->n == 0 || slot_ns < book->since_ns || slot_ns > now_ns ||
        night_slot_of(&book->calendar, slot_ns) != slot_ns)
        return err_set(err, ERR_INPUT, "%s is no slot so far",
                       clock_moment_text(slot_ns, slot));
    return look_at(book, slot_ns, 1, now_ns, view, err);
}

void night_view_free(struct night_view *view)
{
    free(view->night);
    *view = (struct night_view){0};
}

/* Whole seconds: 3723 s -> "1h02m03s". */
static char *took_text(int64_t duration_ns, char out[CLOCK_TEXT_MAX])
{
    const long long s = (long long)(duration_ns / CLOCK_SECOND);

    if (s >= 3600)
        snprintf(out, CLOCK_TEXT_MAX, "%lldh%02lldm%02llds", s / 3600, s / 60 % 60,
                 s % 60);
    else if (s >= 60)
        snprintf(out, CLOCK_TEXT_MAX, "%lldm%02llds", s / 60, s % 60);
    else
        snprintf(out, CLOCK_TEXT_MAX, "%llds", s);
    return out;
}

static bool is_late(const struct night_book *book, const struct night *night)
{
    return night->attempt > 0 &&
           night->began_ns - night->slot_ns > book->calendar.late_ns;
}

/* What is to be said of it beside its state: version, lateness, reason. */
static void put_remarks(FILE *out, const struct night_book *book,
                        const struct night *night)
{
    char text[CLOCK_TEXT_MAX];

    if (night->state == NIGHT_PUBLISHED)
        fprintf(out, ", version %lld, took %s", (long long)night->version,
                took_text(night->noted_ns - night->began_ns, text));
    if (is_late(book, night))
        fprintf(out, ", begun %s late",
                took_text(night->began_ns - night->slot_ns, text));
    if (night->attempt > 1)
        fprintf(out, ", attempt %lld", (long long)night->attempt);
    if (night->n_doubled > 0)
        fprintf(out, ", another run of it refused %lld times",
                (long long)night->n_doubled);
    if (night->state == NIGHT_GONE)
        fprintf(out, ", %s was not heard of since %s", night->owner,
                clock_moment_text(night->noted_ns, text));
    if (night->state == NIGHT_MISSED)
        fputs(", nobody has begun it", out);
    if (night->state == NIGHT_LATE)
        fputs(", nobody has begun it yet", out);
    if (night->reason[0] != '\0')
        fprintf(out, ": %s", night->reason);
}

char *night_line(const struct night_book *book, const struct night *night,
                 char line[NIGHT_LINE_MAX])
{
    char slot[CLOCK_TEXT_MAX];
    FILE *out = fmemopen(line, NIGHT_LINE_MAX, "w");

    line[0] = '\0';
    if (out == NULL)
        return line;
    fprintf(out, "night %s %s", clock_moment_text(night->slot_ns, slot),
            night_state_text(night->state));
    put_remarks(out, book, night);
    fclose(out);
    line[NIGHT_LINE_MAX - 1] = '\0';
    return line;
}

void night_view_print(const struct night_view *view, FILE *out)
{
    char line[NIGHT_LINE_MAX], slot[CLOCK_TEXT_MAX];

    for (size_t i = 0; i < view->n; i++)
        fprintf(out, "%s\n", night_line(view->book, &view->night[i], line));
    if (view->last_slot_ns > 0)
        fprintf(out, "engines have version %lld, of %s\n",
                (long long)view->last_version,
                clock_moment_text(view->last_slot_ns, slot));
    else
        fprintf(out, "nothing was published yet\n");
    fprintf(out, "%zu nights, %zu unpublished\n", view->n, view->n_unpublished);
}

/* ---- for programs ---- */

static void put_moment(struct json *json, const char *name, int64_t moment_ns)
{
    char text[CLOCK_TEXT_MAX];

    if (moment_ns > 0)
        json_put_text(json, name, clock_moment_text(moment_ns, text));
    else
        json_put_null(json, name);
}

static void put_night(struct json *json, const struct night_view *view,
                      const struct night *night)
{
    char line[NIGHT_LINE_MAX];

    json_put_object(json, NULL);
    put_moment(json, "slot", night->slot_ns);
    json_put_text(json, "state", night_state_text(night->state));
    json_put_flag(json, "unpublished", night_state_is_unpublished(night->state));
    json_put_flag(json, "begun_late", is_late(view->book, night));
    json_put_integer(json, "attempt", night->attempt);
    json_put_integer(json, "doubled", night->n_doubled);
    json_put_integer(json, "version", night->version);
    put_moment(json, "began", night->began_ns);
    put_moment(json, "noted", night->noted_ns);
    json_put_text(json, "owner", night->owner);
    json_put_text(json, "sha256", night->sha256);
    json_put_text(json, "reason", night->reason);
    json_put_text(json, "line", night_line(view->book, night, line));
    json_end(json);
}

int night_view_json(const struct night_view *view, char **bytes, size_t *n_bytes,
                    struct err *err)
{
    struct json json;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    json_put_integer(&json, "unpublished", (int64_t)view->n_unpublished);
    put_moment(&json, "last_published_slot", view->last_slot_ns);
    json_put_integer(&json, "last_published_version", view->last_version);
    json_put_array(&json, "nights");
    for (size_t i = 0; i < view->n; i++)
        put_night(&json, view, &view->night[i]);
    json_end(&json);
    json_end(&json);
    return json_finish(&json, bytes, n_bytes, err);
}

static void put_figure(FILE *out, const char *name, const char *meaning, int64_t value)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %lld\n", name, meaning, name, name,
            (long long)value);
}

static size_t count(const struct night_view *view, enum night_state state)
{
    size_t n = 0;

    for (size_t i = 0; i < view->n; i++)
        n += view->night[i].state == state;
    return n;
}

int night_view_prometheus(const struct night_view *view, char **bytes, size_t *n_bytes,
                          struct err *err)
{
    FILE *out = open_memstream(bytes, n_bytes);

    if (out == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the Prometheus file");
    put_figure(out, "plimsoll_night_last_published_timestamp_seconds",
               "slot of the last night that was published",
               view->last_slot_ns / CLOCK_SECOND);
    put_figure(out, "plimsoll_night_last_published_version", "... as this version",
               view->last_version);
    put_figure(out, "plimsoll_night_unpublished",
               "nights looked at that should have been published and were not",
               (int64_t)view->n_unpublished);
    put_figure(out, "plimsoll_night_every_seconds", "from one slot to the next",
               view->book->calendar.every_ns / CLOCK_SECOND);
    put_figure(out, "plimsoll_night_checked_timestamp_seconds", "when this was written",
               view->now_ns / CLOCK_SECOND);
    fputs("# HELP plimsoll_nights nights looked at, by their state\n"
          "# TYPE plimsoll_nights gauge\n",
          out);
    for (int state = 0; state < NIGHT_STATES; state++)
        fprintf(out, "plimsoll_nights{state=\"%s\"} %zu\n",
                night_state_text((enum night_state)state),
                count(view, (enum night_state)state));
    const bool failed = ferror(out) != 0;
    if (fclose(out) == 0 && !failed)
        return 0;
    free(*bytes);
    return err_set(err, ERR_MEMORY, "no memory for the Prometheus file");
}
