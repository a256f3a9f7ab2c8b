#include "core/buffer.h"

#include <stdlib.h>
#include <string.h>

static int make_room(struct buffer *buffer, size_t n_bytes)
{
    if (buffer->failed)
        return -1;
    if (n_bytes <= buffer->capacity - buffer->n)
        return 0;
    const size_t capacity = 2 * buffer->capacity + n_bytes;
    unsigned char *grown = realloc(buffer->bytes, capacity);
    if (grown == NULL) {
        buffer->failed = true;
        return -1;
    }
    buffer->bytes = grown;
    buffer->capacity = capacity;
    return 0;
}

void buffer_put(struct buffer *buffer, const void *bytes, size_t n_bytes)
{
    if (n_bytes == 0 || make_room(buffer, n_bytes) != 0)
        return;
    memcpy(buffer->bytes + buffer->n, bytes, n_bytes);
    buffer->n += n_bytes;
}

void buffer_put_text(struct buffer *buffer, const char *text)
{
    const uint32_t n = (uint32_t)strlen(text);

    buffer_put(buffer, &n, sizeof n);
    buffer_put(buffer, text, n);
}

void buffer_empty(struct buffer *buffer)
{
    buffer->n = 0;
    buffer->failed = false;
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}

int reader_get(struct reader *reader, void *bytes, size_t n_bytes)
{
    if (n_bytes > reader->n_left) {
        reader->n_left = 0;
        return -1;
    }
    if (n_bytes > 0)
        memcpy(bytes, reader->bytes, n_bytes);
    reader->bytes += n_bytes;
    reader->n_left -= n_bytes;
    return 0;
}

int reader_cut(struct reader *reader, size_t n_bytes, struct reader *part)
{
    if (n_bytes > reader->n_left)
        return -1;
    *part = (struct reader){reader->bytes, n_bytes};
    reader->bytes += n_bytes;
    reader->n_left -= n_bytes;
    return 0;
}

int reader_get_text(struct reader *reader, char *out, size_t size)
{
    uint32_t n;

    if (reader_get(reader, &n, sizeof n) != 0 || n >= size ||
        reader_get(reader, out, n) != 0) {
        reader->n_left = 0;
        return -1;
    }
    out[n] = '\0';
    return 0;
}
