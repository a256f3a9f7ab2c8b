#include "worker/null_law.h"

#include "worker/draws.h"
#include "worker/duration.h"
#include "worker/dynamic_quantile.h"

#include <math.h>
#include <stdlib.h>

/* Samples are drawn by twice as many each time. */
enum { FIRST_DRAWN = 256 };

struct kept {
    struct null_law law;
    size_t n_drawn, room;
    double *sample; /* [room]; NaN: without a statistic */
};

struct null_laws {
    size_t n, oldest, n_work;
    struct kept kept[NULL_LAWS_MAX];
    double *work; /* [n_work] */
};

int null_laws_new(struct null_laws **out, struct err *err)
{
    struct null_laws *laws = calloc(1, sizeof *laws);

    if (laws == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the laws of tests");
    *out = laws;
    return 0;
}

void null_laws_free(struct null_laws *laws)
{
    if (laws == NULL)
        return;
    for (size_t i = 0; i < laws->n; i++)
        free(laws->kept[i].sample);
    free(laws->work);
    free(laws);
}

uint64_t null_law_seed(const struct null_law *law)
{
    const double of[] = {(double)law->n_bars, law->p};

    return draws_seed((uint64_t)law->test, 2, of);
}

static void draw(const struct null_laws *laws, struct kept *kept, size_t end)
{
    const struct null_law *law = &kept->law;
    const struct dynamic_quantile_spec spec = {
        .p = law->p, .n_lags = NULL_LAGS, .constant = true};
    const struct null_samples samples = {.n_bars = law->n_bars,
                                         .seed = null_law_seed(law),
                                         .first = kept->n_drawn,
                                         .end = end};
    double *out = kept->sample + kept->n_drawn;

    if (law->test == NULL_DURATION)
        duration_samples(law->p, &samples, out, laws->work);
    else
        dynamic_quantile_samples(&spec, &samples, out, laws->work);
    kept->n_drawn = end;
}

static int make_work(struct null_laws *laws, size_t n, struct err *err)
{
    double *work;

    if (n <= laws->n_work)
        return 0;
    work = realloc(laws->work, n * sizeof *work);
    if (work == NULL)
        return err_set(err, ERR_MEMORY, "no memory for samples of %zu bars", n);
    laws->work = work;
    laws->n_work = n;
    return 0;
}

/* Twice as many samples of this law. */
static int grow(struct null_laws *laws, struct kept *kept, struct err *err)
{
    const size_t twice = kept->room == 0 ? FIRST_DRAWN : 2 * kept->room;
    const size_t room = twice < NULL_DRAWN_MAX ? twice : NULL_DRAWN_MAX;

    if (make_work(laws, 4 * kept->law.n_bars + CHOLESKY_MAX, err) != 0)
        return -1;
    double *sample = realloc(kept->sample, room * sizeof *sample);

    if (sample == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu samples of a test", room);
    kept->sample = sample;
    kept->room = room;
    draw(laws, kept, room);
    return 0;
}

static struct kept *kept_of(struct null_laws *laws, const struct null_law *law)
{
    for (size_t i = 0; i < laws->n; i++) {
        struct kept *kept = &laws->kept[i];

        if (kept->law.test == law->test && kept->law.n_bars == law->n_bars &&
            kept->law.p == law->p)
            return kept;
    }
    const size_t at =
        laws->n < NULL_LAWS_MAX ? laws->n++ : laws->oldest++ % NULL_LAWS_MAX;

    free(laws->kept[at].sample);
    laws->kept[at] = (struct kept){.law = *law};
    return &laws->kept[at];
}

int null_laws_p(struct null_laws *laws, const struct null_law *law, double statistic,
                double *p_value, struct err *err)
{
    struct kept *kept = kept_of(laws, law);
    struct backtest_null null = {.p_value = NAN};

    for (size_t k = 0; k < NULL_DRAWN_MAX; k++) {
        if (k == kept->n_drawn && grow(laws, kept, err) != 0)
            return -1;
        backtest_null_count(&null, kept->sample[k], statistic);
        if (null.n_above + null.n_tied == NULL_AS_LARGE) {
            *p_value = (double)NULL_AS_LARGE / (double)null.n_simulated;
            return 0;
        }
    }
    backtest_null_finish(&null, statistic);
    *p_value = null.p_value;
    return 0;
}
