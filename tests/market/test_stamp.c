#include "core/clock.h"
#include "market/stamp.h"
#include "tests/check.h"

static const struct stamp_rule any = {.units = STAMP_ANY, .zone = STAMP_UTC};

/* The moment as text, or the error. */
static const char *read(const char *text, struct stamp_rule rule)
{
    static char out[CLOCK_TEXT_MAX];
    static struct err err;
    int64_t moment;
    unsigned unit;

    if (stamp_from_text(text, strlen(text), rule, &moment, &unit, &err) != 0)
        return err.text;
    return clock_moment_text(moment, out);
}

static void the_size_of_a_count_tells_its_unit(void)
{
    CU_ASSERT_STRING_EQUAL(read("1502942400", any), "2017-08-17T04:00:00Z");
    CU_ASSERT_STRING_EQUAL(read("1502942400.0", any), "2017-08-17T04:00:00Z");
    CU_ASSERT_STRING_EQUAL(read("1502942400000", any), "2017-08-17T04:00:00Z");
    CU_ASSERT_STRING_EQUAL(read("1502942400000000", any), "2017-08-17T04:00:00Z");
    CU_ASSERT_STRING_EQUAL(read("1502942400000000000", any), "2017-08-17T04:00:00Z");
    CU_ASSERT_STRING_EQUAL(read("1518168495787", any), "2018-02-09T09:28:15.787Z");
    CU_ASSERT_STRING_EQUAL(read("1518168495.787", any), "2018-02-09T09:28:15.787Z");
}

static void text_may_be_iso_or_a_twelve_hour_clock(void)
{
    CU_ASSERT_STRING_EQUAL(read("2025-09-22 00:00:00+00:00", any),
                           "2025-09-22T00:00:00Z");
    CU_ASSERT_STRING_EQUAL(read("2021-03-24 01:00:00 UTC", any),
                           "2021-03-24T01:00:00Z");
    CU_ASSERT_STRING_EQUAL(read("2019-10-17 12-AM", any), "2019-10-17T00:00:00Z");
    CU_ASSERT_STRING_EQUAL(read("2019-10-17 09-AM", any), "2019-10-17T09:00:00Z");
    CU_ASSERT_STRING_EQUAL(read("2019-10-17 12-PM", any), "2019-10-17T12:00:00Z");
    CU_ASSERT_STRING_EQUAL(read("2019-10-17 11-PM", any), "2019-10-17T23:00:00Z");
    CHECK_CONTAINS(read("2019-10-17 13-PM", any), "is not a moment");
    CHECK_CONTAINS(read("2019-02-29", any), "is not a moment");
}

static void london_is_an_hour_ahead_in_summer(void)
{
    const struct stamp_rule london = {.units = STAMP_TEXT, .zone = STAMP_LONDON};

    CU_ASSERT_STRING_EQUAL(read("2023-01-01 08:00:00", london), "2023-01-01T08:00:00Z");
    CU_ASSERT_STRING_EQUAL(read("2023-07-01 09:00:00", london), "2023-07-01T08:00:00Z");
    CU_ASSERT_STRING_EQUAL(read("2023-03-26 00:00:00", london), "2023-03-26T00:00:00Z");
    CU_ASSERT_STRING_EQUAL(read("2023-03-26 02:00:00", london), "2023-03-26T01:00:00Z");
    CU_ASSERT_STRING_EQUAL(read("2023-10-29 02:00:00", london), "2023-10-29T02:00:00Z");
    CHECK_CONTAINS(read("2023-03-26 01:30:00", london), "London's clocks skipped");
}

static void an_hour_that_london_shows_twice_is_the_first(void)
{
    const struct stamp_rule london = {.units = STAMP_TEXT, .zone = STAMP_LONDON};

    CU_ASSERT_STRING_EQUAL(read("2023-10-29 01:00:00", london), "2023-10-29T00:00:00Z");
}

static void what_the_rule_does_not_have_is_refused(void)
{
    CHECK_CONTAINS(read("1502942400", (struct stamp_rule){.units = STAMP_MS}),
                   "is in s, but this format has ms");
    CHECK_CONTAINS(read("2020-01-01", (struct stamp_rule){.units = STAMP_MS}),
                   "is not a count since 1970");
}

static void implausible_times_are_refused(void)
{
    CHECK_CONTAINS(read("0", any), "is not between 1990 and 2099");
    CHECK_CONTAINS(read("12345", any), "is not between 1990 and 2099");
    CHECK_CONTAINS(read("9223372036854775807", any), "is not between 1990 and 2099");
    CHECK_CONTAINS(read("99999999999999999999", any), "too large");
    CHECK_CONTAINS(read("1970-01-01", any), "is not between 1990 and 2099");
    CHECK_CONTAINS(read("2200-01-01", any), "is not between 1990 and 2099");
    CHECK_CONTAINS(read("1502942400.x", any), "is not a number");
    CHECK_CONTAINS(read("nan", any), "is not a moment");
    CHECK_CONTAINS(read("-1502942400", any), "is not a moment");
}

int main(void)
{
    CU_TestInfo stamp[] = {
        {"the_size_of_a_count_tells_its_unit", the_size_of_a_count_tells_its_unit},
        {"text_may_be_iso_or_a_twelve_hour_clock",
         text_may_be_iso_or_a_twelve_hour_clock},
        {"london_is_an_hour_ahead_in_summer", london_is_an_hour_ahead_in_summer},
        {"an_hour_that_london_shows_twice_is_the_first",
         an_hour_that_london_shows_twice_is_the_first},
        {"what_the_rule_does_not_have_is_refused",
         what_the_rule_does_not_have_is_refused},
        {"implausible_times_are_refused", implausible_times_are_refused},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"stamp", NULL, NULL, NULL, NULL, stamp},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
