"""student.py -- reference values for tests/worker/test_student_fit.c

    /usr/bin/python3 tests/oracle/reference/student.py

Samples by numpy's PCG64 (seeded), written with all digits to student_samples.csv; the
maximum of the likelihood by scipy's Nelder-Mead on scipy.stats.t.logpdf from three
starts, then by Newton's method on central differences of 60 decimal digits (Debian's
python3-mpmath); standard errors from the Hessian.
"""
import csv
import os

import mpmath as mp
import numpy as np
from scipy import optimize, stats

mp.mp.dps = 60
here = os.path.dirname(os.path.abspath(__file__))

rng = np.random.default_rng(747)
samples = {
    "t3": 0.3 + 1.7 * rng.standard_t(3, 400),
    "t8": -2.0 + 0.01 * rng.standard_t(8, 733),
    "t1": rng.standard_cauchy(97),
    "few": 5.0 + rng.standard_t(4, 13),
}


def log_likelihood(x, m, s, nu):
    constant = (mp.loggamma((nu + 1) / 2) - mp.loggamma(nu / 2)
                - mp.log(nu * mp.pi) / 2 - mp.log(s))
    return sum(constant - (nu + 1) / 2 * mp.log(1 + ((v - m) / s) ** 2 / nu) for v in x)


def maximum(x):
    def cost(p):
        return -np.sum(stats.t.logpdf(x, np.exp(p[2]), p[0], np.exp(p[1])))
    best = min((optimize.minimize(cost, [np.median(x), np.log(np.std(x)), np.log(nu)],
                                  method="Nelder-Mead",
                                  options={"xatol": 1e-10, "fatol": 1e-12,
                                           "maxiter": 20000, "maxfev": 20000})
                for nu in (2.0, 5.0, 20.0)), key=lambda r: r.fun)
    xs = [mp.mpf(float(v)) for v in x]
    p = mp.matrix([best.x[0], mp.e ** mp.mpf(best.x[1]), mp.e ** mp.mpf(best.x[2])])

    def f(q):
        return log_likelihood(xs, q[0], q[1], q[2])
    h = [mp.mpf(10) ** -20 * max(abs(v), 1) for v in p]

    def moved(q, *steps):
        q = q.copy()
        for i, k in steps:
            q[i] += k * h[i]
        return q
    for _ in range(4):  # Newton; quadratic convergence from eight digits
        g = mp.matrix([(f(moved(p, (i, 1))) - f(moved(p, (i, -1)))) / (2 * h[i])
                       for i in range(3)])
        H = mp.matrix(3, 3)
        for i in range(3):
            for j in range(3):
                H[i, j] = (f(moved(p, (i, 1), (j, 1))) - f(moved(p, (i, 1), (j, -1)))
                           - f(moved(p, (i, -1), (j, 1))) + f(moved(p, (i, -1), (j, -1)))
                           ) / (4 * h[i] * h[j])
        p = p - mp.lu_solve(H, g)
    cov = (-H) ** -1
    return [*p, *[mp.sqrt(cov[i, i]) for i in range(3)], f(p)]


with open(os.path.join(here, "student_samples.csv"), "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["sample", "x"])
    for name, x in samples.items():
        out.writerows([name, repr(float(v))] for v in x)

with open(os.path.join(here, "student_reference.csv"), "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["sample", "mean", "scale", "nu", "mean_error", "scale_error",
                  "nu_error", "log_likelihood"])
    for name, x in samples.items():
        out.writerow([name, *[mp.nstr(v, 17) for v in maximum(x)]])
