/* herd.c -- many engines in one process, each with a key, a connection and a thread of
 * its own, for tests/system/stream-herd
 *
 *     herd keys DIRECTORY N                 engine-0 ... and the list "subscribers"
 *     herd run DIRECTORY ADDRESS FIRST N    engines FIRST to FIRST + N - 1, until
 * killed
 *
 * `run` prints a line for each version that its engines hold:
 *
 *     held VERSION SHA256 N_HOLD MONOTONIC_NS
 *
 * again whenever another one holds it, and `wrong TEXT` where an engine goes back,
 * holds other bytes under a version than another engine, or refuses anything. */
#include "client/engine.h"
#include "client/keyfile.h"
#include "core/clock.h"
#include "core/file.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { HERD_MAX = 1000, DIGEST_TEXT_MAX = 65 };

/* ---- keys ---- */

static int make_keys(const char *directory, size_t n, struct err *err)
{
    char path[FILE_PATH_MAX], name[KEY_NAME_MAX], hex[KEY_HEX_MAX];
    struct key key;

    snprintf(path, sizeof path, "%s/subscribers", directory);
    FILE *list = fopen(path, "w");
    if (list == NULL || fchmod(fileno(list), 0600) != 0)
        return err_set(err, ERR_IO, "%s: cannot be written", path);
    for (size_t i = 0; i < n; i++) {
        snprintf(name, sizeof name, "engine-%zu", i);
        snprintf(path, sizeof path, "%s/%s", directory, name);
        if (key_generate(KEY_CURVE, name, &key, err) != 0 ||
            key_write(&key, path, err) != 0)
            return -1;
        fprintf(list, "curve %s %s\n", key_text(key.public, hex), name);
    }
    return fclose(list) == 0 ? 0 : err_set(err, ERR_IO, "%s: is not whole", path);
}

/* ---- engines ---- */

struct member {
    struct plimsoll_engine *engine;
    uint64_t serial, version;
};

struct herd {
    size_t n;
    struct member member[HERD_MAX];
    uint64_t version; /* the highest that one holds */
    char sha256[DIGEST_TEXT_MAX];
};

static int start_one(const char *directory, const char *address, size_t i,
                     struct plimsoll_engine **engine, struct err *err)
{
    char relay[FILE_PATH_MAX], key[FILE_PATH_MAX], signers[FILE_PATH_MAX];
    const struct plimsoll_options options = {
        .relay = {{address, relay}}, .key = key, .signers = signers};

    snprintf(relay, sizeof relay, "%s/relay.public", directory);
    snprintf(key, sizeof key, "%s/engine-%zu.secret", directory, i);
    snprintf(signers, sizeof signers, "%s/signers", directory);
    return plimsoll_engine_start(&options, engine, err);
}

static void say_held(const struct herd *herd)
{
    size_t n = 0;

    for (size_t i = 0; i < herd->n; i++)
        n += herd->member[i].version == herd->version;
    printf("held %llu %s %zu %lld\n", (unsigned long long)herd->version, herd->sha256,
           n, (long long)clock_monotonic());
}

static void take_view(struct herd *herd, struct member *member,
                      const struct plimsoll_view *view)
{
    const uint64_t version = view->publication.version;
    const char *sha256 = plimsoll_set_sha256(view->set);

    if (version < member->version)
        printf("wrong an engine goes back to version %llu\n",
               (unsigned long long)version);
    member->version = version;
    if (version > herd->version) {
        herd->version = version;
        snprintf(herd->sha256, sizeof herd->sha256, "%s", sha256);
    } else if (version == herd->version && strcmp(sha256, herd->sha256) != 0) {
        printf("wrong another set under version %llu\n", (unsigned long long)version);
    }
}

static bool look_at(struct herd *herd, struct member *member)
{
    const uint64_t serial = plimsoll_engine_serial(member->engine);
    struct plimsoll_event event;

    plimsoll_engine_hush(member->engine);
    while (plimsoll_engine_notice(member->engine, &event))
        if (event.kind == PLIMSOLL_REFUSED && strncmp(event.text, "tcp://", 6) != 0)
            printf("wrong refused: %s\n", event.text);
    if (serial == member->serial)
        return false;
    const struct plimsoll_view *view = plimsoll_engine_take(member->engine);
    if (view != NULL)
        take_view(herd, member, view);
    plimsoll_engine_give(member->engine, view);
    member->serial = serial;
    return true;
}

static int run(struct herd *herd, const char *directory, const char *address,
               size_t first, size_t n, struct err *err)
{
    struct pollfd waits[HERD_MAX];

    for (; herd->n < n; herd->n++) {
        struct member *member = &herd->member[herd->n];

        if (start_one(directory, address, first + herd->n, &member->engine, err) != 0)
            return -1;
        waits[herd->n] = (struct pollfd){
            .fd = plimsoll_engine_descriptor(member->engine), .events = POLLIN};
    }
    while (poll(waits, n, -1) >= 0) {
        bool is_new = false;

        for (size_t i = 0; i < n; i++)
            if (waits[i].revents != 0)
                is_new |= look_at(herd, &herd->member[i]);
        if (is_new)
            say_held(herd);
    }
    return err_set(err, ERR_BUG, "poll failed");
}

static void allow_many_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    static struct herd herd;
    struct err err = {0};
    int status = -1;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 4 && strcmp(argv[1], "keys") == 0) {
        status = make_keys(argv[2], strtoul(argv[3], NULL, 10), &err);
    } else if (argc == 6 && strcmp(argv[1], "run") == 0 &&
               strtoul(argv[5], NULL, 10) <= HERD_MAX) {
        allow_many_files();
        status = run(&herd, argv[2], argv[3], strtoul(argv[4], NULL, 10),
                     strtoul(argv[5], NULL, 10), &err);
    } else {
        err_set(&err, ERR_USAGE,
                "herd keys DIRECTORY N | run DIRECTORY ADDRESS FIRST N");
    }
    if (status != 0)
        fprintf(stderr, "herd: %s\n", err.text);
    return status != 0;
}
