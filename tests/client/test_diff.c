#include "client/diff.h"
#include "example_set.h"
#include "tests/check.h"

/* The table between two texts, free() it. */
static char *diff(const char *old_text, const char *new_text, size_t *n_rows)
{
    struct plimsoll_set *old = NULL, *new = NULL;
    char *table = NULL;
    size_t size = 0;

    CU_ASSERT_EQUAL_FATAL(plimsoll_set_parse(old_text, strlen(old_text), &old, NULL),
                          0);
    CU_ASSERT_EQUAL_FATAL(plimsoll_set_parse(new_text, strlen(new_text), &new, NULL),
                          0);
    FILE *out = open_memstream(&table, &size);
    *n_rows = plimsoll_diff_print(old, new, out);
    fclose(out);
    plimsoll_set_free(old);
    plimsoll_set_free(new);
    return table;
}

/* Does the table have a line of exactly these words? */
static bool has_row(const char *table, const char *words)
{
    char line[256];

    for (const char *at = table; *at != '\0'; at += *at == '\n') {
        size_t n = 0;

        for (; *at != '\n' && *at != '\0'; at++)
            if (*at != ' ' || (n > 0 && line[n - 1] != ' '))
                line[n++] = *at;
        while (n > 0 && line[n - 1] == ' ')
            n--;
        line[n] = '\0';
        if (strcmp(line, words) == 0)
            return true;
    }
    fprintf(stderr, "no row '%s' in\n%s", words, table);
    return false;
}

static void check_change(const char *after, const char *old, const char *new,
                         size_t want_rows, const char *row)
{
    char *changed = example_change(example_set, after, old, new);
    size_t n_rows = 0;
    char *table = diff(example_set, changed, &n_rows);

    CU_ASSERT_EQUAL(n_rows, want_rows);
    CU_ASSERT(has_row(table, row));
    free(table);
    free(changed);
}

static void same_sets_have_no_rows(void)
{
    size_t n_rows = 1;
    char *table = diff(example_set, example_set, &n_rows);

    CU_ASSERT_EQUAL(n_rows, 0);
    CU_ASSERT_STRING_EQUAL(table, "");
    free(table);
}

static void a_changed_field_is_one_row_with_its_relative_change(void)
{
    check_change("", "\"q\": 2.5", "\"q\": 3", 1, "BTC-PERP q 2.5 3 +0.2000");
    check_change("", "\"q\": 2.5", "\"q\": 0", 1, "BTC-PERP q 2.5 0 -1.0000");
    check_change("\"tiers\"", "80000", "100000", 1,
                 "BTC-PERP tiers[1] initial ppm 80000 100000 +0.2500");
    check_change("\"tiers\"", "1000000", "2000000", 1,
                 "BTC-PERP tiers[0] up_to_notional 1000000 2000000 +1.0000");
    check_change("", "\"held\"", "\"failed\"", 1, "ETH-PERP status held failed");
}

static void a_parameter_that_came_or_went_is_one_row(void)
{
    check_change("", "\"q\": 2.5", "\"q\": 2.5, \"buffer\": 0.25", 1,
                 "BTC-PERP buffer - 0.25");
    check_change("", ", \"q\": 2.5", "", 1, "BTC-PERP q 2.5 -");
}

static void evidence_is_not_a_change_for_an_engine(void)
{
    char *changed = example_change(example_set, "", "0.991", "0.992");
    size_t n_rows = 1;

    free(diff(example_set, changed, &n_rows));
    CU_ASSERT_EQUAL(n_rows, 0);
    free(changed);
}

static void instruments_that_came_or_went_are_one_row(void)
{
    char *first = example_change(example_set, "", "ADA-PERP", "AAA-PERP");
    char *last = example_change(example_set, "", "ETH-PERP", "XRP-PERP");
    size_t n_rows = 0;
    char *table = diff(example_set, first, &n_rows);

    CU_ASSERT_EQUAL(n_rows, 2);
    CU_ASSERT(has_row(table, "AAA-PERP added - failed"));
    CU_ASSERT(has_row(table, "ADA-PERP gone failed -"));
    free(table);
    table = diff(last, example_set, &n_rows);
    CU_ASSERT_EQUAL(n_rows, 2);
    CU_ASSERT(has_row(table, "ETH-PERP added - held"));
    CU_ASSERT(has_row(table, "XRP-PERP gone held -"));
    free(table);
    free(first);
    free(last);
}

static void margins_that_went_leave_their_last_values(void)
{
    char *bare = strdup(example_set);
    size_t n_rows = 0;

    /* ETH-PERP fails, and nothing of it was judged */
    strcpy(strstr(bare, ",\n \"parameters\": {\"lambda\": 0.94"), "}]}\n");
    char *table = diff(example_set, bare, &n_rows);
    CU_ASSERT_EQUAL(n_rows, 4);
    CU_ASSERT(has_row(table, "ETH-PERP initial_margin_ppm 60000 -"));
    CU_ASSERT(has_row(table, "ETH-PERP lambda 0.94 -"));
    free(table);
    free(bare);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"same_sets_have_no_rows", same_sets_have_no_rows},
        {"a_changed_field_is_one_row_with_its_relative_change",
         a_changed_field_is_one_row_with_its_relative_change},
        {"a_parameter_that_came_or_went_is_one_row",
         a_parameter_that_came_or_went_is_one_row},
        {"evidence_is_not_a_change_for_an_engine",
         evidence_is_not_a_change_for_an_engine},
        {"instruments_that_came_or_went_are_one_row",
         instruments_that_came_or_went_are_one_row},
        {"margins_that_went_leave_their_last_values",
         margins_that_went_leave_their_last_values},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"diff", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
