/* crc32c.h -- a checksum that finds torn and flipped bytes in a record (RFC 3720, B.4)
 *
 * Castagnoli's polynomial, reflected 0x82f63b78.  It finds accidents; it is no
 * signature. */
#ifndef CORE_CRC32C_H
#define CORE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Go on with `crc` (0 to start) over these bytes: a message may come in pieces. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t n_bytes);

/* The same without the processor's instruction. */
uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t n_bytes);

#endif /* CORE_CRC32C_H */
