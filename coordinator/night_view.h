/* night_view.h -- how do the last nights look, to people and to a monitor? */
#ifndef COORDINATOR_NIGHT_VIEW_H
#define COORDINATOR_NIGHT_VIEW_H

#include "coordinator/night.h"
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The last slots up to now. */
struct night_view {
    const struct night_book *book;
    int64_t now_ns;
    size_t n;             /* nights: those asked for that there were        */
    struct night *night;  /* [n], by rising slot                            */
    size_t n_unpublished; /* should have been published, and were not       */
    int64_t last_slot_ns; /* the last that was published; 0: none           */
    int64_t last_version; /* ... as                                         */
};

/* ERR_INPUT for a book without a night.  night_view_free it. */
int night_view_make(const struct night_book *book, size_t n_last, int64_t now_ns,
                    struct night_view *view, struct err *err);
/* The one slot.  ERR_INPUT where it was none since the book began. */
int night_view_one(const struct night_book *book, int64_t slot_ns, int64_t now_ns,
                   struct night_view *view, struct err *err);
void night_view_free(struct night_view *view);

enum { NIGHT_LINE_MAX = 1024 };

/* One night in a line, for a mail's subject.  Returns line. */
char *night_line(const struct night_book *book, const struct night *night,
                 char line[NIGHT_LINE_MAX]);

void night_view_print(const struct night_view *view, FILE *out);
int night_view_json(const struct night_view *view, char **bytes, size_t *n_bytes,
                    struct err *err);
/* Text exposition format 0.0.4. */
int night_view_prometheus(const struct night_view *view, char **bytes, size_t *n_bytes,
                          struct err *err);

#endif /* COORDINATOR_NIGHT_VIEW_H */
