#include "client/publication.h"
#include "client/set.h"
#include "core/file.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY_ID_HEX = 2 * KEY_ID_BYTES,
    SIGNATURE_HEX = 2 * PUBLICATION_SIGNATURE_BYTES,
    LINE_BYTES = KEY_ID_HEX + 1 + SIGNATURE_HEX + 1, /* ID SIGNATURE\n */
    SIGNATURES_BYTES_MAX = PUBLICATION_SIGNATURES_MAX * LINE_BYTES,
};

static const char hexadecimal[] = "0123456789abcdef";

/* ---- publication.sig ---- */

int publication_signatures_text(const struct publication_parts *parts, char **text,
                                struct err *err)
{
    char *new = malloc(parts->n_signatures * LINE_BYTES + 1), *at = new;

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for signatures");
    for (size_t i = 0; i < parts->n_signatures; i++) {
        const struct publication_signature *signature = &parts->signature[i];

        sodium_bin2hex(at, KEY_ID_HEX + 1, signature->key_id, KEY_ID_BYTES);
        at[KEY_ID_HEX] = ' ';
        sodium_bin2hex(at + KEY_ID_HEX + 1, SIGNATURE_HEX + 1, signature->bytes,
                       PUBLICATION_SIGNATURE_BYTES);
        at[LINE_BYTES - 1] = '\n';
        at += LINE_BYTES;
    }
    *at = '\0';
    *text = new;
    return 0;
}

static bool is_hexadecimal(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] == '\0' || strchr(hexadecimal, text[i]) == NULL)
            return false;
    return true;
}

static int parse_line(const char *line, struct publication_signature *signature,
                      struct err *err)
{
    const char *digits = line + KEY_ID_HEX + 1;

    if (!is_hexadecimal(line, KEY_ID_HEX) || line[KEY_ID_HEX] != ' ' ||
        !is_hexadecimal(digits, SIGNATURE_HEX) || digits[SIGNATURE_HEX] != '\n')
        return err_set(err, ERR_INPUT,
                       "is not %d hexadecimal digits, a blank and %d more", KEY_ID_HEX,
                       SIGNATURE_HEX);
    sodium_hex2bin(signature->key_id, KEY_ID_BYTES, line, KEY_ID_HEX, NULL, NULL, NULL);
    sodium_hex2bin(signature->bytes, PUBLICATION_SIGNATURE_BYTES, digits, SIGNATURE_HEX,
                   NULL, NULL, NULL);
    return 0;
}

int publication_signatures_parse(
    const char *text, size_t n_bytes,
    struct publication_signature signature[PUBLICATION_SIGNATURES_MAX],
    size_t *n_signatures, struct err *err)
{
    const size_t n = n_bytes / LINE_BYTES;

    if (n > PUBLICATION_SIGNATURES_MAX)
        return err_set(err, ERR_INPUT, "%zu signatures are more than %d", n,
                       PUBLICATION_SIGNATURES_MAX);
    if (n_bytes % LINE_BYTES != 0)
        return err_set(err, ERR_INPUT, "does not consist of lines of %d bytes",
                       LINE_BYTES);
    for (size_t i = 0; i < n; i++)
        if (parse_line(text + i * LINE_BYTES, &signature[i], err) != 0)
            return err_add(err, "line %zu", i + 1);
    *n_signatures = n;
    return 0;
}

/* ---- the directory ---- */

static int replace_in(const char *directory, const char *name, const void *bytes,
                      size_t n_bytes, struct err *err)
{
    char path[FILE_PATH_MAX];

    return file_join(directory, name, path, err) != 0
               ? -1
               : file_replace(path, bytes, n_bytes, err);
}

static int read_in(const char *directory, const char *name, size_t limit, char **bytes,
                   size_t *n_bytes, struct err *err)
{
    char path[FILE_PATH_MAX];

    return file_join(directory, name, path, err) != 0
               ? -1
               : file_read(path, limit, bytes, n_bytes, err);
}

int publication_save(const struct publication *publication, const char *directory,
                     struct err *err)
{
    const struct publication_parts *parts = &publication->parts;
    char *signatures = NULL;

    if (file_make_directory(directory, err) != 0 ||
        publication_signatures_text(parts, &signatures, err) != 0)
        return -1;
    int status =
        replace_in(directory, "parameters.json", parts->set, parts->n_set, err);
    if (status == 0)
        status = replace_in(directory, "publication.sig", signatures,
                            strlen(signatures), err);
    if (status == 0)
        status = replace_in(directory, "publication.json", parts->manifest,
                            parts->n_manifest, err);
    free(signatures);
    return status;
}

static int take_files(const char *directory, const char *text, size_t n_text,
                      struct publication_parts *parts, struct publication **publication,
                      struct err *err)
{
    struct publication_signature signature[PUBLICATION_SIGNATURES_MAX];

    if (publication_signatures_parse(text, n_text, signature, &parts->n_signatures,
                                     err) != 0)
        return err_add(err, "%s/publication.sig", directory);
    parts->signature = signature;
    if (publication_take(parts, publication, err) != 0)
        return err_add(err, "%s", directory);
    return 0;
}

int publication_load(const char *directory, struct publication **publication,
                     struct err *err)
{
    char *manifest = NULL, *text = NULL, *set = NULL;
    struct publication_parts parts = {0};
    size_t n_text = 0;
    int status = -1;

    if (read_in(directory, "publication.json", MANIFEST_BYTES_MAX, &manifest,
                &parts.n_manifest, err) == 0 &&
        read_in(directory, "publication.sig", SIGNATURES_BYTES_MAX, &text, &n_text,
                err) == 0 &&
        read_in(directory, "parameters.json", PLIMSOLL_SET_BYTES_MAX, &set,
                &parts.n_set, err) == 0) {
        parts.manifest = manifest;
        parts.set = set;
        status = take_files(directory, text, n_text, &parts, publication, err);
    }
    free(manifest);
    free(text);
    free(set);
    return status;
}

/* ---- one file ---- */

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
