#include "tests/core/conf_job.h"

/* The whole error is `want`, a file's error behind "path:", in one line; nothing is
 * left and nothing the caller sees is changed. */
static void check_error(const char *bytes, size_t n, const char *setting,
                        const char *want)
{
    struct err err = {0};
    struct job job, before;
    struct conf *conf = NULL;
    char whole[ERR_TEXT_MAX];

    memset(&job, 0x5a, sizeof job);
    before = job;
    CU_ASSERT_EQUAL_FATAL(
        read_bytes(bytes, n, setting != NULL, &setting, &job, &conf, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    snprintf(whole, sizeof whole, "%s%s%s", setting == NULL ? path : "",
             setting == NULL ? ":" : "", want);
    if (strcmp(err.text, whole) != 0)
        fprintf(stderr, "got  %s\nwant %s\n", err.text, whole);
    CU_ASSERT_STRING_EQUAL(err.text, whole);
    CU_ASSERT_PTR_NULL(strchr(err.text, '\n'));
    CU_ASSERT_PTR_NULL(conf);
    CU_ASSERT_EQUAL(memcmp(&job, &before, sizeof job), 0);
}

static void check_file_error(const char *text, const char *want)
{
    check_error(text, strlen(text), NULL, want);
}

static void check_setting_error(const char *setting, const char *want)
{
    check_error("name: x\n", 8, setting, want);
}

/* "axes.q: VALUE" in the fourth line is refused for this reason. */
static void check_q_error(const char *value, const char *want)
{
    char text[200];

    snprintf(text, sizeof text, "name: x\naxes:\n  q: %s\n", value);
    check_file_error(text, want);
}

static void an_unknown_key_names_the_nearest(void)
{
    check_file_error("name: x\naxes:\n  weigth: 1\n",
                     "3:3: axes.weigth: is not a key; did you mean axes.weight?");
    check_file_error("name: x\nweight: 1\n",
                     "2:1: weight: is not a key; did you mean axes.weight?");
    check_file_error("name: x\naxis: {q: 1}\n",
                     "2:1: axis: is not a key; did you mean axes?");
    check_file_error("name: x\naxes: {zebra: 1}\n",
                     "2:8: axes.zebra: is not a key; here stand weight, q");
    check_file_error("name: x\naxes.q: 1\n",
                     "2:1: axes.q: is not a key with a dot: write axes: and q: under "
                     "it");
    check_file_error("name: x\nitems: [{nme: a}]\n",
                     "2:10: items[0].nme: is not a key; did you mean items[0].name?");
}

static void a_doubled_key_is_refused(void)
{
    check_file_error("name: x\nname: y\n",
                     "2:1: name: is given twice, first on line 1");
    check_file_error("name: x\naxes: {q: 1}\non: true\naxes: {q: 2}\n",
                     "4:1: axes: is given twice, first on line 2");
    check_file_error("name: x\nconstraints: {a: {min: 2}, a: {max: 1}}\n",
                     "2:28: constraints: a is given twice (what must hold)");
}

static void a_missing_key_or_value_is_named(void)
{
    check_file_error("axes: {q: 1}\n", "1:1: name: is missing (the job's name)");
    check_file_error("name:\n", "1:1: name: has no value (the job's name)");
    check_file_error("name: ~\n", "1:7: name: has no value (the job's name)");
    check_file_error("name: ''\n", "1:7: name: is empty (the job's name)");
    check_file_error("name: x\nitems:\n  - nu: 3\n",
                     "3:5: items[0].name: is missing (its name)");
}

static void a_value_out_of_bounds_says_which_bound(void)
{
    check_file_error("name: x\naxes: {weight: 1}\n",
                     "2:16: axes.weight: 1 is not below 1 (a weight)");
    check_q_error("-1", "3:6: axes.q: -1 is not at least 0 (multiplier)");
    check_q_error("[1, 1000.5]",
                  "3:10: axes.q: 1000.5 is not at most 1000 (multiplier)");
    check_file_error("name: x\ncount: 10\n",
                     "2:8: count: 10 is not at most 9 (how many)");
    check_file_error("name: x\nitems: [{name: a, nu: 2}]\n",
                     "2:23: items[0].nu: 2 is not above 2 (degrees of freedom)");
    check_file_error("name: x\nevery: 30s\n",
                     "2:8: every: 30s is not at least 1m (interval)");
}

static void a_map_of_names_says_which_name_or_text_is_wrong(void)
{
    check_file_error("name: x\ngroups: {a: [b], a: c}\n",
                     "2:18: groups: a is given twice (who belongs together)");
    check_file_error("name: x\ngroups: [a]\n",
                     "2:9: groups: a list is not a map of name: text, or name: [texts] "
                     "(who belongs together)");
    check_file_error("name: x\ngroups: {a: []}\n",
                     "2:13: groups.a: an empty list (who belongs together)");
    check_file_error("name: x\ngroups: {a b: c}\n",
                     "2:10: groups: a key that is not a name (who belongs together)");
}

static void what_is_not_a_number_is_refused(void)
{
    check_q_error("nan",
                  "3:6: axes.q: 'nan' is not a finite decimal number (multiplier)");
    check_q_error(".nan",
                  "3:6: axes.q: '.nan' is not a finite decimal number (multiplier)");
    check_q_error(".inf",
                  "3:6: axes.q: '.inf' is not a finite decimal number (multiplier)");
    check_q_error("1e999",
                  "3:6: axes.q: '1e999' is not a finite decimal number (multiplier)");
    check_q_error("0x10",
                  "3:6: axes.q: '0x10' is not a finite decimal number (multiplier)");
    check_q_error("0.9x",
                  "3:6: axes.q: '0.9x' is not a finite decimal number (multiplier)");
    check_q_error("\"1\"", "3:6: axes.q: '1' in quotes is not a finite decimal number "
                           "(multiplier)");
    check_q_error("~", "3:6: axes.q: has no value (multiplier)");
    check_q_error("[1, [2]]",
                  "3:10: axes.q: a list is not a finite decimal number (multiplier)");
    check_file_error("name: x\ncount: 1.5\n",
                     "2:8: count: '1.5' is not a whole number (how many)");
    check_file_error("name: x\ncount: 99999999999999999999\n",
                     "2:8: count: '99999999999999999999' is not a whole number (how "
                     "many)");
}

static void a_wrong_type_says_what_is_wanted(void)
{
    check_file_error("name: [x]\n", "1:7: name: a list is not a text (the job's name)");
    check_file_error("name: x\naxes: 3\n",
                     "2:7: axes: is not a map of keys and values");
    check_file_error("name: x\non: yes\n",
                     "2:5: on: 'yes' is not true or false (whether)");
    check_file_error("name: x\nkind: pth\n",
                     "2:7: kind: 'pth' is not one of path, close (the loss)");
    check_file_error("name: x\nfrom: 2024-02-30\n",
                     "2:7: from: '2024-02-30' is not a moment such as "
                     "2024-03-01T08:30:00Z (first bar)");
    check_file_error("name: x\nevery: 1x\n",
                     "2:8: every: '1x' is not a duration such as 15m, 1h or 1d "
                     "(interval)");
    check_file_error("name: x\nwho: {a: 1}\n",
                     "2:6: who: a map is not a text or a list of texts (instruments)");
    check_file_error("name: x\nwho: []\n", "2:6: who: an empty list (instruments)");
    check_file_error("name: x\nitems: {a: 1}\n",
                     "2:8: items: a map is not a list (the instruments)");
    check_file_error("name: x\nitems: [1]\n",
                     "2:9: items: '1' is not a map (the instruments)");
    check_file_error("name: x\nconstraints: 1\n",
                     "2:14: constraints: '1' is not a map of name: {min: a, max: b} "
                     "(what must hold)");
    check_file_error("name: x\nconstraints: {a: 1}\n",
                     "2:18: constraints.a: '1' is not a map such as {min: 0.99} (what "
                     "must hold)");
    check_file_error("name: \"a\\nb\"\n",
                     "1:7: name: a text with a line break or control character (the "
                     "job's name)");
}

static void a_wrong_range_says_why(void)
{
    check_q_error("{from: 1, to: 2}",
                  "3:6: axes.q.count: is missing (how many values the range has)");
    check_q_error("{form: 1, to: 2, count: 3}",
                  "3:7: axes.q.form: is not a key; did you mean axes.q.from?");
    check_q_error("{from: 1, to: 2, count: 0}",
                  "3:30: axes.q.count: 0 is not at least 1 (how many values the range "
                  "has)");
    check_q_error("{from: 1, to: 2, count: 65537}",
                  "3:30: axes.q.count: 65537 is not at most 65536 (how many values the "
                  "range has)");
    check_q_error("{from: 1, to: 2, count: 1}",
                  "3:6: axes.q: a range of 1 value from 1 to 2 (multiplier)");
    check_q_error("{from: 0, to: 2, count: 5, scale: log}",
                  "3:6: axes.q: a log range from 0 to 2: both must be above 0 "
                  "(multiplier)");
    check_q_error(
        "{from: -1e308, to: 1e308, count: 5}",
        "3:6: axes.q: a range from -1e+308 to 1e+308 is too wide (multiplier)");
    check_q_error("{from: 1, to: 2000, count: 3}",
                  "3:6: axes.q: 1000.5 is not at most 1000 (multiplier)");
    check_q_error("{from: 2, to: 1, count: 3}",
                  "3:6: axes.q: 1.5 is not above 2, the value before it (multiplier)");
    check_q_error("[1, 3, 3]",
                  "3:13: axes.q: 3 is not above 3, the value before it (multiplier)");
    check_q_error("[]", "3:6: axes.q: an empty list (multiplier)");
}

static void a_wrong_limit_says_why(void)
{
    check_file_error("name: x\nconstraints: {a: {min: 2, max: 1}}\n",
                     "2:18: constraints.a: min 2 is above max 1 (what must hold)");
    check_file_error("name: x\nconstraints: {a: {mn: 2}}\n",
                     "2:19: constraints.a.mn: is not a key; did you mean "
                     "constraints.a.min?");
    check_file_error("name: x\nconstraints: {\"a\\nb\": {min: 2}}\n",
                     "2:15: constraints: a key that is not a name (what must hold)");
}

static void yaml_errors_have_their_place(void)
{
    check_q_error("[1", "4:1: is not YAML: flow sequence without a closing bracket");
    check_file_error("name: \"x\n",
                     "1:8: is not YAML: double-quoted scalar without closing quote");
    check_file_error("? [a]\n: 3\n", "1:3: a list or map stands where a key should be");
    check_file_error("[]", "1:1: is not a map of keys and values");
    check_file_error("name", "1:1: is not a map of keys and values");
    check_file_error("name: x\n---\nname: y\n", "2:1: a second document (---) starts");
}

static void anchors_aliases_and_tags_are_refused(void)
{
    check_q_error("&a 1", "3:6: anchors (&name) are not read; quote a text with a &");
    check_q_error("*a", "3:6: aliases (*name) are not read; quote a text with a *");
    check_q_error("!!float 1", "3:6: tags (!name) are not read; quote a text with a !");
    check_q_error("!!python/object:os.system [x]",
                  "3:6: tags (!name) are not read; quote a text with a !");
}

static void a_billion_laughs_ends_at_the_first(void)
{
    check_file_error("name: x\n"
                     "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
                     "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
                     "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n",
                     "2:4: anchors (&name) are not read; quote a text with a &");
}

static void deep_nesting_and_long_lists_are_refused(void)
{
    enum { N = 1 << 19 };
    char *text = malloc(2 * N + 100);
    size_t n = (size_t)sprintf(text, "name: x\naxes:\n  q: ");
    const size_t start = n;

    memset(text + n, '[', N);
    check_error(text, n + N, NULL, "3:20: nested more than 16 deep");
    text[n++] = '[';
    for (int i = 0; i <= 65536; i++)
        n += (size_t)sprintf(text + n, "1,");
    text[n++] = ']';
    check_error(text, n, NULL, "3:131079: more than 65536 entries");
    memset(text + start, ' ', 2 * N);
    struct err err = {0};
    struct job job;
    struct conf *conf;
    CU_ASSERT_EQUAL(read_bytes(text, (1 << 20) + 1, 0, NULL, &job, &conf, &err), -1);
    CHECK_CONTAINS(err.text, ": 1048577 bytes are more than 1048576");
    free(text);
}

static void bytes_that_are_not_text_have_their_place(void)
{
    check_error("name: x\0\n", 9, NULL, "1:8: byte 0x00 is a control character");
    check_error("name: \xc3\xa9\xff\n", 10, NULL, "1:8: byte 0xff is not UTF-8 text");
    check_error("name: \xc0\x80\n", 9, NULL, "1:7: byte 0xc0 is not UTF-8 text");
    check_error("name: \xed\xa0\x80\n", 10, NULL, "1:7: byte 0xed is not UTF-8 text");
    check_error("name: x\non: \xe2\x82", 14, NULL, "2:5: byte 0xe2 is not UTF-8 text");
    check_file_error("name: \"a\\0b\"\n", "1:7: a text has a NUL in it");
}

static void an_empty_file_a_directory_and_no_file_are_told(void)
{
    struct err err = {0};
    struct job job;
    struct conf *conf;

    check_file_error("", " is empty: it should hold keys of: A job of the tests");
    check_file_error("# nothing\n",
                     " is empty: it should hold keys of: A job of the tests");
    CU_ASSERT_EQUAL(conf_read("/tmp", 0, NULL, &table, &job, &conf, &err), -1);
    CU_ASSERT_STRING_EQUAL(err.text, "/tmp: is not a regular file");
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CU_ASSERT_EQUAL(conf_read("/nowhere/x.yaml", 0, NULL, &table, &job, &conf, &err),
                    -1);
    CU_ASSERT_STRING_EQUAL(err.text, "/nowhere/x.yaml: No such file or directory");
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
}

static void an_error_is_one_line_whatever_a_key_looks_like(void)
{
    check_file_error("name: x\n\"nam\\ne\": 1\n",
                     "2:1: nam\\x0ae: is not a key; did you mean name?");
    check_file_error("name: x\n\"zebra\\tcrossing\\x1b[31m\": 1\n",
                     "2:1: zebra\\x09crossing\\x1b[31m: is not a key; here stand name, "
                     "axes, count, on, kind, from, every, who, constraints, groups, "
                     "items");
    check_setting_error("a\nb=3", "--set a\\x0ab: is not a key; here stand name, axes, "
                                  "count, on, kind, from, every, who, constraints, "
                                  "groups, items");
}

static void a_setting_is_checked_by_the_same_row(void)
{
    check_setting_error("count=0", "--set count: 0 is not at least 1 (how many)");
    check_setting_error("nme=y", "--set nme: is not a key; did you mean name?");
    check_setting_error("axes.q.count=3",
                        "--set axes.q.count: stands inside of axes.q: give that as a "
                        "whole, as in axes.q={...}");
    check_setting_error("axes=3", "--set axes: is a map: set one of its keys");
    check_setting_error("count=", "--set count: has no value (how many)");
    check_setting_error(
        "axes.q=1,x", "--set axes.q: 'x' is not a finite decimal number (multiplier)");
    check_setting_error("axes.q=3,2",
                        "--set axes.q: 2 is not above 3, the value before it "
                        "(multiplier)");
    check_setting_error(
        "axes.q={from: 1, to: 2}",
        "--set axes.q.count: is missing (how many values the range has)");
    check_setting_error("axes.q={from: 1",
                        "--set axes.q: is not YAML: missing comma in flow mapping");
    check_setting_error("items=[{nu: 3}]",
                        "--set items[0].name: is missing (its name)");
    check_setting_error("name=\xff", "--set name: byte 0xff is not UTF-8 text");
}

static void a_setting_is_key_equals_value_and_stands_once(void)
{
    const char *const twice[] = {"count=3", "count=3"};
    const char *const word = "count";
    struct err err = {0};
    struct job job;
    struct conf *conf;

    CU_ASSERT_EQUAL(read_bytes("name: x\n", 8, 1, &word, &job, &conf, &err), -1);
    CU_ASSERT_STRING_EQUAL(err.text, "--set count: is not of the form key=value");
    CU_ASSERT_EQUAL(err.kind, ERR_USAGE);
    CU_ASSERT_EQUAL(read_bytes("name: x\n", 8, 2, twice, &job, &conf, &err), -1);
    CU_ASSERT_STRING_EQUAL(err.text, "--set count: is set twice");
}

static void a_complaint_names_the_place_of_the_value(void)
{
    struct err err = {0};
    struct job job;
    struct conf *conf;
    char want[ERR_TEXT_MAX];

    check_good("name: x\naxes:\n  q: 3\nconstraints:\n  a: {min: 1}\n"
               "items: [{name: y}]\n",
               "count=3", &job, &conf);
    CU_ASSERT_EQUAL(conf_complain(conf, "axes.q", &err, "%g is odd", 3.0), -1);
    snprintf(want, sizeof want, "%s:3:6: axes.q: 3 is odd", path);
    CU_ASSERT_STRING_EQUAL(err.text, want);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    conf_complain(conf, "constraints.a", &err, "is no metric");
    snprintf(want, sizeof want, "%s:5:3: constraints.a: is no metric", path);
    CU_ASSERT_STRING_EQUAL(err.text, want);
    conf_complain(conf, "items[0].name", &err, "is taken");
    snprintf(want, sizeof want, "%s:6:16: items[0].name: is taken", path);
    CU_ASSERT_STRING_EQUAL(err.text, want);
    conf_complain(conf, "count", &err, "is odd");
    CU_ASSERT_STRING_EQUAL(err.text, "--set count: is odd");
    conf_complain(conf, "every", &err, "is too short");
    snprintf(want, sizeof want, "%s: every: is too short", path);
    CU_ASSERT_STRING_EQUAL(err.text, want);
    conf_free(conf, &job);
}

/* The library's own complaints would go to standard error. */
static void nothing_is_printed(void)
{
    char printed[] = "/tmp/plimsoll-stderr-XXXXXX";
    const int fd = mkstemp(printed), kept = dup(STDERR_FILENO);
    struct err err = {0};
    struct job job;
    struct conf *conf;

    dup2(fd, STDERR_FILENO);
    read_bytes("name: \"x\n", 9, 0, NULL, &job, &conf, &err);
    read_bytes("a: [1,,2]\n\tb", 12, 0, NULL, &job, &conf, &err);
    dup2(kept, STDERR_FILENO);
    CU_ASSERT_EQUAL(lseek(fd, 0, SEEK_END), 0);
    close(fd);
    close(kept);
    unlink(printed);
}

static CU_TestInfo tests[] = {
    {"conf: an_unknown_key_names_the_nearest", an_unknown_key_names_the_nearest},
    {"conf: a_doubled_key_is_refused", a_doubled_key_is_refused},
    {"conf: a_missing_key_or_value_is_named", a_missing_key_or_value_is_named},
    {"conf: a_value_out_of_bounds_says_which_bound",
     a_value_out_of_bounds_says_which_bound},
    {"conf: a_map_of_names_says_which_name_or_text_is_wrong",
     a_map_of_names_says_which_name_or_text_is_wrong},
    {"conf: what_is_not_a_number_is_refused", what_is_not_a_number_is_refused},
    {"conf: a_wrong_type_says_what_is_wanted", a_wrong_type_says_what_is_wanted},
    {"conf: a_wrong_range_says_why", a_wrong_range_says_why},
    {"conf: a_wrong_limit_says_why", a_wrong_limit_says_why},
    {"conf: yaml_errors_have_their_place", yaml_errors_have_their_place},
    {"conf: anchors_aliases_and_tags_are_refused",
     anchors_aliases_and_tags_are_refused},
    {"conf: a_billion_laughs_ends_at_the_first", a_billion_laughs_ends_at_the_first},
    {"conf: deep_nesting_and_long_lists_are_refused",
     deep_nesting_and_long_lists_are_refused},
    {"conf: bytes_that_are_not_text_have_their_place",
     bytes_that_are_not_text_have_their_place},
    {"conf: an_empty_file_a_directory_and_no_file_are_told",
     an_empty_file_a_directory_and_no_file_are_told},
    {"conf: an_error_is_one_line_whatever_a_key_looks_like",
     an_error_is_one_line_whatever_a_key_looks_like},
    {"conf: a_setting_is_checked_by_the_same_row",
     a_setting_is_checked_by_the_same_row},
    {"conf: a_setting_is_key_equals_value_and_stands_once",
     a_setting_is_key_equals_value_and_stands_once},
    {"conf: a_complaint_names_the_place_of_the_value",
     a_complaint_names_the_place_of_the_value},
    {"conf: nothing_is_printed", nothing_is_printed},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{"conf errors", make_file, remove_file, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
