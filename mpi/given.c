#include "mpi/given.h"

#include <stdlib.h>
#include <string.h>

/* Fibonacci hashing: numbers that follow each other go to buckets far apart. */
static size_t bucket_of(const struct given *given, uint64_t number)
{
    return (size_t)((number * UINT64_C(0x9e3779b97f4a7c15)) >> 32) &
           (given->n_buckets - 1);
}

static void put_into_bucket(struct given *given, struct given_unit *unit)
{
    struct given_unit **bucket = &given->bucket[bucket_of(given, unit->head.number)];

    unit->next = *bucket;
    *bucket = unit;
}

static int grow(struct given *given, struct err *err)
{
    const size_t n_buckets = given->n_buckets == 0 ? 256 : 2 * given->n_buckets;
    struct given_unit **bucket = calloc(n_buckets, sizeof(struct given_unit *));

    if (bucket == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu units", n_buckets);
    free(given->bucket);
    given->bucket = bucket;
    given->n_buckets = n_buckets;
    for (struct given_unit *unit = given->oldest; unit != NULL; unit = unit->newer)
        put_into_bucket(given, unit);
    return 0;
}

static void put_last(struct given *given, struct given_unit *unit)
{
    unit->older = given->newest;
    unit->newer = NULL;
    if (given->newest != NULL)
        given->newest->newer = unit;
    else
        given->oldest = unit;
    given->newest = unit;
}

static void take_out(struct given *given, struct given_unit *unit)
{
    if (unit->older != NULL)
        unit->older->newer = unit->newer;
    else
        given->oldest = unit->newer;
    if (unit->newer != NULL)
        unit->newer->older = unit->older;
    else
        given->newest = unit->older;
}

int given_add(struct given *given, const struct wire_unit *head, const void *bytes,
              int64_t now_ns, struct err *err)
{
    if (given->n == given->n_buckets && grow(given, err) != 0)
        return -1;
    struct given_unit *unit = malloc(sizeof *unit + head->n_bytes);
    if (unit == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a unit");
    *unit = (struct given_unit){.since_ns = now_ns, .n_times = 1, .head = *head};
    memcpy(unit->bytes, bytes, head->n_bytes);
    put_into_bucket(given, unit);
    put_last(given, unit);
    given->n++;
    return 0;
}

struct given_unit *given_find(const struct given *given, uint64_t number)
{
    if (given->n_buckets == 0)
        return NULL;
    struct given_unit *unit = given->bucket[bucket_of(given, number)];
    while (unit != NULL && unit->head.number != number)
        unit = unit->next;
    return unit;
}

void given_remove(struct given *given, struct given_unit *unit)
{
    struct given_unit **at = &given->bucket[bucket_of(given, unit->head.number)];

    while (*at != unit)
        at = &(*at)->next;
    *at = unit->next;
    take_out(given, unit);
    free(unit);
    given->n--;
}

void given_again(struct given *given, struct given_unit *unit, int rank, int64_t now_ns)
{
    take_out(given, unit);
    unit->head.rank = (uint32_t)rank;
    unit->head.alone = 0;
    unit->since_ns = now_ns;
    unit->n_times++;
    unit->late = false;
    put_last(given, unit);
}

void given_free(struct given *given)
{
    while (given->oldest != NULL)
        given_remove(given, given->oldest);
    free(given->bucket);
    *given = (struct given){0};
}
