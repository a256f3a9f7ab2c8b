/* relay_record.h -- what does a relay write down, and how is it laid out?
 *
 * A relay's store is a chain (coordinator/chain.h) of decisions; the record's kind is
 * the decision.  A second relay that follows gets the same records, and takes them over
 * after it has verified them itself. */
#ifndef COORDINATOR_RELAY_RECORD_H
#define COORDINATOR_RELAY_RECORD_H

#include "client/publication.h"
#include "client/stream.h"
#include "core/buffer.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

enum relay_kind {
    RELAY_OFFERED =
        1,           /* a publication that passed every check; it may need signatures */
    RELAY_SIGNED,    /* its signatures, one more than before                    */
    RELAY_ACCEPTED,  /* it has enough of them                                   */
    RELAY_WITHDRAWN, /* it will not be accepted                                 */
    RELAY_SERVED,    /* group, and those before it, get it from now on          */
    RELAY_FROZEN,    /* or not any more                                         */
    RELAY_KINDS
};

enum { RELAY_TEXT_MAX = 256, RELAY_NAME_MAX = 64 };

struct relay_record {
    enum relay_kind kind;
    int64_t time_ns;
    char who[RELAY_NAME_MAX]; /* key, user or relay it came from */
    struct stream_name name;  /* of the publication; zeros where frozen */
    /* offered */
    uint64_t rollback_of; /* version; 0: none */
    struct reader manifest, set;
    /* offered and signed: as they travel (client/publication.h) */
    struct reader signatures;
    /* served */
    char group[RELAY_NAME_MAX];
    bool is_last; /* the group is production */
    /* frozen, withdrawn */
    bool is_frozen;
    char text[RELAY_TEXT_MAX];
};

/* The record's bytes behind what is in the buffer already. */
void relay_record_put(struct buffer *buffer, const struct relay_record *record);

/* The spans are borrowed from `bytes`.  ERR_INPUT where a field is missing, does not
 * fit, or more follows. */
int relay_record_get(uint64_t kind, struct reader bytes, struct relay_record *record,
                     struct err *err);

/* The publication of an offered record. */
struct publication_parts relay_record_parts(const struct relay_record *record);

#endif /* COORDINATOR_RELAY_RECORD_H */
