/* publish.h -- how does a parameter set become a publication, and reach the engines?
 *
 * `plimsoll publish`, after its command line has been read. */
#ifndef COORDINATOR_PUBLISH_H
#define COORDINATOR_PUBLISH_H

#include "client/publication.h"
#include "core/err.h"
#include "core/file.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PUBLISH_RELAYS_MAX = 4 };

struct publish_plan {
    const char *path; /* parameters.json */
    size_t n_signers;
    const char *signer[PUBLICATION_SIGNATURES_MAX]; /* secret signing keys */
    /* Of the manifest.  0 and NULL: not asked for. */
    int64_t valid_from_ns, valid_until_ns, valid_for_ns;
    const char *audience, *note;
    /* Guard-rails: a job file, and the set that engines hold (NULL: the last published
     * from the same state, if any). */
    const char *guard, *incumbent;

    bool plain;
    const char *key;   /* secret curve key */
    const char *state; /* directory of last.publication; NULL: the set's, or, to a
                          relay, none is kept */
    /* to a relay: the first of these that takes offers; a key for each, or one for all
     */
    size_t n_to, n_relay_keys;
    const char *to[PUBLISH_RELAYS_MAX], *relay_key[PUBLISH_RELAYS_MAX];
    int64_t timeout_ns; /* of all together */
    /* directly */
    const char *bind, *subscribers;
    int64_t for_ns;         /* 0: without end                     */
    int64_t n_acknowledged; /* 0: however many may acknowledge it */
    const volatile sig_atomic_t *stop;
};

/* The set's bytes, that an engine would accept, and the keys. */
struct publish_matter {
    char *set;
    size_t n_set, n_instruments, n_keys;
    struct key key[PUBLICATION_SIGNATURES_MAX];
};

int publish_read(const struct publish_plan *plan, struct publish_matter *matter,
                 struct err *err);
void publish_forget(struct publish_matter *matter);

/* ERR_REFUSED where a guard-rail of the plan's job says no; `held` (NULL: none is
 * known) is what engines hold where the plan names no incumbent. */
int publish_check_guard(const struct publish_plan *plan,
                        const struct publish_matter *matter,
                        const struct publication *held, struct err *err);

/* Sign the matter as the version after `last` (zeros: the first of a new epoch). */
int publish_make(const struct publish_plan *plan, const struct publish_matter *matter,
                 const struct stream_name *last, struct publication **publication,
                 struct err *err);

/* Does the plan say something that a publication of the same set may not say yet? */
bool publish_is_new(const struct publish_plan *plan);

/* ---- last.publication, the one that went out last from here ---- */

/* Its path: in --state, or beside the set. */
int publish_find_state(const struct publish_plan *plan, char path[FILE_PATH_MAX],
                       struct err *err);
/* NULL where there is none yet. */
int publish_read_last(const char *path, struct publication **last, struct err *err);
int publish_write_last(const char *path, const struct publication *publication,
                       struct err *err);
/* Can it go out again: the same set, valid still, by the same keys, and nothing asked
 * for that it may not say? */
bool publish_is_again(const struct publish_plan *plan,
                      const struct publish_matter *matter,
                      const struct publication *last);
/* ... or just what it says? */
bool publish_says_same(const struct publish_plan *plan,
                       const struct publish_matter *matter,
                       const struct publication *last);
/* Beside `path` it is noted that the last one was offered, and no verdict heard. */
bool publish_is_unanswered(const char *path);
int publish_note_unanswered(const char *path, bool is_unanswered, struct err *err);

/* ---- on the way ---- */

/* Serve it to subscribers until stopped. */
int publish_directly(const struct publish_plan *plan,
                     const struct publish_matter *matter, struct err *err);

/* Offer it to the first relay that takes offers.  ERR_REFUSED with its reason; the same
 * bytes are offered again where a connection ended before the verdict. */
int publish_to_relay(const struct publish_plan *plan,
                     const struct publish_matter *matter, struct err *err);

#endif /* COORDINATOR_PUBLISH_H */
