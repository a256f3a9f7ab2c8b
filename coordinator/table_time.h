/* table_time.h -- which moment does each row of a plain table have, and is it asked
 * for?
 *
 * Rows stand oldest first: a table with times that do not ascend is refused, since
 * every model and test goes along the rows as they stand. */
#ifndef COORDINATOR_TABLE_TIME_H
#define COORDINATOR_TABLE_TIME_H

#include "coordinator/table_line.h"

#include <stdint.h>

struct table_span {
    const char *time; /* column of moments, by name or number; NULL: the first that is
                         called time, timestamp, date ... and holds them; "none": the
                         rows follow on each other as they stand                   */
    int64_t from_ns, to_ns; /* rows of [from, to) alone                            */
};

/* ... without a bound. */
#define TABLE_SPAN_ALL                                                                 \
    {                                                                                  \
        .from_ns = INT64_MIN, .to_ns = INT64_MAX                                       \
    }

struct table_time {
    const struct table_span *span;
    bool is_there;
    size_t place;  /* of its cell in a line */
    char name[64]; /* of its column         */
    size_t n_rows; /* so far                */
    int64_t first_ns, last_ns;
};

/* Where is the column in the first line?  *header: the line is one.  ERR_USAGE where a
 * span is asked for and there are no times. */
int table_time_place(const struct table_span *span, const struct table_line *first,
                     struct table_time *time, bool *header, struct err *err);

/* The row's moment, if there is a column, and whether it is in the span.  ERR_INPUT
 * names the line and the cell. */
int table_time_take(struct table_time *time, const struct table_line *line,
                    int64_t *moment_ns, bool *inside, struct err *err);

#endif /* COORDINATOR_TABLE_TIME_H */
