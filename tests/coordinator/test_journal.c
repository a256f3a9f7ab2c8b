#include "coordinator/journal.h"
#include "core/file.h"
#include "tests/check.h"

#include <stdlib.h>
#include <unistd.h>

static char directory[] = "/tmp/plimsoll-test-XXXXXX";
static char path[FILE_PATH_MAX];
static const struct journal_identity ours = {"program 1\njob abc\nhistory def\n"};

static int make_directory(void)
{
    return mkdtemp(directory) == NULL ||
           file_join(directory, JOURNAL_NAME, path, NULL) != 0;
}

static int remove_directory(void)
{
    char command[64];

    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

/* The answers heard: their number, and whether each was what `record` wrote. */
struct heard {
    uint64_t n;
    int all_right;
};

static int hear(void *context, uint64_t unit, struct reader answer, struct err *err)
{
    struct heard *heard = context;

    (void)err;
    heard->all_right = heard->all_right && unit == 7 * heard->n &&
                       answer.n_left == 13 * heard->n % 101;
    for (size_t i = 0; i < answer.n_left; i++)
        heard->all_right =
            heard->all_right && answer.bytes[i] == (unsigned char)(heard->n + i);
    heard->n++;
    return 0;
}

static int open_journal(const struct journal_identity *identity,
                        struct journal **journal, struct heard *heard, struct err *err)
{
    const struct journal_callback callback = {heard, hear};
    uint64_t n = 0;

    *heard = (struct heard){0, 1};
    *err = (struct err){0};
    const int status = journal_open(path, identity, &callback, journal, &n, err);
    if (status == 0)
        CU_ASSERT(n == heard->n);
    return status;
}

/* Records first..end-1, each committed where `each` says so. */
static void record(struct journal *journal, uint64_t first, uint64_t end, int each)
{
    unsigned char answer[128];

    for (uint64_t u = first; u < end; u++) {
        for (size_t i = 0; i < sizeof answer; i++)
            answer[i] = (unsigned char)(u + i);
        CU_ASSERT(journal_append(journal, 7 * u, answer, 13 * u % 101, NULL) == 0);
        if (each)
            CU_ASSERT(journal_commit(journal, NULL) == 0);
    }
}

static void begin(uint64_t n, int each)
{
    struct journal *journal;
    struct heard heard;
    struct err err;

    unlink(path);
    CU_ASSERT_FATAL(open_journal(&ours, &journal, &heard, &err) == 0);
    CU_ASSERT(heard.n == 0);
    record(journal, 0, n, each);
    journal_close(journal);
}

static void read_all(char **bytes, size_t *n)
{
    CU_ASSERT_FATAL(file_read(path, SIZE_MAX, bytes, n, NULL) == 0);
}

static void answers_come_back_in_order_over_several_runs(void)
{
    struct journal *journal;
    struct heard heard;
    struct err err;

    begin(13, 0);
    for (uint64_t n = 13; n < 60; n += 11) {
        CU_ASSERT_FATAL(open_journal(&ours, &journal, &heard, &err) == 0);
        CU_ASSERT(heard.n == n && heard.all_right);
        record(journal, n, n + 11, 0);
        journal_close(journal);
    }
}

static void a_tail_torn_anywhere_is_cut_off_and_kept(void)
{
    struct journal *journal;
    struct heard heard;
    struct err err;
    char *bytes;
    size_t n;

    begin(9, 0);
    read_all(&bytes, &n);
    for (size_t cut = n - 1; cut > n - 400; cut -= 3) {
        CU_ASSERT(file_replace(path, bytes, cut, NULL) == 0);
        CU_ASSERT_FATAL(open_journal(&ours, &journal, &heard, &err) == 0);
        CU_ASSERT(heard.n < 9 && heard.all_right);
        record(journal, heard.n, 9, 0); /* and going on makes it whole again */
        journal_close(journal);
        char *again;
        size_t n_again;
        read_all(&again, &n_again);
        CU_ASSERT(n_again == n);
        free(again);
    }
    free(bytes);
    char command[128];
    snprintf(command, sizeof command, "ls %s/*.torn-* >/dev/null", directory);
    CU_ASSERT(system(command) == 0);
}

/* A flipped bit in what was known to be on the disk is damage, with its offset. */
static void damage_before_committed_records_is_refused_with_the_offset(void)
{
    struct journal *journal;
    struct heard heard;
    struct err err;
    char *bytes;
    size_t n;

    begin(9, 1);
    read_all(&bytes, &n);
    for (size_t at = 700; at < n - 400; at += 29) {
        bytes[at] ^= 4;
        CU_ASSERT(file_replace(path, bytes, n, NULL) == 0);
        CU_ASSERT(open_journal(&ours, &journal, &heard, &err) == -1);
        CU_ASSERT(err.kind == ERR_INPUT && heard.all_right);
        CHECK_CONTAINS(err.text, "is damaged at byte ");
        bytes[at] ^= 4;
    }
    free(bytes);
}

/* Whatever is flipped, what is replayed is a run of what was written. */
static void no_flip_gives_a_different_answer(void)
{
    struct journal *journal;
    struct heard heard;
    struct err err;
    char *bytes;
    size_t n;

    begin(7, 0);
    read_all(&bytes, &n);
    for (size_t at = 0; at < n; at++) {
        bytes[at] ^= (char)(1 << at % 8);
        CU_ASSERT(file_replace(path, bytes, n, NULL) == 0);
        if (open_journal(&ours, &journal, &heard, &err) == 0)
            journal_close(journal);
        CU_ASSERT(heard.all_right && heard.n <= 7);
        bytes[at] ^= (char)(1 << at % 8);
    }
    free(bytes);
}

static void a_journal_of_another_run_is_refused_and_says_why(void)
{
    const struct journal_identity other = {"program 1\njob xyz\nhistory def\n"};
    const struct journal_identity digest = {
        "program 1\njob 0123456789abcdef0123456789abcdef"
        "0123456789abcdef0123456789abcdef\nhistory def\n"};
    struct journal *journal;
    struct heard heard;
    struct err err;

    begin(3, 1);
    CU_ASSERT(open_journal(&other, &journal, &heard, &err) == -1);
    CHECK_CONTAINS(err.text, "is of another run (job abc, not job xyz)");
    CU_ASSERT(heard.n == 0 && err.kind == ERR_INPUT);
    CU_ASSERT(open_journal(&digest, &journal, &heard, &err) == -1);
    CHECK_CONTAINS(err.text, "is of another run (job abc, not job 0123456789ab)");
    CU_ASSERT(file_replace(path, "nonsense", 8, NULL) == 0);
    CU_ASSERT(open_journal(&ours, &journal, &heard, &err) == -1);
    CHECK_CONTAINS(err.text, "8 bytes are no journal");
}

static void a_completed_journal_of_another_run_is_put_aside(void)
{
    const struct journal_identity other = {"program 1\njob xyz\nhistory def\n"};
    struct journal *journal;
    struct heard heard;
    struct err err;
    char aside[FILE_PATH_MAX + 16];

    begin(3, 1);
    CU_ASSERT_FATAL(open_journal(&ours, &journal, &heard, &err) == 0);
    CU_ASSERT(journal_complete(journal, NULL) == 0);
    journal_close(journal);
    /* the same job hears its answers again, and may complete again */
    CU_ASSERT_FATAL(open_journal(&ours, &journal, &heard, &err) == 0);
    CU_ASSERT(heard.n == 3 && journal_complete(journal, NULL) == 0);
    journal_close(journal);
    CU_ASSERT_FATAL(open_journal(&other, &journal, &heard, &err) == 0);
    CU_ASSERT(heard.n == 0);
    journal_close(journal);
    snprintf(aside, sizeof aside, "%s.previous", path);
    CU_ASSERT(access(aside, F_OK) == 0);
}

int main(void)
{
    CU_TestInfo journal[] = {
        {"answers_come_back_in_order_over_several_runs",
         answers_come_back_in_order_over_several_runs},
        {"a_tail_torn_anywhere_is_cut_off_and_kept",
         a_tail_torn_anywhere_is_cut_off_and_kept},
        {"damage_before_committed_records_is_refused_with_the_offset",
         damage_before_committed_records_is_refused_with_the_offset},
        {"no_flip_gives_a_different_answer", no_flip_gives_a_different_answer},
        {"a_journal_of_another_run_is_refused_and_says_why",
         a_journal_of_another_run_is_refused_and_says_why},
        {"a_completed_journal_of_another_run_is_put_aside",
         a_completed_journal_of_another_run_is_put_aside},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"journal", make_directory, remove_directory, NULL, NULL, journal},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
