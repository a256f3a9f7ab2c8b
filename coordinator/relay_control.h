/* relay_control.h -- how does an operator's command reach a running relay?
 *
 *     command                              relay
 *     DEALER --- verb, who, version, text, ... ---> ROUTER   ipc://STORE/control
 *     DEALER <-- how it went, text ---------------  ROUTER
 *
 * Whoever may write that socket may govern: it is made with its owner's permissions
 * alone.  `who` is what the command says of itself, for the audit log. */
#ifndef COORDINATOR_RELAY_CONTROL_H
#define COORDINATOR_RELAY_CONTROL_H

#include "client/publication.h"
#include "coordinator/relay_table.h"
#include "core/err.h"

#define RELAY_STATUS_NAME     "relay.json"
#define RELAY_PROMETHEUS_NAME "relay.prom"
enum { RELAY_CONTROL_MAX = 108 }; /* "ipc://" and a path as long as sockets have */

/* `control`, or ipc://STORE/control.  ERR_INPUT where that is too long. */
int relay_control_address(const struct relay_keys *keys, char out[RELAY_CONTROL_MAX],
                          struct err *err);

struct relay_command {
    const char *verb; /* freeze, unfreeze, promote, withdraw, approve, offer, status */
    uint64_t version;
    const char *text;                              /* reason; NULL: none */
    const struct publication_signature *signature; /* approve            */
    const struct publication *publication;         /* offer              */
};

/* Ask the relay whose store is at `place`, or which is controlled at that ipc://
 * address.  *answer is for people (status: JSON); free() it.  ERR_REFUSED with the
 * reason where it says no; ERR_COMM where nobody answers. */
int relay_control_ask(const char *place, const struct relay_command *command,
                      char **answer, struct err *err);

#endif /* COORDINATOR_RELAY_CONTROL_H */
