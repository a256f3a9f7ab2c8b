/* search.h -- which points of an instrument does a search rate next, and which were
 * best?
 *
 * A search is asked for a batch of points and told their ratings, until it asks for no
 * more.  What it asks depends on what it was told alone: not on who rated the points,
 * in what order, or in how many parts.  So a batch may be cut over any number of ranks,
 * and a search that is told again what it was told before stands where it stood.
 *
 *     search_ask   ->  points to rate on a share of the history   ->  search_tell
 *                  ->  a start to go on from, one after another   -> search_tell_polish
 *                  ->  nothing: done
 *
 * A method of searching is one file and one row (search_method.h). */
#ifndef WORKER_SEARCH_H
#define WORKER_SEARCH_H

#include "core/err.h"
#include "worker/axis.h"
#include "worker/ranking.h"
#include "worker/tried.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct search_method; /* NULL stands for the grid */

/* Sizes count points rated on the whole training span: one on a tenth of it is a tenth
 * of a point.  A search ends when a batch takes it over one. */
struct search_rules {
    const struct search_method *method;
    uint64_t n_points;        /* of the method; 0: its own preset                   */
    uint64_t n_candidates;    /* halving: points of a Sobol' sequence; 0: the grid  */
    size_t n_rungs;           /* halving                                            */
    size_t n_polish;          /* the best so many points are polished               */
    uint64_t n_polish_points; /* by so many points each, at most                 */
    uint64_t seed;
};

/* Row i, NULL after the last. */
const struct search_method *search_method_row(size_t i);
const char *search_method_name(const struct search_method *method);
const char *search_method_meaning(const struct search_method *method);
/* Is it the grid itself, box by box, that nobody asks for? */
bool search_is_grid(const struct search_method *method);
/* Are its points a plan made before anything is rated, without a polish? */
bool search_is_design(const struct search_rules *rules);
/* Does it take axes that may have any value of a span? */
bool search_takes_spans(const struct search_rules *rules);
/* Does it begin with every point of the grid? */
bool search_takes_grid(const struct search_rules *rules);
/* Points of the method and of its polish, at most (but for the last batch). */
double search_n_points(const struct search_rules *rules, const struct grid *grid);

struct search_batch {
    bool polish;          /* the one point is a start: what is near it?            */
    size_t n;             /* 0: the search is done                                 */
    double *value;        /* [n][n_axes]                                           */
    double share;         /* of the training bars                                  */
    uint32_t number;      /* generation                                            */
    uint64_t n_most;      /* polish: points that it may try                        */
    struct rating rating; /* polish: of the start                        */
    const struct tried *known; /* polish: rated by now, and not to be again   */
};

struct search;

/* The grid must outlive the search.  n_most: points, of method and polish together;
 * INFINITY: as many as they want. */
int search_new(const struct search_rules *rules, const struct grid *grid, double n_most,
               struct search **search, struct err *err);
void search_free(struct search *search); /* takes NULL */

/* The next batch, lent until it is told. */
int search_ask(struct search *search, const struct search_batch **batch,
               struct err *err);
/* rating[n] of the batch's points. */
int search_tell(struct search *search, const struct rating rating[], struct err *err);
/* What came of the start: points that were not known. */
int search_tell_polish(struct search *search, const struct tried *of_start,
                       struct err *err);

/* Take the table of points away, when the search is done. */
void search_give_tried(struct search *search, struct tried *tried);
/* All points so far, and the best of those that were rated on all training bars. */
const struct tried *search_tried(const struct search *search);
void search_rank(const struct search *search, struct ranking *ranking);
double search_n_spent(const struct search *search);

/* Whoever rates points: [n][n_axes] on a share of the history. */
typedef int (*search_rate_fn)(void *context, size_t n, const double value[],
                              double share, struct rating rating[], struct err *err);

/* Where a polish starts, and how many points it may try. */
struct search_from {
    const double *value; /* [n_axes] */
    struct rating rating;
    uint64_t n_most;
    const struct tried *known; /* looked up, not rated again */
};

/* Could a polish from this start [n_axes] come to the point? */
bool search_reaches(const struct grid *grid, const double start[],
                    const double value[]);

/* From one start to a point near it that is better than its neighbours; what is rated
 * goes to *tried. */
int search_polish(const struct grid *grid, const struct search_from *from,
                  search_rate_fn rate, void *context, struct tried *tried,
                  struct err *err);

/* A whole search by oneself; the grid is the search's. */
int search_run(struct search *search, const struct grid *grid, search_rate_fn rate,
               void *context, struct err *err);

#endif /* WORKER_SEARCH_H */
