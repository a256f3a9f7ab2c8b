#include "coordinator/subscribers.h"
#include "core/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ABSENT_MAX = 4096,        /* rows of those who are not there any more   */
    CONNECTIONS_PER_KEY = 64, /* more get nothing                           */
};

void subscribers_free(struct subscribers *all)
{
    for (size_t i = 0; i < all->n; i++)
        free(all->row[i]);
    free(all->row);
}

/* ---- by connection ---- */

static size_t hash_of(const struct gate_peer *peer)
{
    uint32_t id; /* ZeroMQ counts them up */

    memcpy(&id, peer->bytes + 1, sizeof id);
    return (id ^ id >> 24) % SUBSCRIBERS_HASH;
}

struct subscriber *subscribers_find(struct subscribers *all,
                                    const struct gate_peer *peer)
{
    struct subscriber *at = all->hash[hash_of(peer)];

    while (at != NULL && memcmp(&at->peer, peer, sizeof *peer) != 0)
        at = at->next;
    return at;
}

static void enter(struct subscribers *all, struct subscriber *subscriber)
{
    struct subscriber **head = &all->hash[hash_of(&subscriber->peer)];

    subscriber->next = *head;
    *head = subscriber;
}

static void leave(struct subscribers *all, const struct subscriber *subscriber)
{
    struct subscriber **at = &all->hash[hash_of(&subscriber->peer)];

    while (*at != subscriber)
        at = &(*at)->next;
    *at = subscriber->next;
}

/* ---- by key ---- */

static bool has_key(const struct subscriber *subscriber,
                    const uint8_t public[KEY_BYTES])
{
    return memcmp(subscriber->is.public, public, KEY_BYTES) == 0;
}

static bool is_plain(const uint8_t public[KEY_BYTES])
{
    static const uint8_t none[KEY_BYTES];

    return memcmp(public, none, KEY_BYTES) == 0;
}

/* How many connections it has now, and a row of one that it had (NULL: none). */
static size_t count_key(const struct subscribers *all, const uint8_t public[KEY_BYTES],
                        struct subscriber **absent)
{
    size_t n = 0;

    *absent = NULL;
    if (is_plain(public))
        return 0;
    for (size_t i = 0; i < all->n; i++) {
        if (!has_key(all->row[i], public))
            continue;
        if (all->row[i]->is.is_there)
            n++;
        else
            *absent = all->row[i];
    }
    return n;
}

/* ---- coming and going ---- */

/* NULL without memory. */
static struct subscriber *append(struct subscribers *all)
{
    if (all->n == all->n_allocated) {
        const size_t n = 2 * all->n_allocated + 64;
        struct subscriber **grown = realloc(all->row, n * sizeof *grown);

        if (grown == NULL)
            return NULL;
        all->row = grown;
        all->n_allocated = n;
    }
    struct subscriber *new = calloc(1, sizeof *new);
    if (new != NULL)
        all->row[all->n++] = new;
    return new;
}

int subscribers_add(struct subscribers *all, const struct gate_message *from,
                    struct subscriber **subscriber, struct err *err)
{
    struct subscriber *row;

    if (count_key(all, from->who.public, &row) >= CONNECTIONS_PER_KEY)
        return err_set(err, ERR_REFUSED, "%s has %d connections already",
                       from->who.name, CONNECTIONS_PER_KEY);
    if (row != NULL)
        all->n_absent--;
    else if ((row = append(all)) == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a subscriber");
    memcpy(row->is.name, from->who.name, sizeof row->is.name);
    memcpy(row->is.groups, from->who.groups, sizeof row->is.groups);
    memcpy(row->is.public, from->who.public, sizeof row->is.public);
    row->is.is_there = true;
    row->answered_ns = INT64_MIN;
    row->peer = from->from;
    enter(all, row);
    *subscriber = row;
    return 0;
}

static void remove_row(struct subscribers *all, const struct subscriber *row)
{
    size_t i = 0;

    while (all->row[i] != row)
        i++;
    free(all->row[i]);
    all->n--;
    all->n_absent--;
    memmove(&all->row[i], &all->row[i + 1], (all->n - i) * sizeof *all->row);
}

static struct subscriber *first_absent(const struct subscribers *all)
{
    size_t i = 0;

    while (all->row[i]->is.is_there)
        i++;
    return all->row[i];
}

void subscribers_part(struct subscribers *all, struct subscriber *subscriber)
{
    struct subscriber *absent;

    leave(all, subscriber);
    subscriber->is.is_there = false;
    all->n_absent++;
    if (count_key(all, subscriber->is.public, &absent) > 0)
        remove_row(all, subscriber);
    else if (all->n_absent > ABSENT_MAX)
        remove_row(all, first_absent(all));
}
