#include "worker/bootstrap.h"
#include "market/random.h"

#include <float.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

enum purpose { PURPOSE_BOOTSTRAP = 104 };

/* Points whose parts of all blocks fit the second cache. */
enum { TILE = 256 };

void bootstrap_draw(uint64_t seed, size_t r, size_t n_blocks, unsigned count[])
{
    struct random random = random_at(seed, PURPOSE_BOOTSTRAP, r, 0);

    memset(count, 0, n_blocks * sizeof *count);
    for (size_t b = 0; b < n_blocks; b++) {
        const size_t block = (size_t)(random_uniform(&random) * (double)n_blocks);

        count[block < n_blocks ? block : n_blocks - 1]++;
    }
}

static void add_part(bool is_most, double times, size_t n, const double part[],
                     double total[])
{
    if (is_most)
        for (size_t i = 0; i < n; i++)
            total[i] = part[i] > total[i] ? part[i] : total[i];
    else
        for (size_t i = 0; i < n; i++)
            total[i] += times * part[i];
}

/* Blocks in their order, so that the bits are the same however points are tiled. */
static void put_together(const struct bootstrap_problem *problem,
                         const unsigned count[], size_t first, size_t n,
                         double total[][TILE])
{
    for (size_t j = 0; j < problem->n_parts; j++) {
        for (size_t i = 0; i < n; i++)
            total[j][i] = problem->is_most[j] ? -INFINITY : 0.0;
        for (size_t b = 0; b < problem->n_blocks; b++)
            if (count[b] > 0)
                add_part(problem->is_most[j], (double)count[b], n,
                         problem->part +
                             (b * problem->n_parts + j) * problem->n_points + first,
                         total[j]);
    }
}

static void add_common(const struct bootstrap_problem *problem, const unsigned count[],
                       double common[BOOTSTRAP_PARTS_MAX])
{
    for (size_t j = 0; j < problem->n_common; j++) {
        common[j] = 0.0;
        for (size_t b = 0; b < problem->n_blocks; b++)
            common[j] += (double)count[b] * problem->common[b * problem->n_common + j];
    }
}

static size_t n_cells_of(const struct bootstrap_problem *problem)
{
    return problem->n_cells > 0 ? problem->n_cells : 1;
}

/* The best of the point's cell in replicate r. */
static struct candidate *best_at(const struct bootstrap_problem *problem,
                                 const struct bootstrap_room *room, size_t r,
                                 size_t point)
{
    return &room->best[r * n_cells_of(problem) +
                       (problem->cell != NULL ? problem->cell[point] : 0)];
}

static void offer(const struct candidate *candidate, struct candidate *best)
{
    if (!isnan(candidate->cost) &&
        (isnan(best->cost) || candidate_before(candidate, best)))
        *best = *candidate;
}

static void score_tile(const struct bootstrap_problem *problem, size_t first, size_t n,
                       size_t r, const struct bootstrap_room *room)
{
    const unsigned *count = room->count + r * problem->n_blocks;
    double total[BOOTSTRAP_PARTS_MAX][TILE], of_point[BOOTSTRAP_PARTS_MAX];
    double common[BOOTSTRAP_PARTS_MAX];

    add_common(problem, count, common);
    put_together(problem, count, first, n, total);
    for (size_t i = 0; i < n; i++) {
        struct candidate candidate = {.point = first + i};

        for (size_t j = 0; j < problem->n_parts; j++)
            of_point[j] = total[j][i];
        problem->score(problem->context, common, of_point, &candidate);
        if (first + i < problem->n_choices)
            offer(&candidate, best_at(problem, room, r, first + i));
        for (size_t w = 0; w < problem->n_watched; w++)
            if (problem->watched[w] == first + i)
                room->watched[r * problem->n_watched + w] = candidate;
    }
}

void bootstrap_run(const struct bootstrap_problem *problem,
                   const struct bootstrap_room *room)
{
    for (size_t r = 0; r < problem->n_replicates; r++) {
        bootstrap_draw(problem->seed, r, problem->n_blocks,
                       room->count + r * problem->n_blocks);
        for (size_t k = 0; k < n_cells_of(problem); k++)
            room->best[r * n_cells_of(problem) + k] = (struct candidate){.cost = NAN};
    }
    for (size_t first = 0; first < problem->n_points; first += TILE) {
        const size_t left = problem->n_points - first, n = left < TILE ? left : TILE;

        for (size_t r = 0; r < problem->n_replicates; r++)
            score_tile(problem, first, n, r, room);
    }
}

/* The least of the sorted values with at least a share p of them not above it; 0.025 of
 * 200 is 5, though 1 - 0.95 is a little more than 0.05. */
static double inverse(size_t n, const double sorted[], double p)
{
    const double place = ceil(p * (double)n * (1.0 - 16.0 * DBL_EPSILON));

    return sorted[place < 1.0 ? 0 : place > (double)n ? n - 1 : (size_t)place - 1];
}

struct bootstrap_interval bootstrap_percentiles(size_t n, double value[], double level)
{
    if (n == 0)
        return (struct bootstrap_interval){NAN, NAN};
    gsl_sort(value, 1, n);
    return (struct bootstrap_interval){inverse(n, value, 0.5 * (1.0 - level)),
                                       inverse(n, value, 0.5 * (1.0 + level))};
}
