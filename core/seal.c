#include "core/seal.h"
#include "core/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files are little-endian");

enum { BUFFER_BYTES = 1 << 18 };

static const char no_digest[SHA256_TEXT_MAX] =
    "0000000000000000000000000000000000000000000000000000000000000000";

/* What the block says. */
struct seal {
    char kind[SEAL_KIND_MAX];
    uint64_t n_bytes, n_apart, apart_from;
    char sha256[SHA256_TEXT_MAX];
};

static void format_block(const struct seal *seal, char block[SEAL_BYTES])
{
    memset(block, 0, SEAL_BYTES);
    snprintf(block, SEAL_BYTES,
             "%s\nbytes %" PRIu64 "\napart %" PRIu64 " from %" PRIu64 "\nsha256 %s\n",
             seal->kind, seal->n_bytes, seal->n_apart, seal->apart_from, seal->sha256);
}

/* Only what format_block makes of the values is accepted, byte by byte. */
static int parse_block(const char block[SEAL_BYTES], struct seal *seal)
{
    char text[SEAL_BYTES + 1], again[SEAL_BYTES];

    memcpy(text, block, SEAL_BYTES);
    text[SEAL_BYTES] = '\0';
    if (sscanf(text,
               "%31[A-Z0-9 ]\nbytes %20" SCNu64 "\napart %20" SCNu64 " from %20" SCNu64
               "\nsha256 %64[0-9a-f]",
               seal->kind, &seal->n_bytes, &seal->n_apart, &seal->apart_from,
               seal->sha256) != 5)
        return -1;
    format_block(seal, again);
    return memcmp(block, again, SEAL_BYTES) == 0 ? 0 : -1;
}

/* Read exactly n_bytes at offset; -1 where the file ends before (errno is 0), or the
 * system refuses. */
static int read_at(int fd, void *bytes, size_t n_bytes, uint64_t offset)
{
    for (size_t n = 0; n < n_bytes;) {
        const ssize_t got =
            pread(fd, (char *)bytes + n, n_bytes - n, (off_t)(offset + n));

        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            errno = 0;
        if (got <= 0)
            return -1;
        n += (size_t)got;
    }
    return 0;
}

static int write_at(int fd, const void *bytes, size_t n_bytes, uint64_t offset)
{
    for (size_t n = 0; n < n_bytes;) {
        const ssize_t put =
            pwrite(fd, (const char *)bytes + n, n_bytes - n, (off_t)(offset + n));

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        n += (size_t)put;
    }
    return 0;
}

static int add_range(struct sha256 *sha, int fd, uint64_t from, uint64_t to,
                     char buffer[BUFFER_BYTES])
{
    while (from < to) {
        const uint64_t left = to - from;
        const size_t n = left < BUFFER_BYTES ? (size_t)left : BUFFER_BYTES;

        if (read_at(fd, buffer, n, from) != 0)
            return -1;
        sha256_add(sha, buffer, n);
        from += n;
    }
    return 0;
}

/* The digest of the file as the block says it, into out; the stretches are in order
 * and inside. */
static int digest_file(int fd, const struct seal *seal,
                       const struct seal_stretch apart[], char out[SHA256_TEXT_MAX])
{
    struct seal unsigned_seal = *seal;
    char block[SEAL_BYTES];
    struct sha256 sha;
    uint64_t from = SEAL_BYTES;
    int status = 0;

    char *buffer = malloc(BUFFER_BYTES);
    if (buffer == NULL)
        return -1;
    memcpy(unsigned_seal.sha256, no_digest, SHA256_TEXT_MAX);
    format_block(&unsigned_seal, block);
    sha256_start(&sha);
    sha256_add(&sha, block, SEAL_BYTES);
    for (uint64_t i = 0; i < seal->n_apart && status == 0; i++) {
        status = add_range(&sha, fd, from, apart[i].offset, buffer);
        from = apart[i].offset + apart[i].n_bytes;
    }
    if (status == 0)
        status = add_range(&sha, fd, from, seal->n_bytes, buffer);
    sha256_text(&sha, out);
    free(buffer);
    return status;
}

static int by_offset(const void *a, const void *b)
{
    const struct seal_stretch *left = a, *right = b;

    return (left->offset > right->offset) - (left->offset < right->offset);
}

static int write_seal(int fd, const char *kind, size_t n_apart,
                      struct seal_stretch apart[])
{
    struct seal seal = {.n_apart = n_apart};
    char block[SEAL_BYTES];
    struct stat stat;

    if (fstat(fd, &stat) != 0)
        return -1;
    if (n_apart > 0)
        qsort(apart, n_apart, sizeof *apart, by_offset);
    snprintf(seal.kind, sizeof seal.kind, "%s", kind);
    seal.apart_from = (uint64_t)stat.st_size;
    seal.n_bytes = seal.apart_from + n_apart * sizeof *apart;
    if (write_at(fd, apart, n_apart * sizeof *apart, seal.apart_from) != 0 ||
        digest_file(fd, &seal, apart, seal.sha256) != 0)
        return -1;
    format_block(&seal, block);
    return write_at(fd, block, SEAL_BYTES, 0);
}

int seal_write(const char *path, const char *kind, size_t n_apart,
               struct seal_stretch apart[], struct err *err)
{
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    int status = 0;

    if (fd < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    if (write_seal(fd, kind, n_apart, apart) != 0)
        status = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    if (close(fd) != 0 && status == 0)
        status = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    return status;
}

/* The list of stretches, each inside the file, in order, none over another. */
static int read_apart(int fd, const struct seal *seal, struct seal_stretch **apart)
{
    const uint64_t n_bytes = seal->n_apart * sizeof **apart;
    uint64_t from = SEAL_BYTES;

    *apart = malloc(n_bytes > 0 ? n_bytes : 1);
    if (*apart == NULL || read_at(fd, *apart, n_bytes, seal->apart_from) != 0)
        return -1;
    for (uint64_t i = 0; i < seal->n_apart; i++) {
        const struct seal_stretch *stretch = *apart + i;

        if (stretch->offset < from || stretch->offset > seal->apart_from ||
            stretch->n_bytes > seal->apart_from - stretch->offset)
            return -1;
        from = stretch->offset + stretch->n_bytes;
    }
    return 0;
}

static int check_digest(int fd, const struct seal *seal, struct err *err)
{
    struct seal_stretch *apart = NULL;
    char sha256[SHA256_TEXT_MAX] = "";

    errno = 0;
    const int status =
        read_apart(fd, seal, &apart) == 0 ? digest_file(fd, seal, apart, sha256) : -1;
    const int number = status != 0 ? errno : 0;
    free(apart);
    if (number != 0)
        return err_set(err, number == ENOMEM ? ERR_MEMORY : ERR_INPUT,
                       "cannot be read: %s", strerror(number));
    if (status != 0 || strcmp(sha256, seal->sha256) != 0)
        return err_set(err, ERR_INPUT,
                       "is damaged: its SHA-256 is not the one it was sealed with");
    return 0;
}

static int check_open_file(int fd, const char *kind, struct err *err)
{
    char block[SEAL_BYTES];
    struct seal seal;
    struct stat stat;

    if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode))
        return err_set(err, ERR_INPUT, "is not a regular file");
    const uint64_t n_bytes = (uint64_t)stat.st_size;
    if (n_bytes == 0)
        return err_set(err, ERR_INPUT, "is empty");
    memset(block, 0, sizeof block);
    if (read_at(fd, block, n_bytes < SEAL_BYTES ? n_bytes : SEAL_BYTES, 0) != 0)
        return err_set(err, ERR_INPUT, "cannot be read: %s", strerror(errno));
    if (strncmp(block, "PLIMSOLL ", 9) != 0)
        return err_set(err, ERR_INPUT, "does not begin with \"%s\": not a file of ours",
                       kind);
    if (n_bytes < SEAL_BYTES)
        return err_set(err, ERR_INPUT, "is cut off after %" PRIu64 " bytes", n_bytes);
    if (parse_block(block, &seal) != 0)
        return err_set(err, ERR_INPUT, "is damaged in its first %d bytes", SEAL_BYTES);
    if (strcmp(seal.kind, kind) != 0)
        return err_set(err, ERR_INPUT, "is a \"%s\", where a \"%s\" is asked",
                       seal.kind, kind);
    if (seal.n_bytes != n_bytes)
        return err_set(err, ERR_INPUT,
                       "has %" PRIu64 " bytes, and was written with %" PRIu64
                       ": cut off or added to",
                       n_bytes, seal.n_bytes);
    if (seal.apart_from < SEAL_BYTES || seal.apart_from > n_bytes ||
        seal.n_apart > n_bytes / sizeof(struct seal_stretch) ||
        n_bytes - seal.apart_from != seal.n_apart * sizeof(struct seal_stretch))
        return err_set(err, ERR_INPUT, "is damaged in its first %d bytes", SEAL_BYTES);
    return check_digest(fd, &seal, err);
}

int seal_check(const char *path, const char *kind, struct err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
    const int status = check_open_file(fd, kind, err);
    close(fd);
    return status == 0 ? 0 : err_add(err, "%s", path);
}

int seal_read_kind(const char *path, char kind[SEAL_KIND_MAX], struct err *err)
{
    char text[SEAL_KIND_MAX] = "";
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
    const ssize_t n = pread(fd, text, sizeof text - 1, 0);
    close(fd);
    if (n < 0)
        return err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
    text[strcspn(text, "\n")] = '\0';
    if (strncmp(text, "PLIMSOLL ", 9) != 0)
        return err_set(err, ERR_INPUT, "%s: is not a file of ours", path);
    memcpy(kind, text, SEAL_KIND_MAX);
    return 0;
}
