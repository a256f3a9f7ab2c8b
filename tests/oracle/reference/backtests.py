#!/usr/bin/python3
"""Reference values for the backtests of worker/: numpy, scipy and statsmodels.

    tests/oracle/reference/backtests.py OUT_DIR

Each test is written from its paper, by the longest way: likelihoods as sums of scipy's
log densities maximised over both parameters, statsmodels' OLS for the dynamic quantile
test, the order statistics of Z3 by quadrature of the paper's integral, the law of Z2 as
a compound binomial by Fourier transform.  Writes

    backtests_series.csv     losses and forecasts; empty cells are missing
    backtests_reference.csv  every statistic of each series
    backtests_laws.csv       quantiles and probabilities of Z2; means of order statistics
    backtests_overlap.csv    variance of the count over overlapping horizons
    backtests_size.csv       how often tests reject right and wrong forecasts
    backtests_power.csv      the same for forecasts that are wrong in other ways
"""
import csv
import math
import sys

import numpy as np
import statsmodels.api as sm
from scipy import integrate, optimize, special, stats

out = sys.argv[1]
rng = np.random.default_rng(20040229)


def write(name, header, rows):
    with open(f"{out}/{name}", "w", newline="") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(header)
        for row in rows:
            w.writerow(["" if isinstance(x, float) and math.isnan(x)
                        else repr(float(x)) if isinstance(x, (float, np.floating))
                        else x for x in row])


# ---- the laws of one loss ------------------------------------------------------------

def law_of(nu):
    return stats.norm() if math.isinf(nu) else stats.t(nu)


def quantile(nu, p):
    return law_of(nu).isf(p)


def shortfall(nu, p):
    law, z = law_of(nu), quantile(nu, p)
    return (integrate.quad(lambda e: e * law.pdf(e), z, z + 40, epsabs=0, epsrel=1e-13)[0]
            + integrate.quad(lambda e: e * law.pdf(e), z + 40, np.inf, epsabs=0,
                             epsrel=1e-12)[0] * (not math.isinf(nu))) / p


def mean_of_largest(nu, n, k):
    """Average of the means of the k largest of n, each by the density of its order."""
    law, total = law_of(nu), 0.0
    for j in range(n - k + 1, n + 1):  # j-th smallest
        log_c = special.gammaln(n + 1) - special.gammaln(j) - special.gammaln(n - j + 1)

        def f(e):
            return e * math.exp(log_c + (j - 1) * law.logcdf(e) + (n - j) * law.logsf(e)
                                + law.logpdf(e))
        cuts = [-np.inf, -30, -3, 0, 1, 2, 3, 5, 10, 30, 300, np.inf]
        total += sum(integrate.quad(f, a, b, epsabs=1e-13, epsrel=1e-11, limit=200)[0]
                     for a, b in zip(cuts, cuts[1:]))
    return total / k


# ---- series --------------------------------------------------------------------------

def garch(n, nu, omega, alpha, beta):
    h, e = [omega / (1 - alpha - beta)], []
    scale = 1.0 if math.isinf(nu) else math.sqrt((nu - 2) / nu)
    for _ in range(n):
        e.append(math.sqrt(h[-1]) * scale * (rng.standard_normal() if math.isinf(nu)
                                             else rng.standard_t(nu)))
        h.append(omega + alpha * e[-1] ** 2 + beta * h[-1])
    return np.array(e), np.sqrt(np.array(h[:-1]))


def series(name, n, p, nu, model_nu, constant, missing):
    e, s = garch(n, nu, 2e-6, 0.09, 0.89)
    unit = 1.0 if math.isinf(model_nu) else math.sqrt((model_nu - 2) / model_nu)
    scale = np.full(n, np.std(e)) * unit if constant else s * unit
    loss = np.round(e + 0.0002, 9)
    mean = np.full(n, -0.0001)
    scale = np.round(scale, 9)
    var = np.round(mean + scale * quantile(model_nu, p), 9)
    es = np.round(mean + scale * shortfall(model_nu, p), 9)
    for _ in range(missing):
        loss[rng.integers(n)] = np.nan
        var[rng.integers(n)] = np.nan
    return dict(name=name, p=p, nu=model_nu, loss=loss, var=var, es=es, mean=mean,
                scale=scale)


ALL = [series("right_95", 600, 0.05, math.inf, math.inf, False, 0),
       series("constant_95", 800, 0.05, math.inf, math.inf, True, 0),
       series("thin_975", 1000, 0.025, 4.0, math.inf, False, 0),
       series("student_975", 800, 0.025, 4.0, 4.0, False, 9),
       series("right_99", 1000, 0.01, math.inf, math.inf, False, 5),
       series("thin_99", 250, 0.01, 3.0, math.inf, True, 0)]
write("backtests_series.csv", ["series", "loss", "var", "es", "mean", "scale"],
      [[s["name"], float(s["loss"][t]), float(s["var"][t]), float(s["es"][t]),
        float(s["mean"][t]), float(s["scale"][t])]
       for s in ALL for t in range(len(s["loss"]))])


# ---- the tests -----------------------------------------------------------------------

def tuff(hit, p):
    if not hit.any():
        return [0, math.nan, math.nan]
    t = int(np.argmax(hit)) + 1
    lr = -2 * (stats.geom.logpmf(t, p) - stats.geom.logpmf(t, 1 / t))
    return [t, lr, stats.chi2.sf(lr, 1)]


def duration(hit):
    place = np.flatnonzero(hit) + 1
    whole, cut = list(np.diff(place)), []
    if not hit[0]:
        cut.append(place[0])
    if not hit[-1]:
        cut.append(len(hit) - place[-1])
    whole, cut = np.array(whole, float), np.array(cut, float)

    def minus(theta):  # ln b, ln of the scale 1/a
        law = stats.weibull_min(math.exp(theta[0]), scale=math.exp(theta[1]))
        return -(law.logpdf(whole).sum() + law.logsf(cut).sum())

    start = math.log(whole.mean())
    one = optimize.minimize_scalar(lambda c: minus((0.0, c)), bracket=(start, start + 0.3),
                                   options=dict(xtol=1e-14))
    both = optimize.minimize(minus, (0.0, one.x), method="Nelder-Mead",
                             options=dict(xatol=1e-12, fatol=1e-14, maxiter=9000,
                                          maxfev=9000))
    both = optimize.minimize(minus, both.x, method="Nelder-Mead",
                             options=dict(xatol=1e-13, fatol=1e-15, maxiter=9000,
                                          maxfev=9000))
    lr = 2 * (one.fun - both.fun)
    return [math.exp(both.x[0]), -both.fun, -one.fun, lr, stats.chi2.sf(lr, 1)]


def dynamic_quantile(loss, var, p, with_var):
    n, hit = len(loss), np.where(np.isnan(loss - var), np.nan, (loss > var) - p)
    rows = [[1.0] + [hit[t - k] for k in range(1, 5)] + ([var[t]] if with_var else [])
            + [hit[t]] for t in range(4, n)]
    rows = np.array([r for r in rows if not any(map(math.isnan, r))])
    x, y = rows[:, :-1], rows[:, -1]
    x = x / np.abs(x).max(axis=0)
    if np.linalg.matrix_rank(x, tol=1e-9 * np.sqrt(len(x))) < x.shape[1]:
        return [len(x), math.nan, math.nan]
    fitted = sm.OLS(y, x).fit().fittedvalues
    dq = float(fitted @ fitted) / (p * (1 - p))
    return [len(x), dq, stats.chi2.sf(dq, x.shape[1])]


def dynamic_quantile_in_sample(loss, var, p, width):
    """VaR_t = b0 + b1 |loss_(t-1)|: gradient (1, |loss_(t-1)|); theorem 4, dense."""
    n, hit = len(loss), np.where(np.isnan(loss - var), np.nan, (loss > var) - p)
    ok = [t for t in range(4, n) if not np.isnan(hit[t - 4:t + 1]).any()]
    x = np.array([[hit[t - k] for k in range(1, 5)] for t in ok])
    g = np.array([[1.0, abs(loss[t - 1])] for t in ok])
    near = np.abs(np.array([loss[t] - var[t] for t in ok])) < width
    c = 1 / (2 * width * len(ok))
    d = c * g[near].T @ g[near]
    m = x.T - c * (x[near].T @ g[near]) @ np.linalg.inv(d) @ g.T
    xh = x.T @ hit[ok]
    dq = xh @ np.linalg.inv(m @ m.T) @ xh / (p * (1 - p))
    return [float(dq), stats.chi2.sf(dq, 4)]


def acerbi(s, keep):
    loss, var, es, mean, scale = (s[k][keep] for k in ("loss", "var", "es", "mean", "scale"))
    x, hit, t = -loss, (loss > var), len(loss)
    z1 = (x * hit / es).sum() / hit.sum() + 1
    z2 = (x * hit / (t * s["p"] * es)).sum() + 1
    k = math.floor(t * s["p"] + 1e-9)
    law = law_of(s["nu"])
    u = np.sort(law.sf((loss - mean) / scale))[:k]  # the worst ranks
    worst = law.isf(u)
    expected = mean_of_largest(s["nu"], t, k)
    z3 = 1 - np.mean([np.mean(mean[i] + scale[i] * worst) / (mean[i] + scale[i] * expected)
                      for i in range(t)])
    return [z1, z2, z3]


def mcneil_frey(s, keep):
    hit = keep & (s["loss"] > s["var"])
    r = (s["loss"][hit] - s["es"][hit]) / s["scale"][hit]
    test = stats.ttest_1samp(r, 0, alternative="greater")
    return [float(r.mean()), float(test.statistic), float(test.pvalue)]


def scores(s, keep):
    y, v, e, a = -s["loss"][keep], -s["var"][keep], -s["es"][keep], s["p"]
    tick = np.mean((a - (y <= v)) * (y - v))
    fz = np.mean(-1.0 * (y <= v) * (v - y) / (a * e) + v / e + np.log(-e) - 1)
    return [float(tick), float(fz)]


rows = []
for s in ALL:
    keep = ~np.isnan(s["loss"] + s["var"])
    hit = s["loss"][keep] > s["var"][keep]
    width = 0.25 * float(np.std(s["loss"][keep]))
    rows.append([s["name"], s["p"], s["nu"] if math.isfinite(s["nu"]) else 0.0,
                 int(keep.sum()), int(hit.sum())] + tuff(hit, s["p"]) + duration(hit)
                + dynamic_quantile(s["loss"], s["var"], s["p"], True)
                + dynamic_quantile(s["loss"], s["var"], s["p"], False)
                + [width] + dynamic_quantile_in_sample(s["loss"], s["var"], s["p"], width)
                + acerbi(s, keep) + mcneil_frey(s, keep) + scores(s, keep))
write("backtests_reference.csv",
      ["series", "p", "nu", "bars", "hits", "first", "tuff_lr", "tuff_p", "b", "ll", "ll_one",
       "duration_lr", "duration_p", "dq_rows", "dq", "dq_p", "dq_lags_rows", "dq_lags",
       "dq_lags_p", "width", "dq_in", "dq_in_p", "z1", "z2", "z3", "residual_mean", "t",
       "t_p", "tick", "fz"], rows)


# ---- the law of Z2 -------------------------------------------------------------------

def z2_law(nu, n, p, true_sf=None):
    """1 - Z2 is compound binomial: sum of l/ES over hits, over n p, on a grid of cells.
    VaR and ES are those of nu; the losses have the upper tail true_sf, or nu's own."""
    z, es = quantile(nu, p), shortfall(nu, p)
    true_sf = true_sf or law_of(nu).sf
    cells, reach = 2 ** 20, 40.0 * n * p  # l / ES of all hits together
    width = reach / cells
    edge = (np.arange(cells + 1) - 0.5) * width
    tail = true_sf(np.maximum(edge * es, z))
    mass = tail[:-1] - tail[1:]
    mass[-1] += tail[-1]
    mass[0] += 1 - tail[0]
    sum_law = np.fft.irfft(np.fft.rfft(mass) ** n, cells)
    return np.arange(cells) * width / (n * p), np.cumsum(sum_law)


laws = []
for nu, n, p in [(math.inf, 250, 0.025), (100.0, 250, 0.025), (10.0, 250, 0.025),
                 (5.0, 250, 0.025), (3.0, 250, 0.025), (math.inf, 1966, 0.025),
                 (3.0, 1966, 0.025)]:
    ratio, at_most = z2_law(nu, n, p)
    for level in (0.05, 0.01, 0.0001):
        at = np.searchsorted(at_most, 1 - level)
        laws.append(["z2_quantile", nu if math.isfinite(nu) else 0.0, n, p, level,
                     1 - float(ratio[at])])
    for z in (-0.70, -1.80, -0.38265):
        at = np.searchsorted(ratio, 1 - z)
        laws.append(["z2_probability", nu if math.isfinite(nu) else 0.0, n, p, z,
                     1 - float(at_most[at - 1])])
# Forecast t(100), losses t(3) as they stand; forecast normal, losses t(4) of variance 1.
for name, nu, sf in (("z2_power_t3", 100.0, law_of(3).sf),
                     ("z2_power_t4", math.inf, lambda x: law_of(4).sf(x * math.sqrt(2)))):
    ratio, at_most = z2_law(nu, 250, 0.025)
    critical = ratio[np.searchsorted(at_most, 0.95)]
    ratio, at_most = z2_law(nu, 250, 0.025, sf)
    laws.append([name, nu if math.isfinite(nu) else 0.0, 250, 0.025, 1 - float(critical),
                 1 - float(at_most[np.searchsorted(ratio, critical) - 1])])
for nu in (math.inf, 10.0, 4.0, 3.0):
    laws.append(["quantile", nu if math.isfinite(nu) else 0.0, 0, 0.025, 0.0,
                 float(quantile(nu, 0.025))])
    laws.append(["shortfall", nu if math.isfinite(nu) else 0.0, 0, 0.025, 0.0,
                 shortfall(nu, 0.025)])
    for n, k in ((1, 1), (5, 2), (20, 20), (100, 5), (250, 6)):
        laws.append(["mean_of_largest", nu if math.isfinite(nu) else 0.0, n, float(k), 0.0,
                     mean_of_largest(nu, n, k)])
write("backtests_laws.csv", ["what", "nu", "n", "p", "at", "value"], laws)


# ---- overlapping horizons ------------------------------------------------------------

overlap = []
for n, h, p in [(250, 1, 0.01), (250, 10, 0.01), (500, 5, 0.05), (250, 20, 0.025)]:
    z, variance = stats.norm.isf(p), n * p * (1 - p)
    for lag in range(1, min(h, n)):
        rho = 1 - lag / h
        both = integrate.quad(
            lambda x: stats.norm.pdf(x) * stats.norm.cdf((rho * x - z)
                                                         / math.sqrt(1 - rho * rho)),
            z, z + 12, epsabs=1e-14, epsrel=1e-11)[0]
        variance += 2 * (n - lag) * (float(both) - p * p)
    overlap.append([n, h, p, n * p, variance])
write("backtests_overlap.csv", ["n", "h", "p", "mean", "variance"], overlap)


# ---- size and power ------------------------------------------------------------------

SIZES = []
GARCH = (0.1, 0.88)  # of unit variance


def paths(count, n):
    """Normal GARCH paths of unit variance, and their volatility."""
    a, b = GARCH
    h, e, s = np.ones(count), np.empty((count, n)), np.empty((count, n))
    for t in range(n):
        s[:, t] = np.sqrt(h)
        e[:, t] = s[:, t] * rng.standard_normal(count)
        h = (1 - a - b) + a * e[:, t] ** 2 + b * h
    return e, s


def rate(what, n, p, rejected):
    there = [x for x in rejected if x is not None]
    share = float(np.mean(there))
    SIZES.append([what, n, p, len(rejected), len(there), share])


def durations_reject(hit):
    place = np.flatnonzero(hit) + 1
    if len(place) < 2:
        return None
    whole = np.diff(place).astype(float)
    every = np.concatenate([whole] + ([[place[0]]] if not hit[0] else [])
                           + ([[len(hit) - place[-1]]] if not hit[-1] else []))
    if whole.min() == every.max():
        return None
    m, u, x = len(whole), np.log(whole).sum(), np.log(every / every.max())

    def slope(b):
        w = np.exp(b * x)
        return m / b + u - m * ((w * x).sum() / w.sum() + math.log(every.max()))
    b = optimize.brentq(slope, 1e-3, 1e6, xtol=1e-12)

    def ll(b):
        return (m * math.log(m / (every ** b).sum()) + m * math.log(b) + (b - 1) * u
                if b < 50 else math.inf)
    return 2 * (ll(b) - ll(1.0)) > stats.chi2.isf(0.05, 1)


def independence_reject(hit):
    n = np.array([[np.sum((hit[:-1] == i) & (hit[1:] == j)) for j in (0, 1)]
                  for i in (0, 1)])
    row, column = n.sum(axis=1), n.sum(axis=0)
    markov = special.xlogy(n, n).sum() - special.xlogy(row, row).sum()
    even = special.xlogy(column, column).sum() - special.xlogy(n.sum(), n.sum())
    return 2 * (markov - even) > stats.chi2.isf(0.05, 1)


def dq_reject(loss, var, p, with_var):
    hit = (loss > var) - p
    n = len(hit)
    x = np.column_stack([np.ones(n - 4)] + [hit[4 - k:n - k] for k in range(1, 5)]
                        + ([var[4:]] if with_var else []))
    if np.linalg.matrix_rank(x) < x.shape[1]:
        return None
    fitted = x @ np.linalg.lstsq(x, hit[4:], rcond=None)[0]
    return fitted @ fitted / (p * (1 - p)) > stats.chi2.isf(0.05, x.shape[1])


def t_reject(loss, var, es):
    r = (loss - es)[loss > var]
    return None if len(r) < 2 else stats.ttest_1samp(r, 0, alternative="greater")[1] < 0.05


for n, p in ((500, 0.01), (1000, 0.05)):
    e, s = paths(4000, n)
    z = quantile(math.inf, p)
    rate("dq_size", n, p, [dq_reject(x, z * y, p, True) for x, y in zip(e, s)])
    rate("duration_size", n, p, [durations_reject(x > z * y) for x, y in zip(e, s)])
    rate("independence_size", n, p, [independence_reject(x > z * y) for x, y in zip(e, s)])
    constant = np.full(n, z)
    rate("independence_power", n, p, [independence_reject(x > z) for x in e])
    rate("dq_power", n, p, [dq_reject(x, constant, p, False) for x in e])
    rate("duration_power", n, p, [durations_reject(x > z) for x in e])
z, es = quantile(math.inf, 0.025), shortfall(math.inf, 0.025)
rate("t_size", 1000, 0.025, [t_reject(x, z, es) for x in rng.standard_normal((4000, 1000))])
rate("t_power", 1000, 0.025, [t_reject(x, z, es)
                              for x in rng.standard_t(4, (4000, 1000)) / math.sqrt(2)])
write("backtests_size.csv", ["what", "n", "p", "samples", "there", "rejected"], SIZES)


# ---- power against other mistakes --------------------------------------------------------
#
# Losses of variance 1 by GARCH(0.1, 0.88) against a normal quantile of a EWMA that is too
# fast (lambda 0.8, started at 1); normal forecasts of independent t(5); and the design of
# Christoffersen and Pelletier (2004): historical simulation of 500 days on the daily
# returns of an asymmetric GARCH with t(8) innovations,
#     h' = omega + alpha h (z - theta)^2 + beta h,  z = t(8) of variance 1
# with omega 3.9683e-6, alpha 0.1, theta 0.5, beta 0.85: a year's volatility is 0.2.

POWER = []
later = np.random.default_rng(20041104)


def power(what, n, p, rejected):
    there = [x for x in rejected if x is not None]
    POWER.append([what, n, p, len(rejected), len(there), float(np.mean(there))])


def kupiec_reject(hit, p):
    n, x = len(hit), int(hit.sum())
    lr = 2 * (special.xlogy(x, x / (n * p)) + special.xlogy(n - x, (n - x) / (n * (1 - p))))
    return lr > stats.chi2.isf(0.05, 1)


def conditional_reject(hit, p):
    """Christoffersen 1998: both at once, chi-squared of two degrees."""
    n, x = len(hit), int(hit.sum())
    lr = 2 * (special.xlogy(x, x / (n * p)) + special.xlogy(n - x, (n - x) / (n * (1 - p))))
    m = np.array([[np.sum((hit[:-1] == i) & (hit[1:] == j)) for j in (0, 1)]
                  for i in (0, 1)])
    row, column = m.sum(axis=1), m.sum(axis=0)
    markov = special.xlogy(m, m).sum() - special.xlogy(row, row).sum()
    even = special.xlogy(column, column).sum() - special.xlogy(m.sum(), m.sum())
    return lr + 2 * (markov - even) > stats.chi2.isf(0.05, 2)


def all_power(design, n, p, losses, vars_):
    hits = [x > v for x, v in zip(losses, vars_)]
    power(f"kupiec_{design}", n, p, [kupiec_reject(h, p) for h in hits])
    power(f"independence_{design}", n, p, [independence_reject(h) for h in hits])
    power(f"conditional_{design}", n, p, [conditional_reject(h, p) for h in hits])
    power(f"duration_{design}", n, p, [durations_reject(h) for h in hits])
    power(f"dq_{design}", n, p,
          [dq_reject(x, v, p, True) for x, v in zip(losses, vars_)])


def fast_ewma(count, n, lam, z):
    a, b = GARCH
    h, v = np.ones(count), np.ones(count)
    e, var = np.empty((count, n)), np.empty((count, n))
    for t in range(n):
        var[:, t] = z * np.sqrt(v)
        e[:, t] = np.sqrt(h) * later.standard_normal(count)
        h = (1 - a - b) + a * e[:, t] ** 2 + b * h
        v = lam * v + (1 - lam) * e[:, t] ** 2
    return e, var


def historical(count, n, p, window=500):
    omega, alpha, theta, beta, nu = 3.9683e-6, 0.1, 0.5, 0.85, 8
    h = np.full(count, omega / (1 - beta - alpha * (1 + theta ** 2)))
    loss = np.empty((count, window + n))
    for t in range(window + n):
        z = later.standard_t(nu, count) * math.sqrt((nu - 2) / nu)
        loss[:, t] = -np.sqrt(h) * z
        h = omega + alpha * h * (z - theta) ** 2 + beta * h
    k = math.ceil((1 - p) * window - 1e-9)  # the k-th smallest of the last 500
    var = np.stack([np.partition(loss[:, t:t + window], k - 1, axis=1)[:, k - 1]
                    for t in range(n)], axis=1)
    return loss[:, window:], var


for n, p in ((500, 0.01), (1000, 0.05)):
    all_power("fast", n, p, *fast_ewma(4000, n, 0.8, quantile(math.inf, p)))
    all_power("historical", n, p, *historical(4000, n, p))
t5 = stats.t(5).sf(quantile(math.inf, 0.01) * math.sqrt(5 / 3))
for n in (250, 500, 1000, 2000):
    x = np.arange(n + 1)
    reject = [bool(kupiec_reject(np.arange(n) < k, 0.01)) for k in x]
    POWER.append(["kupiec_t5_exact", n, 0.01, 0, 0, float(stats.binom(n, t5).pmf(x) @ reject)])


def z_statistics(loss, var, es, p):
    hit = loss > var
    total = (loss * hit).sum(axis=1) / es
    with np.errstate(invalid="ignore", divide="ignore"):
        return 1 - total / hit.sum(axis=1), 1 - total / (loss.shape[1] * p)


z, es = quantile(math.inf, 0.025), shortfall(math.inf, 0.025)
null = z_statistics(later.standard_normal((40000, 250)), z, es, 0.025)
wrong = z_statistics(later.standard_t(5, (20000, 250)) * math.sqrt(0.6), z, es, 0.025)
for name, right, false in zip(("z1_t5", "z2_t5"), null, wrong):
    critical = np.nanquantile(right, 0.05)
    power(name, 250, 0.025, [None if math.isnan(x) else x < critical for x in false])
power("t_t5", 1000, 0.025, [t_reject(x, z, es)
                            for x in later.standard_t(5, (4000, 1000)) * math.sqrt(0.6)])
write("backtests_power.csv", ["what", "n", "p", "samples", "there", "rejected"], POWER)
