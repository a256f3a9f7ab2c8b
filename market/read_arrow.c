#include "market/read.h"

#include "market/flatbuffer.h"
#include "market/layout.h"

#include <lz4frame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The Arrow IPC file format (arrow.apache.org/docs/format/Columnar.html): magic, the
 * messages, a footer that lists schema and record batches, its length, magic.  Read
 * here are fixed-width columns, plain or in LZ4 frames; other columns are passed by. */

enum { MAX_FIELDS = 64, FB_BLOCK = 24, FB_BUFFER = 16, FB_NODE = 16 };

/* org.apache.arrow.flatbuf.Type */
enum arrow_type {
    ARROW_NULL = 1,
    ARROW_INT = 2,
    ARROW_FLOAT = 3,
    ARROW_BINARY = 4,
    ARROW_TEXT = 5,
    ARROW_BOOL = 6,
    ARROW_DECIMAL = 7,
    ARROW_DATE = 8,
    ARROW_TIME = 9,
    ARROW_TIMESTAMP = 10,
    ARROW_INTERVAL = 11,
    ARROW_FIXED_BINARY = 15,
    ARROW_DURATION = 18,
    ARROW_LARGE_BINARY = 19,
    ARROW_LARGE_TEXT = 20,
};

struct column {
    char name[64];
    int type;
    int width; /* bytes a value, of numbers */
    int unit;  /* of a timestamp: 0 s, 1 ms, 2 us, 3 ns */
    size_t first_buffer, n_buffers;
};

struct file {
    const unsigned char *bytes;
    size_t n_bytes;
    size_t n_columns;
    struct column column[MAX_FIELDS];
    const struct format *format;
    int place[FORMAT_N_FIELDS];
};

/* The values of one column of one batch. */
struct values {
    unsigned char *own;         /* unpacked bytes, or NULL */
    const unsigned char *bytes; /* n values of the column's width */
    const unsigned char *valid; /* a bit a row, or NULL: all are  */
    unsigned char *own_valid;
};

static int damaged(const char *what, struct err *err)
{
    return err_set(err, ERR_INPUT, "damaged Arrow file: %s", what);
}

static struct flatbuffer view(const struct file *file, size_t from, size_t n)
{
    return (struct flatbuffer){file->bytes + from, n, false};
}

/* Validity and data for fixed-width columns, offsets besides for text. */
static size_t buffers_of(int type)
{
    switch (type) {
    case ARROW_NULL:
        return 0;
    case ARROW_BINARY:
    case ARROW_TEXT:
    case ARROW_LARGE_BINARY:
    case ARROW_LARGE_TEXT:
        return 3;
    default:
        return 2;
    }
}

static bool is_flat(int type)
{
    return (type >= ARROW_NULL && type <= ARROW_INTERVAL) ||
           type == ARROW_FIXED_BINARY ||
           (type >= ARROW_DURATION && type <= ARROW_LARGE_TEXT);
}

static void read_type(struct flatbuffer *fb, size_t field, struct column *column)
{
    const size_t type = flatbuffer_table(fb, field, 3);

    column->type = (int)flatbuffer_scalar(fb, field, 2, 1, 0);
    column->n_buffers = buffers_of(column->type);
    if (flatbuffer_field(fb, field, 4) != 0) { /* a dictionary: indices are stored */
        column->type = ARROW_FIXED_BINARY;
        column->n_buffers = 2;
    }
    if (column->type == ARROW_FLOAT && type != 0)
        column->width = 2 << (flatbuffer_scalar(fb, type, 0, 2, 0) & 3);
    else if (column->type == ARROW_INT && type != 0)
        column->width = (int)(flatbuffer_scalar(fb, type, 0, 4, 0) / 8);
    else if (column->type == ARROW_TIMESTAMP && type != 0) {
        column->unit = (int)flatbuffer_scalar(fb, type, 0, 2, 0);
        column->width = 8;
    }
}

static void read_name(struct flatbuffer *fb, size_t field, char name[64])
{
    size_t n;
    const size_t at = flatbuffer_vector(fb, field, 0, 1, &n);

    snprintf(name, 64, "%.*s", (int)(n < 63 ? n : 63),
             at == 0 ? "" : (const char *)fb->bytes + at);
}

static int read_schema(struct file *file, struct flatbuffer *fb, size_t schema,
                       struct err *err)
{
    size_t n, n_buffers = 0;
    const size_t fields = flatbuffer_vector(fb, schema, 1, 4, &n);

    if (flatbuffer_scalar(fb, schema, 0, 2, 0) != 0)
        return err_set(err, ERR_INPUT, "a big-endian Arrow file is not read");
    if (n > MAX_FIELDS)
        return err_set(err, ERR_INPUT, "%zu columns are more than %d", n, MAX_FIELDS);
    for (size_t i = 0; i < n && !fb->failed; i++) {
        struct column *column = &file->column[i];
        const size_t field = flatbuffer_follow(fb, fields + 4 * i);

        read_name(fb, field, column->name);
        read_type(fb, field, column);
        if (!fb->failed && !is_flat(column->type))
            return err_set(err, ERR_INPUT, "column '%s' is nested", column->name);
        column->first_buffer = n_buffers;
        n_buffers += column->n_buffers;
    }
    file->n_columns = n;
    return fb->failed ? damaged("its schema ends early", err) : 0;
}

/* Find the footer: [... footer, int32 length, "ARROW1"]. */
static int open_footer(const struct file *file, struct flatbuffer *footer,
                       struct err *err)
{
    struct flatbuffer whole = view(file, 0, file->n_bytes);

    if (file->n_bytes < 24 || memcmp(file->bytes + file->n_bytes - 6, "ARROW1", 6) != 0)
        return damaged("it does not end in ARROW1 (truncated?)", err);
    const uint64_t n = flatbuffer_unsigned(&whole, file->n_bytes - 10, 4);

    if (n == 0 || n > file->n_bytes - 18)
        return damaged("its footer does not fit", err);
    *footer = view(file, file->n_bytes - 10 - n, n);
    return 0;
}

/* Unpack an LZ4 frame to exactly n bytes. */
static int unpack(const unsigned char *packed, size_t n_packed, unsigned char *out,
                  size_t n, struct err *err)
{
    LZ4F_dctx *context;
    size_t in = 0, done = 0, hint = 1;

    if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
        return err_set(err, ERR_MEMORY, "no memory to unpack");
    while (in < n_packed && hint != 0) {
        size_t n_in = n_packed - in, n_out = n - done;

        hint = LZ4F_decompress(context, out + done, &n_out, packed + in, &n_in, NULL);
        if (LZ4F_isError(hint) || (n_in == 0 && n_out == 0))
            break;
        in += n_in;
        done += n_out;
    }
    LZ4F_freeDecompressionContext(context);
    return hint == 0 && done == n ? 0 : damaged("an LZ4 frame is broken", err);
}

struct batch {
    const unsigned char *body;
    size_t n_body, n_rows;
    struct flatbuffer fb; /* the message's metadata */
    size_t n_buffers, n_nodes, buffers, nodes;
    bool packed;
};

/* At least n bytes of a buffer; *own is to be freed. */
static int get_buffer(struct batch *batch, size_t index, size_t n,
                      const unsigned char **bytes, unsigned char **own, struct err *err)
{
    struct flatbuffer *fb = &batch->fb;
    const size_t at = batch->buffers + FB_BUFFER * index;

    if (index >= batch->n_buffers)
        return damaged("a column has no buffer", err);
    const uint64_t from = flatbuffer_unsigned(fb, at, 8);
    const uint64_t length = flatbuffer_unsigned(fb, at + 8, 8);

    if (fb->failed || from > batch->n_body || length > batch->n_body - from)
        return damaged("a buffer lies outside its batch", err);
    *bytes = batch->body + from;
    if (!batch->packed)
        return length >= n ? 0 : damaged("a buffer is too short", err);
    struct flatbuffer head = {*bytes, length, false};
    const int64_t plain = flatbuffer_signed(&head, 0, 8);

    if (head.failed || (plain == -1 && length - 8 < n) ||
        (plain != -1 && (plain < 0 || (uint64_t)plain < n)))
        return damaged("a buffer is too short", err);
    *bytes += 8;
    if (plain == -1)
        return 0;
    if ((uint64_t)plain > n + 64)
        return damaged("a buffer unpacks to more than its rows", err);
    *own = malloc((size_t)plain + 1);
    if (*own == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu rows", batch->n_rows);
    if (unpack(*bytes, length - 8, *own, (size_t)plain, err) != 0)
        return -1;
    *bytes = *own;
    return 0;
}

static int get_values(struct batch *batch, const struct column *column, size_t index,
                      struct values *values, struct err *err)
{
    const size_t node = batch->nodes + FB_NODE * index;

    if (index >= batch->n_nodes)
        return damaged("a column has no length", err);
    const uint64_t n_rows = flatbuffer_unsigned(&batch->fb, node, 8);
    const uint64_t n_null = flatbuffer_unsigned(&batch->fb, node + 8, 8);

    if (batch->fb.failed || n_rows != batch->n_rows)
        return damaged("a column is shorter than its batch", err);
    if (n_null > 0 && get_buffer(batch, column->first_buffer, (batch->n_rows + 7) / 8,
                                 &values->valid, &values->own_valid, err) != 0)
        return err_add(err, "%s", column->name);
    if (get_buffer(batch, column->first_buffer + 1,
                   batch->n_rows * (size_t)column->width, &values->bytes, &values->own,
                   err) != 0)
        return err_add(err, "%s", column->name);
    return 0;
}

static double real_at(const struct column *column, const unsigned char *bytes, size_t i)
{
    const unsigned char *at = bytes + i * (size_t)column->width;
    double wide;
    float narrow;
    int64_t whole;
    int32_t half;

    if (column->type == ARROW_FLOAT && column->width == 4) {
        memcpy(&narrow, at, sizeof narrow);
        return (double)narrow;
    }
    if (column->type == ARROW_INT && column->width == 4) {
        memcpy(&half, at, sizeof half);
        return (double)half;
    }
    if (column->type == ARROW_INT) {
        memcpy(&whole, at, sizeof whole);
        return (double)whole;
    }
    memcpy(&wide, at, sizeof wide);
    return wide;
}

/* A timestamp says its unit; a plain whole number is read by its size. */
static int time_at(const struct file *file, const struct column *column,
                   const unsigned char *bytes, size_t i, int64_t *moment_ns,
                   unsigned *unit, struct err *err)
{
    static const unsigned units[] = {STAMP_S, STAMP_MS, STAMP_US, STAMP_NS};
    struct stamp_rule rule = file->format->stamp;
    int64_t count;

    memcpy(&count, bytes + 8 * i, sizeof count);
    if (column->type == ARROW_TIMESTAMP)
        rule.units = units[column->unit & 3];
    return stamp_from_integer(count, rule, moment_ns, unit, err);
}

static bool is_null(const struct values *values, size_t i)
{
    return values->valid != NULL && !(values->valid[i / 8] >> (i % 8) & 1);
}

static int take_row(const struct file *file,
                    const struct values values[FORMAT_N_FIELDS], size_t i,
                    uint32_t number, struct rows *rows, struct err *err)
{
    struct bar bar;
    double *const value[] = {[FIELD_OPEN] = &bar.open,
                             [FIELD_HIGH] = &bar.high,
                             [FIELD_LOW] = &bar.low,
                             [FIELD_CLOSE] = &bar.close,
                             [FIELD_VOLUME] = &bar.volume};
    struct err wrong;
    unsigned unit;

    for (int f = FIELD_TIME; f <= FIELD_VOLUME; f++)
        if (is_null(&values[f], i))
            return rows_reject(rows, number, "a value is null", err);
    if (time_at(file, &file->column[file->place[FIELD_TIME]], values[FIELD_TIME].bytes,
                i, &bar.time, &unit, &wrong) != 0)
        return rows_reject(rows, number, wrong.text, err);
    rows->units |= unit;
    for (int f = FIELD_OPEN; f <= FIELD_VOLUME; f++)
        *value[f] = real_at(&file->column[file->place[f]], values[f].bytes, i);
    return rows_offer(rows, number, &bar, "", err);
}

static int take_batch(const struct file *file, struct batch *batch, struct rows *rows,
                      struct err *err)
{
    const uint32_t first = (uint32_t)(rows->n + rows->n_rejected);
    struct values values[FORMAT_N_FIELDS] = {{0}};
    int failed = 0;

    for (int f = FIELD_TIME; f <= FIELD_VOLUME && !failed; f++)
        failed = get_values(batch, &file->column[file->place[f]],
                            (size_t)file->place[f], &values[f], err);
    for (size_t i = 0; i < batch->n_rows && !failed; i++)
        failed = take_row(file, values, i, first + (uint32_t)i, rows, err);
    for (int f = FIELD_TIME; f <= FIELD_VOLUME; f++) {
        free(values[f].own);
        free(values[f].own_valid);
    }
    return failed;
}

/* Block -> message -> record batch: lengths, nodes, buffers and compression. */
static int open_batch(const struct file *file, struct flatbuffer *footer, size_t block,
                      struct batch *batch, struct err *err)
{
    const uint64_t from = flatbuffer_unsigned(footer, block, 8);
    const uint64_t n_meta = flatbuffer_unsigned(footer, block + 8, 4);
    const uint64_t n_body = flatbuffer_unsigned(footer, block + 16, 8);

    if (footer->failed || from > file->n_bytes || n_meta > file->n_bytes - from ||
        n_meta < 16 || n_body > file->n_bytes - from - n_meta)
        return damaged("a batch lies outside the file", err);
    struct flatbuffer head = view(file, from, n_meta);
    const size_t skip = flatbuffer_unsigned(&head, 0, 4) == 0xffffffffu ? 8 : 4;

    batch->body = file->bytes + from + n_meta;
    batch->n_body = n_body;
    batch->fb = view(file, from + skip, n_meta - skip);
    struct flatbuffer *fb = &batch->fb;
    const size_t message = flatbuffer_root(fb);
    const size_t record = flatbuffer_table(fb, message, 2);

    if (fb->failed || record == 0 || flatbuffer_scalar(fb, message, 1, 1, 0) != 3)
        return damaged("a block is no record batch", err);
    batch->n_rows = (size_t)flatbuffer_scalar(fb, record, 0, 8, 0);
    batch->nodes = flatbuffer_vector(fb, record, 1, FB_NODE, &batch->n_nodes);
    batch->buffers = flatbuffer_vector(fb, record, 2, FB_BUFFER, &batch->n_buffers);
    const size_t compression = flatbuffer_table(fb, record, 3);

    batch->packed = compression != 0;
    if (batch->packed && flatbuffer_scalar(fb, compression, 0, 1, 0) != 0)
        return err_set(err, ERR_INPUT, "its buffers are packed by zstd: LZ4 is read");
    if (fb->failed || batch->n_rows > UINT32_MAX)
        return damaged("a batch's lengths make no sense", err);
    return 0;
}

/* The columns that the table's row names, and of a type that holds numbers. */
static int match_columns(struct file *file, const struct read_wish *wish,
                         struct err *err)
{
    size_t n_formats;
    const struct format *formats = read_formats(wish, &n_formats);
    const char *names[MAX_FIELDS];

    for (size_t c = 0; c < file->n_columns; c++)
        names[c] = file->column[c].name;
    for (size_t i = 0; i < n_formats && file->format == NULL; i++)
        if (formats[i].shape == FORMAT_ARROW && read_wants(wish, &formats[i]) &&
            format_match_names(&formats[i], file->n_columns, names, file->place))
            file->format = &formats[i];
    if (file->format == NULL)
        return wish->formats != NULL
                   ? err_set(err, ERR_INPUT, "--columns is for text and JSON")
                   : read_unknown("an Arrow file with other columns", wish->name, err);
    for (int f = FIELD_TIME; f <= FIELD_VOLUME; f++) {
        const struct column *column = &file->column[file->place[f]];
        const bool number =
            (column->type == ARROW_FLOAT || column->type == ARROW_INT) &&
            (column->width == 8 || column->width == 4);
        const bool time =
            (column->type == ARROW_TIMESTAMP || column->type == ARROW_INT) &&
            column->width == 8;

        if (f == FIELD_TIME ? !time : !number)
            return err_set(err, ERR_INPUT, "column '%s' does not hold %s", column->name,
                           f == FIELD_TIME ? "times" : "numbers");
    }
    return 0;
}

static int take_batches(const struct file *file, struct flatbuffer *footer,
                        struct rows *rows, struct err *err)
{
    size_t n;
    const size_t blocks =
        flatbuffer_vector(footer, flatbuffer_root(footer), 3, FB_BLOCK, &n);

    for (size_t i = 0; i < n; i++) {
        struct batch batch = {0};

        if (open_batch(file, footer, blocks + FB_BLOCK * i, &batch, err) != 0 ||
            take_batch(file, &batch, rows, err) != 0)
            return err_add(err, "batch %zu", i);
    }
    return footer->failed ? damaged("its footer ends early", err) : 0;
}

int read_arrow(const char *bytes, size_t n_bytes, const struct read_wish *wish,
               struct rows *rows, struct read_choice *choice, struct err *err)
{
    struct file file = {.bytes = (const unsigned char *)bytes, .n_bytes = n_bytes};
    struct flatbuffer footer;
    const size_t before = rows->n, rejected_before = rows->n_rejected;

    if (open_footer(&file, &footer, err) != 0)
        return -1;
    const size_t root = flatbuffer_root(&footer);
    const size_t schema = flatbuffer_table(&footer, root, 1);

    if (footer.failed || schema == 0)
        return damaged("its footer has no schema", err);
    if (read_schema(&file, &footer, schema, err) != 0 ||
        match_columns(&file, wish, err) != 0)
        return -1;
    if (take_batches(&file, &footer, rows, err) != 0)
        return -1;
    const size_t n = rows->n - before, n_rejected = rows->n_rejected - rejected_before;

    if ((double)n < LAYOUT_LEAST_SHARE * (double)(n + n_rejected))
        return err_set(err, ERR_INPUT,
                       "its columns are those of %s, but most rows are wrong (row %u: "
                       "%s)",
                       file.format->name,
                       (unsigned)rows->rejected[rejected_before].number,
                       rows->rejected[rejected_before].reason);
    choice->format = file.format;
    choice->by_index = true;
    snprintf(choice->why, sizeof choice->why,
             "an Arrow IPC file (Feather 2) with its columns");
    return 0;
}
