#include "coordinator/audit.h"
#include "core/file.h"
#include "tests/check.h"

#include <stdlib.h>
#include <unistd.h>

static char directory[] = "/tmp/plimsoll-test-XXXXXX";
static char path[FILE_PATH_MAX];

static int make_directory(void)
{
    return mkdtemp(directory) == NULL ||
           file_join(directory, AUDIT_NAME, path, NULL) != 0;
}

static int remove_directory(void)
{
    char command[64];

    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

static const char SET[] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void write_some(struct audit *audit, int n)
{
    for (int i = 0; i < n; i++) {
        const struct audit_entry entry = {
            .event = (enum audit_event)(i % AUDIT_EVENTS),
            .who = "nightly",
            .epoch = 1767000000000000000,
            .version = (uint64_t)i,
            .set = i % 2 == 0 ? SET : "",
            .text = "BTC-PERP: \"q\" of 9 is above 5 \\ (publication.bounds)"};
        CU_ASSERT(audit_write(audit, &entry, NULL) == 0);
    }
}

static struct audit *open_log(bool *mended)
{
    struct audit *audit = NULL;
    struct err err = {0};

    CU_ASSERT_FATAL(audit_open(path, &audit, mended, &err) == 0);
    return audit;
}

/* A log of 20 lines, written in two runs; free() the bytes. */
static char *make_log(size_t *n_bytes)
{
    char *bytes = NULL;
    bool mended;

    unlink(path);
    for (int run = 0; run < 2; run++) {
        struct audit *audit = open_log(&mended);

        CU_ASSERT(!mended && audit_count(audit) == (uint64_t)(10 * run));
        write_some(audit, 10);
        audit_close(audit);
    }
    CU_ASSERT_FATAL(file_read(path, SIZE_MAX, &bytes, n_bytes, NULL) == 0);
    return bytes;
}

static int hear(void *context, const struct audit_entry *entry, struct err *err)
{
    uint64_t *n = context;

    (void)err;
    CU_ASSERT(entry->n == *n && entry->version == *n % 10);
    CU_ASSERT_STRING_EQUAL(entry->who, "nightly");
    CU_ASSERT_STRING_EQUAL(entry->text,
                           "BTC-PERP: \"q\" of 9 is above 5 \\ (publication.bounds)");
    ++*n;
    return 0;
}

static void entries_come_back_in_order_over_two_runs(void)
{
    size_t n_bytes;
    char *bytes = make_log(&n_bytes);
    uint64_t n = 0;
    const struct audit_callback callback = {&n, hear};

    CU_ASSERT(audit_verify(bytes, n_bytes, &callback, NULL) == 0);
    CU_ASSERT(n == 20);
    free(bytes);
}

/* Any byte, any bit: the line of it, or the one behind it, is named. */
static void no_byte_can_be_changed_without_showing(void)
{
    size_t n_bytes, line = 1;
    char *bytes = make_log(&n_bytes), want[2][24];

    for (size_t at = 0; at < n_bytes; at++) {
        struct err err = {0};
        const char was = bytes[at];

        bytes[at] = (char)(was ^ 1 << at % 7);
        CU_ASSERT(audit_verify(bytes, n_bytes, NULL, &err) == -1);
        CU_ASSERT(err.kind == ERR_INPUT);
        for (size_t i = 0; i < 2; i++)
            snprintf(want[i], sizeof want[i], "line %zu: ", line + i);
        if (strstr(err.text, want[0]) != err.text &&
            strstr(err.text, want[1]) != err.text)
            CU_FAIL("the place is not named");
        bytes[at] = was;
        line += was == '\n';
    }
    free(bytes);
}

static void a_line_taken_out_doubled_or_swapped_shows(void)
{
    size_t n_bytes;
    char *bytes = make_log(&n_bytes);
    char *second = strchr(bytes, '\n') + 1, *third = strchr(second, '\n') + 1;
    const size_t n_second = (size_t)(third - second);
    struct err err = {0};
    char *other = malloc(n_bytes + n_second);

    CU_ASSERT_FATAL(other != NULL);
    memcpy(other, bytes, (size_t)(second - bytes));
    memcpy(other + (second - bytes), third, n_bytes - (size_t)(third - bytes));
    CU_ASSERT(audit_verify(other, n_bytes - n_second, NULL, &err) == -1);
    CHECK_CONTAINS(err.text, "line 2: is entry 2, not 1");
    memcpy(other, bytes, (size_t)(third - bytes));
    memcpy(other + (third - bytes), second, n_bytes - (size_t)(second - bytes));
    CU_ASSERT(audit_verify(other, n_bytes + n_second, NULL, &err) == -1);
    CHECK_CONTAINS(err.text, "line 3: is entry 1, not 2");
    free(other);
    free(bytes);
}

/* Digests made anew behind the change: the next line does not follow. */
static void a_line_made_anew_does_not_fit_the_next(void)
{
    size_t n_bytes, n_other;
    char *bytes = make_log(&n_bytes), *other;
    struct err err = {0};
    bool mended;

    unlink(path);
    struct audit *audit = open_log(&mended);
    const struct audit_entry entry = {.event = AUDIT_ACCEPTED, .text = "forged"};
    CU_ASSERT(audit_write(audit, &entry, NULL) == 0);
    audit_close(audit);
    CU_ASSERT_FATAL(file_read(path, SIZE_MAX, &other, &n_other, NULL) == 0);
    const char *second = strchr(bytes, '\n') + 1;
    const size_t n_rest = n_bytes - (size_t)(second - bytes);
    char *joined = malloc(n_other + n_rest);
    CU_ASSERT_FATAL(joined != NULL);
    memcpy(joined, other, n_other);
    memcpy(joined + n_other, second, n_rest);
    CU_ASSERT(audit_verify(joined, n_other + n_rest, NULL, &err) == -1);
    CHECK_CONTAINS(err.text, "line 2: does not follow the line before");
    free(joined);
    free(other);
    free(bytes);
}

static void a_half_written_line_is_told_cut_off_and_kept(void)
{
    size_t n_bytes;
    char *bytes = make_log(&n_bytes), *kept;

    for (size_t cut = n_bytes - 1; cut > n_bytes - 60; cut -= 7) {
        char tail[FILE_PATH_MAX + 32];
        struct err err = {0};
        bool mended;
        size_t n_kept;

        CU_ASSERT(audit_verify(bytes, cut, NULL, &err) == -1);
        CHECK_CONTAINS(err.text, "line 20: has no end");
        CU_ASSERT(file_replace(path, bytes, cut, NULL) == 0);
        struct audit *audit = open_log(&mended);
        CU_ASSERT(mended && audit_count(audit) == 19);
        write_some(audit, 1);
        audit_close(audit);
        audit_close(open_log(&mended));
        CU_ASSERT(!mended);
        const char *end = bytes + n_bytes - 2;
        while (*end != '\n')
            end--;
        snprintf(tail, sizeof tail, "%s.torn-%td", path, end + 1 - bytes);
        CU_ASSERT_FATAL(file_read(tail, SIZE_MAX, &kept, &n_kept, NULL) == 0);
        CU_ASSERT(n_kept == cut - (size_t)(end + 1 - bytes));
        free(kept);
    }
    free(bytes);
}

static void a_damaged_log_is_not_appended_to(void)
{
    size_t n_bytes;
    char *bytes = make_log(&n_bytes);
    struct audit *audit = NULL;
    struct err err = {0};
    bool mended;

    *strstr(bytes, "nightly") = 'm';
    CU_ASSERT(file_replace(path, bytes, n_bytes, NULL) == 0);
    CU_ASSERT(audit_open(path, &audit, &mended, &err) == -1 && audit == NULL);
    CHECK_CONTAINS(err.text, "audit.log: line 1: was changed: its digest is ");
    free(bytes);
}

static void what_a_stranger_wrote_is_made_printable(void)
{
    const struct audit_entry entry = {
        .event = AUDIT_REFUSED, .who = "a\nb", .text = "\x1b[2Jno \xc3\xa9 \xff"};
    size_t n_bytes;
    char *bytes;
    bool mended;

    unlink(path);
    struct audit *audit = open_log(&mended);
    CU_ASSERT(audit_write(audit, &entry, NULL) == 0);
    audit_close(audit);
    CU_ASSERT_FATAL(file_read(path, SIZE_MAX, &bytes, &n_bytes, NULL) == 0);
    CU_ASSERT(audit_verify(bytes, n_bytes, NULL, NULL) == 0);
    CHECK_CONTAINS(bytes, "\"who\":\"a?b\"");
    CHECK_CONTAINS(bytes, "\"text\":\"?[2Jno ?? ?\"");
    free(bytes);
}

int main(void)
{
    CU_TestInfo audits[] = {
        {"entries_come_back_in_order_over_two_runs",
         entries_come_back_in_order_over_two_runs},
        {"no_byte_can_be_changed_without_showing",
         no_byte_can_be_changed_without_showing},
        {"a_line_taken_out_doubled_or_swapped_shows",
         a_line_taken_out_doubled_or_swapped_shows},
        {"a_line_made_anew_does_not_fit_the_next",
         a_line_made_anew_does_not_fit_the_next},
        {"a_half_written_line_is_told_cut_off_and_kept",
         a_half_written_line_is_told_cut_off_and_kept},
        {"a_damaged_log_is_not_appended_to", a_damaged_log_is_not_appended_to},
        {"what_a_stranger_wrote_is_made_printable",
         what_a_stranger_wrote_is_made_printable},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"audit", make_directory, remove_directory, NULL, NULL, audits},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
