#include "worker/rare.h"
#include "core/arith.h"
#include "market/random.h"
#include "worker/pareto_k.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* What a number decides; pilots have paths of their own, from PILOT_FIRST on. */
enum { RARE_PURPOSE = 80, PILOT_PATHS = RARE_PILOT_PATHS, PILOT_FIRST = 1u << 30 };
static const char *const texts[RARE_STATUSES] = {
    [RARE_SOUND] = "sound",
    [RARE_NO_LOSS] = "no path had a loss",
    [RARE_TOO_FEW] = "too few paths had a loss",
    [RARE_HEAVY_WEIGHTS] = "a few weights decide",
};

const char *rare_status_text(enum rare_status status)
{
    return texts[status];
}

/* ---- one path ---- */

enum { COMPONENTS_MAX = 1 + 2 * RARE_TILTS_MAX };

/* The law itself first, then each tilt, falling and rising. */
struct mixture {
    size_t n;
    double share[COMPONENTS_MAX], shift[COMPONENTS_MAX], widen[COMPONENTS_MAX];
};

static struct mixture mixture_of(const struct rare_tilts *tilts, double defensive)
{
    struct mixture mixture = {.n = 1 + 2 * tilts->n, .share = {1.0}, .widen = {1.0}};

    if (tilts->n > 0)
        mixture.share[0] = defensive;
    for (size_t c = 1; c < mixture.n; c++) {
        const struct rare_tilt *tilt = &tilts->tilt[(c - 1) / 2];

        mixture.share[c] = (1.0 - defensive) / (double)(mixture.n - 1);
        mixture.shift[c] = c % 2 == 1 ? -tilt->shift : tilt->shift;
        mixture.widen[c] = tilt->widen;
    }
    return mixture;
}

/* Exponents are cut off where what they stand for no longer counts: below, the law's
 * own part decides; above, the weight is nothing. */
static double weight_of(const struct rare_law *law, const struct mixture *mixture,
                        double s, double w)
{
    double density = 0.0; /* of the mixture over that of the law */

    for (size_t c = 0; c < mixture->n; c++) {
        const double shift = mixture->shift[c], widen = mixture->widen[c];
        double exponent = shift * s - 0.5 * shift * shift;

        if (isfinite(law->nu))
            exponent += 0.5 * law->nu * arith_log(widen) + 0.5 * w * (1.0 - widen);
        density += mixture->share[c] * arith_exp(fmin(fmax(exponent, -699.0), 699.0));
    }
    return 1.0 / density;
}

static size_t pick(const struct mixture *mixture, double uniform)
{
    size_t c = 0;

    while (c + 1 < mixture->n && uniform >= mixture->share[c])
        uniform -= mixture->share[c++];
    return c;
}

/* Draw path i into x[n_steps]; returns its weight. */
static double draw_path(const struct rare_law *law, const struct mixture *mixture,
                        const struct rare_rule *rule, uint32_t i, double x[])
{
    struct random random = random_at(rule->seed, RARE_PURPOSE, rule->who, i);
    const size_t c = pick(mixture, random_uniform(&random));
    const double root = sqrt((double)law->n_steps);
    double w = 0.0, r = 1.0, s = 0.0;

    if (isfinite(law->nu)) {
        w = 2.0 * random_gamma(&random, 0.5 * law->nu) / mixture->widen[c];
        r = sqrt((law->nu - 2.0) / w);
    }
    for (size_t j = 0; j < law->n_steps; j++) {
        const double y = random_normal(&random) + mixture->shift[c] / root;

        s += y;
        x[j] = r * y;
    }
    return weight_of(law, mixture, s / root, w);
}

/* ---- many ---- */

/* Sums over paths, in their order. */
struct sums {
    size_t n_losses;
    double weight;      /* of all               */
    double hit, hit2;   /* w and w^2 of losses  */
    double loss, loss2; /* w L and (w L)^2      */
};

/* weighted[n_paths] (NULL: not kept) gets w L of each loss. */
static struct sums run(const struct rare_law *law, const struct rare_tilts *tilts,
                       const struct rare_rule *rule, uint32_t first,
                       const struct rare_loss *loss, double weighted[])
{
    const struct mixture mixture = mixture_of(tilts, rule->defensive);
    double x[RARE_STEPS_MAX];
    struct sums sums = {0};

    for (size_t i = 0; i < rule->n_paths; i++) {
        const double w = draw_path(law, &mixture, rule, first + (uint32_t)i, x);
        const double l = loss->of(loss->context, law->n_steps, x);

        sums.weight += w;
        if (!(l > 0.0))
            continue;
        if (weighted != NULL)
            weighted[sums.n_losses] = w * l;
        sums.n_losses++;
        sums.hit += w;
        sums.hit2 += w * w;
        sums.loss += w * l;
        sums.loss2 += w * l * (w * l);
    }
    return sums;
}

/* Standard error of a mean of n from its sums. */
static double error_of(size_t n, double sum, double sum2)
{
    const double mean = sum / (double)n;
    const double variance = fmax(0.0, sum2 / (double)n - mean * mean);

    return n > 1 ? sqrt(variance / (double)(n - 1)) : INFINITY;
}

static enum rare_status judge(const struct rare_estimate *estimate)
{
    if (estimate->n_losses == 0)
        return RARE_NO_LOSS;
    if (estimate->n_losses < PARETO_K_FEWEST)
        return RARE_TOO_FEW;
    if (estimate->pareto_k > pareto_k_limit(estimate->n_losses))
        return RARE_HEAVY_WEIGHTS;
    return RARE_SOUND;
}

static struct rare_estimate estimate_of(size_t n, const struct sums *sums)
{
    struct rare_estimate estimate = {.n_losses = sums->n_losses,
                                     .probability = sums->hit / (double)n,
                                     .mean = sums->loss / (double)n,
                                     .mean_weight = sums->weight / (double)n,
                                     .shortfall = NAN};
    const double p = estimate.probability;

    estimate.probability_error = error_of(n, sums->hit, sums->hit2);
    estimate.mean_error = error_of(n, sums->loss, sums->loss2);
    if (sums->n_losses == 0)
        return estimate;
    estimate.shortfall = sums->loss / sums->hit;
    estimate.effective = sums->loss * sums->loss / sums->loss2;
    estimate.plain_paths =
        p * (1.0 - p) / (estimate.probability_error * estimate.probability_error);
    return estimate;
}

int rare_estimate(const struct rare_law *law, const struct rare_tilts *tilts,
                  const struct rare_rule *rule, const struct rare_loss *loss,
                  struct rare_estimate *estimate, struct err *err)
{
    double *weighted = malloc(rule->n_paths * sizeof *weighted);

    if (weighted == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu weights", rule->n_paths);
    const struct sums sums = run(law, tilts, rule, 0, loss, weighted);
    *estimate = estimate_of(rule->n_paths, &sums);
    estimate->pareto_k = pareto_k(sums.n_losses, weighted);
    estimate->status = judge(estimate);
    free(weighted);
    return 0;
}

/* ---- tilts ---- */

/* A tilt that goes too far finds losses in plenty, but none of those that matter, and
 * its weights do not show it.  So tilts are taken from the law outwards, and the first
 * that loses often enough is it. */
enum { PILOT_LOSSES = PILOT_PATHS / 5 };

static const double student_shifts[] = {0.0, 1.5, 3.0};

struct search {
    const struct rare_law *law;
    const struct rare_loss *loss;
    struct rare_rule pilot;
    uint32_t first; /* path of the next pilot */
};

static bool is_enough(struct search *search, const struct rare_tilt *tilt)
{
    const struct rare_tilts one = {1, {*tilt}};
    const struct sums sums =
        run(search->law, &one, &search->pilot, search->first, search->loss, NULL);

    search->first += PILOT_PATHS;
    return sums.n_losses >= PILOT_LOSSES;
}

static void search_normal(struct search *search, struct rare_tilts *tilts)
{
    for (int half = 0; half <= RARE_SHIFT_MAX * 2; half++) {
        tilts->tilt[0] = (struct rare_tilt){0.5 * half, 1.0};
        tilts->n = 1;
        if (is_enough(search, &tilts->tilt[0]))
            return;
    }
}

/* A row for each shift: how much wider it must be then; and one for the losses far
 * beyond the first, of which the mean loss of a heavy tail is made. */
static void search_student(struct search *search, struct rare_tilts *tilts)
{
    for (size_t s = 0; s < sizeof student_shifts / sizeof *student_shifts; s++) {
        struct rare_tilt *tilt = &tilts->tilt[tilts->n++];

        *tilt = (struct rare_tilt){student_shifts[s], 1.0};
        for (int v = 0; v < RARE_WIDEST && !is_enough(search, tilt); v++)
            tilt->widen *= 2.0;
    }
    tilts->tilt[tilts->n++] =
        (struct rare_tilt){0.0, RARE_BEYOND * tilts->tilt[0].widen};
}

struct rare_tilts rare_find_tilts(const struct rare_law *law,
                                  const struct rare_rule *rule,
                                  const struct rare_loss *loss)
{
    struct search search = {law, loss, *rule, PILOT_FIRST};
    struct rare_tilts tilts = {0};

    search.pilot.n_paths = PILOT_PATHS;
    if (isfinite(law->nu))
        search_student(&search, &tilts);
    else
        search_normal(&search, &tilts);
    return tilts;
}
