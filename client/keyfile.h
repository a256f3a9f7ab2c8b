/* keyfile.h -- where does a secret key come from, and may it be used?
 *
 * A pair of keys is two small text files:
 *
 *     NAME.secret   plimsoll-secret-key 1
 *                   signing <64 hexadecimal digits> operator
 *     NAME.public   # plimsoll-public-key 1
 *                   signing <64 hexadecimal digits> operator
 *
 * A `signing` key is Ed25519 (its secret is the seed of 32 bytes) and says who may
 * publish; a `curve` key is Curve25519 as ZeroMQ's CURVE takes it and says who may
 * connect.  One is never taken for the other.  The line of a public file can be copied
 * into a trust file as it stands (client/trust.h).
 *
 * A secret file is refused unless it is its user's and nobody else can read it. */
#ifndef CLIENT_KEYFILE_H
#define CLIENT_KEYFILE_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

enum {
    KEY_BYTES = 32,
    KEY_HEX_MAX = 65,
    KEY_ID_BYTES = 16,
    KEY_NAME_MAX = 64, /* a name as an instrument's, and its NUL */
};

enum key_kind { KEY_SIGNING, KEY_CURVE };

struct key {
    enum key_kind kind;
    char name[KEY_NAME_MAX];
    uint8_t secret[KEY_BYTES]; /* SIGNING: the seed */
    uint8_t public[KEY_BYTES];
};

/* "signing", "curve". */
const char *key_kind_text(enum key_kind kind);
int key_kind_read(const char *text, enum key_kind *kind, struct err *err);

/* A new one, from the system's random numbers. */
int key_generate(enum key_kind kind, const char *name, struct key *key,
                 struct err *err);

/* Write PATH.secret (0600) and PATH.public; neither may be there yet. */
int key_write(const struct key *key, const char *path, struct err *err);

/* ERR_INPUT where it is no secret key of this kind, or the file is not safe.  The
 * public half is derived from the secret one. */
int key_read(const char *path, enum key_kind kind, struct key *key, struct err *err);

/* ERR_INPUT unless the open file is a regular one of this user or root, which others
 * cannot write (or, `is_secret`, not even read). */
int key_check_owner(int fd, const char *path, int is_secret, struct err *err);

/* Overwrite what was secret. */
void key_forget(struct key *key);

/* What a signature names its key by: the first 16 bytes of SHA-256 of the public key.
 */
void key_id(const uint8_t public[KEY_BYTES], uint8_t id[KEY_ID_BYTES]);

/* 64 lower-case hexadecimal digits, and back.  _text returns out. */
char *key_text(const uint8_t bytes[KEY_BYTES], char out[KEY_HEX_MAX]);
int key_from_text(const char *text, uint8_t bytes[KEY_BYTES], struct err *err);

#endif /* CLIENT_KEYFILE_H */
