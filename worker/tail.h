/* tail.h -- how large is the loss that a standardised residual exceeds with probability
 * 1 - c, and how large on average beyond, where its law is known?
 *
 *     normal    N(0, 1):  VaR = x = Phi^-1(c),  ES = phi(x) / (1 - c)
 *     student   t_nu sqrt((nu-2)/nu), of unit variance, nu > 2: with t the quantile and
 * g the density of t_nu,  VaR = sqrt((nu-2)/nu) t, ES = sqrt((nu-2)/nu) g(t)/(1-c) (nu
 * + t^2)/(nu - 1)
 *
 * McNeil, Frey, Embrechts -- Quantitative Risk Management, 2nd ed. 2015, examples 2.11,
 * 2.14 and 2.15.  Quantiles are GSL's: ten digits, not the last bit, are promised. */
#ifndef WORKER_TAIL_H
#define WORKER_TAIL_H

struct tail_risk {
    double confidence, var, es;
};

/* 1/2 < c < 1; nu > 2. */
struct tail_risk tail_normal(double confidence);
struct tail_risk tail_student(double confidence, double nu);

#endif /* WORKER_TAIL_H */
