#include "core/sha256.h"
#include "worker/liquidation_inside.h"

#include <math.h>
#include <stdlib.h>

void liquidation_release(void *of)
{
    struct liquidation_work *work = of;

    if (work == NULL)
        return;
    for (int r = 0; r < JUDGED_RANGES; r++)
        liquidation_paths_free(&work->paths[r]);
    series_free(&work->series);
    free(work->stages.volatility);
    free(work->stages.tail);
    free(work->stages.steadied);
    free(work->scaled);
    free(work->margin);
    free(work->stress_price);
    engine_room_free(work->room);
    free(work);
}

/* Who an instrument is to the draws: its first bar, so that bars that come later change
 * nothing for paths that were there. */
static uint64_t identity(const struct bars *bars)
{
    const struct bar first = bars_at(bars, 0);
    const double prices[] = {first.open, first.high, first.low, first.close,
                             first.volume};
    struct sha256 sha;
    char text[SHA256_TEXT_MAX];

    sha256_start(&sha);
    sha256_add(&sha, &first.time, sizeof first.time);
    sha256_add(&sha, prices, sizeof prices);
    sha256_text(&sha, text);
    text[14] = '\0'; /* 56 bits */
    return strtoull(text, NULL, 16);
}

/* Mean volume of a day over the last 30 days of bars, in the quote currency. */
static double recent_volume(const struct bars *bars,
                            const struct liquidation_settings *settings)
{
    const double bars_a_day = 86400e9 / (double)bars->interval_ns;
    const size_t most = (size_t)ceil(30.0 * bars_a_day);
    const size_t first = bars->n > most ? bars->n - most : 0;
    double sum = 0.0;

    for (size_t t = first; t < bars->n; t++)
        sum +=
            bars->volume[t] * (settings->volume == VOLUME_BASE ? bars->close[t] : 1.0);
    return sum * bars_a_day / (double)(bars->n - first);
}

static bool has_tiers(const struct plan *plan)
{
    const struct axis *law = &plan->grid.axis[path_n_axes(&plan->path) + LIQ_TIER_LAW];

    return law->value[law->n - 1] > TIERS_ONE;
}

static int check_volume(const struct liquidation_work *work, struct err *err)
{
    if (has_tiers(work->plan) && !(work->adv_quote > 0.0))
        return err_set(err, ERR_INPUT,
                       "no volume in the last 30 days: tiers have no sizes");
    return 0;
}

static int allocate(struct liquidation_work *work, struct err *err)
{
    const size_t n = work->series.n;

    work->stages.volatility = calloc(n, sizeof(double));
    work->stages.tail = calloc(n, sizeof(double));
    work->stages.steadied = calloc(n, sizeof(double));
    work->scaled = calloc(n, sizeof(double));
    work->margin = calloc(n, sizeof(double));
    work->stress_price =
        calloc(work->a_bar * work->plan->series.horizon_bars + 1, sizeof(double));
    if (work->stages.volatility == NULL || work->stages.tail == NULL ||
        work->stages.steadied == NULL || work->scaled == NULL || work->margin == NULL ||
        work->stress_price == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", n);
    return engine_room_new(work->a_bar * work->plan->series.horizon_bars, &work->room,
                           err);
}

static int lay_paths(struct liquidation_work *work, struct err *err)
{
    static const char *const name[] = {"training", "test"};

    for (int r = 0; r < JUDGED_RANGES; r++) {
        if (r == JUDGED_TEST && !plan_has_test(work->plan))
            continue;
        if (liquidation_paths_new(&work->series, work->range[r], work->settings,
                                  work->who, &work->paths[r], err) != 0)
            return -1;
        if (work->paths[r].n == 0)
            return err_set(err, ERR_INPUT,
                           "no %s bar starts a path of %zu bars (%zu bars, %zu of them "
                           "warm-up)",
                           name[r], work->plan->series.horizon_bars, work->series.n,
                           work->plan->series.warmup_bars);
    }
    return 0;
}

int liquidation_prepare(const struct plan *plan, const struct bars *bars, void **out,
                        struct err *err)
{
    struct liquidation_work *work = calloc(1, sizeof *work);

    if (work == NULL)
        return err_set(err, ERR_MEMORY, "no memory for an instrument");
    work->plan = plan;
    work->settings = plan->settings;
    work->range[JUDGED_TRAINING] = plan_training(plan, bars->n);
    work->range[JUDGED_TEST] = plan_test(plan, bars->n);
    work->impact = liquidation_impact(plan, bars->instrument);
    work->a_bar = liquidation_steps_a_bar(work->settings, bars->interval_ns);
    work->adv_quote = recent_volume(bars, work->settings);
    work->who = identity(bars);
    if (series_new(bars, &plan->series, &work->series, err) != 0 ||
        check_volume(work, err) != 0 || allocate(work, err) != 0 ||
        lay_paths(work, err) != 0) {
        liquidation_release(work);
        return -1;
    }
    *out = work;
    return 0;
}
