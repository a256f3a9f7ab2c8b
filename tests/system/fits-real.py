"""fits-real.py -- every model on every series of a store: is each figure there, or its
absence explained?

    python3 fits-real.py PLIMSOLL HISTORY [--only NAME,NAME/INTERVAL...] [--report FILE]
                         [--tables FILE:COLUMN[:prices],...] [--jobs N] [--samples N]
                         [--forecasts-only]

`plimsoll fit` of every model, and `plimsoll backtest` of what it leaves by --write (of a
model that is fitted to the whole series those forecasts are in sample: what is tested here
is that the figures exist, not that they are good); and `plimsoll backtest` of every row of
the volatility and of the tail table, forecast bar by bar.  What is asked of each output
stands in `look_at_fit` and `look_at_backtest`, what may be refused in REFUSALS.  --report is a CSV, a row a command.
Ends with the number of commands, statuses by model, and what failed: 1 if anything did.
"""
import argparse, collections, concurrent.futures, csv, json, math, os, re, subprocess
import sys, tempfile

FITTED = [("garch", []), ("garch", ["--innovations", "student"]),
          ("garch", ["--targeting"]), ("gjr", []),
          ("gjr", ["--innovations", "student", "--mean"]), ("har", [])]
BY_BAR = ["ewma", "rolling", "atr", "parkinson", "garman_klass", "rogers_satchell",
          "yang_zhang"]
RETURNS_ONLY = ["ewma", "rolling"]  # what a table without a range can have
ESTIMATE = {"converged", "at a bound", "estimated", "computed"}
P = 0.01
Z = 2.3263478740408408       # normal quantile and shortfall of 99 %
E = 2.6652142203457930
SECTIONS_OK = {"ok"}
LAWS = {"normal", "student"}  # tails whose law Z1, Z2 and Z3 are simulated from

# (model, tail, settings, options): every row of both tables; no window is too large for a
# year of days
FORECASTS = [(model, "normal", [], []) for model in BY_BAR] + [
    ("garch", "filtered", ["fit_window=250", "student=0", "tail_window=200"], []),
    ("gjr", "pot", ["fit_window=250", "tail_window=200", "tail_refit=20"], []),
    ("har", "student", ["fit_window=250", "har_day=1", "har_week=7", "har_month=30"], []),
    ("garch_grid", "hill", ["tail_window=200", "tail_refit=20"], []),
    ("constant", "historical", ["tail_window=200"], []),
    ("ewma", "normal", [], ["--horizon", "5", "--path", "--side", "both"]),
]
REFUSALS = ["are not more than a warm-up of", "is not shorter than the series of",
            "fits gave an estimate", "no return in the", "has a loss and a forecast"]


class Odd(Exception):
    pass


def claim(true, what):
    if not true:
        raise Odd(what)


def refuse_constant(text):
    raise Odd(f"JSON holds {text}")


def run(command):
    """(exit code, stdout, the line that was said)"""
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    said = [x for x in done.stderr.splitlines() if x.startswith("plimsoll: ")]
    claim(done.returncode in (0, 3, 4), f"exit {done.returncode}: {done.stderr[-300:]}")
    claim((done.returncode == 0) == (not said), f"exit {done.returncode}, said {said}")
    claim(len(said) <= 1, f"said {said}")
    return done.returncode, done.stdout, said[0] if said else ""


def nulls(value, path=""):
    """Paths of what is not there."""
    if isinstance(value, dict):
        return [p for k, v in value.items() for p in nulls(v, f"{path}.{k}" if path else k)]
    if isinstance(value, float):
        claim(math.isfinite(value), f"{path} is {value}")
    return [path] if value is None else []


def look_at_fit(report):
    """What is not there has its reason in the same report: a status, a bound, a count."""
    status, series = report["status"], report["series"]
    missing = nulls(report)
    if status not in ESTIMATE:
        claim("parameters" not in report or report["model"] == "har",
              f"parameters under the status {status}")
        return status
    allowed = []
    if status == "at a bound":  # garch_fit.h: no standard errors, maybe no end of life
        allowed += ["standard_errors", "half_life_bars"]
    if report.get("targeting"):  # omega is no parameter that is free
        allowed += [f"standard_errors.{e}.omega" for e in ("hessian", "opg", "qmle")]
    residuals = report["residuals"]
    if residuals["n"] == 0 or residuals["variance"] == 0.0:
        allowed += ["residuals"]
    if status == "estimated" and report["residual_sum_of_squares"] == 0.0:
        allowed += ["r_squared"]
    odd = [p for p in missing if not any(p.startswith(a) for a in allowed)]
    claim(not odd, f"null without a reason: {odd} (status {status})")
    claim(report["forecast_variance"] >= 0.0, "forecast below 0")
    claim(residuals["n"] + residuals["without_variance"] + residuals["without_forecast"] +
          series["missing"] == series["rows"], "a bar without residual or reason")
    if status in ("converged", "at a bound"):
        p = report["parameters"]
        claim(p["omega"] > 0 and p["alpha"] >= 0 and p["beta"] >= 0, f"parameters {p}")
        claim(report["persistence"] < 1.0, f"persistence {report['persistence']}")
        claim(report["distance"] < 1e-6, f"distance {report['distance']}")
        claim(report["forecast_variance"] > 0.0, "a GARCH forecast of 0")
    if status == "converged":
        claim(all(v > 0 for e in report["standard_errors"].values() for v in e.values()
                  if v is not None), "standard errors of 0")
    return status


def look_at_backtest(report):
    """A null stands only where its section's status is not ok; p-values are in [0, 1]."""
    claim(report["bars"] > 0, "no bars, and no refusal")
    claim(0 <= report["exceedances"] <= report["bars"], "exceedances")
    for path in nulls(report):
        if path.endswith("tuff.p_at_most"):  # only where no bar exceeds
            continue
        head = path.rsplit(".", 1)[0]
        section = report
        for name in head.split("."):
            section = section[name]
        if head.startswith("forecast."):  # errors at a bound, tails without a gradient
            continue
        if ("acerbi_szekely" in head and section["status"] == "ok" and
                report.get("forecast", {}).get("tail", "normal") not in LAWS and
                not path.endswith(".z")):
            continue
        status = section["fz0_status" if path == "scores.fz0" else "status"] if (
            "status" in section) else None
        claim(status is not None and status not in SECTIONS_OK,
              f"{path} is null under the status {status}")
    def p_values(value, name=""):
        if isinstance(value, dict):
            for k, v in value.items():
                p_values(v, k)
        elif value is not None and re.search(r"(^|_)p(_|$)|p_value", name):
            claim(0.0 <= value <= 1.0, f"{name} is {value}")
    p_values(report)
    statuses = [f"{k}: {v['status']}" for k, v in
                list(report.items()) + list(report.get("acerbi_szekely", {}).items())
                if isinstance(v, dict) and v.get("status", "ok") != "ok"]
    return "; ".join(statuses) or "ok"


def look_at_paths(path, report):
    """The CSV of --write: finite cells; a variance behind the first is never missing."""
    rows = []
    with open(path) as file:
        for row in csv.DictReader(file):
            for name in ("value", "variance", "residual"):
                claim(row[name] == "" or math.isfinite(float(row[name])),
                      f"{name} {row[name]} in row {row['t']}")
            rows.append((row["value"], row["variance"]))
    claim(len(rows) == report["series"]["rows"] + 1, "a row a bar and the forecast")
    claim(float(rows[-1][1]) == report["forecast_variance"], "the last is the forecast")
    claim(sum(v == "" for v, _ in rows[:-1]) == report["series"]["missing"], "missing")
    return [(float(v), float(h)) for v, h in rows[:-1] if v != "" and h != ""]


def has_no_pair(report):
    """The only forecast is that behind the last bar."""
    z = report["residuals"]
    return z["n"] + z["without_variance"] == 0


class Series:
    def __init__(self, label, source, ranges, rows):
        self.label, self.source, self.ranges, self.rows = label, source, ranges, rows


def one_fit(plimsoll, series, model, options, samples, work):
    """Rows (label, model, command, exit, status, said) of a fit and its backtest."""
    name = " ".join([model] + options)
    paths = os.path.join(work, re.sub(r"[^A-Za-z0-9]+", "_", f"{series.label} {name}"))
    out = []
    what = "fit"
    try:
        code, text, said = run([plimsoll, "fit"] + series.source + ["--model", model] +
                               options + ["--json", "--write", paths])
        claim(code == 3 or text, "no output")
        status = "refused"
        if code != 3:
            report = json.loads(text, parse_constant=refuse_constant)
            status = look_at_fit(report)
        claim((code == 0) == (status in ESTIMATE), f"exit {code}, status {status}")
        if code == 4:
            claim(status in said, f"'{said}' does not give the reason '{status}'")
        if status == "at a bound":
            claim(report["bounds"], "which bound?")
            status += ": " + report["bounds"]
        out.append((series.label, name, what, code, status, said))
        pairs = look_at_paths(paths, report) if code == 0 else []
        what = "backtest"
        if code == 0 and not has_no_pair(report):
            with open(paths, "w") as file:
                file.write("loss,var,es,mean,scale\n")
                for r, h in pairs:
                    s = math.sqrt(h)
                    file.write(f"{-r!r},{Z * s!r},{E * s!r},0,{s!r}\n")
            code_b, text, said = run([plimsoll, "backtest", "--series", paths, "--es", "es",
                                      "--mean", "mean", "--scale", "scale", "--samples",
                                      str(samples), "--json"])
        else:
            return out
        status = "refused"
        if code_b == 0:
            status = look_at_backtest(json.loads(text, parse_constant=refuse_constant))
        out.append((series.label, name, what, code_b, status, said))
    except (Odd, json.JSONDecodeError, subprocess.TimeoutExpired, KeyError) as odd:
        out.append((series.label, name, what, -1, "ODD", f"{type(odd).__name__}: {odd}"))
    finally:
        if os.path.exists(paths):
            os.remove(paths)
    return out


def one_forecast(plimsoll, series, forecast, samples):
    """The same of a backtest of what a model and a tail forecast."""
    model, tail, settings, options = forecast
    name = " ".join([f"{model}+{tail}"] + options)
    # a long series is not fitted more often than a short one
    refit = [f"refit={max(50, series.rows // 20)}"] if model in ("garch", "gjr", "har") else []
    command = [plimsoll, "backtest"] + series.source + options + [
        "--model", model, "--tail", tail, "--samples", str(samples), "--json"]
    for setting in settings + refit:
        command += ["--set", setting]
    try:
        code, text, said = run(command)
        status = "refused"
        if code == 0:
            status = look_at_backtest(json.loads(text, parse_constant=refuse_constant))
        else:
            claim(code == 3 and any(r in said for r in REFUSALS), f"exit {code}: {said}")
        return [(series.label, name, "forecast", code, status, said)]
    except (Odd, json.JSONDecodeError, subprocess.TimeoutExpired, KeyError) as odd:
        return [(series.label, name, "forecast", -1, "ODD", f"{type(odd).__name__}: {odd}")]


def series_of(args):
    listing = subprocess.run([args.plimsoll, "inspect", args.history], check=True,
                             capture_output=True, text=True).stdout.splitlines()[1:]
    only = args.only.split(",") if args.only else None
    all_series = []
    for line in listing:
        name, interval = line.split()[:2]
        if only is None or name in only or f"{name}/{interval}" in only:
            rows = int(re.findall(r"\d\d:\d\d\s+(\d+)", line)[-1])
            all_series.append(Series(f"{name}/{interval}", [
                "--history", args.history, "--instrument", name, "--interval", interval],
                True, rows))
    for table in filter(None, args.tables.split(",")):
        path, column, *prices = table.split(":")
        all_series.append(Series(os.path.basename(path), ["--series", path, "--column",
                          column] + (["--prices"] if prices else []), False, 0))
    claim(all_series, "no series")
    return all_series


def keep(path, rows):
    """As they come, so that a run which is stopped leaves what it has."""
    if path is None:
        return
    is_new = not os.path.exists(path)
    with open(path, "a") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(["series", "model", "command", "exit", "status", "said"])
        writer.writerows(rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("plimsoll")
    parser.add_argument("history")
    parser.add_argument("--only", default="")
    parser.add_argument("--tables", default="")
    parser.add_argument("--report")
    parser.add_argument("--forecasts-only", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--samples", type=int, default=100)
    args = parser.parse_args()
    all_series = series_of(args)
    rows = []
    if args.report and os.path.exists(args.report):
        os.remove(args.report)
    with tempfile.TemporaryDirectory() as work, \
            concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        waiting = []
        for series in all_series:
            models = FITTED + [(m, []) for m in BY_BAR if series.ranges or
                               m in RETURNS_ONLY]
            if not args.forecasts_only:
                waiting += [pool.submit(one_fit, args.plimsoll, series, model, options,
                                        args.samples, work) for model, options in models]
            waiting += [pool.submit(one_forecast, args.plimsoll, series, forecast,
                                    args.samples) for forecast in FORECASTS
                        if series.ranges or (forecast[0] not in BY_BAR or
                                             forecast[0] in RETURNS_ONLY) and
                        "--path" not in forecast[3]]
        for done in waiting:
            rows += done.result()
            keep(args.report, rows[-len(done.result()):])
    for command in ("fit", "backtest", "forecast"):  # a backtest has a status a test
        print(f"{command}: status by model")
        table = collections.Counter((r[1], status) for r in rows if r[2] == command
                                    for status in r[4].split("; "))
        for (model, status), n in sorted(table.items()):
            print(f"  {model:36} {n:5}  {status}")
    reasons = collections.defaultdict(list)
    for row in rows:
        if row[3] in (3, 4):
            reasons[(row[2], row[4], re.sub(r"^.*?: ", "", row[5]))].append((row[0], row[1]))
    print("without an estimate, and why:")
    for (command, status, said), who in sorted(reasons.items()):
        names = sorted({x for x, _ in who})
        print(f"  {command}: {said}: {len(who)} commands, {len(names)} series: "
              f"{' '.join(names[:6])}{' ...' if len(names) > 6 else ''}")
    odd = [r for r in rows if r[3] == -1]
    for row in odd:
        print("ODD", *row)
    n = collections.Counter(r[2] for r in rows)
    print(f"{len(all_series)} series, {n['fit']} fits, {n['backtest']} backtests of them, "
          f"{n['forecast']} backtests of forecasts, {len(odd)} odd")
    return 1 if odd else 0


sys.exit(main())
