/* quality.h -- what looks wrong with these bars, and where?
 *
 * Findings never change a bar: what is flagged is kept, because real moves look like
 * bad ticks.  Two kinds describe the time axis (gaps), some describe what the import
 * dropped (duplicates), the others mark bars that a reader should look at. */
#ifndef MARKET_QUALITY_H
#define MARKET_QUALITY_H

#include "core/err.h"
#include "market/bars.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum quality_kind {
    QUALITY_GAP,          /* value: bars missing after this one                      */
    QUALITY_REUSE,        /* value: ratio of prices across a long gap                */
    QUALITY_DUPLICATE,    /* identical rows, one kept; value: close                  */
    QUALITY_CONFLICT,     /* rows of one time that differ, first kept; close dropped */
    QUALITY_OUT_OF_ORDER, /* rows against the order of their file                    */
    QUALITY_MISALIGNED,   /* start off the grid of the interval; value: seconds off  */
    QUALITY_OUTSIDE,      /* open or close outside high-low; value: the price        */
    QUALITY_JUMP,         /* absurd, and reverted by the next bar; value: log return */
    QUALITY_WICK,         /* extreme high or low beside open and close; log distance */
    QUALITY_FROZEN,       /* one price for 5 bars or more; value: the price          */
    QUALITY_ZERO_VOLUME,  /* value: close                                            */
    QUALITY_N_KINDS,
};

enum { QUALITY_N_FIRST = 5 };

struct quality_place {
    int64_t time;
    double value;
};

struct quality {
    struct {
        uint64_t count;
        struct quality_place first[QUALITY_N_FIRST]; /* in order of finding */
        struct quality_place worst;                  /* of largest |value|  */
    } kind[QUALITY_N_KINDS];
    uint64_t n_bars;
    uint64_t n_missing;        /* bars that the gaps leave out             */
    uint64_t n_flagged;        /* bars kept, but flagged by some kind      */
    uint64_t n_rejected;       /* rows of the files that were rejected     */
    int64_t longest_gap_ns;    /* from a bar to the next, 0 without a gap  */
    int64_t resampled_from_ns; /* interval of the bars that these were made of; 0 */
    uint64_t n_left_out;       /* bars that could not be made: incomplete         */
    bool has_volume;           /* some bar has volume above 0              */
};

/* Note one occurrence. */
void quality_add(struct quality *quality, enum quality_kind kind, int64_t time,
                 double value);

/* Examine the bars and add to *quality all kinds that can be seen in them:
 *
 *   gap          step above the interval; floor(step / interval) - 1 bars are missing
 *   reuse        a gap of 7 days with |log(open / close before)| > 1, or of 180 days
 *   misaligned   start mod interval differs from what most bars have
 *   jump         r = log(C_t/C_{t-1}) over a whole step, |r| > max(12 s, 0.02), and
 *                the next whole step undoes it but for 0.3 |r|;
 *                s = 1.4826 median |r|, the robust scale
 *   wick         log(H / max(O, C)) or log(min(O, C) / L) or |log(O / C)| above
 *                max(0.3, 20 s)
 *   frozen       5 bars or more in a row with O = H = L = C, all equal
 *   zero volume  where the series has volume at all */
int quality_check(const struct bars *bars, struct quality *quality, struct err *err);

/* The findings as a JSON object: bars, gaps, missing, flagged, rejected (and, of
 * resampled bars, resampled_from and left_out), and per kind found its count, first
 * places and worst one.  free() it. */
int quality_json(const struct quality *quality, char **text, struct err *err);

/* The same for people, as an aligned table; what is not found is not listed. */
void quality_print(const struct quality *quality, FILE *out);

#endif /* MARKET_QUALITY_H */
