/* fuzz_publication.c -- does a publication of any bytes either hold what its headers
 * promise, or get refused in one line?
 *
 * The same bytes as a packed publication and as a manifest. */
#include "client/publication.h"
#include "client/set.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void claim(bool holds)
{
    if (!holds)
        abort();
}

/* A line of errors is one line, and steers no terminal. */
static void check_line(const struct err *err)
{
    claim(err->kind != ERR_NONE && err->text[0] != '\0');
    for (const char *at = err->text; *at != '\0'; at++)
        claim((unsigned char)*at >= ' ' && *at != 0x7f);
}

static void check_parts(const struct publication *publication)
{
    const struct publication_parts *parts = &publication->parts;

    claim(parts->n_signatures <= PUBLICATION_SIGNATURES_MAX);
    claim(parts->n_set == publication->is.name.n_bytes);
    claim(stream_name_check(&publication->is.name, parts->set, parts->n_set, NULL) ==
          0);
    claim(publication->is.valid_from_ns < publication->is.valid_until_ns);
    claim(publication->is.name.version > publication->is.rollback_of);
}

/* What is taken is packed to the same bytes, but for the clock in the header. */
static void check_packed(const unsigned char *data, size_t n)
{
    struct publication *publication = NULL;
    struct err err = {0};
    size_t n_bytes;
    char *bytes;

    if (publication_unpack(data, n, &publication, &err) != 0) {
        claim(publication == NULL);
        check_line(&err);
        return;
    }
    check_parts(publication);
    claim(publication_pack(publication, &bytes, &n_bytes, NULL) == 0 && n_bytes == n);
    claim(memcmp(bytes + sizeof(struct stream_header),
                 data + sizeof(struct stream_header),
                 n - sizeof(struct stream_header)) == 0);
    free(bytes);
    publication_free(publication);
}

/* A manifest that is read is written back byte for byte. */
static void check_manifest(const unsigned char *data, size_t n)
{
    struct manifest manifest;
    struct err err = {0};
    size_t n_bytes;
    char *bytes;

    if (manifest_read(data, n, &manifest, &err) != 0) {
        check_line(&err);
        return;
    }
    claim(manifest_write(&manifest, &bytes, &n_bytes, NULL) == 0);
    claim(n_bytes == n && memcmp(bytes, data, n) == 0);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
    check_packed(data, n);
    check_manifest(data, n);
    return 0;
}
