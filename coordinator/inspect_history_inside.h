/* inspect_history_inside.h -- inspect_history.c reads and prints, the other one writes
 * JSON: the two libraries for it cannot meet in one file, their names clash. */
#ifndef COORDINATOR_INSPECT_HISTORY_INSIDE_H
#define COORDINATOR_INSPECT_HISTORY_INSIDE_H

#include "market/history.h"

#include <stdbool.h>
#include <stdio.h>

/* What is shown of one series. */
struct inspect_detail {
    const struct history_entry *entry;
    struct history_notes notes;
    struct bars bars;
};

/* Is t among the first or the last bars, which are shown? */
bool inspect_is_at_an_end(const struct bars *bars, size_t t);

struct json;

/* A JSON text {"series": [...]}; NULL where there is no memory for it. */
struct json *inspect_new_json(struct err *err);
/* End it and print it on out, or drop it where out is NULL; frees it. */
int inspect_end_json(struct json *json, FILE *out, struct err *err);
int inspect_write_catalogue(struct json *json, const struct history *history,
                            struct err *err);
void inspect_write_detail(struct json *json, const struct inspect_detail *detail);

#endif /* COORDINATOR_INSPECT_HISTORY_INSIDE_H */
