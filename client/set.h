/* set.h -- may an engine use this parameter set, and what margin does it ask for?
 *
 * A set is JSON of the schema "plimsoll-parameters" version 1 (client/README.md).  It
 * is taken whole or refused whole: plimsoll_set_parse accepts no set of which any part
 * is missing, out of range, unknown or out of order, and says which part that was.
 *
 * Margins are whole millionths of the notional (ppm). */
#ifndef CLIENT_SET_H
#define CLIENT_SET_H

#include "client/stress.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLIMSOLL_SET_SCHEMA "plimsoll-parameters"
enum {
    PLIMSOLL_SET_SCHEMA_VERSION = 1,
    PLIMSOLL_SET_BYTES_MAX = 256 << 20,
    PLIMSOLL_PPM_MAX = 1000000000,
};

enum plimsoll_status {
    PLIMSOLL_CALIBRATED, /* use it                                               */
    PLIMSOLL_HELD,       /* a gate said no: keep what you have; a reason is given */
    PLIMSOLL_FAILED,     /* no parameters were found; a reason is given           */
};

struct plimsoll_tier {
    double up_to_notional; /* infinite in the last tier */
    int64_t initial_margin_ppm, maintenance_margin_ppm;
};

/* How the fits of a model went; status NULL where it has none. */
struct plimsoll_fits {
    const char *status;       /* of the last one */
    int64_t n_fits, n_failed; /* all of them     */
    int64_t n_fallback_bars;  /* before the first that gave an estimate */
    /* Of the last that gave one; NaN where the model has no such thing. */
    double gradient_norm, log_likelihood;
    struct plimsoll_values parameters, standard_errors;
};

/* What the set in production was worth on the same bars, where the job named it. */
struct plimsoll_incumbent {
    bool is_there;
    bool is_kept;               /* these are its parameters                           */
    int64_t initial_margin_ppm; /* what engines ask for now                           */
    double cost, gain;  /* its own, and what the best point saves of it; NaN: unknown */
    const char *breach; /* the first limit that it breaks; empty: none                */
};

/* A parameter that was chosen for several instruments together. */
struct plimsoll_shared {
    const char *parameter, *scope; /* "group" or "global"                        */
    const char *group;             /* its name; NULL where the scope is global   */
    int64_t n_instruments;         /* that had a say in it                       */
    double weight;                 /* this one's                                 */
};

/* How the engine liquidates, where a liquidation study calibrated that.  Times in
 * milliseconds, money in the quote currency. */
struct plimsoll_liquidation {
    bool is_there;
    int64_t step_share_ppm; /* of the position, closed in a step: 1 to 10^6         */
    int64_t cooldown_ms;    /* pause after a step                                    */
    int64_t fee_ppm;        /* of what is closed, into the fund                      */
    int64_t auction_length_ms; /* of a Dutch auction; 0: sell at market */
    int64_t auction_start_ppm; /* discount on the mark at which it begins; may be < 0 */
    double open_interest_cap;  /* of a side; infinite: none  */
    double insurance_fund; /* that is to be there                                   */
};

/* A figure that the study took from elsewhere: where it was measured, with its 95 %
 * interval, else low and high are NaN and source is NULL. */
struct plimsoll_source {
    const char *name; /* "impact" */
    double value, low, high;
    const char *from; /* "default from volume", "given by the job", "estimated" */
    const char *of;   /* "flow" or "book": what was measured  */
    const char *source, *sha256; /* the capture, the digest of its bytes */
};

struct plimsoll_instrument {
    const char *name;
    enum plimsoll_status status;
    const char *reason; /* never empty unless calibrated */
    int64_t as_of_ns;   /* start of the last bar that decided it */
    bool has_margins;   /* true where calibrated; what follows is empty where false */
    int64_t initial_margin_ppm, maintenance_margin_ppm; /* of the first tier */
    size_t n_tiers;
    struct plimsoll_tier *tier; /* [n_tiers], by rising notional */
    struct plimsoll_values parameters, training, test;
    int64_t n_points_left_out; /* of a search with faults (evidence.points_left_out) */
    struct plimsoll_fits fits, tail_fits; /* of the volatility, of the tail */
    struct plimsoll_incumbent incumbent;
    size_t n_shared;
    struct plimsoll_shared *shared; /* [n_shared] */
    struct plimsoll_liquidation liquidation;
    size_t n_sources;
    struct plimsoll_source *sources; /* [n_sources] */
    struct plimsoll_stress stress;
};

/* What stands above the instruments. */
struct plimsoll_head {
    const char *job_name, *job_sha256, *program, *study, *history_sha256;
    const char
        *incumbent_sha256; /* of the set that it was weighed against; NULL: none */
    int64_t as_of_ns, interval_ns, horizon_bars, n_points;
    double confidence;
    struct plimsoll_joint stress;
};

struct plimsoll_set;

/* Parse and verify n_bytes of JSON; the bytes are not kept.  ERR_INPUT names the place:
 * "instruments[3] ETH-PERP: tiers[0]: initial_margin_ppm: is missing". */
int plimsoll_set_parse(const char *bytes, size_t n_bytes, struct plimsoll_set **set,
                       struct err *err);
/* The same of a file. */
int plimsoll_set_read(const char *path, struct plimsoll_set **set, struct err *err);

/* A set never changes.  One more owner, and one less (takes NULL), from any thread. */
struct plimsoll_set *plimsoll_set_share(struct plimsoll_set *set);
void plimsoll_set_free(struct plimsoll_set *set);

const struct plimsoll_head *plimsoll_set_head(const struct plimsoll_set *set);
/* SHA-256 of the bytes, 64 hexadecimal digits. */
const char *plimsoll_set_sha256(const struct plimsoll_set *set);

/* The instruments, sorted by name (strcmp): i < plimsoll_set_count. */
size_t plimsoll_set_count(const struct plimsoll_set *set);
const struct plimsoll_instrument *plimsoll_set_at(const struct plimsoll_set *set,
                                                  size_t i);
/* NULL where the set has no such instrument. */
const struct plimsoll_instrument *plimsoll_set_find(const struct plimsoll_set *set,
                                                    const char *name);

/* The tier that an engine must apply to a position of this notional (>= 0).  Refused
 * (ERR_REFUSED, with the reason) unless the instrument is calibrated; ERR_INPUT where
 * the set does not know it.  An engine then keeps the margin that it has. */
int plimsoll_set_margin(const struct plimsoll_set *set, const char *name,
                        double notional, const struct plimsoll_tier **tier,
                        struct err *err);

/* NULL where there is none of this name. */
const struct plimsoll_value *plimsoll_values_find(const struct plimsoll_values *values,
                                                  const char *name);

/* "calibrated", "held", "failed". */
const char *plimsoll_status_text(enum plimsoll_status status);

#endif /* CLIENT_SET_H */
