#include "coordinator/unit.h"

void unit_put(struct buffer *buffer, const struct unit *unit, const uint64_t points[])
{
    buffer_put(buffer, unit, sizeof *unit);
    if (unit->kind == UNIT_JUDGE)
        buffer_put(buffer, points, unit->n_points * sizeof *points);
}

int unit_get(struct reader *reader, struct unit *unit, uint64_t points[UNIT_POINTS_MAX])
{
    if (reader_get(reader, unit, sizeof *unit) != 0)
        return -1;
    if (unit->kind != UNIT_JUDGE)
        return 0;
    return unit->n_points > UNIT_POINTS_MAX
               ? -1
               : reader_get(reader, points, unit->n_points * sizeof *points);
}

static void put_outcome(struct buffer *buffer, enum unit_outcome outcome)
{
    const uint32_t value = outcome;

    buffer_put(buffer, &value, sizeof value);
}

void unit_put_good(struct buffer *buffer)
{
    put_outcome(buffer, UNIT_GOOD);
}

void unit_put_impossible(struct buffer *buffer, const char *reason)
{
    put_outcome(buffer, UNIT_IMPOSSIBLE);
    buffer_put_text(buffer, reason);
}

void unit_put_fault(struct buffer *buffer, const struct err *fault)
{
    const uint32_t kind = fault->kind;

    put_outcome(buffer, UNIT_FAULT);
    buffer_put(buffer, &kind, sizeof kind);
    buffer_put_text(buffer, fault->text);
}

int unit_get_outcome(struct reader *reader, enum unit_outcome *outcome, struct err *why)
{
    uint32_t value, kind = ERR_INPUT;

    if (reader_get(reader, &value, sizeof value) != 0 || value > UNIT_FAULT)
        return -1;
    *outcome = value;
    if (value == UNIT_GOOD)
        return 0;
    if (value == UNIT_FAULT && reader_get(reader, &kind, sizeof kind) != 0)
        return -1;
    why->kind = kind;
    return reader_get_text(reader, why->text, sizeof why->text);
}

/* Only the cells that the box has points of. */
static void put_cells(struct buffer *buffer, const struct found *found)
{
    uint64_t n_cells = 0;

    for (size_t c = 0; c < found->n_cells; c++)
        n_cells += found->cell[c].n > 0;
    buffer_put(buffer, &n_cells, sizeof n_cells);
    for (uint64_t c = 0; c < found->n_cells; c++) {
        const uint64_t head[] = {c, found->cell[c].n};

        if (head[1] == 0)
            continue;
        buffer_put(buffer, head, sizeof head);
        buffer_put(buffer, found->cell[c].best, head[1] * sizeof(struct candidate));
    }
}

static int get_cells(struct reader *reader, struct found *found)
{
    struct candidate candidate;
    uint64_t n_cells, head[2];

    if (reader_get(reader, &n_cells, sizeof n_cells) != 0)
        return -1;
    for (uint64_t i = 0; i < n_cells; i++) {
        if (reader_get(reader, head, sizeof head) != 0 || head[0] >= found->n_cells)
            return -1;
        struct shortlist *cell = &found->cell[head[0]];
        for (uint64_t j = 0; j < head[1]; j++) {
            if (reader_get(reader, &candidate, sizeof candidate) != 0)
                return -1;
            candidates_offer(&candidate, found->ranking.n_max, &cell->n, cell->best);
        }
    }
    return 0;
}

void unit_put_found(struct buffer *buffer, const struct box *box,
                    const struct found *found)
{
    const uint64_t n = found->ranking.n;

    buffer_put(buffer, &found->n_points, sizeof found->n_points);
    buffer_put(buffer, &n, sizeof n);
    buffer_put(buffer, found->ranking.best, n * sizeof *found->ranking.best);
    for (size_t a = 0; a < found->marginal.grid->n_axes; a++)
        buffer_put(buffer, found->marginal.best[a] + box->first[a],
                   box->count[a] * sizeof(struct candidate));
    for (size_t s = 0; s < found->n_surfaces; s++)
        buffer_put(buffer, found_surface(found, s, found->surface_first),
                   box_n_points(found->marginal.grid, box) * sizeof(double));
    if (found->n_cells > 0)
        put_cells(buffer, found);
}

static int get_marginal(struct reader *reader, size_t first, size_t count,
                        struct candidate *best)
{
    struct candidate candidate;

    for (size_t d = first; d < first + count; d++) {
        if (reader_get(reader, &candidate, sizeof candidate) != 0)
            return -1;
        if (candidate_before(&candidate, &best[d]))
            best[d] = candidate;
    }
    return 0;
}

int unit_get_found(struct reader *reader, const struct box *box, struct found *found)
{
    const struct grid *grid = found->marginal.grid;
    uint64_t n_points, n;
    struct candidate candidate;

    if (reader_get(reader, &n_points, sizeof n_points) != 0 ||
        reader_get(reader, &n, sizeof n) != 0)
        return -1;
    for (uint64_t i = 0; i < n; i++) {
        if (reader_get(reader, &candidate, sizeof candidate) != 0)
            return -1;
        ranking_offer(&found->ranking, &candidate);
    }
    for (size_t a = 0; a < grid->n_axes; a++)
        if (get_marginal(reader, box->first[a], box->count[a],
                         found->marginal.best[a]) != 0)
            return -1;
    for (size_t surface = 0; surface < found->n_surfaces; surface++)
        if (reader_get(reader,
                       found_surface(found, surface, grid_point(grid, box->first)),
                       box_n_points(grid, box) * sizeof(double)) != 0)
            return -1;
    if (found->n_cells > 0 && get_cells(reader, found) != 0)
        return -1;
    found->n_points += n_points;
    return 0;
}

/* Only a model that is fitted has anything to report. */
static bool has_fits(const struct plan *plan)
{
    return plan->path.volatility->parameter != NULL ||
           (plan->path.tail != NULL && plan->path.tail->parameter != NULL);
}

/* The table's figures, times, and what of it has one size. */
static void put_stress(struct buffer *buffer, const struct plan *plan,
                       const struct stress_table *table)
{
    const size_t n_rows = stress_n_rows(&plan->stress);

    if (n_rows == 0)
        return;
    buffer_put(buffer, table->at_ns, n_rows * sizeof *table->at_ns);
    buffer_put(buffer, table->figure,
               n_rows * plan->study->n_stress * sizeof *table->figure);
    buffer_put(buffer, &table->money, sizeof table->money);
    buffer_put(buffer, &table->fund, sizeof table->fund);
    buffer_put(buffer, table->curve, sizeof table->curve);
    buffer_put(buffer, table->shortfall, sizeof table->shortfall);
}

static int get_stress(struct reader *reader, const struct plan *plan,
                      struct stress_table *table)
{
    const size_t n_rows = stress_n_rows(&plan->stress);

    if (n_rows == 0)
        return 0;
    if (reader_get(reader, table->at_ns, n_rows * sizeof *table->at_ns) != 0 ||
        reader_get(reader, table->figure,
                   n_rows * plan->study->n_stress * sizeof *table->figure) != 0 ||
        reader_get(reader, &table->money, sizeof table->money) != 0 ||
        reader_get(reader, &table->fund, sizeof table->fund) != 0 ||
        reader_get(reader, table->curve, sizeof table->curve) != 0)
        return -1;
    return reader_get(reader, table->shortfall, sizeof table->shortfall);
}

void unit_put_verdict(struct buffer *buffer, const struct plan *plan,
                      const struct verdict *verdict)
{
    for (int range = 0; range < JUDGED_RANGES; range++)
        buffer_put(buffer, verdict->figure[range],
                   plan->study->n_metrics * sizeof(double));
    buffer_put(buffer, &verdict->last, sizeof verdict->last);
    buffer_put(buffer, &verdict->as_of_ns, sizeof verdict->as_of_ns);
    buffer_put(buffer, &verdict->tiers, sizeof verdict->tiers);
    buffer_put(buffer, verdict->engine, plan->study->n_engine * sizeof(double));
    put_stress(buffer, plan, &verdict->stress);
    if (has_fits(plan))
        buffer_put(buffer, &verdict->fits, sizeof verdict->fits);
}

int unit_get_verdict(struct reader *reader, const struct plan *plan,
                     struct verdict *verdict)
{
    for (int range = 0; range < JUDGED_RANGES; range++)
        if (reader_get(reader, verdict->figure[range],
                       plan->study->n_metrics * sizeof(double)) != 0)
            return -1;
    if (reader_get(reader, &verdict->last, sizeof verdict->last) != 0 ||
        reader_get(reader, &verdict->as_of_ns, sizeof verdict->as_of_ns) != 0 ||
        reader_get(reader, &verdict->tiers, sizeof verdict->tiers) != 0 ||
        verdict->tiers.n > VERDICT_TIERS ||
        reader_get(reader, verdict->engine, plan->study->n_engine * sizeof(double)) !=
            0 ||
        get_stress(reader, plan, &verdict->stress) != 0)
        return -1;
    return has_fits(plan) ? reader_get(reader, &verdict->fits, sizeof verdict->fits)
                          : 0;
}
