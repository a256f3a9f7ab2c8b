#include "client/subscriber_inside.h"
#include "core/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ASK_MS = 500,            /* the least time between two requests to one relay     */
    UNHEARD_MS = 1500,       /* a relay that is connected, but silent, is asked again */
    REFUSED_AGAIN_MS = 5000, /* what was refused is not asked for before             */
    LOOK_MS = 1000,          /* how often the holding looks at the clock             */
    SILENCE_MS = STREAM_SILENT_INTERVALS * STREAM_HEARTBEAT_MS,
};

static const int64_t MS = CLOCK_SECOND / 1000;

/* ---- what is said ---- */

static int say(struct plimsoll_subscriber *subscriber, size_t i, enum stream_kind kind)
{
    const struct stream_header header =
        stream_header_make(kind, holding_name(subscriber->holding));
    const struct link_frame frame = {.bytes = &header, .n_bytes = sizeof header};

    return links_send(subscriber->links, i, 1, &frame);
}

void subscriber_acknowledge(struct plimsoll_subscriber *subscriber, size_t i)
{
    subscriber->relay[i].owes = !say(subscriber, i, STREAM_ACKNOWLEDGE);
}

/* ---- what is told ---- */

static void tell(const struct plimsoll_subscriber *subscriber,
                 enum plimsoll_event_kind kind, const char *text,
                 struct plimsoll_event *event)
{
    event->kind = kind;
    if (holding_set(subscriber->holding) != NULL)
        event->version = holding_name(subscriber->holding)->version;
    snprintf(event->text, sizeof event->text, "%s", text);
}

static void refuse(const struct plimsoll_subscriber *subscriber, const struct err *why,
                   struct plimsoll_event *event)
{
    tell(subscriber, PLIMSOLL_REFUSED, why->text, event);
    event->cause = why->kind;
}

/* ---- what an arriving message means ---- */

static void hear(struct plimsoll_subscriber *subscriber, size_t i)
{
    subscriber->relay[i].heard_ns = subscriber->heard_ns = clock_monotonic();
    subscriber->is_silent = false;
}

static void ask(struct plimsoll_subscriber *subscriber, size_t i)
{
    struct relay *relay = &subscriber->relay[i];
    const int64_t now_ns = clock_monotonic();

    if (relay->asked_ns != 0 && now_ns < relay->asked_ns + ASK_MS * MS)
        return;
    if (say(subscriber, i, STREAM_REQUEST))
        relay->asked_ns = now_ns;
}

static bool is_heard(const struct relay *relay)
{
    return relay->heard_ns != 0 &&
           clock_monotonic() < relay->heard_ns + SILENCE_MS * MS;
}

/* Has another relay, that is not silent, named what is held?  Then this one is behind.
 */
static bool is_behind(const struct plimsoll_subscriber *subscriber, size_t i)
{
    const struct stream_name *held = holding_name(subscriber->holding);

    for (size_t k = 0; k < subscriber->n_relays; k++)
        if (k != i && is_heard(&subscriber->relay[k]) &&
            stream_name_same(&subscriber->relay[k].said, held))
            return true;
    return false;
}

/* Does a relay that is heard say that another set is the current one?  What waits for
 * its time is none yet, and one that is behind does not count. */
static bool is_contradicted(const struct plimsoll_subscriber *subscriber)
{
    const struct stream_name *held = holding_name(subscriber->holding);

    for (size_t i = 0; i < subscriber->n_relays; i++) {
        const struct stream_name *said = &subscriber->relay[i].said;

        if (!is_heard(&subscriber->relay[i]) || said->version == 0 ||
            stream_name_same(said, held) ||
            stream_name_same(said, holding_pending(subscriber->holding)))
            continue;
        if (stream_name_compare(said, held) > 0 || !is_behind(subscriber, i))
            return true;
    }
    return false;
}

static void confirm(struct plimsoll_subscriber *subscriber,
                    struct plimsoll_event *event)
{
    if (is_contradicted(subscriber))
        return;
    if (!subscriber->is_confirmed)
        tell(subscriber, PLIMSOLL_CONFIRMED, "", event);
    subscriber->is_confirmed = true;
}

/* Is it on its way into use, or was it refused a moment ago? */
static bool is_dealt_with(const struct plimsoll_subscriber *subscriber,
                          const struct stream_name *name)
{
    return stream_name_same(name, holding_pending(subscriber->holding)) ||
           (stream_name_same(name, &subscriber->refused) &&
            clock_monotonic() < subscriber->refused_ns + REFUSED_AGAIN_MS * MS);
}

static void take_heartbeat(struct plimsoll_subscriber *subscriber, size_t i,
                           const struct stream_name *name, struct plimsoll_event *event)
{
    const struct stream_name *held = holding_name(subscriber->holding);
    struct relay *relay = &subscriber->relay[i];
    struct err why = {0};

    hear(subscriber, i);
    relay->said = *name;
    if (name->version == 0) { /* nothing is meant for this engine yet */
        subscriber_acknowledge(subscriber, i);
    } else if (holding_check_order(subscriber->holding, name, &why) != 0) {
        if (!stream_name_same(name, &relay->refused) && !is_behind(subscriber, i)) {
            refuse(subscriber, &why, event);
            relay->refused = *name;
        }
        subscriber_acknowledge(subscriber, i);
    } else if (holding_set(subscriber->holding) != NULL &&
               stream_name_same(name, held)) {
        confirm(subscriber, event);
        subscriber_acknowledge(subscriber, i);
    } else if (is_dealt_with(subscriber, name)) {
        subscriber_acknowledge(subscriber, i);
    } else {
        ask(subscriber, i);
    }
}

static void take_new(struct plimsoll_subscriber *subscriber,
                     const struct stream_name *before, struct plimsoll_event *event)
{
    const struct stream_name *name = holding_name(subscriber->holding);

    subscriber->is_confirmed = true;
    for (size_t k = 0; k < subscriber->n_relays; k++)
        subscriber_acknowledge(subscriber, k);
    tell(subscriber, PLIMSOLL_NEW_SET, "", event);
    if (before->epoch == name->epoch && before->version < name->version)
        event->n_missed = name->version - before->version - 1;
}

static void tell_waiting(struct plimsoll_subscriber *subscriber,
                         const struct stream_name *name, struct plimsoll_event *event)
{
    char text[64];

    if (stream_name_same(name, &subscriber->waiting))
        return;
    subscriber->waiting = *name;
    snprintf(text, sizeof text, "version %llu is kept until it is valid",
             (unsigned long long)name->version);
    tell(subscriber, PLIMSOLL_WAITING, text, event);
}

static void take_set(struct plimsoll_subscriber *subscriber, size_t i,
                     const struct stream_name *name,
                     const struct publication_parts *parts,
                     struct plimsoll_event *event)
{
    const struct stream_name before = *holding_name(subscriber->holding);
    struct err why = {0};

    hear(subscriber, i);
    subscriber->relay[i].said = *name;
    if (holding_check_order(subscriber->holding, name, NULL) != 0 &&
        is_behind(subscriber, i)) {
        subscriber_acknowledge(subscriber, i);
        return;
    }
    switch (holding_offer(subscriber->holding, name, parts, &why)) {
    case HOLDING_TAKEN:
        take_new(subscriber, &before, event);
        break;
    case HOLDING_SAME:
        confirm(subscriber, event);
        subscriber_acknowledge(subscriber, i);
        break;
    case HOLDING_WAITS:
        tell_waiting(subscriber, name, event);
        break;
    case HOLDING_REFUSED:
        subscriber->refused = *name;
        subscriber->refused_ns = clock_monotonic();
        refuse(subscriber, &why, event);
        break;
    }
}

/* Is it of a kind that belongs here, in as many frames as it must have? */
static int check_message(const struct link_event *message, struct stream_header *header,
                         struct err *err)
{
    if (stream_header_read(message->frame[0].bytes, message->frame[0].n_bytes, header,
                           err) != 0)
        return -1;
    if (header->kind != STREAM_HEARTBEAT && header->kind != STREAM_SET)
        return err_set(err, ERR_INPUT, "header: kind %u does not belong here",
                       (unsigned)header->kind);
    const size_t n_frames = stream_frames((enum stream_kind)header->kind);
    if (message->n_frames != n_frames)
        return err_set(err, ERR_INPUT, "a message of %zu frames, not %zu",
                       message->n_frames, n_frames);
    if (header->kind == STREAM_HEARTBEAT)
        return 0;
    const size_t n_signatures =
        header->n_signatures * sizeof(struct publication_signature);
    if (message->frame[1].n_bytes != header->n_manifest ||
        message->frame[2].n_bytes != n_signatures)
        return err_set(err, ERR_INPUT,
                       "frames of %zu and %zu bytes, where the header says %u and %zu",
                       message->frame[1].n_bytes, message->frame[2].n_bytes,
                       (unsigned)header->n_manifest, n_signatures);
    return 0;
}

static void take_message(struct plimsoll_subscriber *subscriber,
                         const struct link_event *message, struct plimsoll_event *event)
{
    const struct link_frame *frame = message->frame;
    struct stream_header header;
    struct err why = {0};

    if (check_message(message, &header, &why) != 0) {
        refuse(subscriber, &why, event);
        return;
    }
    const struct stream_name name = stream_header_name(&header);
    if (header.kind == STREAM_HEARTBEAT) {
        take_heartbeat(subscriber, message->link, &name, event);
        return;
    }
    const struct publication_parts parts = {
        .manifest = frame[1].bytes,
        .n_manifest = frame[1].n_bytes,
        .signature = frame[2].bytes,
        .n_signatures = header.n_signatures,
        .set = frame[3].bytes,
        .n_set = frame[3].n_bytes,
    };
    take_set(subscriber, message->link, &name, &parts, event);
}

static void take_event(struct plimsoll_subscriber *subscriber,
                       const struct link_event *what, struct plimsoll_event *event)
{
    struct relay *relay = &subscriber->relay[what->link];
    struct err why = {0};

    switch (what->kind) {
    case LINK_UP:
        relay->is_up = true;
        relay->asked_ns = 0;
        ask(subscriber, what->link);
        break;
    case LINK_DOWN:
        relay->is_up = false;
        break;
    case LINK_REFUSED:
        relay->is_up = false;
        err_set(&why, ERR_REFUSED, "%.100s: %s", relay->address, what->text);
        refuse(subscriber, &why, event);
        break;
    case LINK_MESSAGE:
        take_message(subscriber, what, event);
        if (is_contradicted(subscriber))
            subscriber->is_confirmed = false;
        break;
    case LINK_NOTHING:
        break;
    }
}

/* ---- what is due without a message ---- */

static void look(struct plimsoll_subscriber *subscriber, struct plimsoll_event *event)
{
    const struct stream_name before = *holding_name(subscriber->holding);
    struct err why = {0};

    switch (holding_look(subscriber->holding, &why)) {
    case HOLDING_NO_NEWS:
        subscriber->look_due_ns = clock_monotonic() + LOOK_MS * MS;
        break;
    case HOLDING_IS_VALID:
        take_new(subscriber, &before, event);
        break;
    case HOLDING_HAS_ENDED:
        tell(subscriber, PLIMSOLL_EXPIRED, "the held set is not valid any more", event);
        break;
    case HOLDING_COMPLAINS:
        refuse(subscriber, &why, event);
        event->cause = ERR_NONE;
        break;
    }
}

/* The store's fault, the clock, the silence, a relay that does not hear. */
static void do_due(struct plimsoll_subscriber *subscriber, struct plimsoll_event *event)
{
    const int64_t now_ns = clock_monotonic();
    const char *fault = holding_fault(subscriber->holding);

    if (fault != NULL && !subscriber->fault_told) {
        subscriber->fault_told = true;
        tell(subscriber, PLIMSOLL_REFUSED, fault, event);
        return;
    }
    if (now_ns >= subscriber->look_due_ns) {
        look(subscriber, event);
        if (event->kind != PLIMSOLL_NOTHING)
            return;
    }
    for (size_t i = 0; i < subscriber->n_relays; i++)
        if (subscriber->relay[i].is_up &&
            now_ns >= subscriber->relay[i].heard_ns + UNHEARD_MS * MS)
            ask(subscriber, i);
    if (!subscriber->is_silent && now_ns >= subscriber->heard_ns + SILENCE_MS * MS) {
        subscriber->is_silent = true;
        subscriber->is_confirmed = false;
        tell(subscriber, PLIMSOLL_SILENT, "no heartbeat for 3 intervals", event);
    }
}

/* The next moment at which do_due may have something to do. */
static int64_t due_ns(const struct plimsoll_subscriber *subscriber, int64_t until_ns)
{
    const int64_t soon_ns = clock_monotonic() + ASK_MS * MS;
    int64_t due = until_ns < soon_ns ? until_ns : soon_ns;

    if (subscriber->look_due_ns < due)
        due = subscriber->look_due_ns;
    return due;
}

int plimsoll_subscriber_next(struct plimsoll_subscriber *subscriber, int timeout_ms,
                             struct plimsoll_event *event, struct err *err)
{
    const int64_t until_ns = clock_monotonic() + timeout_ms * MS;
    struct link_event what;

    *event = (struct plimsoll_event){0};
    tell(subscriber, PLIMSOLL_NOTHING, "", event);
    do {
        do_due(subscriber, event);
        if (event->kind != PLIMSOLL_NOTHING)
            return 0;
        const int64_t due = due_ns(subscriber, until_ns);
        if (links_next(subscriber->links, due, &what, err) != 0)
            return -1;
        take_event(subscriber, &what, event);
        if (what.kind == LINK_NOTHING && clock_monotonic() < due)
            return 0; /* a signal */
    } while (event->kind == PLIMSOLL_NOTHING && clock_monotonic() < until_ns);
    return 0;
}
