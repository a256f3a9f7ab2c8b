#include "coordinator/walk_joint.h"
#include "coordinator/pool.h"
#include "worker/scope.h"

#include <stdio.h>
#include <stdlib.h>

struct joint {
    const struct plan *plan;
    const struct pool *of;
    struct cscv_pool pool;
    const struct cscv_choice **choice; /* [of->n] */
    double *weight;                    /* [of->n] */
    size_t *cell, *groups;
    struct cscv_pool_room room;
};

static void joint_free(struct joint *joint)
{
    free(joint->choice);
    free(joint->weight);
    free(joint->cell);
    free(joint->groups);
    free(joint->room.sum);
    free(joint->room.loss);
    free(joint->room.lambda);
}

static int joint_new(const struct plan *plan, const struct pool *of, size_t n_blocks,
                     struct joint *joint, struct err *err)
{
    const size_t n_halves = cscv_n_halves(n_blocks);
    const size_t n_cells = (size_t)scope_n_cells(&plan->grid);

    *joint = (struct joint){
        .plan = plan,
        .of = of,
        .choice = calloc(of->n, sizeof *joint->choice),
        .weight = calloc(of->n, sizeof *joint->weight),
        .cell = calloc(n_halves * of->n_groups, sizeof *joint->cell),
        .groups = calloc(2 * of->n_groups, sizeof *joint->groups),
        .room = {.sum = calloc(n_cells, sizeof(struct nested_sum)),
                 .loss = calloc(n_cells, sizeof(double)),
                 .lambda = calloc(2 * n_halves, sizeof(double))},
    };
    joint->pool = (struct cscv_pool){
        .n_halves = n_halves,
        .n_global = (size_t)scope_n(&plan->grid, AXIS_GLOBAL),
        .n_group = (size_t)scope_n(&plan->grid, AXIS_GROUP),
        .n_groups = of->n_groups,
        .first = of->first,
        .weight = of->weight,
        .choice = joint->choice,
    };
    if (joint->choice != NULL && joint->weight != NULL && joint->cell != NULL &&
        joint->groups != NULL && joint->room.sum != NULL && joint->room.loss != NULL &&
        joint->room.lambda != NULL)
        return 0;
    joint_free(joint);
    return err_set(err, ERR_MEMORY, "no memory for what %zu instruments chose", of->n);
}

static void take_own(const struct joint *joint, size_t g, size_t m,
                     struct walk_overfit *overfit)
{
    const struct grid *grid = &joint->plan->grid;
    const struct cscv_pair own =
        cscv_pool_own(&joint->pool, g, m, joint->cell, joint->room.lambda);

    overfit->n_points = grid_n_points(grid) / scope_n_cells(grid);
    if (overfit->n_points < 2) {
        snprintf(overfit->reason, sizeof overfit->reason,
                 "no axis is the instrument's own");
        return;
    }
    overfit->by_loss = own.by_loss;
    overfit->by_rule = own.by_rule;
    overfit->n_broken = own.n_broken;
}

/* Groups first to before end choose one cell. */
static void place(const struct joint *joint, size_t first, size_t end,
                  struct walk_overfit *const overfit[])
{
    const struct pool *of = joint->of;
    const struct cscv_pair pair =
        cscv_pool_place(&joint->pool, first, end, joint->cell, &joint->room);
    struct walk_overfit_shared shared = {.by_loss = pair.by_loss,
                                         .by_rule = pair.by_rule,
                                         .n_cells = scope_n_cells(&joint->plan->grid)};

    for (size_t m = of->first[first]; m < of->first[end]; m++)
        shared.n_members += joint->weight[m] > 0.0;
    for (size_t g = first; g < end; g++)
        for (size_t m = of->first[g]; m < of->first[g + 1]; m++) {
            struct walk_overfit *own = overfit[of->member[m]];

            if (own == NULL)
                continue;
            own->shared = shared;
            if (joint->choice[m] != NULL)
                take_own(joint, g, m, own);
        }
}

static int join(const struct plan *plan, const struct pool *of, size_t n_blocks,
                const struct cscv_choice *const choice[],
                struct walk_overfit *const overfit[], struct err *err)
{
    const bool has_groups = scope_has(&plan->grid, AXIS_GROUP);
    const size_t n_together = has_groups ? 1 : of->n_groups;
    struct joint joint;

    if (joint_new(plan, of, n_blocks, &joint, err) != 0)
        return -1;
    for (size_t m = 0; m < of->n; m++)
        joint.choice[m] = choice[of->member[m]];
    cscv_pool_choose(&joint.pool, joint.groups, joint.weight, joint.cell);
    for (size_t g = 0; g < of->n_groups; g += n_together)
        place(&joint, g, g + n_together, overfit);
    joint_free(&joint);
    return 0;
}

int walk_joint(const struct subject *subject, size_t n_blocks,
               const struct cscv_choice *const choice[],
               struct walk_overfit *const overfit[], struct err *err)
{
    const struct plan *plan = &subject->job.plan;
    struct pools pools;
    int status = 0;

    if (pools_new(plan, &subject->universe, &pools, err) != 0)
        return -1;
    for (size_t p = 0; status == 0 && p < pools.n; p++)
        status = join(plan, &pools.pool[p], n_blocks, choice, overfit, err);
    pools_free(&pools);
    return status;
}
