/* line.h -- one connection to a relay, for messages of a few frames
 *
 * To its feed or its control: asking and waiting for the answer on top of
 * client/link.h, which tells events.  What is lost is the caller's to ask for again. */
#ifndef COORDINATOR_LINE_H
#define COORDINATOR_LINE_H

#include "client/keyfile.h"
#include "core/buffer.h"
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

struct line;

/* Starts to connect; nobody need be there yet.  `mine` NULL: plain; else `theirs` is
 * the other's public key. */
int line_open(const char *address, const struct key *mine, const uint8_t *theirs,
              struct line **line, struct err *err);
void line_close(struct line *line); /* takes NULL; lets what was sent go out, 1 s */

enum { LINE_FRAMES_MAX = 8 };

/* All frames or none, within wait_ms: 1 sent, 0 nobody is there or reads. */
int line_send(struct line *line, size_t n, const struct reader frame[], int wait_ms);

/* A message within wait_ms: the number of its frames, 0 where none came; -1.  They are
 * good until the next call. */
int line_receive(struct line *line, int wait_ms, struct reader frame[LINE_FRAMES_MAX],
                 struct err *err);

#endif /* COORDINATOR_LINE_H */
