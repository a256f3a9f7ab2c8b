#include "client/subscriber.h"
#include "core/clock.h"
#include "tests/system/chaos/chaos.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Subscribers of one process, each in a thread of its own, until the process is killed.
 */
struct place {
    const char *directory, *network;
    int log;
    size_t i;
};

static const char *path_of(const struct place *place, const char *what, char *out)
{
    snprintf(out, FILE_PATH_MAX, "%s/%s", place->directory, what);
    return out;
}

/* "index time epoch version sha256": whole lines, also from a process that is killed.
 */
static void say_held(const struct place *place,
                     const struct plimsoll_subscriber *subscriber)
{
    struct plimsoll_publication publication;
    char line[256];

    if (plimsoll_subscriber_publication(subscriber, &publication) != 0)
        return;
    const int n =
        snprintf(line, sizeof line, "%zu %lld %llu %llu %s\n", place->i,
                 (long long)clock_monotonic(), (unsigned long long)publication.epoch,
                 (unsigned long long)publication.version,
                 plimsoll_set_sha256(plimsoll_subscriber_set(subscriber)));
    if (write(place->log, line, (size_t)n) != n)
        abort();
}

static void say_refused(const struct place *place, const char *text)
{
    char line[ERR_TEXT_MAX + 64];
    const int n = snprintf(line, sizeof line, "# %zu %s\n", place->i, text);

    if (write(place->log, line, (size_t)n) != n)
        abort();
}

static int open_one(const struct place *place, struct plimsoll_subscriber **subscriber,
                    struct err *err)
{
    char address[RELAYS][48], key[RELAYS][FILE_PATH_MAX], own[FILE_PATH_MAX],
        signers[FILE_PATH_MAX], store[FILE_PATH_MAX], name[32];
    struct plimsoll_options options = {.key = own, .store = store};

    for (int r = 0; r < RELAYS; r++) {
        snprintf(address[r], sizeof address[r], "tcp://%s.%d:7700", place->network,
                 r + 1);
        snprintf(name, sizeof name, "relay-%c.public", 'a' + r);
        options.relay[r].address = address[r];
        options.relay[r].key = path_of(place, name, key[r]);
    }
    snprintf(name, sizeof name, "engine-%zu.secret", place->i);
    path_of(place, name, own);
    options.signers = path_of(place, "signers", signers);
    snprintf(name, sizeof name, "engine-%zu", place->i);
    path_of(place, name, store);
    return plimsoll_subscriber_open(&options, subscriber, err);
}

static void *subscribe(void *context)
{
    const struct place *place = context;
    struct plimsoll_subscriber *subscriber;
    struct plimsoll_event event;
    struct err err = {0};

    if (open_one(place, &subscriber, &err) != 0) {
        fprintf(stderr, "engine %zu: %s\n", place->i, err.text);
        exit(1);
    }
    say_held(place, subscriber);
    while (plimsoll_subscriber_next(subscriber, 60000, &event, &err) == 0)
        if (event.kind == PLIMSOLL_NEW_SET)
            say_held(place, subscriber);
        else if (event.kind == PLIMSOLL_REFUSED)
            say_refused(place, event.text);
    fprintf(stderr, "engine %zu: %s\n", place->i, err.text);
    exit(1);
}

int worker_main(int argc, char **argv)
{
    static struct place place[EACH_MAX];
    pthread_t thread = 0;

    if (argc != 7)
        return 2;
    const int log = open(argv[4], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    const size_t first = strtoul(argv[5], NULL, 10), n = strtoul(argv[6], NULL, 10);
    if (log < 0 || n > EACH_MAX)
        return 2;
    for (size_t i = 0; i < n; i++) {
        place[i] = (struct place){argv[2], argv[3], log, first + i};
        if (pthread_create(&thread, NULL, subscribe, &place[i]) != 0)
            return 1;
    }
    pthread_join(thread, NULL);
    return 1;
}
