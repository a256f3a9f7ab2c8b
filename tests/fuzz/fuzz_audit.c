/* fuzz_audit.c -- any bytes as an audit log: entries that print, or a line that is
 * named */
#include "coordinator/audit.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

static int touch(void *context, const struct audit_entry *entry, struct err *err)
{
    uint64_t *n = context;

    (void)err;
    if (entry->n != *n || strlen(entry->digest) != AUDIT_DIGEST_MAX - 1 ||
        audit_event_text(entry->event) == NULL)
        abort();
    for (const char *c = entry->text; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            abort();
    ++*n;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    uint64_t n = 0;
    const struct audit_callback callback = {&n, touch};
    struct err err = {0};

    if (audit_verify((const char *)bytes, n_bytes, &callback, &err) != 0 &&
        strstr(err.text, "line ") == NULL)
        abort();
    return 0;
}
