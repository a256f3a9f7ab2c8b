/* file.h -- reading a file whole, and replacing one so that a crash leaves old or new
 *
 * A replaced file is written under a temporary name in the same directory,
 * fsynced, renamed over the old one, and the directory is fsynced. */
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include "core/err.h"

#include <stddef.h>

enum { FILE_PATH_MAX = 4096 };

/* The whole file in memory, a NUL after its end; free() it.  Files over
 * `limit` bytes are refused. */
int file_read(const char *path, size_t limit, char **bytes, size_t *n_bytes,
              struct err *err);

/* Replace path by these bytes, durably. */
int file_replace(const char *path, const void *bytes, size_t n_bytes, struct err *err);

/* The same without waiting for the disk, for what is written again in a moment: a
 * reader sees old or new, after a power failure perhaps neither. */
int file_swap(const char *path, const void *bytes, size_t n_bytes, struct err *err);

/* For products that a library writes itself: the temporary name next to path
 * ("dir/.name.PID.tmp"), and its turning into path (fsync, rename, fsync of the
 * directory).  A caller that fails in between calls file_discard. */
int file_temporary_name(const char *path, char out[FILE_PATH_MAX], struct err *err);
int file_commit(const char *temporary, const char *path, struct err *err);
void file_discard(const char *temporary);

/* Remove the temporary files of path that killed processes have left.  Only for who
 * holds the lock on what path belongs to; what cannot be removed stays. */
void file_discard_abandoned(const char *path);

/* Make a directory and its parents, durably; it may exist.  It must be writable. */
int file_make_directory(const char *path, struct err *err);

/* "dir/name"; refuses what does not fit. */
int file_join(const char *directory, const char *name, char out[FILE_PATH_MAX],
              struct err *err);

#endif /* CORE_FILE_H */
