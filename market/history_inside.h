/* history_inside.h -- what reading and writing the history store share */
#ifndef MARKET_HISTORY_INSIDE_H
#define MARKET_HISTORY_INSIDE_H

#include "core/file.h"
#include "core/h5.h"
#include "core/lock.h"
#include "market/history.h"

#include <sys/types.h>

#define HISTORY_KIND      "PLIMSOLL HISTORY 1"
#define HISTORY_CATALOGUE "/catalogue"

enum {
    HISTORY_PATH_MAX = 160,
    HISTORY_COLUMN_MAX = 32, /* name of an extra column                      */
    HISTORY_N_COLUMNS = 6,   /* time open high low close volume, digested so */
};

struct history {
    struct h5 *file;
    size_t n;
    struct history_entry *entry;
};

extern const struct h5_table history_catalogue; /* rows: struct history_entry */
extern const char *const history_column_names[HISTORY_N_COLUMNS];

/* Where the values of column c of the bars stand; a time or a double has 8 bytes. */
void *history_column_values(const struct bars *bars, size_t c);
struct h5_array history_column_array(size_t c, size_t n_bars);

/* "/BTC-PERP/1h", and with a column's name "/BTC-PERP/1h/close".  Returns out. */
char *history_path(const struct history_entry *entry, const char *column,
                   char out[HISTORY_PATH_MAX]);

/* The order of the catalogue: by instrument, then interval_ns. */
int history_compare(const struct history_entry *a, const struct history_entry *b);

void history_digest(const struct bars *bars, char sha256[SHA256_TEXT_MAX]);

/* Is it a name for an extra column: [a-z0-9_]+, and none of the six? */
bool history_is_column_name(const char *name);

/* Times ascend from 1970 on, prices are above 0, volumes not below, low <= high. */
int history_check_bars(const struct bars *bars, struct err *err);

/* A series of the store to be: its columns stand in the spool, or still in the old
 * store, whose names and notes are then read when they are written. */
struct series {
    struct history_entry entry;
    bool is_spooled;
    off_t spool_at; /* the columns behind each other: time ... volume, the extra ones */
    size_t n_extra;
    char (*extra)[HISTORY_COLUMN_MAX];
    struct history_notes notes;
};

/* The bars that are put are kept in a file without a name, so that memory does not
 * bound a store and the final file can be written in the catalogue's order. */
struct history_editor {
    char path[FILE_PATH_MAX];
    struct lock *lock;
    struct history *old; /* NULL: there was none */
    int spool;
    off_t spool_end;
    size_t n;
    struct series *series;
};

void history_editor_free(struct history_editor *editor);

#endif /* MARKET_HISTORY_INSIDE_H */
