/* night_judge.h -- may the set that a night has calibrated be published?
 *
 * What a calibration's own gates and guard-rails said is read from its exit code; what
 * it cannot know, whether the bars are of this night and whether a set is there at all,
 * is asked here. */
#ifndef COORDINATOR_NIGHT_JUDGE_H
#define COORDINATOR_NIGHT_JUDGE_H

#include "core/err.h"
#include "core/sha256.h"

#include <stdbool.h>
#include <stdint.h>

struct night_rule {
    int64_t slot_ns;
    int64_t max_age_ns; /* of the last bar's start when the slot began; 0: any */
    bool all;           /* every instrument must be calibrated                 */
};

/* Look at a calibration's output directory.  ERR_REFUSED with the reason where it may
 * not go out; ERR_INPUT where there is no calibration that has ended.  `sha256` is the
 * set's. */
int night_judge(const char *directory, const struct night_rule *rule,
                char sha256[SHA256_TEXT_MAX], struct err *err);

#endif /* COORDINATOR_NIGHT_JUDGE_H */
