/* example_engine.c -- a margin engine in one page: always ask for the newest good
 * margin
 *
 *     example-engine ADDRESS RELAY.public ENGINE.secret SIGNERS STORE INSTRUMENT
 * NOTIONAL [N_SETS]
 *
 * Prints the margin of a position each time that a new set is held; ends after N_SETS
 * (0, the default: never). */
#include "client/diff.h"
#include "client/subscriber.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

struct position {
    const char *instrument;
    double notional;
};

/* The margins in use.  They change only to those of a calibrated instrument. */
struct margin {
    int64_t initial_ppm, maintenance_ppm;
};

static void use_set(const struct plimsoll_set *set, const struct position *position,
                    struct margin *margin)
{
    const struct plimsoll_tier *tier;
    struct err err = {0};

    if (plimsoll_set_margin(set, position->instrument, position->notional, &tier,
                            &err) != 0) {
        printf("margin stays: %s\n", err.text);
        return;
    }
    *margin = (struct margin){tier->initial_margin_ppm, tier->maintenance_margin_ppm};
    printf("%s of %g: initial margin %.2f, maintenance margin %.2f\n",
           position->instrument, position->notional,
           position->notional * 1e-6 * (double)margin->initial_ppm,
           position->notional * 1e-6 * (double)margin->maintenance_ppm);
}

static void react(const struct plimsoll_subscriber *subscriber,
                  const struct plimsoll_event *event, const struct position *position,
                  struct margin *margin)
{
    const struct plimsoll_set *previous = plimsoll_subscriber_previous(subscriber);

    switch (event->kind) {
    case PLIMSOLL_NEW_SET:
        if (previous != NULL)
            plimsoll_diff_print(previous, plimsoll_subscriber_set(subscriber), stdout);
        use_set(plimsoll_subscriber_set(subscriber), position, margin);
        break;
    case PLIMSOLL_REFUSED: /* what was held is held still: tell an operator */
        printf("refused: %s\n", event->text);
        break;
    case PLIMSOLL_EXPIRED: /* the held set is old: tell an operator */
    case PLIMSOLL_SILENT:  /* it may be */
        printf("%s\n", event->text);
        break;
    case PLIMSOLL_WAITING:
    case PLIMSOLL_CONFIRMED:
    case PLIMSOLL_NOTHING:
        break;
    }
    fflush(stdout);
}

static int run(struct plimsoll_subscriber *subscriber, const struct position *position,
               int64_t n_sets, struct err *err)
{
    struct margin margin = {PLIMSOLL_PPM_MAX,
                            PLIMSOLL_PPM_MAX}; /* until one is known */
    struct plimsoll_event event;

    if (plimsoll_subscriber_set(subscriber) != NULL) /* of the last run, verified */
        use_set(plimsoll_subscriber_set(subscriber), position, &margin);
    for (int64_t n = 0; n_sets == 0 || n < n_sets;
         n += event.kind == PLIMSOLL_NEW_SET) {
        if (plimsoll_subscriber_next(subscriber, 1000, &event, err) != 0)
            return -1;
        react(subscriber, &event, position, &margin);
    }
    return 0;
}

static int open_and_run(int argc, char **argv, struct err *err)
{
    struct plimsoll_options options = {0};
    struct plimsoll_subscriber *subscriber;
    struct position position;
    int64_t n_sets = 0;

    if (argc < 8 || argc > 9)
        return err_set(err, ERR_USAGE,
                       "usage: example-engine ADDRESS RELAY.public ENGINE.secret "
                       "SIGNERS STORE INSTRUMENT NOTIONAL [N_SETS]");
    options.relay[0] = (struct plimsoll_relay){.address = argv[1], .key = argv[2]};
    options.key = argv[3];
    options.signers = argv[4];
    options.store = argv[5];
    position.instrument = argv[6];
    if (text_to_real(argv[7], strlen(argv[7]), &position.notional, err) != 0 ||
        (argc == 9 &&
         text_to_integer(argv[8], strlen(argv[8]), 0, 1000000, &n_sets, err) != 0) ||
        plimsoll_subscriber_open(&options, &subscriber, err) != 0)
        return -1;
    const int status = run(subscriber, &position, n_sets, err);
    plimsoll_subscriber_close(subscriber);
    return status;
}

int main(int argc, char **argv)
{
    struct err err = {0};

    if (open_and_run(argc, argv, &err) == 0)
        return 0;
    fprintf(stderr, "example-engine: %s\n", err.text);
    return err_exit_code(&err);
}
