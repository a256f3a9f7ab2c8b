#include "coordinator/stage.h"
#include "tests/check.h"

static const int64_t MINUTE = INT64_C(60000000000);

static bool shown(struct stage_rule rule, size_t n_present, size_t n_acknowledged,
                  int64_t now_ns, struct stage *stage)
{
    const struct stage_count count = {n_present, n_acknowledged};

    return stage_is_shown(&rule, &count, now_ns, stage);
}

static void enough_must_last_for_the_whole_time(void)
{
    const struct stage_rule rule = {.share = 0.5, .for_ns = 10 * MINUTE};
    struct stage stage = {0};

    CU_ASSERT(!shown(rule, 4, 2, 1 * MINUTE, &stage));
    CU_ASSERT(!shown(rule, 4, 3, 10 * MINUTE, &stage));
    CU_ASSERT(!shown(rule, 4, 3, 11 * MINUTE - 1, &stage));
    CU_ASSERT(shown(rule, 4, 3, 11 * MINUTE, &stage));
}

static void a_lapse_starts_the_time_again(void)
{
    const struct stage_rule rule = {.share = 1.0, .for_ns = 10 * MINUTE};
    struct stage stage = {0};

    CU_ASSERT(!shown(rule, 3, 3, 1 * MINUTE, &stage));
    CU_ASSERT(!shown(rule, 4, 3, 9 * MINUTE, &stage)); /* one more came, without it */
    CU_ASSERT(!shown(rule, 4, 4, 12 * MINUTE, &stage));
    CU_ASSERT(!shown(rule, 4, 4, 21 * MINUTE, &stage));
    CU_ASSERT(shown(rule, 4, 4, 22 * MINUTE, &stage));
}

static void an_empty_group_shows_nothing(void)
{
    struct stage stage = {0};

    CU_ASSERT(!shown((struct stage_rule){.share = 0.1}, 0, 0, MINUTE, &stage));
    CU_ASSERT(!shown((struct stage_rule){.n_acknowledged = 1}, 0, 0, MINUTE, &stage));
    /* but where nobody is asked for, it goes on at once */
    CU_ASSERT(shown((struct stage_rule){0}, 0, 0, MINUTE, &stage));
}

static void number_and_share_must_both_be_reached(void)
{
    const struct stage_rule rule = {.n_acknowledged = 3, .share = 0.7};
    struct stage stage = {0};

    CU_ASSERT(!shown(rule, 2, 2, MINUTE, &stage));
    CU_ASSERT(!shown(rule, 10, 6, MINUTE, &stage));
    CU_ASSERT(shown(rule, 10, 7, MINUTE, &stage));
    CU_ASSERT(shown(rule, 3, 3, MINUTE, &stage));
}

static void by_hand_nothing_moves_by_itself(void)
{
    const struct stage_rule rule = {.by_hand = true, .n_acknowledged = 1};
    struct stage stage = {0};

    CU_ASSERT(!shown(rule, 5, 5, MINUTE, &stage));
    CU_ASSERT(!shown(rule, 5, 5, 1000 * MINUTE, &stage));
}

static void groups_follow_each_other_to_the_last(void)
{
    struct stage stage = {.group = STAGE_NONE, .since_ns = 7};

    for (int group = 0; group < 3; group++) {
        stage = stage_next(&stage, 3);
        CU_ASSERT(stage.group == group && stage.since_ns == 0);
    }
    stage = stage_next(&stage, 3);
    CU_ASSERT(stage.group == 2);
}

int main(void)
{
    CU_TestInfo stages[] = {
        {"enough_must_last_for_the_whole_time", enough_must_last_for_the_whole_time},
        {"a_lapse_starts_the_time_again", a_lapse_starts_the_time_again},
        {"an_empty_group_shows_nothing", an_empty_group_shows_nothing},
        {"number_and_share_must_both_be_reached",
         number_and_share_must_both_be_reached},
        {"by_hand_nothing_moves_by_itself", by_hand_nothing_moves_by_itself},
        {"groups_follow_each_other_to_the_last", groups_follow_each_other_to_the_last},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"stage", NULL, NULL, NULL, NULL, stages},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
