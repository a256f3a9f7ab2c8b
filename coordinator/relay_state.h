/* relay_state.h -- which publications does a relay hold, and who gets which?
 *
 * The fold over the records of its store, in memory: the same records give the same
 * state, whether they were written now or read back after a crash. */
#ifndef COORDINATOR_RELAY_STATE_H
#define COORDINATOR_RELAY_STATE_H

#include "coordinator/relay_record.h"

#include <stddef.h>

enum relay_standing { RELAY_IS_PENDING, RELAY_IS_ACCEPTED, RELAY_IS_WITHDRAWN };

struct relay_entry {
    struct stream_name name;
    enum relay_standing standing;
    uint64_t rollback_of;
    uint64_t offset, n_bytes;   /* of its offered record in the store */
    struct buffer signatures;   /* the latest                         */
    char who[RELAY_NAME_MAX];   /* who offered it                     */
    char group[RELAY_NAME_MAX]; /* the last that it is served to; "": none yet */
    int64_t offered_ns, served_ns;
    int64_t production_ns; /* when it reached the last group; 0: not */
};

struct relay_state {
    size_t n, capacity;
    struct relay_entry *entry; /* by rising name but for those withdrawn */
    bool is_frozen;
    char frozen_by[RELAY_NAME_MAX], frozen_text[RELAY_TEXT_MAX];
    int64_t frozen_ns;
};

/* May this record follow?  ERR_INPUT says what it contradicts: a version that goes
 * back, an unknown one, a step that was made before. */
int relay_state_check(const struct relay_state *state,
                      const struct relay_record *record, struct err *err);

/* Check it and go on by it.  `offset` and n_bytes are the record's place. */
int relay_state_apply(struct relay_state *state, const struct relay_record *record,
                      uint64_t offset, uint64_t n_bytes, struct err *err);
void relay_state_free(struct relay_state *state);

/* NULL where there is none. */
const struct relay_entry *relay_state_find(const struct relay_state *state,
                                           uint64_t epoch, uint64_t version);
const struct relay_entry *relay_state_pending(const struct relay_state *state);
/* The newest accepted; what the next must follow. */
const struct relay_entry *relay_state_newest(const struct relay_state *state);
/* The newest that reached the last group, and the newest that had done so by then. */
const struct relay_entry *relay_state_production(const struct relay_state *state);
const struct relay_entry *relay_state_production_at(const struct relay_state *state,
                                                    int64_t time_ns);

#endif /* COORDINATOR_RELAY_STATE_H */
