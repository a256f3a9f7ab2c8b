#include "tests/check.h"
#include "tests/worker/backtest_reference.h"
#include "worker/acerbi_szekely.h"

enum { BARS = 1966, SAMPLES = 40000 };

static double column[5][BARS], work[2 * BARS + 2], z_room[ACERBI_TESTS][SAMPLES];
static double *const z[ACERBI_TESTS] = {z_room[0], z_room[1], z_room[2]};

static double nu_of(double written)
{
    return written == 0.0 ? INFINITY : written;
}

/* n bars of the law itself, mean 0 and scale 1; losses still to come. */
static struct backtest_series plain(const struct acerbi_szekely_law *law, size_t n)
{
    for (size_t t = 0; t < n; t++) {
        column[0][t] = 0.0;
        column[1][t] = tail_law_quantile(&law->law, law->p);
        column[2][t] = tail_law_shortfall(&law->law, law->p);
        column[3][t] = 0.0;
        column[4][t] = 1.0;
    }
    return (struct backtest_series){.n = n,
                                    .loss = column[0],
                                    .var = column[1],
                                    .es = column[2],
                                    .mean = column[3],
                                    .scale = column[4]};
}

/* Z3's order statistics by scipy's quadrature are good to 1e-10. */
static void agrees_with_the_papers_formulae_on_every_series(void)
{
    backtest_reference_open();
    for (size_t row = 0; row < BACKTEST_REFERENCE_SERIES; row++) {
        const struct backtest_series s = backtest_reference_series(row);
        const struct acerbi_szekely_law law = {
            .law = {nu_of(backtest_reference_want(row, "nu"))},
            .p = backtest_reference_want(row, "p")};
        const struct acerbi_szekely of = acerbi_szekely_of(&law, &s, work);

        for (int test = 0; test < ACERBI_TESTS; test++)
            CU_ASSERT_EQUAL(of.status[test], BACKTEST_OK);
        CU_ASSERT_EQUAL(of.n_bars, (size_t)backtest_reference_want(row, "bars"));
        CU_ASSERT_EQUAL(of.n_hits, (size_t)backtest_reference_want(row, "hits"));
        CU_ASSERT_DOUBLE_EQUAL(of.z[ACERBI_Z1], backtest_reference_want(row, "z1"),
                               1e-12);
        CU_ASSERT_DOUBLE_EQUAL(of.z[ACERBI_Z2], backtest_reference_want(row, "z2"),
                               1e-12);
        CU_ASSERT_DOUBLE_EQUAL(of.z[ACERBI_Z3], backtest_reference_want(row, "z3"),
                               1e-9);
    }
    backtest_reference_close();
}

/* scipy's quantiles and quadratures; GSL's t quantile is good to some 1e-12. */
static void the_law_agrees_with_scipy(void)
{
    struct reference table;
    size_t n_checked = 0;

    CU_ASSERT_FATAL(reference_open("backtests_laws.csv", &table));
    for (size_t i = 0; i < table.n_rows; i++) {
        const char *what = reference_text(&table, i, "what");
        const struct tail_law law = {nu_of(reference_real(&table, i, "nu"))};
        const double p = reference_real(&table, i, "p");
        const double want = reference_real(&table, i, "value");
        const size_t n = (size_t)reference_real(&table, i, "n");

        n_checked += what[0] != 'z';
        if (strcmp(what, "quantile") == 0)
            CHECK_REL(tail_law_quantile(&law, p), want, 1e-11);
        if (strcmp(what, "shortfall") == 0)
            CHECK_REL(tail_law_shortfall(&law, p), want, 1e-9);
        if (strcmp(what, "mean_of_largest") == 0)
            CU_ASSERT_DOUBLE_EQUAL(tail_law_mean_of_largest(&law, n, (size_t)p), want,
                                   1e-9);
    }
    CU_ASSERT_EQUAL(n_checked, 28);
    reference_close(&table);
}

/* What the paper prints of Z2 at 250 days and 2.5 %, -0.7 at 5 % and -1.8 at 0.01 %, is
 * what the exact law of the normal gives to one digit; and so is, to 0.001, what
 * MathWorks simulated (esbacktest, 1966 days, 99 %: -0.34639 for the normal law,
 * -0.42986 for t(3)). */
static void the_exact_law_of_z2_has_the_published_critical_values(void)
{
    static const struct {
        double nu, n, at, published, half_digit;
    } rows[] = {{0, 250, 0.05, -0.7, 0.05},      {0, 250, 0.0001, -1.8, 0.05},
                {100, 250, 0.05, -0.7, 0.05},    {100, 250, 0.0001, -1.8, 0.05},
                {0, 1966, 0.01, -0.34639, 1e-3}, {3, 1966, 0.01, -0.42986, 1e-3}};
    struct reference table;
    size_t n_found = 0;

    CU_ASSERT_FATAL(reference_open("backtests_laws.csv", &table));
    for (size_t i = 0; i < table.n_rows; i++)
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
            if (strcmp(reference_text(&table, i, "what"), "z2_quantile") != 0 ||
                reference_real(&table, i, "nu") != rows[k].nu ||
                reference_real(&table, i, "n") != rows[k].n ||
                reference_real(&table, i, "at") != rows[k].at)
                continue;
            n_found++;
            CU_ASSERT_DOUBLE_EQUAL(reference_real(&table, i, "value"),
                                   rows[k].published, rows[k].half_digit);
        }
    CU_ASSERT_EQUAL(n_found, 6);
    reference_close(&table);
}

/* The share of n simulated values below an exact quantile is its level, but for 4
 * standard errors; and the grid's cell of 4e-5. */
static void simulated_z2_has_its_exact_law(void)
{
    struct reference table;
    double nu = -1.0, bars = 0.0;
    size_t n_there[ACERBI_TESTS] = {0}, n_samples = 0, n_checked = 0;

    CU_ASSERT_FATAL(reference_open("backtests_laws.csv", &table));
    for (size_t i = 0; i < table.n_rows; i++) {
        const char *what = reference_text(&table, i, "what");

        if (strcmp(what, "z2_quantile") != 0 && strcmp(what, "z2_probability") != 0)
            continue; /* another law, or another test's */
        n_checked++;
        if (nu != reference_real(&table, i, "nu") ||
            bars != reference_real(&table, i, "n")) {
            nu = reference_real(&table, i, "nu");
            bars = reference_real(&table, i, "n");
            n_samples = bars > 250 ? 2000 : nu == 0.0 ? SAMPLES : 5000;
            const struct acerbi_szekely_law law = {.law = {nu_of(nu)}, .p = 0.025};
            const struct backtest_series series = plain(&law, (size_t)bars);
            const struct acerbi_szekely_null null = {n_samples, 2014};

            CU_ASSERT_EQUAL(
                acerbi_szekely_simulate(&law, &series, &null, work, z, n_there),
                BACKTEST_OK);
            CU_ASSERT_EQUAL(n_there[ACERBI_Z2], n_samples);
        }
        const bool quantile = strcmp(what, "z2_quantile") == 0;
        const double at = reference_real(&table, i, quantile ? "value" : "at");
        const double level = reference_real(&table, i, quantile ? "at" : "value");
        const double share = acerbi_szekely_p_value(n_samples, z[ACERBI_Z2], at);
        const double n = (double)n_samples;

        CU_ASSERT(fabs(share - level) < 4 * sqrt(level * (1 - level) / n) + 2 / n);
    }
    CU_ASSERT_EQUAL(n_checked, 42);
    reference_close(&table);
}

/* E Z1 = 0 given a hit and E Z2 = 0 exactly; E Z3 = 0 as its denominator is e*'s
 * expectation.  4 standard errors of the mean. */
static void statistics_have_mean_zero_under_their_law(void)
{
    const struct acerbi_szekely_law law = {.law = {5.0}, .p = 0.025};
    const struct backtest_series series = plain(&law, 250);
    const struct acerbi_szekely_null null = {20000, 99};
    size_t n_there[ACERBI_TESTS];

    CU_ASSERT_EQUAL(acerbi_szekely_simulate(&law, &series, &null, work, z, n_there),
                    BACKTEST_OK);
    CU_ASSERT(n_there[ACERBI_Z1] < 20000); /* 0.975^250 = 0.0018 have no hit */
    CU_ASSERT(n_there[ACERBI_Z1] > 19900);
    for (int test = 0; test < ACERBI_TESTS; test++) {
        const double n = (double)n_there[test];
        double sum = 0.0, square = 0.0;

        for (size_t i = 0; i < n_there[test]; i++)
            sum += z[test][i], square += z[test][i] * z[test][i];
        CU_ASSERT(fabs(sum / n) < 4 * sqrt(square / n) / sqrt(n));
        for (size_t i = 1; i < n_there[test]; i++)
            CU_ASSERT_FATAL(z[test][i - 1] <= z[test][i]);
    }
}

static void the_unit_of_the_losses_cancels(void)
{
    const struct acerbi_szekely_law law = {.law = {6.0}, .p = 0.05};
    struct backtest_series series = plain(&law, 100);

    for (int t = 0; t < 100; t++)
        column[0][t] = 3.0 * cos(t * t);
    const struct acerbi_szekely one = acerbi_szekely_of(&law, &series, work);

    for (int t = 0; t < 100; t++)
        for (int c = 0; c < 5; c++)
            column[c][t] *= 0.0078125 * (1 << t % 5);
    const struct acerbi_szekely scaled = acerbi_szekely_of(&law, &series, work);

    for (int test = 0; test < ACERBI_TESTS; test++)
        CHECK_REL(scaled.z[test], one.z[test], 64 * DBL_EPSILON);
    CU_ASSERT(one.n_hits > 1);
}

static void p_values_count_and_criticals_are_ranks(void)
{
    const double sorted[] = {-2, -1, -1, 0, 3};

    CU_ASSERT(acerbi_szekely_p_value(5, sorted, -3) == 1.0 / 6);
    CU_ASSERT(acerbi_szekely_p_value(5, sorted, -1) == 4.0 / 6);
    CU_ASSERT(acerbi_szekely_p_value(5, sorted, 9) == 1.0);
    CU_ASSERT(isnan(acerbi_szekely_p_value(5, sorted, NAN)));
    CU_ASSERT(acerbi_szekely_critical(5, sorted, 0.2) == -2);
    CU_ASSERT(acerbi_szekely_critical(5, sorted, 0.21) == -1);
    CU_ASSERT(acerbi_szekely_critical(5, sorted, 0.0) == -2);
    CU_ASSERT(acerbi_szekely_critical(5, sorted, 1.0) == 3);
}

static void has_a_status_where_there_is_no_statistic(void)
{
    const struct acerbi_szekely_law law = {.law = {INFINITY}, .p = 0.025};
    const struct acerbi_szekely_law rounded = {.law = {INFINITY}, .p = 1.0 / 49};
    const struct acerbi_szekely_law wild = {.law = {2.0}, .p = 0.025};
    const struct acerbi_szekely_null null = {10, 1};
    struct backtest_series series = plain(&law, 100);
    struct acerbi_szekely of = acerbi_szekely_of(&law, &series, work);
    size_t n_there[ACERBI_TESTS];

    CU_ASSERT_EQUAL(of.status[ACERBI_Z1], BACKTEST_NO_HIT);
    CU_ASSERT(isnan(of.z[ACERBI_Z1]) && of.z[ACERBI_Z2] == 1.0);
    for (int t = 0; t < 100; t++)
        column[0][t] = 5.0; /* every bar exceeds */
    of = acerbi_szekely_of(&law, &series, work);
    CHECK_REL(of.z[ACERBI_Z1], 1 - 5 / column[2][0], 16 * DBL_EPSILON);
    CHECK_REL(of.z[ACERBI_Z2], 1 - 5 / column[2][0] / 0.025, 64 * DBL_EPSILON);
    column[0][7] = column[1][8] = column[4][9] = NAN;
    of = acerbi_szekely_of(&law, &series, work);
    CU_ASSERT_EQUAL(of.n_missing, 3);
    CU_ASSERT_EQUAL(of.n_hits, 97);
    series = plain(&law, 39); /* 0.975 of a bar */
    of = acerbi_szekely_of(&law, &series, work);
    CU_ASSERT_EQUAL(of.status[ACERBI_Z2], BACKTEST_OK);
    CU_ASSERT_EQUAL(of.status[ACERBI_Z3], BACKTEST_TOO_FEW);
    CU_ASSERT(isnan(of.z[ACERBI_Z3]));
    series = plain(&law, 40);
    CU_ASSERT_EQUAL(acerbi_szekely_of(&law, &series, work).status[ACERBI_Z3],
                    BACKTEST_OK);
    series = plain(&rounded, 49);
    CU_ASSERT(49 * rounded.p < 1.0); /* but for a rounding it is one bar */
    CU_ASSERT_EQUAL(acerbi_szekely_of(&rounded, &series, work).status[ACERBI_Z3],
                    BACKTEST_OK);
    series.n = 0;
    CU_ASSERT_EQUAL(acerbi_szekely_of(&law, &series, work).status[ACERBI_Z2],
                    BACKTEST_NO_DATA);
    series = plain(&law, 100);
    CU_ASSERT_EQUAL(acerbi_szekely_of(&wild, &series, work).status[ACERBI_Z3],
                    BACKTEST_BAD_INPUT);
    CU_ASSERT_EQUAL(acerbi_szekely_simulate(&wild, &series, &null, work, z, n_there),
                    BACKTEST_BAD_INPUT);
    column[2][5] = 0.0;
    of = acerbi_szekely_of(&law, &series, work);
    CU_ASSERT_EQUAL(of.status[ACERBI_Z2], BACKTEST_BAD_INPUT);
    CU_ASSERT(isnan(of.z[ACERBI_Z2]));
    series.mean = NULL;
    CU_ASSERT_EQUAL(acerbi_szekely_of(&law, &series, work).status[ACERBI_Z3],
                    BACKTEST_NO_DATA);
}

int main(void)
{
    CU_TestInfo acerbi[] = {
        {"agrees_with_the_papers_formulae_on_every_series",
         agrees_with_the_papers_formulae_on_every_series},
        {"the_law_agrees_with_scipy", the_law_agrees_with_scipy},
        {"the_exact_law_of_z2_has_the_published_critical_values",
         the_exact_law_of_z2_has_the_published_critical_values},
        {"simulated_z2_has_its_exact_law", simulated_z2_has_its_exact_law},
        {"statistics_have_mean_zero_under_their_law",
         statistics_have_mean_zero_under_their_law},
        {"the_unit_of_the_losses_cancels", the_unit_of_the_losses_cancels},
        {"p_values_count_and_criticals_are_ranks",
         p_values_count_and_criticals_are_ranks},
        {"has_a_status_where_there_is_no_statistic",
         has_a_status_where_there_is_no_statistic},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"acerbi_szekely", NULL, NULL, NULL, NULL, acerbi},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
