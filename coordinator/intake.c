#include "coordinator/intake.h"

#include <stdio.h>
#include <string.h>

enum { STEP_MESSAGES = 64 /* dealt with in one call: others have to be heard, too */ };

static void send_newest(struct gate_port *port, const struct gate_peer *to,
                        const struct stream_name *newest)
{
    const struct stream_header header = stream_header_make(STREAM_HEARTBEAT, newest);
    const struct gate_frame frame = {.bytes = &header, .n_bytes = sizeof header};

    gate_send(port, to, 1, &frame); /* who is gone will ask again */
}

static int read_offer(const struct gate_message *message,
                      const struct stream_header *header, struct intake_offer *offer,
                      struct err *err)
{
    const struct gate_frame *frame = message->frame;
    const size_t n_signature_bytes =
        header->n_signatures * sizeof(struct publication_signature);

    offer->name = stream_header_name(header);
    offer->parts = (struct publication_parts){
        .manifest = frame[1].bytes,
        .n_manifest = frame[1].n_bytes,
        .signature = frame[2].bytes,
        .n_signatures = header->n_signatures,
        .set = frame[3].bytes,
        .n_set = frame[3].n_bytes,
    };
    if (frame[1].n_bytes != header->n_manifest || frame[2].n_bytes != n_signature_bytes)
        return err_set(err, ERR_INPUT,
                       "the header says %u bytes of manifest and %zu of signatures, "
                       "but there are %zu and %zu",
                       (unsigned)header->n_manifest, n_signature_bytes,
                       frame[1].n_bytes, frame[2].n_bytes);
    return stream_name_check(&offer->name, frame[3].bytes, frame[3].n_bytes, err);
}

/* 1: it is an offer, 0: it has been dealt with, -1: it is refused; *is_named: there is
 * somebody who waits for a verdict on offer->name. */
static int take(struct gate_port *port, const struct gate_message *message,
                const struct stream_name *newest, struct intake_offer *offer,
                bool *is_named, struct err *err)
{
    struct stream_header header;

    *is_named = false;
    if (stream_header_read(message->frame[0].bytes, message->frame[0].n_bytes, &header,
                           err) != 0)
        return -1;
    if (header.kind != STREAM_REQUEST && header.kind != STREAM_OFFER)
        return err_set(err, ERR_INPUT, "header: kind %u does not belong here",
                       (unsigned)header.kind);
    if (message->n_frames != stream_frames((enum stream_kind)header.kind))
        return err_set(err, ERR_INPUT, "a message of %zu frames, not %zu",
                       message->n_frames, stream_frames((enum stream_kind)header.kind));
    if (header.kind == STREAM_REQUEST) {
        send_newest(port, &message->from, newest);
        return 0;
    }
    *is_named = true;
    offer->from = message->from;
    offer->who = message->who;
    return read_offer(message, &header, offer, err) == 0 ? 1 : -1;
}

int intake_next(struct gate_port *port, const struct stream_name *newest,
                struct intake_offer *offer, struct err *err)
{
    struct gate_message message;
    struct err why = {0};
    bool is_named;
    int got;

    for (int n = 0; n < STEP_MESSAGES; n++) {
        if ((got = gate_receive(port, &message, err)) <= 0)
            return got;
        const int taken = take(port, &message, newest, offer, &is_named, &why);

        if (taken > 0)
            return 1;
        if (taken == 0)
            continue;
        gate_refuse(port, message.who.name, why.text);
        if (is_named)
            intake_answer(port, offer, STREAM_REFUSED, why.text);
    }
    return 0;
}

void intake_answer(struct gate_port *port, const struct intake_offer *offer,
                   enum stream_verdict verdict, const char *reason)
{
    struct stream_header header = stream_header_make(STREAM_VERDICT, &offer->name);
    size_t n_bytes = strlen(reason);

    header.verdict = (uint8_t)verdict;
    if (n_bytes >= STREAM_REASON_MAX)
        n_bytes = STREAM_REASON_MAX - 1;
    const struct gate_frame frame[] = {
        {.bytes = &header, .n_bytes = sizeof header},
        {.bytes = reason, .n_bytes = n_bytes},
    };
    gate_send(port, &offer->from, 2, frame); /* who is gone will offer again */
}
