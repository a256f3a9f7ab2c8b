/* relay.h -- which publications does a relay take, and who gets which?
 *
 *     publisher --offer--> relay --serves--> group 0, group 1, ... production
 *                           |
 *                           +-- store (coordinator/relay_store.h), audit log
 *
 * An offer is checked (manifest, set, signatures, order, parent, validity, guard-rails)
 * and is in the audit log and on the disk before anybody sees it.  With fewer
 * signatures than the signers' list asks for it waits; then it is served to one group
 * after the other (coordinator/stage.h).  All of it is told in the audit log.
 *
 * Everything but sockets: coordinator/relay_serve.h has those.  Single-threaded. */
#ifndef COORDINATOR_RELAY_H
#define COORDINATOR_RELAY_H

#include "client/publication.h"
#include "coordinator/audit.h"
#include "coordinator/relay_state.h"
#include "coordinator/relay_table.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

struct relay;

/* Open store, audit log and the signers' list.  It follows or serves as told by
 * relay_be. */
int relay_open(const struct relay_config *config, struct relay **relay,
               struct err *err);
void relay_close(struct relay *relay); /* takes NULL */

/* Into the audit log: it started, it stopped and why. */
void relay_tell(struct relay *relay, enum audit_event event, const char *text);

/* Following, it takes nothing but the other's records.  The reason is for the log. */
int relay_be(struct relay *relay, bool is_serving, const char *reason, struct err *err);
bool relay_is_serving(const struct relay *relay);

/* ---- offers ---- */

enum relay_answer { RELAY_TAKEN, RELAY_HELD, RELAY_REFUSED };

struct relay_verdict {
    enum relay_answer answer;
    char text[ERR_TEXT_MAX];
};

/* `who` offers it.  The same publication again gets the same answer; its further
 * signatures are added to those of one that waits. */
struct relay_verdict relay_offer(struct relay *relay, const char *who,
                                 const struct publication_parts *parts);

/* A refusal, for the count and the audit log, which has the same again once a minute,
 * and sixty different ones. */
void relay_refuse(struct relay *relay, const char *who, const struct stream_name *name,
                  const char *why);

/* ---- by hand: ERR_REFUSED says why not ---- */

/* One more signature for the version that waits. */
struct relay_verdict relay_sign(struct relay *relay, const char *who, uint64_t version,
                                const struct publication_signature *signature);
/* The newest goes to the next group now. */
int relay_promote(struct relay *relay, const char *who, uint64_t version,
                  struct err *err);
/* The one that waits will not go out. */
int relay_withdraw(struct relay *relay, const char *who, uint64_t version,
                   const char *text, struct err *err);
/* No offer is taken but rollbacks, and nothing moves on to the next group. */
int relay_freeze(struct relay *relay, const char *who, bool is_frozen, const char *text,
                 struct err *err);

/* ---- in time ---- */

/* Look at the signers' list again, move the newest on where its group has shown enough.
 * count[n_groups].  -1 where the store fails. */
int relay_tick(struct relay *relay, const struct stage_count count[], int64_t now_ns,
               struct err *err);

/* ---- the other relay's records ---- */

/* Take the record over if it is new here, once it is verified; one that contradicts
 * what is held is told and left. */
int relay_take(struct relay *relay, const struct relay_record *record, struct err *err);

/* ---- what there is ---- */

/* What group i gets; NULL: nothing yet.  Borrowed until the next call that is not
 * const. */
const struct publication *relay_serving(const struct relay *relay, size_t i);
/* The newest accepted; NULL where there is none. */
const struct relay_entry *relay_newest(const struct relay *relay);
const struct relay_store *relay_storage(const struct relay *relay);
const struct audit *relay_audit(const struct relay *relay);
const struct relay_config *relay_configured(const struct relay *relay);
uint64_t relay_n_refused(const struct relay *relay);
const char *relay_last_refusal(const struct relay *relay);

#endif /* COORDINATOR_RELAY_H */
