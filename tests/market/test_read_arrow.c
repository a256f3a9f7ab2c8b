#include "core/clock.h"
#include "market/read.h"
#include "tests/check.h"

#include <lz4frame.h>
#include <stdlib.h>

/* A small Arrow file is written here field by field, after the format's text: each
 * table's vtable stands before it, and what it refers to after it. */
struct out {
    unsigned char bytes[8192];
    size_t n;
};

static size_t put(struct out *out, uint64_t value, size_t n_bytes)
{
    const size_t at = out->n;

    for (size_t i = 0; i < n_bytes; i++)
        out->bytes[out->n++] = (unsigned char)(value >> (8 * i));
    return at;
}

static void patch(struct out *out, size_t at, uint64_t value)
{
    for (size_t i = 0; i < 4; i++)
        out->bytes[at + i] = (unsigned char)(value >> (8 * i));
}

/* A table of n_fields slots of 8 bytes each, to which the reference at `from` points;
 * slot f is at table + 4 + 8 f, and absent where its bit in `present` is 0. */
static size_t put_table(struct out *out, size_t from, unsigned n_fields,
                        unsigned present)
{
    const size_t vtable = out->n;

    put(out, 4 + 2 * n_fields, 2);
    put(out, 4 + 8 * n_fields, 2);
    for (unsigned f = 0; f < n_fields; f++)
        put(out, present >> f & 1 ? 4 + 8 * f : 0, 2);
    const size_t table = put(out, 0, 4);

    patch(out, table, table - vtable);
    patch(out, from, table - from);
    for (unsigned f = 0; f < n_fields; f++)
        put(out, 0, 8);
    return table;
}

static size_t slot(size_t table, unsigned field)
{
    return table + 4 + 8 * field;
}

/* A vector of n items, to which the reference at `from` points. */
static void put_vector(struct out *out, size_t from, size_t n)
{
    patch(out, from, out->n - from);
    put(out, n, 4);
}

enum { N_ROWS = 3, N_COLUMNS = 6, LZ4 = 1, ZSTD = 2 };

static const char *const names[N_COLUMNS] = {"date", "open",  "high",
                                             "low",  "close", "volume"};

/* name (0), number of the type (2), type (3): a timestamp in ns or a double. */
static void put_field(struct out *out, size_t from, const char *name, bool is_time)
{
    const size_t field = put_table(out, from, 4, 1 | 4 | 8);

    out->bytes[slot(field, 2)] = is_time ? 10 : 3;
    put_vector(out, slot(field, 0), strlen(name));
    for (const char *c = name; *c != '\0'; c++)
        put(out, (unsigned char)*c, 1);
    const size_t type = put_table(out, slot(field, 3), 1, 1);

    out->bytes[slot(type, 0)] = is_time ? 3 : 2;
}

struct shape {
    int codec;         /* 0, LZ4 or ZSTD            */
    uint64_t n_null;   /* nulls in column `open`    */
    unsigned validity; /* and its bits              */
    const char *third; /* name of column 3, or NULL */
};

static void put_buffer(struct out *body, const void *values, int codec,
                       uint64_t place[2])
{
    place[0] = body->n;
    if (codec) {
        put(body, 8 * N_ROWS, 8);
        body->n +=
            LZ4F_compressFrame(body->bytes + body->n, sizeof body->bytes - body->n,
                               values, 8 * N_ROWS, NULL);
    } else {
        memcpy(body->bytes + body->n, values, 8 * N_ROWS);
        body->n += 8 * N_ROWS;
    }
    place[1] = body->n - place[0];
    while (body->n % 8 != 0)
        put(body, 0, 1);
}

static void put_body(struct out *body, const struct shape *shape,
                     uint64_t place[2 * N_COLUMNS][2])
{
    static const int64_t time[N_ROWS] = {INT64_C(1502942400000000000),
                                         INT64_C(1502946000000000000),
                                         INT64_C(1502949600000000000)};
    static const double value[N_COLUMNS][N_ROWS] = {{0},       {5, 5.5, 5}, {6, 6, 6},
                                                    {4, 4, 4}, {5, 5, 5},   {1, 2, 3}};

    for (int c = 0; c < N_COLUMNS; c++) {
        place[2 * c][0] = body->n;
        place[2 * c][1] = 0;
        if (c == 1 && shape->n_null > 0) {
            put(body, shape->validity, 8);
            place[2 * c][1] = 8;
        }
        put_buffer(body, c == 0 ? (const void *)time : value[c], shape->codec,
                   place[2 * c + 1]);
    }
}

static void put_message(struct out *out, const struct shape *shape, size_t n_body,
                        uint64_t place[2 * N_COLUMNS][2])
{
    const size_t start = put(out, 0xffffffffu, 4), length = put(out, 0, 4);
    const size_t message = put_table(out, put(out, 0, 4), 4, 1 | 2 | 4 | 8);

    out->bytes[slot(message, 1)] = 3; /* a record batch */
    patch(out, slot(message, 3), n_body);
    const size_t batch = put_table(out, slot(message, 2), 4, shape->codec ? 15 : 7);

    patch(out, slot(batch, 0), N_ROWS);
    put_vector(out, slot(batch, 1), N_COLUMNS);
    for (int c = 0; c < N_COLUMNS; c++) {
        put(out, N_ROWS, 8);
        put(out, c == 1 ? shape->n_null : 0, 8);
    }
    put_vector(out, slot(batch, 2), 2 * N_COLUMNS);
    for (int b = 0; b < 2 * N_COLUMNS; b++) {
        put(out, place[b][0], 8);
        put(out, place[b][1], 8);
    }
    if (shape->codec) {
        const size_t codec = put_table(out, slot(batch, 3), 1, 1);

        out->bytes[slot(codec, 0)] = (unsigned char)(shape->codec - 1);
    }
    while ((out->n - start) % 8 != 0)
        put(out, 0, 1);
    patch(out, length, out->n - start - 8);
}

static void put_footer(struct out *out, const struct shape *shape, size_t block,
                       size_t n_meta, size_t n_body)
{
    const size_t start = out->n;
    const size_t footer = put_table(out, put(out, 0, 4), 4, 2 | 8);

    put_vector(out, slot(footer, 3), 1);
    put(out, block, 8);
    put(out, n_meta, 8);
    put(out, n_body, 8);
    const size_t schema = put_table(out, slot(footer, 1), 2, 2);

    put_vector(out, slot(schema, 1), N_COLUMNS);
    const size_t fields = out->n;

    for (int c = 0; c < N_COLUMNS; c++)
        put(out, 0, 4);
    for (int c = 0; c < N_COLUMNS; c++)
        put_field(out, fields + 4 * (size_t)c,
                  c == 3 && shape->third != NULL ? shape->third : names[c], c == 0);
    put(out, out->n - start, 4);
    memcpy(out->bytes + out->n, "ARROW1", 6);
    out->n += 6;
}

static void write_file(const struct shape *shape, struct out *out)
{
    static struct out body;
    uint64_t place[2 * N_COLUMNS][2];

    body.n = 0;
    put_body(&body, shape, place);
    memset(out, 0, sizeof *out);
    memcpy(out->bytes, "ARROW1\0", 8);
    out->n = 8;
    put_message(out, shape, body.n, place);
    const size_t n_meta = out->n - 8;

    memcpy(out->bytes + out->n, body.bytes, body.n);
    out->n += body.n;
    put_footer(out, shape, 8, n_meta, body.n);
}

static int read_file(const struct out *file, size_t n, struct rows *rows,
                     struct err *err)
{
    struct read_choice choice;
    /* a copy of just that size, so that a sanitizer sees what is read beyond it */
    char *copy = malloc(n + 1);

    memcpy(copy, file->bytes, n);
    *rows = (struct rows){.n = 0};
    err->text[0] = '\0';
    const int failed =
        read_rows(copy, n, &(struct read_wish){.name = NULL}, rows, &choice, err);
    free(copy);
    return failed;
}

static void check_read(const struct shape *shape)
{
    static struct out file;
    char time[CLOCK_TEXT_MAX];
    struct rows rows;
    struct err err;

    write_file(shape, &file);
    CU_ASSERT_EQUAL(read_file(&file, file.n, &rows, &err), 0);
    CU_ASSERT_STRING_EQUAL(err.text, "");
    CU_ASSERT_EQUAL_FATAL(rows.n, N_ROWS);
    CU_ASSERT_STRING_EQUAL(clock_moment_text(rows.row[1].bar.time, time),
                           "2017-08-17T05:00:00Z");
    CU_ASSERT_EQUAL(rows.row[1].bar.open, 5.5);
    CU_ASSERT_EQUAL(rows.row[1].bar.high, 6.0);
    CU_ASSERT_EQUAL(rows.row[1].bar.low, 4.0);
    CU_ASSERT_EQUAL(rows.row[2].bar.volume, 3.0);
    rows_free(&rows);
}

static void plain_buffers_are_read(void)
{
    check_read(&(struct shape){.codec = 0});
}

static void lz4_buffers_are_read(void)
{
    check_read(&(struct shape){.codec = LZ4});
}

static void a_null_is_a_rejected_row(void)
{
    static struct out file;
    struct rows rows;
    struct err err;

    write_file(&(struct shape){.n_null = 1, .validity = 5}, &file);
    CU_ASSERT_EQUAL(read_file(&file, file.n, &rows, &err), 0);
    CU_ASSERT_EQUAL(rows.n, 2);
    CU_ASSERT_EQUAL_FATAL(rows.n_rejected, 1);
    CU_ASSERT_EQUAL(rows.rejected[0].number, 1);
    CHECK_CONTAINS(rows.rejected[0].reason, "null");
    rows_free(&rows);
}

static void other_columns_and_codecs_are_refused(void)
{
    static struct out file;
    struct rows rows;
    struct err err;

    write_file(&(struct shape){.third = "lowest"}, &file);
    CU_ASSERT_EQUAL(read_file(&file, file.n, &rows, &err), -1);
    CHECK_CONTAINS(err.text, "an Arrow file with other columns");
    write_file(&(struct shape){.codec = ZSTD}, &file);
    CU_ASSERT_EQUAL(read_file(&file, file.n, &rows, &err), -1);
    CHECK_CONTAINS(err.text, "zstd");
}

static void a_file_cut_anywhere_is_refused(void)
{
    static struct out file;
    struct rows rows;
    struct err err;

    write_file(&(struct shape){.codec = LZ4}, &file);
    for (size_t n = 6; n < file.n; n++) {
        CU_ASSERT_EQUAL(read_file(&file, n, &rows, &err), -1);
        CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
        CHECK_CONTAINS(err.text, "damaged Arrow file");
        rows_free(&rows);
    }
}

/* Whatever byte is wrong, the reader ends inside the file: it refuses, or reads rows
 * that passed every check.  (What it must not do, a sanitizer sees.) */
static void a_wrong_byte_never_leads_outside_the_file(void)
{
    static const unsigned char wrong[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    static struct out file, copy;
    size_t n_refused = 0;

    for (int codec = 0; codec <= LZ4; codec++) {
        write_file(&(struct shape){.codec = codec}, &file);
        for (size_t at = 6; at < file.n; at++)
            for (size_t w = 0; w < sizeof wrong; w++) {
                struct rows rows;
                struct err err;

                copy = file;
                copy.bytes[at] = wrong[w];
                const int failed = read_file(&copy, copy.n, &rows, &err);

                n_refused += failed != 0;
                CU_ASSERT(failed ? err.text[0] != '\0'
                                 : rows.n + rows.n_rejected <= N_ROWS);
                rows_free(&rows);
            }
    }
    CU_ASSERT(n_refused > 500);
}

int main(void)
{
    CU_TestInfo arrow[] = {
        {"plain_buffers_are_read", plain_buffers_are_read},
        {"lz4_buffers_are_read", lz4_buffers_are_read},
        {"a_null_is_a_rejected_row", a_null_is_a_rejected_row},
        {"other_columns_and_codecs_are_refused", other_columns_and_codecs_are_refused},
        {"a_file_cut_anywhere_is_refused", a_file_cut_anywhere_is_refused},
        {"a_wrong_byte_never_leads_outside_the_file",
         a_wrong_byte_never_leads_outside_the_file},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"arrow", NULL, NULL, NULL, NULL, arrow},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
