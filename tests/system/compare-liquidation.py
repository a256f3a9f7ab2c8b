"""compare-liquidation.py -- does the liquidation study agree with the slow oracle?

    compare-liquidation.py PLIMSOLL ORACLE HISTORY OUTPUT_DIR KEY=VALUE...

The keys are the job's, every one that the oracle asks for beside the axes; $FINER_S is
the length of the shorter bars that paths are followed in (0: none).
For each instrument of OUTPUT_DIR/parameters.json the chosen point and others off the grid
are scored again by `plimsoll inspect --point` and by the oracle, which simulates the
engine in decimals.  Counts and shares of counts must be equal; amounts within 1e-9 of themselves and 1e-12 (the oracle
evaluates powers and logarithms elsewhere, and volumes near 0 magnify what is lost:
tests/worker/test_engine_oracle.c has the bound of a path).
"""
import json
import os
import subprocess
import sys

plimsoll, oracle, history, output = sys.argv[1:5]
FINER = f"finer_s={os.environ.get('FINER_S', '0')}"
COUNTED = {"observations", "left_out", "finer", "bad_debt_probability", "fund_solvency",
           "before_bankruptcy", "liquidated", "refused"}
ONLY_JUDGED = {"bad_debt_low", "bad_debt_high"}
keys = [key.removeprefix("liquidation.").removeprefix("validation.")
        for key in sys.argv[5:]]


def run(command):
    done = subprocess.run(command, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr.decode()}")
    return done.stdout


def same(name, a, b):
    if name in COUNTED:
        return abs(a - b) <= 1e-15
    return abs(a - b) <= 1e-12 + 1e-9 * max(abs(a), abs(b))


points = figures = faults = busy = 0
parameters = json.load(open(output + "/parameters.json"))
for entry in parameters["instruments"]:
    if "parameters" not in entry:
        continue
    chosen = entry["parameters"]
    harsh = dict(chosen, q=0.6 * chosen["q"], floor=0.004, maintenance=0.31,
                 step_share=0.37, cooldown=2, fund=0.0003, tier_law=2,
                 liquidation_fee=0.0071)
    auction = dict(chosen, q=0.5 * chosen["q"], floor=0.003, maintenance=0.45,
                   auction_length=5, auction_start=-0.002, tier_law=0, oi_cap=0.17,
                   fund=0)
    for point in (chosen, harsh, auction):
        text = ",".join(f"{k}={v!r}" for k, v in point.items())
        got = json.loads(run([plimsoll, "inspect", output + "/calibration.h5",
                              "--instrument", entry["instrument"], "--point", text,
                              "--json"]))
        want = json.loads(run([oracle, history, entry["instrument"],
                               parameters["interval"], "both",
                               FINER, *keys,
                               *[f"{k}={v!r}" for k, v in point.items()]]))
        points += 1
        for where in ("training", "test"):
            assert got[where].keys() - want[where].keys() == ONLY_JUDGED
            assert want[where].keys() <= got[where].keys()
            busy += want[where]["bad_debt"] > 0
            for name, value in want[where].items():
                figures += 1
                if not same(name, got[where][name], value):
                    faults += 1
                    print(f"{entry['instrument']} {text} {where}.{name}: "
                          f"{got[where][name]!r}, oracle {value!r}")
        if point is chosen and got["training"] != entry["evidence"]["training"]:
            faults += 1
            print(f"{entry['instrument']}: inspect and parameters.json differ")
print(f"{points} points, {figures} figures compared, {busy} ranges with bad debt, "
      f"{faults} differ")
sys.exit(faults != 0 or points == 0 or busy < points)
