/* Damaged stores, full disks and second writers: what is refused, and what stays. */
#include "core/h5.h"
#include "core/sha256.h"
#include "tests/market/store_world.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void expect_refusal(const char *name, const char *part)
{
    struct history *history = NULL;
    struct err err = {0};

    CU_ASSERT_EQUAL(history_open(at(name), &history, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text, at(name));
    CHECK_CONTAINS(err.text, part);
}

static void write_bytes(const char *path, const char *bytes, size_t n_bytes)
{
    FILE *file = fopen(path, "wb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, n_bytes, file), n_bytes);
    fclose(file);
}

static char *read_bytes(const char *path, size_t *n_bytes)
{
    struct stat stat_of;
    FILE *file = fopen(path, "rb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fstat(fileno(file), &stat_of);
    *n_bytes = (size_t)stat_of.st_size;
    char *bytes = malloc(*n_bytes);
    CU_ASSERT_EQUAL_FATAL(fread(bytes, 1, *n_bytes, file), *n_bytes);
    fclose(file);
    return bytes;
}

static void what_is_no_store_is_refused(void)
{
    struct history_editor *editor = NULL;
    struct h5 *file = NULL;
    struct err err = {0};

    expect_refusal("missing.h5", "No such file");
    write_bytes(at("bad.h5"), "", 0);
    expect_refusal("bad.h5", "is empty");
    write_bytes(at("bad.h5"), "time,open\n1,2\n", 14);
    expect_refusal("bad.h5", "does not begin with \"PLIMSOLL HISTORY 1\"");
    CU_ASSERT_EQUAL(history_edit(at("bad.h5"), &editor, &err), -1);
    CHECK_CONTAINS(err.text, "does not begin with");
    CU_ASSERT_EQUAL(h5_create(at("bad.h5"), "PLIMSOLL EVIDENCE 1", &file, NULL), 0);
    CU_ASSERT_EQUAL(h5_commit(file, NULL), 0);
    expect_refusal("bad.h5", "is a \"PLIMSOLL EVIDENCE 1\"");
    CU_ASSERT_EQUAL(h5_create(at("bad.h5"), "PLIMSOLL HISTORY 1", &file, NULL), 0);
    CU_ASSERT_EQUAL(h5_commit(file, NULL), 0);
    expect_refusal("bad.h5", "catalogue");
}

/* Open and read everything: -1 where that is refused. */
static int read_everything(const char *path, struct err *err)
{
    struct history *history = NULL;
    struct bars bars = {0};
    double column[747];
    int status = 0;

    if (history_open(path, &history, err) != 0)
        return -1;
    for (size_t i = 0; i < history_count(history) && status == 0; i++) {
        const struct history_entry *entry = history_entry(history, i);
        struct history_notes copy;

        status = history_read(history, entry, ALWAYS, &bars, err);
        if (status == 0 &&
            (status = history_read_notes(history, entry, &copy, err)) == 0)
            history_notes_free(&copy);
        if (status == 0 && i % 2 == 0 && entry->n_bars > 1)
            status = history_read_column(history, entry, "true_upper", column, err) |
                     history_read_column(history, entry, "true_lower", column, err);
    }
    bars_free(&bars);
    history_close(history);
    return status;
}

static void a_store_cut_off_anywhere_is_refused(void)
{
    size_t n_bytes;

    make_store(at("a.h5"), false);
    char *bytes = read_bytes(at("a.h5"), &n_bytes);
    for (size_t k = 0; k < 97; k++) {
        struct err err = {0};

        write_bytes(at("bad.h5"), bytes, k < 20 ? k * 30 : n_bytes * k / 97);
        CU_ASSERT_EQUAL(read_everything(at("bad.h5"), &err), -1);
        CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
        CHECK_CONTAINS(err.text, at("bad.h5"));
    }
    write_bytes(at("bad.h5"), bytes, n_bytes - 1);
    expect_refusal("bad.h5", "cut off or added to");
    free(bytes);
}

static void a_flipped_bit_is_refused_wherever_it_is(void)
{
    size_t n_bytes, n_apart = 0;
    uint64_t random = 88172645463325252u;

    make_store(at("a.h5"), false);
    char *bytes = read_bytes(at("a.h5"), &n_bytes);
    for (size_t k = 0; k < 300; k++) {
        struct err err = {0};

        random ^= random << 13; /* Marsaglia's xorshift64 */
        random ^= random >> 7;
        random ^= random << 17;
        const size_t place = k < 60 ? k * 13 : random % n_bytes;
        const char bit = (char)(1 << (random >> 60 & 7));
        bytes[place] ^= bit;
        write_bytes(at("bad.h5"), bytes, n_bytes);
        bytes[place] ^= bit;
        CU_ASSERT_EQUAL(read_everything(at("bad.h5"), &err), -1);
        CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
        CHECK_CONTAINS(err.text, at("bad.h5"));
        n_apart += strstr(err.text, "stored with") != NULL;
    }
    CU_ASSERT(n_apart > 20 && n_apart < 280); /* both ways of finding it were taken */
    free(bytes);
}

static void a_damaged_series_costs_only_itself(void)
{
    struct bars eth = make_bars(313, CLOCK_HOUR, 3), got = {.n = 0};
    struct history_editor *editor = NULL;
    struct err err = {0};
    size_t n_bytes, place = 0;

    make_store(at("a.h5"), false);
    char *bytes = read_bytes(at("a.h5"), &n_bytes);
    while (memcmp(bytes + place, eth.close, 313 * sizeof(double)) != 0)
        place++;
    bytes[place + 1600] ^= 1;
    write_bytes(at("bad.h5"), bytes, n_bytes);
    struct history *history = open_store(at("bad.h5"));
    CU_ASSERT_EQUAL(
        history_read(history, find(history, "BTC-PERP", "1h"), ALWAYS, &got, NULL), 0);
    CU_ASSERT_EQUAL(history_read(history, find(history, "ETH-PERP", "1h"), 0,
                                 eth.time[5], &got, &err),
                    -1);
    CHECK_CONTAINS(err.text, "ETH-PERP 1h: the bars are damaged");
    CU_ASSERT_EQUAL(got.n, 747); /* what the caller had is as it was */
    history_close(history);

    /* nor can it be carried into another store; putting it anew repairs */
    CU_ASSERT_EQUAL_FATAL(history_edit(at("bad.h5"), &editor, NULL), 0);
    CU_ASSERT_EQUAL(history_save(editor, &err), -1);
    CHECK_CONTAINS(err.text, "ETH-PERP 1h: the stored bars are damaged");
    CU_ASSERT_EQUAL_FATAL(history_edit(at("bad.h5"), &editor, NULL), 0);
    put(editor, "ETH-PERP", 313, CLOCK_HOUR, 3);
    CU_ASSERT_EQUAL(history_save(editor, NULL), 0);
    CU_ASSERT_EQUAL(read_everything(at("bad.h5"), NULL), 0);
    bars_free(&eth);
    bars_free(&got);
    free(bytes);
}

/* A store that was not made by history_put: sealed and digested, and yet wrong. */
static void values_are_checked_even_where_the_digest_agrees(void)
{
    static const char *const names[] = {"time", "open",  "high",
                                        "low",  "close", "volume"};
    struct bars bars = make_bars(7, CLOCK_HOUR, 1), got = {0};
    const void *values[] = {bars.time, bars.open,  bars.high,
                            bars.low,  bars.close, bars.volume};
    struct err err = {0};
    struct h5 *to = NULL;
    struct sha256 sha;

    make_store(at("a.h5"), false);
    struct history *history = open_store(at("a.h5"));
    struct history_entry entry = *find(history, "ETH-PERP", "1h");
    history_close(history);
    bars.low[3] = NAN;
    entry.n_bars = 7;
    sha256_start(&sha);
    CU_ASSERT_EQUAL(h5_create(at("bad.h5"), "PLIMSOLL HISTORY 1", &to, NULL), 0);
    h5_make_group(to, "/ETH-PERP", NULL);
    h5_make_group(to, "/ETH-PERP/1h", NULL);
    for (size_t c = 0; c < 6; c++) {
        const struct h5_array array = {.type = c == 0 ? H5_TYPE_INT64 : H5_TYPE_REAL64,
                                       .n_dims = 1,
                                       .extent = {7}};
        char path[64];

        snprintf(path, sizeof path, "/ETH-PERP/1h/%s", names[c]);
        CU_ASSERT_EQUAL(h5_write(to, path, &array, values[c], NULL), 0);
        sha256_add(&sha, values[c], 7 * sizeof(double));
    }
    sha256_text(&sha, entry.sha256);
#define FIELD(name, type, size)                                                        \
    {                                                                                  \
#name, type, offsetof(struct history_entry, name), size                        \
    }
    const struct h5_field fields[] = {
        FIELD(instrument, H5_TYPE_TEXT, HISTORY_NAME_MAX),
        FIELD(interval, H5_TYPE_TEXT, HISTORY_INTERVAL_MAX),
        FIELD(sha256, H5_TYPE_TEXT, SHA256_TEXT_MAX),
        FIELD(interval_ns, H5_TYPE_INT64, 0),
        FIELD(first_ns, H5_TYPE_INT64, 0),
        FIELD(last_ns, H5_TYPE_INT64, 0),
        FIELD(n_bars, H5_TYPE_UINT64, 0),
        FIELD(n_gaps, H5_TYPE_UINT64, 0),
        FIELD(n_flagged, H5_TYPE_UINT64, 0)};
    const struct h5_table table = {sizeof entry, 9, fields};
    CU_ASSERT_EQUAL(h5_write_table(to, "/catalogue", &table, 1, &entry, NULL), 0);
    CU_ASSERT_EQUAL(h5_commit(to, NULL), 0);
    history = open_store(at("bad.h5"));
    CU_ASSERT_EQUAL(
        history_read(history, history_entry(history, 0), ALWAYS, &got, &err), -1);
    CHECK_CONTAINS(err.text, "ETH-PERP 1h: low, bar 3: nan is not a price above 0");
    history_close(history);

    /* more bars than the file has room for */
    entry.n_bars = 1000000000000;
    CU_ASSERT_EQUAL(h5_create(at("bad.h5"), "PLIMSOLL HISTORY 1", &to, NULL), 0);
    CU_ASSERT_EQUAL(h5_write_table(to, "/catalogue", &table, 1, &entry, NULL), 0);
    CU_ASSERT_EQUAL(h5_commit(to, NULL), 0);
    expect_refusal("bad.h5", "/catalogue: row 0 makes no sense");
    bars_free(&bars);
}

/* In a process of its own: run `body` and give back what it returns. */
static int in_child(int (*body)(void))
{
    int status = -1;
    fflush(NULL);
    const pid_t child = fork();

    if (child == 0)
        _exit(body());
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

static int edit_as_nobody(void)
{
    struct history_editor *editor = NULL;
    struct err err = {0};

    if (geteuid() == 0 && setuid(65534) != 0)
        return 1;
    if (history_edit(at("c.h5"), &editor, &err) == 0)
        return 2;
    return err.kind == ERR_IO && strstr(err.text, "Permission denied") != NULL ? 0 : 3;
}

static void a_directory_that_is_read_only_is_said(void)
{
    unlink(at("c.h5"));
    chmod(directory, 0555);
    CU_ASSERT_EQUAL(in_child(edit_as_nobody), 0);
    chmod(directory, 0755);
}

/* No file may grow beyond this: write fails in the manner of a full disk. */
static rlim_t file_limit;

static int save_on_a_full_disk(void)
{
    struct history_editor *editor = NULL;
    struct err err = {0};

    signal(SIGXFSZ, SIG_IGN);
    if (history_edit(at("a.h5"), &editor, NULL) != 0)
        return 1;
    put(editor, "NEW", 50, CLOCK_HOUR, 8);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){file_limit, file_limit});
    if (history_save(editor, &err) == 0)
        return 2;
    if (err.kind != ERR_IO || strstr(err.text, "File too large") == NULL ||
        strstr(err.text, "a.h5") == NULL) {
        fprintf(stderr, "limit %ld: %s\n", (long)file_limit, err.text);
        return 3;
    }
    return 0;
}

static void a_full_disk_leaves_the_store_as_it_was(void)
{
    char before[SHA256_TEXT_MAX], after[SHA256_TEXT_MAX];
    struct stat stat_of;

    make_store(at("a.h5"), false);
    stat(at("a.h5"), &stat_of);
    sha256_of_file(at("a.h5"), before, NULL);
    for (int k = 0; k < 40; k++) {
        file_limit = (rlim_t)(stat_of.st_size * k / 40);
        CU_ASSERT_EQUAL(in_child(save_on_a_full_disk), 0);
        sha256_of_file(at("a.h5"), after, NULL);
        CU_ASSERT_STRING_EQUAL(before, after);
    }
}

static int edit_what_the_parent_holds(void)
{
    struct history_editor *editor = NULL;
    struct err err = {0};
    char holder[64];

    if (history_edit(at("a.h5"), &editor, &err) == 0)
        return 1;
    snprintf(holder, sizeof holder, "is being written by process %ld on ",
             (long)getppid());
    return strstr(err.text, holder) != NULL ? 0 : 2;
}

static void one_process_writes_at_a_time(void)
{
    struct history_editor *editor = NULL, *second = NULL;
    struct err err = {0};

    make_store(at("a.h5"), false);
    CU_ASSERT_EQUAL_FATAL(history_edit(at("a.h5"), &editor, NULL), 0);
    CU_ASSERT_EQUAL(in_child(edit_what_the_parent_holds), 0);
    CU_ASSERT_EQUAL(history_edit(at("a.h5"), &second, &err), -1);
    CHECK_CONTAINS(err.text, "is being written by process");
    CU_ASSERT_EQUAL(read_everything(at("a.h5"), NULL), 0); /* readers do not wait */
    history_abandon(editor);
    CU_ASSERT_EQUAL_FATAL(history_edit(at("a.h5"), &editor, NULL), 0);
    history_abandon(editor);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"what_is_no_store_is_refused", what_is_no_store_is_refused},
        {"a_store_cut_off_anywhere_is_refused", a_store_cut_off_anywhere_is_refused},
        {"a_flipped_bit_is_refused_wherever_it_is",
         a_flipped_bit_is_refused_wherever_it_is},
        {"a_damaged_series_costs_only_itself", a_damaged_series_costs_only_itself},
        {"values_are_checked_even_where_the_digest_agrees",
         values_are_checked_even_where_the_digest_agrees},
        {"a_directory_that_is_read_only_is_said",
         a_directory_that_is_read_only_is_said},
        {"a_full_disk_leaves_the_store_as_it_was",
         a_full_disk_leaves_the_store_as_it_was},
        {"one_process_writes_at_a_time", one_process_writes_at_a_time},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {.pName = "history_damage",
         .pInitFunc = make_directory,
         .pCleanupFunc = remove_directory,
         .pTests = tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
