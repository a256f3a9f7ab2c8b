/* student_fit.h -- which normal law, which Student's t, do these values follow?
 *
 *     f(x) = Gamma((nu+1)/2) / (Gamma(nu/2) sqrt(nu pi) s) (1 + z^2/nu)^(-(nu+1)/2)
 *
 * with z = (x - m)/s, by maximum likelihood over m, s and nu.  ECME: with weights
 * w_i = (nu + 1)/(nu + z_i^2), m and s^2 are weighted means, and nu maximises the
 * likelihood itself (C. Liu, D. B. Rubin -- ML estimation of the t distribution using
 * EM and its extensions, Statistica Sinica 5 (1995), 19-39); Newton's steps finish what
 * it has begun.  nu is sought in [STUDENT_NU_MIN, STUDENT_NU_MAX]; at the upper end the
 * law is as good as normal. */
#ifndef WORKER_STUDENT_FIT_H
#define WORKER_STUDENT_FIT_H

#include <stddef.h>

enum student_parameter { STUDENT_MEAN, STUDENT_SCALE, STUDENT_NU, STUDENT_PARAMETERS };

enum student_status {
    STUDENT_CONVERGED,
    STUDENT_AT_BOUND, /* nu at its upper end: normal tails; m and s are estimates */
    STUDENT_NOT_CONVERGED, /* parameters are where it stopped */
    STUDENT_TOO_FEW,    /* fewer than STUDENT_FEWEST values; no parameters          */
    STUDENT_NO_SPREAD,  /* half of the values or more are one: no maximum           */
    STUDENT_NOT_FINITE, /* an infinite value                                        */
    STUDENT_STATUSES
};

enum { STUDENT_FEWEST = 10 };
#define STUDENT_NU_MIN 0.05
#define STUDENT_NU_MAX 1000.0

struct student_fit {
    enum student_status status;
    size_t n; /* values that are there */
    double parameter[STUDENT_PARAMETERS], error[STUDENT_PARAMETERS]; /* NaN: none */
    double log_likelihood;
    double
        gradient[STUDENT_PARAMETERS]; /* of ln L; 0 is not to be expected at a bound */
    double distance; /* to the maximum, as Newton's step in standard errors */
    size_t n_iterations;
};

/* Missing values (NaN) are left out.  Standard errors are of the observed information
 * (at the bound: of m and s, nu held). */
struct student_fit student_fit(size_t n, const double x[/* n */]);

/* Mean and standard deviation by maximum likelihood; nu is infinite. */
struct student_fit student_fit_normal(size_t n, const double x[/* n */]);

const char *student_status_name(enum student_status status);

#endif /* WORKER_STUDENT_FIT_H */
