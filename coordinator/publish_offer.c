#include "coordinator/offer.h"
#include "coordinator/publish.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/lock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    TRY_MS = 3000,      /* for a relay's first word, where there are others to try  */
    VERDICT_MS = 10000, /* for its verdict, which waits for the relay that follows */
    PAUSE_MS = 200,     /* after each has been tried in vain                        */
};

static const int64_t MS = CLOCK_SECOND / 1000;

/* On the way to one of the plan's relays. */
struct offering {
    const struct publish_plan *plan;
    const struct publish_matter *matter;
    struct publication *publication; /* the one that is offered; NULL: none yet */
    bool was_sent;                   /* and no verdict heard                    */
    int64_t until_ns;                /* monotonic                               */
};

static bool is_same_set(const struct publish_matter *matter,
                        const struct stream_name *name)
{
    return stream_name_check(name, matter->set, matter->n_set, NULL) == 0;
}

/* ---- what is offered ---- */

/* Does it follow `newest`, as it did when it was made, or has it been taken?  Then its
 * verdict may have been lost, and the same bytes are offered again. */
static bool fits(const struct publication *last, const struct stream_name *newest)
{
    const struct stream_name *name = &last->is.name;

    if (newest->version == 0)
        return name->version == 1;
    return stream_name_same(name, newest) ||
           (name->epoch == newest->epoch && name->version > newest->version &&
            last->is.has_parent &&
            memcmp(last->is.parent_sha256, newest->sha256, sizeof newest->sha256) == 0);
}

/* Above what was offered before as well: no version is signed twice. */
static int make(const struct offering *offering, const struct stream_name *newest,
                const struct publication *before, struct publication **publication,
                struct err *err)
{
    struct stream_name last = *newest;

    if (before != NULL && before->is.name.epoch == last.epoch &&
        before->is.name.version > last.version)
        last.version = before->is.name.version;
    return publish_make(offering->plan, offering->matter, &last, publication, err);
}

/* The one of the state, where it can go out again; a new one otherwise, which is on
 * disk before it goes. */
static int choose_kept(struct offering *offering, const struct stream_name *newest,
                       struct err *err)
{
    const struct publish_plan *plan = offering->plan;
    struct publication *last;
    char path[FILE_PATH_MAX];

    if (publish_find_state(plan, path, err) != 0 ||
        publish_read_last(path, &last, err) != 0)
        return -1;
    const bool is_again = publish_is_unanswered(path)
                              ? publish_says_same(plan, offering->matter, last)
                              : publish_is_again(plan, offering->matter, last);
    if (is_again && fits(last, newest)) {
        offering->publication = last;
        return publish_note_unanswered(path, true, err);
    }
    int status = make(offering, newest, last, &offering->publication, err);
    publication_free(last);
    if (status != 0)
        return -1;
    status = publish_write_last(path, offering->publication, err);
    return status != 0 ? -1 : publish_note_unanswered(path, true, err);
}

/* What follows `newest` at this relay. */
static int choose(struct offering *offering, const struct stream_name *newest,
                  struct err *err)
{
    struct publication *before = offering->publication;

    if (before != NULL && fits(before, newest))
        return 0;
    offering->publication = NULL;
    offering->was_sent = false;
    const int status =
        offering->plan->state != NULL
            ? choose_kept(offering, newest, err)
            : make(offering, newest, before, &offering->publication, err);
    publication_free(before);
    return status;
}

/* ---- one relay ---- */

static int note_answered(const struct offering *offering, struct err *err)
{
    char path[FILE_PATH_MAX];

    if (offering->plan->state == NULL)
        return 0;
    return publish_find_state(offering->plan, path, err) != 0
               ? -1
               : publish_note_unanswered(path, false, err);
}

/* Nothing that this run has offered, and nothing new to say about it. */
static bool is_there_already(const struct offering *offering,
                             const struct stream_name *newest)
{
    return offering->publication == NULL && newest->version != 0 &&
           is_same_set(offering->matter, newest) && !publish_is_new(offering->plan);
}

static int send_it(struct offering *offering, struct offer *offer, struct err *err)
{
    const struct stream_name name = offering->publication->is.name;
    char reason[STREAM_REASON_MAX], digest[STREAM_DIGEST_MAX];
    enum stream_verdict verdict;

    offering->was_sent = true;
    const int status = offer_send(offer, offering->publication, &verdict, reason, err);
    if (status == 0 || err->kind == ERR_REFUSED) {
        offering->was_sent = false;
        if (note_answered(offering, status == 0 ? err : NULL) != 0 && status == 0)
            return -1;
    }
    if (status != 0)
        return err_add(err, "version %llu", (unsigned long long)name.version);
    printf("version %llu is %s: %s, sha256 %s\n", (unsigned long long)name.version,
           verdict == STREAM_TAKEN ? "taken" : "held", reason,
           stream_digest_text(name.sha256, digest));
    return 0;
}

static int offer_it(struct offering *offering, struct offer *offer, struct err *err)
{
    char digest[STREAM_DIGEST_MAX];
    struct stream_name newest;

    if (offer_newest(offer, &newest, err) != 0)
        return -1;
    if (is_there_already(offering, &newest)) {
        printf("version %llu is this set already, sha256 %s\n",
               (unsigned long long)newest.version,
               stream_digest_text(newest.sha256, digest));
        return note_answered(offering, err);
    }
    if (publish_check_guard(offering->plan, offering->matter, NULL, err) != 0 ||
        choose(offering, &newest, err) != 0)
        return -1;
    return send_it(offering, offer, err);
}

static int try_one(struct offering *offering, size_t i, struct err *err)
{
    const struct publish_plan *plan = offering->plan;
    struct offer_plan connection = {.address = plan->to[i],
                                    .key = plan->key,
                                    .relay_key =
                                        plan->relay_key[plan->n_relay_keys > 1 ? i : 0],
                                    .timeout_ns = plan->timeout_ns,
                                    .verdict_ns = plan->timeout_ns,
                                    .until_ns = offering->until_ns,
                                    .stop = plan->stop};
    struct offer *offer;

    if (plan->n_to > 1 && plan->timeout_ns > TRY_MS * MS) {
        connection.timeout_ns = TRY_MS * MS;
        connection.verdict_ns = VERDICT_MS * MS;
    }
    if (offer_open(&connection, &offer, err) != 0)
        return -1;
    const int status = offer_it(offering, offer, err);
    offer_close(offer);
    return status;
}

/* ---- all of them ---- */

static int fail(const struct offering *offering, const struct err why[],
                struct err *err)
{
    const struct publish_plan *plan = offering->plan;
    char all[ERR_TEXT_MAX] = "";
    size_t n = 0;

    for (size_t i = 0; i < plan->n_to && n < sizeof all; i++)
        n += (size_t)snprintf(all + n, sizeof all - n, "%s%.200s", i > 0 ? "; " : "",
                              why[i].text);
    return err_set(
        err, ERR_COMM, "%s%s", all,
        !offering->was_sent ? ""
        : plan->state == NULL && publish_is_new(plan)
            ? "; it may have been taken"
            : "; it may have been taken: published again, it makes no second "
              "version");
}

/* In the order given, and again, until one has said what it thinks of it. */
static int try_all(struct offering *offering, struct err *err)
{
    const struct publish_plan *plan = offering->plan;
    const struct timespec pause = {.tv_nsec = PAUSE_MS * MS};
    struct err why[PUBLISH_RELAYS_MAX] = {{0}};

    for (;;) {
        for (size_t i = 0; i < plan->n_to; i++) {
            if (clock_monotonic() >= offering->until_ns && why[i].kind != ERR_NONE)
                return fail(offering, why, err);
            why[i] = (struct err){0};
            if (try_one(offering, i, &why[i]) == 0)
                return 0;
            if (why[i].kind != ERR_COMM) {
                *err = why[i];
                return -1;
            }
        }
        nanosleep(&pause, NULL); /* a signal ends it, and the next try */
    }
}

int publish_to_relay(const struct publish_plan *plan,
                     const struct publish_matter *matter, struct err *err)
{
    struct offering offering = {.plan = plan,
                                .matter = matter,
                                .until_ns = clock_monotonic() + plan->timeout_ns};
    struct lock *lock = NULL;
    char path[FILE_PATH_MAX];

    if (plan->state != NULL &&
        (publish_find_state(plan, path, err) != 0 || lock_take(path, &lock, err) != 0))
        return -1;
    const int status = try_all(&offering, err);
    publication_free(offering.publication);
    lock_release(lock);
    return status;
}
