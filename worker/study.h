/* study.h -- the kinds of thing a job can calibrate, as a table
 *
 * A study is one file and one row.  It brings its axes and metrics, its own keys of the
 * job file, and its verbs: prepare an instrument, search a box of its grid, judge
 * points for publication, score a point bar by bar for comparisons. */
#ifndef WORKER_STUDY_H
#define WORKER_STUDY_H

#include "core/conf.h"
#include "core/err.h"
#include "market/bars.h"
#include "worker/axis.h"
#include "worker/metric.h"
#include "worker/plan.h"
#include "worker/ranking.h"
#include "worker/stress.h"
#include "worker/tried.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The best point that has one value of one axis: the marginal surface. */
struct marginal {
    const struct grid *grid;
    struct candidate *best[AXES_MAX]; /* [grid->axis[a].n]; cost NaN: none yet */
};

/* The best points of one cell (scope.h), [n] of as many as a ranking keeps. */
struct shortlist {
    size_t n;
    struct candidate *best;
};

/* What the search of boxes found. */
struct found {
    struct ranking ranking;
    size_t n_cells; /* 0: no axis is shared */
    struct shortlist *cell;
    struct marginal marginal;
    uint64_t n_points;
    /* Every metric of plan->surface at every point: [n_surfaces][n_surface_points],
     * from surface_first on; NULL where none is asked for. */
    size_t n_surfaces;
    uint64_t surface_first, n_surface_points;
    double *surface;
};

/* Room for surfaces of n_surface_points points (of a box, or of the whole grid). */
int found_new(const struct plan *plan, uint64_t n_surface_points, struct found *found,
              struct err *err);
void found_free(struct found *found);
void found_clear(struct found *found);
/* The values of surface s from this point on. */
double *found_surface(const struct found *found, size_t s, uint64_t point);
/* Offer a point to the ranking, to its marginals and its cell. */
void found_offer(struct found *found, const struct candidate *candidate);
/* Is a feasible point of this cost of any use to ranking, marginals or cell? */
bool found_wants(const struct found *found, double cost, uint64_t point);

/* Every metric of one point over the training and the test bars. */
enum judged { JUDGED_TRAINING, JUDGED_TEST, JUDGED_RANGES };
enum { STUDY_SOURCES_MAX = 4 };
enum { VERDICT_TIERS = 6, STUDY_ENGINE_MAX = 8, STUDY_WHY_MAX = 128 };
struct verdict {
    struct path_fits fits;         /* of the point's path; n_fits 0: none       */
    double *figure[JUDGED_RANGES]; /* [study->n_metrics]; NaN: undefined      */
    double last;                   /* the margin of the last bar of all       */
    int64_t as_of_ns;              /* ... and when it starts                  */
    /* Margins by size, where the study has any; else `last` holds for all and the job
     * says which share of it maintenance is.  up_to in the quote currency. */
    struct verdict_tiers {
        uint64_t n; /* 0: none; at most VERDICT_TIERS */
        double up_to[VERDICT_TIERS], initial[VERDICT_TIERS], maintenance[VERDICT_TIERS];
    } tiers;
    /* What engines hold besides, in the order of study->engine: [study->n_engine]. */
    double engine[STUDY_ENGINE_MAX];
    struct stress_table stress; /* asked for where it has room */
};

/* A setting of an engine as the parameter set names it: a whole number, or an amount in
 * the quote currency, infinite where there is none. */
struct study_engine {
    const char *name;
    bool is_amount;
};

/* What is asked of a point where the job file says nothing: metric in [min, max]. */
struct study_limit {
    const char *metric;
    double min, max;
};

/* A column of the report: a metric on the training bars or on those after;
 * JUDGED_RANGES: the margin of the last bar. */
struct study_column {
    const char *title, *metric;
    enum judged range;
    int width, digits;
};

struct study {
    const char *name;
    const char *meaning;
    size_t n_axes;
    const struct axis_rule *axes; /* after those of the plan's models */
    size_t n_metrics;
    const struct metric *metrics;

    /* Keys of the job file that are the study's own; they fill the struct that
     * plan->settings is, of so many bytes (at most STUDY_SETTINGS_MAX). */
    size_t n_keys, settings_size;
    const struct conf_key *keys;

    /* The key that goes against the others, and why; NULL: they agree. */
    const char *(*disagree)(const struct plan *plan, char why[STUDY_WHY_MAX]);

    /* Where the job says nothing; NULL or 0: what every job has. */
    const char *objective;
    size_t n_constraints, n_gates;
    const struct study_limit *constraints, *gates;

    /* What `plimsoll choose` weighs beside the objective, "coverage,mean_shortfall". */
    const char *rivals;

    /* The report: the question that the job asks, and the columns of its answer. */
    void (*ask)(const struct plan *plan, FILE *out);
    size_t n_columns;
    const struct study_column *columns;

    /* An object of the parameter set under the study's name; none: no such object. */
    size_t n_engine;
    const struct study_engine *engine;

    /* What it says of each scenario (stress.h). */
    size_t n_stress;
    const struct stress_figure *stress;
    size_t stress_cost; /* the figure by which scenarios are compared */

    /* About how long a point takes beside its path (cost.h), ns; NULL: as the sweep. */
    double (*point_ns)(const struct plan *plan, uint64_t n_bars);

    /* The file of measured figures (coordinator/estimates.h) that the job names; NULL:
     * it names none.  NULL: the study takes none. */
    const char *(*measured_path)(const struct plan *plan);
    /* What the study takes from elsewhere for this instrument, and where from; how
     * many. NULL: nothing. */
    size_t (*sources)(const struct plan *plan, const char *instrument,
                      struct study_source source[STUDY_SOURCES_MAX]);
    /* What it says of an instrument's choice below the report's table, of
     * JUDGED_TRAINING figures; NULL: nothing. */
    void (*tell)(const struct plan *plan, const double *figure, FILE *out);

    /* Bars of this length serve its paths inside those of the job, shorter ones too;
     * 0: none are wanted.  NULL: as 0. */
    int64_t (*finer_ns)(const struct plan *plan, int64_t interval_ns);

    /* Prepare an instrument; bars must outlive *work.  ERR_INPUT: this instrument
     * cannot be calibrated, and why. */
    int (*prepare)(const struct plan *plan, const struct bars *bars, void **work,
                   struct err *err);
    /* Search a box of at most plan->max_points points; adds to *found. */
    int (*search)(void *work, const struct box *box, struct found *found,
                  struct err *err);
    /* Rate n points on a share of the training bars: value
     * [n][plan->grid.n_axes], on the grid or off it.  One that the bars do not allow
     * is undefined, and the first of those says why where refusal [ERR_TEXT_MAX] is
     * empty.  NULL: study_rate judges them. */
    int (*rate)(void *work, size_t n, const double *value, double share,
                struct rating *rating, char *refusal, struct err *err);
    /* Judge one point bar by bar: value [plan->grid.n_axes], on the grid or off it. */
    int (*judge)(void *work, const double *value, struct verdict *verdict,
                 struct err *err);
    /* What each bar of a range says of a point, the smaller the better: [end - first],
     * NaN where a bar is not scored.  NULL: walkforward is not for this study. */
    int (*scores)(void *work, const double *value, enum judged range, double score[],
                  struct err *err);
    void (*release)(void *work);
};

enum { STUDIES_MAX = 4, STUDY_SETTINGS_MAX = 512, STUDY_KEYS_MAX = 64 };

extern const struct study margin_study, liquidation_study;

const struct study *study_find(const char *name);
const struct study *study_row(size_t i); /* NULL after the last */

/* Rate points as study->rate does; where a study has no such verb each is judged, and
 * share must be 1. */
int study_rate(const struct plan *plan, void *work, size_t n, const double *value,
               double share, struct rating *rating, char *refusal, struct err *err);

/* All that objective, constraints and surfaces need of a tally, in the study's words.
 */
unsigned plan_needs(const struct plan *plan);

/* A point's violation from its figures over a range. */
double plan_violation(size_t n, const struct constraint constraint[],
                      const struct plan *plan, const double *figure);

#endif /* WORKER_STUDY_H */
