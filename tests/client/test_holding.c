#include "client/holding.h"
#include "core/file.h"
#include "example_set.h"
#include "tests/check.h"

#include <unistd.h>

enum { EPOCH = 1000 };

static char directory[] = "/tmp/test_holding.XXXXXX";
static char *other_set; /* q = 3 */

static int make_directory(void)
{
    other_set = example_change(example_set, "", "\"q\": 2.5", "\"q\": 3");
    return mkdtemp(directory) == NULL;
}

static void path_of(const char *name, char path[FILE_PATH_MAX])
{
    snprintf(path, FILE_PATH_MAX, "%s/%s", directory, name);
}

static void empty_directory(void)
{
    static const char *const names[] = {"parameters.json", "state.json"};
    char path[FILE_PATH_MAX];

    for (size_t i = 0; i < 2; i++) {
        path_of(names[i], path);
        unlink(path);
    }
}

static int remove_directory(void)
{
    empty_directory();
    free(other_set);
    return rmdir(directory);
}

static struct holding *open_holding(void)
{
    struct holding *holding = NULL;
    struct err err = {0};

    if (holding_open(directory, &holding, &err) != 0)
        fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(holding);
    return holding;
}

static int offer(struct holding *holding, uint64_t epoch, uint64_t version,
                 const char *text, struct err *err)
{
    const struct stream_name name =
        stream_name_make(epoch, version, text, strlen(text));

    return holding_offer(holding, &name, text, strlen(text), err);
}

static bool holds(const struct holding *holding, uint64_t version, const char *text)
{
    const struct stream_name name =
        stream_name_make(EPOCH, version, text, strlen(text));

    return holding_set(holding) != NULL &&
           stream_name_same(holding_name(holding), &name);
}

static void a_set_survives_reopening_byte_for_byte(void)
{
    char path[FILE_PATH_MAX], *bytes = NULL;
    size_t n_bytes = 0;

    empty_directory();
    struct holding *holding = open_holding();
    CU_ASSERT_PTR_NULL(holding_set(holding));
    CU_ASSERT_EQUAL(offer(holding, EPOCH, 3, example_set, NULL), 1);
    CU_ASSERT_EQUAL(offer(holding, EPOCH, 3, example_set, NULL), 0);
    holding_close(holding);
    holding = open_holding();
    CU_ASSERT(holds(holding, 3, example_set));
    CU_ASSERT_PTR_NULL(holding_fault(holding));
    holding_close(holding);
    path_of("parameters.json", path);
    CU_ASSERT_EQUAL_FATAL(file_read(path, 1 << 20, &bytes, &n_bytes, NULL), 0);
    CU_ASSERT_EQUAL(n_bytes, strlen(example_set));
    CU_ASSERT_STRING_EQUAL(bytes, example_set);
    free(bytes);
}

static void what_may_not_follow_is_refused_and_the_set_stays(void)
{
    const struct {
        uint64_t epoch, version;
        const char *text, *want;
    } rows[] = {
        {EPOCH, 2, other_set, "version 2 is below version 3"},
        {EPOCH, 3, other_set, "version 3 is another set than before"},
        {EPOCH - 1, 9, other_set,
         "version 9 counts from 1970-01-01T00:00:00.000000999Z"},
        {EPOCH, 4, "{}", "version 4: schema: is missing"},
    };

    empty_directory();
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(offer(holding, EPOCH, 3, example_set, NULL), 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err err = {0};

        CU_ASSERT_EQUAL(
            offer(holding, rows[i].epoch, rows[i].version, rows[i].text, &err), -1);
        CHECK_CONTAINS(err.text, rows[i].want);
        CU_ASSERT(holds(holding, 3, example_set));
    }
    holding_close(holding);
    holding = open_holding();
    CU_ASSERT(holds(holding, 3, example_set));
    holding_close(holding);
}

static void a_newer_version_or_epoch_takes_its_place(void)
{
    empty_directory();
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(offer(holding, EPOCH - 1, 7, example_set, NULL), 1);
    CU_ASSERT_EQUAL(offer(holding, EPOCH - 1, 9, other_set, NULL), 1);
    CU_ASSERT_EQUAL(offer(holding, EPOCH, 1, example_set, NULL), 1);
    CU_ASSERT(holds(holding, 1, example_set));
    CU_ASSERT_PTR_NOT_NULL(holding_previous(holding));
    holding_close(holding);
}

static void bytes_that_are_not_what_their_name_says_are_refused(void)
{
    const size_t n = strlen(example_set);
    struct stream_name name = stream_name_make(EPOCH, 1, example_set, n);
    struct err err = {0};

    empty_directory();
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(holding_offer(holding, &name, example_set, n - 1, &err), -1);
    CHECK_CONTAINS(err.text, "its header says");
    name.sha256[31] ^= 1;
    CU_ASSERT_EQUAL(holding_offer(holding, &name, example_set, n, &err), -1);
    CHECK_CONTAINS(err.text, "SHA-256 is not the one in its header");
    CU_ASSERT_PTR_NULL(holding_set(holding));
    holding_close(holding);
}

/* The state is written before the set: a crash in between leaves the new state beside
 * the old set. */
static void a_crash_between_state_and_set_leaves_the_set_before(void)
{
    char path[FILE_PATH_MAX];

    empty_directory();
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(offer(holding, EPOCH, 3, example_set, NULL), 1);
    CU_ASSERT_EQUAL(offer(holding, EPOCH, 4, other_set, NULL), 1);
    holding_close(holding);
    path_of("parameters.json", path);
    CU_ASSERT_EQUAL_FATAL(file_replace(path, example_set, strlen(example_set), NULL),
                          0);
    holding = open_holding();
    CU_ASSERT(holds(holding, 3, example_set));
    CU_ASSERT_PTR_NULL(holding_fault(holding));
    CU_ASSERT_EQUAL(offer(holding, EPOCH, 4, other_set, NULL), 1);
    CU_ASSERT(holds(holding, 4, other_set));
    holding_close(holding);
}

static void a_stored_set_that_was_altered_is_not_used_and_can_be_had_again(void)
{
    char path[FILE_PATH_MAX];
    struct err err = {0};

    empty_directory();
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(offer(holding, EPOCH, 3, example_set, NULL), 1);
    holding_close(holding);
    path_of("parameters.json", path);
    CU_ASSERT_EQUAL_FATAL(file_replace(path, other_set, strlen(other_set), NULL), 0);
    holding = open_holding();
    CU_ASSERT_PTR_NULL(holding_set(holding));
    CU_ASSERT_PTR_NOT_NULL_FATAL(holding_fault(holding));
    CHECK_CONTAINS(holding_fault(holding), "parameters.json: is not the set that ");
    CU_ASSERT_EQUAL(offer(holding, EPOCH, 2, other_set, &err), -1);
    CHECK_CONTAINS(err.text, "version 2 is below version 3");
    CU_ASSERT_EQUAL(offer(holding, EPOCH, 3, example_set, NULL), 1);
    holding_close(holding);
}

static void a_set_that_no_state_names_is_not_used(void)
{
    char path[FILE_PATH_MAX];

    empty_directory();
    path_of("parameters.json", path);
    CU_ASSERT_EQUAL_FATAL(file_replace(path, other_set, strlen(other_set), NULL), 0);
    struct holding *holding = open_holding();
    CU_ASSERT_PTR_NULL(holding_set(holding));
    CU_ASSERT_PTR_NOT_NULL_FATAL(holding_fault(holding));
    CHECK_CONTAINS(holding_fault(holding), "state.json names it");
    holding_close(holding);
}

static void a_store_has_one_owner_and_a_readable_state(void)
{
    struct holding *second = NULL;
    char path[FILE_PATH_MAX];
    struct err err = {0};

    empty_directory();
    struct holding *holding = open_holding();
    CU_ASSERT_EQUAL(holding_open(directory, &second, &err), -1);
    CHECK_CONTAINS(err.text, "is being written by process");
    holding_close(holding);
    path_of("state.json", path);
    CU_ASSERT_EQUAL_FATAL(file_replace(path, "{\"epoch\": 0}", 12, NULL), 0);
    CU_ASSERT_EQUAL(holding_open(directory, &second, &err), -1);
    CHECK_CONTAINS(err.text, "state.json: epoch: 0 is not between 1 and");
    CU_ASSERT_PTR_NULL(second);
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
        {"bytes_that_are_not_what_their_name_says_are_refused",
         bytes_that_are_not_what_their_name_says_are_refused},
        {"a_crash_between_state_and_set_leaves_the_set_before",
         a_crash_between_state_and_set_leaves_the_set_before},
        {"a_stored_set_that_was_altered_is_not_used_and_can_be_had_again",
         a_stored_set_that_was_altered_is_not_used_and_can_be_had_again},
        {"a_set_that_no_state_names_is_not_used",
         a_set_that_no_state_names_is_not_used},
        {"a_store_has_one_owner_and_a_readable_state",
         a_store_has_one_owner_and_a_readable_state},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"holding", make_directory, remove_directory, NULL, NULL, tests},
        CU_SUITE_INFO_NULL};

    return check_run(suites);
}
