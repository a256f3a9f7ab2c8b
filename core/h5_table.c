#include "core/h5_inside.h"

#include <stdlib.h>
#include <string.h>

static size_t field_bytes(const struct h5_field *field)
{
    return field->type == H5_TYPE_TEXT ? field->text_size : sizeof(double);
}

/* The compound as it lies in memory. */
static hid_t new_row_type(const struct h5_table *table)
{
    const hid_t row = H5Tcreate(H5T_COMPOUND, table->row_size);
    herr_t status = row < 0 ? -1 : 0;

    for (size_t i = 0; i < table->n_fields && status >= 0; i++) {
        const struct h5_field *field = table->field + i;
        const hid_t type = h5_new_type(field->type, field->text_size);

        status = type < 0 ? -1 : H5Tinsert(row, field->name, field->offset, type);
        H5Tclose(type);
    }
    if (status < 0 && row >= 0)
        H5Tclose(row);
    return status < 0 ? -1 : row;
}

/* The same without the holes between the fields. */
static hid_t new_packed_type(const struct h5_table *table)
{
    const hid_t row = new_row_type(table);

    if (row >= 0 && H5Tpack(row) < 0) {
        H5Tclose(row);
        return -1;
    }
    return row;
}

static size_t packed_bytes(const struct h5_table *table)
{
    size_t n = 0;

    for (size_t i = 0; i < table->n_fields; i++)
        n += field_bytes(table->field + i);
    return n;
}

int h5_write_table(struct h5 *file, const char *path, const struct h5_table *table,
                   size_t n_rows, const void *rows, struct err *err)
{
    const struct h5_array shape = {.n_dims = 1, .extent = {n_rows}};
    const hid_t memory = new_row_type(table);
    const hid_t packed = new_packed_type(table);
    int status = 0;

    const hid_t dataset =
        h5_create_dataset(file, path, packed, packed_bytes(table), &shape, err);
    if (dataset < 0)
        status = -1;
    else if (n_rows > 0 &&
             H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows) < 0)
        status = h5_fail(file, "write", path, err);
    if (dataset >= 0 && H5Dclose(dataset) < 0 && status == 0)
        status = h5_fail(file, "write", path, err);
    H5Tclose(packed);
    H5Tclose(memory);
    return status;
}

static bool has_row_type(hid_t dataset, const struct h5_table *table)
{
    const hid_t packed = new_packed_type(table);
    const hid_t type = H5Dget_type(dataset);
    const bool is_same = packed >= 0 && type >= 0 && H5Tequal(type, packed) > 0;

    H5Tclose(type);
    H5Tclose(packed);
    return is_same;
}

static void end_texts(const struct h5_table *table, size_t n_rows, char *rows)
{
    for (size_t i = 0; i < table->n_fields; i++) {
        const struct h5_field *field = table->field + i;

        for (size_t k = 0; field->type == H5_TYPE_TEXT && k < n_rows; k++)
            rows[k * table->row_size + field->offset + field->text_size - 1] = '\0';
    }
}

static int read_rows(const struct h5 *file, const char *path, hid_t dataset,
                     const struct h5_table *table, size_t n_rows, void **rows,
                     struct err *err)
{
    const hid_t memory = new_row_type(table);
    int status = 0;

    void *read = calloc(n_rows > 0 ? n_rows : 1, table->row_size);
    if (read == NULL)
        status = err_set(err, ERR_MEMORY, "%s: %s: no memory for %zu rows", file->path,
                         path, n_rows);
    else if (n_rows > 0 && (memory < 0 || H5Dread(dataset, memory, H5S_ALL, H5S_ALL,
                                                  H5P_DEFAULT, read) < 0))
        status = h5_fail(file, "read", path, err);
    H5Tclose(memory);
    if (status != 0) {
        free(read);
        return -1;
    }
    end_texts(table, n_rows, read);
    *rows = read;
    return 0;
}

int h5_read_table(const struct h5 *file, const char *path, const struct h5_table *table,
                  size_t *n_rows, void **rows, struct err *err)
{
    struct h5_array shape = {.type = H5_TYPE_REAL64};
    int status;

    const hid_t dataset = h5_open_dataset(file, path, packed_bytes(table), &shape, err);
    if (dataset < 0)
        return -1;
    if (shape.n_dims != 1 || !has_row_type(dataset, table))
        status =
            err_set(err, ERR_INPUT, "%s: %s: its columns are not the expected ones",
                    file->path, path);
    else
        status = read_rows(file, path, dataset, table, shape.extent[0], rows, err);
    H5Dclose(dataset);
    if (status == 0)
        *n_rows = shape.extent[0];
    return status;
}
