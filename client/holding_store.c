#include "client/holding_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PACKED_BYTES_MAX = PLIMSOLL_SET_BYTES_MAX + (1 << 20) };

static int recognise(struct holding *holding, const char *bytes, size_t n_bytes,
                     struct err *err)
{
    struct stream_header header;
    struct publication *stored;
    bool is_early;

    if (n_bytes < sizeof header)
        return err_set(err, ERR_INPUT, "has only %zu bytes", n_bytes);
    if (stream_header_read(bytes, sizeof header, &header, err) != 0)
        return -1;
    holding->name = stream_header_name(&header);
    if (publication_unpack(bytes, n_bytes, &stored, &holding->fault) != 0)
        return 0;
    if (holding_examine(holding, &stored->parts, &holding->now, &is_early,
                        &holding->fault) == 0)
        holding->fault = (struct err){0}; /* early: the clock was set back */
    else
        err_add(&holding->fault, "version %llu",
                (unsigned long long)holding->name.version);
    publication_free(stored);
    return 0;
}

/* Without a header that can be read, going back could not be noticed: an error.  What
 * else is wrong with it is a fault that another publication mends. */
static int load_held(struct holding *holding, struct err *err)
{
    size_t n_bytes;
    char *bytes;

    if (access(holding->held_path, F_OK) != 0 && errno == ENOENT) {
        if (access(holding->set_path, F_OK) == 0)
            err_set(&holding->fault, ERR_INPUT, "%s: there is no %s that it is of",
                    holding->set_path, holding->held_path);
        return 0;
    }
    if (file_read(holding->held_path, PACKED_BYTES_MAX, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = recognise(holding, bytes, n_bytes, err);
    free(bytes);
    if (status != 0)
        return err_add(err, "%s", holding->held_path);
    if (holding->fault.kind != ERR_NONE)
        err_add(&holding->fault, "%s", holding->held_path);
    return 0;
}

/* Is the copy what it is a copy of? */
static bool is_copied(const char *path, const void *bytes, size_t n_bytes)
{
    char *found;
    size_t n;

    if (file_read(path, n_bytes, &found, &n, NULL) != 0)
        return false;
    const bool is_same = n == n_bytes && memcmp(found, bytes, n) == 0;
    free(found);
    return is_same;
}

static int copy_out(const struct holding *holding,
                    const struct publication *publication, struct err *err)
{
    const struct publication_parts *parts = &publication->parts;

    if (file_swap(holding->set_path, parts->set, parts->n_set, err) != 0)
        return -1;
    return file_swap(holding->manifest_path, parts->manifest, parts->n_manifest, err);
}

/* A crash may have come between the file and its copies, or somebody has changed one.
 * On a full disk they stay so, and that is told: what is held is good without them. */
static void mend_copies(struct holding *holding)
{
    const struct publication *publication = holding->now.publication;

    if (publication == NULL ||
        (is_copied(holding->set_path, publication->parts.set,
                   publication->parts.n_set) &&
         is_copied(holding->manifest_path, publication->parts.manifest,
                   publication->parts.n_manifest)))
        return;
    copy_out(holding, publication, &holding->fault);
}

int holding_store_open(struct holding *holding, const char *directory, struct err *err)
{
    if (file_make_directory(directory, err) != 0 ||
        file_join(directory, "held.publication", holding->held_path, err) != 0 ||
        file_join(directory, "parameters.json", holding->set_path, err) != 0 ||
        file_join(directory, "publication.json", holding->manifest_path, err) != 0 ||
        lock_take(holding->held_path, &holding->lock, err) != 0)
        return -1;
    file_discard_abandoned(holding->set_path);
    file_discard_abandoned(holding->manifest_path);
    holding->on_disk = true;
    if (load_held(holding, err) != 0)
        return -1;
    mend_copies(holding);
    return 0;
}

int holding_store_put(const struct holding *holding,
                      const struct publication *publication, struct err *err)
{
    size_t n_bytes;
    char *bytes;

    if (!holding->on_disk)
        return 0;
    if (publication_pack(publication, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = file_replace(holding->held_path, bytes, n_bytes, err);
    free(bytes);
    return status != 0 ? -1 : copy_out(holding, publication, err);
}
