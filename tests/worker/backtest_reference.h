/* backtest_reference.h -- the series and the figures of
 * tests/oracle/reference/backtests.py
 */
#ifndef TESTS_WORKER_BACKTEST_REFERENCE_H
#define TESTS_WORKER_BACKTEST_REFERENCE_H

#include "tests/check.h"
#include "tests/reference.h"
#include "worker/backtest.h"

enum { BACKTEST_REFERENCE_SERIES = 6, BACKTEST_REFERENCE_BARS = 1024 };

struct backtest_reference {
    struct reference table; /* one row a series */
    struct reference bars;
    double column[5][BACKTEST_REFERENCE_BARS]; /* loss, var, es, mean, scale */
};

static struct backtest_reference backtest_reference;

static inline void backtest_reference_open(void)
{
    CU_ASSERT_FATAL(
        reference_open("backtests_reference.csv", &backtest_reference.table));
    CU_ASSERT_FATAL(reference_open("backtests_series.csv", &backtest_reference.bars));
    CU_ASSERT_EQUAL(backtest_reference.table.n_rows, BACKTEST_REFERENCE_SERIES);
}

static inline void backtest_reference_close(void)
{
    reference_close(&backtest_reference.table);
    reference_close(&backtest_reference.bars);
}

static inline double backtest_reference_want(size_t row, const char *column)
{
    return reference_real(&backtest_reference.table, row, column);
}

/* The series of a row. */
static inline struct backtest_series backtest_reference_series(size_t row)
{
    static const char *const name[] = {"loss", "var", "es", "mean", "scale"};
    const char *series = reference_text(&backtest_reference.table, row, "series");
    double(*column)[BACKTEST_REFERENCE_BARS] = backtest_reference.column;
    size_t n = 0;

    for (size_t i = 0; i < backtest_reference.bars.n_rows; i++) {
        if (strcmp(reference_text(&backtest_reference.bars, i, "series"), series) != 0)
            continue;
        CU_ASSERT_FATAL(n < BACKTEST_REFERENCE_BARS);
        for (int c = 0; c < 5; c++)
            column[c][n] = reference_real(&backtest_reference.bars, i, name[c]);
        n++;
    }
    CU_ASSERT(n > 0);
    return (struct backtest_series){.n = n,
                                    .loss = column[0],
                                    .var = column[1],
                                    .es = column[2],
                                    .mean = column[3],
                                    .scale = column[4]};
}

#endif /* TESTS_WORKER_BACKTEST_REFERENCE_H */
