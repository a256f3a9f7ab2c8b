/* relay_inside.h -- what a relay is made of, for the files that make it */
#ifndef COORDINATOR_RELAY_INSIDE_H
#define COORDINATOR_RELAY_INSIDE_H

#include "coordinator/relay.h"
#include "coordinator/relay_store.h"

struct relay {
    const struct relay_config *config;
    struct relay_store *store;
    struct audit *audit;
    struct trust_watch *signers;
    bool is_serving;
    bool is_unsettled;  /* what waits may have enough signatures now */
    struct stage stage; /* of the newest accepted */
    const struct publication *serving[STAGES_MAX];
    uint64_t n_refused;
    char last_refusal[ERR_TEXT_MAX];
    int64_t last_refusal_ns; /* monotonic: the same again is told once a minute */
    uint64_t n_noted;        /* different ones since then: so many are written  */
    int64_t noting_since_ns;
};

/* "who, what happened, to which": into the audit log. */
int relay_note(struct relay *relay, enum audit_event event, const char *who,
               const struct stream_name *name, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* One of this kind, by `who`, about `name` (NULL: none). */
struct relay_record relay_record_of(enum relay_kind kind, const char *who,
                                    const struct stream_name *name);

/* Append the record, whose time is now. */
int relay_put(struct relay *relay, struct relay_record *record, struct err *err);

/* Is this what may be published next?  ERR_REFUSED or ERR_INPUT says why not. */
int relay_judge(struct relay *relay, const struct publication *publication,
                struct err *err);

/* What waits, and what is not served yet, goes on as far as it may. */
int relay_settle(struct relay *relay, struct err *err);

/* What each group gets, by the state. */
int relay_serve_held(struct relay *relay, struct err *err);

/* The group after `group` that the publication is for; n_groups: none. */
size_t relay_next_group(const struct relay *relay,
                        const struct publication *publication, int group);

#endif /* COORDINATOR_RELAY_INSIDE_H */
