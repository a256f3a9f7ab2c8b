/* relay_feed.h -- how does one relay follow the other?
 *
 *     follower                                     the other
 *     DEALER --- struct feed_word (next: n) ----->  ROUTER
 *     DEALER <-- struct feed_word, record n ------  ROUTER    if there is one
 *
 * The follower asks, again at once where a record came and after FEED_ASK_MS where none
 * did; so one record at a time is on its way, and a lost one is asked for again.  It
 * begins by asking from where on (FEED_FIND): from the record that offered its own
 * newest publication, or from the first where the other does not know that.  Both words
 * say how their sender stands (coordinator/relay_role.h), little endian. */
#ifndef COORDINATOR_RELAY_FEED_H
#define COORDINATOR_RELAY_FEED_H

#include "coordinator/relay.h"
#include "coordinator/relay_role.h"

enum { FEED_ASK_MS = 50, FEED_LOST_MS = 1000 };

struct feed_word {
    char magic[8];      /* "PLIMFEED"                                         */
    uint64_t next;      /* asked: record wanted, or FEED_...; its number */
    uint64_t n_records; /* of the sender's store                              */
    uint64_t kind;      /* of the record behind this word; 0: there is none   */
    uint64_t epoch, version, n_bytes; /* of the sender's newest               */
    uint8_t sha256[32];
    int64_t started_ns;
    uint8_t is_serving, is_first, reserved[6];
};
_Static_assert(sizeof(struct feed_word) == 104, "a word is 104 bytes on the wire");

#define FEED_NONE UINT64_MAX
#define FEED_FIND                                                                      \
    (UINT64_MAX - 1) /* from where on may there be news for the asker?                 \
                      */

struct feed_word feed_word_make(const struct relay *relay, int64_t started_ns);
/* ERR_INPUT for any other length, magic or flag. */
int feed_word_read(struct reader bytes, struct feed_word *word, struct err *err);
struct relay_standpoint feed_word_standpoint(const struct feed_word *word);

/* The answer to `asked`: *word, and record bytes in *record (empty: none). */
int feed_answer(const struct relay *relay, const struct feed_word *asked,
                int64_t started_ns, struct feed_word *word, struct buffer *record,
                struct err *err);

/* Where the follower stands. */
struct feed_follower {
    uint64_t next;    /* record to ask for   */
    int64_t heard_ns; /* monotonic; 0: never */
    int64_t asked_ns; /* monotonic           */
    bool is_waiting;  /* for an answer       */
    struct relay_standpoint other;
};

/* Take an answer: the record goes to the relay where it follows.  *more: ask again at
 * once. */
int feed_take(struct relay *relay, struct feed_follower *follower,
              const struct feed_word *word, struct reader record, bool *more,
              struct err *err);

#endif /* COORDINATOR_RELAY_FEED_H */
