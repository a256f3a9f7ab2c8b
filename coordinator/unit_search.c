#include "coordinator/unit_search.h"

#include <stdlib.h>
#include <string.h>

void unit_put_points(struct buffer *buffer, const struct unit *unit,
                     const struct unit_points *points, size_t n_axes,
                     const double value[])
{
    buffer_put(buffer, unit, sizeof *unit);
    buffer_put(buffer, points, sizeof *points);
    buffer_put(buffer, value, unit->n_points * n_axes * sizeof *value);
}

int unit_get_points(struct reader *reader, const struct unit *unit, size_t n_axes,
                    struct unit_points *points, double **value)
{
    const size_t n_bytes = unit->n_points * n_axes * sizeof **value;

    if (reader_get(reader, points, sizeof *points) != 0 || reader->n_left < n_bytes)
        return -1;
    *value = malloc(n_bytes + 1);
    return *value == NULL ? -1 : reader_get(reader, *value, n_bytes);
}

void unit_put_ratings(struct buffer *buffer, size_t n, const struct rating rating[],
                      const char *refusal)
{
    buffer_put(buffer, rating, n * sizeof *rating);
    buffer_put_text(buffer, refusal);
}

int unit_get_ratings(struct reader *reader, size_t n, struct rating rating[],
                     char refusal[ERR_TEXT_MAX])
{
    return reader_get(reader, rating, n * sizeof *rating) != 0
               ? -1
               : reader_get_text(reader, refusal, ERR_TEXT_MAX);
}

void unit_put_tried(struct buffer *buffer, const struct tried *tried)
{
    const uint64_t n = tried->n;

    buffer_put(buffer, &n, sizeof n);
    for (size_t i = 0; i < tried->n; i++) {
        buffer_put(buffer, tried_value(tried, i), tried->n_axes * sizeof(double));
        buffer_put(buffer, &tried->point[i].rating, sizeof tried->point[i].rating);
    }
}

void unit_put_known(struct buffer *buffer, const struct grid *grid,
                    const double start[], const struct tried *known)
{
    const size_t place = buffer->n;
    uint64_t n = 0;

    buffer_put(buffer, &n, sizeof n);
    for (size_t i = 0; i < known->n; i++) {
        const struct tried_point *point = &known->point[i];

        if (!point->is_rated || point->share != 1.0 ||
            !search_reaches(grid, start, tried_value(known, i)))
            continue;
        buffer_put(buffer, tried_value(known, i), known->n_axes * sizeof(double));
        buffer_put(buffer, &point->rating, sizeof point->rating);
        n++;
    }
    if (!buffer->failed)
        memcpy(buffer->bytes + place, &n, sizeof n);
}

int unit_get_tried(struct reader *reader, struct tried *tried, struct err *err)
{
    double value[AXES_MAX];
    struct rating rating;
    size_t number;
    uint64_t n;
    bool is_new;

    if (reader_get(reader, &n, sizeof n) != 0)
        return err_set(err, ERR_BUG, "what a polish tried cannot be read");
    for (uint64_t i = 0; i < n; i++) {
        if (reader_get(reader, value, tried->n_axes * sizeof *value) != 0 ||
            reader_get(reader, &rating, sizeof rating) != 0)
            return err_set(err, ERR_BUG, "what a polish tried cannot be read");
        if (tried_take(tried, value, 1.0, &number, &is_new, err) != 0)
            return -1;
        tried->point[number].rating = rating;
        tried->point[number].is_rated = true;
    }
    return 0;
}
