#include "coordinator/evidence.h"
#include "coordinator/inspect.h"
#include "core/h5.h"
#include "core/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what became of each instrument ---- */

struct columns {
    size_t n, n_status, n_reason; /* rows; sizes of the texts */
    char *name, *status, *reason;
    size_t n_name;
    double *cost, *last;
};

static void columns_free(struct columns *columns)
{
    free(columns->name);
    free(columns->status);
    free(columns->reason);
    free(columns->cost);
    free(columns->last);
}

/* Read a column of n rows; a text column's size goes to *text_size. */
static int read_column(const struct h5 *file, const char *path, enum h5_type type,
                       size_t *n, size_t *text_size, void **values, struct err *err)
{
    struct h5_array array;

    if (h5_describe(file, path, &array, err) != 0)
        return -1;
    if (array.type != type || array.n_dims != 1 || (*n != 0 && array.extent[0] != *n))
        return err_set(err, ERR_INPUT, "%s: %s is not a column of this table",
                       h5_path(file), path);
    *n = array.extent[0];
    if (text_size != NULL)
        *text_size = array.text_size;
    *values = calloc(1, h5_array_bytes(&array) + 1);
    if (*values == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %s", path);
    return h5_read(file, path, &array, *values, err);
}

static int read_columns(const struct h5 *file, struct columns *columns, struct err *err)
{
    *columns = (struct columns){0};
    if (read_column(file, "/instruments/instrument", H5_TYPE_TEXT, &columns->n,
                    &columns->n_name, (void **)&columns->name, err) == 0 &&
        read_column(file, "/instruments/status", H5_TYPE_TEXT, &columns->n,
                    &columns->n_status, (void **)&columns->status, err) == 0 &&
        read_column(file, "/instruments/reason", H5_TYPE_TEXT, &columns->n,
                    &columns->n_reason, (void **)&columns->reason, err) == 0 &&
        read_column(file, "/instruments/cost", H5_TYPE_REAL64, &columns->n, NULL,
                    (void **)&columns->cost, err) == 0 &&
        read_column(file, "/instruments/last_margin", H5_TYPE_REAL64, &columns->n, NULL,
                    (void **)&columns->last, err) == 0)
        return 0;
    columns_free(columns);
    return -1;
}

/* The texts of a column fill their size without a NUL behind the longest. */
static char *copy_text(const char *texts, size_t size, size_t i, char out[1024])
{
    snprintf(out, 1024, "%.*s", (int)(size < 1023 ? size : 1023), texts + i * size);
    return out;
}

static void print_columns(const struct columns *columns)
{
    char name[1024], status[1024], reason[1024];

    printf("%-20s %-11s %10s %12s  reason\n", "instrument", "status", "cost",
           "last margin");
    for (size_t i = 0; i < columns->n; i++)
        printf("%-20s %-11s %10.6g %12.6g  %s\n",
               copy_text(columns->name, columns->n_name, i, name),
               copy_text(columns->status, columns->n_status, i, status),
               columns->cost[i], columns->last[i],
               copy_text(columns->reason, columns->n_reason, i, reason));
}

static int print_columns_json(const struct columns *columns, struct err *err)
{
    char text[1024], *bytes;
    struct json json;
    size_t n_bytes;

    json_start(&json, 2);
    json_put_array(&json, NULL);
    for (size_t i = 0; i < columns->n; i++) {
        json_put_object(&json, NULL);
        json_put_text(&json, "instrument",
                      copy_text(columns->name, columns->n_name, i, text));
        json_put_text(&json, "status",
                      copy_text(columns->status, columns->n_status, i, text));
        json_put_text(&json, "reason",
                      copy_text(columns->reason, columns->n_reason, i, text));
        json_put_real(&json, "cost", columns->cost[i]);
        json_put_real(&json, "last_margin", columns->last[i]);
        json_end(&json);
    }
    json_end(&json);
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    fputs(bytes, stdout);
    free(bytes);
    return 0;
}

static int show_all(const struct h5 *file, bool as_json, struct err *err)
{
    struct columns columns;
    int status = 0;

    if (read_columns(file, &columns, err) != 0)
        return -1;
    if (as_json)
        status = print_columns_json(&columns, err);
    else
        print_columns(&columns);
    columns_free(&columns);
    return status;
}

/* ---- the points of one instrument ---- */

/* One figure a line, the points side by side. */
static int print_figure(const struct h5 *file, const char *path, const char *name,
                        size_t *n_points, struct json *json, struct err *err)
{
    enum { SHOWN = 6 }; /* columns that fit a terminal */
    double *value = NULL;
    int status =
        read_column(file, path, H5_TYPE_REAL64, n_points, NULL, (void **)&value, err);

    if (status == 0 && json != NULL) {
        json_put_array(json, name);
        for (size_t i = 0; i < *n_points; i++)
            json_put_real(json, NULL, value[i]);
        json_end(json);
    } else if (status == 0) {
        printf("%-24s", name);
        for (size_t i = 0; i < *n_points && i < SHOWN; i++)
            printf(" %12.6g", value[i]);
        printf("%s\n", *n_points > SHOWN ? " ..." : "");
    }
    free(value);
    return status;
}

static int print_points(const struct h5 *file, const char *group, struct json *json,
                        struct err *err)
{
    struct h5_names names;
    size_t n_points = 0;
    int status = 0;

    if (h5_list(file, group, &names, err) != 0)
        return -1;
    for (size_t i = 0; status == 0 && i < names.n; i++) {
        char path[512];

        snprintf(path, sizeof path, "%s/%s", group, names.name[i]);
        status = print_figure(file, path, names.name[i], &n_points, json, err);
    }
    h5_names_free(&names);
    return status;
}

static int print_points_json(const struct h5 *file, const char *group, struct err *err)
{
    struct json json;
    char *bytes;
    size_t n_bytes;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    if (print_points(file, group, &json, err) != 0) {
        json_abandon(&json);
        return -1;
    }
    json_end(&json);
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    fputs(bytes, stdout);
    free(bytes);
    return 0;
}

static int show_instrument(const struct h5 *file, const struct inspect_options *options,
                           struct err *err)
{
    char group[256], *status = NULL, *reason = NULL;
    int result = -1;

    snprintf(group, sizeof group, "/%s", options->instrument);
    if (!h5_exists(file, group))
        return err_set(err, ERR_USAGE, "%s: has no instrument %s", options->path,
                       options->instrument);
    if (h5_get_text(file, group, "status", &status, err) == 0 &&
        h5_get_text(file, group, "reason", &reason, err) == 0) {
        if (!options->as_json)
            printf("%s  %s%s%s\n", options->instrument, status,
                   reason[0] != '\0' ? ": " : "", reason);
        snprintf(group, sizeof group, "/%s/points", options->instrument);
        if (!h5_exists(file, group))
            result = options->as_json ? puts("{}") < 0 : 0;
        else if (options->as_json)
            result = print_points_json(file, group, err);
        else
            result = print_points(file, group, NULL, err);
    }
    free(status);
    free(reason);
    return result;
}

int inspect_calibration(const struct inspect_options *options, struct err *err)
{
    struct h5 *file;

    if (h5_open(options->path, EVIDENCE_KIND, &file, err) != 0)
        return -1;
    const int status = options->instrument == NULL
                           ? show_all(file, options->as_json, err)
                           : show_instrument(file, options, err);
    h5_close(file);
    return status;
}
