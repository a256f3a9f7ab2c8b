/* job_keys.h -- which keys has every job?
 *
 * One row each, a file for what they are about, in the order in which `plimsoll help
 * job` tells them.  job_table.c makes them one table with those of guard-rails, axes
 * and studies. */
#ifndef COORDINATOR_JOB_KEYS_H
#define COORDINATOR_JOB_KEYS_H

#include "core/conf.h"

enum {
    JOB_KEYS_DATA = 18,
    JOB_KEYS_STRESS = 13,
    JOB_KEYS_CHOICE = 19,
    JOB_KEYS_RUN = 21,
    JOB_KEYS_FIXED = JOB_KEYS_DATA + JOB_KEYS_STRESS + JOB_KEYS_CHOICE + JOB_KEYS_RUN
};

extern const struct conf_key job_keys_data[JOB_KEYS_DATA];
extern const struct conf_key job_keys_stress[JOB_KEYS_STRESS];
extern const struct conf_key job_keys_choice[JOB_KEYS_CHOICE];
extern const struct conf_key job_keys_run[JOB_KEYS_RUN];

/* What models, studies and methods there are, once the table is made. */
enum { JOB_CHOICES_MAX = 32 };
extern const char *job_study_choices[JOB_CHOICES_MAX + 1];
extern const char *job_volatility_choices[JOB_CHOICES_MAX + 1];
extern const char *job_tail_choices[JOB_CHOICES_MAX + 1];
extern const char *job_search_choices[JOB_CHOICES_MAX + 1];
extern char job_search_meaning[512];

#endif /* COORDINATOR_JOB_KEYS_H */
