"""walk-report.py -- what walk-forwards over real series say together, as Markdown

    walk-report.py NAME=walkforward.json...
"""
import json
import re
import statistics
import sys


def kind(instrument):
    """Why an instrument is not calibrated, without its numbers."""
    reason = re.sub(r"^\d+ of \d+ folds, first fold \d+: ", "", instrument["reason"])
    for text, short in (("kupiec_phase_p", "more exceedances on unseen bars than Kupiec's test allows"),
                        ("satisfies the constraints", "no point of the grid covers 99 % of some training span"),
                        ("shared values are overfit",
                         "probability that the shared values are overfit above 1/2"),
                        ("probability of overfitting", "probability of overfitting above 1/2"),
                        ("bar has a whole horizon", "too few bars"),
                        ("bars are", "too few bars"), ("too few", "too few bars"),
                        ("no return", "no return in the warm-up"),
                        ("not more than a warm-up", "too few bars")):
        if text in reason:
            return short
    return reason[:70]


def quantiles(values):
    values = sorted(values)
    if not values:
        return "-"
    place = lambda p: values[min(len(values) - 1, int(p * len(values)))]
    return " / ".join(f"{place(p):.4f}" for p in (0.05, 0.25, 0.5, 0.75, 0.95))


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print()


def contenders(judged):
    rows = []
    for name in ("job", "constant", "ewma_0.94", "historical"):
        of = [i["contenders"][name] for i in judged]
        n = sum(c["observations"] for c in of)
        x = sum(c["exceedances"] for c in of)
        better = sum(i["contenders"][name]["tick_loss"] < i["contenders"]["job"]["tick_loss"]
                     for i in judged)
        ratio = statistics.median(i["contenders"][name]["mean_margin"] /
                                  i["contenders"]["job"]["mean_margin"] for i in judged)
        inside = statistics.fmean(c["coverage_in_sample"] for c in of)
        rows.append((name, f"{inside:.5f}", f"{1 - x / n:.5f}",
                     quantiles([c["coverage"] for c in of]), f"{ratio:.3f}",
                     "-" if name == "job" else f"{better} of {len(judged)}"))
    table(["", "coverage in sample, mean", "unseen, all bars together",
           "unseen, 5 / 25 / 50 / 75 / 95 of 100 instruments", "median mean margin over the job's",
           "smaller tick loss than the job's"], rows)


def first_bars(instrument):
    """Of the first training span that there is."""
    return next(f["training_span"]["bars"] for f in instrument["folds"]
                if f.get("training_span"))


def by_length(judged):
    rows = []
    for low, high in ((0, 500), (500, 1000), (1000, 2000), (2000, 5000), (5000, 20000),
                      (20000, 10**9)):
        some = [i for i in judged if low <= first_bars(i) < high]
        if not some:
            continue
        n = sum(i["contenders"]["job"]["observations"] for i in some)
        x = sum(i["contenders"]["job"]["exceedances"] for i in some)
        held = sum(i["status"] == "calibrated" for i in some)
        rows.append((f"{low} to {high - 1}" if high < 10**9 else f"{low} and more", len(some),
                     held, f"{1 - x / n:.5f}",
                     quantiles([i["contenders"]["job"]["coverage"] for i in some])))
    table(["bars of the first training span", "instruments", "all folds hold",
           "unseen coverage, all bars together", "5 / 25 / 50 / 75 / 95 of 100"], rows)


def worst(judged, n=12):
    rows = []
    for i in sorted(judged, key=lambda i: i["contenders"]["job"]["coverage"])[:n]:
        job = i["contenders"]["job"]
        fold = min((f for f in i["folds"] if f.get("test")),
                   key=lambda f: f["test"]["coverage"] if f["test"]["coverage"] is not None else 1)
        rows.append((i["instrument"], i["status"], f"{job['coverage_in_sample']:.4f}",
                     f"{job['coverage']:.4f}", int(job["observations"]),
                     f"{fold['test_span']['first_bar'][:10]} to {fold['test_span']['last_bar'][:10]}: "
                     f"{fold['test']['coverage']:.3f}"))
    table(["instrument", "status", "in sample", "unseen", "unseen bars", "its worst fold"], rows)


def report(name, path):
    walk = json.load(open(path))
    everyone = walk["instruments"]
    count = lambda status: sum(i["status"] == status for i in everyone)
    judged = [i for i in everyone if i["contenders"]["job"]["folds"] > 0
              and all(i["contenders"][c]["folds"] > 0 for c in i["contenders"])]
    print(f"## {name}\n")
    print(f"{len(everyone)} instruments: {count('calibrated')} hold in every fold, "
          f"{count('held')} do not, {count('failed')} could not be calibrated in any. "
          f"{len(judged)} have unseen figures of every contender.\n")
    contenders(judged)
    by_length(judged)
    reasons = {}
    for i in everyone:
        if i["status"] != "calibrated":
            reasons[kind(i)] = reasons.get(kind(i), 0) + 1
    table(["why not", "instruments"],
          sorted(reasons.items(), key=lambda r: -r[1]))
    folds = [f for i in judged for f in i["folds"] if f.get("test")]
    p = [f["test"]["kupiec_phase_p"] for f in folds if f["test"]["kupiec_phase_p"] is not None]
    print(f"Of {len(p)} folds {sum(v < 0.01 for v in p)} are rejected at 1 % by Kupiec's test "
          f"against too many exceedances, {sum(v < 0.05 for v in p)} at 5 %.\n")
    probability = [i["overfitting"]["probability"] for i in judged
                   if i["overfitting"].get("probability") is not None]
    if probability:
        print(f"Probability of overfitting by tick loss: median {statistics.median(probability):.3f}, "
              f"above 1/2 for {sum(v > 0.5 for v in probability)} of {len(probability)}.\n")
    shared = {json.dumps(i["overfitting"]["shared"]): i["overfitting"]["shared"] for i in judged
              if "shared" in i["overfitting"]}
    for figures in shared.values():
        print(f"Of the shared values: {figures['probability']:.3f} by tick loss, "
              f"{figures['probability_by_rule']:.3f} by the job's own rule "
              f"({figures['combinations']} combinations, {figures['instruments']} instruments).\n")
    spa = [i["superior_challenger"]["p_consistent"] for i in judged
           if i["superior_challenger"]["p_consistent"] is not None]
    print(f"A challenger is better than luck explains (SPA, p below 5 %) for "
          f"{sum(v < 0.05 for v in spa)} of {len(spa)}.\n")
    print("The lowest unseen coverage:\n")
    worst(judged)


for argument in sys.argv[1:]:
    report(*argument.split("=", 1))
