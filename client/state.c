#include "client/state.h"
#include "client/members.h"
#include "client/set.h"
#include "core/file.h"
#include "core/json.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { STATE_BYTES_MAX = 4096 };

static int read_name(const json_t *object, struct stream_name *name, struct err *err)
{
    int64_t epoch, version, n_bytes;
    const char *sha256;

    if (member_integer(object, "epoch", 1, INT64_MAX, &epoch, err) != 0 ||
        member_integer(object, "version", 1, INT64_MAX, &version, err) != 0 ||
        member_integer(object, "n_bytes", 0, PLIMSOLL_SET_BYTES_MAX, &n_bytes, err) !=
            0 ||
        member_sha256(object, "sha256", &sha256, err) != 0)
        return -1;
    *name = (struct stream_name){
        .epoch = (uint64_t)epoch,
        .version = (uint64_t)version,
        .n_bytes = (uint64_t)n_bytes,
    };
    stream_digest_read(sha256, name->sha256);
    return 0;
}

static int read_state(const json_t *tree, struct state *state, struct err *err)
{
    const json_t *previous;

    *state = (struct state){0};
    if (read_name(tree, &state->last, err) != 0)
        return -1;
    if (json_object_get(tree, "previous") == NULL)
        return 0;
    if (member_object(tree, "previous", &previous, err) != 0)
        return -1;
    if (read_name(previous, &state->previous, err) != 0)
        return err_add(err, "previous");
    return 0;
}

int state_read(const char *path, struct state *state, struct err *err)
{
    struct state found = {0};
    json_t *tree = NULL;
    char *bytes;
    size_t n_bytes;
    int status = -1;

    if (access(path, F_OK) != 0 && errno == ENOENT) {
        *state = found;
        return 0;
    }
    if (file_read(path, STATE_BYTES_MAX, &bytes, &n_bytes, err) != 0)
        return -1;
    if (members_parse(bytes, n_bytes, &tree, err) == 0 &&
        read_state(tree, &found, err) == 0) {
        *state = found;
        status = 0;
    } else {
        err_add(err, "%s", path);
    }
    json_decref(tree);
    free(bytes);
    return status;
}

static void put_name(struct json *json, const struct stream_name *name)
{
    char sha256[STREAM_DIGEST_MAX];

    json_put_integer(json, "epoch", (int64_t)name->epoch);
    json_put_integer(json, "version", (int64_t)name->version);
    json_put_integer(json, "n_bytes", (int64_t)name->n_bytes);
    json_put_text(json, "sha256", stream_digest_text(name->sha256, sha256));
}

int state_write(const char *path, const struct state *state, struct err *err)
{
    struct json json;
    size_t n_bytes;
    char *bytes;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    put_name(&json, &state->last);
    if (state->previous.version != 0) {
        json_put_object(&json, "previous");
        put_name(&json, &state->previous);
        json_end(&json);
    }
    json_end(&json);
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = file_replace(path, bytes, n_bytes, err);
    free(bytes);
    return status;
}
