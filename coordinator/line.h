/* line.h -- one connection to somebody who listens, for messages of a few frames
 *
 * A DEALER socket: to a relay's intake, to its feed, to its control.  Nothing is queued
 * for one who is not there, and what is lost is the caller's to ask for again. */
#ifndef COORDINATOR_LINE_H
#define COORDINATOR_LINE_H

#include "client/keyfile.h"
#include "core/buffer.h"
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

struct line;

struct line_plan {
    const char *address;
    const struct key *mine; /* CURVE; NULL: plain */
    const uint8_t *theirs;  /* [KEY_BYTES]; where there is a key of mine */
    size_t frame_bytes_max;
};

/* Starts to connect; nobody need be there yet. */
int line_open(const struct line_plan *plan, struct line **line, struct err *err);
void line_close(struct line *line); /* takes NULL; lets what was sent go out, 1 s */

enum { LINE_FRAMES_MAX = 6 };

/* All frames or none, within wait_ms: 1 sent, 0 nobody is there or reads; -1. */
int line_send(struct line *line, size_t n, const struct reader frame[], int wait_ms,
              struct err *err);

/* A message within wait_ms: the number of its frames (more than fit are cut off), 0
 * where none came; -1.  They are good until the next call. */
int line_receive(struct line *line, int wait_ms, struct reader frame[LINE_FRAMES_MAX],
                 struct err *err);

#endif /* COORDINATOR_LINE_H */
