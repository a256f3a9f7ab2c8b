/* offer.h -- does the relay take this publication?
 *
 * The publisher's side of a relay's intake; the conversation is drawn in
 * client/stream.h. */
#ifndef COORDINATOR_OFFER_H
#define COORDINATOR_OFFER_H

#include "client/publication.h"
#include "client/stream.h"
#include "core/err.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct offer;

struct offer_plan {
    const char *address;
    const char *key,
        *relay_key;     /* files: my secret curve key, its public; NULL: plain */
    int64_t timeout_ns; /* for the connection and the first answer */
    int64_t verdict_ns; /* for the verdict; 0: the same            */
    int64_t until_ns;   /* monotonic: not beyond; 0: no such bound  */
    const volatile sig_atomic_t
        *stop; /* ERR_STOPPED when set; NULL: nothing stops it */
};

int offer_open(const struct offer_plan *plan, struct offer **offer, struct err *err);
void offer_close(struct offer *offer); /* takes NULL */

/* What the next publication must follow: zeros where the relay has none. */
int offer_newest(struct offer *offer, struct stream_name *newest, struct err *err);

/* Offer it and wait for the verdict.  ERR_REFUSED with the relay's reason; ERR_COMM
 * where no answer came: then it may have been taken, and can be offered again. */
int offer_send(struct offer *offer, const struct publication *publication,
               enum stream_verdict *verdict, char reason[STREAM_REASON_MAX],
               struct err *err);

#endif /* COORDINATOR_OFFER_H */
