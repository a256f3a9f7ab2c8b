/* journal.h -- which answers has this job had, so that a crash loses at most a second?
 *
 * An append-only file, the truth while a job runs.  It begins with the job's identity;
 * each answer follows as a record of a chain (coordinator/chain.h), whose kind is the
 * unit.  Answers are gathered for 20 ms or 256 KiB, written together, and fsynced once
 * a second (group commit).  A torn tail is cut off and a copy kept beside it; a journal
 * that the disk has damaged is refused with the offset. */
#ifndef COORDINATOR_JOURNAL_H
#define COORDINATOR_JOURNAL_H

#include "core/buffer.h"
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

#define JOURNAL_NAME "journal.plj"

/* What a journal belongs to; it is only ever continued by the same. */
struct journal_identity {
    char text[512]; /* lines "job ...", "history ...", "program ...", "units ..." */
};

struct journal;

struct journal_callback {
    void *context;
    int (*answer)(void *context, uint64_t unit, struct reader answer, struct err *err);
};

/* Open the journal at path, or begin one.  One that another job has completed is no
 * longer anybody's truth: it is moved aside (path.previous) and a new one begun.  The
 * answers it holds are replayed through the callback, in order, before this returns;
 * *n_replayed of them.
 *
 * ERR_INPUT where it is of another job, history or program that has not ended (the
 * difference is named), or damaged in the middle (with the offset); ERR_IO where it
 * cannot be written. */
int journal_open(const char *path, const struct journal_identity *identity,
                 const struct journal_callback *replay, struct journal **journal,
                 uint64_t *n_replayed, struct err *err);

/* Append an answer; it is on the disk after the next commit. */
int journal_append(struct journal *journal, uint64_t unit, const void *answer,
                   size_t n_bytes, struct err *err);
/* fsync what was appended; journal_tick does so when a second has passed. */
int journal_commit(struct journal *journal, struct err *err);
int journal_tick(struct journal *journal, struct err *err);

/* What appending, writing and syncing took so far. */
double journal_seconds(const struct journal *journal);

/* The job's products are written: say so, durably, with a last record. */
int journal_complete(struct journal *journal, struct err *err);

/* Writes what waits, without a commit; takes NULL. */
void journal_close(struct journal *journal);

#endif /* COORDINATOR_JOURNAL_H */
