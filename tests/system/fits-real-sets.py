"""fits-real-sets.py -- is every instrument of these sets calibrated, or has a reason?

    python3 fits-real-sets.py PLIMSOLL HISTORY ONLY SET...

ONLY: names with commas between, or empty.  JSON without NaN; every series of the interval
in each set; margins above 0; counts of reasons, numbers left out.  1 if anything is odd.
"""
import collections, json, re, subprocess, sys

plimsoll, history, only, *paths = sys.argv[1:]
odd, n = [], 0


def refuse_constant(text):
    raise ValueError(f"JSON holds {text}")


listing = [line.split()[:2] for line in subprocess.run(
    [plimsoll, "inspect", history], check=True, capture_output=True,
    text=True).stdout.splitlines()[1:]]
wanted = set(only.split(",")) if only else None
outcomes = collections.defaultdict(collections.Counter)
who = collections.defaultdict(set)
for path in paths:
    model, interval = path.split("/")[-2].rsplit("-", 1)
    try:
        with open(path) as file:
            found = json.load(file, parse_constant=refuse_constant)
    except ValueError as error:
        odd.append(f"{path}: {error}")
        continue
    names = {i for i, v in listing if v == interval and (wanted is None or i in wanted)}
    if {e["instrument"] for e in found["instruments"]} != names:
        odd.append(f"{path}: instruments are missing")
    for entry in found["instruments"]:
        n += 1
        status, reason = entry["status"], entry["reason"]
        name = f"{model} {interval} {entry['instrument']}"
        if status == "calibrated":
            if reason or not entry["initial_margin_ppm"] > 0:
                odd.append(f"{name}: {entry['initial_margin_ppm']} ppm, reason '{reason}'")
        elif status not in ("held", "failed") or not reason:
            odd.append(f"{name}: {status} without a reason")
        fits = entry.get("evidence", {}).get("fits")
        if fits is not None and not fits["status"]:
            odd.append(f"{name}: fits without a status")
        short = re.sub(r"[-+0-9.e]*\d[-+0-9.e]*", "N", reason)
        outcomes[model][status + (f": {short}" if short else "")] += 1
        who[model, short].add(entry["instrument"] + "/" + interval)
print(f"jobs: {len(paths)} sets, {n} instruments")
for model, counts in sorted(outcomes.items()):
    for outcome, count in counts.most_common():
        print(f"  {model:16} {count:5}  {outcome}")
for line in odd:
    print("ODD", line)
sys.exit(bool(odd) or not paths)
