/* relay_post.h -- what a serving relay is made of, for the files that make it */
#ifndef COORDINATOR_RELAY_POST_H
#define COORDINATOR_RELAY_POST_H

#include "client/keyfile.h"
#include "coordinator/gate.h"
#include "coordinator/intake.h"
#include "coordinator/line.h"
#include "coordinator/relay.h"
#include "coordinator/relay_feed.h"
#include "coordinator/server.h"

enum { RELAY_PORTS = 3 }; /* subscribers, intake, feed */

struct relay_post {
    const struct relay_config *config;
    struct relay *relay;
    struct key key;
    const struct key *curve;       /* &key, or NULL where plain */
    struct trust_key other;        /* the relay that is followed */
    int64_t started_ns, opened_ns; /* since 1970, monotonic      */

    /* always */
    struct gate *control_gate, *feed_gate;
    struct gate_port *control, *feed;
    /* while it serves */
    struct gate *gate;
    struct gate_port *intake, *subscribers;
    struct server *server;
    const struct publication *given[STAGES_MAX]; /* to the server; not owned */
    bool is_unanswered;                          /* the offer, whose verdict is this */
    struct intake_offer offer;
    struct relay_verdict verdict;

    struct line *follow;
    struct feed_follower follower;
    /* the relay that follows this one */
    uint64_t n_fed;  /* records that it has        */
    bool is_awaited; /* it had all before the latest of ours */
    int64_t fed_ns;  /* monotonic: when it asked; 0: it is gone */
    struct gate_peer fed_peer;
    int64_t probed_ns; /* monotonic */
    uint64_t n_seen;   /* records of ours, and since when, monotonic */
    int64_t seen_ns;

    struct gate_counts told[RELAY_PORTS]; /* what the audit log knows of their lists */
    int64_t status_due_ns;                /* monotonic                              */
};

/* relay_link.c: ask the other relay and take its records; answer one that follows. */
int relay_post_follow(struct relay_post *post, struct err *err);
int relay_post_feed(struct relay_post *post, struct err *err);
/* Is it there, and behind? */
bool relay_post_is_feeding(const struct relay_post *post);
/* Does the relay that follows have all, or can it not be waited for? */
bool relay_post_may_show(const struct relay_post *post);

/* relay_control.c: answer the operator's commands that wait. */
int relay_post_control(struct relay_post *post, struct err *err);

/* relay_status.c: how things stand, as JSON and for Prometheus; free() the bytes. */
int relay_post_json(const struct relay_post *post, char **bytes, size_t *n_bytes,
                    struct err *err);
int relay_post_prometheus(const struct relay_post *post, char **bytes, size_t *n_bytes,
                          struct err *err);

#endif /* COORDINATOR_RELAY_POST_H */
