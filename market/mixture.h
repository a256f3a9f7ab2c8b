/* mixture.h -- how far the standardised return of one bar reaches: its quantiles
 *
 * The return of a bar over its volatility is X = c J T: T Student-t with nu degrees of
 * freedom, J a jump factor that is kappa with probability pi and 1 otherwise, and c
 * such that Var X = 1:
 *
 *     c = ((nu - 2) / (nu (1 - pi + pi kappa^2)))^(1/2)
 *     P(X > x) = (1 - pi) Q(x/c; nu) + pi Q(x/(c kappa); nu)
 *
 * Only +, -, *, /, sqrt and core/arith.h: the same bits on every machine. */
#ifndef MARKET_MIXTURE_H
#define MARKET_MIXTURE_H

struct mixture {
    double nu;    /* > 2, <= 100 */
    double pi;    /* [0, 1)      */
    double kappa; /* >= 1        */
};

/* Q(x; nu) = P(T > x), x >= 0; relative error below 1e-12. */
double mixture_student_tail(double nu, double x);

double mixture_scale(const struct mixture *mixture); /* c */

/* P(X > x) for x >= 0. */
double mixture_tail(const struct mixture *mixture, double x);

/* The x >= 0 with P(X > x) = tail, 0 < tail <= 1/2; P(X < -x) is the same. */
double mixture_quantile(const struct mixture *mixture, double tail);

#endif /* MARKET_MIXTURE_H */
