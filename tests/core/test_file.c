#include "core/buffer.h"
#include "core/file.h"
#include "core/json.h"
#include "core/sha256.h"
#include "tests/check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static char directory[] = "/tmp/plimsoll-test-XXXXXX";

static int make_directory(void)
{
    return mkdtemp(directory) == NULL;
}

static int remove_directory(void)
{
    char command[64];

    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

static const char *in_directory(const char *name)
{
    static char path[FILE_PATH_MAX];

    CU_ASSERT_FATAL(file_join(directory, name, path, NULL) == 0);
    return path;
}

static void a_replaced_file_is_the_new_one_whole(void)
{
    const char *path = in_directory("a");
    char *bytes;
    size_t n;

    CU_ASSERT(file_replace(path, "old", 3, NULL) == 0);
    CU_ASSERT(file_replace(path, "newer", 5, NULL) == 0);
    CU_ASSERT(file_read(path, 5, &bytes, &n, NULL) == 0);
    CU_ASSERT(n == 5 && strcmp(bytes, "newer") == 0);
    free(bytes);
}

static void a_full_disk_leaves_the_old_file_and_no_temporary_one(void)
{
    const char *path = in_directory("b");
    struct rlimit was, small = {.rlim_cur = 100, .rlim_max = RLIM_INFINITY};
    char big[4096] = "", *bytes, command[128];
    struct err err = {0};
    size_t n;

    CU_ASSERT(file_replace(path, "old", 3, NULL) == 0);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &was);
    small.rlim_max = was.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    CU_ASSERT(file_replace(path, big, sizeof big, &err) == -1);
    setrlimit(RLIMIT_FSIZE, &was);
    CU_ASSERT(err.kind == ERR_IO);
    CHECK_CONTAINS(err.text, "File too large");
    CU_ASSERT(file_read(path, 100, &bytes, &n, NULL) == 0 && strcmp(bytes, "old") == 0);
    free(bytes);
    snprintf(command, sizeof command, "! ls -A %s | grep tmp", directory);
    CU_ASSERT(system(command) == 0);
}

static void what_killed_writers_left_goes_and_nothing_else(void)
{
    static const char *const stay[] = {".e.h5.12.tmp", ".e.12.tmpx", ".e.tmp",
                                       ".e..tmp",      "e.12.tmp",   ".e.1x.tmp",
                                       ".ee.12.tmp"};
    char *bytes;
    size_t n;

    for (size_t i = 0; i < sizeof stay / sizeof *stay; i++)
        CU_ASSERT(file_replace(in_directory(stay[i]), "", 0, NULL) == 0);
    CU_ASSERT(file_replace(in_directory("e"), "whole", 5, NULL) == 0);
    CU_ASSERT(file_replace(in_directory(".e.12.tmp"), "ha", 2, NULL) == 0);
    CU_ASSERT(file_replace(in_directory(".e.4711.tmp"), "lf", 2, NULL) == 0);
    file_discard_abandoned(in_directory("e"));
    CU_ASSERT(access(in_directory(".e.12.tmp"), F_OK) != 0);
    CU_ASSERT(access(in_directory(".e.4711.tmp"), F_OK) != 0);
    CU_ASSERT(file_read(in_directory("e"), 5, &bytes, &n, NULL) == 0 && n == 5);
    free(bytes);
    for (size_t i = 0; i < sizeof stay / sizeof *stay; i++)
        CU_ASSERT(unlink(in_directory(stay[i])) == 0);
    file_discard_abandoned("/no/such/directory/e"); /* nothing to remove is no fault */
}

static void what_cannot_be_read_is_named(void)
{
    struct err err = {0};
    char *bytes;
    size_t n;

    CU_ASSERT(file_read("/no/such/file", 100, &bytes, &n, &err) == -1);
    CU_ASSERT_STRING_EQUAL(err.text, "/no/such/file: No such file or directory");
    CU_ASSERT(file_read(directory, 100, &bytes, &n, &err) == -1);
    CHECK_CONTAINS(err.text, "is not a regular file");
    CU_ASSERT(file_replace(in_directory("c"), "123456", 6, NULL) == 0);
    CU_ASSERT(file_read(in_directory("c"), 5, &bytes, &n, &err) == -1);
    CHECK_CONTAINS(err.text, "6 bytes are more than 5");
}

static void a_directory_is_made_with_its_parents(void)
{
    struct err err = {0};
    char path[FILE_PATH_MAX];

    CU_ASSERT(file_make_directory(in_directory("x/y/z"), NULL) == 0);
    CU_ASSERT(file_make_directory(in_directory("x/y/z"), NULL) == 0);
    CU_ASSERT(file_replace(in_directory("x/file"), "", 0, NULL) == 0);
    CU_ASSERT(file_make_directory(in_directory("x/file"), &err) == -1);
    CHECK_CONTAINS(err.text, "x/file: is not a directory");
    CU_ASSERT(file_make_directory(in_directory("x/file/y"), &err) == -1);
    CU_ASSERT(file_make_directory("", &err) == -1);
    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = '\0';
    CU_ASSERT(file_make_directory(path, &err) == -1);
}

static void digests_are_the_published_ones(void)
{
    char text[SHA256_TEXT_MAX];

    /* FIPS 180-4's examples, as NIST publishes them */
    CU_ASSERT_STRING_EQUAL(
        sha256_of("abc", 3, text),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CU_ASSERT(file_replace(in_directory("d"), "abc", 3, NULL) == 0);
    char of_file[SHA256_TEXT_MAX];
    CU_ASSERT(sha256_of_file(in_directory("d"), of_file, NULL) == 0);
    CU_ASSERT_STRING_EQUAL(text, of_file);
}

static void a_reader_never_runs_past_the_end(void)
{
    struct buffer buffer = {0};
    const uint64_t number = 747;
    uint64_t back;
    char text[8];

    buffer_put(&buffer, &number, sizeof number);
    buffer_put_text(&buffer, "seven");
    struct reader reader = {buffer.bytes, buffer.n};
    CU_ASSERT(reader_get(&reader, &back, sizeof back) == 0 && back == 747);
    CU_ASSERT(reader_get_text(&reader, text, sizeof text) == 0);
    CU_ASSERT_STRING_EQUAL(text, "seven");
    CU_ASSERT(reader.n_left == 0 && reader_get(&reader, &back, 1) == -1);
    reader = (struct reader){buffer.bytes, buffer.n - 1};
    CU_ASSERT(reader_get(&reader, &back, sizeof back) == 0);
    CU_ASSERT(reader_get_text(&reader, text, sizeof text) == -1);
    reader = (struct reader){buffer.bytes + 8, buffer.n - 8};
    CU_ASSERT(reader_get_text(&reader, text, 5) == -1); /* no room for its NUL */
    buffer_free(&buffer);
}

static void json_is_these_bytes(void)
{
    struct json json;
    char *bytes;
    size_t n;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    json_put_text(&json, "text", "a\"b\\c\n\x01 \xc3\xa9\xff");
    json_put_real(&json, "lambda", 0.97);
    json_put_real(&json, "undefined", NAN);
    json_put_array(&json, "empty");
    json_end(&json);
    json_put_array(&json, "list");
    json_put_integer(&json, NULL, -7);
    json_put_flag(&json, NULL, true);
    json_put_null(&json, NULL);
    json_end(&json);
    json_end(&json);
    CU_ASSERT_FATAL(json_finish(&json, &bytes, &n, NULL) == 0);
    CU_ASSERT_STRING_EQUAL(
        bytes, "{\n  \"text\": \"a\\\"b\\\\c\\u000a\\u0001 \xc3\xa9\\ufffd\",\n"
               "  \"lambda\": 0.97,\n  \"undefined\": null,\n"
               "  \"empty\": [],\n  \"list\": [\n    -7,\n    true,\n"
               "    null\n  ]\n}\n");
    CU_ASSERT(n == strlen(bytes));
    free(bytes);
}

static void json_that_is_not_closed_is_told(void)
{
    struct err err = {0};
    struct json json;
    char *bytes;
    size_t n;

    json_start(&json, 0);
    json_put_object(&json, NULL);
    CU_ASSERT(json_finish(&json, &bytes, &n, &err) == -1);
}

int main(void)
{
    CU_TestInfo file[] = {
        {"a_replaced_file_is_the_new_one_whole", a_replaced_file_is_the_new_one_whole},
        {"what_killed_writers_left_goes_and_nothing_else",
         what_killed_writers_left_goes_and_nothing_else},
        {"a_full_disk_leaves_the_old_file_and_no_temporary_one",
         a_full_disk_leaves_the_old_file_and_no_temporary_one},
        {"what_cannot_be_read_is_named", what_cannot_be_read_is_named},
        {"a_directory_is_made_with_its_parents", a_directory_is_made_with_its_parents},
        {"digests_are_the_published_ones", digests_are_the_published_ones},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo bytes[] = {
        {"a_reader_never_runs_past_the_end", a_reader_never_runs_past_the_end},
        {"json_is_these_bytes", json_is_these_bytes},
        {"json_that_is_not_closed_is_told", json_that_is_not_closed_is_told},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"file", make_directory, remove_directory, NULL, NULL, file},
        {"bytes", NULL, NULL, NULL, NULL, bytes},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
