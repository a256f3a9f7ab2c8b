/* relay_role.h -- of two relays, which one serves?
 *
 * Each asks the other's feed how it stands, and decides by itself, by the same rule:
 *
 *     the other is silent    serve on; or take over once it has been silent for the
 *                            stated time
 *     one serves             the other follows, unless it holds a newer version
 *     both or neither do     the one with the newer version, then the one that is
 *                            configured to be the first, then the one that started
 * first
 *
 * While the two cannot hear each other both may serve.  Neither can make a version:
 * they serve what publishers have signed, subscribers never go back, and when the two
 * hear each other again the newer version wins. */
#ifndef COORDINATOR_RELAY_ROLE_H
#define COORDINATOR_RELAY_ROLE_H

#include "client/stream.h"

#include <stdbool.h>
#include <stdint.h>

struct relay_standpoint {
    bool is_serving, is_first;
    struct stream_name newest; /* version 0: holds nothing   */
    int64_t started_ns;        /* since 1970                 */
};

/* Should `mine` serve now?  `other` is what was heard last, silent_ns ago. */
bool relay_role_serves(const struct relay_standpoint *mine,
                       const struct relay_standpoint *other, int64_t silent_ns,
                       int64_t takeover_ns);

#endif /* COORDINATOR_RELAY_ROLE_H */
