#include "coordinator/zap.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { LISTS_MAX = 8, DOMAIN_MAX = 32, FRAMES_MAX = 7, FRAME_BYTES_MAX = 256 };

struct zap_list {
    struct zap *zap;
    char domain[DOMAIN_MAX];
    struct trust_watch *watch;
    atomic_uint_fast64_t n_strangers, n_revoked;
};

struct zap {
    pthread_mutex_t
        lock; /* over the lists: the thread reads them, others change them */
    pthread_t thread;
    void *socket; /* REP; the thread's, once it runs */
    size_t n_lists;
    struct zap_list list[LISTS_MAX];
};

/* ---- lists ---- */

int zap_add_list(struct zap *zap, const char *domain, const char *path,
                 struct zap_list **list, struct err *err)
{
    struct trust_watch *watch;

    if (zap->n_lists == LISTS_MAX || strlen(domain) >= DOMAIN_MAX)
        return err_set(err, ERR_BUG, "no place for the list of %s", domain);
    if (trust_watch_open(path, KEY_CURVE, &watch, err) != 0)
        return -1;
    pthread_mutex_lock(&zap->lock);
    struct zap_list *new = &zap->list[zap->n_lists++];
    new->zap = zap;
    strcpy(new->domain, domain);
    new->watch = watch;
    pthread_mutex_unlock(&zap->lock);
    *list = new;
    return 0;
}

int zap_refresh(struct zap_list *list, struct err *err)
{
    pthread_mutex_lock(&list->zap->lock);
    const int status = trust_watch_refresh(list->watch, err);
    pthread_mutex_unlock(&list->zap->lock);
    return status;
}

/* With the lock held. */
static bool find_locked(const struct zap_list *list, const uint8_t public[KEY_BYTES],
                        struct trust_key *key)
{
    const struct trust_key *found = trust_find(trust_watch_now(list->watch), public);

    if (found != NULL)
        *key = *found;
    return found != NULL;
}

bool zap_find(struct zap_list *list, const uint8_t public[KEY_BYTES],
              struct trust_key *key)
{
    pthread_mutex_lock(&list->zap->lock);
    const bool is_listed = find_locked(list, public, key);
    pthread_mutex_unlock(&list->zap->lock);
    return is_listed;
}

size_t zap_count(struct zap_list *list)
{
    size_t n = 0;

    pthread_mutex_lock(&list->zap->lock);
    const struct trust *trust = trust_watch_now(list->watch);
    for (size_t i = 0; i < trust_count(trust); i++)
        n += !trust_at(trust, i)->is_revoked;
    pthread_mutex_unlock(&list->zap->lock);
    return n;
}

struct zap_counts zap_counts(const struct zap_list *list)
{
    return (struct zap_counts){
        .n_strangers = atomic_load(&list->n_strangers),
        .n_revoked = atomic_load(&list->n_revoked),
    };
}

/* ---- the conversation ---- */

struct frame {
    size_t n_bytes;
    char bytes[FRAME_BYTES_MAX];
};

/* version, request id, domain, address, identity, mechanism, credentials */
struct request {
    size_t n_frames;
    struct frame frame[FRAMES_MAX];
    bool is_cut; /* frames too long or too many */
};

static bool is_text(const struct frame *frame, const char *text)
{
    return frame->n_bytes == strlen(text) &&
           memcmp(frame->bytes, text, frame->n_bytes) == 0;
}

/* 0, or -1 where ZeroMQ ends. */
static int receive(void *socket, struct request *request)
{
    size_t size = sizeof(int);
    int more = 1;

    *request = (struct request){0};
    while (more) {
        struct frame spare, *frame = request->n_frames < FRAMES_MAX
                                         ? &request->frame[request->n_frames]
                                         : &spare;
        const int n = zmq_recv(socket, frame->bytes, sizeof frame->bytes, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) != 0)
            return -1;
        request->is_cut |= (size_t)n > sizeof frame->bytes || frame == &spare;
        frame->n_bytes =
            (size_t)n < sizeof frame->bytes ? (size_t)n : sizeof frame->bytes;
        request->n_frames += frame != &spare;
    }
    return 0;
}

static bool allow(struct zap *zap, const struct request *request, struct trust_key *key)
{
    const uint8_t *public = (const uint8_t *)request->frame[6].bytes;
    bool is_allowed = false;

    if (request->is_cut || request->n_frames != FRAMES_MAX ||
        !is_text(&request->frame[0], "1.0") || !is_text(&request->frame[5], "CURVE") ||
        request->frame[6].n_bytes != KEY_BYTES)
        return false;
    pthread_mutex_lock(&zap->lock);
    for (size_t i = 0; i < zap->n_lists; i++) {
        struct zap_list *list = &zap->list[i];

        if (!is_text(&request->frame[2], list->domain))
            continue;
        const bool is_listed = find_locked(list, public, key);
        is_allowed = is_listed && !key->is_revoked;
        if (!is_allowed)
            atomic_fetch_add(is_listed ? &list->n_revoked : &list->n_strangers, 1);
        break;
    }
    pthread_mutex_unlock(&zap->lock);
    return is_allowed;
}

static int answer(struct zap *zap, const struct request *request)
{
    const struct frame *id = &request->frame[1];
    char user[KEY_HEX_MAX] = "";
    struct trust_key key;

    const bool is_allowed = allow(zap, request, &key);
    if (is_allowed)
        key_text(key.public, user);
    const char *code = is_allowed ? "200" : "400";
    const char *text = is_allowed ? "OK" : "not listed";
    if (zmq_send(zap->socket, "1.0", 3, ZMQ_SNDMORE) < 0 ||
        zmq_send(zap->socket, id->bytes, id->n_bytes, ZMQ_SNDMORE) < 0 ||
        zmq_send(zap->socket, code, strlen(code), ZMQ_SNDMORE) < 0 ||
        zmq_send(zap->socket, text, strlen(text), ZMQ_SNDMORE) < 0 ||
        zmq_send(zap->socket, user, strlen(user), ZMQ_SNDMORE) < 0)
        return -1;
    return zmq_send(zap->socket, "", 0, 0);
}

static void *run(void *argument)
{
    struct zap *zap = argument;
    struct request request;

    while (receive(zap->socket, &request) == 0 && answer(zap, &request) >= 0)
        ;
    zmq_close(zap->socket);
    return NULL;
}

/* ---- opening and closing ---- */

/* Signals are for the thread that waits for them. */
static int start_thread(struct zap *zap)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int status = pthread_create(&zap->thread, NULL, run, zap);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

int zap_open(void *context, struct zap **zap, struct err *err)
{
    struct zap *new = calloc(1, sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a handler");
    pthread_mutex_init(&new->lock, NULL);
    new->socket = zmq_socket(context, ZMQ_REP);
    int status =
        new->socket == NULL || zmq_bind(new->socket, "inproc://zeromq.zap.01") != 0
            ? errno
            : start_thread(new);
    if (status != 0) {
        if (new->socket != NULL)
            zmq_close(new->socket);
        pthread_mutex_destroy(&new->lock);
        free(new);
        return err_set(err, ERR_COMM, "the handler of handshakes: %s",
                       zmq_strerror(status));
    }
    *zap = new;
    return 0;
}

void zap_close(struct zap *zap)
{
    if (zap == NULL)
        return;
    pthread_join(zap->thread, NULL);
    for (size_t i = 0; i < zap->n_lists; i++)
        trust_watch_close(zap->list[i].watch);
    pthread_mutex_destroy(&zap->lock);
    free(zap);
}
