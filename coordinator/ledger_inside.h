/* ledger_inside.h -- what giving units and taking answers share */
#ifndef COORDINATOR_LEDGER_INSIDE_H
#define COORDINATOR_LEDGER_INSIDE_H

#include "coordinator/faults.h"
#include "coordinator/ledger.h"
#include "coordinator/pool.h"
#include "coordinator/walk_book.h"

/* The state of one instrument. */
struct page {
    struct outcome *outcome;
    bool *has_answer;  /* [n_boxes]                                                */
    uint64_t next_box; /* those before it are given, or were answered before      */
    uint64_t end_box;  /* those from it on are not asked for: n_boxes, or one that
                          is impossible                                            */
    uint64_t n_units;  /* boxes and the judging, or about as many       */
    uint64_t n_answered, n_given; /* before end_box; of all its units            */
    char impossible[ERR_TEXT_MAX];
    bool ready, judging, closed; /* waits to be judged; is; its outcome stands    */
    bool waits;                  /* for the others of its pool                    */
    struct hunt *hunt;           /* of scattered points, while it goes on         */
    bool is_hunted, is_open;     /* has ended; the page is among ledger.open      */
    /* Where folds are a gate: its status stands but for them; their units. */
    bool is_decided, walks, has_walk[FOLDS_MAX + 1];
    uint64_t first_walk, next_walk, n_walks_left, n_walked;
};

/* Folds as a gate.  n_units of an instrument: its folds, and its overfitting; 0: none.
 */
struct ledger_walk {
    uint64_t n_units;
    struct subject subject; /* the job and the universe, lent */
    struct walk_book book;
    size_t n_list, at, *list;    /* instruments that walk, in the order they began to */
    size_t at_of[FOLDS_MAX + 1]; /* ... and how far each fold is given */
};

struct ledger {
    const struct job *job;
    const struct universe *universe;
    uint64_t n_boxes; /* of every instrument's grid                              */
    struct page *page;
    struct outcome *outcome;
    size_t *dearest_first; /* [universe->n]                                      */
    size_t n_started;      /* of them                                            */
    size_t *open;          /* [n_open] started, with boxes to give when last seen */
    size_t n_open, turn;
    size_t *ready; /* [n_ready] to be judged                                      */
    size_t n_ready;
    size_t *last; /* [n_ranks] the instrument a rank works on                     */
    int n_ranks;
    struct faults faults;
    struct pools pools;
    struct ledger_walk walk;
    bool *failed;    /* [universe->n] room */
    bool stopped;    /* no more units are given                                      */
    uint64_t n_left; /* units not given                                           */
    size_t n_closed;
    struct ledger_progress progress;
};

/* The number of a unit: an instrument's boxes, then its judging, then its folds. */
static inline uint64_t ledger_stride(const struct ledger *ledger)
{
    return ledger->n_boxes + 1 + ledger->walk.n_units;
}

static inline uint64_t ledger_unit_number(const struct ledger *ledger,
                                          size_t instrument, uint64_t box)
{
    return instrument * ledger_stride(ledger) + box;
}

/* Every box that can be is answered. */
static inline bool ledger_is_searched(const struct page *page)
{
    return page->n_answered == page->end_box;
}

/* Give the instrument up. */
int ledger_give_up(struct ledger *ledger, struct page *page, const char *reason,
                   struct err *err);
/* Its search has ended: judge the best, or close the page. */
int ledger_end_search(struct ledger *ledger, size_t instrument, struct err *err);
/* There are units to give again. */
void ledger_reopen(struct ledger *ledger, size_t instrument);

/* ---- searches of scattered points (ledger_search.c): a box is a batch and a chunk
 * ----
 */

bool ledger_hunts(const struct ledger *ledger);
uint64_t ledger_hunt_boxes(void); /* more than there ever are: the judging's number */
uint64_t ledger_hunt_units(const struct ledger *ledger, size_t instrument);
void ledger_hunt_free(struct page *page);
bool ledger_hunt_has_units(struct ledger *ledger, size_t instrument);
uint64_t ledger_hunt_next(struct ledger *ledger, size_t instrument);
void ledger_hunt_put(const struct ledger *ledger, size_t instrument, uint64_t box,
                     uint32_t next_instrument, struct buffer *request);
void ledger_hunt_put_judging(const struct ledger *ledger, size_t instrument,
                             struct buffer *request);
bool ledger_hunt_waits_for(struct ledger *ledger, size_t instrument, uint64_t box);
int ledger_hunt_take(struct ledger *ledger, size_t instrument, uint64_t box,
                     struct reader *answer, struct err *err);
/* The chunk went wrong: its points are left out. */
int ledger_hunt_suffer(struct ledger *ledger, size_t instrument, uint64_t box,
                       struct err *err);
double ledger_hunt_unit_s(const struct ledger *ledger, size_t instrument);

/* ---- folds as a gate (ledger_walk.c) ---- */

int ledger_walk_open(struct ledger *ledger, struct err *err);
void ledger_walk_close(struct ledger *ledger);
double ledger_walk_unit_s(const struct ledger *ledger, size_t instrument);
bool ledger_walk_next(struct ledger *ledger, int rank, size_t *instrument, uint64_t *k);
void ledger_walk_put(size_t instrument, uint64_t k, struct buffer *request);
bool ledger_walk_waits_for(const struct ledger *ledger, size_t instrument, uint64_t k);
int ledger_walk_take(struct ledger *ledger, size_t instrument, uint64_t k,
                     struct reader answer, struct err *err);
/* A unit of the instrument is answered, or it is given up: are all of it, or of its
 * pool? */
int ledger_walk_note(struct ledger *ledger, size_t instrument, struct err *err);
/* These instruments are judged, all of a pool together: close their pages, or walk. */
void ledger_settle(struct ledger *ledger, size_t n, const size_t instrument[]);

void ledger_close_page(struct ledger *ledger, struct page *page);
void ledger_make_ready(struct ledger *ledger, size_t instrument);

/* Where axes are shared: the instrument has come to the end of a stage, its search or
 * its judging, or is given up; the last of its pool takes all of them on. */
int ledger_pool_note(struct ledger *ledger, size_t instrument, struct err *err);

#endif /* COORDINATOR_LEDGER_INSIDE_H */
