/* fuzz_journal.c -- any bytes as a journal: read as far as they hold, or refused */
#include "coordinator/journal.h"
#include "core/file.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

static int touch(void *context, uint64_t unit, struct reader answer, struct err *err)
{
    uint64_t *sum = context;

    (void)err;
    *sum += unit;
    for (size_t i = 0; i < answer.n_left; i++)
        *sum += answer.bytes[i]; /* every byte that is lent can be read */
    return 0;
}

/* A torn tail is kept beside the journal. */
static void remove_tails(const char *path)
{
    char pattern[96];
    glob_t tails;

    snprintf(pattern, sizeof pattern, "%s.torn-*", path);
    if (glob(pattern, 0, NULL, &tails) != 0)
        return;
    for (size_t i = 0; i < tails.gl_pathc; i++)
        unlink(tails.gl_pathv[i]);
    globfree(&tails);
}

/* The first byte says whether the head is a good one, so that records are reached. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    static char path[64];
    const struct journal_identity identity = {"job abc\n"};
    uint64_t sum = 0, n_replayed;
    const struct journal_callback callback = {&sum, touch};
    struct journal *journal = NULL;
    struct err err = {0};

    if (path[0] == '\0')
        snprintf(path, sizeof path, "/dev/shm/plimsoll-fuzz-%ld", (long)getpid());
    unlink(path);
    if (n_bytes > 0 && bytes[0] % 2 == 0) {
        if (journal_open(path, &identity, &callback, &journal, &n_replayed, NULL) != 0)
            abort();
        journal_close(journal);
        FILE *file = fopen(path, "ab");
        if (file == NULL || fwrite(bytes + 1, 1, n_bytes - 1, file) != n_bytes - 1)
            abort();
        fclose(file);
    } else if (file_replace(path, bytes, n_bytes, NULL) != 0) {
        abort();
    }
    if (journal_open(path, &identity, &callback, &journal, &n_replayed, &err) == 0)
        journal_close(journal);
    else if (err.text[0] == '\0')
        abort(); /* a refusal says why */
    unlink(path);
    remove_tails(path);
    return 0;
}
