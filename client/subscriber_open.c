#include "client/subscriber_inside.h"
#include "core/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GOODBYE_MS = 1500 /* to tell what is held */ };

static int check_options(const struct plimsoll_options *options, struct err *err)
{
    const bool is_curve = options->key != NULL;

    if (options->relay[0].address == NULL)
        return err_set(err, ERR_USAGE, "no relay to connect to");
    if (!options->plain && (!is_curve || options->signers == NULL))
        return err_set(err, ERR_USAGE,
                       "a key of one's own and a list of signers are needed, or plain");
    if (options->plain && is_curve)
        return err_set(err, ERR_USAGE, "plain, and yet with a key");
    for (size_t i = 0; i < PLIMSOLL_RELAYS_MAX; i++) {
        const struct plimsoll_relay *relay = &options->relay[i];

        if (relay->address == NULL)
            break;
        if (stream_check_address(relay->address, is_curve, err) != 0)
            return -1;
        if ((relay->key != NULL) != is_curve)
            return err_set(err, ERR_USAGE, "%.100s: %s", relay->address,
                           is_curve ? "its public key is needed"
                                    : "plain, and yet with its key");
    }
    return 0;
}

static int plan_links(struct plimsoll_subscriber *subscriber,
                      const struct plimsoll_options *options,
                      struct link_plan plan[PLIMSOLL_RELAYS_MAX], struct err *err)
{
    struct trust_key theirs;
    size_t n = 0;

    for (; n < PLIMSOLL_RELAYS_MAX && options->relay[n].address != NULL; n++) {
        const struct plimsoll_relay *relay = &options->relay[n];

        plan[n] = (struct link_plan){.address = relay->address};
        if (relay->key == NULL)
            continue;
        if (trust_read_one(relay->key, KEY_CURVE, &theirs, err) != 0)
            return -1;
        memcpy(plan[n].theirs, theirs.public, KEY_BYTES);
    }
    subscriber->n_relays = n;
    return 0;
}

static int connect_all(struct plimsoll_subscriber *subscriber,
                       const struct plimsoll_options *options, struct err *err)
{
    struct link_plan plan[PLIMSOLL_RELAYS_MAX];
    struct key mine;

    if (plan_links(subscriber, options, plan, err) != 0 ||
        (options->key != NULL && key_read(options->key, KEY_CURVE, &mine, err) != 0))
        return -1;
    const int status =
        links_open(subscriber->n_relays, plan, options->key != NULL ? &mine : NULL,
                   &subscriber->links, err);
    if (options->key != NULL)
        key_forget(&mine);
    return status;
}

/* The caller's texts need not outlive the opening. */
static int copy_addresses(struct plimsoll_subscriber *subscriber,
                          const struct plimsoll_options *options, struct err *err)
{
    size_t n_bytes = 1;

    for (size_t i = 0; i < subscriber->n_relays; i++)
        n_bytes += strlen(options->relay[i].address) + 1;
    char *at = subscriber->addresses = malloc(n_bytes);
    if (at == NULL)
        return err_set(err, ERR_MEMORY, "no memory for addresses");
    for (size_t i = 0; i < subscriber->n_relays; i++) {
        subscriber->relay[i].address = at;
        at = stpcpy(at, options->relay[i].address) + 1;
    }
    return 0;
}

int plimsoll_subscriber_open(const struct plimsoll_options *options,
                             struct plimsoll_subscriber **subscriber, struct err *err)
{
    const struct holding_options holding = {.store = options->store,
                                            .signers = options->signers,
                                            .limits = options->limits};

    if (check_options(options, err) != 0)
        return -1;
    struct plimsoll_subscriber *new = calloc(1, sizeof *new);
    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a subscriber");
    new->heard_ns = clock_monotonic();
    if (holding_open(&holding, &new->holding, err) != 0 ||
        connect_all(new, options, err) != 0 || copy_addresses(new, options, err) != 0) {
        plimsoll_subscriber_close(new);
        return -1;
    }
    *subscriber = new;
    return 0;
}

static void say_goodbye(struct plimsoll_subscriber *subscriber)
{
    const int64_t until_ns = clock_monotonic() + GOODBYE_MS * (CLOCK_SECOND / 1000);

    for (size_t i = 0; i < subscriber->n_relays; i++)
        if (subscriber->relay[i].owes &&
            links_wait_ready(subscriber->links, i, until_ns))
            subscriber_acknowledge(subscriber, i);
}

void plimsoll_subscriber_close(struct plimsoll_subscriber *subscriber)
{
    if (subscriber == NULL)
        return;
    if (subscriber->links != NULL)
        say_goodbye(subscriber);
    links_close(subscriber->links, GOODBYE_MS);
    holding_close(subscriber->holding);
    free(subscriber->addresses);
    free(subscriber);
}

struct plimsoll_set *plimsoll_subscriber_set(
    const struct plimsoll_subscriber *subscriber)
{
    return holding_set(subscriber->holding);
}

struct plimsoll_set *plimsoll_subscriber_previous(
    const struct plimsoll_subscriber *subscriber)
{
    return holding_previous(subscriber->holding);
}

bool plimsoll_subscriber_is_confirmed(const struct plimsoll_subscriber *subscriber)
{
    return subscriber->is_confirmed;
}

bool plimsoll_subscriber_is_silent(const struct plimsoll_subscriber *subscriber)
{
    return subscriber->is_silent;
}

bool plimsoll_subscriber_is_expired(const struct plimsoll_subscriber *subscriber)
{
    return holding_is_expired(subscriber->holding);
}

int plimsoll_subscriber_publication(const struct plimsoll_subscriber *subscriber,
                                    struct plimsoll_publication *publication)
{
    const struct publication *held = holding_publication(subscriber->holding);

    if (held == NULL)
        return -1;
    *publication = (struct plimsoll_publication){
        .epoch = held->is.name.epoch,
        .version = held->is.name.version,
        .rollback_of = held->is.rollback_of,
        .published_ns = held->is.published_ns,
        .valid_from_ns = held->is.valid_from_ns,
        .valid_until_ns = held->is.valid_until_ns,
    };
    snprintf(publication->note, sizeof publication->note, "%s", held->is.note);
    return 0;
}
