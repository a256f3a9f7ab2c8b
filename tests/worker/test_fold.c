#include "tests/check.h"
#include "worker/fold.h"

static const struct series_rules series = {.horizon_bars = 8, .warmup_bars = 100};

static struct fold at(const struct fold_rules *rules, size_t n_bars, size_t k)
{
    struct fold fold = {{0, 0}, {0, 0}};
    struct err err = {0};

    CU_ASSERT_EQUAL(fold_at(rules, &series, n_bars, k, &fold, &err), 0);
    return fold;
}

static void test_spans_follow_each_other_to_the_last_bar(void)
{
    for (size_t n_bars = 1000; n_bars < 1100; n_bars++)
        for (size_t n_folds = 1; n_folds < 9; n_folds++) {
            const struct fold_rules rules = {n_folds, FOLD_ANCHORED, 0.4, 5};
            size_t next = 100 + (size_t)(0.4 * (double)(n_bars - 100));

            for (size_t k = 0; k < n_folds; k++) {
                const struct fold fold = at(&rules, n_bars, k);
                const size_t n = fold.test.end - fold.test.first;

                CU_ASSERT_EQUAL(fold.test.first, next);
                CU_ASSERT_EQUAL(fold.training.end, fold.test.first - 5);
                CU_ASSERT_EQUAL(fold.training.first, 100);
                /* even to a bar */
                CU_ASSERT(n * n_folds + n_folds >
                          n_bars - 100 - (size_t)(0.4 * (double)(n_bars - 100)));
                next = fold.test.end;
            }
            CU_ASSERT_EQUAL(next, n_bars);
        }
}

static void a_rolling_window_keeps_its_length(void)
{
    const struct fold_rules rules = {4, FOLD_ROLLING, 0.5, 0};

    for (size_t k = 0; k < 4; k++) {
        const struct fold fold = at(&rules, 1100, k);

        CU_ASSERT_EQUAL(fold.training.end - fold.training.first, 500);
        CU_ASSERT_EQUAL(fold.training.first, 100 + 125 * k);
        CU_ASSERT_EQUAL(fold.test.first, 600 + 125 * k);
    }
    const struct fold_rules embargoed = {4, FOLD_ROLLING, 0.5, 30};
    const struct fold first = at(&embargoed, 1100, 0), second = at(&embargoed, 1100, 1);
    CU_ASSERT(first.training.first == 100 && first.training.end == 570);
    CU_ASSERT(second.training.first == 195 && second.training.end == 695);
}

static void blocks_cover_all_bars_evenly(void)
{
    for (size_t n_bars = 200; n_bars < 260; n_bars++) {
        size_t next = 100;

        for (size_t b = 0; b < 10; b++) {
            const struct range block = fold_block(10, 100, n_bars, b);

            CU_ASSERT_EQUAL(block.first, next);
            CU_ASSERT(block.end - block.first >= (n_bars - 100) / 10 &&
                      block.end - block.first <= (n_bars - 100) / 10 + 1);
            next = block.end;
        }
        CU_ASSERT_EQUAL(next, n_bars);
    }
}

static void spans_no_longer_than_a_horizon_are_refused(void)
{
    const struct fold_rules rules = {5, FOLD_ANCHORED, 0.5, 0},
                            embargoed = {2, FOLD_ANCHORED, 0.1, 600},
                            huge = {2, FOLD_ANCHORED, 0.1, 1000000};
    struct fold fold;
    struct err err = {0};

    CU_ASSERT_EQUAL(fold_at(&rules, &series, 180, 0, &fold, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CU_ASSERT_EQUAL(fold_at(&rules, &series, 190, 0, &fold, &err), 0);
    CU_ASSERT_EQUAL(fold_at(&rules, &series, 50, 0, &fold, &err), -1);
    CU_ASSERT_EQUAL(fold_at(&embargoed, &series, 1100, 0, &fold, &err), -1);
    CU_ASSERT_EQUAL(fold_at(&huge, &series, 1100, 1, &fold, &err), -1);
}

int main(void)
{
    CU_TestInfo fold[] = {
        {"test_spans_follow_each_other_to_the_last_bar",
         test_spans_follow_each_other_to_the_last_bar},
        {"a_rolling_window_keeps_its_length", a_rolling_window_keeps_its_length},
        {"blocks_cover_all_bars_evenly", blocks_cover_all_bars_evenly},
        {"spans_no_longer_than_a_horizon_are_refused",
         spans_no_longer_than_a_horizon_are_refused},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"fold", NULL, NULL, NULL, NULL, fold},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
