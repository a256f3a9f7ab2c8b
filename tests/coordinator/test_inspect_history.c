#include "coordinator/inspect_history.h"
#include "core/clock.h"
#include "market/history.h"
#include "tests/check.h"

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

static char directory[64], store[96];
static char printed[1 << 16];

static int put(struct history_editor *editor, const char *instrument, size_t n,
               int64_t interval_ns, const struct history_notes *notes)
{
    struct bars bars = {.interval_ns = interval_ns};

    for (size_t t = 0; t < n; t++)
        bars_append(&bars,
                    &(struct bar){.time = 1704067200 * CLOCK_SECOND +
                                          (int64_t)(t + (t > 3)) * interval_ns,
                                  .open = 100.1,
                                  .high = 101.0 + (double)t,
                                  .low = 99.0,
                                  .close = 100.5,
                                  .volume = 12.0},
                    NULL);
    const int status = history_put(editor, instrument, &bars, notes, 0, NULL, NULL);
    bars_free(&bars);
    return status;
}

static int make_store(void)
{
    static const struct history_notes rich = {
        "binance-vision", "[{\"file\":\"a.zip\",\"sha256\":\"abcd\",\"rows\":13}]",
        "{\"flagged\":2,\"gaps\":{\"longest_bars\":7},\"ratio\":0.1,\"ok\":true,"
        "\"rows\":[1,2,3,4,5,6,7,8,9,10]}"};
    static const struct history_notes plain = {"simulated", "[]", "{}"};
    struct history_editor *editor = NULL;

    strcpy(directory, "/tmp/test_inspect.XXXXXX");
    if (mkdtemp(directory) == NULL)
        return 1;
    snprintf(store, sizeof store, "%s/history.h5", directory);
    if (history_edit(store, &editor, NULL) != 0)
        return 1;
    if (put(editor, "BTC-PERP", 13, CLOCK_HOUR, &rich) != 0 ||
        put(editor, "BTC-PERP", 2, CLOCK_DAY, &plain) != 0 ||
        put(editor, "A-VERY-LONG-INSTRUMENT", 3, CLOCK_HOUR, &plain) != 0) {
        history_abandon(editor);
        return 1;
    }
    return history_save(editor, NULL);
}

static int remove_store(void)
{
    unlink(store);
    return rmdir(directory); /* fails where anything else has been left behind */
}

static int inspect(const char *instrument, const char *interval, bool as_json,
                   struct err *err)
{
    FILE *out = fmemopen(printed, sizeof printed, "w");

    printed[0] = '\0';
    const int status = inspect_history(
        &(struct inspect_history_options){store, instrument, interval, as_json}, out,
        err);
    fclose(out);
    return status;
}

static void the_catalogue_is_a_table(void)
{
    CU_ASSERT_EQUAL(inspect(NULL, NULL, false, NULL), 0);
    CU_ASSERT_STRING_EQUAL(
        printed,
        "instrument              interval  first (UTC)       last (UTC)        "
        "      bars     gaps  flagged  vendor\n"
        "A-VERY-LONG-INSTRUMENT  1h        2024-01-01 00:00  2024-01-01 02:00  "
        "         3        0        0  simulated\n"
        "BTC-PERP                1h        2024-01-01 00:00  2024-01-01 13:00  "
        "        13        1        2  binance-vision\n"
        "BTC-PERP                1d        2024-01-01 00:00  2024-01-02 00:00  "
        "         2        0        0  simulated\n");
}

static void an_instrument_is_shown_with_its_findings(void)
{
    CU_ASSERT_EQUAL(inspect("BTC-PERP", NULL, false, NULL), 0);
    CHECK_CONTAINS(printed, "BTC-PERP 1h\n");
    CHECK_CONTAINS(printed, "BTC-PERP 1d\n");
    CHECK_CONTAINS(printed, "  a.zip  13 rows  sha256 abcd\n");
    CHECK_CONTAINS(printed, "  gaps.longest_bars            7\n");
    CHECK_CONTAINS(printed, "  ratio                        0.1\n");
    CHECK_CONTAINS(printed, "  ok                           yes\n");
    CHECK_CONTAINS(printed, "  rows.7                       8\n");
    CHECK_CONTAINS(printed, "and 2 more (all with --json)\n");
    CHECK_CONTAINS(printed, "  2024-01-01 00:00              100.1            101 ");
    CHECK_CONTAINS(printed, "  ...\n");
    CHECK_CONTAINS(printed, "  2024-01-01 13:00 ");
    CU_ASSERT_PTR_NULL(strstr(printed, "  2024-01-01 03:00 "));
}

static void one_interval_can_be_asked(void)
{
    CU_ASSERT_EQUAL(inspect("BTC-PERP", "24h", false, NULL), 0);
    CU_ASSERT_PTR_NULL(strstr(printed, "BTC-PERP 1h\n"));
    CHECK_CONTAINS(printed, "BTC-PERP 1d\n");
}

static void json_says_the_same(void)
{
    CU_ASSERT_EQUAL(inspect(NULL, NULL, true, NULL), 0);
    json_t *root = json_loads(printed, 0, NULL);
    json_t *series = json_object_get(root, "series");
    CU_ASSERT_EQUAL(json_array_size(series), 3);
    CU_ASSERT_EQUAL(
        json_integer_value(json_object_get(json_array_get(series, 1), "gaps")), 1);
    json_decref(root);

    CU_ASSERT_EQUAL(inspect("BTC-PERP", "1h", true, NULL), 0);
    root = json_loads(printed, 0, NULL);
    series = json_object_get(root, "series");
    CU_ASSERT_EQUAL_FATAL(json_array_size(series), 1);
    json_t *one = json_array_get(series, 0);
    json_t *bars = json_object_get(one, "first_and_last_bars");
    CU_ASSERT_EQUAL(json_array_size(bars), 6);
    CU_ASSERT_EQUAL(json_real_value(json_object_get(json_array_get(bars, 0), "open")),
                    100.1);
    json_t *quality = json_object_get(one, "quality");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(quality, "rows")), 10);
    json_decref(root);
}

static void what_is_not_there_is_said(void)
{
    struct err err = {0};

    CU_ASSERT_EQUAL(inspect("DOGE", NULL, false, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text, "history.h5: has no series DOGE; its 3: "
                             "A-VERY-LONG-INSTRUMENT 1h, BTC-PERP 1h, BTC-PERP 1d");
    CU_ASSERT_STRING_EQUAL(printed, "");
    CU_ASSERT_EQUAL(inspect("BTC-PERP", "5m", true, &err), -1);
    CHECK_CONTAINS(err.text, "has no series BTC-PERP 5m; its 3: ");
    CU_ASSERT_STRING_EQUAL(printed, "");
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"the_catalogue_is_a_table", the_catalogue_is_a_table},
        {"an_instrument_is_shown_with_its_findings",
         an_instrument_is_shown_with_its_findings},
        {"one_interval_can_be_asked", one_interval_can_be_asked},
        {"json_says_the_same", json_says_the_same},
        {"what_is_not_there_is_said", what_is_not_there_is_said},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {.pName = "inspect_history",
         .pInitFunc = make_store,
         .pCleanupFunc = remove_store,
         .pTests = tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
