/* chain.h -- records appended to a file, of which a crash takes only the last
 *
 * Behind a head of its owner's, each record follows the one before:
 *
 *     struct chain_record     mark, length, sequence number, kind, checksums
 *     the record's bytes
 *
 * The checksum (CRC32C) covers the record's own fields, its bytes, and the checksum of
 * the record before: a chain.  Each record says how many before it were known to be on
 * the disk (fsynced) when it was made.  So a reader can tell a torn tail from damage:
 * where the chain breaks at a record that no later one vouches for, the rest was under
 * way when the machine stopped; where a later record vouches for it, the disk has lost
 * what it had.
 *
 * What the records mean is their owner's business: coordinator/journal.h,
 * coordinator/relay_store.h. */
#ifndef COORDINATOR_CHAIN_H
#define COORDINATOR_CHAIN_H

#include "core/buffer.h"
#include "core/err.h"
#include "core/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chain_record {
    char mark[8];      /* "plj rec\n"                                          */
    uint64_t n_bytes;  /* of what follows                                     */
    uint64_t sequence; /* 0, 1, 2 ...                                         */
    uint64_t durable;  /* records known to be on the disk when it was written */
    uint64_t kind;     /* the owner's                                         */
    uint32_t before;   /* checksum of the record before; of the head for 0    */
    uint32_t check;    /* CRC32C of the fields above and the bytes            */
};

_Static_assert(sizeof(struct chain_record) == 48, "records travel as bytes");

/* ---- reading ---- */

/* The bytes of a file, and how far the chain in it holds. */
struct chain_scan {
    const char *bytes;
    size_t n;
    size_t good; /* end of the last good record; at first of the head */
    uint64_t n_records;
    uint32_t last_check; /* at first the head's */
};

struct chain_callback {
    void *context;
    /* `offset` is where the record's bytes begin in the file. */
    int (*record)(void *context, const struct chain_record *record, size_t offset,
                  struct reader bytes, struct err *err);
};

/* Follow the chain as far as it holds; -1 only where the callback says so. */
int chain_replay(struct chain_scan *scan, const struct chain_callback *callback,
                 struct err *err);

/* Does any record behind the break say that the broken one was on the disk? */
bool chain_is_vouched_for(const struct chain_scan *scan);

/* Keep a copy of the tail behind the last good record: path.torn-OFFSET. */
int chain_keep_tail(const struct chain_scan *scan, const char *path, struct err *err);

/* ---- writing ---- */

struct chain {
    char path[FILE_PATH_MAX];
    int fd;
    uint64_t n_records, n_durable;
    uint64_t end; /* where the next record will stand in the file */
    uint32_t last_check;
    struct buffer waiting; /* records that are not written yet */
    bool failed;           /* a write failed: what follows would not be a chain */
};

/* Stand behind the last good record of the scan and cut off what is behind it.  The
 * chain may be closed in any case. */
int chain_open(struct chain *chain, const char *path, const struct chain_scan *scan,
               struct err *err);
void chain_close(struct chain *chain); /* writes nothing */

/* Append to what waits; nothing is written yet. */
int chain_append(struct chain *chain, uint64_t kind, const void *bytes, size_t n_bytes,
                 struct err *err);
/* Hand what waits to the system: then it outlives this process. */
int chain_write(struct chain *chain, struct err *err);
/* Write and fsync.  After a failed one nobody knows what the disk holds, and the chain
 * takes nothing any more. */
int chain_commit(struct chain *chain, struct err *err);

#endif /* COORDINATOR_CHAIN_H */
