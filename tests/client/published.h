/* published.h -- publications of the example set, signed by keys of the test's own */
#ifndef TESTS_CLIENT_PUBLISHED_H
#define TESTS_CLIENT_PUBLISHED_H

#include "client/publication.h"
#include "core/clock.h"
#include "tests/client/example_set.h"
#include "tests/client/scratch.h"

static struct key signer, other_signer;
static char *other_set; /* example_set with q = 3 */

/* A scratch directory with "signers", which lists the first key. */
static int make_published(void)
{
    char text[256], hex[KEY_HEX_MAX];

    if (make_scratch() != 0 ||
        key_generate(KEY_SIGNING, "operator", &signer, NULL) != 0 ||
        key_generate(KEY_SIGNING, "stranger", &other_signer, NULL) != 0)
        return 1;
    snprintf(text, sizeof text, "signing %s operator\n", key_text(signer.public, hex));
    put_scratch("signers", text, 0644);
    other_set = example_change(example_set, "", "\"q\": 2.5", "\"q\": 3");
    return 0;
}

static int remove_published(void)
{
    free(other_set);
    return remove_scratch();
}

/* What differs between the publications of a test; zeros: the usual. */
struct published {
    uint64_t epoch, version;
    const char *text;          /* the set; NULL: example_set       */
    int64_t from_ns, until_ns; /* from now; 0: valid since an hour, for a day */
    const struct key *key;     /* NULL: the signer                 */
    bool is_unsigned;
};

static inline struct publication *published(struct published how)
{
    const char *text = how.text != NULL ? how.text : example_set;
    const int64_t now_ns = clock_now();
    const struct manifest manifest = {
        .name = {.epoch = how.epoch != 0 ? how.epoch : 1000, .version = how.version},
        .published_ns = now_ns,
        .valid_from_ns = now_ns + (how.from_ns != 0 ? how.from_ns : -CLOCK_HOUR),
        .valid_until_ns = now_ns + (how.until_ns != 0 ? how.until_ns : CLOCK_DAY),
    };
    struct publication *made = NULL;
    struct err err = {0};

    if (publication_make(&manifest, text, strlen(text), how.is_unsigned ? 0 : 1,
                         how.key != NULL ? how.key : &signer, &made, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    return made;
}

#endif /* TESTS_CLIENT_PUBLISHED_H */
