#include "core/h5_inside.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Read back in pieces that fit into a cache; HDF5's own default would be the whole. */
enum { CHUNK_BYTES = 1 << 20 };

/* deflate makes at most 1032 bytes out of one (zlib, "Technical Details"). */
enum { DEFLATE_RATIO_MAX = 1032 };

hid_t h5_new_type(enum h5_type type, size_t text_size)
{
    switch (type) {
    case H5_TYPE_REAL64:
        return H5Tcopy(H5T_IEEE_F64LE);
    case H5_TYPE_INT64:
        return H5Tcopy(H5T_STD_I64LE);
    case H5_TYPE_UINT64:
        return H5Tcopy(H5T_STD_U64LE);
    case H5_TYPE_TEXT:
        break;
    }
    const hid_t text = H5Tcopy(H5T_C_S1);
    if (H5Tset_size(text, text_size) < 0 || H5Tset_strpad(text, H5T_STR_NULLPAD) < 0 ||
        H5Tset_cset(text, H5T_CSET_UTF8) < 0) {
        H5Tclose(text);
        return -1;
    }
    return text;
}

static size_t value_bytes(const struct h5_array *array)
{
    return array->type == H5_TYPE_TEXT ? array->text_size : sizeof(double);
}

size_t h5_array_bytes(const struct h5_array *array)
{
    size_t n = value_bytes(array);

    for (size_t d = 0; d < array->n_dims; d++)
        n *= array->extent[d];
    return n;
}

static hid_t new_space(const struct h5_array *array)
{
    hsize_t extent[H5_DIMS_MAX];

    if (array->n_dims > H5_DIMS_MAX)
        return -1;
    if (array->n_dims == 0)
        return H5Screate(H5S_SCALAR);
    for (size_t d = 0; d < array->n_dims; d++)
        extent[d] = array->extent[d];
    return H5Screate_simple((int)array->n_dims, extent, NULL);
}

/* Chunks of whole rows, as many as fit, cut from the slowest dimension on. */
static herr_t set_deflated(hid_t properties, size_t bytes, const struct h5_array *array)
{
    hsize_t chunk[H5_DIMS_MAX];

    for (size_t d = 0; d < array->n_dims; d++) {
        const size_t row_bytes = bytes / array->extent[d];

        chunk[d] = array->extent[d];
        if (bytes > CHUNK_BYTES) {
            chunk[d] = row_bytes >= CHUNK_BYTES ? 1 : CHUNK_BYTES / row_bytes;
            bytes = row_bytes * (size_t)chunk[d];
        }
    }
    if (H5Pset_chunk(properties, (int)array->n_dims, chunk) < 0)
        return -1;
    return H5Pset_deflate(properties, 1);
}

static hid_t new_dataset_properties(size_t bytes, const struct h5_array *array)
{
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    herr_t status = H5Pset_obj_track_times(properties, false);

    if (status >= 0)
        status = H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER);
    if (status >= 0 && array->storage == H5_APART)
        status = H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY);
    if (status >= 0 && array->storage == H5_DEFLATED && array->n_dims > 0 && bytes > 0)
        status = set_deflated(properties, bytes, array);
    if (status < 0) {
        H5Pclose(properties);
        return -1;
    }
    return properties;
}

hid_t h5_create_dataset(const struct h5 *file, const char *path, hid_t type,
                        size_t value_size, const struct h5_array *array,
                        struct err *err)
{
    size_t bytes = value_size;

    for (size_t d = 0; d < array->n_dims; d++)
        bytes *= array->extent[d];
    const hid_t space = new_space(array);
    const hid_t properties = new_dataset_properties(bytes, array);
    hid_t dataset = -1;
    if (space >= 0 && properties >= 0 && type >= 0)
        dataset = H5Dcreate2(file->id, path, type, space, H5P_DEFAULT, properties,
                             H5P_DEFAULT);
    if (dataset < 0)
        h5_fail(file, "write", path, err);
    H5Pclose(properties);
    H5Sclose(space);
    return dataset;
}

/* Keep in mind where the values stand that the seal leaves out. */
static int set_apart(struct h5 *file, hid_t dataset, size_t n_bytes)
{
    const haddr_t offset = H5Dget_offset(dataset);
    struct seal_stretch *more =
        realloc(file->apart, (file->n_apart + 1) * sizeof *more);

    if (more != NULL)
        file->apart = more;
    if (more == NULL || offset == HADDR_UNDEF)
        return -1;
    more[file->n_apart++] = (struct seal_stretch){.offset = offset, .n_bytes = n_bytes};
    return 0;
}

int h5_write(struct h5 *file, const char *path, const struct h5_array *array,
             const void *values, struct err *err)
{
    const size_t n_bytes = h5_array_bytes(array);
    const hid_t type = h5_new_type(array->type, array->text_size);
    int status = 0;

    const hid_t dataset =
        h5_create_dataset(file, path, type, value_bytes(array), array, err);
    if (dataset < 0)
        status = -1;
    else if (n_bytes > 0 &&
             H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        status = h5_fail(file, "write", path, err);
    else if (n_bytes > 0 && array->storage == H5_APART &&
             set_apart(file, dataset, n_bytes) != 0)
        status = h5_fail(file, "write", path, err);
    if (dataset >= 0 && H5Dclose(dataset) < 0 && status == 0)
        status = h5_fail(file, "write", path, err);
    H5Tclose(type);
    return status;
}

static int read_extents(hid_t dataset, struct h5_array *array)
{
    hsize_t extent[H5S_MAX_RANK];
    const hid_t space = H5Dget_space(dataset);

    const int n_dims = H5Sget_simple_extent_ndims(space);
    const bool is_readable = n_dims >= 0 && n_dims <= H5_DIMS_MAX &&
                             H5Sget_simple_extent_type(space) != H5S_NULL &&
                             H5Sget_simple_extent_dims(space, extent, NULL) == n_dims;
    H5Sclose(space);
    if (!is_readable)
        return -1;
    array->n_dims = (size_t)n_dims;
    for (size_t d = 0; d < array->n_dims; d++)
        array->extent[d] = (size_t)extent[d];
    return 0;
}

/* Does what the file stores suffice for all the values? */
static bool is_backed(hid_t dataset, size_t value_size, struct h5_array *array)
{
    const hid_t properties = H5Dget_create_plist(dataset);
    const hsize_t stored = H5Dget_storage_size(dataset);
    size_t bytes = value_size;

    array->storage = H5Pget_layout(properties) == H5D_CHUNKED ? H5_DEFLATED : H5_PLAIN;
    H5Pclose(properties);
    for (size_t d = 0; d < array->n_dims; d++)
        if (__builtin_mul_overflow(bytes, array->extent[d], &bytes))
            return false;
    if (array->storage == H5_DEFLATED)
        return bytes / DEFLATE_RATIO_MAX <= stored;
    return bytes <= stored;
}

hid_t h5_open_dataset(const struct h5 *file, const char *path, size_t value_size,
                      struct h5_array *array, struct err *err)
{
    const hid_t dataset = H5Dopen2(file->id, path, H5P_DEFAULT);

    if (dataset < 0)
        return h5_fail(file, "read", path, err);
    if (read_extents(dataset, array) == 0 && is_backed(dataset, value_size, array))
        return dataset;
    H5Dclose(dataset);
    H5Eclear2(H5E_DEFAULT);
    return err_set(err, ERR_INPUT, "%s: %s: its extents are not those of its data",
                   h5_path(file), path);
}

static bool is_type(hid_t type, enum h5_type as)
{
    const hid_t wanted = h5_new_type(as, 1);
    const bool is_it = H5Tequal(type, wanted) > 0;

    H5Tclose(wanted);
    return is_it;
}

/* One of our four types; -1 where it is another. */
static int read_type(hid_t dataset, struct h5_array *array)
{
    const hid_t type = H5Dget_type(dataset);
    int status = 0;

    array->text_size = 0;
    if (H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0) {
        array->type = H5_TYPE_TEXT;
        array->text_size = H5Tget_size(type);
    } else if (is_type(type, H5_TYPE_REAL64)) {
        array->type = H5_TYPE_REAL64;
    } else if (is_type(type, H5_TYPE_INT64)) {
        array->type = H5_TYPE_INT64;
    } else if (is_type(type, H5_TYPE_UINT64)) {
        array->type = H5_TYPE_UINT64;
    } else {
        status = -1;
    }
    H5Tclose(type);
    return status;
}

int h5_describe(const struct h5 *file, const char *path, struct h5_array *array,
                struct err *err)
{
    struct h5_array found = {.type = H5_TYPE_REAL64};
    int status = 0;

    hid_t dataset = h5_open_dataset(file, path, 1, &found, err);
    if (dataset < 0)
        return -1;
    if (read_type(dataset, &found) != 0)
        status = err_set(err, ERR_INPUT, "%s: %s: holds no numbers or texts of ours",
                         file->path, path);
    else if (!is_backed(dataset, value_bytes(&found), &found))
        status =
            err_set(err, ERR_INPUT, "%s: %s: its extents are not those of its data",
                    file->path, path);
    H5Dclose(dataset);
    if (status == 0)
        *array = found;
    return status;
}

static bool is_same_shape(const struct h5_array *a, const struct h5_array *b)
{
    bool is_same = a->type == b->type && a->n_dims == b->n_dims &&
                   (a->type != H5_TYPE_TEXT || a->text_size == b->text_size);

    for (size_t d = 0; is_same && d < a->n_dims; d++)
        is_same = a->extent[d] == b->extent[d];
    return is_same;
}

/* "int64 of 3 x 5" */
static const char *shape_text(const struct h5_array *array, char out[256])
{
    static const char *const name[] = {"float64", "int64", "uint64", "text"};
    int n = snprintf(out, 256, "%s of", name[array->type]);

    for (size_t d = 0; d < array->n_dims && n < 230; d++)
        n += snprintf(out + n, 256 - (size_t)n, "%s %zu", d > 0 ? " x" : "",
                      array->extent[d]);
    if (array->n_dims == 0)
        snprintf(out + n, 256 - (size_t)n, " one value");
    return out;
}

int h5_read(const struct h5 *file, const char *path, const struct h5_array *array,
            void *values, struct err *err)
{
    struct h5_array found;
    char is[256], should_be[256];
    int status = 0;

    if (h5_describe(file, path, &found, err) != 0)
        return -1;
    if (!is_same_shape(&found, array))
        return err_set(err, ERR_INPUT, "%s: %s: is %.100s, and should be %.100s",
                       file->path, path, shape_text(&found, is),
                       shape_text(array, should_be));
    const hid_t type = h5_new_type(array->type, array->text_size);
    const hid_t dataset = H5Dopen2(file->id, path, H5P_DEFAULT);
    if (h5_array_bytes(array) > 0 &&
        H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        status = h5_fail(file, "read", path, err);
    if (dataset >= 0)
        H5Dclose(dataset);
    H5Tclose(type);
    return status;
}

void h5_expect(const struct h5 *file, const char *path)
{
    const hid_t dataset = H5Dopen2(file->id, path, H5P_DEFAULT);
    int *descriptor = NULL;

    if (dataset < 0)
        return;
    const haddr_t offset = H5Dget_offset(dataset);
    const hsize_t n_bytes = H5Dget_storage_size(dataset);
    if (offset != HADDR_UNDEF &&
        H5Fget_vfd_handle(file->id, H5P_DEFAULT, (void **)&descriptor) >= 0 &&
        descriptor != NULL)
        posix_fadvise(*descriptor, (off_t)offset, (off_t)n_bytes, POSIX_FADV_WILLNEED);
    H5Dclose(dataset);
}
