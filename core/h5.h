/* h5.h -- what is in an HDF5 file of ours, and how is one written?
 *
 * Objects are named by their path ("/BTC-PERP/1h/close"); there are no handles but the
 * file.  A file is written under a temporary name and sealed (core/seal.h); reading
 * begins with the seal, so HDF5 never sees a damaged file.  No object carries a time
 * stamp and the format is fixed to that of HDF5 1.8: equal calls make equal bytes.
 *
 * Errors name the file and the object.  What is wrong with a file that is read is
 * ERR_INPUT, what hinders writing is ERR_IO with the system's reason. */
#ifndef CORE_H5_H
#define CORE_H5_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct h5;

/* Begin a file that will be at path once h5_commit says so.  kind: see seal.h. */
int h5_create(const char *path, const char *kind, struct h5 **file, struct err *err);
/* Close, seal, fsync and rename; frees file always.  On failure path is as before. */
int h5_commit(struct h5 *file, struct err *err);
/* Open for reading after checking that the seal of this kind is unbroken. */
int h5_open(const char *path, const char *kind, struct h5 **file, struct err *err);
/* Done with reading, or drop what h5_create began; takes NULL. */
void h5_close(struct h5 *file);
const char *h5_path(const struct h5 *file);
uint64_t h5_bytes(const struct h5 *file); /* its size: no honest count exceeds it */

/* Groups.  The parent must be there. */
int h5_make_group(struct h5 *file, const char *path, struct err *err);
bool h5_exists(const struct h5 *file, const char *path);

struct h5_names {
    size_t n;
    char **name; /* in the order of strcmp */
};
int h5_list(const struct h5 *file, const char *group, struct h5_names *names,
            struct err *err);
void h5_names_free(struct h5_names *names);

/* Arrays: 0 to H5_DIMS_MAX dimensions, the last one fastest. */
enum h5_type {
    H5_TYPE_REAL64, /* double   */
    H5_TYPE_INT64,  /* int64_t  */
    H5_TYPE_UINT64, /* uint64_t */
    H5_TYPE_TEXT,   /* char[text_size], filled up with NUL */
};

enum h5_storage {
    H5_PLAIN,    /* contiguous                                             */
    H5_DEFLATED, /* in chunks, deflate level 1                             */
    H5_APART,    /* contiguous, not under the seal: the caller has a digest */
};

enum { H5_DIMS_MAX = 16 };

struct h5_array {
    enum h5_type type;
    enum h5_storage storage; /* h5_describe: H5_PLAIN or H5_DEFLATED */
    size_t text_size;
    size_t n_dims;
    size_t extent[H5_DIMS_MAX];
};

size_t h5_array_bytes(const struct h5_array *array);
int h5_write(struct h5 *file, const char *path, const struct h5_array *array,
             const void *values, struct err *err);
/* What stands at path; its bytes are known to be no more than the file can hold. */
int h5_describe(const struct h5 *file, const char *path, struct h5_array *array,
                struct err *err);
/* Read it all into values; it must have the type and extents that array says. */
int h5_read(const struct h5 *file, const char *path, const struct h5_array *array,
            void *values, struct err *err);
/* Ask the system to have an array's bytes at hand soon; nothing is promised. */
void h5_expect(const struct h5 *file, const char *path);

/* Tables: rows of fields, a struct in memory and packed in the file. */
struct h5_field {
    const char *name;
    enum h5_type type;
    size_t offset;    /* in the struct          */
    size_t text_size; /* H5_TYPE_TEXT: its char[] */
};

struct h5_table {
    size_t row_size, n_fields;
    const struct h5_field *field;
};

int h5_write_table(struct h5 *file, const char *path, const struct h5_table *table,
                   size_t n_rows, const void *rows, struct err *err);
/* The file's fields must be these.  free(*rows); its texts end in NUL. */
int h5_read_table(const struct h5 *file, const char *path, const struct h5_table *table,
                  size_t *n_rows, void **rows, struct err *err);

/* Attributes of a group or an array; texts of any length, UTF-8. */
int h5_set_text(struct h5 *file, const char *path, const char *name, const char *value,
                struct err *err);
int h5_set_integer(struct h5 *file, const char *path, const char *name, int64_t value,
                   struct err *err);
int h5_set_real(struct h5 *file, const char *path, const char *name, double value,
                struct err *err);
int h5_get_text(const struct h5 *file, const char *path, const char *name, char **value,
                struct err *err); /* free(*value) */
int h5_get_integer(const struct h5 *file, const char *path, const char *name,
                   int64_t *value, struct err *err);
int h5_get_real(const struct h5 *file, const char *path, const char *name,
                double *value, struct err *err);

/* Dimension scales (HDF5's convention, which h5py, netCDF and xarray follow). */
/* Make the 1-D array at path the axis `name`, its unit in attribute "units". */
int h5_make_scale(struct h5 *file, const char *path, const char *name, const char *unit,
                  struct err *err);
/* Dimension d of the array at path runs along that axis. */
int h5_attach_scale(struct h5 *file, const char *path, size_t d, const char *scale,
                    struct err *err);

#endif /* CORE_H5_H */
