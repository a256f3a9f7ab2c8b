"""brute-force.py -- is the point in parameters.json the best of its whole grid?

    brute-force.py ORACLE HISTORY OUTPUT_DIR COVERAGE AXES(json) KEY=VALUE...

Every point of a small grid is scored by the oracle and ordered by worker/README.md's
"Choice": (violation, cost, point), for the constraint coverage >= COVERAGE and the
objective mean_margin.
"""
import itertools
import json
import subprocess
import sys

import oracle_keys

oracle, history, output, coverage, axes = sys.argv[1:6]
keys = oracle_keys.keys(sys.argv[6:])
coverage = float(coverage)
axes = json.loads(axes)
parameters = json.load(open(output + "/parameters.json"))
faults = points = 0
for entry in parameters["instruments"]:
    best = None
    for k, values in enumerate(itertools.product(*axes.values())):
        point = dict(zip(axes, values))
        figures = json.loads(subprocess.run(
            [oracle, history, entry["instrument"], parameters["interval"], *keys,
             *[f"{a}={v!r}" for a, v in point.items()]],
            check=True, capture_output=True).stdout)["training"]
        points += 1
        short = max(0.0, coverage - figures["coverage"]) / (1.0 - coverage)
        rank = (short, figures["mean_margin"], k)
        if best is None or rank < best[0]:
            best = (rank, point)
    if best[1] != entry["parameters"]:
        faults += 1
        print(f"{entry['instrument']}: chose {entry['parameters']}, best is {best}")
    if (best[0][0] > 0) != (entry["status"] == "failed"):
        faults += 1
        print(f"{entry['instrument']}: status {entry['status']}, violation {best[0][0]}")
print(f"{points} points of {len(parameters['instruments'])} instruments, {faults} differ")
sys.exit(faults != 0 or points == 0)
