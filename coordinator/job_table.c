#include "coordinator/job_table.h"
#include "coordinator/job.h"
#include "coordinator/job_keys.h"
#include "worker/study.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

const char *job_study_choices[JOB_CHOICES_MAX + 1];
const char *job_volatility_choices[JOB_CHOICES_MAX + 1];
const char *job_tail_choices[JOB_CHOICES_MAX + 1];
const char *job_search_choices[JOB_CHOICES_MAX + 1];
char job_search_meaning[512];

#define FIELD(name) offsetof(struct job_keys, name)

/* Filled by make_table from the tables of models and studies. */
static const struct axis_rule *axes[JOB_AXES_MAX];
static size_t n_axes;
static char axis_path[JOB_AXES_MAX][64];
static char axis_meaning[JOB_AXES_MAX][160];
static struct conf_key
    keys[JOB_KEYS_FIXED + GUARD_KEYS + JOB_AXES_MAX + STUDIES_MAX * STUDY_KEYS_MAX];
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
    size_t n = (size_t)snprintf(job_search_meaning, sizeof job_search_meaning,
                                "how points are chosen");

    for (size_t i = 0; search_method_row(i) != NULL && i < JOB_CHOICES_MAX; i++) {
        job_search_choices[i] = search_method_name(search_method_row(i));
        n += (size_t)snprintf(job_search_meaning + n, sizeof job_search_meaning - n,
                              "; %s: %s", job_search_choices[i],
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

static void add_keys(size_t n, const struct conf_key rows[n])
{
    memcpy(keys + table.n_keys, rows, n * sizeof *rows);
    table.n_keys += n;
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
    for (size_t i = 0; volatility_row(i) != NULL && i < JOB_CHOICES_MAX; i++) {
        job_volatility_choices[i] = volatility_row(i)->name;
        add_axes(volatility_row(i)->n_axes, volatility_row(i)->axes);
    }
    for (size_t i = 0; tail_model_row(i) != NULL && i < JOB_CHOICES_MAX; i++) {
        job_tail_choices[i] = tail_model_row(i)->name;
        add_axes(tail_model_row(i)->n_axes, tail_model_row(i)->axes);
    }
    add_axes(STEADY_AXES, steady_axes);
    name_searches();
    for (size_t i = 0; study_row(i) != NULL && i < JOB_CHOICES_MAX; i++) {
        job_study_choices[i] = study_row(i)->name;
        add_axes(study_row(i)->n_axes, study_row(i)->axes);
    }
    add_keys(JOB_KEYS_DATA, job_keys_data);
    add_keys(JOB_KEYS_STRESS, job_keys_stress);
    add_keys(JOB_KEYS_CHOICE, job_keys_choice);
    add_keys(JOB_KEYS_RUN, job_keys_run);
    guard_keys(FIELD(guard), keys + table.n_keys);
    table.n_keys += GUARD_KEYS;
    for (size_t slot = 0; slot < n_axes; slot++)
        keys[table.n_keys++] = key_of_axis(slot);
    table.keys = keys;
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
