#include "coordinator/relay_post.h"
#include "coordinator/relay_store.h"
#include "core/clock.h"
#include "core/log.h"

#include <string.h>

/* How long a publication, and the verdict on it, wait for the relay that follows to
 * have it: then, should this one die, neither a publisher nor an engine has seen what
 * the other relay does not know. */
static const int64_t HOLD_BACK_NS = 3 * CLOCK_SECOND;
/* Meanwhile it is spoken to so often: one whose connection has ended is not waited for.
 */
static const int64_t PROBE_NS = CLOCK_SECOND / 20;

/* How long a follower stays with what comes record after record. */
static const int64_t CATCH_UP_NS = CLOCK_SECOND / 2;
enum {
    CATCH_UP_MS = 50, /* and waits for the next of them             */
    STEP_WORDS = 64,  /* answered in one step: engines are waiting  */
};

static void send_word(struct relay_post *post)
{
    struct feed_word word = feed_word_make(post->relay, post->started_ns);

    if (!relay_is_serving(post->relay))
        word.next = post->follower.next;
    const struct reader frame = {(const unsigned char *)&word, sizeof word};
    post->follower.is_waiting = line_send(post->follow, 1, &frame, 0) > 0;
    post->follower.asked_ns = clock_monotonic();
}

/* *more: the next record is on its way. */
static int take_word(struct relay_post *post, size_t n, const struct reader frame[],
                     bool *more, struct err *err)
{
    const struct reader record = n > 1 ? frame[1] : (struct reader){0};
    struct feed_word word;
    struct err why = {0};

    *more = false;
    if (feed_word_read(frame[0], &word, &why) == 0 &&
        feed_take(post->relay, &post->follower, &word, record, more, &why) == 0) {
        if (*more)
            send_word(post);
        return 0;
    }
    if (why.kind != ERR_INPUT) {
        *err = why;
        return -1;
    }
    log_line("follow", "refused=\"%s\"", why.text);
    return 0;
}

/* What has come is taken, and for CATCH_UP_NS what comes behind it; then the next word
 * goes out when it is time. */
int relay_post_follow(struct relay_post *post, struct err *err)
{
    const int64_t end_ns = clock_monotonic() + CATCH_UP_NS;
    struct reader frame[LINE_FRAMES_MAX];
    bool more = false;
    int n;

    if (post->follow == NULL)
        return 0;
    while ((n = line_receive(post->follow, more ? CATCH_UP_MS : 0, frame, err)) > 0)
        if (take_word(post, (size_t)n, frame, &more, err) != 0)
            return -1;
        else if (clock_monotonic() >= end_ns)
            break;
    if (n < 0)
        return -1;
    const int64_t wait_ms = post->follower.is_waiting ? FEED_LOST_MS : FEED_ASK_MS;
    if (clock_monotonic() - post->follower.asked_ns >= wait_ms * (CLOCK_SECOND / 1000))
        send_word(post);
    return 0;
}

static int answer(struct relay_post *post, const struct gate_message *message,
                  const struct feed_word *asked, struct err *err)
{
    struct buffer record = {0};
    struct feed_word word;

    if (feed_answer(post->relay, asked, post->started_ns, &word, &record, err) != 0) {
        buffer_free(&record);
        return -1;
    }
    const struct gate_frame frame[2] = {{.bytes = &word, .n_bytes = sizeof word},
                                        {.bytes = record.bytes, .n_bytes = record.n}};
    gate_send(post->feed, &message->from, record.n > 0 ? 2 : 1, frame);
    buffer_free(&record);
    return 0;
}

static void probe(struct relay_post *post)
{
    const struct feed_word word = feed_word_make(post->relay, post->started_ns);
    const struct gate_frame frame = {.bytes = &word, .n_bytes = sizeof word};
    const int64_t now_ns = clock_monotonic();

    if (now_ns - post->probed_ns < PROBE_NS)
        return;
    post->probed_ns = now_ns;
    if (gate_send(post->feed, &post->fed_peer, 1, &frame) == GATE_GONE)
        post->fed_ns = 0;
}

int relay_post_feed(struct relay_post *post, struct err *err)
{
    struct gate_message message;
    struct feed_word asked;
    int got = 0;

    if (post->feed == NULL)
        return 0;
    for (int n = 0;
         n < STEP_WORDS && (got = gate_receive(post->feed, &message, err)) > 0; n++) {
        struct err why = {0};
        const struct reader bytes = {message.frame[0].bytes, message.frame[0].n_bytes};

        if (feed_word_read(bytes, &asked, &why) != 0) {
            gate_refuse(post->feed, message.who.name, why.text);
            continue;
        }
        if (asked.next < FEED_FIND) {
            post->n_fed = asked.next;
            post->fed_ns = clock_monotonic();
            post->fed_peer = message.from;
        } else if (asked.is_serving) {
            post->fed_ns = 0; /* it does not follow */
        }
        if (answer(post, &message, &asked, err) != 0)
            return -1;
    }
    if (got == 0 && !relay_post_may_show(post))
        probe(post);
    return got < 0 ? -1 : 0;
}

bool relay_post_may_show(const struct relay_post *post)
{
    return !post->is_awaited || post->n_fed >= post->n_seen || post->fed_ns == 0 ||
           clock_monotonic() - post->seen_ns >= HOLD_BACK_NS;
}

bool relay_post_is_feeding(const struct relay_post *post)
{
    return post->n_fed < post->n_seen && post->fed_ns != 0 &&
           clock_monotonic() - post->fed_ns < HOLD_BACK_NS;
}
