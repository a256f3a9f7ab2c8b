#!/usr/bin/python3
"""Reference values for worker/rangevol and worker/har: numpy and statsmodels.

    tests/oracle/reference/range_har.py OUT_DIR

Writes range_bars.csv (301 simulated bars with gaps, opens away from the close before, and
some frozen), range_reference.csv (every estimator at some bars, each window summed
afresh) and har_reference.csv (statsmodels OLS, nonrobust and HAC errors, on the squares
of garch_series.csv, which garch.R writes).
"""
import csv
import math
import sys

import numpy as np
import statsmodels.api as sm

out = sys.argv[1]
rng = np.random.default_rng(747)


def bars():
    rows, hour, price = [], 0, 100.0
    for t in range(301):
        hour += 1 if rng.random() > 0.04 else int(rng.integers(2, 9))
        start = price * math.exp(0.003 * rng.standard_normal())
        steps = 0.01 * rng.standard_normal(60) / math.sqrt(60)
        if 100 <= t < 105:
            steps = np.zeros(60)
            start = price
        path = start * np.exp(np.concatenate([[0.0], np.cumsum(steps)]))
        row = [hour] + [round(float(x), 6) for x in
                        (path[0], path.max(), path.min(), path[-1])]
        rows.append(row)
        price = row[4]
    return rows


ROWS = bars()
with open(f"{out}/range_bars.csv", "w", newline="") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow(["hour", "open", "high", "low", "close"])
    w.writerows(ROWS)

hour = np.array([r[0] for r in ROWS])
O, H, L, C = (np.array([r[i] for r in ROWS]) for i in (1, 2, 3, 4))
whole = np.concatenate([[False], np.diff(hour) == 1])
before = np.where(whole, np.concatenate([[np.nan], C[:-1]]), np.nan)


def estimate(model, window, t):
    s = slice(max(0, t - window + 1), t + 1)
    o, h, l, c, p = O[s], H[s], L[s], C[s], before[s]
    if model == "rolling":
        r = np.log(c / p)
        r = r[~np.isnan(r)]
        return np.var(r, ddof=1) if len(r) > 1 else math.nan
    if model == "parkinson":
        return np.mean(np.log(h / l) ** 2) / (4 * math.log(2))
    if model == "garman_klass":
        return np.mean(0.5 * np.log(h / l) ** 2
                       - (2 * math.log(2) - 1) * np.log(c / o) ** 2)
    rs = np.log(h / c) * np.log(h / o) + np.log(l / c) * np.log(l / o)
    if model == "rogers_satchell":
        return np.mean(rs)
    there = ~np.isnan(p)
    n = there.sum()
    if n < 2:
        return math.nan
    k = 0.34 / (1.34 + (n + 1) / (n - 1))
    return (np.var(np.log(o / p)[there], ddof=1) + k * np.var(np.log(c / o)[there], ddof=1)
            + (1 - k) * np.mean(rs[there]))


def atr(window):
    values, a = [], 0.0
    tr = [math.log(max(H[t], before[t] if whole[t] else 0)
                   / min(L[t], before[t] if whole[t] else math.inf)) for t in range(len(C))]
    for t in range(len(C)):
        a = (sum(tr[:t + 1]) / (t + 1) if t < window
             else a * (window - 1) / window + tr[t] / window)
        values.append(math.pi / 8 * a * a)
    return values


with open(f"{out}/range_reference.csv", "w", newline="") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow(["model", "window", "t", "variance"])
    for window in (2, 14, 61, 400):
        line = atr(window)
        for t in list(range(0, 20)) + list(range(20, 301, 13)) + [101, 102, 103, 104]:
            w.writerow(["atr", window, t, repr(float(line[t]))])
            for model in ("rolling", "parkinson", "garman_klass", "rogers_satchell",
                          "yang_zhang"):
                v = estimate(model, window, t)
                w.writerow([model, window, t, "" if math.isnan(v) else repr(float(v))])

r = np.loadtxt(f"{out}/garch_series.csv", skiprows=1)
x = r ** 2
with open(f"{out}/har_reference.csv", "w", newline="") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow(["day", "week", "month", "horizon", "lags", "n", "rss", "r_squared"]
               + [f"b{j}" for j in range(4)] + [f"ols{j}" for j in range(4)]
               + [f"hac{j}" for j in range(4)])
    for day, week, month, horizon, lags in ((1, 5, 22, 1, 5), (1, 5, 22, 5, 10),
                                            (3, 21, 90, 8, 24)):
        rows, y = [], []
        for t in range(month - 1, len(x) - horizon):
            rows.append([1.0] + [x[t - k + 1:t + 1].mean() for k in (day, week, month)])
            y.append(x[t + 1:t + 1 + horizon].mean())
        ols = sm.OLS(np.array(y), np.array(rows))
        a, b = ols.fit(), ols.fit(cov_type="HAC", cov_kwds={"maxlags": lags,
                                                          "use_correction": False})
        w.writerow([day, week, month, horizon, lags, len(y), repr(float(a.ssr)),
                    repr(float(a.rsquared))]
                   + [repr(float(v)) for v in (*a.params, *a.bse, *b.bse)])
