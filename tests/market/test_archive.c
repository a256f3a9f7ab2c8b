#include "market/archive.h"
#include "tests/check.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdlib.h>

static char directory[] = "/tmp/test-archive-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[200];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static void write_bytes(const char *name, const void *bytes, size_t n)
{
    FILE *file = fopen(path_of(name), "wb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

/* name, content, name, content ..., NULL into a zip, or the one content into a gzip. */
static void pack(const char *name, bool zip, const char *const *content)
{
    struct archive *archive = archive_write_new();

    if (zip)
        archive_write_set_format_zip(archive);
    else {
        archive_write_add_filter_gzip(archive);
        archive_write_set_format_raw(archive);
    }
    CU_ASSERT_EQUAL_FATAL(archive_write_open_filename(archive, path_of(name)),
                          ARCHIVE_OK);
    for (; *content != NULL; content += 2) {
        struct archive_entry *entry = archive_entry_new();

        archive_entry_set_pathname(entry, content[0]);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_size(entry, (la_int64_t)strlen(content[1]));
        archive_write_header(archive, entry);
        archive_write_data(archive, content[1], strlen(content[1]));
        archive_entry_free(entry);
    }
    archive_write_close(archive);
    archive_write_free(archive);
}

static char seen[1000];

static int note(void *context, const struct archive_member *member, struct err *err)
{
    const size_t n = strlen(seen);

    if (context != NULL)
        return err_set(err, ERR_INPUT, "%s", (const char *)context);
    CU_ASSERT_EQUAL(member->bytes[member->n_bytes], '\0');
    snprintf(seen + n, sizeof seen - n, "%s=%.*s;", member->name,
             member->n_bytes < 40 ? (int)member->n_bytes : 40, member->bytes);
    return 0;
}

static _Bool wants_b(void *context, const char *name)
{
    (void)context;
    return name[0] == 'b';
}

static struct err err;
static char sha256[SHA256_TEXT_MAX];

static int read_archive(const char *name, archive_wanted_fn wanted)
{
    seen[0] = err.text[0] = '\0';
    return archive_read(path_of(name), wanted, note, NULL, sha256, &err);
}

static void a_plain_file_holds_itself(void)
{
    write_bytes("plain.csv", "abc", 3);
    CU_ASSERT_EQUAL(read_archive("plain.csv", NULL), 0);
    CU_ASSERT_STRING_EQUAL(seen, "plain.csv=abc;");
    CU_ASSERT_STRING_EQUAL(
        sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void a_gzip_file_holds_one_without_the_ending(void)
{
    pack("one.csv.gz", false, (const char *const[]){"x", "hello, bars", NULL});
    CU_ASSERT_EQUAL(read_archive("one.csv.gz", NULL), 0);
    CU_ASSERT_STRING_EQUAL(seen, "one.csv=hello, bars;");
}

static void a_zip_file_holds_many_and_hidden_ones_are_passed_over(void)
{
    pack("many.zip", true,
         (const char *const[]){"a.csv", "1", "dir/b.csv", "2", "__MACOSX/b.csv", "3",
                               "dir/.b", "4", NULL});
    CU_ASSERT_EQUAL(read_archive("many.zip", NULL), 0);
    CU_ASSERT_STRING_EQUAL(seen, "a.csv=1;b.csv=2;");
    CU_ASSERT_EQUAL(read_archive("many.zip", wants_b), 0);
    CU_ASSERT_STRING_EQUAL(seen, "b.csv=2;");
}

static char *slurp(const char *name, size_t *n)
{
    FILE *file = fopen(path_of(name), "rb");
    char *bytes = malloc(1 << 20);

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    *n = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

/* Numbers that do not compress to nothing. */
static void write_long_gzip(void)
{
    static char text[60000];
    unsigned state = 1;

    for (size_t i = 0; i + 1 < sizeof text; i++) {
        state = state * 1664525u + 1013904223u;
        text[i] = "0123456789,.\n"[(state >> 16) % 13];
    }
    pack("long.csv.gz", false, (const char *const[]){"x", text, NULL});
}

static void a_gzip_cut_anywhere_is_refused(void)
{
    size_t n;

    write_long_gzip();
    char *bytes = slurp("long.csv.gz", &n);

    for (size_t cut = 20; cut < n; cut += cut < n - 40 ? n / 23 : 1) {
        write_bytes("cut.csv.gz", bytes, cut);
        CU_ASSERT_EQUAL(read_archive("cut.csv.gz", NULL), -1);
        CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
        CHECK_CONTAINS(err.text, "cut.csv.gz: ");
    }
    free(bytes);
}

static void a_gzip_with_a_wrong_byte_is_refused(void)
{
    size_t n;

    write_long_gzip();
    char *bytes = slurp("long.csv.gz", &n);

    for (size_t at = 30; at < n; at += n / 29) {
        bytes[at] ^= 0x10;
        write_bytes("bad.csv.gz", bytes, n);
        CU_ASSERT_EQUAL(read_archive("bad.csv.gz", NULL), -1);
        CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
        bytes[at] ^= 0x10;
    }
    free(bytes);
}

static void a_zip_cut_short_is_refused(void)
{
    static char text[20000];
    size_t n;

    for (size_t i = 0; i + 1 < sizeof text; i++)
        text[i] = (char)('0' + i * i % 7 + i / 3 % 3);
    pack("whole.zip", true, (const char *const[]){"a.csv", text, "b.csv", text, NULL});
    char *bytes = slurp("whole.zip", &n);

    write_bytes("cut.zip", bytes, n / 3);
    CU_ASSERT_EQUAL(read_archive("cut.zip", NULL), -1);
    CHECK_CONTAINS(err.text, "cut.zip: ");
    free(bytes);
}

static void what_the_reader_says_names_archive_and_member(void)
{
    pack("two.zip", true, (const char *const[]){"a.csv", "1", NULL});
    CU_ASSERT_EQUAL(
        archive_read(path_of("two.zip"), NULL, note, "bad row", sha256, &err), -1);
    CHECK_CONTAINS(err.text, "two.zip: a.csv: bad row");
}

static void empty_and_missing_files_are_named(void)
{
    write_bytes("empty.csv", "", 0);
    CU_ASSERT_EQUAL(read_archive("empty.csv", NULL), -1);
    CHECK_CONTAINS(err.text, "empty.csv: the file is empty");
    CU_ASSERT_EQUAL(read_archive("nosuch.csv", NULL), -1);
    CHECK_CONTAINS(err.text, "nosuch.csv: No such file");
}

static int make_directory(void)
{
    return mkdtemp(directory) == NULL;
}

static int remove_directory(void)
{
    char command[100];

    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a_plain_file_holds_itself", a_plain_file_holds_itself},
        {"a_gzip_file_holds_one_without_the_ending",
         a_gzip_file_holds_one_without_the_ending},
        {"a_zip_file_holds_many_and_hidden_ones_are_passed_over",
         a_zip_file_holds_many_and_hidden_ones_are_passed_over},
        {"a_gzip_cut_anywhere_is_refused", a_gzip_cut_anywhere_is_refused},
        {"a_gzip_with_a_wrong_byte_is_refused", a_gzip_with_a_wrong_byte_is_refused},
        {"a_zip_cut_short_is_refused", a_zip_cut_short_is_refused},
        {"what_the_reader_says_names_archive_and_member",
         what_the_reader_says_names_archive_and_member},
        {"empty_and_missing_files_are_named", empty_and_missing_files_are_named},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"archive", make_directory, remove_directory, NULL, NULL, tests},
        CU_SUITE_INFO_NULL};

    return check_run(suites);
}
