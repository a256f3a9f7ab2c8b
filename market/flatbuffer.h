/* flatbuffer.h -- what stands in a flatbuffer whose bytes nobody vouches for?
 *
 * Every access is checked against the buffer; the first one outside makes the whole
 * view failed, and from then on everything reads as 0.  So a reader may walk to its
 * end and look at `failed` once.  (Layout: flatbuffers.dev/internals; a table starts
 * with the signed distance back to its vtable, which lists the fields' offsets.) */
#ifndef MARKET_FLATBUFFER_H
#define MARKET_FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flatbuffer {
    const unsigned char *bytes;
    size_t n_bytes;
    bool failed;
};

/* Little-endian numbers at a place in the buffer. */
uint64_t flatbuffer_unsigned(struct flatbuffer *buffer, size_t at, size_t n_bytes);
int64_t flatbuffer_signed(struct flatbuffer *buffer, size_t at, size_t n_bytes);

/* The place of the root table; of a table's field, 0 where it is absent; and of what
 * the reference at a place points to. */
size_t flatbuffer_root(struct flatbuffer *buffer);
size_t flatbuffer_field(struct flatbuffer *buffer, size_t table, unsigned field);
size_t flatbuffer_follow(struct flatbuffer *buffer, size_t at);

/* A scalar field of n_bytes, or `preset` where it is absent. */
int64_t flatbuffer_scalar(struct flatbuffer *buffer, size_t table, unsigned field,
                          size_t n_bytes, int64_t preset);

/* A field that is a table: its place, 0 where absent. */
size_t flatbuffer_table(struct flatbuffer *buffer, size_t table, unsigned field);

/* A field that is a vector of n items of item_bytes: the first item's place (0 where
 * absent).  All items are inside the buffer. */
size_t flatbuffer_vector(struct flatbuffer *buffer, size_t table, unsigned field,
                         size_t item_bytes, size_t *n);

#endif /* MARKET_FLATBUFFER_H */
