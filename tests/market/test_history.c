#include "core/clock.h"
#include "core/h5.h"
#include "core/sha256.h"
#include "market/history.h"
#include "tests/check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ALWAYS INT64_MIN, INT64_MAX

enum { PATH_MAX_HERE = 256 };

static char directory[PATH_MAX_HERE];

static const char *at(const char *name)
{
    static char path[2 * PATH_MAX_HERE];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static int make_directory(void)
{
    strcpy(directory, "/tmp/test_history.XXXXXX");
    return mkdtemp(directory) == NULL;
}

static int remove_directory(void)
{
    static const char *const names[] = {"a.h5", "b.h5", "c.h5", "bad.h5"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(at(names[i]));
    return rmdir(directory); /* fails where anything else has been left behind */
}

/* n bars that differ by seed; two bars are missing after the fifth. */
static struct bars make_bars(size_t n, int64_t interval_ns, unsigned seed)
{
    struct bars bars = {.interval_ns = interval_ns};

    for (size_t t = 0; t < n; t++) {
        const double price = 100.0 + seed + 0.25 * (double)((t * 7 + seed) % 13);

        bars_append(&bars,
                    &(struct bar){
                        .time = 1700000000 * CLOCK_SECOND +
                                (int64_t)(t < 5 ? t : t + 2) * interval_ns,
                        .open = price,
                        .high = price + 1.0,
                        .low = price - 1.0,
                        .close = price + 0.125,
                        .volume = (double)t,
                    },
                    NULL);
    }
    return bars;
}

static const struct history_notes notes = {
    .vendor = "vendor",
    .sources = "[{\"file\":\"a.csv\",\"sha256\":\"00\",\"rows\":5}]",
    .quality = "{\"flagged\":3}",
};

static int put(struct history_editor *editor, const char *instrument, size_t n_bars,
               int64_t interval_ns, unsigned seed)
{
    struct bars bars = make_bars(n_bars, interval_ns, seed);
    double *twice = malloc(n_bars * sizeof *twice);

    for (size_t t = 0; t < n_bars; t++)
        twice[t] = t == 0 ? NAN : 2.0 * bars.close[t];
    const struct history_column columns[] = {{"true_upper", twice},
                                             {"true_lower", bars.low}};
    const int status =
        history_put(editor, instrument, &bars, &notes, seed % 2 ? 2 : 0, columns, NULL);
    free(twice);
    bars_free(&bars);
    return status;
}

/* A store of four series; the odd seeds have extra columns. */
static void make_store(const char *path, bool is_backwards)
{
    static const struct {
        const char *instrument;
        size_t n_bars;
        int64_t interval_ns;
        unsigned seed;
    } series[] = {
        {"BTC-PERP", 747, CLOCK_HOUR, 1},
        {"BTC-PERP", 61, CLOCK_DAY, 2},
        {"ETH-PERP", 313, CLOCK_HOUR, 3},
        {"sol_usd.x", 1, 15 * CLOCK_MINUTE, 4},
    };
    struct history_editor *editor = NULL;

    unlink(path);
    CU_ASSERT_EQUAL_FATAL(history_edit(path, &editor, NULL), 0);
    for (size_t k = 0; k < 4; k++) {
        const size_t i = is_backwards ? 3 - k : k;

        CU_ASSERT_EQUAL(put(editor, series[i].instrument, series[i].n_bars,
                            series[i].interval_ns, series[i].seed),
                        0);
    }
    CU_ASSERT_EQUAL(history_save(editor, NULL), 0);
}

static struct history *open_store(const char *path)
{
    struct history *history = NULL;
    struct err err = {0};

    if (history_open(path, &history, &err) != 0)
        fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(history);
    return history;
}

static const struct history_entry *find(const struct history *history,
                                        const char *instrument, const char *interval)
{
    const struct history_entry *entry = history_find(history, instrument, interval);

    CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
    return entry;
}

static bool is_same(const struct bars *a, size_t from, const struct bars *b)
{
    const size_t size = b->n * sizeof(double);

    return memcmp(a->time + from, b->time, size) == 0 &&
           memcmp(a->open + from, b->open, size) == 0 &&
           memcmp(a->high + from, b->high, size) == 0 &&
           memcmp(a->low + from, b->low, size) == 0 &&
           memcmp(a->close + from, b->close, size) == 0 &&
           memcmp(a->volume + from, b->volume, size) == 0;
}

static void bars_come_back_bit_by_bit(void)
{
    struct bars want = make_bars(747, CLOCK_HOUR, 1), got = {0};
    double column[747];

    make_store(at("a.h5"), false);
    struct history *history = open_store(at("a.h5"));
    const struct history_entry *entry = find(history, "BTC-PERP", "1h");
    CU_ASSERT_EQUAL(history_read(history, entry, ALWAYS, &got, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(got.n, 747);
    CU_ASSERT_EQUAL(got.interval_ns, CLOCK_HOUR);
    CU_ASSERT(is_same(&want, 0, &got));
    CU_ASSERT_EQUAL(history_read_column(history, entry, "true_upper", column, NULL), 0);
    CU_ASSERT(isnan(column[0]));
    CU_ASSERT_EQUAL(column[746], 2.0 * want.close[746]);
    bars_free(&want);
    bars_free(&got);
    history_close(history);
}

static void a_part_is_the_bars_that_start_in_it(void)
{
    struct bars want = make_bars(747, CLOCK_HOUR, 1), got = {0};

    make_store(at("a.h5"), false);
    struct history *history = open_store(at("a.h5"));
    const struct history_entry *entry = find(history, "BTC-PERP", "1h");
    CU_ASSERT_EQUAL(
        history_read(history, entry, want.time[10] - 1, want.time[20], &got, NULL), 0);
    CU_ASSERT_EQUAL(got.n, 10);
    CU_ASSERT(is_same(&want, 10, &got));
    CU_ASSERT_EQUAL(
        history_read(history, entry, want.time[4] + 1, want.time[5], &got, NULL), 0);
    CU_ASSERT_EQUAL(got.n, 0);
    CU_ASSERT_EQUAL(
        history_read(history, entry, want.time[20], want.time[10], &got, NULL), 0);
    CU_ASSERT_EQUAL(got.n, 0);
    bars_free(&want);
    bars_free(&got);
    history_close(history);
}

static void the_catalogue_is_in_order_and_counts(void)
{
    make_store(at("a.h5"), true);
    struct history *history = open_store(at("a.h5"));
    CU_ASSERT_EQUAL_FATAL(history_count(history), 4);
    CU_ASSERT_STRING_EQUAL(history_entry(history, 0)->instrument, "BTC-PERP");
    CU_ASSERT_STRING_EQUAL(history_entry(history, 0)->interval, "1h");
    CU_ASSERT_STRING_EQUAL(history_entry(history, 1)->interval, "1d");
    CU_ASSERT_STRING_EQUAL(history_entry(history, 2)->instrument, "ETH-PERP");
    CU_ASSERT_STRING_EQUAL(history_entry(history, 3)->instrument, "sol_usd.x");
    CU_ASSERT_EQUAL(history_entry(history, 0)->n_bars, 747);
    CU_ASSERT_EQUAL(history_entry(history, 0)->n_gaps, 1);
    CU_ASSERT_EQUAL(history_entry(history, 3)->n_gaps, 0);
    CU_ASSERT_EQUAL(history_entry(history, 0)->n_flagged, 3);
    CU_ASSERT_EQUAL(history_entry(history, 0)->last_ns -
                        history_entry(history, 0)->first_ns,
                    748 * CLOCK_HOUR);
    CU_ASSERT_PTR_EQUAL(history_find(history, "BTC-PERP", "24h"),
                        history_entry(history, 1));
    CU_ASSERT_PTR_NULL(history_find(history, "BTC-PERP", "15m"));
    CU_ASSERT_PTR_NULL(history_find(history, "BTC", "1h"));
    CU_ASSERT_PTR_NULL(history_find(history, "BTC-PERP", "soon"));
    history_close(history);
}

static void notes_come_back_of_any_length(void)
{
    struct bars bars = make_bars(3, CLOCK_HOUR, 1);
    struct history_editor *editor = NULL;
    struct history_notes back;
    char *sources = malloc(200003);

    memset(sources, ' ', 200002); /* beyond the 64 KiB of an HDF5 attribute */
    sources[0] = '[';
    sources[200001] = ']';
    sources[200002] = '\0';
    unlink(at("a.h5"));
    CU_ASSERT_EQUAL_FATAL(history_edit(at("a.h5"), &editor, NULL), 0);
    CU_ASSERT_EQUAL(history_put(editor, "X", &bars,
                                &(struct history_notes){"né", sources, "{}"}, 0, NULL,
                                NULL),
                    0);
    CU_ASSERT_EQUAL(history_save(editor, NULL), 0);
    struct history *history = open_store(at("a.h5"));
    CU_ASSERT_EQUAL_FATAL(
        history_read_notes(history, history_entry(history, 0), &back, NULL), 0);
    CU_ASSERT_STRING_EQUAL(back.vendor, "né");
    CU_ASSERT_STRING_EQUAL(back.sources, sources);
    CU_ASSERT_STRING_EQUAL(back.quality, "{}");
    history_notes_free(&back);
    history_close(history);
    bars_free(&bars);
    free(sources);
}

static void a_series_is_replaced_and_the_others_stay(void)
{
    struct history_entry before[4];
    struct history_editor *editor = NULL;
    struct bars want = make_bars(313, CLOCK_HOUR, 3), got = {0};
    double column[313];

    make_store(at("a.h5"), false);
    struct history *history = open_store(at("a.h5"));
    memcpy(before, history_entry(history, 0), sizeof before);
    history_close(history);
    CU_ASSERT_EQUAL_FATAL(history_edit(at("a.h5"), &editor, NULL), 0);
    CU_ASSERT_EQUAL(put(editor, "BTC-PERP", 800, CLOCK_HOUR, 9), 0);
    CU_ASSERT_EQUAL(put(editor, "BTC-PERP", 900, CLOCK_HOUR, 10), 0);
    CU_ASSERT_EQUAL(put(editor, "AAVE", 10, CLOCK_HOUR, 7), 0);
    CU_ASSERT_EQUAL(history_save(editor, NULL), 0);
    history = open_store(at("a.h5"));
    CU_ASSERT_EQUAL_FATAL(history_count(history), 5);
    CU_ASSERT_STRING_EQUAL(history_entry(history, 0)->instrument, "AAVE");
    CU_ASSERT_EQUAL(history_entry(history, 1)->n_bars, 900);
    CU_ASSERT_EQUAL(memcmp(history_entry(history, 2), before + 1, 3 * sizeof *before),
                    0);
    const struct history_entry *entry = find(history, "ETH-PERP", "1h");
    CU_ASSERT_EQUAL(history_read(history, entry, ALWAYS, &got, NULL), 0);
    CU_ASSERT(is_same(&want, 0, &got));
    CU_ASSERT_EQUAL(history_read_column(history, entry, "true_lower", column, NULL), 0);
    CU_ASSERT_EQUAL(memcmp(column, want.low, sizeof column), 0);
    history_close(history);
    bars_free(&want);
    bars_free(&got);
}

static void equal_content_makes_equal_bytes_in_any_order(void)
{
    char a[SHA256_TEXT_MAX], b[SHA256_TEXT_MAX], c[SHA256_TEXT_MAX];
    struct history_editor *editor = NULL;

    make_store(at("a.h5"), false);
    make_store(at("b.h5"), true);
    CU_ASSERT_EQUAL_FATAL(sha256_of_file(at("a.h5"), a, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(sha256_of_file(at("b.h5"), b, NULL), 0);
    CU_ASSERT_STRING_EQUAL(a, b);

    /* and in several sessions, with a series that is put anew */
    unlink(at("c.h5"));
    CU_ASSERT_EQUAL_FATAL(history_edit(at("c.h5"), &editor, NULL), 0);
    put(editor, "ETH-PERP", 313, CLOCK_HOUR, 3);
    put(editor, "BTC-PERP", 9, CLOCK_HOUR, 6);
    CU_ASSERT_EQUAL(history_save(editor, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(history_edit(at("c.h5"), &editor, NULL), 0);
    put(editor, "sol_usd.x", 1, 15 * CLOCK_MINUTE, 4);
    put(editor, "BTC-PERP", 747, CLOCK_HOUR, 1);
    put(editor, "BTC-PERP", 61, CLOCK_DAY, 2);
    CU_ASSERT_EQUAL(history_save(editor, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(sha256_of_file(at("c.h5"), c, NULL), 0);
    CU_ASSERT_STRING_EQUAL(a, c);
}

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

static void expect_put_refused(struct history_editor *editor, const char *instrument,
                               const struct bars *bars, const char *part)
{
    struct err err = {0};

    CU_ASSERT_EQUAL(history_put(editor, instrument, bars, &notes, 0, NULL, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text, part);
}

static void bars_that_make_no_sense_are_not_stored(void)
{
    struct history_editor *editor = NULL;
    struct bars bars = make_bars(20, CLOCK_HOUR, 2), none = {.interval_ns = CLOCK_HOUR};

    unlink(at("a.h5"));
    CU_ASSERT_EQUAL_FATAL(history_edit(at("a.h5"), &editor, NULL), 0);
    bars.close[17] = NAN;
    expect_put_refused(editor, "X", &bars, "X: close, bar 17: nan is not a price");
    bars.close[17] = INFINITY;
    expect_put_refused(editor, "X", &bars, "close, bar 17: inf is not a price above 0");
    bars.close[17] = 100.0;
    bars.open[3] = 0.0;
    expect_put_refused(editor, "X", &bars, "open, bar 3: 0 is not a price above 0");
    bars.open[3] = 100.0;
    bars.volume[4] = -1.0;
    expect_put_refused(editor, "X", &bars, "volume, bar 4: -1 is not 0 or more");
    bars.volume[4] = 0.0;
    bars.low[5] = 200.0;
    expect_put_refused(editor, "X", &bars, "low, bar 5: 200 is above the high");
    bars.low[5] = 90.0;
    bars.time[6] = bars.time[5];
    expect_put_refused(editor, "X", &bars, "time, bar 6: ");
    bars.time[6] = -5;
    expect_put_refused(editor, "X", &bars, "time, bar 6: -5 ns is before 1970");
    bars.time[6] = bars.time[5] + 1;
    expect_put_refused(editor, "", &bars, "'' is not an instrument's name");
    expect_put_refused(editor, ".x", &bars, "'.x' is not an instrument's name");
    expect_put_refused(editor, "a/b", &bars, "'a/b' is not an instrument's name");
    expect_put_refused(editor, "catalogue", &bars, "cannot be called");
    expect_put_refused(editor, "X", &none, "there are no bars");
    CU_ASSERT_EQUAL(history_put(editor, "X", &bars, &notes, 0, NULL, NULL), 0);
    history_abandon(editor);
    CU_ASSERT_NOT_EQUAL(access(at("a.h5"), F_OK), 0);
    bars_free(&bars);
}

static void expect_misuse(struct history_editor *editor,
                          const struct history_notes *with, size_t n_columns,
                          const struct history_column columns[], const char *part)
{
    struct bars bars = make_bars(20, CLOCK_HOUR, 2);
    struct err err = {0};

    CU_ASSERT_EQUAL(history_put(editor, "X", &bars, with, n_columns, columns, &err),
                    -1);
    CU_ASSERT_EQUAL(err.kind, ERR_BUG);
    CHECK_CONTAINS(err.text, part);
    bars_free(&bars);
}

static void columns_and_notes_that_make_no_sense_are_not_stored(void)
{
    double value[20] = {0};
    struct history_editor *editor = NULL;
    const struct history_column twice[] = {{"a", value}, {"b", value}, {"a", value}};
    const struct history_column close = {"close", value}, upper = {"Upper", value};

    unlink(at("c.h5"));
    CU_ASSERT_EQUAL_FATAL(history_edit(at("c.h5"), &editor, NULL), 0);
    expect_misuse(editor, &notes, 3, twice, "X: column a is given twice");
    expect_misuse(editor, &notes, 1, &close, "'close' is not a name for an extra");
    expect_misuse(editor, &notes, 1, &upper, "'Upper' is not a name for an extra");
    expect_misuse(editor, &(struct history_notes){"v", "{}", "{}"}, 0, NULL,
                  "the notes are not a JSON array and an object");
    expect_misuse(editor, &(struct history_notes){"v", "[]", "{\"flagged\":-1}"}, 0,
                  NULL, "the notes are not");
    CU_ASSERT_EQUAL(history_save(editor, NULL), 0);
    struct history *history = open_store(at("c.h5"));
    CU_ASSERT_EQUAL(history_count(history), 0); /* a store may be empty */
    history_close(history);
}

static void a_column_that_is_not_there_is_said(void)
{
    struct err err = {0};
    double value[747];

    make_store(at("a.h5"), false);
    struct history *history = open_store(at("a.h5"));
    const struct history_entry *entry = find(history, "BTC-PERP", "1h");
    CU_ASSERT_EQUAL(history_read_column(history, entry, "funding", value, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text, "BTC-PERP 1h: there is no column 'funding'");
    history_close(history);
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
        {"bars_come_back_bit_by_bit", bars_come_back_bit_by_bit},
        {"a_part_is_the_bars_that_start_in_it", a_part_is_the_bars_that_start_in_it},
        {"the_catalogue_is_in_order_and_counts", the_catalogue_is_in_order_and_counts},
        {"notes_come_back_of_any_length", notes_come_back_of_any_length},
        {"a_series_is_replaced_and_the_others_stay",
         a_series_is_replaced_and_the_others_stay},
        {"equal_content_makes_equal_bytes_in_any_order",
         equal_content_makes_equal_bytes_in_any_order},
        {"what_is_no_store_is_refused", what_is_no_store_is_refused},
        {"a_store_cut_off_anywhere_is_refused", a_store_cut_off_anywhere_is_refused},
        {"a_flipped_bit_is_refused_wherever_it_is",
         a_flipped_bit_is_refused_wherever_it_is},
        {"a_damaged_series_costs_only_itself", a_damaged_series_costs_only_itself},
        {"bars_that_make_no_sense_are_not_stored",
         bars_that_make_no_sense_are_not_stored},
        {"columns_and_notes_that_make_no_sense_are_not_stored",
         columns_and_notes_that_make_no_sense_are_not_stored},
        {"a_column_that_is_not_there_is_said", a_column_that_is_not_there_is_said},
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
        {.pName = "history",
         .pInitFunc = make_directory,
         .pCleanupFunc = remove_directory,
         .pTests = tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
