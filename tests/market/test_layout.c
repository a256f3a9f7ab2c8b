#include "core/clock.h"
#include "market/columns.h"
#include "market/read.h"
#include "tests/check.h"

#include <math.h>

enum { N_BARS = 40, TEXT_MAX = 20000 };

/* A market that moves: bar t opens a hair beside the close before it. */
static struct bar bar_at(int t)
{
    const double open = 100.0 + 10.0 * sin(0.7 * t) + 0.001 * t;
    const double close = 100.0 + 10.0 * sin(0.7 * (t + 1)) + 0.001 * t;

    return (struct bar){(1704067200 + INT64_C(3600) * t) * CLOCK_SECOND,
                        open,
                        fmax(open, close) + 0.5,
                        fmin(open, close) - 0.5,
                        close,
                        1.0 + t};
}

/* The bars with their prices in the order of the letters, ms; backwards if asked. */
static const char *arrays(const char *order, bool newest_first)
{
    static char text[TEXT_MAX];
    size_t n = (size_t)snprintf(text, sizeof text, "[");

    for (int i = 0; i < N_BARS; i++) {
        const int t = newest_first ? N_BARS - 1 - i : i;
        const struct bar bar = bar_at(t);

        n += (size_t)snprintf(text + n, sizeof text - n, "%s[%lld", i ? "," : "",
                              (long long)(bar.time / 1000000));
        for (const char *o = order; *o != '\0'; o++)
            n += (size_t)snprintf(text + n, sizeof text - n, ",%.10g",
                                  *o == 'o'   ? bar.open
                                  : *o == 'h' ? bar.high
                                  : *o == 'l' ? bar.low
                                  : *o == 'c' ? bar.close
                                              : bar.volume);
        n += (size_t)snprintf(text + n, sizeof text - n, "]");
    }
    snprintf(text + n, sizeof text - n, "]");
    return text;
}

/* What is said of the text: "" and the rows, or the error. */
static const char *read_text(const char *text, const char *columns, unsigned marks,
                             struct rows *rows)
{
    static struct err err;
    struct columns given;
    struct read_wish wish = {.name = NULL};
    struct read_choice choice;

    err = (struct err){0};
    *rows = (struct rows){.marks = marks};
    if (columns != NULL) {
        CU_ASSERT_EQUAL_FATAL(columns_parse(columns, &given, &err), 0);
        wish = (struct read_wish){NULL, given.format, given.n_formats};
    }
    if (read_rows(text, strlen(text), &wish, rows, &choice, &err) != 0)
        CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    return err.text;
}

static void check_close(const struct rows *rows)
{
    CU_ASSERT_EQUAL_FATAL(rows->n, N_BARS);
    for (size_t i = 0; i < rows->n; i++) {
        const struct bar *bar = &rows->row[i].bar;
        const int64_t t = (bar->time / CLOCK_SECOND - 1704067200) / 3600;
        const struct bar want = bar_at((int)t);

        CU_ASSERT(fabs(bar->open - want.open) < 1e-6); /* %.10g of about 100 */
        CU_ASSERT(fabs(bar->close - want.close) < 1e-6);
    }
}

static void open_and_close_that_were_exchanged_give_themselves_away(void)
{
    struct rows rows;

    for (int backwards = 0; backwards < 2; backwards++) {
        CU_ASSERT_STRING_EQUAL(read_text(arrays("ohlcv", backwards), NULL, 0, &rows),
                               "");
        check_close(&rows);
        rows_free(&rows);
        CHECK_CONTAINS(read_text(arrays("chlov", backwards), NULL, 0, &rows),
                       "open and close look exchanged (say which column is which with "
                       "--columns)");
        rows_free(&rows);
        CU_ASSERT_STRING_EQUAL(read_text(arrays("chlov", backwards),
                                         "time=1,close=2,high=3,low=4,open=5,volume=6",
                                         0, &rows),
                               "");
        check_close(&rows);
        rows_free(&rows);
    }
}

static void columns_that_were_said_wrong_are_refused_too(void)
{
    struct rows rows;

    CHECK_CONTAINS(read_text(arrays("ohlcv", false),
                             "time=1,close=2,high=3,low=4,open=5", 0, &rows),
                   "open and close look exchanged");
    rows_free(&rows);
    CHECK_CONTAINS(read_text(arrays("ohlcv", false),
                             "time=1,open=2,high=4,low=3,close=5", 0, &rows),
                   "its columns are those of columns, but most rows are wrong (element "
                   "0: high");
    rows_free(&rows);
}

/* h l o c v is nobody's order. */
static void an_order_that_nobody_has_points_to_columns(void)
{
    struct rows rows;

    CHECK_CONTAINS(read_text(arrays("hlocv", false), NULL, 0, &rows),
                   "; --columns says which column is which");
    rows_free(&rows);
}

static void columns_are_found_by_name_and_by_number(void)
{
    static const struct {
        const char *columns, *text;
    } good[] = {
        {"time=Day,open=First,high=Max,low=Min,close=Last",
         "Day,Last,Max,Min,First\n2024-01-01,5,6,4,5.5\n"},
        {"time=3,open=2,close=1,high=4,low=5", "5,5.5,1704067200,6,4,x,y\n"},
        {"time=3,open=2,close=1,high=4,low=5", "c;o;t;h;l\n5;5.5;1704067200;6;4\n"},
        {"time=a,open=b,high=c,low=d,close=e",
         "{\"x\":[{\"e\":5,\"d\":4,\"c\":6,\"b\":5.5,\"a\":1704067200}]}"},
        {"time=a,open=b,high=c [$],low=d*,close=e",
         "{\"e\":[5],\"dd\":[9],\"d*\":[4],\"c [$]\":[6],\"b\":[5.5],"
         "\"a\":[1704067200]}"},
    };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct rows rows;

        CU_ASSERT_STRING_EQUAL(read_text(good[i].text, good[i].columns, 0, &rows), "");
        CU_ASSERT_EQUAL_FATAL(rows.n, 1);
        const struct bar *bar = &rows.row[0].bar;

        CU_ASSERT_EQUAL(bar->time, 1704067200 * CLOCK_SECOND);
        CU_ASSERT(bar->open == 5.5 && bar->close == 5.0);
        CU_ASSERT(bar->high == 6.0 && bar->low == 4.0 && bar->volume == 0.0);
        rows_free(&rows);
    }
}

static void a_mapping_that_is_none_is_refused(void)
{
    static const struct {
        const char *columns, *error;
    } wrong[] = {
        {"time=a,open=b,high=c,low=d", "close= is missing"},
        {"open=b,high=c,low=d,close=e", "time= is missing"},
        {"time=a,end=b", "end is said twice"},
        {"time=a,open=", "open= lacks its column's name or number"},
        {"when=a", "'when=a' is not time=, end=, open="},
        {"time=1,open=b,high=3,low=4,close=5",
         "names and numbers of columns are mixed"},
        {"time=1,open=2,high=2,low=4,close=5", "column 2 is named twice"},
        {"time=0", "0 is not between 1 and 64"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct columns columns;
        struct err err = {0};

        CU_ASSERT_EQUAL(columns_parse(wrong[i].columns, &columns, &err), -1);
        CHECK_CONTAINS(err.text, wrong[i].error);
    }
}

static void rows_that_are_no_bars_are_held_against_nobody(void)
{
    struct rows rows;

    CU_ASSERT_STRING_EQUAL(
        read_text("time,open,high,low,close\n2024-01-01,5,6,4,5\n2024-01-02,,,,\n"
                  "2024-01-03,NaN,NaN,NaN,NaN\n2024-01-04,null,null,null,null\n",
                  NULL, 0, &rows),
        "");
    CU_ASSERT(rows.n == 1 && rows.n_rejected == 3 && rows.n_blank == 3);
    CHECK_CONTAINS(rows.rejected[0].reason, "no prices: no bar");
    rows_free(&rows);
    CU_ASSERT_STRING_EQUAL(
        read_text(
            "[[\"1704070800000\",\"5\",\"6\",\"4\",\"5\",\"1\",\"1\",\"1\",\"0\"],"
            "[\"1704067200000\",\"5\",\"6\",\"4\",\"5\",\"1\",\"1\",\"1\",\"1\"]]",
            NULL, 0, &rows),
        "");
    CU_ASSERT(rows.n == 1 && rows.n_blank == 1);
    CHECK_CONTAINS(rows.rejected[0].reason, "the bar was not finished");
    rows_free(&rows);
}

static void bars_in_two_places_of_one_file_are_refused(void)
{
    struct rows rows;

    CHECK_CONTAINS(read_text("{\"BTC\":[[1704067200000,5,6,4,5,1]],"
                             "\"ETH\":[[1704067200000,5,6,4,5,1]]}",
                             NULL, 0, &rows),
                   "the JSON holds bars at 'BTC' and at 'ETH': give each a file");
    rows_free(&rows);
    CHECK_CONTAINS(read_text("{\"code\":\"51001\",\"data\":[]}", NULL, 0, &rows),
                   "the JSON holds no array of bars");
    rows_free(&rows);
}

int main(void)
{
    CU_TestInfo layout[] = {
        {"open_and_close_that_were_exchanged_give_themselves_away",
         open_and_close_that_were_exchanged_give_themselves_away},
        {"columns_that_were_said_wrong_are_refused_too",
         columns_that_were_said_wrong_are_refused_too},
        {"an_order_that_nobody_has_points_to_columns",
         an_order_that_nobody_has_points_to_columns},
        {"columns_are_found_by_name_and_by_number",
         columns_are_found_by_name_and_by_number},
        {"a_mapping_that_is_none_is_refused", a_mapping_that_is_none_is_refused},
        {"rows_that_are_no_bars_are_held_against_nobody",
         rows_that_are_no_bars_are_held_against_nobody},
        {"bars_in_two_places_of_one_file_are_refused",
         bars_in_two_places_of_one_file_are_refused},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"layout", NULL, NULL, NULL, NULL, layout},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
