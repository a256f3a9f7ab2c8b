#include "client/publication.h"
#include "core/clock.h"
#include "tests/check.h"
#include "tests/client/scratch.h"

static const char set_bytes[] = "a set";
static struct key operator_key, deputy, second_of_deputy, stranger, curve;

static int make_keys(void)
{
    return make_scratch() != 0 ||
           key_generate(KEY_SIGNING, "operator", &operator_key, NULL) != 0 ||
           key_generate(KEY_SIGNING, "deputy", &deputy, NULL) != 0 ||
           key_generate(KEY_SIGNING, "deputy", &second_of_deputy, NULL) != 0 ||
           key_generate(KEY_SIGNING, "stranger", &stranger, NULL) != 0 ||
           key_generate(KEY_CURVE, "curve", &curve, NULL) != 0;
}

static struct publication *make(size_t n_keys, const struct key key[])
{
    const struct manifest manifest = {
        .name = {.epoch = 5, .version = 7},
        .published_ns = CLOCK_SECOND,
        .valid_from_ns = CLOCK_SECOND,
        .valid_until_ns = 2 * CLOCK_SECOND,
    };
    struct publication *publication = NULL;
    struct err err = {0};

    if (publication_make(&manifest, set_bytes, strlen(set_bytes), n_keys, key,
                         &publication, &err) != 0)
        fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(publication);
    return publication;
}

/* A list of these keys; revoked where the word says so. */
static struct trust *make_trust(size_t threshold, size_t n, const struct key key[],
                                const char *word)
{
    char text[2048], hex[KEY_HEX_MAX];
    size_t at = (size_t)sprintf(text, "threshold %zu\n", threshold);
    struct trust *trust = NULL;

    for (size_t i = 0; i < n; i++)
        at += (size_t)sprintf(text + at, "%ssigning %s %s\n", i == 0 ? word : "",
                              key_text(key[i].public, hex), key[i].name);
    CU_ASSERT_EQUAL_FATAL(trust_parse(text, at, KEY_SIGNING, &trust, NULL), 0);
    return trust;
}

static void refuses(const struct trust *trust, const struct publication_parts *parts,
                    const char *want)
{
    struct err err = {0};

    CU_ASSERT_EQUAL(publication_verify(trust, parts, &err), -1);
    CHECK_CONTAINS(err.text, want);
}

static void enough_names_must_have_signed(void)
{
    const struct key listed[] = {operator_key, deputy, second_of_deputy};
    const struct key both_of_deputy[] = {deputy, second_of_deputy};
    struct trust *one = make_trust(1, 3, listed, ""),
                 *two = make_trust(2, 3, listed, "");
    struct publication *by_two = make(2, listed), *by_one = make(1, listed);
    struct publication *by_deputy = make(2, both_of_deputy),
                       *unsigned_one = make(0, NULL);
    char names[PUBLICATION_NAMES_MAX];

    CU_ASSERT_EQUAL(publication_verify(one, &by_one->parts, NULL), 0);
    CU_ASSERT_EQUAL(publication_verify(two, &by_two->parts, NULL), 0);
    CU_ASSERT_EQUAL(publication_signers(two, &by_two->parts, names), 2);
    CU_ASSERT_STRING_EQUAL(names, "operator, deputy");
    refuses(two, &by_one->parts,
            "is signed by 1 of the 2 that are needed (operator; 0 s");
    refuses(two, &by_deputy->parts,
            "is signed by 1 of the 2 that are needed (deputy; 0 strangers, 0 revoked)");
    refuses(one, &unsigned_one->parts, "is not signed");
    trust_free(one);
    trust_free(two);
    publication_free(by_two);
    publication_free(by_one);
    publication_free(by_deputy);
    publication_free(unsigned_one);
}

static void strangers_and_revoked_keys_do_not_count(void)
{
    const struct key listed[] = {operator_key, deputy};
    const struct key signing[] = {operator_key, stranger};
    struct trust *trust = make_trust(1, 2, listed, "revoked ");
    struct publication *publication = make(2, signing), *more;
    struct publication_signature signature;
    struct err err = {0};

    refuses(trust, &publication->parts,
            "is signed by 0 of the 1 that are needed (1 strangers, 1 revoked)");
    more = make(3, (const struct key[]){operator_key, stranger, deputy});
    CU_ASSERT_EQUAL(publication_verify(trust, &more->parts, NULL), 0);
    CU_ASSERT_EQUAL(publication_sign(&curve, "m", 1, &signature, &err), -1);
    CHECK_CONTAINS(err.text, "curve: is not a signing key");
    trust_free(trust);
    publication_free(publication);
    publication_free(more);
}

/* Each bit of manifest and signature is covered: none can be another. */
static void no_bit_of_manifest_or_signature_can_be_another(void)
{
    struct trust *trust = make_trust(1, 1, &operator_key, "");
    struct publication *publication = make(1, &operator_key);
    const struct publication_parts good = publication->parts;
    struct publication_signature signature = good.signature[0];
    struct publication_parts bad = good;
    char *manifest = malloc(good.n_manifest);
    size_t n_taken = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(manifest);
    memcpy(manifest, good.manifest, good.n_manifest);
    bad.manifest = manifest;
    for (size_t bit = 0; bit < 8 * good.n_manifest; bit++) {
        manifest[bit / 8] ^= (char)(1 << bit % 8);
        n_taken += publication_verify(trust, &bad, NULL) == 0;
        manifest[bit / 8] ^= (char)(1 << bit % 8);
    }
    bad.signature = &signature;
    CU_ASSERT_EQUAL(publication_verify(trust, &bad, NULL), 0);
    for (size_t bit = 0; bit < 8 * sizeof signature; bit++) {
        ((uint8_t *)&signature)[bit / 8] ^= (uint8_t)(1 << bit % 8);
        n_taken += publication_verify(trust, &bad, NULL) == 0;
        ((uint8_t *)&signature)[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    CU_ASSERT_EQUAL(n_taken, 0);
    signature.bytes[0] ^= 1;
    refuses(trust, &bad, "the signature of operator is wrong");
    free(manifest);
    trust_free(trust);
    publication_free(publication);
}

static void not_taken(const struct publication_parts *parts, const char *want)
{
    struct publication *taken = NULL;
    struct err err = {0};

    CU_ASSERT_EQUAL(publication_take(parts, &taken, &err), -1);
    CHECK_CONTAINS(err.text, want);
    CU_ASSERT_PTR_NULL(taken);
}

static void parts_that_do_not_belong_together_are_refused(void)
{
    struct publication *publication = make(1, &operator_key);
    struct publication_signature many[PUBLICATION_SIGNATURES_MAX + 1];
    struct publication_parts parts = publication->parts;

    parts.set = "b set";
    not_taken(&parts, "the set's SHA-256 is not the one in its header");
    parts.n_set--;
    not_taken(&parts, "the set has 4 bytes, its header says 5");
    parts = publication->parts;
    parts.n_manifest--;
    not_taken(&parts, "manifest: is not in canonical form");
    parts = publication->parts;
    memset(many, 0, sizeof many);
    parts.signature = many;
    parts.n_signatures = 2;
    not_taken(&parts, "signatures: a key has signed twice");
    parts.n_signatures = PUBLICATION_SIGNATURES_MAX + 1;
    not_taken(&parts, "17 signatures are more than 16");
    publication_free(publication);
}

static void the_last_owner_frees_it(void)
{
    struct publication *publication = make(0, NULL);
    const struct publication *shared = publication_share(publication);

    publication_free(publication);
    CU_ASSERT_EQUAL(memcmp(shared->parts.set, set_bytes, shared->parts.n_set), 0);
    publication_free(shared);
    publication_free(NULL);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"enough_names_must_have_signed", enough_names_must_have_signed},
        {"strangers_and_revoked_keys_do_not_count",
         strangers_and_revoked_keys_do_not_count},
        {"no_bit_of_manifest_or_signature_can_be_another",
         no_bit_of_manifest_or_signature_can_be_another},
        {"parts_that_do_not_belong_together_are_refused",
         parts_that_do_not_belong_together_are_refused},
        {"the_last_owner_frees_it", the_last_owner_frees_it},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"publication", make_keys, remove_scratch, NULL, NULL, tests},
        CU_SUITE_INFO_NULL};

    return check_run(suites);
}
