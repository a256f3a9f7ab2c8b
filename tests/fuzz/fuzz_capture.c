/* fuzz_capture.c -- is a capture of any bytes either read, every book of it whole, or
 * refused with its line?
 *
 * Built and run by tests/fuzz/run. */
#include "market/capture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void claim(bool holds)
{
    if (!holds)
        abort();
}

static int hear_book(void *context, int64_t time_ns, const struct book *book,
                     struct err *err)
{
    (void)context, (void)time_ns, (void)err;
    claim(book_is_whole(book));
    for (int side = 0; side < BOOK_SIDES; side++)
        for (size_t i = 0; i < book->n[side]; i++) {
            const struct book_level *level = &book->level[side][i];

            claim(isfinite(level->price) && level->price >= 0.0);
            claim(level->quantity > 0.0);
            claim(i == 0 || (side == BOOK_BID ? level[-1].price > level->price
                                              : level[-1].price < level->price));
        }
    return 0;
}

static int hear_trade(void *context, const struct capture_trade *trade, struct err *err)
{
    (void)context, (void)err;
    claim(trade->price > 0.0 && trade->quantity > 0.0);
    return 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
    static const struct capture_listener listener = {NULL, hear_book, hear_trade};
    struct capture_counts counts;
    struct err err = {0};
    char path[64];
    const int fd = memfd_create("capture", 0);

    /* a line's end in front: text, whatever archive the bytes might be */
    claim(fd >= 0 && write(fd, "\n", 1) == 1 && write(fd, data, n) == (ssize_t)n);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (capture_read(path, &listener, &counts, &err) != 0) {
        claim(err.kind != ERR_NONE && err.text[0] != '\0');
        claim(strchr(err.text, '\n') == NULL);
    }
    close(fd);
    return 0;
}
