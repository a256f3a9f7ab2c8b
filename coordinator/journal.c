#include "coordinator/journal.h"
#include "coordinator/chain.h"
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
    struct chain chain;
    int64_t written_ns, committed_ns; /* monotonic */
    int64_t spent_ns;                 /* appending, writing and syncing */
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

/* ---- reading ---- */

/* Hands the answers on and keeps in mind how the journal ends. */
struct replay {
    const struct journal_callback *callback; /* NULL: only see how far it holds */
    uint64_t n_answers;
    bool is_complete;
};

static int hear(void *context, const struct chain_record *record, size_t offset,
                struct reader answer, struct err *err)
{
    struct replay *replay = context;

    (void)offset;
    replay->is_complete = record->kind == COMPLETE;
    if (replay->is_complete)
        return 0;
    replay->n_answers++;
    return replay->callback == NULL
               ? 0
               : replay->callback->answer(replay->callback->context, record->kind,
                                          answer, err);
}

static int replay_all(struct chain_scan *scan, struct replay *replay, struct err *err)
{
    const struct chain_callback callback = {replay, hear};

    return chain_replay(scan, &callback, err);
}

/* So much of a line as a person needs: twelve digits of the digest that it ends with.
 */
static int n_told(const char *line, size_t n)
{
    enum { DIGITS = 64, TOLD = 12 };

    if (n <= DIGITS || strspn(line + n - DIGITS, "0123456789abcdef") < DIGITS)
        return (int)n;
    return (int)(n - DIGITS + TOLD);
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
                path, n_told(theirs, n_theirs), theirs, n_told(ours, n_ours), ours);
        theirs += n_theirs + (theirs[n_theirs] == '\n');
        ours += n_ours + (ours[n_ours] == '\n');
    }
    return err_set(err, ERR_INPUT, "%s: is of another run", path);
}

/* Whose journal is it?  *is_ours false, and no error, where another job completed it.
 */
static int check_head(struct chain_scan *scan, const char *path,
                      const struct head *ours, bool *is_ours, struct err *err)
{
    struct replay theirs_replay = {0};
    struct head theirs;

    if (scan->n < sizeof theirs)
        return err_set(err, ERR_INPUT,
                       "%s: %zu bytes are no journal; --restart drops it", path,
                       scan->n);
    memcpy(&theirs, scan->bytes, sizeof theirs);
    if (theirs.check != crc32c(0, theirs.text, sizeof theirs.text) ||
        memcmp(theirs.text, HEAD, sizeof HEAD - 1) != 0)
        return err_set(err, ERR_INPUT,
                       "%s: is no journal, or damaged at byte 0; --restart drops it",
                       path);
    scan->good = sizeof theirs;
    scan->last_check = theirs.check;
    *is_ours = memcmp(&theirs, ours, sizeof theirs) == 0;
    if (*is_ours ||
        (replay_all(scan, &theirs_replay, NULL) == 0 && theirs_replay.is_complete))
        return 0;
    theirs.text[sizeof theirs.text - 1] = '\0';
    return refuse_identity(path, theirs.text + sizeof HEAD - 1,
                           ours->text + sizeof HEAD - 1, err);
}

static int read_ours(const char *path, struct replay *replay, struct chain_scan *scan,
                     struct err *err)
{
    if (replay_all(scan, replay, err) != 0)
        return err_add(err, "%s: record %llu", path,
                       (unsigned long long)scan->n_records);
    if (scan->good == scan->n)
        return 0;
    if (chain_is_vouched_for(scan))
        return err_set(err, ERR_INPUT,
                       "%s: is damaged at byte %zu, before records that were written "
                       "later; --restart drops it",
                       path, scan->good);
    return chain_keep_tail(scan, path, err);
}

/* ---- writing ---- */

static int write_waiting(struct journal *journal, struct err *err)
{
    const int64_t start_ns = clock_monotonic();

    if (chain_write(&journal->chain, err) != 0)
        return -1;
    journal->written_ns = clock_monotonic();
    journal->spent_ns += journal->written_ns - start_ns;
    return 0;
}

int journal_append(struct journal *journal, uint64_t unit, const void *answer,
                   size_t n_bytes, struct err *err)
{
    const int64_t start_ns = clock_monotonic();

    if (chain_append(&journal->chain, unit, answer, n_bytes, err) != 0)
        return -1;
    journal->spent_ns += clock_monotonic() - start_ns;
    return journal->chain.waiting.n < WAITING_MAX ? 0 : write_waiting(journal, err);
}

int journal_commit(struct journal *journal, struct err *err)
{
    journal->committed_ns = clock_monotonic();
    if (journal->chain.n_durable == journal->chain.n_records)
        return 0;
    journal->written_ns = journal->committed_ns;
    const int status = chain_commit(&journal->chain, err);
    journal->spent_ns += clock_monotonic() - journal->committed_ns;
    return status;
}

double journal_seconds(const struct journal *journal)
{
    return (double)journal->spent_ns / (double)CLOCK_SECOND;
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
    if (now_ns - journal->written_ns >= WRITE_NS && !journal->chain.failed)
        return write_waiting(journal, err);
    return 0;
}

void journal_close(struct journal *journal)
{
    if (journal == NULL)
        return;
    if (journal->chain.fd >= 0 && !journal->chain.failed)
        write_waiting(journal, NULL); /* what is lost is worked out again */
    chain_close(&journal->chain);
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
                         struct replay *replay, struct chain_scan *scan,
                         struct err *err)
{
    const struct chain_scan fresh = {.good = sizeof *head, .last_check = head->check};
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
        status = read_ours(path, replay, scan, err);
    } else if (status == 0) {
        *scan = fresh;
        status = put_aside(path, err) != 0 ? -1 : begin(path, head, err);
    }
    free(bytes);
    return status;
}

int journal_open(const char *path, const struct journal_identity *identity,
                 const struct journal_callback *callback, struct journal **out,
                 uint64_t *n_replayed, struct err *err)
{
    const struct head head = make_head(identity);
    struct replay replay = {.callback = callback};
    struct chain_scan scan;

    if (read_or_begin(path, &head, &replay, &scan, err) != 0)
        return -1;
    struct journal *journal = calloc(1, sizeof *journal);
    if (journal == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory", path);
    journal->committed_ns = clock_monotonic();
    if (chain_open(&journal->chain, path, &scan, err) != 0) {
        journal_close(journal);
        return -1;
    }
    *n_replayed = replay.n_answers;
    *out = journal;
    return 0;
}
