#include "coordinator/chain.h"
#include "core/crc32c.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char MARK[8] = "plj rec\n";

static uint32_t check_of(const struct chain_record *record, const void *bytes)
{
    return crc32c(crc32c(0, record, offsetof(struct chain_record, check)), bytes,
                  record->n_bytes);
}

/* ---- reading ---- */

/* A record at `at` that is whole and whose checksum holds, whatever it follows. */
static bool is_record(const struct chain_scan *scan, size_t at,
                      struct chain_record *record)
{
    if (scan->n - at < sizeof *record)
        return false;
    memcpy(record, scan->bytes + at, sizeof *record);
    return memcmp(record->mark, MARK, sizeof MARK) == 0 &&
           record->n_bytes <= scan->n - at - sizeof *record &&
           record->check == check_of(record, scan->bytes + at + sizeof *record);
}

static bool continues(const struct chain_scan *scan, const struct chain_record *record)
{
    return record->sequence == scan->n_records && record->before == scan->last_check;
}

bool chain_is_vouched_for(const struct chain_scan *scan)
{
    struct chain_record record;
    const char *at = scan->bytes + scan->good;
    const char *end = scan->bytes + scan->n;

    while ((at = memmem(at, (size_t)(end - at), MARK, sizeof MARK)) != NULL) {
        if (is_record(scan, (size_t)(at - scan->bytes), &record) &&
            record.durable > scan->n_records)
            return true;
        at++;
    }
    return false;
}

int chain_replay(struct chain_scan *scan, const struct chain_callback *callback,
                 struct err *err)
{
    struct chain_record record;

    while (is_record(scan, scan->good, &record) && continues(scan, &record)) {
        const size_t offset = scan->good + sizeof record;
        const struct reader bytes = {(const unsigned char *)scan->bytes + offset,
                                     record.n_bytes};

        if (callback->record(callback->context, &record, offset, bytes, err) != 0)
            return -1;
        scan->good = offset + record.n_bytes;
        scan->n_records++;
        scan->last_check = record.check;
    }
    return 0;
}

int chain_keep_tail(const struct chain_scan *scan, const char *path, struct err *err)
{
    char copy[FILE_PATH_MAX];

    if (snprintf(copy, sizeof copy, "%s.torn-%zu", path, scan->good) >=
        (int)sizeof copy)
        return err_set(err, ERR_INPUT, "%s: the path is too long", path);
    file_discard_abandoned(copy);
    return file_replace(copy, scan->bytes + scan->good, scan->n - scan->good, err);
}

/* ---- writing ---- */

int chain_open(struct chain *chain, const char *path, const struct chain_scan *scan,
               struct err *err)
{
    *chain = (struct chain){.fd = -1,
                            .n_records = scan->n_records,
                            .n_durable = scan->n_records,
                            .end = scan->good,
                            .last_check = scan->last_check};
    snprintf(chain->path, sizeof chain->path, "%s", path);
    chain->fd = open(path, O_RDWR | O_CLOEXEC);
    if (chain->fd < 0 || ftruncate(chain->fd, (off_t)scan->good) != 0 ||
        lseek(chain->fd, 0, SEEK_END) < 0 || fdatasync(chain->fd) != 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    return 0;
}

void chain_close(struct chain *chain)
{
    if (chain->fd >= 0)
        close(chain->fd);
    chain->fd = -1;
    buffer_free(&chain->waiting);
}

int chain_append(struct chain *chain, uint64_t kind, const void *bytes, size_t n_bytes,
                 struct err *err)
{
    struct chain_record record = {
        .n_bytes = n_bytes,
        .sequence = chain->n_records,
        .durable = chain->n_durable,
        .kind = kind,
        .before = chain->last_check,
    };

    if (chain->failed)
        return err_set(err, ERR_IO, "%s: cannot be written any more", chain->path);
    memcpy(record.mark, MARK, sizeof MARK);
    record.check = check_of(&record, bytes);
    buffer_put(&chain->waiting, &record, sizeof record);
    buffer_put(&chain->waiting, bytes, n_bytes);
    if (chain->waiting.failed) {
        chain->failed = true;
        return err_set(err, ERR_MEMORY, "%s: no memory for a record", chain->path);
    }
    chain->n_records++;
    chain->end += sizeof record + n_bytes;
    chain->last_check = record.check;
    return 0;
}

int chain_write(struct chain *chain, struct err *err)
{
    const unsigned char *at = chain->waiting.bytes;
    size_t n_bytes = chain->waiting.n;

    while (n_bytes > 0) {
        const ssize_t n = write(chain->fd, at, n_bytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            chain->failed = true;
            return err_set(err, ERR_IO, "%s: %s", chain->path, strerror(errno));
        }
        at += n;
        n_bytes -= (size_t)n;
    }
    buffer_empty(&chain->waiting);
    return 0;
}

int chain_commit(struct chain *chain, struct err *err)
{
    if (chain->n_durable == chain->n_records)
        return 0;
    if (!chain->failed && chain_write(chain, err) != 0)
        return -1;
    if (chain->failed || fdatasync(chain->fd) != 0) {
        chain->failed = true;
        return err_set(err, ERR_IO, "%s: %s", chain->path, strerror(errno));
    }
    chain->n_durable = chain->n_records;
    return 0;
}
