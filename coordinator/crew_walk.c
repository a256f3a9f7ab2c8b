#include "coordinator/crew_walk.h"
#include "coordinator/walk_unit.h"

#include <stdlib.h>

/* The crew's job, history and universe, lent. */
struct crew_walk {
    struct subject subject;
    struct walk_worker worker;
};

static struct crew_walk *begin(const struct crew *crew)
{
    struct crew_walk *walk = calloc(1, sizeof *walk);

    if (walk == NULL)
        return NULL;
    walk->subject = (struct subject){
        .job = *crew->job, .history = crew->history, .universe = *crew->universe};
    walk->worker = (struct walk_worker){.subject = &walk->subject,
                                        .rules = walk_rules(crew->job),
                                        .n_blocks = (size_t)crew->job->keys.n_blocks,
                                        .instrument = SIZE_MAX,
                                        .shared = {.fold = SIZE_MAX}};
    return walk;
}

int crew_walk(struct crew *crew, const struct unit *unit, struct buffer *answer,
              struct err *err)
{
    if (crew->walk == NULL)
        crew->walk = begin(crew);
    if (crew->walk == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a walk-forward");
    const uint64_t number =
        unit->instrument * walk_units(&crew->walk->worker.rules) + unit->box;
    const struct reader request = {(const unsigned char *)&number, sizeof number};
    unit_put_good(answer);
    return walk_work(&crew->walk->worker, request, answer, err);
}

void crew_walk_free(struct crew_walk *walk)
{
    if (walk == NULL)
        return;
    walk_worker_end(&walk->worker);
    free(walk);
}
