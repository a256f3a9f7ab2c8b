/* liquidation_inside.h -- what the files of the liquidation study share */
#ifndef WORKER_LIQUIDATION_INSIDE_H
#define WORKER_LIQUIDATION_INSIDE_H

#include "worker/engine.h"
#include "worker/liquidation.h"
#include "worker/liquidation_paths.h"
#include "worker/study.h"

#include <stdbool.h>
#include <stdint.h>

/* One instrument under work. */
struct liquidation_work {
    const struct plan *plan;
    const struct liquidation_settings *settings;
    struct series series;
    struct range range[JUDGED_RANGES];
    struct liquidation_paths paths[JUDGED_RANGES];
    struct impact_rule impact;
    size_t a_bar;     /* steps of one             */
    double adv_quote; /* mean volume of a day of late */
    uint64_t who;     /* for the draws                */
    /* The path of volatility that was followed last, and the margins on it. */
    bool has_path;
    double path_value[AXES_MAX];
    struct path_stages stages; /* [n] each */
    struct path_fits fits;
    double *scaled, *margin; /* [n]        */
    struct account account[ACCOUNTS_MAX];
    struct engine_room *room;
    bool has_spans;
    struct range span[STRESS_SPANS_MAX]; /* of the scenarios */
    double *stress_price;                /* [steps + 1]      */
};
/* study.h's verbs (liquidation_work.c). */
int liquidation_prepare(const struct plan *plan, const struct bars *bars, void **out,
                        struct err *err);
void liquidation_release(void *of);

/* Where the impact law's figures are from (study->sources), and the law itself
 * (liquidation_impact.c). */
size_t liquidation_sources(const struct plan *plan, const char *instrument,
                           struct study_source source[STUDY_SOURCES_MAX]);
struct impact_rule liquidation_impact(const struct plan *plan, const char *instrument);

/* The margins of a point; neighbours share their path (liquidation_run.c). */
int liquidation_follow(struct liquidation_work *work, const double *value,
                       struct err *err);
/* Of a point that was followed: its tiers at bar t (on: its values behind the path's),
 * and all paths of a range. */
struct tiers liquidation_tiers(const struct liquidation_work *work, const double *on,
                               size_t t);
double liquidation_sigma(const struct liquidation_work *work, size_t t);
struct engine_rules liquidation_rules(const struct liquidation_work *work,
                                      const double *on);
struct liquidation_tally liquidation_run(struct liquidation_work *work, enum judged r,
                                         const double *value);

/* The figures of rare losses at a point that was followed, where the job asks for them:
 * by importance sampling on paths of a law (liquidation_rare.c, rare.h). */
int liquidation_rare(struct liquidation_work *work, const double *value,
                     double figure[LIQ_METRICS], struct err *err);

/* ... and how they hang on each axis (liquidation_elastic.c, elasticity.h). */
int liquidation_elasticities(struct liquidation_work *work, const double *value,
                             double figure[LIQ_METRICS], struct err *err);
void liquidation_tell(const struct plan *plan, const double *figure, FILE *out);

/* The rows of a point that was followed, on the bad days (liquidation_stress.c). */
enum liquidation_stress_figure {
    LIQ_STRESS_LOSS,
    LIQ_STRESS_VOLATILITIES,
    LIQ_STRESS_BAD_DEBT,
    LIQ_STRESS_UNMET,
    LIQ_STRESS_DELEVERAGED,
    LIQ_STRESS_COVER_1,
    LIQ_STRESS_COVER_2,
    LIQ_STRESS_UNCOVERED_1,
    LIQ_STRESS_UNCOVERED_2,
    LIQ_STRESS_FIGURES
};
extern const struct stress_figure liquidation_stress_figures[LIQ_STRESS_FIGURES];
int liquidation_stress(struct liquidation_work *work, const double *value,
                       struct stress_table *table, struct err *err);

#endif /* WORKER_LIQUIDATION_INSIDE_H */
