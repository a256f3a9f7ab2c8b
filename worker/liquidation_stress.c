/* liquidation_stress.c -- what do the bad days do to the engine of a point?
 *
 * As the set would be in production: tiers and margins of the last bar, the moves and
 * the volatility of the day (for impact) of then. */
#include "core/arith.h"
#include "worker/liquidation_inside.h"

#include <math.h>

const struct stress_figure liquidation_stress_figures[LIQ_STRESS_FIGURES] = {
    [LIQ_STRESS_LOSS] = {"loss", "fraction of notional", "largest move of a path"},
    [LIQ_STRESS_VOLATILITIES] = {"volatilities", "ratio",
                                 "... over the volatility of a day, last bar"},
    [LIQ_STRESS_BAD_DEBT] = {"bad_debt", "fraction of OI", "losses beyond collateral"},
    [LIQ_STRESS_UNMET] = {"unmet", "fraction of OI",
                          "... that the insurance fund did not meet"},
    [LIQ_STRESS_DELEVERAGED] = {"deleveraged", "fraction of OI",
                                "closed at the cost of accounts with a gain"},
    [LIQ_STRESS_COVER_1] = {"cover_1", "fraction of OI",
                            "... of the account with the most of them"},
    [LIQ_STRESS_COVER_2] = {"cover_2", "fraction of OI",
                            "... of the two with the most of them"},
    [LIQ_STRESS_UNCOVERED_1] = {"uncovered_1", "fraction of OI",
                                "cover_1 beyond the fund"},
    [LIQ_STRESS_UNCOVERED_2] = {"uncovered_2", "fraction of OI",
                                "cover_2 beyond the fund"},
};

/* A point under stress. */
struct stand {
    struct liquidation_work *work;
    const struct stress_rules *stress;
    struct tiers tiers; /* of the last bar */
    double open_interest, fund, sigma;
    uint64_t seed;
    /* Who stands on the path. */
    double share[ACCOUNTS_MAX], slack[ACCOUNTS_MAX];
    /* As a shock leaves them. */
    struct engine_rules rules;
    double worth; /* of collateral */
};

/* What one path came to, of the open interest. */
struct toll {
    double loss, bad_debt, unmet, deleveraged, cover[2];
    double need; /* of a fund, beyond fees */
};

/* ---- one path ---- */

static void draw_people(struct stand *stand, const struct draws *draws)
{
    const struct liquidation_settings *settings = stand->work->settings;
    const struct population_rule rule = {(size_t)settings->accounts,
                                         settings->size_spread, settings->slack};

    population_draw(&rule, draws, stand->share, stand->slack);
}

static void open_accounts(struct stand *stand)
{
    const size_t n = (size_t)stand->work->settings->accounts;

    population_open(n, stand->share, stand->slack, stand->open_interest, &stand->tiers,
                    stand->work->account);
    for (size_t i = 0; i < n; i++) {
        struct account *account = &stand->work->account[i];

        account->cash -=
            (1.0 - stand->worth) * (account->cash + account->side * account->opened);
    }
}

/* The largest debt of an account, and the two largest together. */
static void take_covers(const struct stand *stand, double cover[2])
{
    double first = 0.0, second = 0.0;

    for (int64_t i = 0; i < stand->work->settings->accounts; i++) {
        const double debt = stand->work->account[i].debt;

        second = fmax(second, fmin(first, debt));
        first = fmax(first, debt);
    }
    cover[0] = first / stand->open_interest;
    cover[1] = (first + second) / stand->open_interest;
}

static struct toll run(struct stand *stand, const struct engine_path *path)
{
    const double fund = stand->worth * stand->fund * stand->open_interest;
    struct toll toll = {.loss = fmax(1.0 - path->low, path->high - 1.0)};

    open_accounts(stand);
    const struct engine_result result =
        engine_run(&stand->rules, path, (size_t)stand->work->settings->accounts,
                   stand->work->account, fund, stand->work->room);
    const double paid = fund + result.fees - result.fund;
    const double unmet = (result.bad_debt - paid) / stand->open_interest;

    toll.bad_debt = result.bad_debt / stand->open_interest;
    toll.unmet = unmet > ENGINE_DUST ? unmet : 0.0;
    toll.deleveraged = result.deleveraged / stand->open_interest;
    toll.need = fmax((result.bad_debt - result.fees) / stand->open_interest, 0.0);
    take_covers(stand, toll.cover);
    return toll;
}

static struct draws draws_of(const struct stand *stand, size_t t)
{
    const struct series *series = &stand->work->series;

    return (struct draws){.seed = stand->seed,
                          .who = stand->work->who,
                          .path = (uint32_t)(series->time[t] / series->interval_ns)};
}

/* The path of the bars behind t, and who stands on it. */
static struct engine_path lay_path(struct stand *stand, size_t t)
{
    struct liquidation_work *work = stand->work;
    const size_t h = work->series.rules.horizon_bars;
    const size_t a_bar = work->a_bar;
    struct engine_path path = {.n_steps = h * a_bar,
                               .price = work->stress_price,
                               .sigma = liquidation_sigma(work, t),
                               .low = 1.0,
                               .high = 1.0,
                               .draws = draws_of(stand, t)};

    if (!steps_of_finer(work->series.bars, t, h, a_bar, work->stress_price))
        steps_of(work->series.bars, t, h, a_bar, work->stress_price);
    for (size_t s = 1; s <= path.n_steps; s++) {
        path.low = fmin(path.low, path.price[s]);
        path.high = fmax(path.high, path.price[s]);
    }
    draw_people(stand, &path.draws);
    return path;
}

/* The price goes to `to` at once and stays there, on the last bar's accounts, which are
 * drawn. */
static struct toll run_jump(struct stand *stand, double to)
{
    struct liquidation_work *work = stand->work;
    struct engine_path path = {.n_steps = work->series.rules.horizon_bars * work->a_bar,
                               .price = work->stress_price,
                               .sigma = stand->sigma,
                               .low = fmin(to, 1.0),
                               .high = fmax(to, 1.0),
                               .draws = draws_of(stand, work->series.n - 1)};

    work->stress_price[0] = 1.0;
    for (size_t s = 1; s <= path.n_steps; s++)
        work->stress_price[s] = to;
    return run(stand, &path);
}

/* ---- rows ---- */

static void shake(struct stand *stand, const double *on, enum stress_kind kind)
{
    const struct stress_rules *stress = stand->stress;

    stand->rules = liquidation_rules(stand->work, on);
    stand->worth = kind == STRESS_DEPEG ? 1.0 - stress->depeg : 1.0;
    if (kind == STRESS_LATE)
        stand->rules.latency_steps += stress->late_bars * stand->work->a_bar;
    if (kind == STRESS_THIN) {
        stand->rules.impact.y *=
            arith_exp(-stand->rules.impact.delta * arith_log(stress->depth));
        stand->rules.impact.halflife_steps /= stress->depth;
    }
}

/* The largest of each figure; the path of the largest bad debt says when. */
static void add_toll(const struct stand *stand, const struct toll *toll,
                     int64_t time_ns, int64_t *at_ns, double *figure)
{
    const double fund = stand->worth * stand->fund;
    const double of[LIQ_STRESS_FIGURES] = {
        [LIQ_STRESS_LOSS] = toll->loss,
        [LIQ_STRESS_VOLATILITIES] =
            stand->sigma > 0.0 ? toll->loss / stand->sigma : (double)NAN,
        [LIQ_STRESS_BAD_DEBT] = toll->bad_debt,
        [LIQ_STRESS_UNMET] = toll->unmet,
        [LIQ_STRESS_DELEVERAGED] = toll->deleveraged,
        [LIQ_STRESS_COVER_1] = toll->cover[0],
        [LIQ_STRESS_COVER_2] = toll->cover[1],
        [LIQ_STRESS_UNCOVERED_1] = fmax(toll->cover[0] - fund, 0.0),
        [LIQ_STRESS_UNCOVERED_2] = fmax(toll->cover[1] - fund, 0.0),
    };

    if (*at_ns == STRESS_NOWHERE || toll->bad_debt > figure[LIQ_STRESS_BAD_DEBT] ||
        (toll->bad_debt == figure[LIQ_STRESS_BAD_DEBT] &&
         toll->loss > figure[LIQ_STRESS_LOSS]))
        *at_ns = time_ns;
    for (size_t i = 0; i < LIQ_STRESS_FIGURES; i++)
        if (!(of[i] <= figure[i]))
            figure[i] = of[i];
}

/* The path from t, as it was and under each shock: into its own row, into that of all
 * at once, and into the shocks'. */
static void add_path(struct stand *stand, const double *on, size_t row, size_t t,
                     struct stress_table *table)
{
    const size_t first = stress_n_spans(stand->stress);
    const int64_t time_ns = stand->work->series.time[t];
    const struct engine_path path = lay_path(stand, t);

    for (int kind = STRESS_ALL_AT_ONCE; kind < STRESS_FALL; kind++) {
        const size_t shock = first + (size_t)(kind - STRESS_ALL_AT_ONCE);

        shake(stand, on, (enum stress_kind)kind);
        const struct toll toll = run(stand, &path);
        if (kind == STRESS_ALL_AT_ONCE) /* no shock: the day itself */
            add_toll(stand, &toll, time_ns, &table->at_ns[row],
                     table->figure + row * LIQ_STRESS_FIGURES);
        add_toll(stand, &toll, time_ns, &table->at_ns[shock],
                 table->figure + shock * LIQ_STRESS_FIGURES);
    }
}

/* Of a span, from the starts of the deepest fall and of the highest rise. */
static void add_span(struct stand *stand, const double *on, size_t row,
                     struct stress_table *table)
{
    const struct series *series = &stand->work->series;
    const struct range span = stand->work->span[row];
    const double *side[] = {series->loss_long, series->loss_short};
    size_t start[2] = {series->n, series->n};

    for (size_t t = span.first; t < span.end; t++)
        for (int i = 0; i < 2; i++)
            if (!isnan(side[i][t]) &&
                (start[i] == series->n || side[i][t] > side[i][start[i]]))
                start[i] = t;
    for (int i = 0; i < 2; i++)
        if (start[i] < series->n && !(i == 1 && start[1] == start[0]))
            add_path(stand, on, row, start[i], table);
}

enum { LADDER = 64, HALVINGS = 24 }; /* steps a whole price; to 2^-30 of it */

static double moved(enum stress_kind kind, double move)
{
    return kind == STRESS_FALL ? 1.0 - move : 1.0 + move;
}

/* The mildest jump that asks more of the fund than there is: the first step of an even
 * ladder that does, then halved.  Whoever is bankrupt after a jump is so, and owes
 * more, after a larger one; but fees of others may fill the fund in between, so the
 * ladder is climbed from below and a larger jump counts as no better than a milder one
 * that emptied it. */
static void reverse(struct stand *stand, enum stress_kind kind, int64_t *at_ns,
                    double *figure)
{
    const struct series *series = &stand->work->series;
    const int n = kind == STRESS_FALL ? LADDER - 1 : 2 * LADDER;
    struct toll toll = {0};
    double low = 0.0, high = NAN;

    *at_ns = series->time[series->n - 1];
    for (int j = 1; j <= n && isnan(high); j++) {
        toll = run_jump(stand, moved(kind, (double)j / LADDER));
        if (toll.unmet > 0.0)
            high = (double)j / LADDER;
        else
            low = (double)j / LADDER;
    }
    if (isnan(high))
        return;
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = 0.5 * (low + high);
        const struct toll tried = run_jump(stand, moved(kind, middle));

        if (tried.unmet > 0.0) {
            high = middle;
            toll = tried;
        } else {
            low = middle;
        }
    }
    toll.loss = high;
    add_toll(stand, &toll, *at_ns, at_ns, figure);
}

static void fill_rows(struct stand *stand, const double *on, struct stress_table *table)
{
    const size_t n_rows = stress_n_rows(stand->stress);

    for (size_t row = 0; row < n_rows; row++)
        table->at_ns[row] = STRESS_NOWHERE;
    for (size_t i = 0; i < n_rows * LIQ_STRESS_FIGURES; i++)
        table->figure[i] = NAN;
    for (size_t row = 0; row < stress_n_spans(stand->stress); row++)
        add_span(stand, on, row, table);
}

/* What all instruments together would ask if each went by so many of its days'
 * volatilities at once, whichever side loses more. */
static void fill_curve(struct stand *stand, double curve[STRESS_CURVE])
{
    for (size_t k = 0; k < STRESS_CURVE; k++) {
        const double move = (double)(k + 1) * stand->sigma;
        const struct toll fall = run_jump(stand, fmax(1.0 - move, 1.0 / LADDER));
        const struct toll rise = run_jump(stand, 1.0 + move);

        curve[k] = fmax(fall.need, rise.need);
    }
}

/* The accounts of the last bar, on prices that jump. */
static void fill_jumps(struct stand *stand, const double *on,
                       struct stress_table *table)
{
    const struct draws draws = draws_of(stand, stand->work->series.n - 1);
    const size_t n_rows = stress_n_rows(stand->stress);

    draw_people(stand, &draws);
    shake(stand, on, STRESS_ALL_AT_ONCE);
    for (size_t row = n_rows - 2; row < n_rows; row++)
        reverse(stand, stress_kind(stand->stress, row), &table->at_ns[row],
                table->figure + row * LIQ_STRESS_FIGURES);
    fill_curve(stand, table->curve);
}

int liquidation_stress(struct liquidation_work *work, const double *value,
                       struct stress_table *table, struct err *err)
{
    const struct liquidation_settings *settings = work->settings;
    const struct stress_rules *stress = &work->plan->stress;
    const double *on = value + path_n_axes(&work->plan->path);
    const size_t last = work->series.n - 1;
    struct stand stand = {
        .work = work,
        .stress = stress,
        .tiers = liquidation_tiers(work, on, last),
        .open_interest = fmin(settings->open_interest_days, on[LIQ_CAP]),
        .fund = on[LIQ_FUND],
        .sigma = liquidation_sigma(work, last),
        .seed = draws_seed((uint64_t)settings->seed,
                           settings->own_numbers ? work->plan->grid.n_axes : 0, value),
    };

    if (!stress->is_on || table->at_ns == NULL)
        return 0;
    if (!work->has_spans &&
        stress_find_spans(stress, &work->series, work->span, err) != 0)
        return -1;
    work->has_spans = true;
    fill_rows(&stand, on, table);
    fill_jumps(&stand, on, table);
    table->money = stand.open_interest * work->adv_quote;
    table->fund = stand.fund;
    stress_find_shortfalls(&work->series, work->margin, table->shortfall);
    return 0;
}
