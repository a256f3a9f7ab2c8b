#include "core/clock.h"
#include "tests/check.h"

#include <time.h>

static int64_t moment(const char *text)
{
    int64_t ns;

    return clock_parse_moment(text, strlen(text), &ns, NULL) == 0 ? ns : -1;
}

static void moments_are_iso_8601_in_utc_unless_they_say_otherwise(void)
{
    const int64_t second = CLOCK_SECOND;

    CU_ASSERT(moment("1970-01-01") == 0);
    CU_ASSERT(moment("2024-02-29T12:30:15Z") == 1709209815 * second);
    CU_ASSERT(moment("2024-02-29 12:30:15.250") == 1709209815 * second + second / 4);
    CU_ASSERT(moment("2024-02-29T14:30:15+02:00") == 1709209815 * second);
    CU_ASSERT(moment("2024-02-29T07:00:15-0530") == 1709209815 * second);
    CU_ASSERT(moment("2024-02-29 12:30 +00:00") == 1709209800 * second);
}

static void what_is_no_moment_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "24-01-01",
        "2024-1-1",
        "yesterday",
        "2024-01-01T24:00",
        "2024-01-01T12:60",
        "2024-01-01x",
        "2024-01-01T",
        "1969-12-31",
        "2300-01-01",
        "2024-01-01T12:00+25:00",
        "1970-01-01T00:00+01:00",
        "2024-01-01T12:00:00.",
    };
    struct err err = {0};
    int64_t ns;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT(moment(bad[i]) == -1);
    CU_ASSERT(clock_parse_moment("soon", 4, &ns, &err) == -1);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "'soon' is not a moment such as 2024-03-01T08:30:00Z");
}

static void every_day_of_three_centuries_is_the_c_library_s(void)
{
    for (int64_t day = 0; day < 106000; day += 13) {
        const time_t seconds = (time_t)(day * 86400);
        struct tm tm;

        gmtime_r(&seconds, &tm);
        CU_ASSERT(clock_days_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) ==
                  day);
    }
}

static void moments_and_durations_are_written_as_they_are_read(void)
{
    char text[CLOCK_TEXT_MAX];
    int64_t ns;

    CU_ASSERT_STRING_EQUAL(clock_moment_text(moment("2024-02-29T12:30:15Z"), text),
                           "2024-02-29T12:30:15Z");
    CU_ASSERT_STRING_EQUAL(clock_moment_text(1 + CLOCK_SECOND / 4, text),
                           "1970-01-01T00:00:00.250000001Z");
    CU_ASSERT_STRING_EQUAL(clock_duration_text(CLOCK_HOUR, text), "1h");
    CU_ASSERT_STRING_EQUAL(clock_duration_text(90 * CLOCK_MINUTE, text), "90m");
    CU_ASSERT_STRING_EQUAL(clock_duration_text(7 * CLOCK_DAY, text), "1w");
    CU_ASSERT(clock_parse_duration("15m", 3, &ns, NULL) == 0 &&
              ns == 15 * CLOCK_MINUTE);
}

static void what_is_no_duration_is_refused(void)
{
    static const char *const bad[] = {"",    "h",    "1",  "0h",
                                      "-1h", "1.5h", "1y", "99999h"};
    int64_t ns;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT(clock_parse_duration(bad[i], strlen(bad[i]), &ns, NULL) == -1);
}

int main(void)
{
    CU_TestInfo clock[] = {
        {"moments_are_iso_8601_in_utc_unless_they_say_otherwise",
         moments_are_iso_8601_in_utc_unless_they_say_otherwise},
        {"what_is_no_moment_is_refused", what_is_no_moment_is_refused},
        {"every_day_of_three_centuries_is_the_c_library_s",
         every_day_of_three_centuries_is_the_c_library_s},
        {"moments_and_durations_are_written_as_they_are_read",
         moments_and_durations_are_written_as_they_are_read},
        {"what_is_no_duration_is_refused", what_is_no_duration_is_refused},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"clock", NULL, NULL, NULL, NULL, clock},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
