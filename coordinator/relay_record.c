#include "coordinator/relay_record.h"

#include <string.h>

static void put_span(struct buffer *buffer, struct reader span)
{
    const uint64_t n = span.n_left;

    buffer_put(buffer, &n, sizeof n);
    buffer_put(buffer, span.bytes, span.n_left);
}

static int get_span(struct reader *bytes, struct reader *span)
{
    uint64_t n;

    return reader_get(bytes, &n, sizeof n) != 0 || n > SIZE_MAX ||
                   reader_cut(bytes, (size_t)n, span) != 0
               ? -1
               : 0;
}

static void put_flag(struct buffer *buffer, bool flag)
{
    const uint8_t byte = flag;

    buffer_put(buffer, &byte, sizeof byte);
}

static int get_flag(struct reader *bytes, bool *flag)
{
    uint8_t byte;

    if (reader_get(bytes, &byte, sizeof byte) != 0 || byte > 1)
        return -1;
    *flag = byte == 1;
    return 0;
}

void relay_record_put(struct buffer *buffer, const struct relay_record *record)
{
    buffer_put(buffer, &record->time_ns, sizeof record->time_ns);
    buffer_put_text(buffer, record->who);
    buffer_put(buffer, &record->name, sizeof record->name);
    switch (record->kind) {
    case RELAY_OFFERED:
        buffer_put(buffer, &record->rollback_of, sizeof record->rollback_of);
        put_span(buffer, record->manifest);
        put_span(buffer, record->signatures);
        put_span(buffer, record->set);
        break;
    case RELAY_SIGNED:
        put_span(buffer, record->signatures);
        break;
    case RELAY_SERVED:
        buffer_put_text(buffer, record->group);
        put_flag(buffer, record->is_last);
        break;
    case RELAY_FROZEN:
        put_flag(buffer, record->is_frozen);
        buffer_put_text(buffer, record->text);
        break;
    case RELAY_WITHDRAWN:
        buffer_put_text(buffer, record->text);
        break;
    default:
        break;
    }
}

static int get_rest(struct reader *bytes, struct relay_record *record)
{
    switch (record->kind) {
    case RELAY_OFFERED:
        return reader_get(bytes, &record->rollback_of, sizeof record->rollback_of) != 0
                   ? -1
               : get_span(bytes, &record->manifest) != 0 ||
                       get_span(bytes, &record->signatures) != 0
                   ? -1
                   : get_span(bytes, &record->set);
    case RELAY_SIGNED:
        return get_span(bytes, &record->signatures);
    case RELAY_SERVED:
        return reader_get_text(bytes, record->group, sizeof record->group) != 0
                   ? -1
                   : get_flag(bytes, &record->is_last);
    case RELAY_FROZEN:
        return get_flag(bytes, &record->is_frozen) != 0
                   ? -1
                   : reader_get_text(bytes, record->text, sizeof record->text);
    case RELAY_WITHDRAWN:
        return reader_get_text(bytes, record->text, sizeof record->text);
    default:
        return 0;
    }
}

int relay_record_get(uint64_t kind, struct reader bytes, struct relay_record *record,
                     struct err *err)
{
    if (kind < RELAY_OFFERED || kind >= RELAY_KINDS)
        return err_set(err, ERR_INPUT, "is of kind %llu, which is none",
                       (unsigned long long)kind);
    *record = (struct relay_record){.kind = (enum relay_kind)kind};
    if (reader_get(&bytes, &record->time_ns, sizeof record->time_ns) != 0 ||
        reader_get_text(&bytes, record->who, sizeof record->who) != 0 ||
        reader_get(&bytes, &record->name, sizeof record->name) != 0 ||
        get_rest(&bytes, record) != 0 || bytes.n_left > 0)
        return err_set(err, ERR_INPUT, "is cut short, or has more than belongs to it");
    if (record->kind == RELAY_OFFERED && record->set.n_left != record->name.n_bytes)
        return err_set(err, ERR_INPUT, "has a set of %zu bytes, not %llu",
                       record->set.n_left, (unsigned long long)record->name.n_bytes);
    return 0;
}

struct publication_parts relay_record_parts(const struct relay_record *record)
{
    return (struct publication_parts){
        .manifest = record->manifest.bytes,
        .n_manifest = record->manifest.n_left,
        .set = record->set.bytes,
        .n_set = record->set.n_left,
        .signature = (const struct publication_signature *)record->signatures.bytes,
        .n_signatures =
            record->signatures.n_left / sizeof(struct publication_signature)};
}
