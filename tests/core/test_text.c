#include "core/text.h"
#include "tests/check.h"

#include <stdlib.h>

static int real(const char *text, double *value)
{
    return text_to_real(text, strlen(text), value, NULL);
}

static void a_real_is_the_whole_text_or_nothing(void)
{
    static const char *const bad[] = {
        "",      " 1",    "1 ",    "0.9x", "1e",           "1e+", ".",
        "+",     "nan",   "NaN",   "inf",  "0x10",         "1,5", "--1",
        "1e999", "1_000", "1.2.3", "1d5",  "\xef\xbc\x91", "-",
    };
    double value = 13.0;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT(real(bad[i], &value) == -1 && value == 13.0);
    CU_ASSERT(real("-0.5", &value) == 0 && value == -0.5);
    CU_ASSERT(real("1e-3", &value) == 0 && value == 1e-3);
    CU_ASSERT(real(".25", &value) == 0 && value == 0.25);
    CU_ASSERT(real("7.", &value) == 0 && value == 7.0);
    CU_ASSERT(text_to_real("1.5garbage", 3, &value, NULL) == 0 && value == 1.5);
}

static void a_bad_number_is_quoted(void)
{
    struct err err = {0};
    double value;

    CU_ASSERT(text_to_real("0.9x", 4, &value, &err) == -1);
    CU_ASSERT_STRING_EQUAL(err.text, "'0.9x' is not a number");
    CU_ASSERT(text_to_real("1e999", 5, &value, &err) == -1);
    CU_ASSERT_STRING_EQUAL(err.text, "'1e999' is too large for a number");
    CU_ASSERT(err.kind == ERR_INPUT);
}

static void an_integer_stays_in_its_bounds(void)
{
    struct err err = {0};
    int64_t value = 13;

    CU_ASSERT(text_to_integer("-7", 2, -7, 7, &value, &err) == 0 && value == -7);
    CU_ASSERT(text_to_integer("8", 1, -7, 7, &value, &err) == -1);
    CU_ASSERT_STRING_EQUAL(err.text, "8 is not between -7 and 7");
    CU_ASSERT(text_to_integer("1.0", 3, 0, 9, &value, &err) == -1);
    CU_ASSERT_STRING_EQUAL(err.text, "'1.0' is not a whole number");
    CU_ASSERT(text_to_integer("9223372036854775808", 19, 0, INT64_MAX, &value, &err) ==
              -1);
    CU_ASSERT(text_to_integer("-9223372036854775808", 20, INT64_MIN, 0, &value, &err) ==
              0);
    CU_ASSERT(value == INT64_MIN);
    CU_ASSERT(text_to_integer("", 0, 0, 9, &value, &err) == -1);
    CU_ASSERT(text_to_integer("+", 1, 0, 9, &value, &err) == -1);
}

static void a_real_written_is_the_shortest_that_reads_back(void)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {{0.1, "0.1"},
                {0.97, "0.97"},
                {3, "3"},
                {1e300, "1e+300"},
                {1.0 / 3.0, "0.3333333333333333"},
                {-2.5e-7, "-2.5e-07"},
                {0.1 + 0.2, "0.30000000000000004"}};
    char text[TEXT_REAL_MAX];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CU_ASSERT_STRING_EQUAL(text_from_real(rows[i].value, text), rows[i].text);
    srand48(747);
    for (int i = 0; i < 20000; i++) {
        const double value = (drand48() - 0.5) * exp(600.0 * (drand48() - 0.5));

        CU_ASSERT(strtod(text_from_real(value, text), NULL) == value);
    }
}

static void a_pattern_takes_whole_names(void)
{
    CU_ASSERT(text_matches("all", "BTC-PERP") && text_matches("BTC-*", "BTC-PERP"));
    CU_ASSERT(text_matches("?TH-PERP", "ETH-PERP"));
    CU_ASSERT(!text_matches("BTC", "BTC-PERP") && !text_matches("btc-*", "BTC-PERP"));
}

static void check_shown(const char *text, const char *want)
{
    char out[64];

    CU_ASSERT_EQUAL(text_show(text, out, sizeof out), strlen(want));
    CU_ASSERT_STRING_EQUAL(out, want);
}

static void what_a_terminal_would_obey_or_not_know_is_shown_as_bytes(void)
{
    check_shown("", "");
    check_shown("r\xc3\xa9turns \xe2\x82\xbf \xf0\x9f\x9a\xa2",
                "r\xc3\xa9turns \xe2\x82\xbf \xf0\x9f\x9a\xa2");
    check_shown("a\nb\tc\r\x1b[31m\x7f", "a\\x0ab\\x09c\\x0d\\x1b[31m\\x7f");
    check_shown("\xff\xfe", "\\xff\\xfe");
    check_shown("\xc0\x80", "\\xc0\\x80");          /* over-long        */
    check_shown("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* a surrogate      */
    check_shown("\xc2\x9b"
                "31m",
                "\\xc2\\x9b31m");          /* a terminal's ESC [ */
    check_shown("\xe2\x82", "\\xe2\\x82"); /* cut off          */
}

static void what_does_not_fit_is_cut_between_characters(void)
{
    char out[8];

    CU_ASSERT_EQUAL(text_show("12345\xe2\x82\xac", out, sizeof out), 5);
    CU_ASSERT_STRING_EQUAL(out, "12345");
    CU_ASSERT_EQUAL(text_show("1234\x01", out, sizeof out), 4);
    CU_ASSERT_EQUAL(text_show("123\x01", out, sizeof out), 7);
    CU_ASSERT_STRING_EQUAL(out, "123\\x01");
}

static void an_error_and_its_context_are_one_line(void)
{
    struct err err = {0};

    err_set(&err, ERR_INPUT, "'%s' is not a number", "\x1b[2J\xfe");
    err_add(&err, "%s: line %d", "a\nb.csv", 3);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "a\\x0ab.csv: line 3: '\\x1b[2J\\xfe' is not a number");
}

int main(void)
{
    CU_TestInfo text[] = {
        {"a_real_is_the_whole_text_or_nothing", a_real_is_the_whole_text_or_nothing},
        {"a_bad_number_is_quoted", a_bad_number_is_quoted},
        {"an_integer_stays_in_its_bounds", an_integer_stays_in_its_bounds},
        {"a_real_written_is_the_shortest_that_reads_back",
         a_real_written_is_the_shortest_that_reads_back},
        {"a_pattern_takes_whole_names", a_pattern_takes_whole_names},
        {"what_a_terminal_would_obey_or_not_know_is_shown_as_bytes",
         what_a_terminal_would_obey_or_not_know_is_shown_as_bytes},
        {"what_does_not_fit_is_cut_between_characters",
         what_does_not_fit_is_cut_between_characters},
        {"an_error_and_its_context_are_one_line",
         an_error_and_its_context_are_one_line},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"text", NULL, NULL, NULL, NULL, text},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
