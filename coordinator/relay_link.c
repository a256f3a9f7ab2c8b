#include "coordinator/relay_post.h"
#include "coordinator/relay_store.h"
#include "core/clock.h"
#include "core/log.h"

#include <string.h>

/* How long a publication, and the verdict on it, wait for the relay that follows to
 * have it: then, should this one die, neither a publisher nor an engine has seen what
 * the other relay does not know. */
static const int64_t HOLD_BACK_NS = 3 * CLOCK_SECOND;
/* One that has not asked for so long (it asks every FEED_ASK_MS) is not waited for. */
static const int64_t FOLLOWER_GONE_NS = CLOCK_SECOND * 2 / 5;

static void send_word(struct relay_post *post)
{
    struct feed_word word = feed_word_make(post->relay, post->started_ns);

    if (!relay_is_serving(post->relay))
        word.next = post->follower.next;
    const struct reader frame = {(const unsigned char *)&word, sizeof word};
    post->follower.is_waiting = line_send(post->follow, 1, &frame, 0) > 0;
    post->follower.asked_ns = clock_monotonic();
}

static int take_word(struct relay_post *post, size_t n, const struct reader frame[],
                     struct err *err)
{
    const struct reader record = n > 1 ? frame[1] : (struct reader){0};
    struct feed_word word;
    struct err why = {0};
    bool more = false;

    if (feed_word_read(frame[0], &word, &why) == 0 &&
        feed_take(post->relay, &post->follower, &word, record, &more, &why) == 0) {
        if (more)
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

/* What has come is taken; then the next word goes out when it is time. */
int relay_post_follow(struct relay_post *post, struct err *err)
{
    struct reader frame[LINE_FRAMES_MAX];
    int n;

    if (post->follow == NULL)
        return 0;
    while ((n = line_receive(post->follow, 0, frame, err)) > 0)
        if (take_word(post, (size_t)n, frame, err) != 0)
            return -1;
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

int relay_post_feed(struct relay_post *post, struct err *err)
{
    struct gate_message message;
    struct feed_word asked;
    int got;

    if (post->feed == NULL)
        return 0;
    while ((got = gate_receive(post->feed, &message, err)) > 0) {
        struct err why = {0};
        const struct reader bytes = {message.frame[0].bytes, message.frame[0].n_bytes};

        if (feed_word_read(bytes, &asked, &why) != 0) {
            gate_refuse(post->feed, message.who.name, why.text);
            continue;
        }
        if (asked.next != FEED_NONE) {
            post->n_fed = asked.next;
            post->fed_ns = clock_monotonic();
        }
        if (answer(post, &message, &asked, err) != 0)
            return -1;
    }
    return got;
}

bool relay_post_may_show(const struct relay_post *post)
{
    const int64_t now_ns = clock_monotonic();

    return post->n_fed >= post->n_seen || now_ns - post->seen_ns >= HOLD_BACK_NS ||
           post->fed_ns == 0 || now_ns - post->fed_ns >= FOLLOWER_GONE_NS;
}
