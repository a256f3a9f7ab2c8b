#!/usr/bin/python3
"""maxima.py -- does another optimiser find a higher GARCH likelihood on real series?

    tests/system/real/maxima.py PLIMSOLL HISTORY [EVERY [INTERVAL]]

Each EVERY-th series of the store at the INTERVAL (1, 1d) whose only missing return is the
first: GARCH(1,1) of normal and of Student-t returns by `plimsoll fit`, and by scipy's
L-BFGS-B in other coordinates from 12 starts on the likelihood as worker/garch.h writes
it.  Prints how often the other one is higher by more than 1e-6 and how often this one is;
exit 1 if the other one ever is.
"""
import csv, json, math, subprocess, sys, tempfile

import numpy as np
from scipy import optimize, signal, special

plimsoll, history = sys.argv[1:3]
every = int(sys.argv[3]) if len(sys.argv) > 3 else 1
interval = sys.argv[4] if len(sys.argv) > 4 else "1d"


def likelihood(r, omega, alpha, beta, nu):
    """r without its first, which is missing and counts as its expectation."""
    b = np.mean(r * r)
    h0 = omega + (alpha + beta) * b
    h1 = omega + (alpha + beta) * h0
    h = np.empty(len(r))
    h[0] = h1
    if len(r) > 1:
        h[1:], _ = signal.lfilter([1.0], [1.0, -beta], omega + alpha * r[:-1] ** 2,
                                  zi=[beta * h1])
    if math.isinf(nu):
        return -0.5 * np.sum(np.log(2 * math.pi * h) + r * r / h)
    return len(r) * (special.gammaln((nu + 1) / 2) - special.gammaln(nu / 2) -
                     0.5 * math.log(math.pi * (nu - 2))) - np.sum(
        0.5 * np.log(h) + (nu + 1) / 2 * np.log1p(r * r / h / (nu - 2)))


def other(r, student):
    """ln omega / variance, persistence, share of alpha, 1 / nu; in the box of garch_fit.h."""
    v = np.mean(r * r)

    def minus(x):
        p, s = x[1], x[2]
        nu = 1 / x[3] if student else math.inf
        value = likelihood(r, v * math.exp(x[0]), p * s, p * (1 - s), nu)
        return -value if math.isfinite(value) else 1e10
    bounds = [(math.log(2.0 ** -42), math.log(8)), (0, 1 - 2.0 ** -20), (0, 1)] + (
        [(1 / 500, 1 / 2.02)] if student else [])
    best = -math.inf
    for p in (0.999, 0.95, 0.7, 0.2):
        for s in (0.03, 0.1, 0.5):
            x = [math.log(1 - p), p, s] + ([0.2] if student else [])
            done = optimize.minimize(minus, x, method="L-BFGS-B", bounds=bounds,
                                     options={"maxiter": 500, "ftol": 1e-14})
            best = max(best, -done.fun)
    return best


def main():
    listing = [line.split()[:2] for line in subprocess.run(
        [plimsoll, "inspect", history], check=True, capture_output=True,
        text=True).stdout.splitlines()[1:]]
    names = [i for i, v in listing if v == interval][::every]
    counts = {"fits": 0, "alike": 0, "ours higher": 0, "theirs higher": 0}
    with tempfile.NamedTemporaryFile() as paths:
        for name in names:
            for law in ("normal", "student"):
                done = subprocess.run(
                    [plimsoll, "fit", "--history", history, "--instrument", name,
                     "--interval", interval, "--model", "garch", "--innovations", law,
                     "--json", "--write", paths.name], capture_output=True, text=True)
                report = json.loads(done.stdout)
                if done.returncode != 0 or report["series"]["missing"] != 1:
                    continue
                with open(paths.name) as file:
                    r = np.array([float(row["value"]) for row in csv.DictReader(file)
                                  if row["value"] != ""])
                theirs, ours = other(r, law == "student"), report["log_likelihood"]
                counts["fits"] += 1
                which = ("alike" if abs(ours - theirs) <= 1e-6 else
                         "ours higher" if ours > theirs else "theirs higher")
                counts[which] += 1
                if which == "theirs higher":
                    print(f"{name} {law} {report['status']} {report.get('bounds', '')}: "
                          f"{ours!r}, scipy {theirs!r}", flush=True)
    print(counts)
    return counts["theirs higher"] > 0


sys.exit(main())
