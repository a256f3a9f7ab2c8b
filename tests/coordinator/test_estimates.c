/* What `plimsoll liquidity` keeps for a job reads back as it was. */
#include "coordinator/estimates.h"
#include "core/file.h"
#include "tests/check.h"

#include <stdlib.h>
#include <unistd.h>

static char directory[] = "/tmp/test_estimates.XXXXXX";
static char path[FILE_PATH_MAX];

static int begin(void)
{
    if (mkdtemp(directory) == NULL)
        return 1;
    return file_join(directory, "liquidity.json", path, NULL);
}

static int finish(void)
{
    unlink(path);
    return rmdir(directory);
}

static struct estimates_entry entry_of(const char *instrument, double y)
{
    struct estimates_entry entry = {.n_samples = 747, .step_s = 1.0};

    snprintf(entry.instrument, sizeof entry.instrument, "%s", instrument);
    snprintf(entry.source, sizeof entry.source, "%s.gz", instrument);
    sha256_of(instrument, strlen(instrument), entry.sha256);
    for (int f = 0; f < LIQUIDITY_FIGURES; f++)
        entry.figure[f] = (struct liquidity_estimate){0.1 + f, 0.05 + f, 0.2 + f, 13};
    entry.figure[LIQUIDITY_FLOW_Y] = (struct liquidity_estimate){y, 0.9 * y, NAN, 0};
    entry.is_guess[LIQUIDITY_ADV] = true;
    return entry;
}

static void instruments_stand_by_name_and_a_new_measurement_takes_the_old_ones_place(
    void)
{
    static const char *const name[] = {"M", "A", "Z", "M"};
    struct estimates got;

    for (size_t i = 0; i < 4; i++) {
        const struct estimates_entry entry = entry_of(name[i], 1.0 + (double)i);

        CU_ASSERT_EQUAL_FATAL(estimates_keep(path, &entry, NULL), 0);
    }
    CU_ASSERT_EQUAL_FATAL(estimates_read(path, &got, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(got.n, 3);
    CU_ASSERT_STRING_EQUAL(got.measured[0].instrument, "A");
    CU_ASSERT_STRING_EQUAL(got.measured[1].instrument, "M");
    CU_ASSERT_STRING_EQUAL(got.measured[2].instrument, "Z");
    const struct measured_law *flow = &got.measured[1].law[MEASURED_FLOW];
    const struct measured_law *book = &got.measured[1].law[MEASURED_BOOK];

    CU_ASSERT_EQUAL(flow->y.value, 4.0);
    CU_ASSERT_EQUAL(flow->y.low, 0.9 * 4.0);
    CU_ASSERT_TRUE(isnan(flow->y.high));
    CU_ASSERT_EQUAL(flow->delta.value, 0.1 + LIQUIDITY_FLOW_DELTA);
    CU_ASSERT_EQUAL(book->y.value, 0.1 + LIQUIDITY_BOOK_Y);
    CU_ASSERT_EQUAL(book->delta.low, 0.05 + LIQUIDITY_BOOK_DELTA);
    CU_ASSERT_EQUAL(got.measured[1].halflife_s.high, 0.2 + LIQUIDITY_HALFLIFE);
    CU_ASSERT_STRING_EQUAL(got.measured[1].source, "M.gz");
    CU_ASSERT_TRUE(got.entry[1].is_guess[LIQUIDITY_ADV]);
    CU_ASSERT_FALSE(got.entry[1].is_guess[LIQUIDITY_SIGMA]);
    estimates_free(&got);
}

static void refuses(const char *from, const char *to, const char *why)
{
    struct estimates got;
    struct err err = {0};
    size_t n_bytes;
    char *bytes, *place;

    CU_ASSERT_EQUAL_FATAL(file_read(path, 1 << 20, &bytes, &n_bytes, NULL), 0);
    place = strstr(bytes, from);
    CU_ASSERT_PTR_NOT_NULL_FATAL(place);
    CU_ASSERT_EQUAL_FATAL(strlen(from), strlen(to));
    memcpy(place, to, strlen(to));
    char *kept = strdup(bytes);
    CU_ASSERT_EQUAL_FATAL(file_replace(path, bytes, n_bytes, NULL), 0);
    CU_ASSERT_EQUAL(estimates_read(path, &got, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text, why);
    memcpy(strstr(kept, to), from, strlen(from));
    CU_ASSERT_EQUAL_FATAL(file_replace(path, kept, n_bytes, NULL), 0);
    free(bytes);
    free(kept);
}

static void what_is_wrong_is_named_by_its_place(void)
{
    refuses("plimsoll-liquidity", "plimsoll-liquiditi",
            "schema: \"plimsoll-liquiditi\" 1 is not \"plimsoll-liquidity\" 1");
    refuses("flow_y", "flow_x", "instruments[0]: flow_y: is missing");
    refuses("\"A\"", "\"X\"", "instruments[1]: M does not come after X by name");
    refuses("\"samples\": 747", "\"samples\": 000", "liquidity.json: ");
}

int main(void)
{
    static CU_TestInfo tests[] = {
        {"instruments_stand_by_name_and_a_new_measurement_takes_the_old_ones_place",
         instruments_stand_by_name_and_a_new_measurement_takes_the_old_ones_place},
        {"what_is_wrong_is_named_by_its_place", what_is_wrong_is_named_by_its_place},
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = {
        {"estimates", begin, finish, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
