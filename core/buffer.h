/* buffer.h -- bytes that grow, written and read back field by field
 *
 * Writing keeps a failed allocation in mind and tells it once, by buffer_failed.
 * Reading never runs past the end: it returns -1, and the rest reads as failure. */
#ifndef CORE_BUFFER_H
#define CORE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
    unsigned char *bytes;
    size_t n, capacity;
    bool failed;
};

void buffer_put(struct buffer *buffer, const void *bytes, size_t n_bytes);
void buffer_put_text(struct buffer *buffer, const char *text); /* length, then bytes */
void buffer_empty(struct buffer *buffer);                      /* keeps the memory */
void buffer_free(struct buffer *buffer);

struct reader {
    const unsigned char *bytes;
    size_t n_left;
};

int reader_get(struct reader *reader, void *bytes, size_t n_bytes);
/* The next n_bytes as a reader of their own. */
int reader_cut(struct reader *reader, size_t n_bytes, struct reader *part);
/* A text into out[size]; -1 where it does not fit. */
int reader_get_text(struct reader *reader, char *out, size_t size);

#endif /* CORE_BUFFER_H */
