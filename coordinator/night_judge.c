#include "coordinator/night_judge.h"
#include "client/set.h"
#include "coordinator/run_status.h"
#include "core/clock.h"
#include "core/file.h"

#include <stdio.h>

/* A run that wrote its set: done, with some instruments left out, or refused by a
 * guard-rail, which is no set to publish. */
static int judge_run(const char *directory, struct err *err)
{
    const struct err refused = {.kind = ERR_REFUSED};
    struct run_status run;

    if (run_status_read(directory, &run, err) != 0)
        return -1;
    if (run.state == RUN_DONE || run.state == RUN_INCOMPLETE)
        return 0;
    if (run.state == RUN_FAILED && run.exit_code == err_exit_code(&refused))
        return err_set(err, ERR_REFUSED, "%s", run.error);
    return err_set(err, ERR_INPUT, "%s: the calibration is %s, not done%s%s", directory,
                   run_state_text(run.state), run.error[0] != '\0' ? ": " : "",
                   run.error);
}

static int judge_age(const struct plimsoll_set *set, const struct night_rule *rule,
                     struct err *err)
{
    const int64_t as_of_ns = plimsoll_set_head(set)->as_of_ns;
    char as_of[CLOCK_TEXT_MAX], slot[CLOCK_TEXT_MAX], age[CLOCK_TEXT_MAX];

    if (rule->max_age_ns == 0 || rule->slot_ns - as_of_ns <= rule->max_age_ns)
        return 0;
    return err_set(err, ERR_REFUSED,
                   "the last bar is of %s, more than %s before the slot %s: have new "
                   "ones come in?",
                   clock_moment_text(as_of_ns, as_of),
                   clock_duration_text(rule->max_age_ns, age),
                   clock_moment_text(rule->slot_ns, slot));
}

static int judge_instruments(const struct plimsoll_set *set,
                             const struct night_rule *rule, struct err *err)
{
    const size_t n = plimsoll_set_count(set);
    const struct plimsoll_instrument *first = NULL;
    size_t n_left_out = 0;

    for (size_t i = 0; i < n; i++) {
        const struct plimsoll_instrument *instrument = plimsoll_set_at(set, i);

        if (instrument->status == PLIMSOLL_CALIBRATED)
            continue;
        first = first == NULL ? instrument : first;
        n_left_out++;
    }
    if (first == NULL || (!rule->all && n_left_out < n))
        return 0;
    return err_set(err, ERR_REFUSED,
                   "%zu of %zu instruments have no calibrated value: %s is %s: %.200s",
                   n_left_out, n, first->name, plimsoll_status_text(first->status),
                   first->reason);
}

int night_judge(const char *directory, const struct night_rule *rule,
                char sha256[SHA256_TEXT_MAX], struct err *err)
{
    char path[FILE_PATH_MAX];
    struct plimsoll_set *set;

    if (judge_run(directory, err) != 0 ||
        file_join(directory, "parameters.json", path, err) != 0 ||
        plimsoll_set_read(path, &set, err) != 0)
        return -1;
    int status = judge_age(set, rule, err);
    if (status == 0)
        status = judge_instruments(set, rule, err);
    snprintf(sha256, SHA256_TEXT_MAX, "%s", plimsoll_set_sha256(set));
    plimsoll_set_free(set);
    return status;
}
