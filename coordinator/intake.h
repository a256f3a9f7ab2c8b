/* intake.h -- what do publishers offer, and what are they told?
 *
 *     publisher                          relay
 *       REQUEST ----------------------->  intake_newest answers: what the next must
 * follow OFFER + publication ----------->  intake_next hands it over
 *       <------------- VERDICT + reason   intake_answer
 *
 * At one port of a gate, whose list says who may offer.  What is no offer by its form
 * is refused here, with a verdict, and counted; whether the publication is taken is the
 * relay's to say. */
#ifndef COORDINATOR_INTAKE_H
#define COORDINATOR_INTAKE_H

#include "client/publication.h"
#include "client/stream.h"
#include "coordinator/gate.h"
#include "core/err.h"

struct intake_offer {
    struct gate_peer from;
    struct trust_key who;
    struct stream_name name;        /* as the header says */
    struct publication_parts parts; /* good until the next call of intake_next */
};

enum { INTAKE_FRAME_BYTES_MAX = 257 << 20 };

/* The next offer that waits: 1, or 0.  Requests are answered with `newest` (NULL: there
 * is none yet) on the way. */
int intake_next(struct gate_port *port, const struct stream_name *newest,
                struct intake_offer *offer, struct err *err);

/* A publisher that is gone does not hear it, and will offer again. */
void intake_answer(struct gate_port *port, const struct intake_offer *offer,
                   enum stream_verdict verdict, const char *reason);

#endif /* COORDINATOR_INTAKE_H */
