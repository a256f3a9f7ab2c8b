#include "coordinator/evidence.h"
#include "core/h5.h"
#include "core/sha256.h"
#include "tests/check.h"

#include <stdlib.h>
#include <unistd.h>

static char directory[64];

static const char *at(const char *name)
{
    static char path[128];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static int make_directory(void)
{
    strcpy(directory, "/tmp/test_evidence.XXXXXX");
    return mkdtemp(directory) == NULL;
}

static int remove_directory(void)
{
    unlink(at("a.h5"));
    unlink(at("b.h5"));
    return rmdir(directory); /* fails where anything else has been left behind */
}

static const double lambda[3] = {0.94, 0.97, 0.99};
static const double q[5] = {2, 2.5, 3, 3.5, 4};
static const double point[2] = {13, 7};
static const double coverage[2] = {0.9903, NAN};
static const double best_cost[3] = {0.05, 0.04, 0.06};
static const char *const name[2] = {"BTC-PERP", "ETH-PERP"};
static const char *const status[2] = {"calibrated", "failed"};

/* What a small study leaves: one of each kind of surface. */
static int write_study(const char *path, struct err *err)
{
    double cost[15];
    struct evidence *evidence = NULL;

    for (size_t i = 0; i < 15; i++)
        cost[i] = 0.01 * (double)i;
    const struct evidence_axis axes[] = {
        {"lambda", "1", "decay per bar", 3, lambda, NULL},
        {"q", "1", "multiplier of volatility", 5, q, NULL},
    };
    const struct evidence_axis points[] = {
        {"point", "1", "grid point", 2, point, NULL}};
    const struct evidence_axis instruments[] = {
        {"instrument", "1", "what is margined", 2, NULL, name}};
    const struct evidence_figure of_surface[] = {
        {"cost", "1", "mean margin", cost, NULL}};
    const struct evidence_figure of_marginal[] = {
        {"best_cost", "1", "lowest cost given the value", best_cost, NULL}};
    const struct evidence_figure of_points[] = {
        {"coverage", "1", "bars within margin", coverage, NULL},
        {"lambda", "1", "decay per bar", lambda, NULL}};
    const struct evidence_figure of_instruments[] = {
        {"status", "1", "what became of it", NULL, status}};
    const struct evidence_surface surface = {2, axes, 1, of_surface, true};
    const struct evidence_surface marginal = {1, axes, 1, of_marginal, false};
    const struct evidence_surface scored = {1, points, 2, of_points, false};
    const struct evidence_surface summary = {1, instruments, 1, of_instruments, false};

    if (evidence_create(path, &evidence, err) != 0)
        return -1;
    if (evidence_set_text(evidence, "/", "program", "plimsoll 0.1.0", err) != 0 ||
        evidence_set_integer(evidence, "/", "ranks", 3, err) != 0 ||
        evidence_set_real(evidence, "/", "elapsed_s", 1.5, err) != 0 ||
        evidence_set_text(evidence, "/BTC-PERP", "status", "calibrated", err) != 0 ||
        evidence_write(evidence, "/instruments", &summary, err) != 0 ||
        evidence_write(evidence, "/BTC-PERP/points", &scored, err) != 0 ||
        evidence_write(evidence, "/BTC-PERP/marginals/lambda", &marginal, err) != 0 ||
        evidence_write(evidence, "/BTC-PERP/surface", &surface, err) != 0) {
        evidence_abandon(evidence);
        return -1;
    }
    return evidence_commit(evidence, err);
}

static void a_surface_stands_over_its_axes(void)
{
    struct h5 *file = NULL;
    struct h5_array array;
    struct err err = {0};
    double cost[15], axis[5];
    char *text = NULL;

    CU_ASSERT_EQUAL_FATAL(write_study(at("a.h5"), &err), 0);
    CU_ASSERT_EQUAL_FATAL(h5_open(at("a.h5"), EVIDENCE_KIND, &file, &err), 0);
    CU_ASSERT_EQUAL(h5_describe(file, "/BTC-PERP/surface/cost", &array, NULL), 0);
    CU_ASSERT_EQUAL(array.n_dims, 2);
    CU_ASSERT_EQUAL(array.extent[0], 3);
    CU_ASSERT_EQUAL(array.extent[1], 5);
    CU_ASSERT_EQUAL(h5_read(file, "/BTC-PERP/surface/cost", &array, cost, NULL), 0);
    CU_ASSERT_EQUAL(cost[1 * 5 + 2], 0.01 * 7);
    CU_ASSERT_EQUAL(h5_describe(file, "/BTC-PERP/surface/q", &array, NULL), 0);
    CU_ASSERT_EQUAL(h5_read(file, "/BTC-PERP/surface/q", &array, axis, NULL), 0);
    CU_ASSERT_EQUAL(memcmp(axis, q, sizeof q), 0);
    CU_ASSERT_EQUAL(h5_get_text(file, "/BTC-PERP/surface/q", "long_name", &text, NULL),
                    0);
    CU_ASSERT_STRING_EQUAL(text, "multiplier of volatility");
    free(text);
    h5_close(file);
}

static void texts_stand_over_axes_too(void)
{
    struct h5 *file = NULL;
    struct h5_array array;
    char texts[2][11];

    CU_ASSERT_EQUAL_FATAL(write_study(at("a.h5"), NULL), 0);
    CU_ASSERT_EQUAL_FATAL(h5_open(at("a.h5"), EVIDENCE_KIND, &file, NULL), 0);
    CU_ASSERT_EQUAL(h5_describe(file, "/instruments/status", &array, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(array.text_size, 11); /* "calibrated" and its NUL */
    CU_ASSERT_EQUAL(h5_read(file, "/instruments/status", &array, texts, NULL), 0);
    CU_ASSERT_STRING_EQUAL(texts[0], "calibrated");
    CU_ASSERT_STRING_EQUAL(texts[1], "failed");
    h5_close(file);
}

static void the_same_study_makes_the_same_bytes(void)
{
    char a[SHA256_TEXT_MAX], b[SHA256_TEXT_MAX];

    CU_ASSERT_EQUAL(write_study(at("a.h5"), NULL), 0);
    CU_ASSERT_EQUAL(write_study(at("b.h5"), NULL), 0);
    CU_ASSERT_EQUAL(sha256_of_file(at("a.h5"), a, NULL), 0);
    CU_ASSERT_EQUAL(sha256_of_file(at("b.h5"), b, NULL), 0);
    CU_ASSERT_STRING_EQUAL(a, b);
}

static void what_fails_leaves_the_former_file(void)
{
    const struct evidence_axis axis = {"x", "1", "", 3, lambda, NULL};
    const struct evidence_figure twice[] = {{"y", "1", "", lambda, NULL},
                                            {"y", "1", "", lambda, NULL}};
    const struct evidence_surface surface = {1, &axis, 2, twice, false};
    char before[SHA256_TEXT_MAX], after[SHA256_TEXT_MAX];
    struct evidence *evidence = NULL;
    struct err err = {0};

    CU_ASSERT_EQUAL(write_study(at("a.h5"), NULL), 0);
    sha256_of_file(at("a.h5"), before, NULL);
    CU_ASSERT_EQUAL_FATAL(evidence_create(at("a.h5"), &evidence, NULL), 0);
    CU_ASSERT_EQUAL(evidence_write(evidence, "/g", &surface, &err), -1);
    CHECK_CONTAINS(err.text, "cannot write /g/y: name already exists");
    CU_ASSERT_EQUAL(evidence_write(evidence, "g", &surface, &err), -1);
    CHECK_CONTAINS(err.text, "'g' is not a group's path");
    evidence_abandon(evidence);
    sha256_of_file(at("a.h5"), after, NULL);
    CU_ASSERT_STRING_EQUAL(before, after);
    CU_ASSERT_EQUAL(evidence_create(at("none/a.h5"), &evidence, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_IO);
    CHECK_CONTAINS(err.text, "none/a.h5: cannot begin the file: No such file");
    evidence_abandon(NULL);
}

/* With a path, the study is only written there, for other programs to open. */
int main(int argc, char *argv[])
{
    CU_TestInfo tests[] = {
        {"a_surface_stands_over_its_axes", a_surface_stands_over_its_axes},
        {"texts_stand_over_axes_too", texts_stand_over_axes_too},
        {"the_same_study_makes_the_same_bytes", the_same_study_makes_the_same_bytes},
        {"what_fails_leaves_the_former_file", what_fails_leaves_the_former_file},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {.pName = "evidence",
         .pInitFunc = make_directory,
         .pCleanupFunc = remove_directory,
         .pTests = tests},
        CU_SUITE_INFO_NULL,
    };

    if (argc > 1)
        return write_study(argv[1], NULL) != 0;
    return check_run(suites);
}
