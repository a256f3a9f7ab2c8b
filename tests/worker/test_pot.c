#include "market/random.h"
#include "tests/check.h"
#include "tests/reference.h"
#include "worker/pot.h"
#include "worker/pot_interval.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>

enum { N_MAX = 20000 };
static double loss[N_MAX], sorted[N_MAX], excess[N_MAX];

/* How many losses of that name are in `sorted`; 0 where the series is not here. */
static size_t read_losses(const char *name)
{
    const bool is_danish = strcmp(name, "danish") == 0;
    struct reference table;

    if (is_danish &&
        !reference_open_data("gpl/benchmarks/fExtremes_danishClaims.csv", &table))
        return 0;
    if (!is_danish)
        CU_ASSERT_FATAL(reference_open("garch_series.csv", &table));
    const size_t n = table.n_rows;
    for (size_t row = 0; row < n; row++)
        loss[row] = is_danish ? reference_real(&table, row, "DANISH")
                              : -reference_real(&table, row, "r");
    reference_close(&table);
    return pot_sort(n, loss, sorted);
}

static void check_end(const struct reference *table, size_t row, const char *column,
                      double got, double tol)
{
    const double want = reference_real(table, row, column);

    if (isinf(want))
        CU_ASSERT(got == want)
    else
        CHECK_REL(got, want, tol);
}

/* uniroot stops within 1e-11 of a width, optimize's maximum is good to 1e-16 n of ln L,
 * whose slope where R ends is about 1 per standard error. */
static void check_formula(const struct reference *table, size_t row,
                          const struct pot *pot)
{
    const double tol = 1e-7, c = reference_real(table, row, "confidence");
    const double level = reference_real(table, row, "level");
    const struct pot_interval xi = pot_interval_xi(pot, excess, level);
    const struct pot_interval var = pot_interval_var(pot, excess, c, level);
    const struct pot_interval es = pot_interval_es(pot, excess, c, level);

    CHECK_REL(pot->fit.gpd.xi, reference_real(table, row, "xi"), 1e-9);
    CHECK_REL(pot->fit.gpd.beta, reference_real(table, row, "beta"), 1e-9);
    CHECK_REL(pot->fit.log_likelihood, reference_real(table, row, "ll"), 1e-12);
    CHECK_REL(pot_var(pot, c), reference_real(table, row, "var"), 1e-10);
    CHECK_REL(pot_es(pot, c), reference_real(table, row, "es"), 1e-9);
    check_end(table, row, "xi_lo", xi.low, tol);
    check_end(table, row, "xi_hi", xi.high, tol);
    check_end(table, row, "var_lo", var.low, tol);
    check_end(table, row, "var_hi", var.high, tol);
    check_end(table, row, "es_lo", es.low, tol);
    check_end(table, row, "es_hi", es.high, tol);
}

/* evd optimises with BFGS and draws a spline through a trace in steps of a twentieth of
 * a standard error: three to four digits of the ends. */
static void check_evd(const struct reference *table, size_t row, const struct pot *pot)
{
    const double c = reference_real(table, row, "confidence");
    const double level = reference_real(table, row, "level");
    const struct pot_interval xi = pot_interval_xi(pot, excess, level);
    const struct pot_interval var = pot_interval_var(pot, excess, c, level);
    const double error = pot->fit.error[GPD_XI];

    CU_ASSERT(fabs(pot->fit.gpd.xi - reference_real(table, row, "xi")) < 1e-3 * error);
    CHECK_REL(pot->fit.log_likelihood, reference_real(table, row, "ll"), 1e-8);
    CHECK_REL(pot_var(pot, c), reference_real(table, row, "var"), 1e-5);
    CU_ASSERT(fabs(xi.low - reference_real(table, row, "xi_lo")) < 1e-3 * error);
    CU_ASSERT(fabs(xi.high - reference_real(table, row, "xi_hi")) < 1e-3 * error);
    CHECK_REL(var.low, reference_real(table, row, "var_lo"), 5e-4);
    CHECK_REL(var.high, reference_real(table, row, "var_hi"), 5e-4);
}

static void estimates_and_intervals_agree_with_r_and_evd(void)
{
    struct reference table;

    CU_ASSERT_FATAL(reference_open("pot_reference.csv", &table));
    CU_ASSERT_EQUAL(table.n_rows, 30);
    for (size_t row = 0; row < table.n_rows; row++) {
        const size_t n = read_losses(reference_text(&table, row, "series"));

        if (n == 0)
            continue;
        const struct pot pot =
            pot_fit(n, sorted, reference_real(&table, row, "u"), excess);
        CU_ASSERT_EQUAL(pot.n, (size_t)reference_real(&table, row, "n"));
        CU_ASSERT_EQUAL(pot.n_exceed, (size_t)reference_real(&table, row, "n_exceed"));
        CU_ASSERT_EQUAL(pot.fit.status, GPD_CONVERGED);
        if (strcmp(reference_text(&table, row, "source"), "evd") == 0)
            check_evd(&table, row, &pot);
        else
            check_formula(&table, row, &pot);
    }
    reference_close(&table);
}

/* From the pair that McNeil (1997) published alone, by hand: 2167 x 0.01 / 109 =
 * 0.198807, to the power -0.497 2.2319: VaR = 10 + 6.98/0.497 x 1.2319 = 27.30, ES =
 * (27.30 + 6.98 - 4.97)/0.503 = 58.27.  The digits of beta leave 0.07 % of what lies
 * above 10. */
static void the_danish_fires_give_what_the_published_pair_gives(void)
{
    const size_t n = read_losses("danish");

    if (n == 0)
        return;
    const struct pot pot = pot_fit(n, sorted, 10.0, excess);
    CU_ASSERT_EQUAL(pot.n_exceed, 109);
    CHECK_REL(pot_var(&pot, 0.99), 27.30, 1e-3);
    CHECK_REL(pot_es(&pot, 0.99), 58.27, 1e-3);
}

static void the_threshold_itself_is_where_its_share_is_exceeded(void)
{
    const size_t n = read_losses("returns");

    for (size_t k = 50; k < 400; k += 7) {
        const struct pot pot = pot_fit(n, sorted, pot_threshold(n, sorted, k), excess);
        const double c = 1.0 - (double)k / (double)n;
        double last = pot.threshold;

        CU_ASSERT_EQUAL(pot.n_exceed, k); /* no ties up there */
        CHECK_REL(pot_var(&pot, c), pot.threshold, 1e-12);
        CU_ASSERT(isnan(pot_var(&pot, c - 1e-6)) && isnan(pot_es(&pot, c - 1e-6)));
        CU_ASSERT(isnan(pot_var(&pot, 1.0)) && isnan(pot_var(&pot, NAN)));
        for (double far = 0.9; far > 1e-6; far *= 0.5) {
            const double level = 1.0 - far * (1.0 - c);

            CU_ASSERT(pot_var(&pot, level) > last);
            CU_ASSERT(pot_es(&pot, level) > pot_var(&pot, level));
            last = pot_var(&pot, level);
        }
    }
}

/* The definition: whatever beta, and for VaR and ES whatever xi, the likelihood where
 * the quantity is held at an end of its interval is nowhere above the floor, and
 * touches it. Searched on a grid of 4000 shapes, whose misses are below (6/4000)^2 n
 * / 8. */
static void an_interval_ends_where_the_profile_has_fallen(void)
{
    const size_t n = read_losses("returns");
    const double c = 0.995, a_half_of_chi2_95 = 1.9207294103470620;
    const struct pot pot = pot_fit(n, sorted, pot_threshold(n, sorted, 100), excess);
    const struct pot_interval var = pot_interval_var(&pot, excess, c, 0.95);
    const struct pot_interval es = pot_interval_es(&pot, excess, c, 0.95);
    const double ends[] = {var.low, var.high, es.low, es.high};

    for (int i = 0; i < 4; i++) {
        const double q = (double)n / 100.0 * (1.0 - c);
        double highest = -INFINITY;

        for (double xi = -0.9; xi < 0.999; xi += 0.0005) {
            const double k = fabs(xi) < 1e-9 ? -log(q) : (pow(q, -xi) - 1.0) / xi;
            const double by = i < 2 ? k : (k + 1.0) / (1.0 - xi);
            const struct gpd gpd = {xi, (ends[i] - pot.threshold) / by};

            highest = fmax(highest, gpd_log_likelihood(gpd, 100, excess));
        }
        CU_ASSERT(fabs(highest + a_half_of_chi2_95 - pot.fit.log_likelihood) < 1e-4);
    }
    CU_ASSERT(es.low > var.low && es.high > var.high);
    CU_ASSERT(var.low < pot_var(&pot, c) && pot_var(&pot, c) < var.high);
    CU_ASSERT(es.low < pot_es(&pot, c) && pot_es(&pot, c) < es.high);
}

static void intervals_nest_and_move_with_the_units(void)
{
    const size_t n = read_losses("returns");
    struct pot_interval wider = {NAN, NAN}, before = {NAN, NAN};

    for (int doubled = 0; doubled < 2; doubled++) {
        const struct pot pot = pot_fit(n, sorted, pot_threshold(n, sorted, 80), excess);
        struct pot_interval last = {INFINITY, -INFINITY};

        for (double level = 0.5; level < 0.999; level += 0.05) {
            wider = pot_interval_es(&pot, excess, 0.99, level);
            CU_ASSERT(wider.low < last.low && wider.high > last.high);
            last = wider;
        }
        if (doubled) {
            CHECK_REL(wider.low, 3.0 * before.low, 1e-9);
            CHECK_REL(wider.high, 3.0 * before.high, 1e-9);
        }
        before = wider;
        for (size_t i = 0; i < n; i++)
            sorted[i] *= 3.0;
    }
}

static void the_scan_is_a_fit_a_row(void)
{
    enum { ROWS = 12 };
    const size_t n = read_losses("returns");
    struct pot_row row[ROWS];

    for (size_t i = 0; i < ROWS; i++)
        row[i].k = i == 0 ? 0 : i == 1 ? 5 : i == 2 ? n : 30 * i;
    pot_scan(n, sorted, 0.99, excess, ROWS, row);
    CU_ASSERT(row[0].pot.fit.status == GPD_TOO_FEW && isnan(row[0].mean_excess));
    CU_ASSERT(row[1].pot.fit.status == GPD_TOO_FEW && isnan(row[1].var));
    CU_ASSERT(row[2].pot.n_exceed == 0 && isnan(row[2].pot.threshold));
    for (size_t i = 1; i < ROWS; i++) {
        if (i == 2)
            continue;
        const struct pot one = pot_fit(n, sorted, sorted[n - 1 - row[i].k], excess);
        double sum = 0.0;

        for (size_t j = n - row[i].k; j < n; j++)
            sum += sorted[j] - one.threshold;
        CU_ASSERT_EQUAL(row[i].pot.n_exceed, row[i].k);
        CHECK_REL(row[i].mean_excess, sum / (double)row[i].k, 1e-14);
        CU_ASSERT(i == 1 || (row[i].pot.fit.gpd.xi == one.fit.gpd.xi &&
                             row[i].pot.fit.gpd.beta == one.fit.gpd.beta &&
                             row[i].var == pot_var(&one, 0.99)));
    }
}

static void missing_losses_are_left_out_and_order_does_not_matter(void)
{
    const size_t n = read_losses("returns");
    const struct pot before = pot_fit(n, sorted, 1.0, excess);

    for (size_t i = 0; i < n; i++) { /* reversed, a hole behind each */
        loss[2 * i] = sorted[n - 1 - i];
        loss[2 * i + 1] = NAN;
    }
    CU_ASSERT_EQUAL(pot_sort(2 * n, loss, sorted), n);
    const struct pot after = pot_fit(n, sorted, 1.0, excess);
    CU_ASSERT(after.fit.gpd.xi == before.fit.gpd.xi &&
              after.fit.gpd.beta == before.fit.gpd.beta &&
              after.fit.log_likelihood == before.fit.log_likelihood);
}

static void check_nothing(const struct pot *pot)
{
    const struct pot_interval xi = pot_interval_xi(pot, excess, 0.95);
    const struct pot_interval var = pot_interval_var(pot, excess, 0.99, 0.95);
    const struct pot_interval es = pot_interval_es(pot, excess, 0.99, 0.95);

    CU_ASSERT(isnan(xi.low) && isnan(xi.high));
    CU_ASSERT(isnan(var.low) && isnan(var.high) && isnan(es.low) && isnan(es.high));
}

static void losses_without_a_tail_have_no_estimate(void)
{
    for (size_t i = 0; i < 1000; i++)
        sorted[i] = 0.0; /* frozen prices */
    struct pot pot = pot_fit(1000, sorted, pot_threshold(1000, sorted, 100), excess);
    CU_ASSERT(pot.n_exceed == 0 && pot.fit.status == GPD_TOO_FEW);
    CU_ASSERT(isnan(pot_var(&pot, 0.99)) && isnan(pot_es(&pot, 0.99)));
    check_nothing(&pot);
    sorted[999] = 1.0; /* one excess */
    pot = pot_fit(1000, sorted, 0.0, excess);
    CU_ASSERT(pot.n_exceed == 1 && pot.fit.status == GPD_TOO_FEW);
    check_nothing(&pot);
    for (size_t i = 980; i < 1000; i++)
        sorted[i] = 1.0; /* all excesses equal: at the bound, a uniform up to there */
    pot = pot_fit(1000, sorted, 0.0, excess);
    CU_ASSERT_EQUAL(pot.fit.status, GPD_AT_BOUND);
    CHECK_REL(pot_var(&pot, 0.99), 0.5, 1e-12);
    CHECK_REL(pot_es(&pot, 0.99), 0.75, 1e-12);
    check_nothing(&pot);
    sorted[999] = INFINITY;
    pot = pot_fit(1000, sorted, 0.0, excess);
    CU_ASSERT_EQUAL(pot.fit.status, GPD_NOT_EXCESSES);
    CU_ASSERT(isnan(pot_var(&pot, 0.99)));
    pot = pot_fit(1000, sorted, NAN, excess);
    CU_ASSERT(pot.n_exceed == 0 && isnan(pot_var(&pot, 0.99)));
    pot = pot_fit(0, sorted, 0.0, excess);
    CU_ASSERT(pot.n_exceed == 0 && isnan(pot_var(&pot, 0.99)));
}

static void a_tail_without_a_mean_has_no_finite_shortfall(void)
{
    for (size_t i = 0; i < 200; i++) /* xi = 1.5 at its own quantiles */
        sorted[i] = gpd_quantile((struct gpd){1.5, 1.0}, ((double)i + 0.5) / 200.0);
    const struct pot pot = pot_fit(200, sorted, 0.0, excess);
    const struct pot_interval es = pot_interval_es(&pot, excess, 0.99, 0.5);
    const struct pot_interval wide = pot_interval_es(&pot, excess, 0.99, 0.999999);

    CU_ASSERT(pot.fit.gpd.xi > 1.0 && pot_es(&pot, 0.99) == INFINITY);
    CU_ASSERT(es.low == INFINITY && es.high == INFINITY);
    CU_ASSERT(wide.low > pot_interval_var(&pot, excess, 0.99, 0.999999).low &&
              wide.low < INFINITY && wide.high == INFINITY);
}

/* Excesses of a known distribution, n = 10 N_u.  Of 300 intervals at level 0.9 some 270
 * cover, +- 4 sqrt(300 x 0.9 x 0.1) = 21: a coverage below 0.83 or above 0.97 fails. */
static void profile_intervals_cover_as_they_promise(void)
{
    enum { SAMPLES = 300, K = 100 };
    const struct gpd truth = {0.2, 1.0};
    const double u = 2.0, q = 0.1, c = 0.99;
    const double var = u + gpd_quantile_upper(truth, q);
    const double es = u + (var - u + truth.beta) / (1.0 - truth.xi);
    int n_xi = 0, n_var = 0, n_es = 0;

    for (uint64_t i = 0; i < SAMPLES; i++) {
        struct random random = random_at(2000, 1, i, 0);

        for (size_t j = 0; j < 10 * K; j++)
            loss[j] =
                j < K ? u + gpd_quantile_upper(truth, random_uniform(&random)) : 0;
        const size_t n = pot_sort(10 * K, loss, sorted);
        const struct pot pot = pot_fit(n, sorted, u, excess);
        const struct pot_interval a = pot_interval_xi(&pot, excess, 0.9);
        const struct pot_interval b = pot_interval_var(&pot, excess, c, 0.9);
        const struct pot_interval d = pot_interval_es(&pot, excess, c, 0.9);

        n_xi += a.low <= truth.xi && truth.xi <= a.high;
        n_var += b.low <= var && var <= b.high;
        n_es += d.low <= es && es <= d.high;
    }
    printf("(seed 2000: %d %d %d of %d) ", n_xi, n_var, n_es, SAMPLES);
    CU_ASSERT(n_xi >= 270 - 21 && n_xi <= 270 + 21);
    CU_ASSERT(n_var >= 270 - 21 && n_var <= 270 + 21);
    CU_ASSERT(n_es >= 270 - 21 && n_es <= 270 + 21);
}

/* 150 losses, of which 15 exceed 1. */
static double excess_of_few(void)
{
    for (size_t i = 0; i < 150; i++)
        loss[i] = i < 135 ? (double)i / 135
                          : 1.0 + gpd_quantile((struct gpd){-0.5, 1.0},
                                               ((double)(i - 135) + 0.5) / 15);
    CU_ASSERT_FATAL(pot_sort(150, loss, sorted) == 150);
    return sorted[149] - 1.0;
}

/* ln L of a point of the plane, however near the end of the support. */
static double log_likelihood(double xi, double beta)
{
    return gpd_log_likelihood((struct gpd){xi, beta}, 15, excess);
}

/* Fifteen excesses as a series of 150 days leaves, in places as of a law that ends (xi
 * = -1/2): R reaches xi = -1, where its lower edge is the end of the support and no
 * digit of beta is left for the distance.  The extremes of VaR and ES over R against
 * the best of a fine grid, which misses by no more than a step of its: 1/400 of beta.
 */
static void intervals_of_few_excesses_are_those_of_a_grid(void)
{
    const double x_max = excess_of_few(), c = 0.99;
    const struct pot pot = pot_fit(150, sorted, 1.0, excess);
    const double floor = pot.fit.log_likelihood - 0.5 * 3.841458820694124;
    double low[2] = {INFINITY, INFINITY}, high[2] = {0.0, 0.0};

    CU_ASSERT_EQUAL_FATAL(pot.fit.status, GPD_CONVERGED);
    CU_ASSERT_EQUAL_FATAL(pot.n_exceed, 15);
    for (double xi = -1.0 + 1e-6; xi < 0.99; xi += 1.0 / 512)
        for (double beta = 1.0 / 400; beta < 6.0; beta += 1.0 / 400) {
            const double q = (pow(0.1, -xi) - 1.0) / xi;
            const double of[2] = {1.0 + beta * q, 1.0 + beta * (q + 1.0) / (1.0 - xi)};

            for (int i = 0; log_likelihood(xi, beta) > floor && i < 2; i++) {
                low[i] = fmin(low[i], of[i]);
                high[i] = fmax(high[i], of[i]);
            }
        }
    const struct pot_interval xi = pot_interval_xi(&pot, excess, 0.95);
    const struct pot_interval got[2] = {pot_interval_var(&pot, excess, c, 0.95),
                                        pot_interval_es(&pot, excess, c, 0.95)};

    CU_ASSERT(xi.low < -1.0 + 1e-3 && x_max > 0.0);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT(got[i].low <= low[i] && got[i].low > low[i] - 0.02);
        CU_ASSERT(got[i].high >= high[i] && got[i].high < 1.02 * high[i]);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"estimates_and_intervals_agree_with_r_and_evd",
         estimates_and_intervals_agree_with_r_and_evd},
        {"the_danish_fires_give_what_the_published_pair_gives",
         the_danish_fires_give_what_the_published_pair_gives},
        {"the_threshold_itself_is_where_its_share_is_exceeded",
         the_threshold_itself_is_where_its_share_is_exceeded},
        {"an_interval_ends_where_the_profile_has_fallen",
         an_interval_ends_where_the_profile_has_fallen},
        {"intervals_nest_and_move_with_the_units",
         intervals_nest_and_move_with_the_units},
        {"the_scan_is_a_fit_a_row", the_scan_is_a_fit_a_row},
        {"missing_losses_are_left_out_and_order_does_not_matter",
         missing_losses_are_left_out_and_order_does_not_matter},
        {"losses_without_a_tail_have_no_estimate",
         losses_without_a_tail_have_no_estimate},
        {"a_tail_without_a_mean_has_no_finite_shortfall",
         a_tail_without_a_mean_has_no_finite_shortfall},
        {"intervals_of_few_excesses_are_those_of_a_grid",
         intervals_of_few_excesses_are_those_of_a_grid},
        {"profile_intervals_cover_as_they_promise",
         profile_intervals_cover_as_they_promise},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"pot", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    return check_run(suites);
}
