#include "core/clock.h"
#include "market/gather.h"
#include "market/import.h"
#include "tests/check.h"

#include <stdlib.h>

static char directory[] = "/tmp/test-import-XXXXXX";
static char paths[4][200];
static struct err err;
static struct import import;

#define CSV "timestamp,open,high,low,close,volume,symbol\n"

static const char *path_of(const char *name)
{
    static int next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

static FILE *create(const char *name)
{
    FILE *file = fopen(path_of(name), "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    return file;
}

/* Hourly rows [from, to) of a symbol at prices about `price`. */
static void rows(FILE *file, int from, int to, double price, const char *symbol)
{
    for (int h = from; h < to; h++)
        fprintf(file, "%lld,%g,%g,%g,%g,%d,%s\n", 1706745600LL + 3600 * h, price,
                price + 1, price - 1, price + 0.01 * (h % 7), h + 1, symbol);
}

static void file_of_rows(const char *name, int from, int to, double price,
                         const char *symbol)
{
    FILE *file = create(name);

    fputs(CSV, file);
    rows(file, from, to, price, symbol);
    fclose(file);
}

static struct import_options options(void)
{
    return (struct import_options){.instrument = "BTC",
                                   .from_ns = INT64_MIN,
                                   .to_ns = INT64_MAX,
                                   .max_rejected = -1};
}

static int run(const struct import_options *with, const char *a, const char *b)
{
    const char *const given[] = {path_of(a), b != NULL ? path_of(b) : NULL};

    err.text[0] = '\0';
    const int failed = import_read(b != NULL ? 2 : 1, given, with, &import, &err);

    if (failed) {
        CU_ASSERT_EQUAL(import.n_series, 0);
        CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    }
    return failed;
}

static uint64_t count(enum quality_kind kind)
{
    return import.series[0].quality.kind[kind].count;
}

static void files_are_joined_in_time_whatever_their_order(void)
{
    const struct import_options with = options();
    char *first, *second;

    file_of_rows("a.csv", 0, 30, 100, "B");
    file_of_rows("b.csv", 25, 60, 100.5, "B"); /* 5 rows that differ */
    CU_ASSERT_EQUAL_FATAL(run(&with, "a.csv", "b.csv"), 0);
    CU_ASSERT_EQUAL(import.series[0].bars.n, 60);
    CU_ASSERT_EQUAL(import.series[0].bars.interval_ns, CLOCK_HOUR);
    CU_ASSERT_EQUAL(count(QUALITY_CONFLICT), 5);
    CU_ASSERT_EQUAL(import.series[0].bars.open[27], 100.0);
    CU_ASSERT_EQUAL(import_sources_json(&import.series[0], &first, &err), 0);
    struct import forwards = import;

    CU_ASSERT_EQUAL_FATAL(run(&with, "b.csv", "a.csv"), 0);
    CU_ASSERT_EQUAL(import_sources_json(&import.series[0], &second, &err), 0);
    CU_ASSERT_STRING_EQUAL(first, second);
    for (size_t t = 0; t < 60; t++) {
        const struct bar x = bars_at(&forwards.series[0].bars, t);
        const struct bar y = bars_at(&import.series[0].bars, t);

        CU_ASSERT_EQUAL(memcmp(&x, &y, sizeof x), 0);
    }
    CU_ASSERT_EQUAL(memcmp(&forwards.series[0].quality, &import.series[0].quality,
                           sizeof import.series[0].quality),
                    0);
    free(first);
    free(second);
    import_free(&forwards);
    import_free(&import);
}

static void the_same_file_twice_is_all_duplicates(void)
{
    const struct import_options with = options();

    file_of_rows("a.csv", 0, 30, 100, "B");
    CU_ASSERT_EQUAL_FATAL(run(&with, "a.csv", "a.csv"), 0);
    CU_ASSERT_EQUAL(import.series[0].bars.n, 30);
    CU_ASSERT_EQUAL(count(QUALITY_DUPLICATE), 30);
    CU_ASSERT_EQUAL(count(QUALITY_CONFLICT), 0);
    import_free(&import);
}

static void inside_a_file_the_first_of_two_rows_is_kept(void)
{
    const struct import_options with = options();
    FILE *file = create("c.csv");

    fputs(CSV, file);
    rows(file, 0, 10, 100, "B");
    rows(file, 5, 6, 105, "B"); /* out of order, and in conflict */
    rows(file, 10, 200, 100, "B");
    fclose(file);
    CU_ASSERT_EQUAL_FATAL(run(&with, "c.csv", NULL), 0);
    CU_ASSERT_EQUAL(import.series[0].bars.n, 200);
    CU_ASSERT_EQUAL(import.series[0].bars.open[5], 100);
    CU_ASSERT_EQUAL(count(QUALITY_CONFLICT), 1);
    CU_ASSERT_EQUAL(count(QUALITY_OUT_OF_ORDER), 1);
    import_free(&import);
}

static void a_file_that_runs_backwards_is_in_order(void)
{
    const struct import_options with = options();
    FILE *file = create("d.csv");

    fputs(CSV, file);
    for (int h = 50; h > 0; h--)
        rows(file, h, h + 1, 100, "B");
    fclose(file);
    CU_ASSERT_EQUAL_FATAL(run(&with, "d.csv", NULL), 0);
    CU_ASSERT_EQUAL(count(QUALITY_OUT_OF_ORDER), 0);
    CU_ASSERT(import.series[0].bars.time[0] < import.series[0].bars.time[49]);
    import_free(&import);
}

static void with_wrong_rows(const char *name, int n_wrong)
{
    FILE *file = create(name);

    fputs(CSV, file);
    rows(file, 0, 200, 100, "B");
    for (int i = 0; i < n_wrong; i++)
        fprintf(file, "%d,1,2,3,4,5,B\n", 1707465600 + 3600 * i);
    fclose(file);
}

static void one_wrong_row_of_a_hundred_is_allowed(void)
{
    struct import_options with = options();

    with_wrong_rows("e.csv", 2);
    CU_ASSERT_EQUAL_FATAL(run(&with, "e.csv", NULL), 0);
    CU_ASSERT_EQUAL(import.n_rejected, 2);
    CU_ASSERT_STRING_EQUAL(import.rejected[0].file, "e.csv");
    CU_ASSERT_EQUAL(import.rejected[0].number, 202);
    CU_ASSERT_EQUAL(import.series[0].quality.n_rejected, 2);
    CU_ASSERT_EQUAL(import.series[0].file[0].n_rows, 202);
    import_free(&import);

    with_wrong_rows("f.csv", 3);
    CU_ASSERT_EQUAL(run(&with, "f.csv", NULL), -1);
    CHECK_CONTAINS(err.text, "3 of 203 rows are wrong, 2 are allowed (--max-rejected): "
                             "f.csv:202: high 2 is below low 3");
    with.max_rejected = 3;
    CU_ASSERT_EQUAL_FATAL(run(&with, "f.csv", NULL), 0);
    CU_ASSERT_EQUAL(import.series[0].bars.n, 200);
    import_free(&import);
    with.max_rejected = 0;
    CU_ASSERT_EQUAL(run(&with, "e.csv", NULL), -1);
}

static void two_instruments_under_one_name_are_refused(void)
{
    const struct import_options with = options();

    file_of_rows("a.csv", 0, 30, 100, "B");
    file_of_rows("g.csv", 0, 30, 7, "B");
    CU_ASSERT_EQUAL(run(&with, "a.csv", "g.csv"), -1);
    CHECK_CONTAINS(err.text, "BTC: 30 rows differ from another row of the same time");
    CHECK_CONTAINS(err.text, "are these files of several instruments?");
    file_of_rows("h.csv", 30, 60, 7, "ETH");
    CU_ASSERT_EQUAL(run(&with, "a.csv", "h.csv"), -1);
    CHECK_CONTAINS(err.text, "BTC would hold the symbols 'B' and 'ETH'");
}

static void the_pattern_names_each_instrument(void)
{
    struct import_options with = options();

    file_of_rows("ETHUSDT-1h.csv", 0, 30, 100, "ETH/USDT");
    file_of_rows("BTCUSDT-1h.csv", 0, 40, 7, "BTC/USDT");
    with.instrument = "{name}-PERP";
    CU_ASSERT_EQUAL_FATAL(run(&with, "ETHUSDT-1h.csv", "BTCUSDT-1h.csv"), 0);
    CU_ASSERT_EQUAL_FATAL(import.n_series, 2);
    CU_ASSERT_STRING_EQUAL(import.series[0].instrument, "BTCUSDT-PERP");
    CU_ASSERT_EQUAL(import.series[0].bars.n, 40);
    CU_ASSERT_EQUAL(import.series[0].n_files, 1);
    CU_ASSERT_STRING_EQUAL(import.series[1].instrument, "ETHUSDT-PERP");
    import_free(&import);
    with.instrument = "{symbol}";
    with.symbol = "BTC*";
    CU_ASSERT_EQUAL_FATAL(run(&with, "ETHUSDT-1h.csv", "BTCUSDT-1h.csv"), 0);
    CU_ASSERT_EQUAL_FATAL(import.n_series, 1);
    CU_ASSERT_STRING_EQUAL(import.series[0].instrument, "BTC_USDT");
    import_free(&import);
    with.symbol = "XRP*";
    CU_ASSERT_EQUAL(run(&with, "ETHUSDT-1h.csv", NULL), -1);
    CHECK_CONTAINS(err.text, "no bars");
}

static const char *name_of(const char *pattern, const char *member, const char *symbol)
{
    static char out[HISTORY_NAME_MAX];

    return gather_name(pattern, member, symbol, out, &err) == 0 ? out : err.text;
}

static void a_pattern_takes_name_stem_and_symbol(void)
{
    CU_ASSERT_STRING_EQUAL(name_of("{name}", "ADA_USDT-15m.feather", ""), "ADA");
    CU_ASSERT_STRING_EQUAL(name_of("{stem}", "XBTUSD_60.csv", ""), "XBTUSD_60");
    CU_ASSERT_STRING_EQUAL(name_of("{symbol}.S", "x", "okx-BTC/USDT-spot"),
                           "okx-BTC_USDT-spot.S");
    CHECK_CONTAINS(name_of("{symbol}", "x", ""), "names no symbol");
    CHECK_CONTAINS(name_of("{nam}", "x", ""), "is not a name of letters");
    CHECK_CONTAINS(name_of("a b", "x", ""), "is not a name of letters");
    CHECK_CONTAINS(name_of("{name}", ".csv", ""), "gives no instrument's name");
}

static void symbols_may_change_their_spelling(void)
{
    const struct import_options with = options();

    file_of_rows("a.csv", 0, 30, 100, "BTC/USDT");
    file_of_rows("b.csv", 30, 60, 100, "BTCUSDT");
    CU_ASSERT_EQUAL_FATAL(run(&with, "a.csv", "b.csv"), 0);
    CU_ASSERT_EQUAL(import.series[0].bars.n, 60);
    import_free(&import);
}

static void a_long_gap_makes_a_second_instrument(void)
{
    struct import_options with = options();
    FILE *file = create("i.csv");

    fputs(CSV, file);
    rows(file, 0, 50, 100, "B");
    rows(file, 60, 90, 100, "B");
    rows(file, 500, 520, 7, "B");
    fclose(file);
    with.split_gap_ns = 7 * CLOCK_DAY;
    CU_ASSERT_EQUAL_FATAL(run(&with, "i.csv", NULL), 0);
    CU_ASSERT_EQUAL_FATAL(import.n_series, 2);
    CU_ASSERT_STRING_EQUAL(import.series[0].instrument, "BTC");
    CU_ASSERT_EQUAL(import.series[0].bars.n, 80);
    CU_ASSERT_EQUAL(count(QUALITY_GAP), 1);
    CU_ASSERT_STRING_EQUAL(import.series[1].instrument, "BTC.2");
    CU_ASSERT_EQUAL(import.series[1].bars.n, 20);
    import_free(&import);
}

static void a_span_cuts_by_the_start_of_the_bar(void)
{
    struct import_options with = options();

    file_of_rows("a.csv", 0, 30, 100, "B");
    with.from_ns = INT64_C(1706745600) * CLOCK_SECOND + 10 * CLOCK_HOUR;
    with.to_ns = with.from_ns + 5 * CLOCK_HOUR;
    CU_ASSERT_EQUAL_FATAL(run(&with, "a.csv", NULL), 0);
    CU_ASSERT_EQUAL(import.series[0].bars.n, 5);
    CU_ASSERT_EQUAL(import.series[0].bars.time[0], with.from_ns);
    CU_ASSERT_EQUAL(import.series[0].n_outside_span, 25);
    import_free(&import);
}

static void bars_stamped_at_their_end_are_shifted_to_their_start(void)
{
    const struct import_options with = options();
    FILE *file = create("2018-1-1.json");
    char text[CLOCK_TEXT_MAX];

    fputs("[", file);
    for (int m = 1; m < 5; m++)
        fprintf(file,
                "%s{\"timestamp\":\"2018-01-01T00:0%d:00.000Z\",\"open\":9,\"high\":6,"
                "\"low\":4,\"close\":5,\"volume\":1,\"turnover\":1,\"vwap\":1}",
                m > 1 ? "," : "", m);
    fputs("]", file);
    fclose(file);
    CU_ASSERT_EQUAL_FATAL(run(&with, "2018-1-1.json", NULL), 0);
    CU_ASSERT_EQUAL(import.series[0].bars.interval_ns, CLOCK_MINUTE);
    CU_ASSERT_STRING_EQUAL(clock_moment_text(import.series[0].bars.time[0], text),
                           "2018-01-01T00:00:00Z");
    CU_ASSERT_EQUAL(count(QUALITY_OUTSIDE), 4);
    import_free(&import);
}

static void an_interval_that_is_not_the_files_is_refused(void)
{
    struct import_options with = options();

    file_of_rows("a.csv", 0, 30, 100, "B");
    with.interval_ns = CLOCK_MINUTE;
    CU_ASSERT_EQUAL(run(&with, "a.csv", NULL), -1);
    CHECK_CONTAINS(err.text, "the interval is not 1m: most bars are 1h apart");
    with.interval_ns = CLOCK_DAY;
    CU_ASSERT_EQUAL(run(&with, "a.csv", NULL), -1);
    with.interval_ns = CLOCK_HOUR;
    CU_ASSERT_EQUAL(run(&with, "a.csv", NULL), 0);
    import_free(&import);
    with.interval_ns = 0;
    file_of_rows("one.csv", 0, 1, 100, "B");
    CU_ASSERT_EQUAL(run(&with, "one.csv", NULL), -1);
    CHECK_CONTAINS(err.text, "give --interval");
    with.interval_ns = CLOCK_HOUR;
    CU_ASSERT_EQUAL(run(&with, "one.csv", NULL), 0);
    import_free(&import);
}

/* gocryptotrader's own test file: its high repeats the close. */
static void a_high_that_repeats_the_close_is_refused_unless_asked_for(void)
{
    struct import_options with = options();
    FILE *file = create("gct.csv");

    for (int d = 0; d < 60; d++)
        fprintf(file, "%d,9,100,%d,98,%d\n", 1546300800 + 86400 * d, d % 2 ? 99 : 101,
                d % 2 ? 99 : 101);
    fclose(file);
    with.format = "gocryptotrader";
    CU_ASSERT_EQUAL(run(&with, "gct.csv", NULL), -1);
    CHECK_CONTAINS(err.text, "30 of 60 rows are wrong");
    CHECK_CONTAINS(err.text, "high equals close in every other row");
    with.marks = ROWS_FREE;
    CU_ASSERT_EQUAL_FATAL(run(&with, "gct.csv", NULL), 0);
    CU_ASSERT_EQUAL(import.series[0].bars.n, 60);
    CU_ASSERT_EQUAL(count(QUALITY_OUTSIDE), 30);
    import_free(&import);
}

static void the_report_says_format_reason_and_findings(void)
{
    const struct import_options with = options();
    char *text = NULL;
    size_t n;

    with_wrong_rows("e.csv", 2);
    CU_ASSERT_EQUAL_FATAL(run(&with, "e.csv", NULL), 0);
    FILE *out = open_memstream(&text, &n);

    import_print_series(&import.series[0], out);
    import_print_rejected(&import.rejected[0], out);
    fclose(out);
    CHECK_CONTAINS(text, "BTC 1h: 200 bars, 2024-02-01T00:00:00Z to ");
    CHECK_CONTAINS(text, "e.csv: 202 rows, 200 kept, 2 rejected; csv (the header has "
                         "its columns), time in s\n    sha256 ");
    CHECK_CONTAINS(text, "no findings");
    CHECK_CONTAINS(text, "e.csv:202: high 2 is below low 3");
    free(text);
    import_free(&import);
}

static int make_directory(void)
{
    return mkdtemp(directory) == NULL;
}

static int remove_directory(void)
{
    char command[100];

    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"files_are_joined_in_time_whatever_their_order",
         files_are_joined_in_time_whatever_their_order},
        {"the_same_file_twice_is_all_duplicates",
         the_same_file_twice_is_all_duplicates},
        {"inside_a_file_the_first_of_two_rows_is_kept",
         inside_a_file_the_first_of_two_rows_is_kept},
        {"a_file_that_runs_backwards_is_in_order",
         a_file_that_runs_backwards_is_in_order},
        {"one_wrong_row_of_a_hundred_is_allowed",
         one_wrong_row_of_a_hundred_is_allowed},
        {"two_instruments_under_one_name_are_refused",
         two_instruments_under_one_name_are_refused},
        {"the_pattern_names_each_instrument", the_pattern_names_each_instrument},
        {"a_pattern_takes_name_stem_and_symbol", a_pattern_takes_name_stem_and_symbol},
        {"symbols_may_change_their_spelling", symbols_may_change_their_spelling},
        {"a_long_gap_makes_a_second_instrument", a_long_gap_makes_a_second_instrument},
        {"a_span_cuts_by_the_start_of_the_bar", a_span_cuts_by_the_start_of_the_bar},
        {"bars_stamped_at_their_end_are_shifted_to_their_start",
         bars_stamped_at_their_end_are_shifted_to_their_start},
        {"an_interval_that_is_not_the_files_is_refused",
         an_interval_that_is_not_the_files_is_refused},
        {"a_high_that_repeats_the_close_is_refused_unless_asked_for",
         a_high_that_repeats_the_close_is_refused_unless_asked_for},
        {"the_report_says_format_reason_and_findings",
         the_report_says_format_reason_and_findings},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"import", make_directory, remove_directory, NULL, NULL, tests},
        CU_SUITE_INFO_NULL};

    return check_run(suites);
}
