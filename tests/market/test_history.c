/* The history store: what is put in comes back, and what makes no sense is not put in.
 */
#include "tests/market/store_world.h"

static void bars_come_back_bit_by_bit(void)
{
    struct bars want = make_bars(747, CLOCK_HOUR, 1), got = {0};
    double column[747];

    make_store(at("a.h5"), false);
    struct history *history = open_store(at("a.h5"));
    const struct history_entry *entry = find(history, "BTC-PERP", "1h");
    CU_ASSERT_EQUAL(history_read(history, entry, ALWAYS, &got, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(got.n, 747);
    CU_ASSERT_EQUAL(got.interval_ns, CLOCK_HOUR);
    CU_ASSERT(is_same(&want, 0, &got));
    CU_ASSERT_EQUAL(history_read_column(history, entry, "true_upper", column, NULL), 0);
    CU_ASSERT(isnan(column[0]));
    CU_ASSERT_EQUAL(column[746], 2.0 * want.close[746]);
    bars_free(&want);
    bars_free(&got);
    history_close(history);
}

static void a_part_is_the_bars_that_start_in_it(void)
{
    struct bars want = make_bars(747, CLOCK_HOUR, 1), got = {0};

    make_store(at("a.h5"), false);
    struct history *history = open_store(at("a.h5"));
    const struct history_entry *entry = find(history, "BTC-PERP", "1h");
    CU_ASSERT_EQUAL(
        history_read(history, entry, want.time[10] - 1, want.time[20], &got, NULL), 0);
    CU_ASSERT_EQUAL(got.n, 10);
    CU_ASSERT(is_same(&want, 10, &got));
    CU_ASSERT_EQUAL(
        history_read(history, entry, want.time[4] + 1, want.time[5], &got, NULL), 0);
    CU_ASSERT_EQUAL(got.n, 0);
    CU_ASSERT_EQUAL(
        history_read(history, entry, want.time[20], want.time[10], &got, NULL), 0);
    CU_ASSERT_EQUAL(got.n, 0);
    bars_free(&want);
    bars_free(&got);
    history_close(history);
}

static void the_catalogue_is_in_order_and_counts(void)
{
    make_store(at("a.h5"), true);
    struct history *history = open_store(at("a.h5"));
    CU_ASSERT_EQUAL_FATAL(history_count(history), 4);
    CU_ASSERT_STRING_EQUAL(history_entry(history, 0)->instrument, "BTC-PERP");
    CU_ASSERT_STRING_EQUAL(history_entry(history, 0)->interval, "1h");
    CU_ASSERT_STRING_EQUAL(history_entry(history, 1)->interval, "1d");
    CU_ASSERT_STRING_EQUAL(history_entry(history, 2)->instrument, "ETH-PERP");
    CU_ASSERT_STRING_EQUAL(history_entry(history, 3)->instrument, "sol_usd.x");
    CU_ASSERT_EQUAL(history_entry(history, 0)->n_bars, 747);
    CU_ASSERT_EQUAL(history_entry(history, 0)->n_gaps, 1);
    CU_ASSERT_EQUAL(history_entry(history, 3)->n_gaps, 0);
    CU_ASSERT_EQUAL(history_entry(history, 0)->n_flagged, 3);
    CU_ASSERT_EQUAL(history_entry(history, 0)->last_ns -
                        history_entry(history, 0)->first_ns,
                    748 * CLOCK_HOUR);
    CU_ASSERT_PTR_EQUAL(history_find(history, "BTC-PERP", "24h"),
                        history_entry(history, 1));
    CU_ASSERT_PTR_NULL(history_find(history, "BTC-PERP", "15m"));
    CU_ASSERT_PTR_NULL(history_find(history, "BTC", "1h"));
    CU_ASSERT_PTR_NULL(history_find(history, "BTC-PERP", "soon"));
    history_close(history);
}

static void notes_come_back_of_any_length(void)
{
    struct bars bars = make_bars(3, CLOCK_HOUR, 1);
    struct history_editor *editor = NULL;
    struct history_notes back;
    char *sources = malloc(200003);

    memset(sources, ' ', 200002); /* beyond the 64 KiB of an HDF5 attribute */
    sources[0] = '[';
    sources[200001] = ']';
    sources[200002] = '\0';
    unlink(at("a.h5"));
    CU_ASSERT_EQUAL_FATAL(history_edit(at("a.h5"), &editor, NULL), 0);
    CU_ASSERT_EQUAL(history_put(editor, "X", &bars,
                                &(struct history_notes){"né", sources, "{}"}, 0, NULL,
                                NULL),
                    0);
    CU_ASSERT_EQUAL(history_save(editor, NULL), 0);
    struct history *history = open_store(at("a.h5"));
    CU_ASSERT_EQUAL_FATAL(
        history_read_notes(history, history_entry(history, 0), &back, NULL), 0);
    CU_ASSERT_STRING_EQUAL(back.vendor, "né");
    CU_ASSERT_STRING_EQUAL(back.sources, sources);
    CU_ASSERT_STRING_EQUAL(back.quality, "{}");
    history_notes_free(&back);
    history_close(history);
    bars_free(&bars);
    free(sources);
}

static void a_series_is_replaced_and_the_others_stay(void)
{
    struct history_entry before[4];
    struct history_editor *editor = NULL;
    struct bars want = make_bars(313, CLOCK_HOUR, 3), got = {0};
    double column[313];

    make_store(at("a.h5"), false);
    struct history *history = open_store(at("a.h5"));
    memcpy(before, history_entry(history, 0), sizeof before);
    history_close(history);
    CU_ASSERT_EQUAL_FATAL(history_edit(at("a.h5"), &editor, NULL), 0);
    CU_ASSERT_EQUAL(put(editor, "BTC-PERP", 800, CLOCK_HOUR, 9), 0);
    CU_ASSERT_EQUAL(put(editor, "BTC-PERP", 900, CLOCK_HOUR, 10), 0);
    CU_ASSERT_EQUAL(put(editor, "AAVE", 10, CLOCK_HOUR, 7), 0);
    CU_ASSERT_EQUAL(history_save(editor, NULL), 0);
    history = open_store(at("a.h5"));
    CU_ASSERT_EQUAL_FATAL(history_count(history), 5);
    CU_ASSERT_STRING_EQUAL(history_entry(history, 0)->instrument, "AAVE");
    CU_ASSERT_EQUAL(history_entry(history, 1)->n_bars, 900);
    CU_ASSERT_EQUAL(memcmp(history_entry(history, 2), before + 1, 3 * sizeof *before),
                    0);
    const struct history_entry *entry = find(history, "ETH-PERP", "1h");
    CU_ASSERT_EQUAL(history_read(history, entry, ALWAYS, &got, NULL), 0);
    CU_ASSERT(is_same(&want, 0, &got));
    CU_ASSERT_EQUAL(history_read_column(history, entry, "true_lower", column, NULL), 0);
    CU_ASSERT_EQUAL(memcmp(column, want.low, sizeof column), 0);
    history_close(history);
    bars_free(&want);
    bars_free(&got);
}

static void equal_content_makes_equal_bytes_in_any_order(void)
{
    char a[SHA256_TEXT_MAX], b[SHA256_TEXT_MAX], c[SHA256_TEXT_MAX];
    struct history_editor *editor = NULL;

    make_store(at("a.h5"), false);
    make_store(at("b.h5"), true);
    CU_ASSERT_EQUAL_FATAL(sha256_of_file(at("a.h5"), a, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(sha256_of_file(at("b.h5"), b, NULL), 0);
    CU_ASSERT_STRING_EQUAL(a, b);

    /* and in several sessions, with a series that is put anew */
    unlink(at("c.h5"));
    CU_ASSERT_EQUAL_FATAL(history_edit(at("c.h5"), &editor, NULL), 0);
    put(editor, "ETH-PERP", 313, CLOCK_HOUR, 3);
    put(editor, "BTC-PERP", 9, CLOCK_HOUR, 6);
    CU_ASSERT_EQUAL(history_save(editor, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(history_edit(at("c.h5"), &editor, NULL), 0);
    put(editor, "sol_usd.x", 1, 15 * CLOCK_MINUTE, 4);
    put(editor, "BTC-PERP", 747, CLOCK_HOUR, 1);
    put(editor, "BTC-PERP", 61, CLOCK_DAY, 2);
    CU_ASSERT_EQUAL(history_save(editor, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(sha256_of_file(at("c.h5"), c, NULL), 0);
    CU_ASSERT_STRING_EQUAL(a, c);
}

static void expect_put_refused(struct history_editor *editor, const char *instrument,
                               const struct bars *bars, const char *part)
{
    struct err err = {0};

    CU_ASSERT_EQUAL(history_put(editor, instrument, bars, &notes, 0, NULL, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text, part);
}

static void bars_that_make_no_sense_are_not_stored(void)
{
    struct history_editor *editor = NULL;
    struct bars bars = make_bars(20, CLOCK_HOUR, 2), none = {.interval_ns = CLOCK_HOUR};

    unlink(at("a.h5"));
    CU_ASSERT_EQUAL_FATAL(history_edit(at("a.h5"), &editor, NULL), 0);
    bars.close[17] = NAN;
    expect_put_refused(editor, "X", &bars, "X: close, bar 17: nan is not a price");
    bars.close[17] = INFINITY;
    expect_put_refused(editor, "X", &bars, "close, bar 17: inf is not a price above 0");
    bars.close[17] = 100.0;
    bars.open[3] = 0.0;
    expect_put_refused(editor, "X", &bars, "open, bar 3: 0 is not a price above 0");
    bars.open[3] = 100.0;
    bars.volume[4] = -1.0;
    expect_put_refused(editor, "X", &bars, "volume, bar 4: -1 is not 0 or more");
    bars.volume[4] = 0.0;
    bars.low[5] = 200.0;
    expect_put_refused(editor, "X", &bars, "low, bar 5: 200 is above the high");
    bars.low[5] = 90.0;
    bars.time[6] = bars.time[5];
    expect_put_refused(editor, "X", &bars, "time, bar 6: ");
    bars.time[6] = -5;
    expect_put_refused(editor, "X", &bars, "time, bar 6: -5 ns is before 1970");
    bars.time[6] = bars.time[5] + 1;
    expect_put_refused(editor, "", &bars, "'' is not an instrument's name");
    expect_put_refused(editor, ".x", &bars, "'.x' is not an instrument's name");
    expect_put_refused(editor, "a/b", &bars, "'a/b' is not an instrument's name");
    expect_put_refused(editor, "catalogue", &bars, "cannot be called");
    expect_put_refused(editor, "X", &none, "there are no bars");
    CU_ASSERT_EQUAL(history_put(editor, "X", &bars, &notes, 0, NULL, NULL), 0);
    history_abandon(editor);
    CU_ASSERT_NOT_EQUAL(access(at("a.h5"), F_OK), 0);
    bars_free(&bars);
}

static void expect_misuse(struct history_editor *editor,
                          const struct history_notes *with, size_t n_columns,
                          const struct history_column columns[], const char *part)
{
    struct bars bars = make_bars(20, CLOCK_HOUR, 2);
    struct err err = {0};

    CU_ASSERT_EQUAL(history_put(editor, "X", &bars, with, n_columns, columns, &err),
                    -1);
    CU_ASSERT_EQUAL(err.kind, ERR_BUG);
    CHECK_CONTAINS(err.text, part);
    bars_free(&bars);
}

static void columns_and_notes_that_make_no_sense_are_not_stored(void)
{
    double value[20] = {0};
    struct history_editor *editor = NULL;
    const struct history_column twice[] = {{"a", value}, {"b", value}, {"a", value}};
    const struct history_column close = {"close", value}, upper = {"Upper", value};

    unlink(at("c.h5"));
    CU_ASSERT_EQUAL_FATAL(history_edit(at("c.h5"), &editor, NULL), 0);
    expect_misuse(editor, &notes, 3, twice, "X: column a is given twice");
    expect_misuse(editor, &notes, 1, &close, "'close' is not a name for an extra");
    expect_misuse(editor, &notes, 1, &upper, "'Upper' is not a name for an extra");
    expect_misuse(editor, &(struct history_notes){"v", "{}", "{}"}, 0, NULL,
                  "the notes are not a JSON array and an object");
    expect_misuse(editor, &(struct history_notes){"v", "[]", "{\"flagged\":-1}"}, 0,
                  NULL, "the notes are not");
    CU_ASSERT_EQUAL(history_save(editor, NULL), 0);
    struct history *history = open_store(at("c.h5"));
    CU_ASSERT_EQUAL(history_count(history), 0); /* a store may be empty */
    history_close(history);
}

static void a_column_that_is_not_there_is_said(void)
{
    struct err err = {0};
    double value[747];

    make_store(at("a.h5"), false);
    struct history *history = open_store(at("a.h5"));
    const struct history_entry *entry = find(history, "BTC-PERP", "1h");
    CU_ASSERT_EQUAL(history_read_column(history, entry, "funding", value, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text, "BTC-PERP 1h: there is no column 'funding'");
    history_close(history);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"bars_come_back_bit_by_bit", bars_come_back_bit_by_bit},
        {"a_part_is_the_bars_that_start_in_it", a_part_is_the_bars_that_start_in_it},
        {"the_catalogue_is_in_order_and_counts", the_catalogue_is_in_order_and_counts},
        {"notes_come_back_of_any_length", notes_come_back_of_any_length},
        {"a_series_is_replaced_and_the_others_stay",
         a_series_is_replaced_and_the_others_stay},
        {"equal_content_makes_equal_bytes_in_any_order",
         equal_content_makes_equal_bytes_in_any_order},
        {"bars_that_make_no_sense_are_not_stored",
         bars_that_make_no_sense_are_not_stored},
        {"columns_and_notes_that_make_no_sense_are_not_stored",
         columns_and_notes_that_make_no_sense_are_not_stored},
        {"a_column_that_is_not_there_is_said", a_column_that_is_not_there_is_said},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {.pName = "history",
         .pInitFunc = make_directory,
         .pCleanupFunc = remove_directory,
         .pTests = tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
