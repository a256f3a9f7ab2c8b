/* job.h -- the job file: what is calibrated, on what, and what becomes of it
 *
 * One table of keys (job_table) checks the file, fills struct job, and is what
 * `plimsoll help job` prints.  The axes come from the tables of models and studies, so
 * a new model brings its keys with it. */
#ifndef COORDINATOR_JOB_H
#define COORDINATOR_JOB_H

#include "coordinator/estimates.h"
#include "coordinator/guard.h"
#include "core/conf.h"
#include "core/err.h"
#include "core/sha256.h"
#include "worker/plan.h"
#include "worker/study.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { JOB_AXES_MAX = 64 }; /* of all models and studies together */

/* The keys of one study (study.h), as it understands them. */
struct job_settings {
    _Alignas(16) unsigned char bytes[STUDY_SETTINGS_MAX];
};

/* As the file says it. */
struct job_keys {
    char *name, *history, *output, *incumbent;
    struct conf_texts instruments, exclude;
    int64_t interval_ns, from_ns, to_ns;
    int study, loss, sides, volatility, tail, measure, search;
    int64_t horizon_bars, warmup_bars, embargo_bars, max_points, n_runners_up,
        shared_mib;
    int on_fault; /* enum fault_policy */
    int64_t retries, patience_s, ranks_a_leader;
    bool walkforward; /* is a gate */
    int64_t n_folds, n_blocks;
    int fold_window; /* enum fold_window */
    double first_share, max_overfitting;
    int64_t n_points, n_candidates, n_rungs, n_polish, n_polish_points, seed;
    double core_s; /* of a search */
    double unit_ms, late_s, grace_s;
    double confidence, holdout, maintenance_ratio;
    double release_from, release_full, release_halflife_bars;
    struct conf_texts stress_periods;
    double stress_anchor, hysteresis;
    char *stress_library; /* "none": none; its windows are the job's */
    struct conf_named stress_windows;
    struct conf_limits stress_limits, stress_joint;
    int64_t stress_found, stress_late_bars, stress_cover;
    double stress_depeg, stress_depth, stress_min_reverse;
    int64_t long_run_bars;
    struct conf_reals axis[JOB_AXES_MAX];
    struct conf_named scopes, groups, weights;
    struct job_settings settings[STUDIES_MAX]; /* in the order of the studies */
    char *objective;
    struct conf_named preferences;
    struct conf_limits constraints, gates;
    struct conf_texts surfaces;
    bool surfaces_deflated;
    struct guard guard;
};

/* As the program uses it. */
struct job {
    struct job_keys keys;
    struct conf *conf;
    struct plan plan;
    struct estimates estimates;   /* n 0: the job names none        */
    char *canonical;              /* the text of everything in force */
    char sha256[SHA256_TEXT_MAX]; /* of what decides parameters.json */
    char *source;                 /* the job file's own text         */
};

/* Read and check a job file, or the text of one, and its settings (core/conf.h).
 * Everything that is wrong with it is ERR_INPUT with file, line and column. */
int job_read(const struct conf_source *source, struct job *job, struct err *err);
void job_free(struct job *job);

/* Where the job leaves it open, cut the grid into boxes of about schedule.unit_ms for
 * an instrument of so many bars (worker/cost.h).  ERR_INPUT: too many boxes. */
int job_size_boxes(struct job *job, uint64_t n_bars, struct err *err);

/* Points of the grid; or the most that the search may try, of which some count as parts
 * (worker/search.h). */
uint64_t job_n_points(const struct job *job);

/* Does the job take this instrument? */
bool job_takes(const struct job *job, const char *instrument);

/* `plimsoll help job`. */
void job_help(FILE *out);

#endif /* COORDINATOR_JOB_H */
