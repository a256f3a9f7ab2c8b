#include "coordinator/journal.h"
#include "core/clock.h"
#include "core/crc32c.h"
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char MARK[8] = "plj rec\n";
static const char HEAD[] = "PLIMSOLL JOURNAL 1\n";
static const uint64_t COMPLETE = UINT64_MAX; /* the unit of the last record */
static const int64_t COMMIT_NS = CLOCK_SECOND;
static const int64_t WRITE_NS = CLOCK_SECOND / 50;
enum { WAITING_MAX = 1 << 18 };

/* HEAD, the identity's text, and a checksum of both. */
struct head {
    char text[sizeof HEAD - 1 + sizeof(struct journal_identity)];
    uint32_t check;
};

struct journal {
    char path[FILE_PATH_MAX];
    int fd;
    uint64_t n_records, n_durable;
    uint32_t last_check;
    struct buffer waiting;            /* records that are not written yet */
    int64_t written_ns, committed_ns; /* monotonic                        */
    bool failed; /* a write failed: what follows would not be a chain */
};

static struct head make_head(const struct journal_identity *identity)
{
    struct head head;

    memset(&head, 0, sizeof head);
    memcpy(head.text, HEAD, sizeof HEAD - 1);
    memcpy(head.text + sizeof HEAD - 1, identity, sizeof *identity);
    head.check = crc32c(0, head.text, sizeof head.text);
    return head;
}

static uint32_t check_of(const struct journal_record *record, const void *answer)
{
    return crc32c(crc32c(0, record, offsetof(struct journal_record, check)), answer,
                  record->n_bytes);
}

/* ---- reading ---- */

/* The bytes of a journal, and how far the chain holds. */
struct scan {
    const char *bytes;
    size_t n;
    size_t good; /* end of the last good record */
    uint64_t n_records, n_answers;
    uint32_t last_check;
    bool is_complete;
};

/* A record at `at` that is whole and whose checksum holds, whatever it follows. */
static bool is_record(const struct scan *scan, size_t at, struct journal_record *record)
{
    if (scan->n - at < sizeof *record)
        return false;
    memcpy(record, scan->bytes + at, sizeof *record);
    return memcmp(record->mark, MARK, sizeof MARK) == 0 &&
           record->n_bytes <= scan->n - at - sizeof *record &&
           record->check == check_of(record, scan->bytes + at + sizeof *record);
}

static bool continues(const struct scan *scan, const struct journal_record *record)
{
    return record->sequence == scan->n_records && record->before == scan->last_check;
}

/* Does any record behind the break say that the broken one was on the disk? */
static bool is_vouched_for(const struct scan *scan)
{
    struct journal_record record;
    const char *at = scan->bytes + scan->good;
    const char *end = scan->bytes + scan->n;

    while ((at = memmem(at, (size_t)(end - at), MARK, sizeof MARK)) != NULL) {
        if (is_record(scan, (size_t)(at - scan->bytes), &record) &&
            record.durable > scan->n_records)
            return true;
        at++;
    }
    return false;
}

/* Follow the chain; callback NULL: only see how far it holds. */
static int replay(struct scan *scan, const struct journal_callback *callback,
                  struct err *err)
{
    struct journal_record record;

    while (is_record(scan, scan->good, &record) && continues(scan, &record)) {
        const struct reader answer = {(const unsigned char *)scan->bytes + scan->good +
                                          sizeof record,
                                      record.n_bytes};

        scan->is_complete = record.unit == COMPLETE;
        if (!scan->is_complete && callback != NULL &&
            callback->answer(callback->context, record.unit, answer, err) != 0)
            return -1;
        scan->n_answers += !scan->is_complete;
        scan->good += sizeof record + record.n_bytes;
        scan->n_records++;
        scan->last_check = record.check;
    }
    return 0;
}

/* The first line in which the two identities differ, for the refusal. */
static int refuse_identity(const char *path, const char *theirs, const char *ours,
                           struct err *err)
{
    while (*theirs != '\0' && *ours != '\0') {
        const size_t n_theirs = strcspn(theirs, "\n"), n_ours = strcspn(ours, "\n");

        if (n_theirs != n_ours || memcmp(theirs, ours, n_ours) != 0)
            return err_set(
                err, ERR_INPUT,
                "%s: is of another run (%.*s, not %.*s); take another --output, "
                "or --restart to drop what it holds",
                path, (int)n_theirs, theirs, (int)n_ours, ours);
        theirs += n_theirs + (theirs[n_theirs] == '\n');
        ours += n_ours + (ours[n_ours] == '\n');
    }
    return err_set(err, ERR_INPUT, "%s: is of another run", path);
}

/* Whose journal is it?  *is_ours false, and no error, where another job completed it.
 */
static int check_head(struct scan *scan, const char *path, const struct head *ours,
                      bool *is_ours, struct err *err)
{
    struct head theirs;

    if (scan->n < sizeof theirs)
        return err_set(err, ERR_INPUT, "%s: %zu bytes are no journal", path, scan->n);
    memcpy(&theirs, scan->bytes, sizeof theirs);
    if (theirs.check != crc32c(0, theirs.text, sizeof theirs.text) ||
        memcmp(theirs.text, HEAD, sizeof HEAD - 1) != 0)
        return err_set(err, ERR_INPUT, "%s: is no journal, or damaged at byte 0", path);
    scan->good = sizeof theirs;
    scan->last_check = theirs.check;
    *is_ours = memcmp(&theirs, ours, sizeof theirs) == 0;
    if (*is_ours || (replay(scan, NULL, NULL) == 0 && scan->is_complete))
        return 0;
    theirs.text[sizeof theirs.text - 1] = '\0';
    return refuse_identity(path, theirs.text + sizeof HEAD - 1,
                           ours->text + sizeof HEAD - 1, err);
}

/* Keep a copy of a tail that is cut off: path.torn-OFFSET. */
static int keep_tail(const struct scan *scan, const char *path, struct err *err)
{
    char copy[FILE_PATH_MAX];

    if (snprintf(copy, sizeof copy, "%s.torn-%zu", path, scan->good) >=
        (int)sizeof copy)
        return err_set(err, ERR_INPUT, "%s: the path is too long", path);
    file_discard_abandoned(copy);
    return file_replace(copy, scan->bytes + scan->good, scan->n - scan->good, err);
}

static int read_ours(const char *path, const struct journal_callback *callback,
                     struct scan *scan, struct err *err)
{
    if (replay(scan, callback, err) != 0)
        return err_add(err, "%s: record %llu", path,
                       (unsigned long long)scan->n_records);
    if (scan->good == scan->n)
        return 0;
    if (is_vouched_for(scan))
        return err_set(err, ERR_INPUT,
                       "%s: is damaged at byte %zu, before records that were written "
                       "later; --restart drops it",
                       path, scan->good);
    return keep_tail(scan, path, err);
}

/* ---- writing ---- */

/* Hand what waits to the system: then it outlives this process. */
static int write_waiting(struct journal *journal, struct err *err)
{
    const unsigned char *at = journal->waiting.bytes;
    size_t n_bytes = journal->waiting.n;

    while (n_bytes > 0) {
        const ssize_t n = write(journal->fd, at, n_bytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            journal->failed = true;
            return err_set(err, ERR_IO, "%s: %s", journal->path, strerror(errno));
        }
        at += n;
        n_bytes -= (size_t)n;
    }
    buffer_empty(&journal->waiting);
    journal->written_ns = clock_monotonic();
    return 0;
}

int journal_append(struct journal *journal, uint64_t unit, const void *answer,
                   size_t n_bytes, struct err *err)
{
    struct journal_record record = {
        .n_bytes = n_bytes,
        .sequence = journal->n_records,
        .durable = journal->n_durable,
        .unit = unit,
        .before = journal->last_check,
    };

    if (journal->failed)
        return err_set(err, ERR_IO, "%s: cannot be written any more", journal->path);
    memcpy(record.mark, MARK, sizeof MARK);
    record.check = check_of(&record, answer);
    buffer_put(&journal->waiting, &record, sizeof record);
    buffer_put(&journal->waiting, answer, n_bytes);
    if (journal->waiting.failed) {
        journal->failed = true;
        return err_set(err, ERR_MEMORY, "no memory for the journal");
    }
    journal->n_records++;
    journal->last_check = record.check;
    return journal->waiting.n < WAITING_MAX ? 0 : write_waiting(journal, err);
}

int journal_commit(struct journal *journal, struct err *err)
{
    journal->committed_ns = clock_monotonic();
    if (journal->n_durable == journal->n_records)
        return 0;
    if (!journal->failed && write_waiting(journal, err) != 0)
        return -1;
    if (journal->failed || fdatasync(journal->fd) != 0) {
        /* after a failed fsync nobody knows what the disk holds: never go on */
        journal->failed = true;
        return err_set(err, ERR_IO, "%s: %s", journal->path, strerror(errno));
    }
    journal->n_durable = journal->n_records;
    return 0;
}

int journal_complete(struct journal *journal, struct err *err)
{
    return journal_append(journal, COMPLETE, "", 0, err) != 0
               ? -1
               : journal_commit(journal, err);
}

int journal_tick(struct journal *journal, struct err *err)
{
    const int64_t now_ns = clock_monotonic();

    if (now_ns - journal->committed_ns >= COMMIT_NS)
        return journal_commit(journal, err);
    if (now_ns - journal->written_ns >= WRITE_NS && !journal->failed)
        return write_waiting(journal, err);
    return 0;
}

void journal_close(struct journal *journal)
{
    if (journal == NULL)
        return;
    if (journal->fd >= 0) {
        if (!journal->failed)
            write_waiting(journal, NULL); /* what is lost is worked out again */
        close(journal->fd);
    }
    buffer_free(&journal->waiting);
    free(journal);
}

/* ---- opening ---- */

/* A journal begins whole or not at all: head under a temporary name, then renamed. */
static int begin(const char *path, const struct head *head, struct err *err)
{
    return file_replace(path, head, sizeof *head, err);
}

static int put_aside(const char *path, struct err *err)
{
    char aside[FILE_PATH_MAX];

    if (snprintf(aside, sizeof aside, "%s.previous", path) >= (int)sizeof aside)
        return err_set(err, ERR_INPUT, "%s: the path is too long", path);
    if (rename(path, aside) != 0)
        return err_set(err, ERR_IO, "%s: %s", aside, strerror(errno));
    return 0;
}

/* Read what there is, or begin; *scan stands behind the last good record. */
static int read_or_begin(const char *path, const struct head *head,
                         const struct journal_callback *callback, struct scan *scan,
                         struct err *err)
{
    const struct scan fresh = {.good = sizeof *head, .last_check = head->check};
    bool is_ours = false;
    char *bytes = NULL;

    *scan = fresh;
    if (access(path, F_OK) != 0)
        return begin(path, head, err);
    if (file_read(path, SIZE_MAX, &bytes, &scan->n, err) != 0)
        return -1;
    scan->bytes = bytes;
    int status = check_head(scan, path, head, &is_ours, err);
    if (status == 0 && is_ours) {
        status = read_ours(path, callback, scan, err);
    } else if (status == 0) {
        *scan = fresh;
        status = put_aside(path, err) != 0 ? -1 : begin(path, head, err);
    }
    free(bytes);
    return status;
}

/* Cut a torn tail off and stand behind the last good record. */
static int stand_behind(struct journal *journal, size_t good, struct err *err)
{
    journal->fd = open(journal->path, O_WRONLY | O_CLOEXEC);
    if (journal->fd < 0 || ftruncate(journal->fd, (off_t)good) != 0 ||
        lseek(journal->fd, 0, SEEK_END) < 0 || fdatasync(journal->fd) != 0)
        return err_set(err, ERR_IO, "%s: %s", journal->path, strerror(errno));
    return 0;
}

int journal_open(const char *path, const struct journal_identity *identity,
                 const struct journal_callback *callback, struct journal **out,
                 uint64_t *n_replayed, struct err *err)
{
    const struct head head = make_head(identity);
    struct scan scan;

    if (read_or_begin(path, &head, callback, &scan, err) != 0)
        return -1;
    struct journal *journal = calloc(1, sizeof *journal);
    if (journal == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory", path);
    *journal = (struct journal){.fd = -1,
                                .n_records = scan.n_records,
                                .n_durable = scan.n_records,
                                .last_check = scan.last_check,
                                .committed_ns = clock_monotonic()};
    snprintf(journal->path, sizeof journal->path, "%s", path);
    if (stand_behind(journal, scan.good, err) != 0) {
        journal_close(journal);
        return -1;
    }
    *n_replayed = scan.n_answers;
    *out = journal;
    return 0;
}
