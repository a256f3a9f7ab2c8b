/* history.h -- the history store: which instruments there are, and their bars
 *
 * One HDF5 file:
 *
 *     /catalogue                 compound table, a row a series (instrument, interval)
 *     /BTC-PERP/1h/time          int64, ns since 1970 UTC, start of bar
 *     /BTC-PERP/1h/open ...      float64: open high low close volume, contiguous
 *     /BTC-PERP/1h/true_long_99 only in a simulated market (market/simulate.h)
 *     /BTC-PERP/1h  attributes   vendor, sources, quality findings
 *
 * No object carries a time stamp and series are written in the catalogue's order, so
 * equal content makes equal bytes.  A store is never changed in place: writing goes to
 * a temporary copy that replaces it, which costs as much as the whole store.
 *
 * Opening checks the seal (core/seal.h) over all but the columns: 3 ms for 100 series,
 * 46 ms for 3000.  Each read checks the digest of the columns that it reads, always
 * whole ones: without SHA instructions 10 ms for 5 years of hours and 0.6 s for 5
 * years of minutes.  So no price is used that is not the one that was stored, and a
 * damaged instrument costs only itself. */
#ifndef MARKET_HISTORY_H
#define MARKET_HISTORY_H

#include "core/err.h"
#include "core/sha256.h"
#include "market/bars.h"

#include <stddef.h>
#include <stdint.h>

enum { HISTORY_NAME_MAX = 64, HISTORY_INTERVAL_MAX = 16 };

/* One row of the catalogue. */
struct history_entry {
    char instrument[HISTORY_NAME_MAX];
    char interval[HISTORY_INTERVAL_MAX]; /* "1h" */
    char sha256[SHA256_TEXT_MAX]; /* of time open high low close volume, as stored */
    int64_t interval_ns;
    int64_t first_ns, last_ns; /* start of the first and of the last bar */
    uint64_t n_bars;
    uint64_t n_gaps, n_flagged; /* gaps; the notes' quality.flagged  */
};

/* What stands beside the bars: where they came from and what was found. */
struct history_notes {
    const char *vendor;  /* "binance-vision", "simulated"                        */
    const char *sources; /* JSON array of {"file", "sha256", "rows"}             */
    const char *quality; /* JSON object of findings (market/quality.h), or "{}"; its
                            member "flagged" counts the bars that have one      */
};

/* Extra float64 columns of n_bars each, named ([a-z0-9_]+). */
struct history_column {
    const char *name;
    double *value; /* [n_bars] */
};

struct history;

/* Open for reading.  Every fault of the file is ERR_INPUT with the path in front. */
int history_open(const char *path, struct history **history, struct err *err);
void history_close(struct history *history);

/* The catalogue, ordered by instrument, then interval_ns; lives as long as history. */
size_t history_count(const struct history *history);
const struct history_entry *history_entry(const struct history *history, size_t i);
const struct history_entry *history_find(const struct history *history,
                                         const char *instrument, const char *interval);

/* `return history_refuse(...)` where there is no such series (interval NULL: none of
 * the instrument): ERR_INPUT that says what there is. */
int history_refuse(const struct history *history, const char *instrument,
                   const char *interval, struct err *err);

/* Read the bars of [from_ns, to_ns) into bars (emptied first).  Values are checked:
 * times ascend, prices are finite and > 0, low <= high; what is not so is ERR_INPUT
 * and names instrument, column and row. */
int history_read(const struct history *history, const struct history_entry *entry,
                 int64_t from_ns, int64_t to_ns, struct bars *bars, struct err *err);

/* The series will be read soon: its bytes may be fetched from the disk meanwhile. */
void history_expect(const struct history *history, const struct history_entry *entry);

/* An extra column over the whole series, value[entry->n_bars]; NaN is allowed there. */
int history_read_column(const struct history *history,
                        const struct history_entry *entry, const char *column,
                        double *value, struct err *err);

/* The notes of a series, copies that the caller frees with history_notes_free. */
int history_read_notes(const struct history *history, const struct history_entry *entry,
                       struct history_notes *notes, struct err *err);
void history_notes_free(struct history_notes *notes);

/* Writing.  history_edit starts from the store at path, or from nothing if there is
 * none; history_put adds or replaces a series; history_save makes it all visible at
 * once (temporary, fsync, rename); history_abandon drops it.  One editor at a time:
 * a lock file is held between edit and save. */
struct history_editor;

int history_edit(const char *path, struct history_editor **editor, struct err *err);
int history_put(struct history_editor *editor, const char *instrument,
                const struct bars *bars, const struct history_notes *notes,
                size_t n_columns, const struct history_column columns[],
                struct err *err);
int history_save(struct history_editor *editor, struct err *err); /* frees it, always */
void history_abandon(struct history_editor *editor);

/* A valid instrument name: 1 to 63 of A-Z a-z 0-9 . _ - and no leading '.'. */
int history_check_name(const char *instrument, struct err *err);

#endif /* MARKET_HISTORY_H */
