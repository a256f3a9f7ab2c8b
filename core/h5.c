#include "core/h5_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The most specific message of HDF5's error stack, and the most general one. */
struct story {
    char inner[ERR_TEXT_MAX], outer[ERR_TEXT_MAX];
};

static herr_t hear(unsigned n, const H5E_error2_t *error, void *data)
{
    struct story *story = data;
    char *text = n == 0 ? story->inner : story->outer;

    snprintf(text, ERR_TEXT_MAX, "%s", error->desc != NULL ? error->desc : "");
    return 0;
}

/* "... errno = 28, error message = 'No space left on device', buf = 0x..." */
static bool find_system_message(const char *text, char out[ERR_TEXT_MAX])
{
    static const char mark[] = "error message = '";
    const char *from = strstr(text, mark);

    if (from == NULL)
        return false;
    from += sizeof mark - 1;
    snprintf(out, ERR_TEXT_MAX, "%.*s", (int)strcspn(from, "'"), from);
    return true;
}

int h5_fail(const struct h5 *file, const char *doing, const char *object,
            struct err *err)
{
    const enum err_kind kind = file->is_writing ? ERR_IO : ERR_INPUT;
    struct story story = {"", ""};
    char reason[ERR_TEXT_MAX];

    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, hear, &story);
    H5Eclear2(H5E_DEFAULT);
    if (!find_system_message(story.inner, reason))
        snprintf(reason, sizeof reason, "%.150s%s%.150s",
                 story.inner[0] != '\0' ? story.inner : "it is not as expected",
                 story.outer[0] != '\0' ? "; " : "", story.outer);
    return err_set(err, kind, "%s: cannot %s %s: %s", file->path, doing, object,
                   reason);
}

static struct h5 *new_file(const char *path, const char *kind, struct err *err)
{
    struct h5 *file = calloc(1, sizeof *file);

    if (file == NULL || strlen(path) >= sizeof file->path) {
        free(file);
        err_set(err, ERR_INPUT, "%.60s...: cannot be opened: too long a path", path);
        return NULL;
    }
    strcpy(file->path, path);
    snprintf(file->kind, sizeof file->kind, "%s", kind);
    /* At exit HDF5 would try again to write what a full disk has refused. */
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return file;
}

/* Room for the seal in front, no times, names also in the order of making. */
static hid_t new_creation_properties(void)
{
    const hid_t properties = H5Pcreate(H5P_FILE_CREATE);

    if (properties >= 0 &&
        (H5Pset_userblock(properties, SEAL_BYTES) < 0 ||
         H5Pset_obj_track_times(properties, false) < 0 ||
         H5Pset_link_creation_order(properties, H5P_CRT_ORDER_TRACKED |
                                                    H5P_CRT_ORDER_INDEXED) < 0)) {
        H5Pclose(properties);
        return -1;
    }
    return properties;
}

/* No file is ever changed in place, so HDF5's locks serve nothing, and parallel file
 * systems often refuse them. */
static hid_t new_access_properties(void)
{
    const hid_t properties = H5Pcreate(H5P_FILE_ACCESS);

    if (properties >= 0 &&
        (H5Pset_libver_bounds(properties, H5F_LIBVER_V18, H5F_LIBVER_V18) < 0 ||
         H5Pset_fclose_degree(properties, H5F_CLOSE_STRONG) < 0 ||
         H5Pset_file_locking(properties, false, true) < 0)) {
        H5Pclose(properties);
        return -1;
    }
    return properties;
}

static int keep_if_open(struct h5 *new, struct h5 **file)
{
    if (new->id < 0) {
        if (new->is_writing)
            file_discard(new->temporary);
        free(new);
        return -1;
    }
    *file = new;
    return 0;
}

int h5_create(const char *path, const char *kind, struct h5 **file, struct err *err)
{
    struct h5 *new = new_file(path, kind, err);

    if (new == NULL)
        return -1;
    new->is_writing = true;
    if (file_temporary_name(path, new->temporary, err) != 0) {
        free(new);
        return -1;
    }
    const hid_t creation = new_creation_properties();
    const hid_t access = new_access_properties();
    new->id = creation < 0 || access < 0
                  ? -1
                  : H5Fcreate(new->temporary, H5F_ACC_TRUNC, creation, access);
    if (new->id < 0)
        h5_fail(new, "begin", "the file", err);
    H5Pclose(creation);
    H5Pclose(access);
    return keep_if_open(new, file);
}

static void free_file(struct h5 *file)
{
    free(file->apart);
    free(file);
}

int h5_commit(struct h5 *file, struct err *err)
{
    int status = 0;

    /* Flushing first: a close that fails half way keeps the file open inside HDF5. */
    if (H5Fflush(file->id, H5F_SCOPE_GLOBAL) < 0)
        status = h5_fail(file, "write", "its directory", err);
    if (H5Fclose(file->id) < 0 && status == 0)
        status = h5_fail(file, "close", "the file", err);
    if (status == 0 && (seal_write(file->temporary, file->kind, file->n_apart,
                                   file->apart, err) != 0 ||
                        file_commit(file->temporary, file->path, err) != 0))
        status = -1;
    if (status != 0)
        file_discard(file->temporary);
    free_file(file);
    return status;
}

int h5_open(const char *path, const char *kind, struct h5 **file, struct err *err)
{
    if (seal_check(path, kind, err) != 0)
        return -1;
    struct h5 *new = new_file(path, kind, err);
    if (new == NULL)
        return -1;
    const hid_t access = new_access_properties();
    new->id = access < 0 ? -1 : H5Fopen(path, H5F_ACC_RDONLY, access);
    if (new->id < 0)
        h5_fail(new, "open", "the file", err);
    H5Pclose(access);
    return keep_if_open(new, file);
}

void h5_close(struct h5 *file)
{
    if (file == NULL)
        return;
    H5Fclose(file->id);
    H5Eclear2(H5E_DEFAULT);
    if (file->is_writing)
        file_discard(file->temporary);
    free_file(file);
}

const char *h5_path(const struct h5 *file)
{
    return file->path;
}

uint64_t h5_bytes(const struct h5 *file)
{
    hsize_t n_bytes = 0;

    return H5Fget_filesize(file->id, &n_bytes) < 0 ? 0 : n_bytes;
}

int h5_make_group(struct h5 *file, const char *path, struct err *err)
{
    const hid_t properties = H5Pcreate(H5P_GROUP_CREATE);
    hid_t group = -1;
    int status = 0;

    if (properties >= 0 && H5Pset_obj_track_times(properties, false) >= 0 &&
        H5Pset_link_creation_order(properties,
                                   H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) >= 0)
        group = H5Gcreate2(file->id, path, H5P_DEFAULT, properties, H5P_DEFAULT);
    if (group < 0 || H5Gclose(group) < 0)
        status = h5_fail(file, "make", path, err);
    H5Pclose(properties);
    return status;
}

bool h5_exists(const struct h5 *file, const char *path)
{
    const htri_t exists = H5Oexists_by_name(file->id, path, H5P_DEFAULT);

    H5Eclear2(H5E_DEFAULT); /* a missing parent is a failure to HDF5 */
    return exists > 0;
}

static herr_t add_name(hid_t group, const char *name, const H5L_info_t *info,
                       void *data)
{
    struct h5_names *names = data;
    char *copy = strdup(name);
    char **more = realloc(names->name, (names->n + 1) * sizeof *more);

    (void)group;
    (void)info;
    if (more != NULL)
        names->name = more;
    if (copy == NULL || more == NULL) {
        free(copy);
        return -1;
    }
    names->name[names->n++] = copy;
    return 0;
}

int h5_list(const struct h5 *file, const char *group, struct h5_names *names,
            struct err *err)
{
    *names = (struct h5_names){0};
    if (H5Literate_by_name(file->id, group, H5_INDEX_NAME, H5_ITER_INC, NULL, add_name,
                           names, H5P_DEFAULT) < 0) {
        h5_names_free(names);
        return h5_fail(file, "list", group, err);
    }
    return 0;
}

void h5_names_free(struct h5_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->name[i]);
    free(names->name);
    *names = (struct h5_names){0};
}
