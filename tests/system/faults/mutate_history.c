/* mutate_history.c -- is a history that has been damaged ever read as another one?
 *
 *     mutate-history STORE SCRATCH SEED FROM TO    rounds FROM to TO - 1, read in here
 *     mutate-history STORE SCRATCH SEED ROUND      only write the round's file
 *
 * Each round writes a copy of STORE with one fault into SCRATCH and reads everything of
 * it through market/history.h.  What is read is, bit by bit, what STORE holds, or there
 * is an error of the input that begins with the file's name.  A round's fault follows
 * from SEED and its number alone.  A round that ends in a signal says which it was.
 * The seal and the digests cover every byte: a change that nobody notices is wrong too,
 * even where it has changed no price. */
#include "core/sha256.h"
#include "market/history.h"
#include "market/simulate.h"

#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUND_S = 30, BLOCK_MAX = 4096, ENTRIES_MAX = 16 };

struct bytes {
    unsigned char *at;
    size_t n;
};

/* ---- what a round does ---- */

static uint64_t state;
static volatile sig_atomic_t round_now;

/* Steele, Lea and Flood's splitmix64. */
static uint64_t draw(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static size_t below(size_t n)
{
    return n > 0 ? (size_t)(draw() % n) : 0;
}

/* Some object header of HDF5, where attributes and the places of data stand. */
static size_t some_header(const struct bytes *file)
{
    const size_t from = below(file->n);
    const unsigned char *found = memmem(file->at + from, file->n - from, "OHDR", 4);

    return found != NULL ? (size_t)(found - file->at) : from;
}

/* Anywhere; but often in the seal, the superblock, a header, or the list at the end. */
static size_t somewhere(const struct bytes *file)
{
    size_t at = below(file->n);

    switch (below(8)) {
    case 0:
        at = below(512);
        break;
    case 1:
        at = 512 + below(96);
        break;
    case 2:
    case 3:
        at = some_header(file) + below(512);
        break;
    case 4:
        at = file->n - 1 - below(256);
        break;
    default:
        break;
    }
    return at < file->n ? at : file->n - 1;
}

static size_t block_at(const struct bytes *file, size_t at)
{
    const size_t n = 1 + below(BLOCK_MAX);

    return n < file->n - at ? n : file->n - at;
}

static void flip_bits(struct bytes *file)
{
    for (size_t n = 1 + below(3); n > 0; n--)
        file->at[somewhere(file)] ^= (unsigned char)(1u << below(8));
}

static void zero_block(struct bytes *file)
{
    const size_t at = somewhere(file);

    memset(file->at + at, 0, block_at(file, at));
}

static void scramble_block(struct bytes *file)
{
    const size_t at = somewhere(file), n = block_at(file, at);

    for (size_t i = 0; i < n; i++)
        file->at[at + i] = (unsigned char)draw();
}

/* A block a second time, over what stood there. */
static void copy_block(struct bytes *file)
{
    const size_t from = somewhere(file), to = somewhere(file);
    const size_t n = block_at(file, from > to ? from : to);

    memmove(file->at + to, file->at + from, n);
}

/* A block a second time, and everything behind it further on. */
static void insert_block(struct bytes *file)
{
    const size_t at = somewhere(file), n = block_at(file, at);

    memmove(file->at + at + n, file->at + at, file->n - at);
    file->n += n;
}

static void remove_block(struct bytes *file)
{
    const size_t at = somewhere(file), n = block_at(file, at);

    memmove(file->at + at, file->at + at + n, file->n - at - n);
    file->n -= n;
}

static void append_bytes(struct bytes *file)
{
    for (size_t n = 1 + below(BLOCK_MAX); n > 0; n--)
        file->at[file->n++] = (unsigned char)(below(2) != 0 ? draw() : 0);
}

static void cut_off(struct bytes *file)
{
    file->n = somewhere(file);
}

/* The round's fault; file has room for BLOCK_MAX bytes more. */
static void damage(struct bytes *file, uint64_t seed, uint64_t number)
{
    static void (*const faults[])(struct bytes *) = {
        flip_bits,    flip_bits,    zero_block,   scramble_block, copy_block,
        insert_block, remove_block, append_bytes, cut_off,
    };

    state = seed * 0x2545f4914f6cdd1du + number;
    faults[below(sizeof faults / sizeof *faults)](file);
}

/* ---- what is read ---- */

/* Of each entry, what reading it gives: a digest of all, or that it is refused. */
struct told {
    bool is_open;
    size_t n;
    bool is_read[ENTRIES_MAX];
    char sha256[ENTRIES_MAX][SHA256_TEXT_MAX];
};

static void add_text(struct sha256 *sha, const char *text)
{
    sha256_add(sha, text, strlen(text) + 1);
}

static int add_bars(struct sha256 *sha, const struct history *history,
                    const struct history_entry *entry, struct err *err)
{
    struct bars bars = {0};

    if (history_read(history, entry, INT64_MIN, INT64_MAX, &bars, err) != 0)
        return -1;
    const size_t size = bars.n * sizeof(double);
    sha256_add(sha, &bars.interval_ns, sizeof bars.interval_ns);
    sha256_add(sha, bars.time, size);
    sha256_add(sha, bars.open, size);
    sha256_add(sha, bars.high, size);
    sha256_add(sha, bars.low, size);
    sha256_add(sha, bars.close, size);
    sha256_add(sha, bars.volume, size);
    bars_free(&bars);
    return 0;
}

static int add_columns(struct sha256 *sha, const struct history *history,
                       const struct history_entry *entry, struct err *err)
{
    double *value = calloc(entry->n_bars + 1, sizeof *value);
    int status = 0;

    if (value == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %" PRIu64 " bars",
                       entry->n_bars);
    for (size_t c = 0; c < SIMULATE_N_COLUMNS && status == 0; c++) {
        status = history_read_column(history, entry, simulate_columns[c], value, err);
        sha256_add(sha, value, entry->n_bars * sizeof *value);
    }
    free(value);
    return status;
}

static int read_entry(const struct history *history, const struct history_entry *entry,
                      char out[SHA256_TEXT_MAX], struct err *err)
{
    struct history_notes notes;
    struct sha256 sha;

    sha256_start(&sha);
    sha256_add(&sha, entry, sizeof *entry);
    if (add_bars(&sha, history, entry, err) != 0 ||
        add_columns(&sha, history, entry, err) != 0 ||
        history_read_notes(history, entry, &notes, err) != 0)
        return -1;
    add_text(&sha, notes.vendor);
    add_text(&sha, notes.sources);
    add_text(&sha, notes.quality);
    history_notes_free(&notes);
    sha256_text(&sha, out);
    return 0;
}

/* An error is of the input, one line, and begins with the file's name. */
static bool is_clear(const struct err *err, const char *path)
{
    const size_t n = strlen(path);

    return err->kind == ERR_INPUT && strncmp(err->text, path, n) == 0 &&
           err->text[n] == ':' && strlen(err->text) >= n + strlen(": is empty") &&
           strpbrk(err->text, "\n\r\t") == NULL;
}

/* False where an error is not clear. */
static bool read_store(const char *path, struct told *told)
{
    struct history *history = NULL;
    struct err err = {0};
    bool is_fine = true;

    *told = (struct told){0};
    if (history_open(path, &history, &err) != 0)
        is_fine = is_clear(&err, path);
    told->is_open = history != NULL;
    for (size_t i = 0; told->is_open && i < history_count(history); i++) {
        if (i >= ENTRIES_MAX)
            break;
        told->n++;
        told->is_read[i] =
            read_entry(history, history_entry(history, i), told->sha256[i], &err) == 0;
        is_fine = is_fine && (told->is_read[i] || is_clear(&err, path));
    }
    history_close(history);
    if (!is_fine)
        printf("round %d: the error is not clear: %s\n", (int)round_now, err.text);
    return is_fine;
}

/* ---- the rounds ---- */

struct counts {
    unsigned long refused, partly, unnoticed, wrong;
};

static bool is_as_before(const struct told *now, const struct told *before,
                         bool *is_whole)
{
    *is_whole = true;
    if (now->n != before->n)
        return false;
    for (size_t i = 0; i < now->n; i++) {
        *is_whole = *is_whole && now->is_read[i];
        if (now->is_read[i] && strcmp(now->sha256[i], before->sha256[i]) != 0)
            return false;
    }
    return true;
}

static void judge(const char *path, const struct told *before, struct counts *counts)
{
    struct told now;
    bool is_whole;

    if (!read_store(path, &now)) {
        counts->wrong++;
    } else if (!now.is_open) {
        counts->refused++;
    } else if (!is_as_before(&now, before, &is_whole)) {
        printf("round %d: what is read is not what was stored\n", (int)round_now);
        counts->wrong++;
    } else if (is_whole) {
        counts->unnoticed++;
    } else {
        counts->partly++;
    }
}

static bool read_whole(const char *path, struct bytes *file)
{
    FILE *stream = fopen(path, "rb");

    if (stream == NULL || fseek(stream, 0, SEEK_END) != 0)
        return false;
    file->n = (size_t)ftell(stream);
    file->at = malloc(file->n + BLOCK_MAX);
    rewind(stream);
    const bool is_read =
        file->at != NULL && fread(file->at, 1, file->n, stream) == file->n;
    fclose(stream);
    return is_read;
}

/* A round's file; false where the fault has left the bytes as they were. */
static bool write_round(const struct bytes *store, const char *path, uint64_t seed,
                        uint64_t number)
{
    struct bytes copy = {malloc(store->n + BLOCK_MAX), store->n};
    FILE *stream = fopen(path, "wb");

    if (copy.at == NULL || stream == NULL)
        exit(2);
    memcpy(copy.at, store->at, store->n);
    damage(&copy, seed, number);
    if (fwrite(copy.at, 1, copy.n, stream) != copy.n || fclose(stream) != 0)
        exit(2);
    const bool is_other = copy.n != store->n || memcmp(copy.at, store->at, copy.n) != 0;
    free(copy.at);
    return is_other;
}

static void say_which(int number)
{
    char text[64];

    const int n =
        snprintf(text, sizeof text, "round %d: signal %d\n", (int)round_now, number);
    (void)!write(STDOUT_FILENO, text, (size_t)n);
    signal(number, SIG_DFL);
    raise(number);
}

static int run_rounds(const struct bytes *store, char **argv, uint64_t seed)
{
    const uint64_t from = strtoull(argv[4], NULL, 10), to = strtoull(argv[5], NULL, 10);
    unsigned long n_same = 0;
    struct counts counts = {0};
    struct told before;

    if (!read_store(argv[1], &before) || !before.is_open || before.n == 0)
        return 2;
    for (size_t i = 0; i < before.n; i++)
        if (!before.is_read[i])
            return 2;
    for (uint64_t number = from; number < to; number++) {
        round_now = (sig_atomic_t)number;
        alarm(ROUND_S);
        if (write_round(store, argv[2], seed, number))
            judge(argv[2], &before, &counts);
        else
            n_same++;
    }
    printf("%" PRIu64 " rounds: %lu refused, %lu with a refused series, %lu "
           "unnoticed, %lu without a change, %lu wrong\n",
           to - from, counts.refused, counts.partly, counts.unnoticed, n_same,
           counts.wrong);
    return counts.wrong + counts.unnoticed != 0;
}

int main(int argc, char **argv)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM};
    struct bytes store;

    if (argc < 5 || argc > 6 || !read_whole(argv[1], &store)) {
        fputs("usage: mutate-history STORE SCRATCH SEED FROM TO | ROUND\n", stderr);
        return 2;
    }
    const uint64_t seed = strtoull(argv[3], NULL, 10);
    int status = 0;
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        signal(fatal[i], say_which);
    if (argc == 6)
        status = run_rounds(&store, argv, seed);
    else
        write_round(&store, argv[2], seed, strtoull(argv[4], NULL, 10));
    free(store.at);
    return status;
}
