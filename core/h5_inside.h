/* h5_inside.h -- what do the files behind core/h5.h share?  The only file to include
 * the HDF5 library. */
#ifndef CORE_H5_INSIDE_H
#define CORE_H5_INSIDE_H

#include "core/file.h"
#include "core/h5.h"
#include "core/seal.h"

#include <hdf5.h>
#include <hdf5_hl.h>

struct h5 {
    hid_t id;
    bool is_writing;
    char path[FILE_PATH_MAX];
    char temporary[FILE_PATH_MAX]; /* where it is written */
    char kind[SEAL_KIND_MAX];
    struct seal_stretch *apart; /* what H5_APART has written */
    size_t n_apart;
};

/* "FILE: cannot DOING OBJECT: REASON", the reason from HDF5's error stack, which is
 * cleared.  ERR_IO when writing, ERR_INPUT when reading.  Returns -1.  To be called
 * before anything is closed: each call into HDF5 empties that stack first. */
int h5_fail(const struct h5 *file, const char *doing, const char *object,
            struct err *err);

/* A new type for a value of this kind, the same in memory and in the file. */
hid_t h5_new_type(enum h5_type type, size_t text_size);

/* The array or table at path: its n_bytes fit into what the file stores for it, so
 * allocating them is safe.  Fills n_dims and extent; -1 or the opened object. */
hid_t h5_open_dataset(const struct h5 *file, const char *path, size_t value_size,
                      struct h5_array *array, struct err *err);

/* Create an array that carries no times; storage as it says.  -1 or the object. */
hid_t h5_create_dataset(const struct h5 *file, const char *path, hid_t type,
                        size_t value_size, const struct h5_array *array,
                        struct err *err);

#endif /* CORE_H5_INSIDE_H */
