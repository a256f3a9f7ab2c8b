/* Command lines: every kind of value, what is refused, and how it is said. */
#include "core/clock.h"
#include "core/options.h"
#include "tests/check.h"

#include <stddef.h>

struct asked {
    const char *history;
    size_t n_ranks;
    int64_t seed, within_ns, from_ns;
    double lambda, any;
    int side;
    bool as_json;
    size_t n_set;
    const char *set[4];
};

static int take_set(void *into, const char *value, struct err *err)
{
    struct asked *asked = into;

    if (strchr(value, '=') == NULL)
        return err_set(err, ERR_INPUT, "'%s' is not KEY=VALUE", value);
    asked->set[asked->n_set++] = value;
    return 0;
}

static const char *const sides[] = {"both", "long", "short", NULL};

static const struct options_row rows[] = {
    {"history", OPTIONS_TEXT, .offset = offsetof(struct asked, history)},
    {"ranks", OPTIONS_SIZE, .offset = offsetof(struct asked, n_ranks), .min = 1,
     .max = 64},
    {"seed", OPTIONS_INTEGER, .offset = offsetof(struct asked, seed), .min = 0,
     .max = INT64_MAX},
    {"within", OPTIONS_DURATION, .offset = offsetof(struct asked, within_ns)},
    {"from", OPTIONS_MOMENT, .offset = offsetof(struct asked, from_ns)},
    {"lambda", OPTIONS_REAL, .offset = offsetof(struct asked, lambda), .above = 0,
     .below = 1},
    {"face", OPTIONS_REAL, .offset = offsetof(struct asked, any), .below = INFINITY},
    {"any", OPTIONS_REAL, .offset = offsetof(struct asked, any)},
    {"side", OPTIONS_WORD, .offset = offsetof(struct asked, side), .words = sides},
    {"set", OPTIONS_CALL, .take = take_set},
    {"json", OPTIONS_FLAG, .offset = offsetof(struct asked, as_json)},
};

static const struct options_table table = {"plan", "job file", rows,
                                           sizeof rows / sizeof *rows};
static const struct options_table bare = {"list", NULL, rows, 1};
static const struct options_table free_words = {"night", "", rows, 1};

static struct asked asked;
static struct options_rest rest;
static struct err err;

/* `line` has a blank between two words. */
static int read_line(const struct options_table *of, const char *line)
{
    static char copy[256], *argv[32];
    int argc = 0;

    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    asked = (struct asked){.n_ranks = 7, .seed = 1};
    err = (struct err){0};
    return options_read(of, argc, argv, &asked, &rest, &err);
}

static void check_refused(const struct options_table *of, const char *line,
                          const char *want)
{
    CU_ASSERT_EQUAL(read_line(of, line), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_USAGE);
    CU_ASSERT_STRING_EQUAL(err.text, want);
}

static void every_kind_of_value_is_taken(void)
{
    CU_ASSERT_FATAL(
        read_line(&table,
                  "plan --history h.h5 --ranks 3 job.yaml --seed=0 --within 15m "
                  "--from 2024-03-01 --lambda 0.97 --any -1e3 --side short "
                  "--set a=1 --set b=2 --json") == 0);
    CU_ASSERT_STRING_EQUAL(asked.history, "h.h5");
    CU_ASSERT(asked.n_ranks == 3 && asked.seed == 0);
    CU_ASSERT(asked.within_ns == 15 * CLOCK_MINUTE);
    CU_ASSERT(asked.from_ns == INT64_C(1709251200) * CLOCK_SECOND);
    CU_ASSERT(asked.lambda == 0.97 && asked.any == -1e3);
    CU_ASSERT(asked.side == 2 && asked.as_json);
    CU_ASSERT(asked.n_set == 2 && strcmp(asked.set[1], "b=2") == 0);
    CU_ASSERT(!rest.help && rest.n_words == 1 && strcmp(rest.word[0], "job.yaml") == 0);
}

static void what_is_not_said_keeps_its_preset(void)
{
    CU_ASSERT(read_line(&table, "plan job.yaml") == 0 && asked.n_ranks == 7);
    CU_ASSERT(read_line(&table, "plan --ran 9 job.yaml") == 0 && asked.n_ranks == 9);
}

static void help_ends_the_reading(void)
{
    CU_ASSERT(read_line(&table, "plan --help --nope") == 0 && rest.help);
    CU_ASSERT(read_line(&table, "plan -h") == 0 && rest.help);
    CU_ASSERT(read_line(&table, "plan job.yaml") == 0 && !rest.help);
}

static void a_name_that_is_no_option_is_refused(void)
{
    check_refused(&table, "plan --nope x",
                  "plan: --nope is not an option (plimsoll plan --help)");
    check_refused(&table, "plan --nope=3",
                  "plan: --nope=3 is not an option (plimsoll plan --help)");
    check_refused(&table, "plan -x",
                  "plan: -x is not an option (plimsoll plan --help)");
    check_refused(
        &table, "plan --s 3",
        "plan: --s is the beginning of several options (plimsoll plan --help)");
}

static void a_value_too_few_or_too_many_is_refused(void)
{
    check_refused(&table, "plan job.yaml --ranks",
                  "plan: --ranks needs a value (plimsoll plan --help)");
    check_refused(&table, "plan --json=yes",
                  "plan: --json takes no value (plimsoll plan --help)");
    check_refused(&table, "plan --help=yes",
                  "plan: --help takes no value (plimsoll plan --help)");
}

static void a_value_out_of_bounds_is_refused_with_them(void)
{
    check_refused(&table, "plan --ranks 0", "plan: --ranks: 0 is not between 1 and 64");
    check_refused(&table, "plan --ranks x", "plan: --ranks: 'x' is not a whole number");
    check_refused(&table, "plan --lambda 1",
                  "plan: --lambda: 1 is not between 0 and 1");
    check_refused(&table, "plan --lambda 0.9x",
                  "plan: --lambda: '0.9x' is not a number");
    check_refused(&table, "plan --face 0", "plan: --face: 0 is not above 0");
    check_refused(&table, "plan --within 3",
                  "plan: --within: '3' is not a duration such as 15m, 1h or 1d (up to "
                  "10000)");
    check_refused(&table, "plan --from 2023-02-29",
                  "plan: --from: '2023-02-29' is not a moment such as "
                  "2024-03-01T08:30:00Z");
    check_refused(&table, "plan --side up",
                  "plan: --side: 'up' is none of both, long, short");
    check_refused(&table, "plan --set a", "plan: --set: 'a' is not KEY=VALUE");
}

static void words_are_as_many_as_the_table_says(void)
{
    check_refused(&table, "plan", "plan: which job file? (plimsoll plan --help)");
    check_refused(&table, "plan a b", "plan: 'b' is one argument too many");
    check_refused(&bare, "list a", "list: 'a' is one argument too many");
    CU_ASSERT(read_line(&bare, "list --history x") == 0 && rest.n_words == 0);
    CU_ASSERT(read_line(&free_words, "night a b c") == 0 && rest.n_words == 3);
    CU_ASSERT(read_line(&table, "plan -- --job") == 0 &&
              strcmp(rest.word[0], "--job") == 0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every_kind_of_value_is_taken", every_kind_of_value_is_taken},
        {"what_is_not_said_keeps_its_preset", what_is_not_said_keeps_its_preset},
        {"help_ends_the_reading", help_ends_the_reading},
        {"a_name_that_is_no_option_is_refused", a_name_that_is_no_option_is_refused},
        {"a_value_too_few_or_too_many_is_refused",
         a_value_too_few_or_too_many_is_refused},
        {"a_value_out_of_bounds_is_refused_with_them",
         a_value_out_of_bounds_is_refused_with_them},
        {"words_are_as_many_as_the_table_says", words_are_as_many_as_the_table_says},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"options", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
