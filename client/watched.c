#include "client/watched.h"
#include "client/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int watched_start(struct watched *watched, const char *path, size_t limit,
                  struct err *err)
{
    if (strlen(path) >= FILE_PATH_MAX)
        return err_set(err, ERR_INPUT, "%.60s...: the path is too long", path);
    *watched = (struct watched){.limit = limit};
    strcpy(watched->path, path);
    return 0;
}

void watched_stop(struct watched *watched)
{
    free(watched->seen);
    watched->seen = NULL;
}

static int check_owner(const char *path, struct err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
    const int status = key_check_owner(fd, path, 0, err);
    close(fd);
    return status;
}

int watched_look(struct watched *watched, struct err *err)
{
    size_t n_bytes = 0;
    char *bytes = NULL;

    if (check_owner(watched->path, err) != 0 ||
        file_read(watched->path, watched->limit, &bytes, &n_bytes, err) != 0) {
        const bool is_told = watched->is_unreadable;

        watched->is_unreadable = true;
        watched_stop(watched);
        return is_told ? 0 : -1;
    }
    watched->is_unreadable = false;
    const bool is_same = watched->seen != NULL && n_bytes == watched->n_seen &&
                         memcmp(bytes, watched->seen, n_bytes) == 0;
    watched_stop(watched);
    watched->seen = bytes;
    watched->n_seen = n_bytes;
    return !is_same;
}
