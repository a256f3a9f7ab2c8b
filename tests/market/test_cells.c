#include "market/date.h"
#include "market/number.h"
#include "tests/check.h"

/* The number, or NAN with the error in `said`. */
static char said[ERR_TEXT_MAX];

static double number(const char *text, enum number_style style)
{
    struct err err = {0};
    double value = 0.0;

    if (number_from_text(text, strlen(text), style, &value, &err) != 0)
        value = -1.0;
    snprintf(said, sizeof said, "%s", err.text);
    return value;
}

static void a_comma_that_can_part_nothing_but_thousands_is_read(void)
{
    CU_ASSERT(number("16541.77", NUMBER_PLAIN) == 16541.77);
    CU_ASSERT(number("16,541.77", NUMBER_PLAIN) == 16541.77);
    CU_ASSERT(number("1,234,567.5", NUMBER_PLAIN) == 1234567.5);
    CU_ASSERT(number("-1,234.5", NUMBER_PLAIN) == -1234.5);
}

static void a_comma_that_may_part_either_is_refused(void)
{
    CU_ASSERT(number("16,541", NUMBER_PLAIN) == -1.0);
    CHECK_CONTAINS(said, "'16,541' has a comma: say what it is with --decimal point or "
                         "comma");
    CU_ASSERT(number("16541,77", NUMBER_PLAIN) == -1.0);
    CU_ASSERT(number("1.234,5", NUMBER_PLAIN) == -1.0);
    CU_ASSERT(number("16,541", NUMBER_POINT) == 16541.0);
    CU_ASSERT(number("16,541", NUMBER_COMMA) == 16.541);
    CU_ASSERT(number("16.541", NUMBER_COMMA) == 16541.0);
    CU_ASSERT(number("1.234.567,5", NUMBER_COMMA) == 1234567.5);
    CU_ASSERT(number("42000", NUMBER_COMMA) == 42000.0);
}

static void groups_that_are_not_of_three_digits_are_refused(void)
{
    static const char *const wrong[] = {"1,23.5",     "1234,567.5", ",123.5",
                                        "1,234,56.5", "1,2345.5",   "1,,234.5"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CU_ASSERT(number(wrong[i], NUMBER_POINT) == -1.0);
    CHECK_CONTAINS(said, "is not a number with a decimal point");
    CU_ASSERT(number("0.5", NUMBER_COMMA) == -1.0);
    CHECK_CONTAINS(said, "'0.5' is not a number with a decimal comma");
}

static void amounts_may_end_in_a_letter(void)
{
    double value;

    CU_ASSERT_EQUAL(number_from_amount("62.33K", 6, NUMBER_PLAIN, &value, NULL), 0);
    CU_ASSERT(value == 62330.0);
    CU_ASSERT_EQUAL(number_from_amount("1,5M", 4, NUMBER_COMMA, &value, NULL), 0);
    CU_ASSERT(value == 1.5e6);
    CU_ASSERT_EQUAL(number_from_amount("2b", 2, NUMBER_PLAIN, &value, NULL), 0);
    CU_ASSERT(value == 2e9);
    CU_ASSERT_EQUAL(number_from_amount("K", 1, NUMBER_PLAIN, &value, NULL), -1);
}

static void words_for_nothing_are_known(void)
{
    CU_ASSERT(number_is_absent("", 0) && number_is_absent("NaN", 3));
    CU_ASSERT(number_is_absent("None", 4) && number_is_absent("-", 1));
    CU_ASSERT(!number_is_absent("0", 1) && !number_is_absent("nano", 4));
}

static const char *iso(const char *text, enum date_order order)
{
    static char out[DATE_TEXT_MAX];
    static struct err err;

    return date_to_iso(text, strlen(text), order, out, &err) != 0 ? err.text : out;
}

static void dates_that_can_mean_one_day_are_rearranged(void)
{
    static const struct {
        const char *text, *iso;
    } known[] = {
        {"20230103", "2023-01-03"},
        {"20230103T220000", "2023-01-03 22:00:00"},
        {"2023/01/03 04:05", "2023-01-03 04:05"},
        {"03.01.2023 10:00:00.000", "2023-01-03 10:00:00.000"},
        {"Jan 3, 2023", "2023-01-03"},
        {"January 03, 2023 09:05 PM", "2023-01-03 21:05:00"},
        {"3-Jan-2023", "2023-01-03"},
        {"3 January 2023", "2023-01-03"},
        {"2023/01/03 12:00:01 AM", "2023-01-03 00:00:01"},
        {"3 January 2023 9:05", "2023-01-03 09:05"},
        {"2023-01-03T09:05", "2023-01-03T09:05"}, /* what is in no form stays */
        {"20230103 220000", "2023-01-03 220000"}, /* for the parser to refuse */
        {"soon", "soon"},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        CU_ASSERT_STRING_EQUAL(iso(known[i].text, DATE_ORDER_UNKNOWN), known[i].iso);
}

static void day_and_month_are_never_guessed(void)
{
    CHECK_CONTAINS(iso("03/01/2023", DATE_ORDER_UNKNOWN),
                   "'03/01/2023' may begin with the day or the month: say which with "
                   "--dates dmy or mdy");
    CU_ASSERT_STRING_EQUAL(iso("03/01/2023", DATE_DAY_FIRST), "2023-01-03");
    CU_ASSERT_STRING_EQUAL(iso("03/01/2023", DATE_MONTH_FIRST), "2023-03-01");
    CU_ASSERT_STRING_EQUAL(iso("1/3/2023 9:05:07 PM", DATE_MONTH_FIRST),
                           "2023-01-03 21:05:07");
}

int main(void)
{
    CU_TestInfo numbers[] = {
        {"a_comma_that_can_part_nothing_but_thousands_is_read",
         a_comma_that_can_part_nothing_but_thousands_is_read},
        {"a_comma_that_may_part_either_is_refused",
         a_comma_that_may_part_either_is_refused},
        {"groups_that_are_not_of_three_digits_are_refused",
         groups_that_are_not_of_three_digits_are_refused},
        {"amounts_may_end_in_a_letter", amounts_may_end_in_a_letter},
        {"words_for_nothing_are_known", words_for_nothing_are_known},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo dates[] = {
        {"dates_that_can_mean_one_day_are_rearranged",
         dates_that_can_mean_one_day_are_rearranged},
        {"day_and_month_are_never_guessed", day_and_month_are_never_guessed},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"number", NULL, NULL, NULL, NULL, numbers},
                             {"date", NULL, NULL, NULL, NULL, dates},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
