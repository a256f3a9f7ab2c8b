/* sha256.h -- a digest of bytes, of a file, or of a growing message (FIPS 180-4)
 *
 * By libsodium, where core meets it; long messages by the processor (sha256_blocks). */
#ifndef CORE_SHA256_H
#define CORE_SHA256_H

#include "core/err.h"

#include <sodium.h>
#include <stddef.h>

enum { SHA256_TEXT_MAX = 65 };

struct sha256 {
    crypto_hash_sha256_state state;
};

void sha256_start(struct sha256 *sha);
void sha256_add(struct sha256 *sha, const void *bytes, size_t n_bytes);
/* Ends the message; 64 lower-case hexadecimal digits.  Returns out. */
char *sha256_text(struct sha256 *sha, char out[SHA256_TEXT_MAX]);

char *sha256_of(const void *bytes, size_t n_bytes, char out[SHA256_TEXT_MAX]);
int sha256_of_file(const char *path, char out[SHA256_TEXT_MAX], struct err *err);

#endif /* CORE_SHA256_H */
