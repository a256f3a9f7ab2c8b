#include "core/sha256.h"
#include "core/sha256_blocks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void sha256_start(struct sha256 *sha)
{
    crypto_hash_sha256_init(&sha->state);
}

/* Up to the end of a block that has begun, then whole blocks by the processor where it
 * can; what is left is libsodium's, whose state.count is in bits. */
void sha256_add(struct sha256 *sha, const void *bytes, size_t n_bytes)
{
    crypto_hash_sha256_state *state = &sha->state;
    const unsigned char *at = bytes;
    const size_t begun = (size_t)(state->count / 8 % SHA256_BLOCK_BYTES);
    const size_t head = begun > 0 ? SHA256_BLOCK_BYTES - begun : 0;

    if (sha256_blocks_can() && n_bytes >= head + SHA256_BLOCK_BYTES) {
        crypto_hash_sha256_update(state, at, head);
        const size_t n = (n_bytes - head) / SHA256_BLOCK_BYTES;

        sha256_blocks(state->state, n, at + head);
        state->count += 8 * (uint64_t)n * SHA256_BLOCK_BYTES;
        at += head + n * SHA256_BLOCK_BYTES;
        n_bytes -= head + n * SHA256_BLOCK_BYTES;
    }
    crypto_hash_sha256_update(state, at, n_bytes);
}

char *sha256_text(struct sha256 *sha, char out[SHA256_TEXT_MAX])
{
    unsigned char digest[crypto_hash_sha256_BYTES];

    crypto_hash_sha256_final(&sha->state, digest);
    return sodium_bin2hex(out, SHA256_TEXT_MAX, digest, sizeof digest);
}

char *sha256_of(const void *bytes, size_t n_bytes, char out[SHA256_TEXT_MAX])
{
    struct sha256 sha;

    sha256_start(&sha);
    sha256_add(&sha, bytes, n_bytes);
    return sha256_text(&sha, out);
}

int sha256_of_file(const char *path, char out[SHA256_TEXT_MAX], struct err *err)
{
    char buffer[1 << 16];
    struct sha256 sha;
    size_t n;

    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
    sha256_start(&sha);
    while ((n = fread(buffer, 1, sizeof buffer, file)) > 0)
        sha256_add(&sha, buffer, n);
    const int failed = ferror(file);
    fclose(file);
    if (failed)
        return err_set(err, ERR_IO, "%s: reading fails", path);
    sha256_text(&sha, out);
    return 0;
}
