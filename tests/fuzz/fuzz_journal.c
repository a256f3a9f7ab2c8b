/* fuzz_journal.c -- any bytes as a journal: read as far as they hold, or refused; and
 * good records after an accident: what is read is what was written, or less of it */
#include "coordinator/journal.h"
#include "core/file.h"

#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

static char path[64];
static const struct journal_identity identity = {"job abc\n"};

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
static void remove_tails(void)
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

static void claim(bool holds)
{
    if (!holds)
        abort();
}

static struct journal *begin(void)
{
    const struct journal_callback nothing = {NULL, NULL};
    struct journal *journal = NULL;
    uint64_t n_replayed;

    claim(journal_open(path, &identity, &nothing, &journal, &n_replayed, NULL) == 0);
    claim(n_replayed == 0);
    return journal;
}

/* A refusal says why. */
static void open_again(const struct journal_callback *callback)
{
    struct journal *journal = NULL;
    uint64_t n_replayed;
    struct err err = {0};

    if (journal_open(path, &identity, callback, &journal, &n_replayed, &err) == 0)
        journal_close(journal);
    else
        claim(err.text[0] != '\0');
}

/* ---- any bytes, behind a good head or without one ---- */

static void read_bytes(bool has_head, const uint8_t *bytes, size_t n_bytes)
{
    uint64_t sum = 0;
    const struct journal_callback callback = {&sum, touch};

    if (has_head) {
        journal_close(begin());
        FILE *file = fopen(path, "ab");
        claim(file != NULL && fwrite(bytes, 1, n_bytes, file) == n_bytes);
        claim(fclose(file) == 0);
    } else {
        claim(file_replace(path, bytes, n_bytes, NULL) == 0);
    }
    open_again(&callback);
}

/* ---- good records, then an accident ---- */

enum { RECORDS_MAX = 8 };

struct written {
    size_t n, n_seen;
    struct reader answer[RECORDS_MAX];
};

/* What is replayed are the answers that were written, from the first on. */
static int is_as_written(void *context, uint64_t unit, struct reader answer,
                         struct err *err)
{
    struct written *written = context;
    const size_t i = written->n_seen++;

    (void)err;
    claim(i < written->n && unit == i && answer.n_left == written->answer[i].n_left);
    claim(memcmp(answer.bytes, written->answer[i].bytes, answer.n_left) == 0);
    return 0;
}

/* Up to eight records, each a byte of length and so many; an odd length commits. */
static void write_records(struct reader *input, struct written *written)
{
    struct journal *journal = begin();
    uint8_t n_bytes;

    while (written->n < RECORDS_MAX && reader_get(input, &n_bytes, 1) == 0 &&
           reader_cut(input, n_bytes, &written->answer[written->n]) == 0) {
        const struct reader *answer = &written->answer[written->n];

        claim(journal_append(journal, written->n, answer->bytes, answer->n_left,
                             NULL) == 0);
        written->n++;
        if (n_bytes % 2 == 1)
            claim(journal_commit(journal, NULL) == 0);
    }
    journal_close(journal);
}

/* A burst of up to 32 bits, which a CRC of 32 bits always finds, and another end. */
struct accident {
    uint16_t at, end;
    uint8_t flip[4];
};

static void damage(struct reader *input)
{
    struct accident accident;
    char *bytes;
    size_t n_bytes;

    if (reader_get(input, &accident, sizeof accident) != 0)
        return;
    claim(file_read(path, SIZE_MAX, &bytes, &n_bytes, NULL) == 0);
    for (size_t i = 0; i < sizeof accident.flip && accident.at + i < n_bytes; i++)
        bytes[accident.at + i] ^= (char)accident.flip[i];
    if (accident.end < n_bytes)
        n_bytes = accident.end;
    claim(file_replace(path, bytes, n_bytes, NULL) == 0);
    free(bytes);
}

static void break_records(const uint8_t *bytes, size_t n_bytes)
{
    struct reader input = {bytes, n_bytes};
    struct written written = {0};
    const struct journal_callback callback = {&written, is_as_written};

    write_records(&input, &written);
    damage(&input);
    open_again(&callback);
}

/* The first byte says which of the three. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    if (n_bytes == 0)
        return 0;
    if (path[0] == '\0')
        snprintf(path, sizeof path, "/dev/shm/plimsoll-fuzz-%ld", (long)getpid());
    unlink(path);
    if (bytes[0] % 3 == 2)
        break_records(bytes + 1, n_bytes - 1);
    else
        read_bytes(bytes[0] % 3 == 0, bytes + 1, n_bytes - 1);
    unlink(path);
    remove_tails();
    return 0;
}
