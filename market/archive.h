/* archive.h -- which files are in this file?
 *
 * A plain file holds itself; a gzip file holds one; zip and tar hold many.  libarchive
 * is met in archive.c and nowhere else. */
#ifndef MARKET_ARCHIVE_H
#define MARKET_ARCHIVE_H

#include "core/err.h"
#include "core/sha256.h"

#include <stddef.h>

/* One file that an archive holds; borrowed for the length of the call.  `name` is its
 * base name: that of the outer file, without ".gz", where there is no archive. */
struct archive_member {
    const char *name;
    const char *bytes; /* a NUL behind */
    size_t n_bytes;
};

typedef int (*archive_member_fn)(void *context, const struct archive_member *member,
                                 struct err *err);

/* Which members to unpack; NULL: all. */
typedef _Bool (*archive_wanted_fn)(void *context, const char *name);

/* Hand each member to `take`, in the archive's order.  Directories, hidden files and
 * __MACOSX are passed over.  A damaged, truncated or encrypted archive, and a gzip
 * whose checksum is wrong, are ERR_INPUT with the path in front; so is what `take`
 * returns, with the member's name.  sha256 is that of the outer file. */
int archive_read(const char *path, archive_wanted_fn wanted, archive_member_fn take,
                 void *context, char sha256[SHA256_TEXT_MAX], struct err *err);

#endif /* MARKET_ARCHIVE_H */
