/* seal.h -- has this file changed since it was written?
 *
 * HDF5 may crash on a damaged file, so none of ours reaches it unverified.  A sealed
 * file begins with a block that HDF5 skips, 512 bytes of text filled up with NUL:
 *
 *     PLIMSOLL HISTORY 1            the kind of file and its version
 *     bytes 2212864                 of the whole file, this block included
 *     apart 6 from 2212768          stretches that stand apart; their list, at the end
 *     sha256 9f86d081884c7d65...    of the rest
 *
 * The digest covers every byte of the file, its own 64 digits taken as '0', but the
 * stretches that stand apart: large columns whose digest is kept in the sealed part
 * and compared by whoever reads them.  So opening costs what the directory of a store
 * costs, not what its prices do.  A seal finds accidents; it is no signature. */
#ifndef CORE_SEAL_H
#define CORE_SEAL_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

enum { SEAL_BYTES = 512, SEAL_KIND_MAX = 32 };

/* n_bytes of the file from offset; on disk as here, little-endian. */
struct seal_stretch {
    uint64_t offset, n_bytes;
};
_Static_assert(sizeof(struct seal_stretch) == 16, "a record of the list at the end");

/* Seal the file at path, whose first SEAL_BYTES are free for it.  The stretches do not
 * overlap; they are put in order here.  ERR_IO where the file cannot be written. */
int seal_write(const char *path, const char *kind, size_t n_apart,
               struct seal_stretch apart[], struct err *err);

/* Is this a whole, unchanged file of this kind?  ERR_INPUT with the path in front. */
int seal_check(const char *path, const char *kind, struct err *err);

/* The kind that the file says it is ("PLIMSOLL HISTORY 1"); nothing else is checked. */
int seal_read_kind(const char *path, char kind[SEAL_KIND_MAX], struct err *err);

#endif /* CORE_SEAL_H */
