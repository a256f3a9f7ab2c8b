#include "core/file.h"
#include "core/h5.h"
#include "core/lock.h"
#include "core/seal.h"
#include "core/sha256.h"
#include "tests/check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KIND "PLIMSOLL TEST 1"

static char directory[64];

static const char *at(const char *name)
{
    static char path[128];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static int make_directory(void)
{
    strcpy(directory, "/tmp/test_h5.XXXXXX");
    return mkdtemp(directory) == NULL;
}

static int remove_directory(void)
{
    unlink(at("a.h5"));
    unlink(at("b.h5"));
    return rmdir(directory); /* fails where anything else has been left behind */
}

static struct h5 *create(const char *name)
{
    struct h5 *file = NULL;

    CU_ASSERT_EQUAL_FATAL(h5_create(at(name), KIND, &file, NULL), 0);
    return file;
}

static struct h5 *commit_and_open(struct h5 *file, const char *name)
{
    struct h5 *again = NULL;
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(h5_commit(file, NULL), 0);
    if (h5_open(at(name), KIND, &again, &err) != 0)
        fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(again);
    return again;
}

static void arrays_of_every_type_come_back(void)
{
    const int64_t integers[3] = {INT64_MIN, 0, INT64_MAX};
    const uint64_t counts[2] = {0, UINT64_MAX};
    const double reals[2][3] = {{0.1, -0.0, INFINITY}, {NAN, 5e-324, 1e308}};
    const char texts[2][8] = {"seven77", ""};
    const struct h5_array of_integers = {
        .type = H5_TYPE_INT64, .n_dims = 1, .extent = {3}};
    const struct h5_array of_counts = {
        .type = H5_TYPE_UINT64, .n_dims = 1, .extent = {2}};
    const struct h5_array of_reals = {.n_dims = 2, .extent = {2, 3}};
    const struct h5_array of_texts = {
        .type = H5_TYPE_TEXT, .text_size = 8, .n_dims = 1, .extent = {2}};
    const struct h5_array of_one = {.n_dims = 0};
    const struct h5_array of_none = {.n_dims = 1, .extent = {0}};
    int64_t integers_back[3];
    uint64_t counts_back[2];
    double reals_back[2][3], one_back = 0;
    char texts_back[2][8];

    struct h5 *file = create("a.h5");
    CU_ASSERT_EQUAL(h5_write(file, "/integers", &of_integers, integers, NULL), 0);
    CU_ASSERT_EQUAL(h5_write(file, "/counts", &of_counts, counts, NULL), 0);
    CU_ASSERT_EQUAL(h5_write(file, "/reals", &of_reals, reals, NULL), 0);
    CU_ASSERT_EQUAL(h5_write(file, "/texts", &of_texts, texts, NULL), 0);
    CU_ASSERT_EQUAL(h5_write(file, "/one", &of_one, &reals[1][2], NULL), 0);
    CU_ASSERT_EQUAL(h5_write(file, "/none", &of_none, NULL, NULL), 0);
    file = commit_and_open(file, "a.h5");
    CU_ASSERT_EQUAL(h5_read(file, "/integers", &of_integers, integers_back, NULL), 0);
    CU_ASSERT_EQUAL(h5_read(file, "/counts", &of_counts, counts_back, NULL), 0);
    CU_ASSERT_EQUAL(h5_read(file, "/reals", &of_reals, reals_back, NULL), 0);
    CU_ASSERT_EQUAL(h5_read(file, "/texts", &of_texts, texts_back, NULL), 0);
    CU_ASSERT_EQUAL(h5_read(file, "/one", &of_one, &one_back, NULL), 0);
    CU_ASSERT_EQUAL(h5_read(file, "/none", &of_none, NULL, NULL), 0);
    CU_ASSERT_EQUAL(memcmp(integers_back, integers, sizeof integers), 0);
    CU_ASSERT_EQUAL(memcmp(counts_back, counts, sizeof counts), 0);
    CU_ASSERT_EQUAL(memcmp(reals_back, reals, sizeof reals), 0);
    CU_ASSERT_EQUAL(memcmp(texts_back, texts, sizeof texts), 0);
    CU_ASSERT_EQUAL(one_back, 1e308);
    h5_close(file);
}

/* 3 x 5 x 70001 doubles are 8.4 MB: many chunks, the last one partly filled. */
static void a_deflated_array_comes_back_and_is_smaller(void)
{
    struct h5_array array = {
        .storage = H5_DEFLATED, .n_dims = 3, .extent = {3, 5, 70001}};
    struct h5_array found;
    struct stat stat_of;
    const size_t n = 3 * 5 * 70001;
    double *values = malloc(n * sizeof *values), *back = malloc(n * sizeof *back);

    for (size_t i = 0; i < n; i++)
        values[i] = (double)(i % 97);
    struct h5 *file = create("a.h5");
    CU_ASSERT_EQUAL(h5_write(file, "/surface", &array, values, NULL), 0);
    file = commit_and_open(file, "a.h5");
    CU_ASSERT_EQUAL(h5_describe(file, "/surface", &found, NULL), 0);
    CU_ASSERT_EQUAL(found.storage, H5_DEFLATED);
    CU_ASSERT_EQUAL(h5_array_bytes(&found), n * sizeof(double));
    CU_ASSERT_EQUAL(h5_read(file, "/surface", &array, back, NULL), 0);
    CU_ASSERT_EQUAL(memcmp(values, back, n * sizeof *values), 0);
    h5_close(file);
    stat(at("a.h5"), &stat_of);
    CU_ASSERT(stat_of.st_size < (off_t)(n * sizeof(double) / 20));
    free(values);
    free(back);
}

struct row {
    char name[7];
    int64_t count; /* a hole of one byte in front */
    double rate;
};

static const struct h5_field fields[] = {
    {"name", H5_TYPE_TEXT, offsetof(struct row, name), 7},
    {"count", H5_TYPE_INT64, offsetof(struct row, count), 0},
    {"rate", H5_TYPE_REAL64, offsetof(struct row, rate), 0},
};
static const struct h5_table table = {sizeof(struct row), 3, fields};

static void a_table_comes_back_and_another_one_is_refused(void)
{
    const struct row rows[2] = {{"BTC", -7, 0.25}, {"sixsix", 8, NAN}};
    const struct h5_table shorter = {sizeof(struct row), 2, fields};
    struct err err = {0};
    size_t n = 0;
    void *read = NULL;

    struct h5 *file = create("a.h5");
    CU_ASSERT_EQUAL(h5_write_table(file, "/table", &table, 2, rows, NULL), 0);
    CU_ASSERT_EQUAL(h5_write_table(file, "/empty", &table, 0, NULL, NULL), 0);
    file = commit_and_open(file, "a.h5");
    CU_ASSERT_EQUAL_FATAL(h5_read_table(file, "/table", &table, &n, &read, NULL), 0);
    const struct row *back = read;
    CU_ASSERT_EQUAL_FATAL(n, 2);
    CU_ASSERT_STRING_EQUAL(back[0].name, "BTC");
    CU_ASSERT_STRING_EQUAL(back[1].name, "sixsix");
    CU_ASSERT_EQUAL(back[0].count, -7);
    CU_ASSERT_EQUAL(back[0].rate, 0.25);
    CU_ASSERT(isnan(back[1].rate));
    free(read);
    CU_ASSERT_EQUAL_FATAL(h5_read_table(file, "/empty", &table, &n, &read, NULL), 0);
    CU_ASSERT_EQUAL(n, 0);
    free(read);
    CU_ASSERT_EQUAL(h5_read_table(file, "/table", &shorter, &n, &read, &err), -1);
    CHECK_CONTAINS(err.text, "/table: its columns are not the expected ones");
    h5_close(file);
}

static void attributes_come_back_of_any_length(void)
{
    char *text = NULL, *longer = malloc(100001);
    int64_t integer = 0;
    double real = 0;

    memset(longer, 'x', 100000);
    longer[100000] = '\0';
    struct h5 *file = create("a.h5");
    CU_ASSERT_EQUAL(h5_make_group(file, "/g", NULL), 0);
    CU_ASSERT_EQUAL(h5_set_text(file, "/", "job", longer, NULL), 0);
    CU_ASSERT_EQUAL(h5_set_text(file, "/g", "empty", "", NULL), 0);
    CU_ASSERT_EQUAL(h5_set_integer(file, "/g", "ranks", INT64_MIN, NULL), 0);
    CU_ASSERT_EQUAL(h5_set_real(file, "/g", "confidence", 0.99, NULL), 0);
    file = commit_and_open(file, "a.h5");
    CU_ASSERT_EQUAL_FATAL(h5_get_text(file, "/", "job", &text, NULL), 0);
    CU_ASSERT_STRING_EQUAL(text, longer);
    free(text);
    CU_ASSERT_EQUAL_FATAL(h5_get_text(file, "/g", "empty", &text, NULL), 0);
    CU_ASSERT_STRING_EQUAL(text, "");
    free(text);
    CU_ASSERT_EQUAL(h5_get_integer(file, "/g", "ranks", &integer, NULL), 0);
    CU_ASSERT_EQUAL(integer, INT64_MIN);
    CU_ASSERT_EQUAL(h5_get_real(file, "/g", "confidence", &real, NULL), 0);
    CU_ASSERT_EQUAL(real, 0.99);
    CU_ASSERT_EQUAL(h5_get_integer(file, "/g", "confidence", &integer, NULL), -1);
    CU_ASSERT_EQUAL(integer, INT64_MIN);
    h5_close(file);
    free(longer);
}

static void names_are_listed_in_order(void)
{
    struct h5_names names;

    struct h5 *file = create("a.h5");
    h5_make_group(file, "/b", NULL);
    h5_make_group(file, "/a", NULL);
    h5_make_group(file, "/C", NULL);
    file = commit_and_open(file, "a.h5");
    CU_ASSERT_EQUAL_FATAL(h5_list(file, "/", &names, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(names.n, 3);
    CU_ASSERT_STRING_EQUAL(names.name[0], "C");
    CU_ASSERT_STRING_EQUAL(names.name[1], "a");
    CU_ASSERT_STRING_EQUAL(names.name[2], "b");
    h5_names_free(&names);
    CU_ASSERT(h5_exists(file, "/a"));
    CU_ASSERT(!h5_exists(file, "/d"));
    CU_ASSERT(!h5_exists(file, "/d/e"));
    h5_close(file);
}

static void errors_name_the_file_the_object_and_the_reason(void)
{
    const struct h5_array two = {.n_dims = 1, .extent = {2}};
    const struct h5_array matrix = {
        .type = H5_TYPE_INT64, .n_dims = 2, .extent = {2, 3}};
    const double values[2] = {1, 2};
    struct h5_array found;
    struct h5_names names;
    struct err err = {0};
    char *text = NULL;
    double back[2];

    struct h5 *file = create("a.h5");
    CU_ASSERT_EQUAL(h5_write(file, "/x", &two, values, NULL), 0);
    CU_ASSERT_EQUAL(h5_write(file, "/x", &two, values, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_IO);
    CHECK_CONTAINS(err.text, at("a.h5"));
    CHECK_CONTAINS(err.text, "cannot write /x: name already exists");
    CU_ASSERT_EQUAL(h5_make_group(file, "/no/parent", &err), -1);
    CHECK_CONTAINS(err.text, "cannot make /no/parent: component not found");
    CU_ASSERT_EQUAL(h5_set_real(file, "/no", "a", 1.0, &err), -1);
    CHECK_CONTAINS(err.text, "cannot write /no@a: ");
    CU_ASSERT_EQUAL(h5_make_scale(file, "/no", "a", "1", &err), -1);
    CHECK_CONTAINS(err.text, "cannot make an axis of /no: ");
    CU_ASSERT_EQUAL(h5_attach_scale(file, "/x", 0, "/no", &err), -1);
    CHECK_CONTAINS(err.text, "cannot give an axis to /x: ");
    file = commit_and_open(file, "a.h5");
    CU_ASSERT_EQUAL(h5_read(file, "/y", &two, back, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text, "cannot read /y: object 'y' doesn't exist");
    CU_ASSERT_EQUAL(h5_describe(file, "/", &found, &err), -1);
    CHECK_CONTAINS(err.text, "cannot read /: ");
    CU_ASSERT_EQUAL(h5_read(file, "/x", &matrix, back, &err), -1);
    CHECK_CONTAINS(err.text, "/x: is float64 of 2, and should be int64 of 2 x 3");
    CU_ASSERT_EQUAL(h5_get_text(file, "/x", "unit", &text, &err), -1);
    CHECK_CONTAINS(err.text, "cannot read /x@unit: ");
    CU_ASSERT_EQUAL(h5_list(file, "/z", &names, &err), -1);
    CHECK_CONTAINS(err.text, "cannot list /z: ");
    h5_close(file);
}

static void what_is_not_committed_leaves_nothing(void)
{
    struct h5 *file = create("b.h5");

    h5_make_group(file, "/g", NULL);
    h5_close(file);
    CU_ASSERT_NOT_EQUAL(access(at("b.h5"), F_OK), 0);
    h5_close(NULL);
}

static void write_all_sorts(const char *name)
{
    const struct row rows[2] = {{"BTC", -7, 0.25}, {"sixsix", 8, 2}};
    const double values[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    const struct h5_array axis = {.n_dims = 1, .extent = {10}};
    struct h5_array apart = axis, deflated = axis;

    struct h5 *file = create(name);
    apart.storage = H5_APART;
    deflated.storage = H5_DEFLATED;
    for (char group[] = "/a"; group[1] <= 'z'; group[1]++)
        CU_ASSERT_EQUAL(h5_make_group(file, group, NULL), 0);
    for (char name_of[] = "a"; name_of[0] <= 'p'; name_of[0]++)
        CU_ASSERT_EQUAL(h5_set_text(file, "/a", name_of, "text", NULL), 0);
    CU_ASSERT_EQUAL(h5_write_table(file, "/table", &table, 2, rows, NULL), 0);
    CU_ASSERT_EQUAL(h5_write(file, "/a/axis", &axis, values, NULL), 0);
    CU_ASSERT_EQUAL(h5_make_scale(file, "/a/axis", "axis", "1", NULL), 0);
    CU_ASSERT_EQUAL(h5_write(file, "/a/values", &deflated, values, NULL), 0);
    CU_ASSERT_EQUAL(h5_attach_scale(file, "/a/values", 0, "/a/axis", NULL), 0);
    CU_ASSERT_EQUAL(h5_write(file, "/b/apart", &apart, values, NULL), 0);
    CU_ASSERT_EQUAL(h5_commit(file, NULL), 0);
}

static void equal_calls_make_equal_bytes(void)
{
    char a[SHA256_TEXT_MAX], b[SHA256_TEXT_MAX];

    write_all_sorts("a.h5");
    const time_t written = time(NULL);
    while (time(NULL) == written) /* a time stamp would have a second's resolution */
        usleep(1000);
    write_all_sorts("b.h5");
    CU_ASSERT_EQUAL(sha256_of_file(at("a.h5"), a, NULL), 0);
    CU_ASSERT_EQUAL(sha256_of_file(at("b.h5"), b, NULL), 0);
    CU_ASSERT_STRING_EQUAL(a, b);
}

/* Each bit of the file in turn, stepping so that it takes a second. */
static void a_changed_bit_breaks_the_seal_unless_it_stands_apart(void)
{
    const struct h5_array array = {.n_dims = 1, .extent = {10}};
    struct h5 *file = NULL;
    char *bytes;
    size_t n_bytes, n_passed = 0;
    double back[10];

    write_all_sorts("a.h5");
    CU_ASSERT_EQUAL_FATAL(file_read(at("a.h5"), 1 << 24, &bytes, &n_bytes, NULL), 0);
    for (size_t i = 0; i < n_bytes; i += i < 600 || i > n_bytes - 2000 ? 1 : 41) {
        struct err err = {0};

        bytes[i] ^= (char)(1 << i % 8);
        FILE *out = fopen(at("b.h5"), "wb");
        fwrite(bytes, 1, n_bytes, out);
        fclose(out);
        bytes[i] ^= (char)(1 << i % 8);
        if (h5_open(at("b.h5"), KIND, &file, &err) != 0) {
            CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
            continue;
        }
        n_passed++;
        CU_ASSERT_EQUAL(h5_read(file, "/a/values", &array, back, NULL), 0);
        CU_ASSERT_EQUAL(h5_read(file, "/b/apart", &array, back, NULL), 0);
        CU_ASSERT(back[0] != 1 || back[9] != 10 || back[4] != 5 || back[7] != 8 ||
                  back[1] != 2 || back[2] != 3 || back[3] != 4 || back[5] != 6 ||
                  back[6] != 7 || back[8] != 9);
        h5_close(file);
    }
    CU_ASSERT(n_passed > 0 && n_passed <= 80); /* the 10 doubles that stand apart */
    free(bytes);
}

static void expect_broken(const char *bytes, size_t n_bytes, const char *part)
{
    struct err err = {0};

    FILE *out = fopen(at("b.h5"), "wb");
    fwrite(bytes, 1, n_bytes, out);
    fclose(out);
    CU_ASSERT_EQUAL(seal_check(at("b.h5"), KIND, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text, at("b.h5"));
    CHECK_CONTAINS(err.text, part);
}

static void a_seal_says_what_is_wrong(void)
{
    char block[1024] = "";
    char kind[SEAL_KIND_MAX];
    struct err err = {0};

    expect_broken("", 0, "is empty");
    expect_broken("PLIM", 4, "does not begin with \"PLIMSOLL TEST 1\"");
    expect_broken("PLIMSOLL TEST 1\nbytes ", 22, "is cut off after 22 bytes");
    expect_broken("\211HDF\r\n\032\n", 8, "does not begin with");
    sprintf(block, "PLIMSOLL TEST 1\nbytes 1024\n");
    expect_broken(block, sizeof block, "is damaged in its first 512 bytes");
    sprintf(block, "PLIMSOLL TEST 2\nbytes 1024\napart 0 from 1024\nsha256 %064d\n", 0);
    expect_broken(block, sizeof block, "is a \"PLIMSOLL TEST 2\"");
    sprintf(block, "PLIMSOLL TEST 1\nbytes 1024\napart 0 from 1024\nsha256 %064d\n", 0);
    expect_broken(block, sizeof block, "is damaged: its SHA-256");
    expect_broken(block, sizeof block - 1,
                  "has 1023 bytes, and was written with 1024: cut off or added to");
    /* 2^60 + 32 stretches of 16 bytes are 512 modulo 2^64 */
    sprintf(block,
            "PLIMSOLL TEST 1\nbytes 1024\napart 1152921504606847008 from 512\n"
            "sha256 %064d\n",
            0);
    expect_broken(block, sizeof block, "is damaged in its first 512 bytes");
    CU_ASSERT_EQUAL(seal_check(directory, KIND, &err), -1);
    CHECK_CONTAINS(err.text, "is not a regular file");
    CU_ASSERT_EQUAL(seal_check(at("none"), KIND, &err), -1);
    CHECK_CONTAINS(err.text, "No such file");
    CU_ASSERT_EQUAL(seal_read_kind(at("b.h5"), kind, NULL), 0);
    CU_ASSERT_STRING_EQUAL(kind, KIND);
    CU_ASSERT_EQUAL(seal_read_kind("/dev/null", kind, &err), -1);
    CHECK_CONTAINS(err.text, "/dev/null: is not a file of ours");
}

static void a_lock_is_free_again_when_its_holder_dies(void)
{
    struct lock *lock = NULL, *second = NULL;
    struct err err = {0};
    const pid_t child = fork();

    if (child == 0) {
        if (lock_take(at("a.h5"), &lock, NULL) != 0)
            _exit(1);
        raise(SIGKILL);
    }
    waitpid(child, NULL, 0);
    CU_ASSERT_EQUAL(access(at("a.h5.lock"), F_OK), 0);
    CU_ASSERT_EQUAL_FATAL(lock_take(at("a.h5"), &lock, NULL), 0);
    CU_ASSERT_EQUAL(lock_take(at("a.h5"), &second, &err), -1);
    CHECK_CONTAINS(err.text, "a.h5: is being written by process ");
    lock_release(lock);
    CU_ASSERT_NOT_EQUAL(access(at("a.h5.lock"), F_OK), 0);
    CU_ASSERT_EQUAL(lock_take(at("none/a.h5"), &lock, &err), -1);
    CHECK_CONTAINS(err.text, "none/a.h5.lock: No such file");
    lock_release(NULL);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"arrays_of_every_type_come_back", arrays_of_every_type_come_back},
        {"a_deflated_array_comes_back_and_is_smaller",
         a_deflated_array_comes_back_and_is_smaller},
        {"a_table_comes_back_and_another_one_is_refused",
         a_table_comes_back_and_another_one_is_refused},
        {"attributes_come_back_of_any_length", attributes_come_back_of_any_length},
        {"names_are_listed_in_order", names_are_listed_in_order},
        {"errors_name_the_file_the_object_and_the_reason",
         errors_name_the_file_the_object_and_the_reason},
        {"what_is_not_committed_leaves_nothing", what_is_not_committed_leaves_nothing},
        {"equal_calls_make_equal_bytes", equal_calls_make_equal_bytes},
        {"a_changed_bit_breaks_the_seal_unless_it_stands_apart",
         a_changed_bit_breaks_the_seal_unless_it_stands_apart},
        {"a_seal_says_what_is_wrong", a_seal_says_what_is_wrong},
        {"a_lock_is_free_again_when_its_holder_dies",
         a_lock_is_free_again_when_its_holder_dies},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {.pName = "h5",
         .pInitFunc = make_directory,
         .pCleanupFunc = remove_directory,
         .pTests = tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
