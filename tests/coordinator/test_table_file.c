/* Plain tables as other programs write them, and what is refused of them. */
#include "coordinator/table_file.h"
#include "core/clock.h"
#include "tests/check.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/plimsoll-table-XXXXXX";
static struct table_file table;
static struct table_span span = TABLE_SPAN_ALL;
static struct err err;

static void put(const char *bytes, size_t n)
{
    FILE *file = fopen(path, "w");

    CU_ASSERT_FATAL(file != NULL && fwrite(bytes, 1, n, file) == n);
    CU_ASSERT_FATAL(fclose(file) == 0);
}

static int read_columns(const char *text, const char *a, const char *b)
{
    const char *const names[] = {a, b};

    table_file_free(&table);
    err = (struct err){0};
    put(text, strlen(text));
    const struct table_ask ask = {b == NULL ? 1 : 2, names, span};

    return table_file_read(path, &ask, &table, &err);
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* The column `name` of the text is these values. */
static bool reads(const char *text, const char *name, size_t n, const double want[])
{
    if (read_columns(text, name, NULL) != 0 || table.n != n) {
        fprintf(stderr, "\n%s: %zu rows, '%s'", text, table.n, err.text);
        return false;
    }
    for (size_t t = 0; t < n; t++)
        if (!same(table.column[0][t], want[t]))
            return false;
    return true;
}

static bool refuses(const char *text, const char *name, const char *why)
{
    if (read_columns(text, name, NULL) == 0 || strstr(err.text, why) == NULL ||
        strstr(err.text, path) == NULL || err.kind != ERR_INPUT) {
        fprintf(stderr, "\n'%s' is not told of '%s'", why, err.text);
        return false;
    }
    return true;
}

static const double usual[] = {0.5, -1.25, 3e-4};

static void any_separator_will_do(void)
{
    CU_ASSERT(reads("t,r\n1,0.5\n2,-1.25\n3,3e-4\n", "r", 3, usual));
    CU_ASSERT(reads("t;r\n1;0.5\n2;-1.25\n3;3e-4\n", "r", 3, usual));
    CU_ASSERT(reads("t\tr\n1\t0.5\n2\t-1.25\n3\t3e-4\n", "r", 3, usual));
    CU_ASSERT(reads("t  r\n1  0.5\n2 -1.25\n 3    3e-4 \n", "r", 3, usual));
    CU_ASSERT(
        reads("\"t\" \"r\"\n\"1\" 0.5\n\"2\" -1.25\n\"3\" 3e-4\n", "r", 3, usual));
    CU_ASSERT(reads("t, r\n1, 0.5\n2, -1.25\n3, 3e-4\n", "r", 3, usual));
    CU_ASSERT(reads("daily return\n0.5\n-1.25\n3e-4\n", "Daily Return", 3, usual));
}

static void any_line_end_will_do(void)
{
    CU_ASSERT(reads("t,r\r\n1,0.5\r\n2,-1.25\r\n3,3e-4\r\n", "r", 3, usual));
    CU_ASSERT(reads("t,r\r1,0.5\r2,-1.25\r3,3e-4\r", "r", 3, usual));
    CU_ASSERT(reads("t,r\n1,0.5\n2,-1.25\n3,3e-4", "r", 3, usual));
    CU_ASSERT(reads("\xef\xbb\xbft,r\n1,0.5\n2,-1.25\n3,3e-4\n", "t", 3,
                    (double[]){1, 2, 3}));
    CU_ASSERT(reads("# from a terminal\n\nt,r\n1,0.5\n\n# a note\n2,-1.25\n3,3e-4\n\n",
                    "r", 3, usual));
}

/* A date with the separator in it must not shift what comes after it. */
static void quotes_hold_the_separator(void)
{
    CU_ASSERT(reads("date,r\n\"Jan 1, 2020\",0.5\n\"Jan 2, 2020\",-1.25\n"
                    "\"Jan 3, 2020\",3e-4\n",
                    "r", 3, usual));
    CU_ASSERT(reads("\"a;b\",r\n\"1\",\"0.5\"\n\"2\",\"-1.25\"\n\"3\",\"3e-4\"\n", "r",
                    3, usual));
    CU_ASSERT(refuses("date,r\n\"Jan 1, 2020,0.5\n", "r", "line 2: a quote is not"));
    CU_ASSERT(refuses("t,r\n1,\"1,234.5\"\n", "r", "'1,234.5' is not a number"));
}

static void a_column_has_a_name_or_a_number(void)
{
    CU_ASSERT(reads("t,r\n1,0.5\n2,-1.25\n3,3e-4\n", "2", 3, usual));
    CU_ASSERT(reads("1,0.5\n2,-1.25\n3,3e-4\n", "2", 3, usual));
    CU_ASSERT(reads("t,R\n1,0.5\n2,-1.25\n3,3e-4\n", "r", 3, usual));
    CU_ASSERT(refuses("t,r\n1,2\n", "x", "line 1: there is no column 'x' among 2"));
    CU_ASSERT(refuses("t,r\n1,2\n", "3", "line 1: there is no column '3' among 2"));
    CU_ASSERT(refuses("r,t,R\n1,2,3\n", "r", "line 1: two columns are called 'r'"));
    CU_ASSERT(reads("r,t,R\n1,2,3\n", "3", 1, (double[]){3}));
}

static void what_other_programs_write_for_nothing_is_missing(void)
{
    const double want[] = {NAN, 1, NAN, NAN, NAN, NAN, NAN, 2};

    CU_ASSERT(reads("t,r\n1,NA\n2,1\n3,\n4,NaN\n5,nan\n6,-nan\n7,\"N/A\"\n8,2\n", "r",
                    8, want));
    CU_ASSERT(reads("NA\n1\nnull\n2\n", "1", 4, (double[]){NAN, 1, NAN, 2}));
    /* an empty cell in quotes is one, an empty line is none */
    CU_ASSERT(reads("r\n1\n\"\"\n\n2\n", "r", 3, (double[]){1, NAN, 2}));
    CU_ASSERT(refuses("r\n1\ninf\n", "r", "line 3: column 'r': 'inf' is not a number"));
    CU_ASSERT(
        refuses("r\n1\n1.5%\n", "r", "line 3: column 'r': '1.5%' is not a number"));
    CU_ASSERT(refuses("r\n1\n0x10\n", "r", "'0x10' is not a number"));
    CU_ASSERT(refuses("a;r\n1;0,5\n", "r", "'0,5' is not a number: a decimal point"));
}

static void a_line_that_is_shifted_is_refused(void)
{
    CU_ASSERT(
        refuses("t,r\n1,0.5\n2\n", "t", "line 3 has 1 cells where the first has 2"));
    CU_ASSERT(
        refuses("t,r\n1,0.5,7\n", "r", "line 2 has 3 cells where the first has 2"));
    CU_ASSERT(reads("t,r\n1,0.5,\n2,-1.25,,\n3,3e-4\n", "r", 3, usual));
}

static void what_is_no_table_is_refused(void)
{
    static const char wide[] = "\xff\xfe"
                               "r\0\n\0"
                               "1\0\n\0";
    const char *const name[] = {"r"};

    put(wide, sizeof wide - 1);
    const struct table_ask ask = {1, name, span};

    CU_ASSERT(table_file_read(path, &ask, &table, &err) != 0);
    CHECK_CONTAINS(err.text, "UTF-16");
    CU_ASSERT(refuses("", "r", ""));
    CU_ASSERT(refuses("r\n", "r", "holds no row of numbers"));
}

/* The column r of the text within [from, to) is these values; from 0 is 1990. */
static bool reads_span(const char *text, const char *from, const char *to, size_t n,
                       const double want[])
{
    span = (struct table_span)TABLE_SPAN_ALL;
    if (clock_parse_moment(from, strlen(from), &span.from_ns, NULL) != 0 ||
        clock_parse_moment(to, strlen(to), &span.to_ns, NULL) != 0)
        return false;
    const bool good = reads(text, "r", n, want);
    span = (struct table_span)TABLE_SPAN_ALL;
    return good;
}

static void rows_of_a_span_are_taken(void)
{
    static const char iso[] = "time,r\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n";
    static const char s[] = "r,Date\n1,1704067200\n2,1704153600\n3,1704240000\n";
    static const char ms[] =
        "r;Timestamp\n1;1704067200000\n2;1704153600000\n3;1704240000000\n";
    const double two[] = {2}, all[] = {1, 2, 3};

    CU_ASSERT(reads_span(iso, "2024-01-02", "2024-01-03", 1, two));
    CU_ASSERT(table.time != NULL &&
              table.time[0] == INT64_C(1704153600) * CLOCK_SECOND);
    CU_ASSERT(reads_span(s, "2024-01-01T00:00:01Z", "2024-01-02T00:00:01Z", 1, two));
    CU_ASSERT(reads_span(ms, "2024-01-02", "2024-01-02T01:00:00Z", 1, two));
    CU_ASSERT(reads_span(ms, "2020-01-02", "2030-01-02", 3, all));
    CU_ASSERT(!reads_span(iso, "2030-01-01", "2031-01-01", 1, two));
    CHECK_CONTAINS(err.text,
                   "no row stands between --from and --to; its times run from "
                   "2024-01-01T00:00:00Z to 2024-01-03T00:00:00Z");
    CU_ASSERT(!reads_span("t,r\n1,2\n", "2024-01-01", "2024-01-02", 1, two));
    CHECK_CONTAINS(err.text, "--from and --to need a column of times");
    CU_ASSERT_EQUAL(err.kind, ERR_USAGE);
    CU_ASSERT(!reads_span("time,r\n1,2\n", "2024-01-01", "2024-01-02", 1, two));
    CHECK_CONTAINS(err.text, "line 2: column 'time': time 1 is not between 1990");
}

static void rows_that_are_not_oldest_first_are_refused(void)
{
    CU_ASSERT(refuses("time,r\n2024-01-02,1\n2024-01-01,2\n", "r",
                      "line 3: column 'time': 2024-01-01T00:00:00Z is not after "
                      "2024-01-02T00:00:00Z of the row before"));
    CU_ASSERT(refuses("date,r\n2024-01-01,1\n2024-01-01,2\n", "r",
                      "line 3: column 'date': 2024-01-01T00:00:00Z is not after"));
    CU_ASSERT(refuses("date,r\n2024-01-01,1\n,2\n", "r", "line 3: column 'date': ''"));
    span.time = "none";
    CU_ASSERT(reads("time,r\n2024-01-02,1\n2024-01-01,2\n", "r", 2, (double[]){1, 2}));
    CU_ASSERT(table.time == NULL);
    span.time = "when";
    CU_ASSERT(refuses("time,r\n1,2\n", "r",
                      "--time: line 1: there is no column 'when' among 2: time, r"));
    CU_ASSERT(refuses("when,r\n7,2\n", "r", "line 2: column 'when': time 7 is not"));
    span.time = NULL;
    /* a column that is called time and counts bars is none */
    CU_ASSERT(reads("time,r\n1,2\n0,3\n", "r", 2, (double[]){2, 3}));
    CU_ASSERT(table.time == NULL);
}

static void a_header_is_told(void)
{
    struct table_header header;
    static const char text[] = "# c\n\"Day, UTC\",loss,VaR\n1,2,3\n";

    put(text, sizeof text - 1);
    CU_ASSERT_FATAL(table_file_header(path, &header, &err) == 0);
    CU_ASSERT_EQUAL(header.n_cells, 3);
    CU_ASSERT_STRING_EQUAL(header.name[0], "Day, UTC");
    CU_ASSERT_STRING_EQUAL(header.names, "Day, UTC, loss, VaR");
    CU_ASSERT(table_header_has(&header, "var") && !table_header_has(&header, "es"));
    put("\n", 1);
    CU_ASSERT(table_file_header(path, &header, &err) != 0);
    CHECK_CONTAINS(err.text, "holds no row of numbers");
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"any_separator_will_do", any_separator_will_do},
        {"any_line_end_will_do", any_line_end_will_do},
        {"quotes_hold_the_separator", quotes_hold_the_separator},
        {"a_column_has_a_name_or_a_number", a_column_has_a_name_or_a_number},
        {"what_other_programs_write_for_nothing_is_missing",
         what_other_programs_write_for_nothing_is_missing},
        {"a_line_that_is_shifted_is_refused", a_line_that_is_shifted_is_refused},
        {"what_is_no_table_is_refused", what_is_no_table_is_refused},
        {"rows_of_a_span_are_taken", rows_of_a_span_are_taken},
        {"rows_that_are_not_oldest_first_are_refused",
         rows_that_are_not_oldest_first_are_refused},
        {"a_header_is_told", a_header_is_told},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"table_file", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    const int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0)
        return 2;
    const int failed = check_run(suites);
    table_file_free(&table);
    unlink(path);
    return failed;
}
