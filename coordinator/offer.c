#include "coordinator/offer.h"
#include "client/link.h"
#include "core/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GOODBYE_MS = 200 };

struct offer {
    struct links *links;
    char address[256];
    int64_t timeout_ns, verdict_ns, until_ns;
    const volatile sig_atomic_t *stop;
    const char *refused; /* why there is no connection; NULL: it is not known */
};

static int connect_to(struct offer *offer, const struct offer_plan *plan,
                      struct err *err)
{
    struct link_plan link = {.address = plan->address};
    struct trust_key theirs;
    struct key mine;

    if (plan->key == NULL)
        return links_open(1, &link, NULL, &offer->links, err);
    if (trust_read_one(plan->relay_key, KEY_CURVE, &theirs, err) != 0 ||
        key_read(plan->key, KEY_CURVE, &mine, err) != 0)
        return -1;
    memcpy(link.theirs, theirs.public, KEY_BYTES);
    const int status = links_open(1, &link, &mine, &offer->links, err);
    key_forget(&mine);
    return status;
}

int offer_open(const struct offer_plan *plan, struct offer **offer, struct err *err)
{
    if (stream_check_address(plan->address, plan->key != NULL, err) != 0)
        return -1;
    struct offer *new = calloc(1, sizeof *new);
    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for an offer");
    snprintf(new->address, sizeof new->address, "%s", plan->address);
    new->timeout_ns = plan->timeout_ns;
    new->verdict_ns = plan->verdict_ns != 0 ? plan->verdict_ns : plan->timeout_ns;
    new->until_ns = plan->until_ns != 0 ? plan->until_ns : INT64_MAX;
    new->stop = plan->stop;
    if (connect_to(new, plan, err) != 0) {
        offer_close(new);
        return -1;
    }
    *offer = new;
    return 0;
}

void offer_close(struct offer *offer)
{
    if (offer == NULL)
        return;
    links_close(offer->links, GOODBYE_MS);
    free(offer);
}

/* How long an answer is waited for. */
struct patience {
    int64_t for_ns, until_ns; /* until: monotonic */
};

static struct patience patience_of(const struct offer *offer, int64_t for_ns)
{
    const int64_t end_ns = clock_monotonic() + for_ns;

    return (struct patience){for_ns,
                             end_ns < offer->until_ns ? end_ns : offer->until_ns};
}

/* Is it to be waited any longer? */
static int check_time(const struct offer *offer, const struct patience *patience,
                      struct err *err)
{
    char timeout[CLOCK_TEXT_MAX];

    if (offer->stop != NULL && *offer->stop)
        return err_set(err, ERR_STOPPED, "%s: stopped before the answer",
                       offer->address);
    if (clock_monotonic() < patience->until_ns)
        return 0;
    return err_set(err, ERR_COMM, "%s: no answer in %s%s%s", offer->address,
                   clock_duration_text(patience->for_ns, timeout),
                   offer->refused != NULL ? ": " : "",
                   offer->refused != NULL ? offer->refused : "");
}

/* All frames, once there is a connection. */
static int say(struct offer *offer, size_t n_frames, const struct link_frame frame[],
               const struct patience *patience, struct err *err)
{
    struct link_event event;

    while (!links_send(offer->links, 0, n_frames, frame)) {
        if (check_time(offer, patience, err) != 0)
            return -1;
        if (links_next(offer->links, clock_monotonic() + CLOCK_SECOND / 20, &event,
                       err) != 0)
            return -1;
        if (event.kind == LINK_REFUSED)
            offer->refused = event.text;
    }
    return 0;
}

/* The next message of this kind; what else comes is an answer to an earlier question.
 */
static int hear(struct offer *offer, enum stream_kind kind,
                const struct patience *patience, struct stream_header *header,
                struct link_event *event, struct err *err)
{
    for (;;) {
        if (check_time(offer, patience, err) != 0 ||
            links_next(offer->links, patience->until_ns, event, err) != 0)
            return -1;
        if (event->kind == LINK_REFUSED)
            offer->refused = event->text;
        if (event->kind == LINK_DOWN)
            return err_set(err, ERR_COMM, "%s: the connection ended before the answer",
                           offer->address);
        if (event->kind != LINK_MESSAGE)
            continue;
        if (stream_header_read(event->frame[0].bytes, event->frame[0].n_bytes, header,
                               err) != 0)
            return err_add(err, "%s", offer->address);
        if (header->kind == kind && event->n_frames == stream_frames(kind))
            return 0;
    }
}

int offer_newest(struct offer *offer, struct stream_name *newest, struct err *err)
{
    const struct patience patience = patience_of(offer, offer->timeout_ns);
    const struct stream_header question = stream_header_make(STREAM_REQUEST, NULL);
    const struct link_frame frame = {.bytes = &question, .n_bytes = sizeof question};
    struct stream_header answer;
    struct link_event event;

    if (say(offer, 1, &frame, &patience, err) != 0 ||
        hear(offer, STREAM_HEARTBEAT, &patience, &answer, &event, err) != 0)
        return -1;
    *newest = stream_header_name(&answer);
    return 0;
}

/* It is for people's terminals. */
static void copy_reason(const struct link_frame *frame, char reason[STREAM_REASON_MAX])
{
    const unsigned char *bytes = frame->bytes;
    size_t n = 0;

    for (; n < frame->n_bytes && n + 1 < STREAM_REASON_MAX; n++)
        reason[n] = bytes[n] < ' ' || bytes[n] == 0x7f ? '?' : (char)bytes[n];
    reason[n] = '\0';
}

int offer_send(struct offer *offer, const struct publication *publication,
               enum stream_verdict *verdict, char reason[STREAM_REASON_MAX],
               struct err *err)
{
    const struct patience patience = patience_of(offer, offer->verdict_ns);
    const struct publication_parts *parts = &publication->parts;
    struct stream_header header =
        stream_header_make(STREAM_OFFER, &publication->is.name);
    struct link_event event;

    header.n_manifest = (uint16_t)parts->n_manifest;
    header.n_signatures = (uint16_t)parts->n_signatures;
    const struct link_frame frame[] = {
        {.bytes = &header, .n_bytes = sizeof header},
        {.bytes = parts->manifest, .n_bytes = parts->n_manifest},
        {.bytes = parts->signature,
         .n_bytes = parts->n_signatures * sizeof *parts->signature},
        {.bytes = parts->set, .n_bytes = parts->n_set},
    };
    if (say(offer, STREAM_FRAMES_MAX, frame, &patience, err) != 0 ||
        hear(offer, STREAM_VERDICT, &patience, &header, &event, err) != 0)
        return -1;
    copy_reason(&event.frame[1], reason);
    *verdict = (enum stream_verdict)header.verdict;
    return *verdict == STREAM_REFUSED ? err_set(err, ERR_REFUSED, "%s", reason) : 0;
}
