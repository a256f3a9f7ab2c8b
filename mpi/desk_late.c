#include "mpi/desk_inside.h"

#include "core/clock.h"

enum {
    GIVEN_AT_MOST = 3, /* times                                        */
    LATE_MEANS = 8,    /* a unit is late after so many times the mean  */
};
static const int64_t LOOK_FOR_LATE_NS = CLOCK_SECOND / 20;

/* Somebody else with nothing to do; NULL: nobody.  In its own group rank 0 knows who
 * has the unit; of another group it asks nobody. */
static struct group *find_helper(struct desk *desk, const struct given_unit *unit,
                                 int *rank)
{
    const struct group *has = &desk->group[desk->group_of[unit->head.rank]];
    const struct member *member = foreman_idle(&desk->foreman, (int)unit->head.rank);

    if (member != NULL) {
        *rank = member->rank;
        return &desk->group[0];
    }
    for (size_t g = 1; g < desk->n_groups; g++)
        if (&desk->group[g] != has && desk->group[g].n_out < desk->group[g].n) {
            *rank = desk->group[g].leader;
            return &desk->group[g];
        }
    return NULL;
}

static int give_again(struct desk *desk, struct given_unit *unit, struct group *group,
                      int rank, struct err *err)
{
    given_again(&desk->given, unit, rank, clock_monotonic());
    desk->figures->n_given_again++;
    group->n_out++;
    if (group == &desk->group[0])
        return foreman_hold(&desk->foreman, &unit->head, unit->bytes, err);
    buffer_empty(&desk->chunk);
    buffer_put(&desk->chunk, &unit->head, sizeof unit->head);
    buffer_put(&desk->chunk, unit->bytes, unit->head.n_bytes);
    if (desk->chunk.failed)
        return err_set(err, ERR_MEMORY, "no memory for a unit");
    desk->figures->n_messages++;
    return mail_send(&desk->mail, group->leader, WIRE_UNITS, desk->chunk.bytes,
                     desk->chunk.n, err);
}

/* What is out for too long no longer counts as its group's stock: the others are not to
 * starve beside it. */
static void mark_late(struct desk *desk, int64_t before_ns)
{
    for (struct given_unit *unit = desk->given.oldest;
         unit != NULL && unit->since_ns < before_ns; unit = unit->newer)
        if (!unit->late) {
            unit->late = true;
            desk->group[desk->group_of[unit->head.rank]].n_out--;
        }
}

static int64_t late_after(const struct desk *desk)
{
    const int64_t by_mean = (int64_t)(LATE_MEANS * desk->foreman.unit_ns);
    const int64_t least = desk->schedule->late_ns;

    return by_mean > least ? by_mean : least;
}

/* Nothing else is left to do, this has been given as often as may be, and no answer has
 * come within all patience. */
static int check_patience(const struct desk *desk, int64_t now_ns, struct err *err)
{
    const int64_t patience = desk->schedule->patience_ns;

    if (patience == 0 || !desk->dry)
        return 0;
    for (const struct given_unit *unit = desk->given.oldest;
         unit != NULL && now_ns - unit->since_ns > patience; unit = unit->newer)
        if (unit->n_times == GIVEN_AT_MOST || desk->schedule->late_ns == 0)
            return err_set(err, ERR_COMM,
                           "rank %u has not answered for %lld s (schedule.patience_s); "
                           "the same command goes on",
                           unit->head.rank, (long long)(patience / CLOCK_SECOND));
    return 0;
}

int desk_help_the_late(struct desk *desk, int64_t now_ns, struct err *err)
{
    int rank;

    if (now_ns - desk->late_ns < LOOK_FOR_LATE_NS)
        return 0;
    desk->late_ns = now_ns;
    if (check_patience(desk, now_ns, err) != 0)
        return -1;
    if (desk->schedule->late_ns == 0)
        return 0;
    mark_late(desk, now_ns - late_after(desk));
    for (struct given_unit *unit = desk->given.oldest, *newer;
         desk->dry && unit != NULL && unit->late; unit = newer) {
        newer = unit->newer;
        if (unit->n_times == GIVEN_AT_MOST)
            continue;
        struct group *group = find_helper(desk, unit, &rank);
        if (group == NULL)
            return 0;
        if (give_again(desk, unit, group, rank, err) != 0)
            return -1;
    }
    return 0;
}
