#include "client/publication.h"

#include <stdlib.h>
#include <string.h>

int publication_pack(const struct publication *publication, char **bytes,
                     size_t *n_bytes, struct err *err)
{
    const struct publication_parts *parts = &publication->parts;
    struct stream_header header = stream_header_make(STREAM_SET, &publication->is.name);
    const size_t n_signatures = parts->n_signatures * sizeof *parts->signature;
    const size_t n = sizeof header + parts->n_manifest + n_signatures + parts->n_set;
    char *packed = malloc(n), *at = packed;

    if (packed == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bytes", n);
    header.sent_ns = 0; /* the same bytes whenever */
    header.n_manifest = (uint16_t)parts->n_manifest;
    header.n_signatures = (uint16_t)parts->n_signatures;
    at = mempcpy(at, &header, sizeof header);
    at = mempcpy(at, parts->manifest, parts->n_manifest);
    at = mempcpy(at, parts->signature, n_signatures);
    memcpy(at, parts->set, parts->n_set);
    *bytes = packed;
    *n_bytes = n;
    return 0;
}

int publication_unpack(const void *bytes, size_t n_bytes,
                       struct publication **publication, struct err *err)
{
    struct stream_header header;
    const char *at = bytes;

    if (n_bytes < sizeof header)
        return err_set(err, ERR_INPUT, "has only %zu bytes", n_bytes);
    if (stream_header_read(at, sizeof header, &header, err) != 0)
        return -1;
    const size_t n_signatures =
        header.n_signatures * sizeof(struct publication_signature);
    const size_t n_before = sizeof header + header.n_manifest + n_signatures;
    if (header.kind != STREAM_SET || n_bytes < n_before ||
        n_bytes - n_before != header.n_bytes)
        return err_set(err, ERR_INPUT, "is not one whole publication");
    at += sizeof header;
    const struct publication_parts parts = {
        .manifest = at,
        .n_manifest = header.n_manifest,
        .signature = (const void *)(at + header.n_manifest),
        .n_signatures = header.n_signatures,
        .set = at + header.n_manifest + n_signatures,
        .n_set = header.n_bytes,
    };
    return publication_take(&parts, publication, err);
}
