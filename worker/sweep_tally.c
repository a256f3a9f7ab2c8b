#include "worker/sweep_inside.h"

/* What a phase adds to the whole, and the phase itself where they are told apart. */
static void tally_phase(const struct sweep *sweep, size_t i, quad usual, quad rare,
                        struct tally *tally)
{
    tally->x += usual[COUNT_X];
    tally->x_long += usual[COUNT_LONG] + rare[RARE_LONG];
    tally->x_short += usual[COUNT_X] - usual[COUNT_LONG] + rare[RARE_SHORT];
    if (sweep->rules.needs & SWEEP_PHASES)
        sweep->phase[i] = (struct phase){
            .n = sweep->ground.whole[i].n,
            .x = usual[COUNT_X],
            .n_pairs = sweep->ground.whole[i].n_pairs,
            .first = usual[COUNT_X] - rare[RARE_NO_NEXT],
            .second = usual[COUNT_X] - rare[RARE_NO_BEFORE],
            .both = usual[COUNT_BOTH],
        };
}

static void tally_counts(const struct sweep *sweep, uint64_t plane, uint32_t cell,
                         struct tally *tally)
{
    const size_t n_phases = sweep->ground.n_phases;
    const uint32_t n_b = (uint32_t)sweep->policies.n_b;
    const uint32_t of_line =
        cell % n_b * (uint32_t)(sweep->policies.n_cells / n_b) + cell / n_b;
    const size_t first = (plane * sweep->policies.n_cells + of_line) * n_phases;
    const bool has_rare = sweep->has_rare[plane];
    const bool phases = sweep->rules.needs & SWEEP_PHASES;

    tally->n = sweep->n_scored;
    tally->left_out = sweep->n_left_out;
    tally->x = tally->x_long = tally->x_short = 0;
    tally->n_phases = phases ? n_phases : 0;
    tally->phase = phases ? sweep->phase : NULL;
    for (size_t i = 0; i < n_phases; i++)
        tally_phase(sweep, i, sweep->count[first + i],
                    has_rare ? sweep->rare_count[first + i] : (quad){0}, tally);
}

void sweep_tally(const struct sweep *sweep, uint64_t j, struct tally *tally)
{
    const unsigned needs = sweep->rules.needs;
    const size_t n_cells = sweep->policies.n_cells, n_r = sweep->n_releases;
    const uint64_t plane = j / (n_cells * n_r) * n_r + j % n_r;
    const uint32_t cell = (uint32_t)(j / n_r % n_cells);
    const uint64_t at = plane * n_cells + cell;

    tally->n_bars = sweep->ground.n;
    if (needs & (SWEEP_COUNTS | SWEEP_PHASES))
        tally_counts(sweep, plane, cell, tally);
    if (needs & SWEEP_MARGIN) {
        tally->sum_margin = sweep->field[FIELD_SUM_MARGIN][at];
        tally->max_margin = sweep->field[FIELD_MAX_MARGIN][at];
        tally->min_margin = sweep->field[FIELD_MIN_MARGIN][at];
        tally->last_margin = sweep->field[FIELD_LAST_MARGIN][at];
    }
    if (needs & SWEEP_SHORTFALL) {
        tally->sum_loss = sweep->field[FIELD_SUM_LOSS][at];
        tally->sum_margin_beyond = sweep->field[FIELD_SUM_BEYOND][at];
        tally->sum_shortfall = sweep->field[FIELD_SUM_SHORTFALL][at];
        tally->worst_shortfall = sweep->field[FIELD_WORST_SHORTFALL][at];
    }
    if (needs & SWEEP_RISES)
        for (size_t i = 0; i < TALLY_RISES; i++)
            tally->rise[i] = sweep->field[FIELD_RISE + i][at];
}
