#!/usr/bin/python3
"""Reference values for worker/gpd and worker/tail: decimal arithmetic, scipy, quadrature.

    tests/oracle/reference/gpd.py OUT_DIR

Writes gpd_values.csv: density, distribution, survival and quantile of the generalised
Pareto distribution in 60 decimal digits, from the formulas alone; scipy.stats.genpareto
is held against each and the largest relative difference printed.  Writes tail_values.csv:
quantiles and expected shortfalls of the standard normal and of Student-t of unit variance,
the quantiles from scipy.stats polished by a Newton step, the shortfalls by integrating the
quantile from c to 1, not by the closed form.
"""
import csv
import math
import sys
from decimal import Decimal as D
from decimal import getcontext

import numpy as np
from scipy import integrate, stats

getcontext().prec = 60
out = sys.argv[1]


def write(name, head, rows):
    with open(f"{out}/{name}", "w", newline="") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def h(xi, z):
    return z if xi == 0 else (1 + xi * z).ln() / xi


def upper(xi, beta, q):
    w = -q.ln()
    return beta * w if xi == 0 else beta * ((xi * w).exp() - 1) / xi


def relative(a, b):
    return 0.0 if a == b else abs(a - b) / abs(b)


def gpd_values():
    shapes = [-1.0, -0.7, -0.3, -1e-3, -1e-9, -1e-14, 0.0, 1e-15, 1e-12, 1e-6, 0.05, 0.3, 1.0,
              2.5]
    rows, worst = [], 0.0
    for xi in shapes:
        for beta in (1.0, 0.02, 250.0):
            for q in (0.999, 0.5, 0.1, 1e-3, 1e-9):
                exact = upper(D(xi), D(beta), D(q))
                x = float(exact)
                w = 1 + D(xi) * D(x) / D(beta)
                if w <= 0:
                    continue
                tall = h(D(xi), D(x) / D(beta))
                survival = float((-tall).exp())
                distribution = float(1 - (-tall).exp())
                density = float((-(1 + D(xi)) * tall).exp() / D(beta))
                law = stats.genpareto(xi, scale=beta)
                if abs(xi) > 1e-10 or xi == 0:
                    worst = max(worst, relative(law.isf(q), x),
                                relative(law.cdf(x), distribution),
                                relative(law.logsf(x), float(-tall)))
                rows.append([repr(v) for v in (xi, beta, q, x, density, distribution, survival)])
    print(f"gpd: {len(rows)} rows, scipy within {worst:.2g}")
    write("gpd_values.csv", ["xi", "beta", "q", "x", "density", "distribution", "survival"], rows)


def shortfall(law, q):
    """Integral of x f(x) from the quantile to top times it, in ln x: smooth, decaying."""
    heavy = law.dist.name == "t" and law.args[0] < 10
    top = 1e5 if heavy else 60
    total, error = 0.0, 0.0
    edges = math.log(q) + np.linspace(0, math.log(top), 60)
    for a, b in zip(edges[:-1], edges[1:]):
        value, miss = integrate.quad(lambda s: math.exp(2 * s) * law.pdf(math.exp(s)), a, b,
                                     epsabs=0, epsrel=1e-13, limit=200)
        total, error = total + value, error + miss
    return total, error, q * top


def tail_values():
    rows, worst = [], 0.0
    for nu in (math.inf, 2.1, 2.5, 3, 4, 5.5, 8, 30, 200):
        for c in (0.9, 0.95, 0.975, 0.99, 0.995, 0.999, 0.9999):
            law = stats.norm() if nu == math.inf else stats.t(nu)
            scale = 1.0 if nu == math.inf else math.sqrt((nu - 2) / nu)
            q = float(law.isf(1 - c))
            q += (law.sf(q) - (1 - c)) / law.pdf(q)
            body, error, top = shortfall(law, q)
            rest = 0.0
            if nu != math.inf:  # beyond top f is c0 x^-(nu+1) (1 + O(1/x^2)); nothing for nu >= 10
                rest = law.pdf(top) * top * top / (nu - 1)
            es = (body + rest) / (1 - c)
            worst = max(worst, error / body)
            rows.append(["inf" if nu == math.inf else repr(float(nu)), repr(c), repr(q * scale),
                         repr(es * scale)])
    print(f"tail: {len(rows)} rows, quadrature within {worst:.2g}")
    write("tail_values.csv", ["nu", "confidence", "var", "es"], rows)


gpd_values()
tail_values()
