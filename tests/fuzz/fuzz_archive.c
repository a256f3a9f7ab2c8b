/* fuzz_archive.c -- any bytes as a file that holds others: each member is handed over
 * whole, or one line says what is wrong */
#include "core/file.h"
#include "market/archive.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

/* Every byte that is lent can be read, the NUL behind them too. */
static int touch(void *context, const struct archive_member *member, struct err *err)
{
    uint64_t *sum = context;

    (void)err;
    if (member->bytes[member->n_bytes] != '\0' || member->name[0] == '\0' ||
        strchr(member->name, '/') != NULL)
        abort();
    for (size_t i = 0; i < member->n_bytes; i++)
        *sum += (unsigned char)member->bytes[i];
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    static char path[64];
    char sha256[SHA256_TEXT_MAX];
    uint64_t sum = 0;
    struct err err = {0};

    if (path[0] == '\0')
        snprintf(path, sizeof path, "/dev/shm/plimsoll-fuzz-%ld.gz", (long)getpid());
    if (file_replace(path, bytes, n_bytes, NULL) != 0)
        abort();
    if (archive_read(path, NULL, touch, &sum, sha256, &err) != 0 &&
        (err.text[0] == '\0' || strchr(err.text, '\n') != NULL))
        abort();
    unlink(path);
    return 0;
}
