#include "worker/tail.h"

#include "worker/hill.h"
#include "worker/pot.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

struct tail_risk tail_normal(double confidence)
{
    const double q = 1.0 - confidence, x = gsl_cdf_ugaussian_Qinv(q);

    return (struct tail_risk){confidence, x, gsl_ran_ugaussian_pdf(x) / q};
}

struct tail_risk tail_student(double confidence, double nu)
{
    const double q = 1.0 - confidence, scale = sqrt((nu - 2.0) / nu);
    const double t = gsl_cdf_tdist_Qinv(q, nu);

    return (struct tail_risk){confidence, scale * t,
                              scale * gsl_ran_tdist_pdf(t, nu) / q * (nu + t * t) /
                                  (nu - 1.0)};
}

static const char *measure_normal(double parameter, const struct tail_sample *sample,
                                  size_t n_levels, struct tail_risk risk[])
{
    (void)parameter, (void)sample;
    for (size_t i = 0; i < n_levels; i++)
        risk[i] = tail_normal(risk[i].confidence);
    return NULL;
}

static const char *measure_student(double nu, const struct tail_sample *sample,
                                   size_t n_levels, struct tail_risk risk[])
{
    (void)sample;
    for (size_t i = 0; i < n_levels; i++)
        risk[i] = tail_student(risk[i].confidence, nu);
    return NULL;
}

static const char *measure_pot(double share, const struct tail_sample *sample,
                               size_t n_levels, struct tail_risk risk[])
{
    double *sorted = sample->room, *excess = sample->room + sample->n;
    const size_t n = pot_sort(sample->n, sample->z, sorted);
    const size_t k = (size_t)(share * (double)n);
    const struct pot pot = pot_fit(n, sorted, pot_threshold(n, sorted, k), excess);

    for (size_t i = 0; i < n_levels; i++) {
        risk[i].var = pot_var(&pot, risk[i].confidence);
        risk[i].es = pot_es(&pot, risk[i].confidence);
    }
    return gpd_is_estimate(&pot.fit) ? NULL : gpd_status_name(pot.fit.status);
}

static const char *measure_hill(double share, const struct tail_sample *sample,
                                size_t n_levels, struct tail_risk risk[])
{
    const size_t n = pot_sort(sample->n, sample->z, sample->room);
    const size_t k = (size_t)(share * (double)n);
    const struct hill hill = hill_fit(n, sample->room, k);

    for (size_t i = 0; i < n_levels; i++) {
        risk[i].var = hill_var(&hill, risk[i].confidence);
        risk[i].es = hill_es(&hill, risk[i].confidence);
    }
    return hill.status == HILL_ESTIMATED ? NULL : hill_status_name(hill.status);
}

static const struct tail_kind kinds[] = {
    {"normal", "standard normal", NULL, 0.0, 0.0, measure_normal},
    {"student", "Student-t of unit variance with nu degrees of freedom", "nu", 2.0,
     INFINITY, measure_student},
    {"pot",
     "generalised Pareto beyond the threshold that this share exceeds: McNeil, "
     "Frey 2000",
     "share", 0.0, 1.0, measure_pot},
    {"hill",
     "power law beyond the threshold that this share exceeds: Hill 1975, Weissman "
     "1978",
     "share", 0.0, 1.0, measure_hill},
};

const struct tail_kind *tail_row(size_t i)
{
    return i < sizeof kinds / sizeof *kinds ? &kinds[i] : NULL;
}

const struct tail_kind *tail_find(const char *name)
{
    for (size_t i = 0; tail_row(i) != NULL; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

int tail_measure(const struct tail *tail, const struct tail_sample *sample,
                 size_t n_levels, struct tail_risk risk[], const char **why,
                 struct err *err)
{
    const struct tail_kind *kind = tail->kind;

    if (kind->parameter != NULL &&
        !(tail->parameter > kind->above && tail->parameter < kind->below))
        return err_set(err, ERR_INPUT, "tail %s: %s %g is not between %g and %g",
                       kind->name, kind->parameter, tail->parameter, kind->above,
                       kind->below);
    for (size_t i = 0; i < n_levels; i++)
        if (!(risk[i].confidence > 0.5 && risk[i].confidence < 1.0))
            return err_set(err, ERR_INPUT,
                           "tail %s: confidence %g is not between 0.5 and 1",
                           kind->name, risk[i].confidence);
    *why = kind->measure(tail->parameter, sample, n_levels, risk);
    return 0;
}
