/* relay_serve.h -- how does a relay speak with publishers, engines, the other relay and
 * its operator?
 *
 *     publishers  --- intake ------>  relay  --- subscribers --->  engines
 *     operator    --- control ----->    |    <-- acknowledgements
 *                                       +------ feed ---------->  the other relay
 *
 * One loop, no threads but ZeroMQ's own.  While it follows, a relay listens at its feed
 * and its control alone: engines and publishers find nobody there and stay with, or go
 * to, the one that serves. */
#ifndef COORDINATOR_RELAY_SERVE_H
#define COORDINATOR_RELAY_SERVE_H

#include "coordinator/relay_table.h"
#include "core/err.h"

#include <stdatomic.h>

/* Until *stop, or the store or a socket fails. */
int relay_serve(const struct relay_config *config, const atomic_int *stop,
                struct err *err);

#endif /* COORDINATOR_RELAY_SERVE_H */
