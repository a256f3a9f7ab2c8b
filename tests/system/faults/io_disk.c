#include "tests/system/faults/io_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file, under whatever name, and its bytes when it was last synced. */
struct file {
    dev_t device;
    ino_t number;
    bool is_gone; /* its number has been given to another file */
    char *bytes;
    size_t n_bytes;
};

/* A name that is on the disk; file NULL: of a directory. */
struct name {
    char path[PATH_MAX];
    struct file *file;
};

enum { FILES_MAX = 1024, NAMES_MAX = 1024 };

static char root[PATH_MAX];
static struct file files[FILES_MAX];
static struct name names[NAMES_MAX];
static size_t n_files, n_names;

static void need(bool is_so, const char *what)
{
    if (is_so)
        return;
    fprintf(stderr, "io_disk: %s\n", what);
    _exit(99);
}

static struct file *find_file(const struct stat *stat)
{
    for (size_t i = 0; i < n_files; i++)
        if (!files[i].is_gone && files[i].device == stat->st_dev &&
            files[i].number == stat->st_ino)
            return files + i;
    return NULL;
}

static struct file *add_file(const struct stat *stat)
{
    need(n_files < FILES_MAX, "too many files");
    files[n_files] = (struct file){.device = stat->st_dev, .number = stat->st_ino};
    return files + n_files++;
}

static void read_file(const char *path, char **bytes, size_t *n_bytes)
{
    struct stat stat;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    need(fd >= 0 && fstat(fd, &stat) == 0, "a file cannot be read");
    *n_bytes = (size_t)stat.st_size;
    *bytes = malloc(*n_bytes + 1);
    need(*bytes != NULL && pread(fd, *bytes, *n_bytes, 0) == stat.st_size,
         "a file cannot be read");
    close(fd);
}

static void keep_bytes(struct file *file, const char *path)
{
    free(file->bytes);
    read_file(path, &file->bytes, &file->n_bytes);
}

static void add_name(const char *path, struct file *file)
{
    need(n_names < NAMES_MAX, "too many names");
    strcpy(names[n_names].path, path);
    names[n_names++].file = file;
}

/* Do this with the path of each entry of the directory. */
static void each_entry(const char *directory, void (*visit)(const char *path))
{
    DIR *stream = opendir(directory);

    need(stream != NULL, "a directory cannot be read");
    for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        char path[PATH_MAX];

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        need(snprintf(path, sizeof path, "%s/%s", directory, entry->d_name) <
                 (int)sizeof path,
             "too long a path");
        visit(path);
    }
    closedir(stream);
}

/* This entry's name is on the disk from now on. */
static void keep_name(const char *path)
{
    struct stat stat;

    need(lstat(path, &stat) == 0, "an entry has gone");
    struct file *file = find_file(&stat);
    if (S_ISREG(stat.st_mode) && file == NULL)
        file = add_file(&stat);
    add_name(path, S_ISREG(stat.st_mode) ? file : NULL);
}

static void keep_tree(const char *path)
{
    keep_name(path);
    if (names[n_names - 1].file == NULL)
        each_entry(path, keep_tree);
    else
        keep_bytes(names[n_names - 1].file, path);
}

void io_disk_start(const char *where)
{
    strcpy(root, where);
    each_entry(root, keep_tree);
}

void io_disk_made(int fd)
{
    struct stat stat;

    need(fstat(fd, &stat) == 0, "an open file has gone");
    struct file *former = find_file(&stat);
    if (former != NULL)
        former->is_gone = true;
    add_file(&stat);
}

static bool stands_in(const char *path, const char *directory)
{
    const size_t n = strlen(directory);

    return strncmp(path, directory, n) == 0 && path[n] == '/' &&
           strchr(path + n + 1, '/') == NULL;
}

static void sync_directory(const char *path)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < n_names; i++)
        if (!stands_in(names[i].path, path))
            names[n_kept++] = names[i];
    n_names = n_kept;
    each_entry(path, keep_name);
}

void io_disk_synced(int fd)
{
    char link[64], path[PATH_MAX] = "";
    struct stat stat;

    need(fstat(fd, &stat) == 0, "an open file has gone");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (S_ISDIR(stat.st_mode)) {
        need(readlink(link, path, sizeof path - 1) > 0, "a directory has no path");
        sync_directory(path);
        return;
    }
    struct file *file = find_file(&stat);
    keep_bytes(file != NULL ? file : add_file(&stat), link);
}

/* ---- losing ---- */

static void remove_tree(const char *path)
{
    struct stat stat;

    if (lstat(path, &stat) == 0 && S_ISDIR(stat.st_mode)) {
        each_entry(path, remove_tree);
        rmdir(path);
    } else {
        unlink(path);
    }
}

static bool write_file(const char *path, const char *bytes, size_t n_bytes)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0)
        return false;
    const bool is_whole = write(fd, bytes, n_bytes) == (ssize_t)n_bytes;
    return close(fd) == 0 && is_whole;
}

/* What is in a directory that is not on the disk is lost with it. */
static void write_names(void)
{
    for (size_t i = 0; i < n_names; i++)
        if (names[i].file == NULL)
            mkdir(names[i].path, 0755);
    for (size_t i = 0; i < n_names; i++)
        if (names[i].file != NULL)
            write_file(names[i].path, names[i].file->bytes, names[i].file->n_bytes);
}

static void lose_bytes(const char *path)
{
    struct stat stat;

    need(lstat(path, &stat) == 0, "an entry has gone");
    if (S_ISDIR(stat.st_mode)) {
        each_entry(path, lose_bytes);
        return;
    }
    const struct file *file = find_file(&stat);
    need(write_file(path, file != NULL ? file->bytes : "",
                    file != NULL ? file->n_bytes : 0),
         "a file cannot be put back");
}

static void lose_half(const char *path)
{
    struct stat stat;

    need(lstat(path, &stat) == 0, "an entry has gone");
    if (S_ISDIR(stat.st_mode)) {
        each_entry(path, lose_half);
        return;
    }
    const struct file *file = find_file(&stat);
    const size_t synced = file != NULL ? file->n_bytes : 0;
    const size_t size = (size_t)stat.st_size;
    if (size > synced)
        need(truncate(path, (off_t)(synced + (size - synced) / 2)) == 0,
             "a file cannot be cut");
}

void io_disk_lose(enum io_loss loss)
{
    switch (loss) {
    case IO_LOSS_ALL:
        each_entry(root, remove_tree);
        write_names();
        break;
    case IO_LOSS_BYTES:
        each_entry(root, lose_bytes);
        break;
    case IO_LOSS_HALF:
        each_entry(root, lose_half);
        break;
    }
}
