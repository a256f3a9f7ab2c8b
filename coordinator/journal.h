/* journal.h -- which answers has this job had, so that a crash loses at most a second?
 *
 * An append-only file, the truth while a job runs.  It begins with the job's identity;
 * each answer follows as a record:
 *
 *     struct journal_record   mark, length, sequence number, unit, checksums
 *     the answer's bytes
 *
 * The checksum (CRC32C) covers the record's own fields, the answer, and the checksum of
 * the record before: a chain.  Answers are gathered for 20 ms or 256 KiB, written
 * together, and fsynced once a second (group commit); each record says how many before
 * it were known to be on the disk.  So a reader can tell a torn tail from damage: where
 * the chain breaks at a record that no later one vouches for, the rest was still under
 * way when the machine stopped, and is cut off (a copy is kept beside it); where a
 * later record vouches for it, the disk has lost what it had, and the journal is
 * refused with the offset. */
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

struct journal_record {
    char mark[8];      /* "plj rec\n"                                          */
    uint64_t n_bytes;  /* of the answer, which follows                         */
    uint64_t sequence; /* 0, 1, 2 ...                                         */
    uint64_t durable;  /* records known to be on the disk when it was written */
    uint64_t unit;
    uint32_t before; /* checksum of the record before; of the head for 0      */
    uint32_t check;  /* CRC32C of the fields above and the answer             */
};

_Static_assert(sizeof(struct journal_record) == 48, "records travel as bytes");

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

/* The job's products are written: say so, durably, with a last record. */
int journal_complete(struct journal *journal, struct err *err);

/* Writes what waits, without a commit; takes NULL. */
void journal_close(struct journal *journal);

#endif /* COORDINATOR_JOURNAL_H */
