/* fuzz_relay_store.c -- any bytes as a relay's store: a state whose versions rise, or a
 * refusal; and any bytes as the records behind a good beginning */
#include "coordinator/chain.h"
#include "coordinator/relay_store.h"
#include "core/crc32c.h"
#include "core/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

static const char HEAD[] = "PLIMSOLL RELAY STORE 1\n";

/* Each record's checksums made good, so that what is in it is reached: a length byte, a
 * kind byte, and so many bytes. */
static void chain_up(const uint8_t *bytes, size_t n_bytes, struct buffer *file)
{
    uint32_t before = crc32c(0, HEAD, sizeof HEAD);

    buffer_put(file, HEAD, sizeof HEAD);
    buffer_put(file, &before, sizeof before);
    for (uint64_t sequence = 0; n_bytes >= 2; sequence++) {
        const size_t n = bytes[0] < n_bytes - 2 ? bytes[0] : n_bytes - 2;
        struct chain_record record = {.mark = "plj rec",
                                      .n_bytes = n,
                                      .sequence = sequence,
                                      .durable = sequence,
                                      .kind = bytes[1] % 8u,
                                      .before = before};

        record.mark[7] = '\n';
        record.check = crc32c(crc32c(0, &record, offsetof(struct chain_record, check)),
                              bytes + 2, n);
        buffer_put(file, &record, sizeof record);
        buffer_put(file, bytes + 2, n);
        before = record.check;
        bytes += 2 + n;
        n_bytes -= 2 + n;
    }
}

static void check(const struct relay_store *store)
{
    const struct relay_state *state = relay_store_state(store);
    const struct relay_entry *newest = relay_state_newest(state);
    struct buffer buffer = {0};
    struct relay_record record;
    struct err err;

    for (size_t i = 0; newest != NULL && i < state->n; i++)
        if (state->entry[i].standing == RELAY_IS_ACCEPTED &&
            stream_name_compare(&state->entry[i].name, &newest->name) > 0)
            abort();
    for (uint64_t i = 0; i < relay_store_n_records(store); i++)
        if (relay_store_get(store, i, &buffer, &record, NULL) != 0)
            abort(); /* what was read once is read again */
    for (size_t i = 0; i < state->n; i++) {
        err = (struct err){0};
        if (relay_store_get_entry(store, &state->entry[i], &buffer, &record, &err) !=
                0 &&
            err.text[0] == '\0')
            abort();
    }
    buffer_free(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    static char directory[64], path[FILE_PATH_MAX];
    struct relay_store *store;
    struct buffer file = {0};
    struct err err = {0};

    if (directory[0] == '\0') {
        snprintf(directory, sizeof directory, "/dev/shm/plimsoll-fuzz-store-%ld",
                 (long)getpid());
        mkdir(directory, 0700);
        if (file_join(directory, RELAY_STORE_NAME, path, NULL) != 0)
            abort();
    }
    if (n_bytes > 0 && bytes[0] % 2 == 0)
        chain_up(bytes + 1, n_bytes - 1, &file);
    else
        buffer_put(&file, bytes, n_bytes);
    if (file.failed || file_replace(path, file.bytes, file.n, NULL) != 0)
        abort();
    buffer_free(&file);
    if (relay_store_look(directory, &store, &err) == 0) {
        check(store);
        relay_store_close(store);
    } else if (err.text[0] == '\0') {
        abort(); /* a refusal says why */
    }
    unlink(path);
    return 0;
}
