/* guard.h -- may this parameter set follow that one into production?
 *
 * Guard-rails look at what engines would be told, not at how it was found: a gate of
 * the job asks whether a point is good, a guard-rail whether the set as a whole may go
 * out.  They stand under `publication:` in a job file and in a relay's configuration,
 * by the same rows.
 *
 * A limit's name is a margin (initial_margin_ppm, maintenance_margin_ppm: in every
 * tier) or a parameter (q, lambda); only calibrated instruments are looked at, since
 * engines load no others. */
#ifndef COORDINATOR_GUARD_H
#define COORDINATOR_GUARD_H

#include "client/set.h"
#include "core/conf.h"
#include "core/err.h"

#include <stdbool.h>

struct guard {
    struct conf_limits bounds; /* of values */
    /* Of (new - old) / |old|: a margin that rises is tighter, one that falls looser. */
    struct conf_limits change;
    struct conf_limits evidence; /* of figures on unseen bars, which must be there */
    double max_share_changed;    /* of the instruments of both sets         */
    double min_share_calibrated; /* of the set's own instruments            */
    double min_share_kept;       /* of those calibrated in the set before   */
};

enum { GUARD_KEYS = 6 };

/* The rows "publication.bounds" ... for a struct that has its struct guard at offset.
 */
void guard_keys(size_t offset, struct conf_key rows[GUARD_KEYS]);
bool guard_is_key(const char *path);
/* What the rows alone cannot say of the values. */
int guard_check_keys(const struct guard *guard, const struct conf *conf,
                     struct err *err);

/* Does it let everything pass? */
bool guard_is_open(const struct guard *guard);

/* ERR_REFUSED with the first breach and the number of the others: bounds, evidence, the
 * share of calibrated instruments. */
int guard_check_set(const struct guard *guard, const struct plimsoll_set *set,
                    struct err *err);
/* The same of what changes for engines that hold `old`: change, share of instruments
 * changed and kept. */
int guard_check_change(const struct guard *guard, const struct plimsoll_set *old,
                       const struct plimsoll_set *new, struct err *err);

/* Both, of files: `incumbent` (NULL: none is known, and changes are not looked at) is
 * what engines hold.  The refusal begins with the set's path. */
int guard_check_files(const struct guard *guard, const char *incumbent,
                      const char *path, struct err *err);

#endif /* COORDINATOR_GUARD_H */
