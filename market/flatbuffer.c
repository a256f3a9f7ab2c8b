#include "market/flatbuffer.h"

uint64_t flatbuffer_unsigned(struct flatbuffer *buffer, size_t at, size_t n_bytes)
{
    uint64_t value = 0;

    if (at > buffer->n_bytes || n_bytes > buffer->n_bytes - at)
        buffer->failed = true;
    if (buffer->failed)
        return 0;
    for (size_t i = 0; i < n_bytes; i++)
        value |= (uint64_t)buffer->bytes[at + i] << (8 * i);
    return value;
}

int64_t flatbuffer_signed(struct flatbuffer *buffer, size_t at, size_t n_bytes)
{
    const uint64_t value = flatbuffer_unsigned(buffer, at, n_bytes);
    const uint64_t sign = UINT64_C(1) << (8 * n_bytes - 1);

    return (int64_t)((value ^ sign) - sign);
}

size_t flatbuffer_follow(struct flatbuffer *buffer, size_t at)
{
    const size_t target = at + flatbuffer_unsigned(buffer, at, 4);

    if (target >= buffer->n_bytes)
        buffer->failed = true;
    return buffer->failed ? 0 : target;
}

size_t flatbuffer_root(struct flatbuffer *buffer)
{
    return flatbuffer_follow(buffer, 0);
}

size_t flatbuffer_field(struct flatbuffer *buffer, size_t table, unsigned field)
{
    const int64_t vtable = (int64_t)table - flatbuffer_signed(buffer, table, 4);
    const size_t slot = 4 + 2 * (size_t)field;

    if (vtable < 0)
        buffer->failed = true;
    if (buffer->failed || slot + 2 > flatbuffer_unsigned(buffer, (size_t)vtable, 2))
        return 0;
    const uint64_t offset = flatbuffer_unsigned(buffer, (size_t)vtable + slot, 2);

    return buffer->failed || offset == 0 ? 0 : table + offset;
}

int64_t flatbuffer_scalar(struct flatbuffer *buffer, size_t table, unsigned field,
                          size_t n_bytes, int64_t preset)
{
    const size_t at = flatbuffer_field(buffer, table, field);

    return at == 0 ? preset : flatbuffer_signed(buffer, at, n_bytes);
}

size_t flatbuffer_table(struct flatbuffer *buffer, size_t table, unsigned field)
{
    const size_t at = flatbuffer_field(buffer, table, field);

    return at == 0 ? 0 : flatbuffer_follow(buffer, at);
}

size_t flatbuffer_vector(struct flatbuffer *buffer, size_t table, unsigned field,
                         size_t item_bytes, size_t *n)
{
    const size_t vector = flatbuffer_table(buffer, table, field);

    *n = vector == 0 ? 0 : flatbuffer_unsigned(buffer, vector, 4);
    if (buffer->failed || vector == 0)
        return *n = 0;
    if (*n > (buffer->n_bytes - vector - 4) / item_bytes) {
        buffer->failed = true;
        return *n = 0;
    }
    return vector + 4;
}
