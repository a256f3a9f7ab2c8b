"""nested-minimum.py -- does a job choose the minimum over all joint choices, for every
way of giving its axes their scopes?

    nested-minimum.py PLIMSOLL ORACLE HISTORY JOB WORK WITH_RANKS KEY=VALUE...

The oracle scores every point of every instrument of a small grid once. For each of the
27 mixes of instrument, group and global over three axes the job is run (on 1, 2, 3 and
5 ranks in turn), and its points are compared with the least of all joint choices, one
point for each instrument, in which those who share an axis have one value of it: by
(sum of violations, sum of costs), weighed. Sums in floating point have an order, so
joint choices whose costs agree to 1e-12 count as equal; the chosen one must be among
them.
"""
import itertools
import json
import subprocess
import sys

import oracle_keys

plimsoll, oracle, history, job, work, with_ranks = sys.argv[1:7]
keys = oracle_keys.keys(sys.argv[7:])
AXES = {"lambda": [0.9, 0.96], "q": [2.5, 4.0, 6.0], "floor": [0.01, 0.09]}
MEMBERS = ["BTC-PERP", "DOGE-PERP", "ETH-PERP", "SOL-PERP"]
GROUPS = [["BTC-PERP", "SOL-PERP"], ["DOGE-PERP", "ETH-PERP"]]
COVERAGE = 0.99
POINTS = list(itertools.product(*AXES.values()))


def score(instrument, point):
    values = dict(zip(AXES, point), buffer=0.0, release=0)
    figures = json.loads(subprocess.run(
        [oracle, history, instrument, "1h", *keys,
         *[f"{a}={v!r}" for a, v in values.items()]],
        check=True, capture_output=True).stdout)["training"]
    short = max(0.0, COVERAGE - figures["coverage"]) / (1.0 - COVERAGE)
    return short, figures["mean_margin"]


def consistent(scopes, points):
    """Do those who share an axis have one value of it?"""
    for a, scope in enumerate(scopes):
        for i, j in itertools.combinations(range(len(points)), 2):
            together = any(MEMBERS[i] in g and MEMBERS[j] in g for g in GROUPS)
            if (points[i][a] != points[j][a] and
                    (scope == "global" or (scope == "group" and together))):
                return False
    return True


def joint_choices(scopes):
    """All that are consistent, member by member: a choice of the first few that is not
    has no consistent one that goes on from it."""
    choices = [()]
    for _ in MEMBERS:
        choices = [c + (p,) for c in choices for p in POINTS if consistent(scopes, c + (p,))]
    return choices


def joint_sum(table, weights, points):
    """Of one joint choice: violation and cost."""
    return tuple(sum(weights[m] * table[m][p][what] for m, p in zip(MEMBERS, points))
                 for what in range(2))


def run(scopes, weights, ranks):
    named = ", ".join(f"{a}: {s}" for a, s in zip(AXES, scopes))
    settings = [f"scopes={{{named}}}"]
    if "group" in scopes:
        settings.append("groups={a: [BTC-PERP, SOL-PERP], b: rest}")
    if weights is not None:
        settings.append("weights={BTC-PERP: 8, DOGE-PERP: 0}")
    settings += [f"axes.{a}={v}" for a, v in AXES.items()]
    settings.append(f"search.max_points={1 + 2 * ranks}")
    command = [plimsoll, "calibrate", job, "--history", history, "--output", work,
               "--restart", "--quiet"]
    for setting in settings:
        command += ["--set", setting]
    if ranks > 1:
        command = [with_ranks, str(ranks), *command]
    done = subprocess.run(command, capture_output=True)
    if done.returncode not in (0, 4):
        sys.exit(f"{command}: {done.stderr.decode()}")
    return json.load(open(work + "/parameters.json"))


table = {m: {p: score(m, p) for p in POINTS} for m in MEMBERS}
faults = mixes = 0
for number, scopes in enumerate(itertools.product(["instrument", "group", "global"],
                                                  repeat=len(AXES))):
    joint = joint_choices(scopes)
    shared = any(s != "instrument" for s in scopes)
    for weights in [None] + ([{"BTC-PERP": 8.0, "DOGE-PERP": 0.0}]
                             if shared and number % 5 == 0 else []):
        full = {m: (weights or {}).get(m, 1.0) for m in MEMBERS}
        sums = [joint_sum(table, full, points) for points in joint]
        least = min(v for v, _ in sums)
        cheapest = min(c for v, c in sums if v <= least + 1e-12)
        chosen = run(scopes, weights, [1, 2, 3, 5][number % 4])
        entries = {e["instrument"]: e for e in chosen["instruments"]}
        points = tuple(tuple(entries[m]["parameters"][a] for a in AXES) for m in MEMBERS)
        violation, cost = joint_sum(table, full, points)
        mixes += 1
        if not (consistent(scopes, points) and violation <= least + 1e-12 and
                cost <= cheapest * (1 + 1e-12)):
            faults += 1
            print(f"{scopes} {weights}: chose {points}, {violation} {cost}; least {least} "
                  f"{cheapest}")
        if entries["YOUNG-PERP"]["status"] != "failed":
            faults += 1
            print(f"{scopes}: the instrument without enough bars has not failed")
print(f"{mixes} jobs, the largest against {len(POINTS) ** len(MEMBERS)} joint choices, "
      f"{faults} differ")
sys.exit(faults != 0 or mixes == 0)
