#include "worker/cholesky.h"

#include <math.h>

bool cholesky_factor(size_t n, double a[CHOLESKY_MAX][CHOLESKY_MAX])
{
    for (size_t j = 0; j < n; j++) {
        const double diagonal = a[j][j];
        double rest = diagonal;

        for (size_t k = 0; k < j; k++)
            rest -= a[j][k] * a[j][k];
        if (!(rest > 0x1p-40 * diagonal)) /* NaN too */
            return false;
        a[j][j] = sqrt(rest);
        for (size_t i = j + 1; i < n; i++) {
            double sum = a[i][j];

            for (size_t k = 0; k < j; k++)
                sum -= a[i][k] * a[j][k];
            a[i][j] = sum / a[j][j];
        }
    }
    return true;
}

void cholesky_solve(size_t n, double a[CHOLESKY_MAX][CHOLESKY_MAX], double x[])
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            x[i] -= a[i][k] * x[k];
        x[i] /= a[i][i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            x[i] -= a[k][i] * x[k];
        x[i] /= a[i][i];
    }
}

void cholesky_invert(size_t n, double a[CHOLESKY_MAX][CHOLESKY_MAX],
                     double out[CHOLESKY_MAX][CHOLESKY_MAX])
{
    for (size_t j = 0; j < n; j++) {
        double column[CHOLESKY_MAX] = {0};

        column[j] = 1.0;
        cholesky_solve(n, a, column);
        for (size_t i = 0; i < n; i++)
            out[i][j] = column[i];
    }
}
