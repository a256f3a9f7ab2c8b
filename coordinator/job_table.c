#include "coordinator/job_table.h"
#include "coordinator/job.h"
#include "worker/fold.h"
#include "worker/path.h"
#include "worker/study.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const loss_choices[] = {
    [LOSS_PATH] = "path", [LOSS_CLOSE] = "close", NULL};
static const char *const sides_choices[] = {
    [SIDES_BOTH] = "both", [SIDES_LONG] = "long", [SIDES_SHORT] = "short", NULL};
static const char *const fault_choices[] = {"abort", "give_up", "continue", NULL};
static const char *const fold_choices[] = {
    [FOLD_ANCHORED] = "anchored", [FOLD_ROLLING] = "rolling", NULL};

enum { MODELS_MAX = 32 };
static const char *study_choices[MODELS_MAX + 1];
static const char *volatility_choices[MODELS_MAX + 1];
static const char *tail_choices[MODELS_MAX + 1];
static const char *search_choices[MODELS_MAX + 1];
static char search_meaning[512];
static const char *const measure_choices[] = {
    [TAIL_VAR] = "var", [TAIL_ES] = "es", NULL};

#define FIELD(name) offsetof(struct job_keys, name)

/* The keys that every job has; those of guard-rails and axes are appended. */
static const struct conf_key fixed_keys[] = {
    {.path = "job",
     .type = CONF_TEXT,
     .offset = FIELD(name),
     .marks = CONF_REQUIRED,
     .meaning = "name of the job, carried into every result"},
    {.path = "study",
     .type = CONF_CHOICE,
     .offset = FIELD(study),
     .preset = "margin",
     .choices = study_choices,
     .meaning = "what is calibrated"},
    {.path = "history",
     .type = CONF_TEXT,
     .offset = FIELD(history),
     .meaning = "history store to read (--history overrides it)"},
    {.path = "output",
     .type = CONF_TEXT,
     .offset = FIELD(output),
     .meaning = "directory for the results (--output overrides it)"},
    {.path = "incumbent",
     .type = CONF_TEXT,
     .offset = FIELD(incumbent),
     .meaning = "parameters.json in production: scored too, and the start of a search "
                "around it (--incumbent overrides it)"},
    {.path = "instruments",
     .type = CONF_TEXTS,
     .offset = FIELD(instruments),
     .preset = "[all]",
     .meaning = "names or patterns such as BTC-*, or all"},
    {.path = "exclude",
     .type = CONF_TEXTS,
     .offset = FIELD(exclude),
     .meaning = "names or patterns that are left out"},
    {.path = "interval",
     .type = CONF_DURATION,
     .offset = FIELD(interval_ns),
     .preset = "1h",
     .meaning = "length of the bars"},
    {.path = "from",
     .type = CONF_MOMENT,
     .offset = FIELD(from_ns),
     .preset = "1970-01-01",
     .meaning = "first bar used, UTC"},
    {.path = "to",
     .type = CONF_MOMENT,
     .offset = FIELD(to_ns),
     .preset = "2261-01-01",
     .meaning = "bars from here on are not used, UTC"},
    {.path = "horizon_bars",
     .type = CONF_INTEGER,
     .offset = FIELD(horizon_bars),
     .preset = "8",
     .min = 1,
     .max = HORIZON_MAX,
     .meaning = "margin period of risk: bars it takes to close a defaulter out"},
    {.path = "confidence",
     .type = CONF_REAL,
     .offset = FIELD(confidence),
     .preset = "0.99",
     .min = 0.5,
     .max = 1.0,
     .marks = CONF_OPEN_MAX,
     .meaning = "share of bars whose loss the margin has to cover"},
    {.path = "loss",
     .type = CONF_CHOICE,
     .offset = FIELD(loss),
     .preset = "path",
     .choices = loss_choices,
     .meaning = "path: the worst low or high on the way; close: the last close"},
    {.path = "sides",
     .type = CONF_CHOICE,
     .offset = FIELD(sides),
     .preset = "both",
     .choices = sides_choices,
     .meaning = "positions that one rate has to cover"},
    {.path = "warmup_bars",
     .type = CONF_INTEGER,
     .offset = FIELD(warmup_bars),
     .preset = "168",
     .min = 1,
     .max = 1e6,
     .meaning = "bars that start the volatility and are left out of every score"},
    {.path = "volatility",
     .type = CONF_CHOICE,
     .offset = FIELD(volatility),
     .preset = "ewma",
     .choices = volatility_choices,
     .meaning = "volatility model"},
    {.path = "tail",
     .type = CONF_CHOICE,
     .offset = FIELD(tail),
     .preset = "none",
     .choices = tail_choices,
     .meaning = "from volatility to a rate; none: q alone multiplies it"},
    {.path = "measure",
     .type = CONF_CHOICE,
     .offset = FIELD(measure),
     .preset = "var",
     .choices = measure_choices,
     .meaning = "what the tail's rate is at axes.level: VaR or expected shortfall"},
    {.path = "stress.periods",
     .type = CONF_TEXTS,
     .offset = FIELD(stress_periods),
     .meaning = "steadying: FROM/TO in UTC, as [2020-03-08/2020-03-20]; none: all bars "
                "so far"},
    {.path = "stress.anchor",
     .type = CONF_REAL,
     .offset = FIELD(stress_anchor),
     .preset = "0.99",
     .min = 0.0,
     .max = 1.0,
     .marks = CONF_OPEN_MIN | CONF_OPEN_MAX,
     .meaning = "steadying: quantile of the rates in them that is the stress level"},
    {.path = "stress.windows",
     .type = CONF_NAMED,
     .offset = FIELD(stress_windows),
     .meaning = "name: [FROM/TO in UTC, what happened]: days that the set is tried on, "
                "beside those that every job has"},
    {.path = "stress.library",
     .type = CONF_TEXT,
     .offset = FIELD(stress_library),
     .preset = "none",
     .meaning = "file with more of them (`windows: {...}`), as runs leave one in their "
                "directory; none: no file"},
    {.path = "stress.found",
     .type = CONF_INTEGER,
     .offset = FIELD(stress_found),
     .preset = "3",
     .min = 0,
     .max = STRESS_FOUND_MAX,
     .meaning = "an instrument's largest losses, which are scenarios too"},
    {.path = "stress.depeg",
     .type = CONF_REAL,
     .offset = FIELD(stress_depeg),
     .preset = "0.13",
     .min = 0.0,
     .max = 1.0,
     .meaning =
         "de-peg: share of its worth that collateral loses (USDC in March 2023)"},
    {.path = "stress.depth",
     .type = CONF_REAL,
     .offset = FIELD(stress_depth),
     .preset = "0.5",
     .min = 0.01,
     .max = 1.0,
     .meaning = "thin-liquidity: share of the liquidity that is left"},
    {.path = "stress.late_bars",
     .type = CONF_INTEGER,
     .offset = FIELD(stress_late_bars),
     .preset = "1",
     .min = 0,
     .max = HORIZON_MAX,
     .meaning = "late-feed: bars that the mark is behind"},
    {.path = "stress.limits",
     .type = CONF_LIMITS,
     .offset = FIELD(stress_limits),
     .meaning = "figure: {min: a, max: b} in every scenario, or the instrument is held "
                "and the command ends with exit 5"},
    {.path = "stress.joint",
     .type = CONF_LIMITS,
     .offset = FIELD(stress_joint),
     .meaning = "the same of all instruments together, or all of them are held"},
    {.path = "stress.cover",
     .type = CONF_INTEGER,
     .offset = FIELD(stress_cover),
     .preset = "0",
     .min = 0,
     .max = 2,
     .meaning = "liquidation: the fund has to cover what so many largest losers lose "
                "beyond their margin"},
    {.path = "stress.min_reverse",
     .type = CONF_REAL,
     .offset = FIELD(stress_min_reverse),
     .preset = "0",
     .min = 0.0,
     .max = 2.0,
     .meaning = "least move at once that may exceed the margin, or empty the fund"},
    {.path = "long_run.window_bars",
     .type = CONF_INTEGER,
     .offset = FIELD(long_run_bars),
     .preset = "87600",
     .min = 1,
     .max = 1e8,
     .meaning = "steadying: last bars whose mean square is the long-run level"},
    {.path = "scopes",
     .type = CONF_NAMED,
     .offset = FIELD(scopes),
     .meaning = "axis: instrument (the default), group or global: who has one value of "
                "it in common"},
    {.path = "groups",
     .type = CONF_NAMED,
     .offset = FIELD(groups),
     .meaning = "group: names or patterns of its instruments, or rest for all that no "
                "other has"},
    {.path = "weights",
     .type = CONF_NAMED,
     .offset = FIELD(weights),
     .meaning = "instrument or pattern: its weight where values are shared, 1 where "
                "nothing is said, 0: no say"},
    {.path = "release.from",
     .type = CONF_REAL,
     .offset = FIELD(release_from),
     .preset = "1.25",
     .min = 0.1,
     .max = 100,
     .meaning = "volatility over its reference at which the buffer starts to go"},
    {.path = "release.full",
     .type = CONF_REAL,
     .offset = FIELD(release_full),
     .preset = "2",
     .min = 0.1,
     .max = 100,
     .meaning = "... and at which all of it is gone"},
    {.path = "release.halflife_bars",
     .type = CONF_REAL,
     .offset = FIELD(release_halflife_bars),
     .preset = "720",
     .min = 1,
     .max = 1e6,
     .meaning = "half-life of the reference volatility, bars"},
    {.path = "objective",
     .type = CONF_TEXT,
     .offset = FIELD(objective),
     .preset = "mean_margin",
     .meaning = "metric to make least"},
    {.path = "hysteresis",
     .type = CONF_REAL,
     .offset = FIELD(hysteresis),
     .preset = "0.01",
     .min = 0.0,
     .max = 1.0,
     .marks = CONF_OPEN_MAX,
     .meaning = "the incumbent stays unless the best point costs less by this share"},
    {.path = "constraints",
     .type = CONF_LIMITS,
     .offset = FIELD(constraints),
     .meaning = "metric: {min: a, max: b} on the training bars; none: coverage of at "
                "least `confidence`"},
    {.path = "validation.holdout",
     .type = CONF_REAL,
     .offset = FIELD(holdout),
     .preset = "0.25",
     .min = 0.0,
     .max = 0.9,
     .meaning = "share of the bars, the latest, that the search does not see"},
    {.path = "validation.embargo_bars",
     .type = CONF_INTEGER,
     .offset = FIELD(embargo_bars),
     .preset = "0",
     .min = 0,
     .max = 1e6,
     .meaning = "bars left out between search and validation"},
    {.path = "validation.gates",
     .type = CONF_LIMITS,
     .offset = FIELD(gates),
     .preset = "{kupiec_phase_p: {min: 0.01}}",
     .meaning = "metric: {min: a, max: b} the winner has to hold on those bars"},
    {.path = "validation.walkforward",
     .type = CONF_FLAG,
     .offset = FIELD(walkforward),
     .preset = "false",
     .meaning = "walk forward too, and hold what does not hold in every fold: costs "
                "about folds + 1 searches more"},
    {.path = "validation.folds",
     .type = CONF_INTEGER,
     .offset = FIELD(n_folds),
     .preset = "5",
     .min = 1,
     .max = FOLDS_MAX,
     .meaning = "walkforward: test spans that follow each other to the last bar"},
    {.path = "validation.window",
     .type = CONF_CHOICE,
     .offset = FIELD(fold_window),
     .preset = "anchored",
     .choices = fold_choices,
     .meaning = "walkforward: training from the first bar on, or on a span that moves"},
    {.path = "validation.first_share",
     .type = CONF_REAL,
     .offset = FIELD(first_share),
     .preset = "0.5",
     .min = 0.01,
     .max = 0.99,
     .meaning = "walkforward: share of the bars before the first test span"},
    {.path = "validation.blocks",
     .type = CONF_INTEGER,
     .offset = FIELD(n_blocks),
     .preset = "10",
     .min = 2,
     .max = 16,
     .meaning = "walkforward: even number of blocks for the overfitting probability"},
    {.path = "validation.max_overfitting",
     .type = CONF_REAL,
     .offset = FIELD(max_overfitting),
     .preset = "0.5",
     .min = 0.0,
     .max = 1.0,
     .meaning = "walkforward: above that probability an instrument is held"},
    {.path = "search.method",
     .type = CONF_CHOICE,
     .offset = FIELD(search),
     .preset = "grid",
     .choices = search_choices,
     .meaning = search_meaning},
    {.path = "search.points",
     .type = CONF_INTEGER,
     .offset = FIELD(n_points),
     .preset = "0",
     .min = 0,
     .max = 1 << 20,
     .meaning = "points it may try an instrument, those on a part of the bars counting "
                "as that part; 0: sobol and latin 1024, cmaes 1000, halving a tenth of "
                "its candidates"},
    {.path = "search.core_s",
     .type = CONF_REAL,
     .offset = FIELD(core_s),
     .preset = "0",
     .min = 0,
     .max = 1e9,
     .meaning = "as many points as take so long on one core of the cost model's "
                "reference machine, where that is fewer; 0: no limit"},
    {.path = "search.candidates",
     .type = CONF_INTEGER,
     .offset = FIELD(n_candidates),
     .preset = "0",
     .min = 0,
     .max = 1 << 24,
     .meaning = "halving: points of a Sobol' sequence to begin with; 0: those of the "
                "grid"},
    {.path = "search.rungs",
     .type = CONF_INTEGER,
     .offset = FIELD(n_rungs),
     .preset = "2",
     .min = 2,
     .max = 16,
     .meaning = "halving: how often the best go on to more of the bars, all of them on "
                "the last rung"},
    {.path = "search.polish",
     .type = CONF_INTEGER,
     .offset = FIELD(n_polish),
     .preset = "0",
     .min = 0,
     .max = RANKING_MAX,
     .meaning = "so many of the best points are starts of a local search (Nelder-Mead) "
                "along the axes that have a range without count"},
    {.path = "search.polish_points",
     .type = CONF_INTEGER,
     .offset = FIELD(n_polish_points),
     .preset = "200",
     .min = 1,
     .max = 1 << 16,
     .meaning = "points that each of them may try"},
    {.path = "search.seed",
     .type = CONF_INTEGER,
     .offset = FIELD(seed),
     .preset = "1",
     .min = 0,
     .max = 1e15,
     .meaning = "latin, cmaes: of the numbers drawn; each instrument has the same"},
    {.path = "search.max_points",
     .type = CONF_INTEGER,
     .offset = FIELD(max_points),
     .preset = "0",
     .min = 0,
     .max = 1 << 24,
     .meaning =
         "points a rank works on at a time; 0: as many as take schedule.unit_ms"},
    {.path = "search.runners_up",
     .type = CONF_INTEGER,
     .offset = FIELD(n_runners_up),
     .preset = "9",
     .min = 0,
     .max = RANKING_MAX - 1,
     .meaning = "points behind the winner that are judged and kept as evidence"},
    {.path = "surfaces",
     .type = CONF_TEXTS,
     .offset = FIELD(surfaces),
     .meaning =
         "metrics that calibration.h5 keeps at every point of the grid (training "
         "bars)"},
    {.path = "surfaces_deflated",
     .type = CONF_FLAG,
     .offset = FIELD(surfaces_deflated),
     .preset = "false",
     .meaning =
         "deflate them: about a third of the bytes, which take ten times as long "
         "to write"},
    {.path = "memory.shared_mib",
     .type = CONF_INTEGER,
     .offset = FIELD(shared_mib),
     .preset = "4096",
     .min = 0,
     .max = 1 << 24,
     .meaning = "history that the ranks of a node hold in common, MiB; beyond it each "
                "reads its own"},
    {.path = "schedule.unit_ms",
     .type = CONF_REAL,
     .offset = FIELD(unit_ms),
     .preset = "10",
     .min = 0.01,
     .max = 1e6,
     .meaning = "about how long a rank works on a unit of the largest instrument"},
    {.path = "schedule.ranks_a_leader",
     .type = CONF_INTEGER,
     .offset = FIELD(ranks_a_leader),
     .preset = "0",
     .min = 0,
     .max = 1 << 20,
     .meaning = "ranks that one leader hands units to; 0: those of its node"},
    {.path = "schedule.on_fault",
     .type = CONF_CHOICE,
     .offset = FIELD(on_fault),
     .preset = "give_up",
     .choices = fault_choices,
     .meaning = "a unit that cannot be worked on (memory, file system): abort the job, "
                "give_up the instrument, continue with the points beside its own"},
    {.path = "schedule.retries",
     .type = CONF_INTEGER,
     .offset = FIELD(retries),
     .preset = "1",
     .min = 0,
     .max = 1000,
     .meaning = "times that such a unit is tried again before"},
    {.path = "schedule.late_s",
     .type = CONF_REAL,
     .offset = FIELD(late_s),
     .preset = "10",
     .min = 0.0,
     .max = 1e6,
     .meaning = "a unit without answer for so long, and 8 times the mean, goes to an "
                "idle rank too; 0: never"},
    {.path = "schedule.grace_s",
     .type = CONF_REAL,
     .offset = FIELD(grace_s),
     .preset = "30",
     .min = 0.0,
     .max = 1e6,
     .meaning = "after a stop, how long units under way are waited for"},
    {.path = "schedule.patience_s",
     .type = CONF_INTEGER,
     .offset = FIELD(patience_s),
     .preset = "600",
     .min = 2,
     .max = 1e6,
     .meaning = "how long a rank waits for a silent one before the job ends, beyond 50 "
                "times what the longest unit should take"},
    {.path = "publication.maintenance_ratio",
     .type = CONF_REAL,
     .offset = FIELD(maintenance_ratio),
     .preset = "0.5",
     .min = 0.0,
     .max = 1.0,
     .marks = CONF_OPEN_MIN,
     .meaning = "maintenance margin as a share of initial margin: a policy, not "
                "calibrated"},
};

enum { N_FIXED = sizeof fixed_keys / sizeof *fixed_keys };

/* Filled by make_table from the tables of models and studies. */
static const struct axis_rule *axes[JOB_AXES_MAX];
static size_t n_axes;
static char axis_path[JOB_AXES_MAX][64];
static char axis_meaning[JOB_AXES_MAX][160];
static struct conf_key
    keys[N_FIXED + GUARD_KEYS + JOB_AXES_MAX + STUDIES_MAX * STUDY_KEYS_MAX];
static struct conf_table table = {.title = "job file", .size = sizeof(struct job_keys)};

static void add_axes(size_t n, const struct axis_rule rules[])
{
    for (size_t i = 0; i < n; i++)
        if (job_table_slot(rules[i].name) == n_axes && n_axes < JOB_AXES_MAX)
            axes[n_axes++] = &rules[i];
}

static struct conf_key key_of_axis(size_t slot)
{
    const struct axis_rule *rule = axes[slot];

    snprintf(axis_path[slot], sizeof axis_path[slot], "axes.%s", rule->name);
    snprintf(axis_meaning[slot], sizeof axis_meaning[slot], "%s (%s)", rule->meaning,
             rule->unit);
    return (struct conf_key){
        .path = axis_path[slot],
        .type = CONF_REALS,
        .offset = FIELD(axis) + slot * sizeof(struct conf_reals),
        .meaning = axis_meaning[slot],
        .preset = rule->preset,
        .min = rule->min,
        .max = rule->max,
        .marks = CONF_ASCENDING | CONF_SPANS | (rule->open_min ? CONF_OPEN_MIN : 0) |
                 (rule->open_max ? CONF_OPEN_MAX : 0),
    };
}

/* "how points are chosen; grid: every point of the grid; ..." */
static void name_searches(void)
{
    size_t n = (size_t)snprintf(search_meaning, sizeof search_meaning,
                                "how points are chosen");

    for (size_t i = 0; search_method_row(i) != NULL && i < MODELS_MAX; i++) {
        search_choices[i] = search_method_name(search_method_row(i));
        n += (size_t)snprintf(search_meaning + n, sizeof search_meaning - n, "; %s: %s",
                              search_choices[i],
                              search_method_meaning(search_method_row(i)));
    }
}

int job_table_is_of_searches(const char *path)
{
    static const char *const of[] = {
        "search.points", "search.core_s",        "search.candidates", "search.rungs",
        "search.polish", "search.polish_points", "search.seed"};

    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (strcmp(path, of[i]) == 0)
            return 1;
    return 0;
}

/* A study's own keys, which fill the place that is kept for it. */
static void add_settings(size_t study)
{
    for (size_t k = 0; k < study_row(study)->n_keys && k < STUDY_KEYS_MAX; k++) {
        struct conf_key *key = &keys[table.n_keys++];

        *key = study_row(study)->keys[k];
        key->offset += FIELD(settings) + study * sizeof(struct job_settings);
    }
}

static void make_table(void)
{
    for (size_t i = 0; volatility_row(i) != NULL && i < MODELS_MAX; i++) {
        volatility_choices[i] = volatility_row(i)->name;
        add_axes(volatility_row(i)->n_axes, volatility_row(i)->axes);
    }
    for (size_t i = 0; tail_model_row(i) != NULL && i < MODELS_MAX; i++) {
        tail_choices[i] = tail_model_row(i)->name;
        add_axes(tail_model_row(i)->n_axes, tail_model_row(i)->axes);
    }
    add_axes(STEADY_AXES, steady_axes);
    name_searches();
    for (size_t i = 0; study_row(i) != NULL && i < MODELS_MAX; i++) {
        study_choices[i] = study_row(i)->name;
        add_axes(study_row(i)->n_axes, study_row(i)->axes);
    }
    memcpy(keys, fixed_keys, sizeof fixed_keys);
    guard_keys(FIELD(guard), keys + N_FIXED);
    for (size_t slot = 0; slot < n_axes; slot++)
        keys[N_FIXED + GUARD_KEYS + slot] = key_of_axis(slot);
    table.keys = keys;
    table.n_keys = N_FIXED + GUARD_KEYS + n_axes;
    for (size_t i = 0; study_row(i) != NULL; i++)
        add_settings(i);
}

const struct conf_table *job_table(void)
{
    if (table.keys == NULL)
        make_table();
    return &table;
}

size_t job_table_n_axes(void)
{
    job_table();
    return n_axes;
}

const struct axis_rule *job_table_axis(size_t i)
{
    return axes[i];
}

size_t job_table_slot(const char *axis)
{
    size_t slot = 0;

    while (slot < n_axes && strcmp(axes[slot]->name, axis) != 0)
        slot++;
    return slot;
}

int job_table_is_of_walk(const char *path)
{
    static const char *const of_walk[] = {
        "validation.walkforward", "validation.folds",
        "validation.window",      "validation.blocks",
        "validation.first_share", "validation.max_overfitting"};

    for (size_t i = 0; i < sizeof of_walk / sizeof *of_walk; i++)
        if (strcmp(of_walk[i], path) == 0)
            return 1;
    return 0;
}

int job_table_is_local(const char *path)
{
    static const char *const local[] = {
        "history",           "liquidation.estimates", "incumbent",        "output",
        "search.max_points", "memory.shared_mib",     "surfaces_deflated"};
    static const char schedule[] = "schedule.";

    if (strncmp(path, schedule, sizeof schedule - 1) == 0 || guard_is_key(path))
        return 1;
    for (size_t i = 0; i < sizeof local / sizeof *local; i++)
        if (strcmp(local[i], path) == 0)
            return 1;
    return 0;
}
