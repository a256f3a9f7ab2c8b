#include "coordinator/relay_role.h"
#include "tests/check.h"

static const int64_t TAKEOVER = 5;

static struct relay_standpoint stand(bool is_serving, bool is_first, uint64_t version,
                                     int64_t started_ns)
{
    return (struct relay_standpoint){.is_serving = is_serving,
                                     .is_first = is_first,
                                     .newest = {.epoch = 1, .version = version},
                                     .started_ns = started_ns};
}

static bool serves(struct relay_standpoint mine, struct relay_standpoint other)
{
    return relay_role_serves(&mine, &other, 1, TAKEOVER);
}

static void silence_of_the_stated_time_is_needed(void)
{
    const struct relay_standpoint other = stand(true, true, 9, 1);
    const struct relay_standpoint mine = stand(false, false, 7, 2);

    CU_ASSERT(!relay_role_serves(&mine, &other, TAKEOVER - 1, TAKEOVER));
    CU_ASSERT(relay_role_serves(&mine, &other, TAKEOVER, TAKEOVER));
    CU_ASSERT(!relay_role_serves(&mine, NULL, TAKEOVER - 1, TAKEOVER));
    CU_ASSERT(relay_role_serves(&mine, NULL, TAKEOVER, TAKEOVER));
}

static void who_serves_goes_on_when_the_other_is_gone_or_back(void)
{
    const struct relay_standpoint mine = stand(true, false, 7, 2);

    CU_ASSERT(relay_role_serves(&mine, NULL, 1, TAKEOVER));
    CU_ASSERT(serves(mine, stand(false, true, 7, 1)));
    CU_ASSERT(!serves(stand(false, true, 7, 1), mine));
}

static void who_holds_a_newer_version_serves(void)
{
    CU_ASSERT(serves(stand(false, false, 8, 2), stand(true, true, 7, 1)));
    CU_ASSERT(serves(stand(true, false, 8, 2), stand(true, true, 7, 1)));
    CU_ASSERT(!serves(stand(true, true, 7, 1), stand(true, false, 8, 2)));
}

/* Whatever the two are, heard by each other they come to one that serves, and stay. */
static void two_that_hear_each_other_come_to_exactly_one(void)
{
    for (int bits = 0; bits < 256; bits++) {
        struct relay_standpoint a = stand(bits & 1, bits & 2, 7 + (bits >> 2 & 1), 1);
        struct relay_standpoint b =
            stand(bits >> 3 & 1, bits >> 4 & 1, 7 + (bits >> 5 & 1), 2);
        int n_turns = 0;

        /* each looks in turn, the first of the two by the seventh bit */
        for (; n_turns < 8; n_turns++) {
            struct relay_standpoint *mine = (n_turns + (bits >> 6 & 1)) % 2 ? &a : &b;

            mine->is_serving = serves(*mine, mine == &a ? b : a);
        }
        CU_ASSERT(a.is_serving != b.is_serving);
        const bool was = a.is_serving;
        a.is_serving = serves(a, b);
        b.is_serving = serves(b, a);
        CU_ASSERT(a.is_serving == was && b.is_serving == !was);
        /* and it is never the one with the older version */
        CU_ASSERT(stream_name_compare(a.is_serving ? &a.newest : &b.newest,
                                      a.is_serving ? &b.newest : &a.newest) >= 0);
    }
}

int main(void)
{
    CU_TestInfo roles[] = {
        {"silence_of_the_stated_time_is_needed", silence_of_the_stated_time_is_needed},
        {"who_serves_goes_on_when_the_other_is_gone_or_back",
         who_serves_goes_on_when_the_other_is_gone_or_back},
        {"who_holds_a_newer_version_serves", who_holds_a_newer_version_serves},
        {"two_that_hear_each_other_come_to_exactly_one",
         two_that_hear_each_other_come_to_exactly_one},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"role", NULL, NULL, NULL, NULL, roles},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
