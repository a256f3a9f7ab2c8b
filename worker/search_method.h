/* search_method.h -- what a method of searching is made of
 *
 * Methods live in the unit cube of the axes that have more than one value
 * (axis_at): they say where to look next, and are told how what they asked for
 * compares. Only the order of the answers means anything to them, so any cost and any
 * constraints will do. */
#ifndef WORKER_SEARCH_METHOD_H
#define WORKER_SEARCH_METHOD_H

#include "worker/search.h"

/* What a method wants rated: n points u [n][d]. */
struct search_wish {
    size_t n, d, capacity;
    double *u;
    double share; /* of the history; 1 unless it says otherwise */
};

/* Room for n points, the old ones dropped. */
int search_wish_fill(struct search_wish *wish, size_t n, struct err *err);

/* How a wished point did: undefined ones have INFINITY everywhere, so that the order
 * (candidate_before) is total. */
struct search_answer {
    struct candidate at; /* its point: the number in the table of tried ones */
    double slack;
};

struct search_start {
    const struct search_rules *rules;
    const struct grid *grid;
    size_t d;
    const struct axis *const *axis; /* [d] */
    double n_most;                  /* points, by now */
};

struct search_method {
    const char *name, *meaning;
    bool walks_grid; /* the rest is then empty                                  */
    bool is_design;  /* all points at once, whatever comes of any               */
    uint64_t preset_points;
    int (*start)(const struct search_start *start, void **state, struct err *err);
    /* The next points, n 0: no more; n_spent of all so far. */
    int (*ask)(void *state, double n_spent, struct search_wish *wish, struct err *err);
    /* Of wish->n points, in their order. */
    int (*tell)(void *state, const struct search_wish *wish,
                const struct search_answer answer[], struct err *err);
    void (*end)(void *state); /* takes NULL */
};

extern const struct search_method search_sobol, search_latin, search_halving,
    search_cmaes;

/* Of the method alone, without its polish: what the job says, or the method's preset;
 * halving's is a tenth of its candidates. */
double search_method_points(const struct search_rules *rules, const struct grid *grid);

/* Point i of n of a design, [d] each. */
int search_design_sobol(size_t n, size_t d, double u[], struct err *err);
int search_design_latin(uint64_t seed, size_t n, size_t d, double u[], struct err *err);

/* Purposes of random numbers (market/random.h). */
enum { SEARCH_LATIN = 111, SEARCH_CMAES = 112 };

#endif /* WORKER_SEARCH_METHOD_H */
