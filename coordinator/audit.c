#include "coordinator/audit.h"
#include "client/members.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char NO_DIGEST[AUDIT_DIGEST_MAX] =
    "0000000000000000000000000000000000000000000000000000000000000000";
enum { TEXT_MAX = 400, ENTRY_MAX = 4096 };

static const char *const event_text[AUDIT_EVENTS] = {
    [AUDIT_STARTED] = "started",           [AUDIT_STOPPED] = "stopped",
    [AUDIT_ACCEPTED] = "accepted",         [AUDIT_PENDING] = "pending",
    [AUDIT_APPROVED] = "approved",         [AUDIT_WITHDRAWN] = "withdrawn",
    [AUDIT_REFUSED] = "refused",           [AUDIT_SERVED] = "served",
    [AUDIT_ROLLED_BACK] = "rolled_back",   [AUDIT_FROZEN] = "frozen",
    [AUDIT_UNFROZEN] = "unfrozen",         [AUDIT_KEYS_LOADED] = "keys_loaded",
    [AUDIT_KEYS_REFUSED] = "keys_refused", [AUDIT_FOLLOWED] = "followed",
    [AUDIT_TOOK_OVER] = "took_over",       [AUDIT_STOOD_DOWN] = "stood_down",
    [AUDIT_CONFLICT] = "conflict",         [AUDIT_MENDED] = "mended",
};

const char *audit_event_text(enum audit_event event)
{
    return event_text[event];
}

static int find_event(const char *text, enum audit_event *event, struct err *err)
{
    for (int i = 0; i < AUDIT_EVENTS; i++)
        if (strcmp(text, event_text[i]) == 0) {
            *event = (enum audit_event)i;
            return 0;
        }
    return err_set(err, ERR_INPUT, "event: '%.40s' is none", text);
}

/* ---- a line ---- */

/* The line of an entry that follows the digest `before`, LF behind it; free() it. */
static int make_line(const struct audit_entry *entry, const char *before, char **line,
                     size_t *n_bytes, char digest[AUDIT_DIGEST_MAX], struct err *err)
{
    char moment[CLOCK_TEXT_MAX];
    struct json json;

    json_start(&json, 0);
    json_put_object(&json, NULL);
    json_put_integer(&json, "n", (int64_t)entry->n);
    json_put_text(&json, "time", clock_moment_text(entry->time_ns, moment));
    json_put_text(&json, "event", audit_event_text(entry->event));
    json_put_text(&json, "who", entry->who);
    json_put_integer(&json, "epoch", (int64_t)entry->epoch);
    json_put_integer(&json, "version", (int64_t)entry->version);
    json_put_text(&json, "set", entry->set);
    json_put_text(&json, "text", entry->text);
    json_put_text(&json, "before", before);
    if (json.failed) {
        json_abandon(&json);
        return err_set(err, ERR_MEMORY, "no memory for a line");
    }
    json_put_text(&json, "sha256", sha256_of(json.bytes, json.n_bytes, digest));
    json_end(&json);
    return json_finish(&json, line, n_bytes, err);
}

/* Longer than ours, or not as we write it: no need to parse it. */
static int check_form(const char *line, size_t n_bytes, struct err *err)
{
    if (n_bytes > ENTRY_MAX)
        return err_set(err, ERR_INPUT, "is longer than %d bytes", ENTRY_MAX);
    for (size_t i = 0; i < n_bytes; i++)
        if (line[i] < ' ' || line[i] > '~')
            return err_set(err, ERR_INPUT, "byte %zu is no printable ASCII", i + 1);
    return 0;
}

static int read_members(const json_t *tree, struct audit_entry *entry,
                        const char **before, struct err *err)
{
    int64_t n, epoch, version;
    const char *event;

    if (member_integer(tree, "n", 0, INT64_MAX, &n, err) != 0 ||
        member_moment(tree, "time", &entry->time_ns, err) != 0 ||
        member_text(tree, "event", &event, err) != 0 ||
        member_text(tree, "who", &entry->who, err) != 0 ||
        member_integer(tree, "epoch", 0, INT64_MAX, &epoch, err) != 0 ||
        member_integer(tree, "version", 0, INT64_MAX, &version, err) != 0 ||
        member_text(tree, "set", &entry->set, err) != 0 ||
        member_text(tree, "text", &entry->text, err) != 0 ||
        member_text(tree, "before", before, err) != 0 ||
        member_text(tree, "sha256", &entry->digest, err) != 0)
        return -1;
    entry->n = (uint64_t)n;
    entry->epoch = (uint64_t)epoch;
    entry->version = (uint64_t)version;
    return find_event(event, &entry->event, err);
}

/* The next good line: its number, what it must follow, and then its own digest. */
struct place {
    uint64_t n;
    char digest[AUDIT_DIGEST_MAX];
};

/* Made again from what it says, the line must be the same to the byte: so its form is
 * ours, and its digest that of its bytes. */
static int check_line(const char *line, size_t n_bytes, const struct audit_entry *entry,
                      const char *before, struct place *place, struct err *err)
{
    char digest[AUDIT_DIGEST_MAX], *again;
    size_t n_again;

    if (entry->n != place->n)
        return err_set(err, ERR_INPUT, "is entry %llu, not %llu",
                       (unsigned long long)entry->n, (unsigned long long)place->n);
    if (strcmp(before, place->digest) != 0)
        return err_set(err, ERR_INPUT,
                       "does not follow the line before: it follows %.16s..., not "
                       "%.16s...",
                       before, place->digest);
    if (make_line(entry, before, &again, &n_again, digest, err) != 0)
        return -1;
    const bool is_same = n_again == n_bytes + 1 && memcmp(line, again, n_bytes) == 0;
    free(again);
    if (!is_same)
        return err_set(err, ERR_INPUT,
                       "was changed: its digest is %.16s..., it says %.16s...", digest,
                       entry->digest);
    memcpy(place->digest, digest, sizeof digest);
    place->n++;
    return 0;
}

static int read_line(const char *line, size_t n_bytes, struct place *place,
                     const struct audit_callback *callback, struct err *err)
{
    struct audit_entry entry = {0};
    const char *before;
    json_t *tree = NULL;

    if (check_form(line, n_bytes, err) != 0 ||
        members_parse(line, n_bytes, &tree, err) != 0)
        return -1;
    int status = -1;
    if (read_members(tree, &entry, &before, err) == 0 &&
        check_line(line, n_bytes, &entry, before, place, err) == 0)
        status = callback == NULL ? 0 : callback->entry(callback->context, &entry, err);
    json_decref(tree);
    return status;
}

/* As far as there are whole lines; *n_good is their end. */
static int read_lines(const char *bytes, size_t n_bytes, struct place *place,
                      const struct audit_callback *callback, size_t *n_good,
                      struct err *err)
{
    const char *end;

    *place = (struct place){0};
    memcpy(place->digest, NO_DIGEST, sizeof NO_DIGEST);
    *n_good = 0;
    while ((end = memchr(bytes + *n_good, '\n', n_bytes - *n_good)) != NULL) {
        const char *line = bytes + *n_good;

        if (read_line(line, (size_t)(end - line), place, callback, err) != 0)
            return err_add(err, "line %llu", (unsigned long long)place->n + 1);
        *n_good = (size_t)(end + 1 - bytes);
    }
    return 0;
}

int audit_verify(const char *bytes, size_t n_bytes,
                 const struct audit_callback *callback, struct err *err)
{
    struct place place;
    size_t n_good;

    if (read_lines(bytes, n_bytes, &place, callback, &n_good, err) != 0)
        return -1;
    if (n_good == n_bytes)
        return 0;
    return err_set(err, ERR_INPUT,
                   "line %llu: has no end: it is being written, or a machine stopped "
                   "meanwhile",
                   (unsigned long long)place.n + 1);
}

/* ---- the file ---- */

struct audit {
    char path[FILE_PATH_MAX];
    int fd;
    bool failed;
    struct place place;
};

static int keep_tail(const char *path, const char *bytes, size_t n_good, size_t n_bytes,
                     struct err *err)
{
    char copy[FILE_PATH_MAX];

    if (snprintf(copy, sizeof copy, "%s.torn-%zu", path, n_good) >= (int)sizeof copy)
        return err_set(err, ERR_INPUT, "%s: the path is too long", path);
    return file_replace(copy, bytes + n_good, n_bytes - n_good, err);
}

static int read_file(const char *path, struct place *place, size_t *n_good,
                     bool *mended, struct err *err)
{
    size_t n_bytes;
    char *bytes;

    if (access(path, F_OK) != 0 && file_replace(path, "", 0, err) != 0)
        return -1;
    if (file_read(path, SIZE_MAX, &bytes, &n_bytes, err) != 0)
        return -1;
    int status = read_lines(bytes, n_bytes, place, NULL, n_good, err);
    if (status != 0)
        err_add(err, "%s", path);
    *mended = status == 0 && *n_good < n_bytes;
    if (*mended)
        status = keep_tail(path, bytes, *n_good, n_bytes, err);
    free(bytes);
    return status;
}

int audit_open(const char *path, struct audit **audit, bool *mended, struct err *err)
{
    struct audit *new = calloc(1, sizeof *new);
    size_t n_good = 0;

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory", path);
    new->fd = -1;
    snprintf(new->path, sizeof new->path, "%s", path);
    int status = read_file(path, &new->place, &n_good, mended, err);
    if (status == 0) {
        new->fd = open(path, O_WRONLY | O_CLOEXEC);
        if (new->fd < 0 || ftruncate(new->fd, (off_t)n_good) != 0 ||
            lseek(new->fd, 0, SEEK_END) < 0)
            status = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    }
    if (status != 0) {
        audit_close(new);
        return -1;
    }
    *audit = new;
    return 0;
}

void audit_close(struct audit *audit)
{
    if (audit == NULL)
        return;
    if (audit->fd >= 0)
        close(audit->fd);
    free(audit);
}

uint64_t audit_count(const struct audit *audit)
{
    return audit->place.n;
}

const char *audit_head(const struct audit *audit)
{
    return audit->place.digest;
}

static const char *plain(const char *text, size_t max, char out[TEXT_MAX])
{
    size_t n = 0;

    for (; text != NULL && text[n] != '\0' && n + 1 < max; n++)
        out[n] = text[n] >= ' ' && text[n] <= '~' ? text[n] : '?';
    out[n] = '\0';
    return out;
}

static int append(struct audit *audit, const char *line, size_t n_bytes,
                  struct err *err)
{
    for (size_t at = 0; at < n_bytes;) {
        const ssize_t n = write(audit->fd, line + at, n_bytes - at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(err, ERR_IO, "%s: %s", audit->path, strerror(errno));
        at += (size_t)n;
    }
    if (fdatasync(audit->fd) != 0)
        return err_set(err, ERR_IO, "%s: %s", audit->path, strerror(errno));
    return 0;
}

int audit_write(struct audit *audit, const struct audit_entry *entry, struct err *err)
{
    char who[TEXT_MAX], set[TEXT_MAX], text[TEXT_MAX], digest[AUDIT_DIGEST_MAX];
    struct audit_entry clean = *entry;
    size_t n_bytes;
    char *line;

    if (audit->failed)
        return err_set(err, ERR_IO, "%s: cannot be written any more", audit->path);
    clean.n = audit->place.n;
    clean.time_ns = clock_now();
    clean.who = plain(entry->who, AUDIT_WHO_MAX, who);
    clean.set = plain(entry->set, AUDIT_DIGEST_MAX, set);
    clean.text = plain(entry->text, TEXT_MAX, text);
    if (make_line(&clean, audit->place.digest, &line, &n_bytes, digest, err) != 0)
        return -1;
    const int status = append(audit, line, n_bytes, err);
    free(line);
    if (status != 0) {
        audit->failed = true; /* nobody knows what the disk holds of it */
        return -1;
    }
    memcpy(audit->place.digest, digest, sizeof digest);
    audit->place.n++;
    return 0;
}
