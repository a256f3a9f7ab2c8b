#include "worker/tried.h"

#include <stdlib.h>
#include <string.h>

void tried_start(size_t n_axes, struct tried *tried)
{
    *tried = (struct tried){.n_axes = n_axes};
}

void tried_free(struct tried *tried)
{
    const size_t n_axes = tried->n_axes;

    free(tried->value);
    free(tried->point);
    free(tried->bucket);
    tried_start(n_axes, tried);
}

/* Bits, mixed as in SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t hash, double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    hash = (hash ^ bits) + UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
    return hash ^ (hash >> 31);
}

/* The bucket where the point is, or the empty one where it would be. */
static size_t *find(const struct tried *tried, const double value[], double share)
{
    const size_t n_bytes = tried->n_axes * sizeof *value;
    uint64_t hash = mix(0, share);

    for (size_t a = 0; a < tried->n_axes; a++)
        hash = mix(hash, value[a]);
    for (size_t place = hash;; place++) {
        size_t *bucket = &tried->bucket[place & (tried->n_buckets - 1)];

        if (*bucket == 0 ||
            (tried->point[*bucket - 1].share == share &&
             memcmp(tried_value(tried, *bucket - 1), value, n_bytes) == 0))
            return bucket;
    }
}

/* Room for twice the points, and four buckets for each. */
static int grow(struct tried *tried, struct err *err)
{
    const size_t capacity = tried->capacity > 0 ? 2 * tried->capacity : 64;
    double *value =
        realloc(tried->value, capacity * (tried->n_axes + 1) * sizeof *value);
    if (value != NULL)
        tried->value = value;
    struct tried_point *point = realloc(tried->point, capacity * sizeof *point);
    if (point != NULL)
        tried->point = point;
    size_t *bucket = calloc(4 * capacity, sizeof *bucket);
    if (value == NULL || point == NULL || bucket == NULL) {
        free(bucket);
        return err_set(err, ERR_MEMORY, "no memory for %zu points tried", capacity);
    }
    free(tried->bucket);
    tried->bucket = bucket;
    tried->n_buckets = 4 * capacity;
    tried->capacity = capacity;
    for (size_t i = 0; i < tried->n; i++)
        *find(tried, tried_value(tried, i), tried->point[i].share) = i + 1;
    return 0;
}

int tried_take(struct tried *tried, const double value[], double share, size_t *number,
               bool *is_new, struct err *err)
{
    if (tried->n == tried->capacity && grow(tried, err) != 0)
        return -1;
    size_t *bucket = find(tried, value, share);
    *is_new = *bucket == 0;
    if (*is_new) {
        memcpy(tried->value + tried->n * tried->n_axes, value,
               tried->n_axes * sizeof *value);
        tried->point[tried->n] = (struct tried_point){.share = share};
        *bucket = ++tried->n;
    }
    *number = *bucket - 1;
    return 0;
}

bool tried_find(const struct tried *tried, const double value[], double share,
                size_t *number)
{
    if (tried->n == 0)
        return false;
    const size_t *bucket = find(tried, value, share);
    *number = *bucket - 1;
    return *bucket != 0;
}
