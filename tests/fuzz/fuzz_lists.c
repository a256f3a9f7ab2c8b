/* fuzz_lists.c -- is any text a list of keys or limits that holds what it says, or
 * refused with its line? */
#include "client/limits.h"
#include "client/trust.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void claim(bool holds)
{
    if (!holds)
        abort();
}

static void check_line(const struct err *err)
{
    claim(err->kind != ERR_NONE && err->text[0] != '\0');
}

static void check_trust(const char *text, size_t n, enum key_kind kind)
{
    struct trust *trust = NULL;
    struct err err = {0};

    if (trust_parse(text, n, kind, &trust, &err) != 0) {
        claim(trust == NULL);
        check_line(&err);
        return;
    }
    claim(trust_count(trust) > 0 && trust_threshold(trust) > 0);
    for (size_t i = 0; i < trust_count(trust); i++) {
        const struct trust_key *key = trust_at(trust, i);

        claim(trust_find(trust, key->public) == key);
        claim(trust_find_id(trust, key->id) == key);
        claim(key->name[0] != '\0');
        claim(key->groups[0] == '\0' || trust_check_groups(key->groups, NULL) == 0);
    }
    trust_free(trust);
}

static void check_limits(const char *text, size_t n)
{
    struct limits *limits = NULL;
    struct err err = {0};

    if (limits_parse(text, n, &limits, &err) != 0) {
        claim(limits == NULL);
        check_line(&err);
        return;
    }
    claim(limits_grace_ns(limits) >= 0);
    limits_free(limits);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
    check_trust((const char *)data, n, KEY_SIGNING);
    check_trust((const char *)data, n, KEY_CURVE);
    check_limits((const char *)data, n);
    return 0;
}
