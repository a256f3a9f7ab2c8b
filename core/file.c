#include "core/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct err *err, enum err_kind kind, const char *path)
{
    return err_set(err, kind, "%s: %s", path, strerror(errno));
}

/* Read up to `size` bytes; -1 with errno on failure. */
static ssize_t read_all(int fd, char *bytes, size_t size)
{
    size_t n = 0;

    while (n < size) {
        const ssize_t got = read(fd, bytes + n, size - n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        n += (size_t)got;
    }
    return (ssize_t)n;
}

static int read_open_file(int fd, const char *path, size_t limit, char **bytes,
                          size_t *n_bytes, struct err *err)
{
    struct stat stat;

    if (fstat(fd, &stat) != 0)
        return fail(err, ERR_INPUT, path);
    if (!S_ISREG(stat.st_mode))
        return err_set(err, ERR_INPUT, "%s: is not a regular file", path);
    if ((size_t)stat.st_size > limit)
        return err_set(err, ERR_INPUT, "%s: %lld bytes are more than %zu", path,
                       (long long)stat.st_size, limit);
    char *whole = malloc((size_t)stat.st_size + 1);
    if (whole == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory for %lld bytes", path,
                       (long long)stat.st_size);
    const ssize_t n = read_all(fd, whole, (size_t)stat.st_size);
    if (n < 0) {
        free(whole);
        return fail(err, ERR_IO, path);
    }
    whole[n] = '\0';
    *bytes = whole;
    *n_bytes = (size_t)n;
    return 0;
}

int file_read(const char *path, size_t limit, char **bytes, size_t *n_bytes,
              struct err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return fail(err, ERR_INPUT, path);
    const int status = read_open_file(fd, path, limit, bytes, n_bytes, err);
    close(fd);
    return status;
}

int file_temporary_name(const char *path, char out[FILE_PATH_MAX], struct err *err)
{
    char for_directory[FILE_PATH_MAX], for_name[FILE_PATH_MAX];

    if (strlen(path) >= FILE_PATH_MAX)
        return err_set(err, ERR_INPUT, "%.60s...: the path is too long", path);
    strcpy(for_directory, path);
    strcpy(for_name, path);
    const int n = snprintf(out, FILE_PATH_MAX, "%s/.%s.%ld.tmp", dirname(for_directory),
                           basename(for_name), (long)getpid());
    if (n < 0 || n >= FILE_PATH_MAX)
        return err_set(err, ERR_INPUT, "%.60s...: the path is too long", path);
    return 0;
}

/* fsync what stands at path; a directory too. */
static int sync_path(const char *path, int flags, struct err *err)
{
    const int fd = open(path, flags | O_CLOEXEC);

    if (fd < 0)
        return fail(err, ERR_IO, path);
    const int status = fsync(fd) != 0 ? fail(err, ERR_IO, path) : 0;
    close(fd);
    return status;
}

int file_commit(const char *temporary, const char *path, struct err *err)
{
    char copy[FILE_PATH_MAX];

    if (sync_path(temporary, O_RDONLY, err) != 0)
        return -1;
    if (rename(temporary, path) != 0)
        return fail(err, ERR_IO, path);
    snprintf(copy, sizeof copy, "%s", path);
    return sync_path(dirname(copy), O_RDONLY | O_DIRECTORY, err);
}

void file_discard(const char *temporary)
{
    unlink(temporary);
}

/* Is `name` what file_temporary_name makes of `of`: ".OF.PID.tmp"? */
static bool is_temporary(const char *name, const char *of)
{
    const size_t n_of = strlen(of);

    if (name[0] != '.' || strncmp(name + 1, of, n_of) != 0 || name[1 + n_of] != '.')
        return false;
    const char *pid = name + 1 + n_of + 1;
    const size_t n_digits = strspn(pid, "0123456789");
    return n_digits > 0 && strcmp(pid + n_digits, ".tmp") == 0;
}

void file_discard_abandoned(const char *path)
{
    char for_directory[FILE_PATH_MAX], for_name[FILE_PATH_MAX];

    if (strlen(path) >= FILE_PATH_MAX)
        return;
    strcpy(for_directory, path);
    strcpy(for_name, path);
    DIR *directory = opendir(dirname(for_directory));
    if (directory == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (is_temporary(entry->d_name, basename(for_name)))
            unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
}

static int write_all(int fd, const char *bytes, size_t n_bytes)
{
    for (size_t n = 0; n < n_bytes;) {
        const ssize_t put = write(fd, bytes + n, n_bytes - n);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        n += (size_t)put;
    }
    return 0;
}

/* The bytes under a temporary name; what is half written is removed. */
static int write_temporary(const char *path, const void *bytes, size_t n_bytes,
                           char temporary[FILE_PATH_MAX], struct err *err)
{
    if (file_temporary_name(path, temporary, err) != 0)
        return -1;
    const int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return fail(err, ERR_IO, path);
    int status = write_all(fd, bytes, n_bytes) != 0 ? fail(err, ERR_IO, path) : 0;
    if (close(fd) != 0 && status == 0)
        status = fail(err, ERR_IO, path);
    if (status != 0)
        file_discard(temporary);
    return status;
}

int file_replace(const char *path, const void *bytes, size_t n_bytes, struct err *err)
{
    char temporary[FILE_PATH_MAX];

    if (write_temporary(path, bytes, n_bytes, temporary, err) != 0)
        return -1;
    if (file_commit(temporary, path, err) == 0)
        return 0;
    file_discard(temporary);
    return -1;
}

int file_swap(const char *path, const void *bytes, size_t n_bytes, struct err *err)
{
    char temporary[FILE_PATH_MAX];

    if (write_temporary(path, bytes, n_bytes, temporary, err) != 0)
        return -1;
    if (rename(temporary, path) == 0)
        return 0;
    fail(err, ERR_IO, path);
    file_discard(temporary);
    return -1;
}

/* A directory is on the disk when its parent is; one that may not be read, as another
 * user's home, is the business of its owner. */
static int sync_parent(const char *path, struct err *err)
{
    char copy[FILE_PATH_MAX];

    strcpy(copy, path);
    const char *parent = dirname(copy);
    if (access(parent, R_OK) != 0)
        return 0;
    return sync_path(parent, O_RDONLY | O_DIRECTORY, err);
}

static int make_one(const char *path, struct err *err)
{
    if (mkdir(path, 0777) == 0)
        return sync_parent(path, err);
    return errno == EEXIST ? 0 : fail(err, ERR_IO, path);
}

/* mkdir -p: each prefix of path that ends before a slash, then path. */
static int make_each(char *path, struct err *err)
{
    for (char *slash = path + 1; *slash != '\0'; slash++) {
        if (*slash != '/')
            continue;
        *slash = '\0';
        if (make_one(path, err) != 0)
            return -1;
        *slash = '/';
    }
    return make_one(path, err);
}

int file_make_directory(const char *path, struct err *err)
{
    char copy[FILE_PATH_MAX];
    struct stat stat_of;

    if (path[0] == '\0' || strlen(path) >= sizeof copy)
        return err_set(err, ERR_INPUT, "'%.60s' is not a usable directory name", path);
    strcpy(copy, path);
    if (make_each(copy, err) != 0)
        return -1;
    if (stat(path, &stat_of) != 0)
        return fail(err, ERR_IO, path);
    if (!S_ISDIR(stat_of.st_mode))
        return err_set(err, ERR_IO, "%s: is not a directory", path);
    if (access(path, W_OK | X_OK) != 0)
        return fail(err, ERR_IO, path);
    return 0;
}

int file_join(const char *directory, const char *name, char out[FILE_PATH_MAX],
              struct err *err)
{
    const int n = snprintf(out, FILE_PATH_MAX, "%s/%s", directory, name);

    if (n < 0 || n >= FILE_PATH_MAX)
        return err_set(err, ERR_INPUT, "%.60s.../%s: the path is too long", directory,
                       name);
    return 0;
}
