#include "market/random.h"
#include "worker/search_method.h"

#include <gsl/gsl_qrng.h>
#include <math.h>
#include <stdlib.h>

/* Sobol' (1967) with the direction numbers of GSL (Bratley, Fox 1988); its first point
 * is the middle of the cube. */
int search_design_sobol(size_t n, size_t d, double u[], struct err *err)
{
    gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)d);

    if (sequence == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a Sobol' sequence");
    for (size_t i = 0; i < n; i++)
        gsl_qrng_get(sequence, u + i * d);
    gsl_qrng_free(sequence);
    return 0;
}

/* McKay, Beckman, Conover, Technometrics 21 (1979): along each axis every one of n even
 * cells holds one point. */
int search_design_latin(uint64_t seed, size_t n, size_t d, double u[], struct err *err)
{
    size_t *cell = calloc(n, sizeof *cell);

    if (cell == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu points", n);
    for (size_t a = 0; a < d; a++) {
        struct random random = random_at(seed, SEARCH_LATIN, a, 0);

        for (size_t i = 0; i < n; i++) {
            const size_t j = (size_t)(random_uniform(&random) * (double)(i + 1));

            cell[i] = cell[j <= i ? j : i];
            cell[j <= i ? j : i] = i;
        }
        for (size_t i = 0; i < n; i++)
            u[i * d + a] = ((double)cell[i] + random_uniform(&random)) / (double)n;
    }
    free(cell);
    return 0;
}

/* ---- designs as searches: all their points at once ---- */

struct design {
    size_t n, d;
    uint64_t seed;
    bool is_latin, is_asked;
};

static int start_design(const struct search_start *start, bool is_latin, void **state,
                        struct err *err)
{
    struct design *design = calloc(1, sizeof *design);

    if (design == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a design");
    *design = (struct design){.n = (size_t)start->n_most,
                              .d = start->d,
                              .seed = start->rules->seed,
                              .is_latin = is_latin};
    if (design->n < 1)
        design->n = 1;
    *state = design;
    return 0;
}

static int start_sobol(const struct search_start *start, void **state, struct err *err)
{
    return start_design(start, false, state, err);
}

static int start_latin(const struct search_start *start, void **state, struct err *err)
{
    return start_design(start, true, state, err);
}

static int ask(void *state, double n_spent, struct search_wish *wish, struct err *err)
{
    struct design *design = state;
    const size_t n = design->is_asked ? 0 : design->n;

    (void)n_spent;
    if (search_wish_fill(wish, n, err) != 0)
        return -1;
    design->is_asked = true;
    if (n == 0)
        return 0;
    return design->is_latin
               ? search_design_latin(design->seed, n, design->d, wish->u, err)
               : search_design_sobol(n, design->d, wish->u, err);
}

static int tell(void *state, const struct search_wish *wish,
                const struct search_answer answer[], struct err *err)
{
    (void)state, (void)wish, (void)answer, (void)err;
    return 0;
}

const struct search_method search_sobol = {
    .name = "sobol",
    .meaning = "points of a Sobol' sequence, evenly all over the axes",
    .is_design = true,
    .preset_points = 1024,
    .start = start_sobol,
    .ask = ask,
    .tell = tell,
    .end = free,
};

const struct search_method search_latin = {
    .name = "latin",
    .meaning =
        "a Latin hypercube: every axis cut into as many parts as there are points",
    .is_design = true,
    .preset_points = 1024,
    .start = start_latin,
    .ask = ask,
    .tell = tell,
    .end = free,
};
