#include "client/holding.h"
#include "client/state.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/lock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct holding {
    bool on_disk;
    char set_path[FILE_PATH_MAX], state_path[FILE_PATH_MAX];
    struct lock *lock;
    struct stream_name name;
    struct plimsoll_set *set, *previous;
    struct err fault;
};

/* The stored bytes are the state's last set, or, after a crash between the two files,
 * the one before. */
static int recognise(struct holding *holding, const struct state *state,
                     const char *bytes, size_t n_bytes, struct err *err)
{
    const struct stream_name *name = &state->last;

    if (stream_name_check(name, bytes, n_bytes, err) != 0) {
        name = &state->previous;
        if (name->version == 0 || stream_name_check(name, bytes, n_bytes, NULL) != 0)
            return err_set(err, ERR_INPUT, "is not the set that %s names",
                           holding->state_path);
    }
    if (plimsoll_set_parse(bytes, n_bytes, &holding->set, err) != 0)
        return -1;
    holding->name = *name;
    return 0;
}

static void load_set(struct holding *holding, const struct state *state)
{
    struct err *fault = &holding->fault;
    char *bytes;
    size_t n_bytes;

    if (file_read(holding->set_path, PLIMSOLL_SET_BYTES_MAX, &bytes, &n_bytes, fault) !=
        0)
        return;
    if (recognise(holding, state, bytes, n_bytes, fault) != 0)
        err_add(fault, "%s", holding->set_path);
    else
        *fault = (struct err){0};
    free(bytes);
}

static int load(struct holding *holding, const char *directory, struct err *err)
{
    struct state state;

    if (file_make_directory(directory, err) != 0 ||
        file_join(directory, "parameters.json", holding->set_path, err) != 0 ||
        file_join(directory, "state.json", holding->state_path, err) != 0 ||
        lock_take(holding->set_path, &holding->lock, err) != 0)
        return -1;
    file_discard_abandoned(holding->state_path);
    if (state_read(holding->state_path, &state, err) != 0)
        return -1;
    holding->on_disk = true;
    holding->name = state.last;
    if (state.last.version != 0)
        load_set(holding, &state);
    else if (access(holding->set_path, F_OK) == 0)
        err_set(&holding->fault, ERR_INPUT, "%s: no %s names it", holding->set_path,
                holding->state_path);
    return 0;
}

int holding_open(const char *directory, struct holding **holding, struct err *err)
{
    struct holding *new = calloc(1, sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a parameter set");
    if (directory != NULL && load(new, directory, err) != 0) {
        holding_close(new);
        return -1;
    }
    *holding = new;
    return 0;
}

void holding_close(struct holding *holding)
{
    if (holding == NULL)
        return;
    plimsoll_set_free(holding->set);
    plimsoll_set_free(holding->previous);
    lock_release(holding->lock);
    free(holding);
}

const char *holding_fault(const struct holding *holding)
{
    return holding->fault.kind != ERR_NONE ? holding->fault.text : NULL;
}

const struct plimsoll_set *holding_set(const struct holding *holding)
{
    return holding->set;
}

const struct plimsoll_set *holding_previous(const struct holding *holding)
{
    return holding->previous;
}

const struct stream_name *holding_name(const struct holding *holding)
{
    return &holding->name;
}

int holding_check_order(const struct holding *holding, const struct stream_name *name,
                        struct err *err)
{
    const struct stream_name *held = &holding->name;
    char epoch[CLOCK_TEXT_MAX], held_epoch[CLOCK_TEXT_MAX];
    const int order = stream_name_compare(name, held);

    if (held->version == 0 || order > 0 || stream_name_same(name, held))
        return 0;
    if (order == 0)
        return err_set(err, ERR_REFUSED, "version %llu is another set than before",
                       (unsigned long long)name->version);
    if (name->epoch != held->epoch)
        return err_set(err, ERR_REFUSED,
                       "version %llu counts from %s, before what is held (from %s)",
                       (unsigned long long)name->version,
                       clock_moment_text((int64_t)name->epoch, epoch),
                       clock_moment_text((int64_t)held->epoch, held_epoch));
    return err_set(err, ERR_REFUSED, "version %llu is below version %llu",
                   (unsigned long long)name->version,
                   (unsigned long long)held->version);
}

/* The state first: see client/state.h. */
static int store(const struct holding *holding, const struct stream_name *name,
                 const void *bytes, struct err *err)
{
    const struct state state = {
        .last = *name,
        .previous = holding->set != NULL ? holding->name : (struct stream_name){0},
    };

    if (!holding->on_disk)
        return 0;
    if (state_write(holding->state_path, &state, err) != 0)
        return -1;
    return file_replace(holding->set_path, bytes, name->n_bytes, err);
}

int holding_offer(struct holding *holding, const struct stream_name *name,
                  const void *bytes, size_t n_bytes, struct err *err)
{
    struct plimsoll_set *set;

    if (holding_check_order(holding, name, err) != 0 ||
        stream_name_check(name, bytes, n_bytes, err) != 0)
        return -1;
    if (holding->set != NULL && stream_name_same(name, &holding->name))
        return 0;
    if (plimsoll_set_parse(bytes, n_bytes, &set, err) != 0)
        return err_add(err, "version %llu", (unsigned long long)name->version);
    if (store(holding, name, bytes, err) != 0) {
        plimsoll_set_free(set);
        return -1;
    }
    plimsoll_set_free(holding->previous);
    holding->previous = holding->set;
    holding->set = set;
    holding->name = *name;
    return 1;
}
