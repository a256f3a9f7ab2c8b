"""compare-figures.py -- does the program agree with the slow oracle, point by point?

    compare-figures.py PLIMSOLL ORACLE HISTORY OUTPUT_DIR KEY=VALUE...

The keys are the oracle's (tests/oracle/main_oracle.c) and say what the job asked beyond
oracle_keys.py's defaults.  For each instrument
of OUTPUT_DIR/parameters.json the chosen point and two others off the grid are scored
again by `plimsoll inspect --point` and by the oracle ($ONLY: a list of instruments).  Counts, margins, shortfalls and ratios
must be equal bit for bit; likelihood ratios and p-values, which the page gives to ten
digits, within 1e-9 of themselves.  However small a p-value is, its logarithm orders
points, so it has no absolute allowance but where doubles run out (1e-290); the ratio,
zero where x = np, has 1e-12.  Both ranges must be there, the test range unless the
job holds nothing out.
"""
import json
import os
import subprocess
import sys

import oracle_keys

# the tests of judged points and the comparison without damping have tests of their own
# (tests/worker/test_margin_backtests.c, tests/system/test-tails)
JUDGED = {"binomial_p", "kupiec_exact_p", "independence_exact_p", "tuff_p", "duration_p",
          "dynamic_quantile_p", "traffic_light", "tick_loss", "procyclicality_cost"} | {
    name + "_before" for name in
    ("peak_to_trough", "rise_1d", "rise_5d", "rise_20d", "rise_30d")}

plimsoll, oracle, history, output = sys.argv[1:5]
keys = oracle_keys.keys(sys.argv[5:])
LOOSE = {"kupiec_lr", "kupiec_p", "kupiec_p_upper", "kupiec_phase_p", "independence_p"}


def run(command):
    done = subprocess.run(command, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr.decode()}")
    return json.loads(done.stdout)


def same(name, a, b):
    if a is None or b is None:
        return a is b
    if name in LOOSE:
        least = 1e-12 if name == "kupiec_lr" else 1e-290
        return abs(a - b) <= max(least, 1e-9 * max(abs(a), abs(b)))
    return a == b


only = os.environ["ONLY"].split(",") if "ONLY" in os.environ else None
ranges = ("training",) if "holdout=0" in keys else ("training", "test")
points = figures = faults = 0
parameters = json.load(open(output + "/parameters.json"))
for entry in parameters["instruments"]:
    if "parameters" not in entry or not (only is None or entry["instrument"] in only):
        continue
    chosen = entry["parameters"]
    off_grid = dict(chosen, q=chosen["q"] * 0.811, buffer=0.171, release=1)
    low = dict(chosen, q=chosen["q"] * 0.55, floor=0.0123, release=0)
    for point in (chosen, off_grid, low):
        text = ",".join(f"{k}={v!r}" for k, v in point.items())
        got = run([plimsoll, "inspect", output + "/calibration.h5", "--instrument",
                   entry["instrument"], "--point", text, "--json"])
        want = run([oracle, history, entry["instrument"], parameters["interval"],
                    *keys, *[f"{k}={v!r}" for k, v in point.items()]])
        points += 1
        for where in ranges:
            want[where].pop("phases", None)
            assert got[where].keys() - want[where].keys() <= JUDGED
            assert want[where].keys() <= got[where].keys()
            for name, value in want[where].items():
                figures += 1
                if not same(name, got[where][name], value):
                    faults += 1
                    print(f"{entry['instrument']} {text} {where}.{name}: "
                          f"{got[where][name]!r}, oracle {value!r}")
        if point is chosen and got["training"] != entry["evidence"]["training"]:
            faults += 1
            print(f"{entry['instrument']}: inspect and parameters.json differ")
print(f"{points} points, {figures} figures compared, {faults} differ")
sys.exit(faults != 0 or points == 0)
