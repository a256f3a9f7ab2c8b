#include "client/set.h"
#include "coordinator/publish.h"
#include "core/clock.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int publish_find_state(const struct publish_plan *plan, char path[FILE_PATH_MAX],
                       struct err *err)
{
    char copy[FILE_PATH_MAX];

    if (plan->state != NULL)
        return file_make_directory(plan->state, err) != 0
                   ? -1
                   : file_join(plan->state, "last.publication", path, err);
    snprintf(copy, sizeof copy, "%s", plan->path);
    return file_join(dirname(copy), "last.publication", path, err);
}

int publish_read_last(const char *path, struct publication **last, struct err *err)
{
    size_t n_bytes;
    char *bytes;

    *last = NULL;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return 0;
    if (file_read(path, PLIMSOLL_SET_BYTES_MAX + (1 << 20), &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = publication_unpack(bytes, n_bytes, last, err);
    free(bytes);
    return status != 0 ? err_add(err, "%s", path) : 0;
}

static bool has_signed(const struct publication *publication, const struct key *key)
{
    uint8_t id[KEY_ID_BYTES];

    key_id(key->public, id);
    for (size_t i = 0; i < publication->parts.n_signatures; i++)
        if (memcmp(publication->parts.signature[i].key_id, id, sizeof id) == 0)
            return true;
    return false;
}

static bool is_same_matter(const struct publish_matter *matter,
                           const struct publication *last)
{
    bool is_early;

    if (last == NULL ||
        stream_name_check(&last->is.name, matter->set, matter->n_set, NULL) != 0 ||
        manifest_check_time(&last->is, clock_now(), &is_early, NULL) != 0 ||
        last->parts.n_signatures != matter->n_keys)
        return false;
    for (size_t i = 0; i < matter->n_keys; i++)
        if (!has_signed(last, &matter->key[i]))
            return false;
    return true;
}

bool publish_is_again(const struct publish_plan *plan,
                      const struct publish_matter *matter,
                      const struct publication *last)
{
    return !publish_is_new(plan) && is_same_matter(matter, last);
}

bool publish_says_same(const struct publish_plan *plan,
                       const struct publish_matter *matter,
                       const struct publication *last)
{
    if (!is_same_matter(matter, last))
        return false;
    const struct manifest *is = &last->is;
    const int64_t for_ns = is->valid_until_ns - is->valid_from_ns;
    return strcmp(plan->note != NULL ? plan->note : "", is->note) == 0 &&
           strcmp(plan->audience != NULL ? plan->audience : "", is->audience) == 0 &&
           (plan->valid_from_ns == 0 || plan->valid_from_ns == is->valid_from_ns) &&
           (plan->valid_until_ns == 0 || plan->valid_until_ns == is->valid_until_ns) &&
           (plan->valid_for_ns == 0 || plan->valid_for_ns == for_ns);
}

static int find_mark(const char *path, char mark[FILE_PATH_MAX], struct err *err)
{
    const int n = snprintf(mark, FILE_PATH_MAX, "%s.unanswered", path);

    return n < FILE_PATH_MAX ? 0 : err_set(err, ERR_IO, "%s: is too long", path);
}

bool publish_is_unanswered(const char *path)
{
    char mark[FILE_PATH_MAX];

    return find_mark(path, mark, NULL) == 0 && access(mark, F_OK) == 0;
}

int publish_note_unanswered(const char *path, bool is_unanswered, struct err *err)
{
    char mark[FILE_PATH_MAX];

    if (find_mark(path, mark, err) != 0)
        return -1;
    if (is_unanswered)
        return file_replace(mark, "", 0, err);
    if (unlink(mark) == 0 || errno == ENOENT)
        return 0;
    return err_set(err, ERR_IO, "%s: %s", mark, strerror(errno));
}

int publish_write_last(const char *path, const struct publication *publication,
                       struct err *err)
{
    size_t n_bytes;
    char *bytes;

    if (publication_pack(publication, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = file_replace(path, bytes, n_bytes, err);
    free(bytes);
    return status;
}
