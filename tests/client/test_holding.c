#include "client/holding.h"
#include "tests/check.h"
#include "tests/client/published.h"

#include <signal.h>
#include <sys/resource.h>

/* An empty store of its own for each test. */
static char store[FILE_PATH_MAX], signers[FILE_PATH_MAX];

static void new_store(void)
{
    static int n;
    char name[32];

    snprintf(name, sizeof name, "store-%d", n++);
    strcpy(store, in_scratch(name));
    strcpy(signers, in_scratch("signers"));
}

static struct holding *open_with(const char *limits)
{
    const struct holding_options options = {
        .store = store, .signers = signers, .limits = limits};
    struct holding *holding = NULL;
    struct err err = {0};

    if (holding_open(&options, &holding, &err) != 0)
        fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(holding);
    return holding;
}

static struct holding *open_holding(void)
{
    return open_with(NULL);
}

static enum holding_answer offer(struct holding *holding, struct published how,
                                 struct err *err)
{
    struct publication *made = published(how);
    const enum holding_answer answer =
        holding_offer(holding, &made->is.name, &made->parts, err);

    publication_free(made);
    return answer;
}

static bool holds(const struct holding *holding, uint64_t version, const char *text)
{
    const struct publication *held = holding_publication(holding);

    return holding_set(holding) != NULL && held != NULL &&
           holding_name(holding)->version == version &&
           held->parts.n_set == strlen(text) &&
           memcmp(held->parts.set, text, strlen(text)) == 0;
}

static void refuses(struct holding *holding, struct published how, const char *want)
{
    struct err err = {0};

    CU_ASSERT_EQUAL(offer(holding, how, &err), HOLDING_REFUSED);
    CHECK_CONTAINS(err.text, want);
}

static const char *in_store(const char *name)
{
    static char path[2 * FILE_PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", store, name);
    return path;
}

static void check_file(const char *name, const void *want, size_t n_want)
{
    size_t n_bytes = 0;
    char *bytes = NULL;

    CU_ASSERT_EQUAL_FATAL(file_read(in_store(name), 1 << 20, &bytes, &n_bytes, NULL),
                          0);
    CU_ASSERT(n_bytes == n_want && memcmp(bytes, want, n_want) == 0);
    free(bytes);
}

static void a_set_survives_reopening_byte_for_byte(void)
{
    new_store();
    struct holding *holding = open_holding();
    CU_ASSERT_PTR_NULL(holding_set(holding));
    CU_ASSERT_EQUAL(offer(holding, (struct published){.version = 3}, NULL),
                    HOLDING_TAKEN);
    CU_ASSERT_EQUAL(offer(holding, (struct published){.version = 3}, NULL),
                    HOLDING_SAME);
    holding_close(holding);
    holding = open_holding();
    CU_ASSERT(holds(holding, 3, example_set));
    CU_ASSERT_PTR_NULL(holding_fault(holding));
    check_file("parameters.json", example_set, strlen(example_set));
    const struct publication_parts *parts = &holding_publication(holding)->parts;
    check_file("publication.json", parts->manifest, parts->n_manifest);
    CU_ASSERT_EQUAL(parts->n_signatures, 1);
    holding_close(holding);
}

static void what_may_not_follow_is_refused_and_the_set_stays(void)
{
    new_store();
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(offer(holding, (struct published){.version = 3}, NULL),
                    HOLDING_TAKEN);
    refuses(holding, (struct published){.version = 2, .text = other_set},
            "version 2 is below version 3");
    refuses(holding, (struct published){.version = 3, .text = other_set},
            "version 3 is another set than before");
    refuses(holding, (struct published){.epoch = 999, .version = 9, .text = other_set},
            "version 9 counts from 1970-01-01T00:00:00.000000999Z");
    refuses(
        holding,
        (struct published){.epoch = (uint64_t)(clock_now() + CLOCK_DAY), .version = 9},
        "which is to come");
    refuses(holding, (struct published){.version = 4, .text = "{}"},
            "version 4: schema: is missing");
    CU_ASSERT(holds(holding, 3, example_set));
    holding_close(holding);
    holding = open_holding();
    CU_ASSERT(holds(holding, 3, example_set));
    holding_close(holding);
}

static void a_newer_version_or_epoch_takes_its_place(void)
{
    new_store();
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(
        offer(holding, (struct published){.epoch = 999, .version = 7}, NULL),
        HOLDING_TAKEN);
    CU_ASSERT_EQUAL(
        offer(holding,
              (struct published){.epoch = 999, .version = 9, .text = other_set}, NULL),
        HOLDING_TAKEN);
    CU_ASSERT_EQUAL(offer(holding, (struct published){.version = 1}, NULL),
                    HOLDING_TAKEN);
    CU_ASSERT(holds(holding, 1, example_set));
    CU_ASSERT_PTR_NOT_NULL(holding_previous(holding));
    holding_close(holding);
}

static void only_what_is_signed_by_who_is_listed_is_taken(void)
{
    const struct holding_options in_memory = {.signers = NULL};
    struct holding *holding;

    new_store();
    holding = open_holding();
    refuses(holding, (struct published){.version = 1, .is_unsigned = true},
            "version 1: is not signed");
    refuses(holding, (struct published){.version = 1, .key = &other_signer},
            "version 1: is signed by 0 of the 1 that are needed");
    CU_ASSERT_PTR_NULL(holding_set(holding));
    CU_ASSERT_NOT_EQUAL(access(in_store("parameters.json"), F_OK), 0);
    holding_close(holding);
    CU_ASSERT_EQUAL_FATAL(holding_open(&in_memory, &holding, NULL), 0);
    CU_ASSERT_EQUAL(
        offer(holding, (struct published){.version = 1, .is_unsigned = true}, NULL),
        HOLDING_TAKEN);
    holding_close(holding);
}

static void parts_and_header_must_name_the_same_set(void)
{
    struct publication *made = published((struct published){.version = 1});
    struct publication_parts parts = made->parts;
    struct stream_name name = made->is.name;
    struct err err = {0};

    new_store();
    struct holding *holding = open_holding();
    name.version = 2;
    CU_ASSERT_EQUAL(holding_offer(holding, &name, &parts, &err), HOLDING_REFUSED);
    CHECK_CONTAINS(err.text, "version 2: its manifest names another set");
    parts.set = other_set;
    parts.n_set = strlen(other_set);
    CU_ASSERT_EQUAL(holding_offer(holding, &made->is.name, &parts, &err),
                    HOLDING_REFUSED);
    CHECK_CONTAINS(err.text, "version 1: the set has ");
    parts.n_set = made->parts.n_set;
    CU_ASSERT_EQUAL(holding_offer(holding, &made->is.name, &parts, &err),
                    HOLDING_REFUSED);
    CHECK_CONTAINS(err.text, "version 1: the set's SHA-256 is not the one");
    CU_ASSERT_PTR_NULL(holding_set(holding));
    publication_free(made);
    holding_close(holding);
}

/* ---- validity ---- */

static void what_has_expired_is_refused_and_a_store_of_it_is_not_used(void)
{
    new_store();
    struct holding *holding = open_holding();
    refuses(holding, (struct published){.version = 1, .until_ns = -1},
            "version 1: was valid until ");
    CU_ASSERT_EQUAL(
        offer(holding, (struct published){.version = 2, .until_ns = CLOCK_SECOND / 5},
              NULL),
        HOLDING_TAKEN);
    while (holding_look(holding, NULL) != HOLDING_HAS_ENDED)
        usleep(1000);
    CU_ASSERT(holds(holding, 2, example_set)); /* told, and left to the engine */
    CU_ASSERT_EQUAL(holding_look(holding, NULL), HOLDING_NO_NEWS);
    holding_close(holding);
    holding = open_holding();
    CU_ASSERT_PTR_NULL(holding_set(holding));
    CU_ASSERT_PTR_NOT_NULL_FATAL(holding_fault(holding));
    CHECK_CONTAINS(holding_fault(holding),
                   "held.publication: version 2: was valid until");
    refuses(holding, (struct published){.version = 1}, "version 1 is below version 2");
    holding_close(holding);
    holding = open_with(put_scratch("grace", "grace 1h\n", 0644));
    CU_ASSERT(holds(holding, 2, example_set));
    holding_close(holding);
}

static void what_is_not_valid_yet_waits_and_then_begins(void)
{
    const int64_t soon_ns = 3 * CLOCK_SECOND / 10;

    new_store();
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(offer(holding, (struct published){.version = 1}, NULL),
                    HOLDING_TAKEN);
    CU_ASSERT_EQUAL(
        offer(holding,
              (struct published){.version = 2, .from_ns = soon_ns, .text = other_set},
              NULL),
        HOLDING_WAITS);
    CU_ASSERT_EQUAL(holding_pending(holding)->version, 2);
    CU_ASSERT(holds(holding, 1, example_set));
    CU_ASSERT_EQUAL(holding_look(holding, NULL), HOLDING_NO_NEWS);
    while (holding_look(holding, NULL) != HOLDING_IS_VALID)
        usleep(1000);
    CU_ASSERT(holds(holding, 2, other_set));
    CU_ASSERT_EQUAL(holding_pending(holding)->version, 0);
    check_file("parameters.json", other_set, strlen(other_set));
    holding_close(holding);
}

/* As where a machine slept while it was valid. */
static void what_has_ended_while_it_waited_is_not_taken(void)
{
    const int64_t end_ns = clock_now() + CLOCK_SECOND / 5;
    struct err err = {0};

    new_store();
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(offer(holding, (struct published){.version = 1}, NULL),
                    HOLDING_TAKEN);
    CU_ASSERT_EQUAL(offer(holding,
                          (struct published){.version = 2,
                                             .from_ns = CLOCK_SECOND / 10,
                                             .until_ns = CLOCK_SECOND / 5,
                                             .text = other_set},
                          NULL),
                    HOLDING_WAITS);
    while (clock_now() < end_ns + CLOCK_SECOND / 10)
        usleep(1000);
    CU_ASSERT_EQUAL(holding_look(holding, &err), HOLDING_COMPLAINS);
    CU_ASSERT_EQUAL(strncmp(err.text, "version 2: was valid until ", 27), 0);
    CU_ASSERT(holds(holding, 1, example_set));
    CU_ASSERT_EQUAL(holding_pending(holding)->version, 0);
    holding_close(holding);
}

static void what_waits_is_dropped_by_what_is_newer_and_valid(void)
{
    new_store();
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(
        offer(holding, (struct published){.version = 2, .from_ns = CLOCK_HOUR}, NULL),
        HOLDING_WAITS);
    CU_ASSERT_EQUAL(offer(holding, (struct published){.version = 1}, NULL),
                    HOLDING_TAKEN);
    CU_ASSERT_EQUAL(holding_pending(holding)->version, 2);
    CU_ASSERT_EQUAL(offer(holding, (struct published){.version = 3}, NULL),
                    HOLDING_TAKEN);
    CU_ASSERT_EQUAL(holding_pending(holding)->version, 0);
    holding_close(holding);
}

/* ---- the owner's files ---- */

static void limits_refuse_a_set_whole_and_are_read_again(void)
{
    const char *path =
        put_scratch("limits", "bound BTC-* initial_margin_ppm 0 60000\n", 0644);
    char limits[FILE_PATH_MAX];
    struct err err = {0};

    new_store();
    strcpy(limits, path);
    struct holding *holding = open_with(limits);
    refuses(holding, (struct published){.version = 1},
            "version 1: BTC-PERP: initial_margin_ppm: 80000 is above 60000 (line 1 of");
    put_scratch("limits", "bound BTC-* initial_margin_ppm 0 80000\n", 0644);
    while (offer(holding, (struct published){.version = 1}, NULL) != HOLDING_TAKEN)
        holding_look(holding, NULL);
    put_scratch("limits", "bound BTC-* initial_margin_ppm 0 70000\n", 0644);
    while (holding_look(holding, &err) != HOLDING_COMPLAINS)
        usleep(1000);
    CHECK_CONTAINS(err.text,
                   "version 1, which is held, would not be taken now: BTC-PERP");
    CU_ASSERT(holds(holding, 1, example_set));
    put_scratch("limits", "bounds\n", 0644);
    while (holding_look(holding, &err) != HOLDING_COMPLAINS)
        usleep(1000);
    CHECK_CONTAINS(err.text, "limits: line 1: 'bounds' is none of bound, change");
    holding_close(holding);
}

static void a_revoked_signer_is_told_and_its_store_is_not_used(void)
{
    char text[256], hex[KEY_HEX_MAX];
    struct err err = {0};

    new_store();
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(offer(holding, (struct published){.version = 1}, NULL),
                    HOLDING_TAKEN);
    snprintf(text, sizeof text, "revoked signing %s operator\n",
             key_text(signer.public, hex));
    put_scratch("signers", text, 0644);
    while (holding_look(holding, &err) != HOLDING_COMPLAINS)
        usleep(1000);
    CHECK_CONTAINS(err.text, "version 1, which is held, would not be taken now: is "
                             "signed by 0 of the 1");
    refuses(
        holding, (struct published){.version = 2},
        "version 2: is signed by 0 of the 1 that are needed (0 strangers, 1 revoked)");
    holding_close(holding);
    holding = open_holding();
    CU_ASSERT_PTR_NULL(holding_set(holding));
    CHECK_CONTAINS(holding_fault(holding),
                   "held.publication: version 1: is signed by 0");
    holding_close(holding);
    snprintf(text, sizeof text, "signing %s operator\n", key_text(signer.public, hex));
    put_scratch("signers", text, 0644);
}

/* ---- the store ---- */

static void copies_that_were_changed_are_written_again(void)
{
    new_store();
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(offer(holding, (struct published){.version = 3}, NULL),
                    HOLDING_TAKEN);
    holding_close(holding);
    CU_ASSERT_EQUAL_FATAL(file_replace(in_store("parameters.json"), "{}", 2, NULL), 0);
    unlink(in_store("publication.json"));
    holding = open_holding();
    CU_ASSERT(holds(holding, 3, example_set));
    check_file("parameters.json", example_set, strlen(example_set));
    CU_ASSERT_EQUAL(access(in_store("publication.json"), F_OK), 0);
    holding_close(holding);
}

/* Files may not grow: what a full disk does, without one. */
static void allow_files(rlim_t n_bytes)
{
    struct rlimit limit;

    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = n_bytes;
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void on_a_full_disk_what_is_held_is_held_still_and_after_a_restart(void)
{
    struct rlimit before;

    new_store();
    signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(offer(holding, (struct published){.version = 3}, NULL),
                    HOLDING_TAKEN);
    allow_files(0);
    refuses(holding, (struct published){.version = 4, .text = other_set},
            "held.publication");
    CU_ASSERT(holds(holding, 3, example_set));
    holding_close(holding);
    unlink(in_store("parameters.json"));
    holding = open_holding();
    CU_ASSERT(holds(holding, 3, example_set));
    CU_ASSERT_PTR_NOT_NULL_FATAL(holding_fault(holding));
    CHECK_CONTAINS(holding_fault(holding), "parameters.json: File too large");
    allow_files(before.rlim_cur);
    CU_ASSERT_EQUAL(
        offer(holding, (struct published){.version = 4, .text = other_set}, NULL),
        HOLDING_TAKEN);
    CU_ASSERT_PTR_NULL(holding_fault(holding));
    check_file("parameters.json", other_set, strlen(other_set));
    holding_close(holding);
}

/* Every byte behind the header is covered by the signature or the digest. */
static void a_stored_byte_that_was_altered_is_found_and_can_be_had_again(void)
{
    size_t n_bytes = 0, n_used = 0;
    char *bytes = NULL;

    new_store();
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(offer(holding, (struct published){.version = 3}, NULL),
                    HOLDING_TAKEN);
    holding_close(holding);
    CU_ASSERT_EQUAL_FATAL(
        file_read(in_store("held.publication"), 1 << 20, &bytes, &n_bytes, NULL), 0);
    for (size_t at = sizeof(struct stream_header); at < n_bytes; at += 7) {
        bytes[at] ^= 1;
        CU_ASSERT_EQUAL_FATAL(
            file_swap(in_store("held.publication"), bytes, n_bytes, NULL), 0);
        holding = open_holding();
        n_used += holding_set(holding) != NULL || holding_fault(holding) == NULL;
        bytes[at] ^= 1;
        holding_close(holding);
    }
    CU_ASSERT_EQUAL(n_used, 0);
    free(bytes);
    holding = open_holding();
    refuses(holding, (struct published){.version = 2}, "version 2 is below version 3");
    CU_ASSERT_EQUAL(offer(holding, (struct published){.version = 4}, NULL),
                    HOLDING_TAKEN);
    CU_ASSERT_PTR_NULL(holding_fault(holding));
    holding_close(holding);
}

static void a_header_that_cannot_be_read_is_an_error(void)
{
    const struct holding_options options = {.store = store, .signers = signers};
    struct holding *holding = NULL;
    struct err err = {0};

    new_store();
    holding_close(open_holding());
    CU_ASSERT_EQUAL_FATAL(file_replace(in_store("held.publication"), "x", 1, NULL), 0);
    CU_ASSERT_EQUAL(holding_open(&options, &holding, &err), -1);
    CHECK_CONTAINS(err.text, "held.publication: has only 1 bytes");
    CU_ASSERT_PTR_NULL(holding);
}

static void a_set_without_its_publication_is_not_used(void)
{
    new_store();
    holding_close(open_holding());
    CU_ASSERT_EQUAL_FATAL(file_replace(in_store("parameters.json"), example_set,
                                       strlen(example_set), NULL),
                          0);
    struct holding *holding = open_holding();
    CU_ASSERT_PTR_NULL(holding_set(holding));
    CU_ASSERT_PTR_NOT_NULL_FATAL(holding_fault(holding));
    CHECK_CONTAINS(holding_fault(holding), "held.publication that it is of");
    holding_close(holding);
}

static void a_store_has_one_owner(void)
{
    const struct holding_options options = {.store = store, .signers = signers};
    struct holding *second = NULL;
    struct err err = {0};

    new_store();
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(holding_open(&options, &second, &err), -1);
    CHECK_CONTAINS(err.text, "is being written by process");
    CU_ASSERT_PTR_NULL(second);
    holding_close(holding);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a_set_survives_reopening_byte_for_byte",
         a_set_survives_reopening_byte_for_byte},
        {"what_may_not_follow_is_refused_and_the_set_stays",
         what_may_not_follow_is_refused_and_the_set_stays},
        {"a_newer_version_or_epoch_takes_its_place",
         a_newer_version_or_epoch_takes_its_place},
        {"only_what_is_signed_by_who_is_listed_is_taken",
         only_what_is_signed_by_who_is_listed_is_taken},
        {"parts_and_header_must_name_the_same_set",
         parts_and_header_must_name_the_same_set},
        {"what_has_expired_is_refused_and_a_store_of_it_is_not_used",
         what_has_expired_is_refused_and_a_store_of_it_is_not_used},
        {"what_is_not_valid_yet_waits_and_then_begins",
         what_is_not_valid_yet_waits_and_then_begins},
        {"what_has_ended_while_it_waited_is_not_taken",
         what_has_ended_while_it_waited_is_not_taken},
        {"what_waits_is_dropped_by_what_is_newer_and_valid",
         what_waits_is_dropped_by_what_is_newer_and_valid},
        {"limits_refuse_a_set_whole_and_are_read_again",
         limits_refuse_a_set_whole_and_are_read_again},
        {"a_revoked_signer_is_told_and_its_store_is_not_used",
         a_revoked_signer_is_told_and_its_store_is_not_used},
        {"on_a_full_disk_what_is_held_is_held_still_and_after_a_restart",
         on_a_full_disk_what_is_held_is_held_still_and_after_a_restart},
        {"copies_that_were_changed_are_written_again",
         copies_that_were_changed_are_written_again},
        {"a_stored_byte_that_was_altered_is_found_and_can_be_had_again",
         a_stored_byte_that_was_altered_is_found_and_can_be_had_again},
        {"a_header_that_cannot_be_read_is_an_error",
         a_header_that_cannot_be_read_is_an_error},
        {"a_set_without_its_publication_is_not_used",
         a_set_without_its_publication_is_not_used},
        {"a_store_has_one_owner", a_store_has_one_owner},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"holding", make_published, remove_published, NULL, NULL, tests},
        CU_SUITE_INFO_NULL};

    return check_run(suites);
}
