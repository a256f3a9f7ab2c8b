/* sha256_blocks.h -- can this processor digest blocks itself?
 *
 * The SHA extensions of x86-64 do in an instruction what takes libsodium twenty: a
 * history or a calibration is digested four to six times as fast. */
#ifndef CORE_SHA256_BLOCKS_H
#define CORE_SHA256_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_BLOCK_BYTES = 64 };

bool sha256_blocks_can(void);
/* The chaining value after n blocks; only where sha256_blocks_can(). */
void sha256_blocks(uint32_t state[8], size_t n, const unsigned char *bytes);

#endif /* CORE_SHA256_BLOCKS_H */
