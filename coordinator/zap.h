/* zap.h -- does this public key get past the handshake?
 *
 * The handler of ZeroMQ's authentication protocol (RFC 27), in a thread of its own: it
 * is bound before zap_open returns, and answers for each domain from that domain's
 * list.  What it cannot read, does not know or has no list for is refused, and where it
 * does not answer, ZeroMQ refuses (ZMQ_ZAP_ENFORCE_DOMAIN).  It tells the port who it
 * was by the key in hexadecimal, as ZeroMQ's User-Id. */
#ifndef COORDINATOR_ZAP_H
#define COORDINATOR_ZAP_H

#include "client/trust.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

struct zap;
struct zap_list;

/* `context` is ZeroMQ's.  The thread ends when the context is terminated; zap_close
 * afterwards. */
int zap_open(void *context, struct zap **zap, struct err *err);
void zap_close(struct zap *zap); /* takes NULL */

/* Who may connect where `domain` is enforced. */
int zap_add_list(struct zap *zap, const char *domain, const char *path,
                 struct zap_list **list, struct err *err);

/* As trust_watch_refresh. */
int zap_refresh(struct zap_list *list, struct err *err);

/* Is the key listed, revoked or not? */
bool zap_find(struct zap_list *list, const uint8_t public[KEY_BYTES],
              struct trust_key *key);

/* How many keys may connect: listed and not revoked. */
size_t zap_count(struct zap_list *list);

struct zap_counts {
    uint64_t n_strangers, n_revoked;
};
struct zap_counts zap_counts(const struct zap_list *list);

#endif /* COORDINATOR_ZAP_H */
