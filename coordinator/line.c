#include "coordinator/line.h"
#include "client/link.h"
#include "core/clock.h"

#include <stdlib.h>
#include <string.h>

enum { LINGER_MS = 1000 };
static const int64_t MS = CLOCK_SECOND / 1000;

struct line {
    struct links *links; /* one */
};

int line_open(const char *address, const struct key *mine, const uint8_t *theirs,
              struct line **line, struct err *err)
{
    struct line *new = calloc(1, sizeof *new);
    struct link_plan plan = {.address = address};

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a connection");
    if (mine != NULL)
        memcpy(plan.theirs, theirs, sizeof plan.theirs);
    if (links_open(1, &plan, mine, &new->links, err) != 0) {
        line_close(new);
        return -1;
    }
    *line = new;
    return 0;
}

void line_close(struct line *line)
{
    if (line == NULL)
        return;
    links_close(line->links, LINGER_MS);
    free(line);
}

int line_send(struct line *line, size_t n, const struct reader frame[], int wait_ms)
{
    struct link_frame frames[LINE_FRAMES_MAX];

    if (!links_wait_ready(line->links, 0, clock_monotonic() + wait_ms * MS))
        return 0;
    for (size_t i = 0; i < n; i++)
        frames[i] = (struct link_frame){frame[i].bytes, frame[i].n_left};
    return links_send(line->links, 0, n, frames);
}

int line_receive(struct line *line, int wait_ms, struct reader frame[LINE_FRAMES_MAX],
                 struct err *err)
{
    const int64_t until_ns = clock_monotonic() + wait_ms * MS;
    struct link_event event = {.kind = LINK_UP};

    while (event.kind != LINK_NOTHING && event.kind != LINK_MESSAGE)
        if (links_next(line->links, until_ns, &event, err) != 0)
            return -1;
    if (event.kind == LINK_NOTHING)
        return 0;
    const size_t n =
        event.n_frames < LINK_FRAMES_MAX ? event.n_frames : LINK_FRAMES_MAX;
    for (size_t i = 0; i < n; i++)
        frame[i] = (struct reader){event.frame[i].bytes, event.frame[i].n_bytes};
    return (int)n;
}
