#include "market/archive.h"

#include "core/file.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A file that is larger than this, packed or not, is no history of bars. */
static const size_t largest = (size_t)4 << 30;

struct buffer {
    char *bytes;
    size_t n, capacity;
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static bool is_gzip(const char *bytes, size_t n)
{
    return n >= 18 && (unsigned char)bytes[0] == 0x1f &&
           (unsigned char)bytes[1] == 0x8b;
}

/* CRC-32 of RFC 1952, section 8. */
static uint32_t crc32_of(const char *bytes, size_t n)
{
    uint32_t table[256], crc = UINT32_C(0xffffffff);

    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;

        for (int k = 0; k < 8; k++)
            c = c & 1 ? UINT32_C(0xedb88320) ^ (c >> 1) : c >> 1;
        table[i] = c;
    }
    for (size_t i = 0; i < n; i++)
        crc = table[(crc ^ (unsigned char)bytes[i]) & 0xff] ^ (crc >> 8);
    return crc ^ UINT32_C(0xffffffff);
}

static uint32_t little_endian(const char *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;

    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* libarchive does not compare the checksum and size that end a gzip file. */
static int check_gzip(const char *packed, size_t n_packed, const struct buffer *plain,
                      struct err *err)
{
    const char *end = packed + n_packed - 8;

    if (little_endian(end) == crc32_of(plain->bytes, plain->n) &&
        little_endian(end + 4) == (uint32_t)plain->n)
        return 0;
    return err_set(err, ERR_INPUT,
                   "the gzip checksum is wrong: the file is damaged, or several gzip "
                   "files were joined (unpack it first)");
}

static int read_entry(struct archive *archive, struct buffer *into, struct err *err)
{
    enum { AT_ONCE = 1 << 18 };

    into->n = 0;
    for (;;) {
        if (into->capacity - into->n < AT_ONCE + 1) {
            const size_t wanted = 2 * into->capacity + AT_ONCE + 1;
            char *grown = realloc(into->bytes, wanted);

            if (grown == NULL)
                return err_set(err, ERR_MEMORY, "no memory for %zu bytes", wanted);
            into->bytes = grown;
            into->capacity = wanted;
        }
        const la_ssize_t got =
            archive_read_data(archive, into->bytes + into->n, AT_ONCE);

        if (got < 0)
            return err_set(err, ERR_INPUT, "cannot be unpacked: %s",
                           archive_error_string(archive) != NULL
                               ? archive_error_string(archive)
                               : "damaged");
        into->bytes[into->n += (size_t)got] = '\0';
        if (got == 0)
            return 0;
        if (into->n > largest)
            return err_set(err, ERR_INPUT, "unpacks to more than 4 GiB");
    }
}

struct reading {
    const char *path, *packed;
    size_t n_packed;
    archive_wanted_fn wanted;
    archive_member_fn take;
    void *context;
    struct buffer buffer;
};

/* A file that is no archive: its name is the outer one, without ".gz". */
static int take_plain(struct reading *reading, struct archive *archive, struct err *err)
{
    const bool gzip = is_gzip(reading->packed, reading->n_packed);
    char name[256];

    strncpy(name, base_name(reading->path), sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const size_t n = strlen(name);
    if (gzip && n > 3 && strcmp(name + n - 3, ".gz") == 0)
        name[n - 3] = '\0';
    if (read_entry(archive, &reading->buffer, err) != 0)
        return -1;
    if (gzip && check_gzip(reading->packed, reading->n_packed, &reading->buffer, err))
        return -1;
    const struct archive_member member = {name, reading->buffer.bytes,
                                          reading->buffer.n};

    return reading->take(reading->context, &member, err);
}

static int take_entry(struct reading *reading, struct archive *archive,
                      struct archive_entry *entry, struct err *err)
{
    const char *path = archive_entry_pathname_utf8(entry);

    if (path == NULL)
        path = "member-without-name";
    const char *name = base_name(path);
    if (archive_entry_filetype(entry) == AE_IFDIR || name[0] == '\0' ||
        name[0] == '.' || strncmp(path, "__MACOSX/", 9) == 0)
        return 0;
    if (reading->wanted != NULL && !reading->wanted(reading->context, name))
        return 0;
    if (read_entry(archive, &reading->buffer, err) != 0)
        return err_add(err, "%s", name);
    const struct archive_member member = {name, reading->buffer.bytes,
                                          reading->buffer.n};

    if (reading->take(reading->context, &member, err) != 0)
        return err_add(err, "%s", name);
    return 0;
}

static int read_entries(struct reading *reading, struct archive *archive,
                        struct err *err)
{
    struct archive_entry *entry;
    int status;

    while ((status = archive_read_next_header(archive, &entry)) == ARCHIVE_OK ||
           status == ARCHIVE_WARN) {
        const bool plain = archive_format(archive) == ARCHIVE_FORMAT_RAW;

        if ((plain ? take_plain(reading, archive, err)
                   : take_entry(reading, archive, entry, err)) != 0)
            return -1;
    }
    if (status != ARCHIVE_EOF)
        return err_set(err, ERR_INPUT, "cannot be unpacked: %s",
                       archive_error_string(archive) != NULL
                           ? archive_error_string(archive)
                           : "damaged");
    return 0;
}

static int read_packed(struct reading *reading, struct err *err)
{
    struct archive *archive = archive_read_new();
    int failed = -1;

    if (archive == NULL)
        return err_set(err, ERR_MEMORY, "no memory to unpack");
    archive_read_support_filter_gzip(archive);
    archive_read_support_format_zip(archive);
    archive_read_support_format_tar(archive);
    archive_read_support_format_raw(archive);
    if (archive_read_open_memory(archive, reading->packed, reading->n_packed) !=
        ARCHIVE_OK)
        err_set(err, ERR_INPUT, "cannot be unpacked: %s",
                archive_error_string(archive));
    else
        failed = read_entries(reading, archive, err);
    archive_read_free(archive);
    return failed;
}

int archive_read(const char *path, archive_wanted_fn wanted, archive_member_fn take,
                 void *context, char sha256[SHA256_TEXT_MAX], struct err *err)
{
    struct reading reading = {
        .path = path, .wanted = wanted, .take = take, .context = context};
    char *packed;
    int failed;

    if (file_read(path, largest, &packed, &reading.n_packed, err) != 0)
        return -1;
    reading.packed = packed;
    sha256_of(packed, reading.n_packed, sha256);
    if (reading.n_packed == 0)
        failed = err_set(err, ERR_INPUT, "the file is empty");
    else
        failed = read_packed(&reading, err);
    if (failed)
        err_add(err, "%s", path);
    free(reading.buffer.bytes);
    free(packed);
    return failed;
}
