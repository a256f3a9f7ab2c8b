#include "coordinator/incumbent.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LAMBDA, WINDOW, N_AXES };
static const struct axis_rule rules[N_AXES] = {
    {.name = "lambda", .unit = "per bar", .min = 0.0, .max = 1.0, .open_max = true},
    {.name = "window", .unit = "bars", .min = 2.0, .max = 1e6, .whole = true},
};
static const double lambdas[] = {0.9, 0.94, 0.98}, windows[] = {10, 20, 21};
static const struct grid grid = {
    .n_axes = N_AXES,
    .axis = {{&rules[LAMBDA], 3, lambdas}, {&rules[WINDOW], 3, windows}}};

/* A set of one instrument with these parameters, in a file. */
static void write_set(char path[], const char *parameters, const char *status)
{
    static const char *const tail =
        "\"initial_margin_ppm\": 80000, \"maintenance_margin_ppm\": 40000, "
        "\"tiers\": [{\"up_to_notional\": null, \"initial_margin_ppm\": 80000, "
        "\"maintenance_margin_ppm\": 40000}], \"evidence\": {\"training\": {}}}]}";
    const char *digest =
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    FILE *file;
    const int fd = mkstemp(path);

    CU_ASSERT_FATAL(fd >= 0 && (file = fdopen(fd, "w")) != NULL);
    fprintf(file,
            "{\"schema\": \"plimsoll-parameters\", \"schema_version\": 1, \"job\": "
            "{\"name\": \"j\", \"sha256\": \"%s\"}, \"program\": \"p\", \"study\": "
            "\"margin\", \"history_sha256\": \"%s\", \"as_of\": "
            "\"2024-01-01T00:00:00Z\", \"interval\": \"1h\", \"horizon_bars\": 8, "
            "\"confidence\": 0.99, \"n_points\": 9, \"instruments\": [{\"instrument\": "
            "\"BTC\", \"status\": \"%s\", \"reason\": \"%s\", \"as_of\": "
            "\"2024-01-01T00:00:00Z\", \"parameters\": {%s}, %s",
            digest, digest, status, status[0] == 'c' ? "" : "why", parameters, tail);
    fclose(file);
}

static int read_as(const char *parameters, const char *status,
                   struct incumbents *incumbents, struct err *err)
{
    static const char *const names[] = {"BTC", "ETH"};
    char path[] = "/tmp/incumbent.XXXXXX";

    write_set(path, parameters, status);
    const int got = incumbents_read(path, &grid, 2, names, incumbents, err);
    unlink(path);
    return got;
}

/* 0.95 lies between 0.94 and 0.98; between 20 and 21 there is no whole number. */
static void a_star_goes_half_and_a_quarter_of_the_way_to_the_next_values(void)
{
    static const double star[][N_AXES] = {
        {0.95, 20},   {0.945, 20}, {0.965, 20}, {0.9475, 20},
        {0.9575, 20}, {0.95, 15},  {0.95, 18},
    };
    const size_t n = sizeof star / sizeof *star;
    struct incumbents incumbents;
    double value[AXES_MAX];

    CU_ASSERT_FATAL(read_as("\"lambda\": 0.95, \"window\": 20", "calibrated",
                            &incumbents, NULL) == 0);
    const struct incumbent *btc = &incumbents.of[0];
    CU_ASSERT(btc->is_there && !btc->is_other && btc->initial_margin_ppm == 80000);
    CU_ASSERT_EQUAL_FATAL(btc->n_points, n);
    for (size_t i = 0; i < n; i++) {
        incumbent_values(&grid, btc, INCUMBENT_POINT + i, value);
        CHECK_REL(value[LAMBDA], star[i][LAMBDA], 4 * DBL_EPSILON);
        CU_ASSERT_EQUAL(value[WINDOW], star[i][WINDOW]);
    }
    CU_ASSERT(!incumbents.of[1].is_there && incumbents.of[1].n_points == 0);
    incumbents_free(&incumbents);
}

static void points_of_the_grid_stay_what_they_are(void)
{
    double value[AXES_MAX];

    incumbent_values(&grid, NULL, 5, value);
    CU_ASSERT(value[LAMBDA] == 0.94 && value[WINDOW] == 21);
}

static void what_engines_do_not_use_is_no_incumbent(void)
{
    struct incumbents incumbents;

    CU_ASSERT_FATAL(
        read_as("\"lambda\": 0.95, \"window\": 20", "held", &incumbents, NULL) == 0);
    CU_ASSERT(!incumbents.of[0].is_there && incumbents.of[0].n_points == 0);
    incumbents_free(&incumbents);
}

static void other_parameters_have_a_margin_and_no_points(void)
{
    struct incumbents incumbents;

    CU_ASSERT_FATAL(read_as("\"lambda\": 0.95", "calibrated", &incumbents, NULL) == 0);
    CU_ASSERT(incumbents.of[0].is_there && incumbents.of[0].is_other);
    CU_ASSERT_EQUAL(incumbents.of[0].n_points, 0);
    incumbents_free(&incumbents);
    CU_ASSERT_FATAL(read_as("\"lambda\": 0.95, \"alpha\": 20", "calibrated",
                            &incumbents, NULL) == 0);
    CU_ASSERT(incumbents.of[0].is_other);
    incumbents_free(&incumbents);
}

static void values_out_of_bounds_are_refused(void)
{
    static const char *const bad[] = {"\"lambda\": 1, \"window\": 20",
                                      "\"lambda\": 0.9, \"window\": 1",
                                      "\"lambda\": 0.9, \"window\": 20.5"};
    struct incumbents incumbents;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};

        CU_ASSERT(read_as(bad[i], "calibrated", &incumbents, &err) == -1);
        CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
        CU_ASSERT(strstr(err.text, "BTC: parameters: ") != NULL);
        CU_ASSERT(strstr(err.text, "is out of bounds") != NULL);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a_star_goes_half_and_a_quarter_of_the_way_to_the_next_values",
         a_star_goes_half_and_a_quarter_of_the_way_to_the_next_values},
        {"points_of_the_grid_stay_what_they_are",
         points_of_the_grid_stay_what_they_are},
        {"what_engines_do_not_use_is_no_incumbent",
         what_engines_do_not_use_is_no_incumbent},
        {"other_parameters_have_a_margin_and_no_points",
         other_parameters_have_a_margin_and_no_points},
        {"values_out_of_bounds_are_refused", values_out_of_bounds_are_refused},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"incumbent", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
