/* manifest.h -- which set is this, since when and until when is it valid, for whom?
 *
 * parameters.json is a function of job, history and program.  What depends on when and
 * by whom it is published stands beside it, in one JSON object on one line, and is what
 * is signed (client/publication.h):
 *
 *     {"schema":"plimsoll-publication","schema_version":1,"epoch":...,"version":7,
 *      "set":{"sha256":"...","n_bytes":...,"schema":"plimsoll-parameters",
 *      "schema_version":1},"parent_sha256":"..." or null,
 *      "published_at":"2025-01-02T03:04:05Z","valid_from":"...","valid_until":"...",
 *      "audience":null or ["canary"],"rollback_of":null or 5,"note":"..."}
 *
 * Its bytes are canonical: members in this order, no blanks, shortest escapes, a line
 * feed at the end.  Other bytes of the same meaning are refused, so that one manifest
 * has one digest and one signature. */
#ifndef CLIENT_MANIFEST_H
#define CLIENT_MANIFEST_H

#include "client/keyfile.h"
#include "client/stream.h"
#include "client/trust.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MANIFEST_BYTES_MAX = 65535, MANIFEST_NOTE_MAX = 512 };

struct manifest {
    struct stream_name name; /* epoch, version; length and digest of the set     */
    bool has_parent;
    uint8_t parent_sha256[32];             /* of the set it follows             */
    int64_t published_ns;                  /* ns since 1970                     */
    int64_t valid_from_ns, valid_until_ns; /* from < until                      */
    char audience[TRUST_GROUPS_MAX];       /* "shadow,canary"; empty: everybody */
    uint64_t rollback_of;                  /* version; 0: it is no rollback     */
    char note[MANIFEST_NOTE_MAX];          /* without control characters        */
};

/* The canonical bytes; free() them.  ERR_INPUT where the manifest breaks a rule. */
int manifest_write(const struct manifest *manifest, char **bytes, size_t *n_bytes,
                   struct err *err);

/* ERR_INPUT names the member; for bytes that are not canonical, too. */
int manifest_read(const void *bytes, size_t n_bytes, struct manifest *manifest,
                  struct err *err);

/* ERR_REFUSED, with the moment, where it is not valid yet (`*is_early` then) or not
 * any more. */
int manifest_check_time(const struct manifest *manifest, int64_t now_ns, bool *is_early,
                        struct err *err);

#endif /* CLIENT_MANIFEST_H */
