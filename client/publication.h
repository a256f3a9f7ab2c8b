/* publication.h -- who says that engines shall use this set, and does that count?
 *
 * A publication is a manifest (client/manifest.h), Ed25519 signatures over exactly its
 * bytes, and the bytes of parameters.json, which the manifest names by length and
 * SHA-256: a signature covers set, version, parent and validity alike.
 *
 * On disk it is one file: the frames of its message (client/stream.h), one after the
 * other.
 *
 * A publication is counted: publication_share adds an owner, publication_free takes one
 * away, from any thread.  What it holds never changes. */
#ifndef CLIENT_PUBLICATION_H
#define CLIENT_PUBLICATION_H

#include "client/keyfile.h"
#include "client/manifest.h"
#include "client/trust.h"
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

enum { PUBLICATION_SIGNATURES_MAX = 16, PUBLICATION_SIGNATURE_BYTES = 64 };

/* As on the wire. */
struct publication_signature {
    uint8_t key_id[KEY_ID_BYTES];
    uint8_t bytes[PUBLICATION_SIGNATURE_BYTES];
};
_Static_assert(sizeof(struct publication_signature) == 80, "80 bytes on the wire");

/* Bytes that somebody else owns, as they came in frames or files. */
struct publication_parts {
    const void *manifest, *set;
    size_t n_manifest, n_set;
    const struct publication_signature *signature;
    size_t n_signatures;
};

struct publication {
    struct manifest is;             /* what the manifest says */
    struct publication_parts parts; /* owned */
    struct publication_owners *owners;
};

/* Sign a new one of this set with n_keys keys (0: unsigned).  The set's length and
 * digest are put into the manifest. */
int publication_make(const struct manifest *manifest, const void *set, size_t n_set,
                     size_t n_keys, const struct key key[],
                     struct publication **publication, struct err *err);

/* Copy parts, after checking that the manifest is canonical and names the set, and that
 * no key signs twice.  Whether signatures count is publication_verify's. */
int publication_take(const struct publication_parts *parts,
                     struct publication **publication, struct err *err);

const struct publication *publication_share(const struct publication *publication);
void publication_free(const struct publication *publication); /* takes NULL */

int publication_sign(const struct key *key, const void *manifest, size_t n_manifest,
                     struct publication_signature *signature, struct err *err);

/* ERR_REFUSED unless enough names of `trust` have signed.  A signature of a listed key
 * that is wrong refuses all; those of strangers and of revoked keys do not count. */
int publication_verify(const struct trust *trust, const struct publication_parts *parts,
                       struct err *err);

/* The names whose signatures count, as "operator, deputy", and how many they are. */
enum { PUBLICATION_NAMES_MAX = PUBLICATION_SIGNATURES_MAX * (KEY_NAME_MAX + 2) };
size_t publication_signers(const struct trust *trust,
                           const struct publication_parts *parts,
                           char names[PUBLICATION_NAMES_MAX]);

/* The bytes of that file, the same whenever; free() them.  What is read is checked as
 * publication_take does. */
int publication_pack(const struct publication *publication, char **bytes,
                     size_t *n_bytes, struct err *err);
int publication_unpack(const void *bytes, size_t n_bytes,
                       struct publication **publication, struct err *err);

#endif /* CLIENT_PUBLICATION_H */
