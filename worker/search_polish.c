#include "worker/search.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The simplex' first size and the last, in unit cubes of the axes that move. */
static const double first_size[] = {0.05, 0.01};
static const double last_size = 1e-7;

/* A polish moves the axes that may have any value; those of separate values stay where
 * the start has them. */
struct polish {
    const struct grid *grid;
    const double *start;
    size_t d;
    size_t place[AXES_MAX];
    uint64_t n_most;
    search_rate_fn rate;
    void *context;
    const struct tried *known;
    struct tried *tried;
    struct candidate best;
    double best_u[AXES_MAX], start_u[AXES_MAX];
    struct err *err;
    bool failed, full;
    unsigned n_idle; /* points in a row that were known */
};

/* On whole numbers a simplex may walk in a circle for ever, over points that it knows:
 * where it can still learn something, it comes to something new far sooner. */
enum { IDLE_AT_MOST = 1000 };

/* Nelder and Mead only compare: any number that keeps the order (violation, cost)
 * serves. Feasible ones lie in (-1, 1), the others from 2 on. */
static double height(const struct rating *rating)
{
    if (isnan(rating->cost) || isnan(rating->violation))
        return 1e9;
    if (rating->violation > 0.0)
        return 2.0 + rating->violation;
    return rating->cost / (1.0 + fabs(rating->cost));
}

/* Rate the point unless it is known; false: no more.  Numbers are in the order in which
 * points were rated, those known before first. */
static bool rate(struct polish *polish, const double value[], struct rating *rating,
                 size_t *number)
{
    const struct tried *known = polish->known;
    bool is_new;

    if (polish->failed || polish->full)
        return false;
    polish->full = ++polish->n_idle > IDLE_AT_MOST;
    if (tried_find(known, value, 1.0, number) && known->point[*number].is_rated) {
        *rating = known->point[*number].rating;
        ++*number; /* 0 is the start's */
        return true;
    }
    if (tried_take(polish->tried, value, 1.0, number, &is_new, polish->err) != 0) {
        polish->failed = true;
        return false;
    }
    struct tried_point *point = &polish->tried->point[*number];
    if (is_new) {
        polish->failed = polish->rate(polish->context, 1, value, 1.0, &point->rating,
                                      polish->err) != 0;
        point->is_rated = !polish->failed;
        polish->n_idle = 0;
        polish->full = polish->tried->n >= polish->n_most;
    }
    *rating = point->rating;
    *number += 1 + known->n;
    return !polish->failed;
}

static double height_at(const gsl_vector *x, void *of)
{
    struct polish *polish = of;
    double value[AXES_MAX], u[AXES_MAX];
    struct rating rating;
    size_t number;

    memcpy(value, polish->start, polish->grid->n_axes * sizeof *value);
    for (size_t j = 0; j < polish->d; j++) {
        u[j] = fmin(1.0, fmax(0.0, gsl_vector_get(x, j)));
        if (u[j] != polish->start_u[j]) /* there and back again may round */
            value[polish->place[j]] =
                axis_at(&polish->grid->axis[polish->place[j]], u[j]);
    }
    if (!rate(polish, value, &rating, &number))
        return 2e9;
    const struct candidate here = {rating.violation, rating.cost, number};
    if (!isnan(rating.cost) && candidate_before(&here, &polish->best)) {
        polish->best = here;
        memcpy(polish->best_u, u, polish->d * sizeof *u);
    }
    return height(&rating);
}

/* One descent from the best point so far. */
static void descend(struct polish *polish, gsl_multimin_fminimizer *minimizer,
                    gsl_vector *x, gsl_vector *size, double first)
{
    gsl_multimin_function function = {height_at, polish->d, polish};

    for (size_t j = 0; j < polish->d; j++) {
        gsl_vector_set(x, j, polish->best_u[j]);
        gsl_vector_set(size, j, polish->best_u[j] > 0.5 ? -first : first);
    }
    if (gsl_multimin_fminimizer_set(minimizer, &function, x, size) != GSL_SUCCESS)
        return;
    while (!polish->failed && !polish->full &&
           gsl_multimin_fminimizer_iterate(minimizer) == GSL_SUCCESS &&
           gsl_multimin_fminimizer_size(minimizer) > last_size)
        ;
}

static int allocate_and_descend(struct polish *polish)
{
    gsl_multimin_fminimizer *minimizer =
        gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, polish->d);
    gsl_vector *x = gsl_vector_alloc(polish->d), *size = gsl_vector_alloc(polish->d);

    if (minimizer == NULL || x == NULL || size == NULL)
        err_set(polish->err, ERR_MEMORY, "no memory for a simplex");
    /* a simplex that lies flat along a constraint is set up anew, smaller */
    for (size_t i = 0; minimizer != NULL && x != NULL && size != NULL &&
                       i < sizeof first_size / sizeof *first_size;
         i++)
        descend(polish, minimizer, x, size, first_size[i]);
    const bool done = minimizer != NULL && x != NULL && size != NULL;
    if (minimizer != NULL)
        gsl_multimin_fminimizer_free(minimizer);
    if (x != NULL)
        gsl_vector_free(x);
    if (size != NULL)
        gsl_vector_free(size);
    return done && !polish->failed ? 0 : -1;
}

bool search_reaches(const struct grid *grid, const double start[], const double value[])
{
    for (size_t a = 0; a < grid->n_axes; a++)
        if (grid->axis[a].span == AXIS_LISTED && value[a] != start[a])
            return false;
    return true;
}

int search_polish(const struct grid *grid, const struct search_from *from,
                  search_rate_fn rate_points, void *context, struct tried *tried,
                  struct err *err)
{
    struct polish polish = {.grid = grid,
                            .start = from->value,
                            .n_most = from->n_most,
                            .rate = rate_points,
                            .context = context,
                            .known = from->known,
                            .tried = tried,
                            .best = {from->rating.violation, from->rating.cost, 0},
                            .err = err};

    for (size_t a = 0; a < grid->n_axes; a++)
        if (grid->axis[a].span != AXIS_LISTED) {
            polish.best_u[polish.d] = axis_place(&grid->axis[a], from->value[a]);
            polish.place[polish.d++] = a;
        }
    memcpy(polish.start_u, polish.best_u, sizeof polish.start_u);
    return polish.d == 0 ? 0 : allocate_and_descend(&polish);
}
