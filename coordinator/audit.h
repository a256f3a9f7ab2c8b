/* audit.h -- who decided what about which set, when and why?
 *
 * A text file, a JSON object a line, appended and on the disk before the decision is
 * acted on:
 *
 *     {"n":7,"time":"2026-01-02T03:04:05.6Z","event":"refused","who":"nightly",
 *      "epoch":1767000000000000000,"version":12,"set":"<64 hex>","text":"<reason>",
 *      "before":"<64 hex>","sha256":"<64 hex>"}
 *
 * sha256 is the digest of the line's bytes up to and without `,"sha256"`; before is
 * that of the line before, 64 zeros in the first.  So no line can be changed, taken out
 * or put in without changing every digest behind it, which shows to whoever has written
 * down one of them (`plimsoll relay --status` shows the last; `plimsoll audit --holds`
 * looks for one).  A file that was cut short at a line's end is a good file: only such
 * a note shows it.
 *
 * A last line without its end was being written when the machine stopped: whoever
 * opens the file to append cuts it off, keeps a copy beside it and says so. */
#ifndef COORDINATOR_AUDIT_H
#define COORDINATOR_AUDIT_H

#include "core/err.h"
#include "core/sha256.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum audit_event {
    AUDIT_STARTED,
    AUDIT_STOPPED,
    AUDIT_ACCEPTED,  /* a publication may go out                          */
    AUDIT_PENDING,   /* it waits for further signatures                   */
    AUDIT_APPROVED,  /* a signature came to one that waits                */
    AUDIT_WITHDRAWN, /* one that waits will not go out                    */
    AUDIT_REFUSED,
    AUDIT_SERVED,      /* a group of subscribers gets it from now on        */
    AUDIT_ROLLED_BACK, /* accepted, and an older set again                  */
    AUDIT_FROZEN,
    AUDIT_UNFROZEN,
    AUDIT_KEYS_LOADED,
    AUDIT_KEYS_REFUSED,
    AUDIT_FOLLOWED,   /* a publication came from the relay that is followed */
    AUDIT_TOOK_OVER,  /* serves from now on                                 */
    AUDIT_STOOD_DOWN, /* follows from now on                               */
    AUDIT_CONFLICT,   /* two sets under one version                         */
    AUDIT_MENDED,     /* what a crash left half written was cut off         */
    AUDIT_EVENTS
};

#define AUDIT_NAME "audit.log"
enum { AUDIT_WHO_MAX = 64, AUDIT_DIGEST_MAX = SHA256_TEXT_MAX };

struct audit_entry {
    uint64_t n; /* 0, 1, 2 ...; audit_write counts by itself   */
    int64_t time_ns;
    enum audit_event event;
    const char *who;         /* key, user or relay that it came from; "" nobody */
    uint64_t epoch, version; /* 0: about no publication          */
    const char *set;         /* digest in hexadecimal; "" none   */
    const char *text;        /* what and why; printable ASCII    */
    const char *digest;      /* of the entry; audit_write makes it */
};

const char *audit_event_text(enum audit_event event);

/* ---- writing ---- */

struct audit;

/* Verify the file, or begin it, and stand behind its last line.  One process at a time
 * writes; that is for the caller to see to.  *mended where a half written line was cut
 * off.  ERR_INPUT "FILE: line 7: ..." where the chain does not hold. */
int audit_open(const char *path, struct audit **audit, bool *mended, struct err *err);
void audit_close(struct audit *audit); /* takes NULL */

/* Append what happened now; it is on the disk when this returns.  What is no printable
 * ASCII in a text becomes '?'.  After ERR_IO nothing more can be written. */
int audit_write(struct audit *audit, const struct audit_entry *entry, struct err *err);

/* Lines so far, and the digest of the last (64 zeros: none). */
uint64_t audit_count(const struct audit *audit);
const char *audit_head(const struct audit *audit);

/* ---- reading ---- */

struct audit_callback {
    void *context;
    int (*entry)(void *context, const struct audit_entry *entry, struct err *err);
};

/* Verify n_bytes of a log, each entry going to the callback (NULL: none) as it is found
 * good.  ERR_INPUT "line 7: ..." at the first that is not. */
int audit_verify(const char *bytes, size_t n_bytes,
                 const struct audit_callback *callback, struct err *err);

#endif /* COORDINATOR_AUDIT_H */
