"""brute-force-liquidation.py -- is the choice of a liquidation job the best of its grid?

    brute-force-liquidation.py PLIMSOLL OUTPUT_DIR

Every point of the first instrument is judged by `plimsoll inspect --point` and put in the
order of worker/README.md, "Choice": violation, cost, number; the job's constraints are
those of configs/liquidation.yaml.
"""
import itertools
import json
import subprocess
import sys

plimsoll, output = sys.argv[1:3]
AXES = {"lambda": [0.98], "q": [3, 4], "floor": [0.02], "maintenance": [0.5, 0.75],
        "tier_law": [1], "tier_first": [0.005, 0.02], "step_share": [0.2, 1],
        "cooldown": [0], "liquidation_fee": [0.0025, 0.005], "auction_start": [0],
        "auction_length": [0, 15], "oi_cap": [1e6], "fund": [0.0025, 0.01]}
LIMITS = {"before_bankruptcy": 0.98, "fund_solvency": 0.99}

entry = json.load(open(output + "/parameters.json"))["instruments"][0]
best = None
for k, values in enumerate(itertools.product(*AXES.values())):
    point = dict(zip(AXES, values))
    text = ",".join(f"{name}={value!r}" for name, value in point.items())
    got = json.loads(subprocess.run(
        [plimsoll, "inspect", output + "/calibration.h5", "--instrument",
         entry["instrument"], "--point", text, "--json"],
        check=True, capture_output=True).stdout)["training"]
    violation = sum(max(0.0, least - got[name]) / (1 - least)
                    for name, least in LIMITS.items())
    place = (violation, got["cost"], k)
    if best is None or place < best[0]:
        best = (place, point)
print(f"{entry['instrument']}: {k + 1} points, best {best[1]}")
sys.exit(any(entry["parameters"][name] != value for name, value in best[1].items()))
