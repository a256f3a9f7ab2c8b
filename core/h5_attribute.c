#include "core/h5_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Texts in attributes are of variable length: h5py then gives them as str. */
static hid_t new_text_type(void)
{
    const hid_t text = H5Tcopy(H5T_C_S1);

    if (H5Tset_size(text, H5T_VARIABLE) < 0 || H5Tset_cset(text, H5T_CSET_UTF8) < 0) {
        H5Tclose(text);
        return -1;
    }
    return text;
}

static int fail_at(const struct h5 *file, const char *doing, const char *path,
                   const char *name, struct err *err)
{
    char object[128];

    snprintf(object, sizeof object, "%.80s@%.40s", path, name);
    return h5_fail(file, doing, object, err);
}

static int set(struct h5 *file, const char *path, const char *name, hid_t type,
               const void *value, struct err *err)
{
    const hid_t space = H5Screate(H5S_SCALAR);
    int status = 0;

    const hid_t attribute = H5Acreate_by_name(file->id, path, name, type, space,
                                              H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || H5Awrite(attribute, type, value) < 0)
        status = fail_at(file, "write", path, name, err);
    if (attribute >= 0 && H5Aclose(attribute) < 0 && status == 0)
        status = fail_at(file, "write", path, name, err);
    H5Sclose(space);
    return status;
}

int h5_set_text(struct h5 *file, const char *path, const char *name, const char *value,
                struct err *err)
{
    const hid_t type = new_text_type();
    const int status = set(file, path, name, type, &value, err);

    H5Tclose(type);
    return status;
}

int h5_set_integer(struct h5 *file, const char *path, const char *name, int64_t value,
                   struct err *err)
{
    return set(file, path, name, H5T_STD_I64LE, &value, err);
}

int h5_set_real(struct h5 *file, const char *path, const char *name, double value,
                struct err *err)
{
    return set(file, path, name, H5T_IEEE_F64LE, &value, err);
}

/* One value of exactly this type? */
static bool is_one(hid_t attribute, hid_t type)
{
    const hid_t space = H5Aget_space(attribute);
    const hid_t found = H5Aget_type(attribute);
    const bool is_it =
        H5Sget_simple_extent_type(space) == H5S_SCALAR && H5Tequal(found, type) > 0;

    H5Tclose(found);
    H5Sclose(space);
    return is_it;
}

static int get(const struct h5 *file, const char *path, const char *name, hid_t type,
               void *value, struct err *err)
{
    int status = 0;

    const hid_t attribute =
        H5Aopen_by_name(file->id, path, name, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || !is_one(attribute, type) ||
        H5Aread(attribute, type, value) < 0)
        status = fail_at(file, "read", path, name, err);
    if (attribute >= 0)
        H5Aclose(attribute);
    return status;
}

int h5_get_text(const struct h5 *file, const char *path, const char *name, char **value,
                struct err *err)
{
    const hid_t type = new_text_type();
    char *read = NULL;

    const int status = get(file, path, name, type, &read, err);
    H5Tclose(type);
    if (status != 0)
        return -1;
    char *copy = strdup(read != NULL ? read : "");
    H5free_memory(read);
    if (copy == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory for %s@%s", file->path, path,
                       name);
    *value = copy;
    return 0;
}

int h5_get_integer(const struct h5 *file, const char *path, const char *name,
                   int64_t *value, struct err *err)
{
    return get(file, path, name, H5T_STD_I64LE, value, err);
}

int h5_get_real(const struct h5 *file, const char *path, const char *name,
                double *value, struct err *err)
{
    return get(file, path, name, H5T_IEEE_F64LE, value, err);
}

int h5_make_scale(struct h5 *file, const char *path, const char *name, const char *unit,
                  struct err *err)
{
    const hid_t dataset = H5Dopen2(file->id, path, H5P_DEFAULT);
    int status = 0;

    if (dataset < 0 || H5DSset_scale(dataset, name) < 0)
        status = h5_fail(file, "make an axis of", path, err);
    if (dataset >= 0)
        H5Dclose(dataset);
    return status == 0 ? h5_set_text(file, path, "units", unit, err) : -1;
}

int h5_attach_scale(struct h5 *file, const char *path, size_t d, const char *scale,
                    struct err *err)
{
    const hid_t dataset = H5Dopen2(file->id, path, H5P_DEFAULT);
    const hid_t axis = dataset < 0 ? -1 : H5Dopen2(file->id, scale, H5P_DEFAULT);
    int status = 0;

    if (dataset < 0 || axis < 0 || H5DSattach_scale(dataset, axis, (unsigned)d) < 0)
        status = h5_fail(file, "give an axis to", path, err);
    if (axis >= 0)
        H5Dclose(axis);
    if (dataset >= 0)
        H5Dclose(dataset);
    return status;
}
