#include "coordinator/relay_store.h"
#include "coordinator/chain.h"
#include "core/crc32c.h"
#include "core/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char HEAD[] = "PLIMSOLL RELAY STORE 1\n";

struct head {
    char text[sizeof HEAD]; /* with its NUL: 24 bytes */
    uint32_t check;
};
_Static_assert(sizeof(struct head) == 28, "the head is 28 bytes on the disk");

/* Where a record's bytes lie in the file. */
struct place {
    uint64_t kind, offset, n_bytes;
};

struct relay_store {
    struct lock *lock;
    struct chain chain;
    struct relay_state state;
    size_t n, capacity;
    struct place *place; /* [n] */
};

static struct head make_head(void)
{
    struct head head;

    memset(&head, 0, sizeof head);
    memcpy(head.text, HEAD, sizeof HEAD);
    head.check = crc32c(0, head.text, sizeof head.text);
    return head;
}

/* ---- reading ---- */

static int add_place(struct relay_store *store, struct place place, struct err *err)
{
    if (store->n == store->capacity) {
        const size_t capacity = 2 * store->capacity + 64;
        struct place *grown = realloc(store->place, capacity * sizeof *grown);

        if (grown == NULL)
            return err_set(err, ERR_MEMORY, "no memory for %zu records", capacity);
        store->place = grown;
        store->capacity = capacity;
    }
    store->place[store->n++] = place;
    return 0;
}

static int hear(void *context, const struct chain_record *chained, size_t offset,
                struct reader bytes, struct err *err)
{
    const struct place place = {chained->kind, offset, bytes.n_left};
    struct relay_store *store = context;
    struct relay_record record;

    if (relay_record_get(chained->kind, bytes, &record, err) != 0 ||
        relay_state_apply(&store->state, &record, offset, bytes.n_left, err) != 0)
        return -1;
    return add_place(store, place, err);
}

static int check_head(struct chain_scan *scan, const char *path, struct err *err)
{
    const struct head head = make_head();

    if (scan->n < sizeof head || memcmp(scan->bytes, &head, sizeof head) != 0)
        return err_set(err, ERR_INPUT, "%s: is no relay's store, or damaged at byte 0",
                       path);
    scan->good = sizeof head;
    scan->last_check = head.check;
    return 0;
}

/* *scan stands behind the last good record. */
static int replay(struct relay_store *store, const char *path, struct chain_scan *scan,
                  struct err *err)
{
    const struct chain_callback callback = {store, hear};

    if (check_head(scan, path, err) != 0)
        return -1;
    if (chain_replay(scan, &callback, err) != 0)
        return err_add(err, "%s: record %llu at byte %zu", path,
                       (unsigned long long)scan->n_records, scan->good);
    if (scan->good < scan->n && chain_is_vouched_for(scan))
        return err_set(err, ERR_INPUT,
                       "%s: is damaged at byte %zu, before records that were written "
                       "later; put the other relay's store or a copy in its place",
                       path, scan->good);
    return 0;
}

static int begin(const char *path, struct err *err)
{
    const struct head head = make_head();

    return access(path, F_OK) == 0 ? 0 : file_replace(path, &head, sizeof head, err);
}

/* ---- opening ---- */

static int make_store(const char *directory, char path[FILE_PATH_MAX],
                      struct relay_store **store, struct err *err)
{
    struct relay_store *new = calloc(1, sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory", directory);
    new->chain.fd = -1;
    *store = new;
    return file_join(directory, RELAY_STORE_NAME, path, err);
}

static int open_locked(struct relay_store *store, const char *path, bool *mended,
                       struct err *err)
{
    struct chain_scan scan = {0};
    char *bytes = NULL;

    if (lock_take(path, &store->lock, err) != 0 || begin(path, err) != 0 ||
        file_read(path, SIZE_MAX, &bytes, &scan.n, err) != 0)
        return -1;
    scan.bytes = bytes;
    int status = replay(store, path, &scan, err);
    *mended = status == 0 && scan.good < scan.n;
    if (*mended)
        status = chain_keep_tail(&scan, path, err);
    if (status == 0)
        status = chain_open(&store->chain, path, &scan, err);
    free(bytes);
    return status;
}

int relay_store_open(const char *directory, struct relay_store **store, bool *mended,
                     struct err *err)
{
    struct relay_store *new = NULL;
    char path[FILE_PATH_MAX];

    if (file_make_directory(directory, err) != 0 ||
        make_store(directory, path, &new, err) != 0 ||
        open_locked(new, path, mended, err) != 0) {
        relay_store_close(new);
        return -1;
    }
    *store = new;
    return 0;
}

static int look(struct relay_store *store, const char *path, struct err *err)
{
    struct chain_scan scan = {0};
    char *bytes;

    if (file_read(path, SIZE_MAX, &bytes, &scan.n, err) != 0)
        return -1;
    scan.bytes = bytes;
    const int status = replay(store, path, &scan, err);
    snprintf(store->chain.path, sizeof store->chain.path, "%s", path);
    store->chain.failed = true; /* nothing can be put */
    free(bytes);
    return status;
}

int relay_store_look(const char *directory, struct relay_store **store, struct err *err)
{
    struct relay_store *new = NULL;
    char path[FILE_PATH_MAX];

    if (make_store(directory, path, &new, err) != 0 || look(new, path, err) != 0) {
        relay_store_close(new);
        return -1;
    }
    *store = new;
    return 0;
}

void relay_store_close(struct relay_store *store)
{
    if (store == NULL)
        return;
    chain_close(&store->chain);
    relay_state_free(&store->state);
    lock_release(store->lock);
    free(store->place);
    free(store);
}

const struct relay_state *relay_store_state(const struct relay_store *store)
{
    return &store->state;
}

uint64_t relay_store_n_records(const struct relay_store *store)
{
    return store->n;
}

/* ---- putting and getting ---- */

static int append(struct relay_store *store, const struct relay_record *record,
                  struct buffer *bytes, struct err *err)
{
    relay_record_put(bytes, record);
    if (bytes->failed)
        return err_set(err, ERR_MEMORY, "no memory for a record of %zu bytes",
                       bytes->n);
    const struct place place = {
        record->kind, store->chain.end + sizeof(struct chain_record), bytes->n};
    if (chain_append(&store->chain, record->kind, bytes->bytes, bytes->n, err) != 0 ||
        chain_commit(&store->chain, err) != 0 || add_place(store, place, err) != 0)
        return -1;
    return relay_state_apply(&store->state, record, place.offset, place.n_bytes, err);
}

int relay_store_put(struct relay_store *store, const struct relay_record *record,
                    struct err *err)
{
    struct buffer bytes = {0};

    if (relay_state_check(&store->state, record, err) != 0)
        return -1;
    const int status = append(store, record, &bytes, err);
    buffer_free(&bytes);
    return status;
}

static int read_at(const struct relay_store *store, const struct place *place,
                   struct buffer *buffer, struct err *err)
{
    const char *path = store->chain.path;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    buffer_empty(buffer);
    while (buffer->n < place->n_bytes && !buffer->failed) {
        char part[1 << 16];
        const size_t n_left = place->n_bytes - buffer->n;
        const ssize_t n = pread(fd, part, n_left < sizeof part ? n_left : sizeof part,
                                (off_t)(place->offset + buffer->n));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        buffer_put(buffer, part, (size_t)n);
    }
    close(fd);
    if (buffer->failed)
        return err_set(err, ERR_MEMORY, "%s: no memory for a record", path);
    if (buffer->n < place->n_bytes)
        return err_set(err, ERR_IO, "%s: cannot be read at byte %llu", path,
                       (unsigned long long)(place->offset + buffer->n));
    return 0;
}

static int get(const struct relay_store *store, const struct place *place,
               struct buffer *buffer, struct relay_record *record, struct err *err)
{
    if (read_at(store, place, buffer, err) != 0)
        return -1;
    const struct reader bytes = {buffer->bytes, buffer->n};
    return relay_record_get(place->kind, bytes, record, err);
}

int relay_store_get(const struct relay_store *store, uint64_t i, struct buffer *buffer,
                    struct relay_record *record, struct err *err)
{
    if (i >= store->n)
        return err_set(err, ERR_BUG, "there is no record %llu", (unsigned long long)i);
    return get(store, &store->place[i], buffer, record, err);
}

uint64_t relay_store_find(const struct relay_store *store,
                          const struct stream_name *name)
{
    const struct relay_entry *entry =
        relay_state_find(&store->state, name->epoch, name->version);

    if (entry != NULL && stream_name_same(&entry->name, name))
        for (size_t i = store->n; i-- > 0;)
            if (store->place[i].offset == entry->offset)
                return i;
    return store->n;
}

int relay_store_get_entry(const struct relay_store *store,
                          const struct relay_entry *entry, struct buffer *buffer,
                          struct relay_record *record, struct err *err)
{
    const struct place place = {RELAY_OFFERED, entry->offset, entry->n_bytes};

    if (get(store, &place, buffer, record, err) != 0)
        return -1;
    /* between its checksum and now the disk may have changed it */
    if (stream_name_check(&entry->name, record->set.bytes, record->set.n_left, err) !=
        0)
        return err_add(err, "%s: byte %llu", store->chain.path,
                       (unsigned long long)entry->offset);
    record->signatures = (struct reader){entry->signatures.bytes, entry->signatures.n};
    return 0;
}

int relay_store_load(const struct relay_store *store, const struct relay_entry *entry,
                     struct publication **publication, struct err *err)
{
    struct relay_record record;
    struct buffer buffer = {0};
    int status = -1;

    if (relay_store_get_entry(store, entry, &buffer, &record, err) == 0) {
        const struct publication_parts parts = relay_record_parts(&record);

        status = publication_take(&parts, publication, err);
    }
    buffer_free(&buffer);
    return status;
}
