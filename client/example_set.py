"""example_set.py -- is this a parameter set, and one that the engine's owner accepts?

What client/set.c and client/limits.c refuse, in the same words, for an engine in another
language: schema `plimsoll-parameters` 1 as client/README.md has it, and the owner's limits
(client/limits.h). tests/system/test-engines-agree holds the two against each other.
"""
import datetime
import fnmatch
import json
import math
import re

SET_BYTES_MAX, PPM_MAX, TEXT_MAX = 256 << 20, 10**9, 511
INT64_MAX, INT32_MAX = 2**63 - 1, 2**31 - 1
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,62}\Z")
MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{0,8}[1-9])?Z\Z")


class Refused(Exception):
    """What came is not used, for this reason."""


def where(path, why):
    """The reason with where it is in front."""
    return Refused(f"{path}: {why}")


class Within:
    """with Within("tiers[1]"): what is refused inside is refused there."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        return self

    def __exit__(self, kind, why, trace):
        if kind is Refused:
            raise where(self.path, why) from None


# ---- JSON, as strict as C's reader ----

def shown(text):
    """As an error may show it on a terminal."""
    return "".join(c if " " <= c <= "~" else "?" for c in text.encode("utf-8", "replace").decode("latin-1"))


def take_pairs(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused("is not JSON: a name is there twice")
    return found


def take_real(text):
    value = float(text)
    if math.isinf(value):
        raise Refused("is not JSON: a number is too large")
    return value


def take_integer(text):
    value = int(text)
    if not -2**63 <= value <= INT64_MAX:
        raise Refused("is not JSON: a whole number is too large")
    return value


def take_constant(text):
    raise Refused(f"is not JSON: {text}")


def check_texts(value):
    """No NUL, no half of a surrogate pair; and no deeper than C's reader goes."""
    todo = [(value, 1)]
    while todo:
        at, depth = todo.pop()
        if depth > 2048:
            raise Refused("is not JSON: too deep")
        if isinstance(at, dict):
            todo += [(name, depth) for name in at] + [(one, depth + 1) for one in at.values()]
        elif isinstance(at, list):
            todo += [(one, depth + 1) for one in at]
        elif isinstance(at, str) and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in at):
            raise Refused("is not JSON: a text that is none")


def parse(data):
    """The object of these bytes."""
    try:
        tree = json.loads(data.decode("utf-8"), object_pairs_hook=take_pairs, parse_float=take_real,
                          parse_int=take_integer, parse_constant=take_constant)
    except (ValueError, RecursionError) as why:
        raise Refused(f"is not JSON: {why}") from None
    check_texts(tree)
    if not isinstance(tree, dict):
        raise Refused("is not a JSON object")
    return tree


# ---- members ----

def only(of, allowed):
    for name in of:
        if name not in allowed.split():
            raise Refused(f"'{shown(name)[:40]}' is not a member of this schema")


def member(of, name, kinds, what):
    if name not in of:
        raise where(name, "is missing")
    value = of[name]
    if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
        raise where(name, f"is not {what}")
    return value


def object_of(of, name):
    return member(of, name, dict, "an object")


def array_of(of, name):
    return member(of, name, list, "an array")


def real_of(of, name):
    return float(member(of, name, (int, float), "a number"))


def text_of(of, name):
    text = member(of, name, str, "a text")
    n_bytes = len(text.encode())
    if n_bytes > TEXT_MAX:
        raise where(name, f"{n_bytes} bytes are more than {TEXT_MAX}")
    if any(ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0 for c in text):
        raise where(name, "has a control character")
    return text


def integer_of(of, name, least, most):
    value = member(of, name, int, "a whole number")
    if not least <= value <= most:
        raise where(name, f"{value} is not between {least} and {most}")
    return value


def check_name(text):
    if not NAME.match(text):
        raise Refused(f"'{shown(text)[:70]}' is not 1 to 63 of A-Z a-z 0-9 . _ - without a leading dot")


def digest_of(of, name):
    text = text_of(of, name)
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise where(name, f"'{text[:70]}' is not 64 lower-case hexadecimal digits")
    return text


def moment_ns(text):
    """ISO 8601 in the one form that is written: 2025-01-02T03:04:05.5Z."""
    found = MOMENT.match(text)
    if not found:
        raise Refused(f"'{text[:40]}' is not a moment")
    try:
        day = datetime.datetime.fromisoformat(found[1]).replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        raise Refused(f"'{text[:40]}' is not a moment") from None
    if not 1970 <= day.year <= 2261:
        raise Refused(f"'{text[:40]}' is not a moment")
    return int(day.timestamp()) * 10**9 + int((found[2] or ".0")[1:].ljust(9, "0"))


def moment_of(of, name):
    with Within(name):
        return moment_ns(text_of(of, name))


def duration_ns(text):
    """90s, 15m, 1h, 1d, 1w."""
    found = re.fullmatch(r"(\d{1,5})([smhdw])", text, re.ASCII)
    if not found or not 1 <= int(found[1]) <= 10000:
        raise Refused(f"'{text[:39]}' is not a duration such as 15m, 1h or 1d (up to 10000)")
    return int(found[1]) * UNITS[found[2]] * 10**9


def check_schema(of, name, version):
    found = text_of(of, "schema")
    if found != name:
        raise where("schema", f"'{found[:60]}' is not {name}")
    integer_of(of, "schema_version", version, version)


# ---- the set ----

def margins_of(of):
    initial = integer_of(of, "initial_margin_ppm", 0, PPM_MAX)
    maintenance = integer_of(of, "maintenance_margin_ppm", 0, PPM_MAX)
    if maintenance > initial:
        raise where("maintenance_margin_ppm", f"{maintenance} is above initial_margin_ppm, {initial}")
    return initial, maintenance


def tier_of(of):
    if not isinstance(of, dict):
        raise Refused("is not an object")
    only(of, "up_to_notional initial_margin_ppm maintenance_margin_ppm")
    is_open = "up_to_notional" in of and of["up_to_notional"] is None
    return (math.inf if is_open else real_of(of, "up_to_notional"), *margins_of(of))


def check_tiers(entry, margins):
    tiers = array_of(entry, "tiers")
    if not tiers:
        raise where("tiers", "is empty")
    read = []
    for i, of in enumerate(tiers):
        with Within(f"tiers[{i}]"):
            read.append(tier_of(of))
    for i, (end, initial, maintenance) in enumerate(read):
        with Within(f"tiers[{i}]"):
            lower = read[i - 1][0] if i > 0 else 0.0
            if i + 1 == len(read) and not math.isinf(end):
                raise Refused(f"up_to_notional: the last tier's is {end:g}, and must be null")
            if i + 1 < len(read) and math.isinf(end):
                raise Refused("up_to_notional: is null before the last tier")
            if not end > lower:
                raise Refused(f"up_to_notional: {end:g} is not above {lower:g}")
            if i > 0 and (initial < read[i - 1][1] or maintenance < read[i - 1][2]):
                raise Refused("a margin is below that of the tier before")
    if read[0][1:] != margins:
        raise Refused("tiers[0]: its margins differ from the instrument's")


def check_values(of, group, may_be_null):
    for name, value in object_of(of, group).items():
        with Within(group):
            check_name(name)
            if may_be_null and value is None:
                continue
            if not isinstance(value, (int, float)) or isinstance(value, bool):
                raise where(name[:40], "is not a number")


def check_defined(of, name):
    """A number, or null for one that is undefined."""
    if name not in of or of[name] is not None:
        real_of(of, name)


def check_fits(evidence, name):
    of = object_of(evidence, name)
    with Within(name):
        only(of, "status n_fits n_failed n_fallback_bars gradient_norm log_likelihood parameters "
                 "standard_errors")
        text_of(of, "status")
        integer_of(of, "n_failed", 0, integer_of(of, "n_fits", 1, INT64_MAX))
        integer_of(of, "n_fallback_bars", 0, INT64_MAX)
        check_defined(of, "gradient_norm")
        check_defined(of, "log_likelihood")
        check_values(of, "parameters", False)
        check_values(of, "standard_errors", True)


def check_incumbent(evidence):
    of = object_of(evidence, "incumbent")
    with Within("incumbent"):
        only(of, "initial_margin_ppm is_kept cost gain breach")
        integer_of(of, "initial_margin_ppm", 0, PPM_MAX)
        member(of, "is_kept", bool, "true or false")
        check_defined(of, "cost")
        check_defined(of, "gain")
        text_of(of, "breach")


def check_shared(of, parameters):
    if not isinstance(of, dict):
        raise Refused("is not an object")
    only(of, "parameter scope group n_instruments weight")
    parameter, scope = text_of(of, "parameter"), text_of(of, "scope")
    if scope == "group":
        text_of(of, "group")
    elif scope != "global":
        raise where("scope", f"'{scope[:40]}' is neither group nor global")
    elif "group" in of:
        raise where("group", "is there, but the scope is global")
    integer_of(of, "n_instruments", 0, INT64_MAX)
    if not real_of(of, "weight") >= 0.0:
        raise where("weight", f"{real_of(of, 'weight'):g} is below 0")
    if parameter not in parameters:
        raise where("parameter", f"{parameter[:40]} is none of the parameters")


def check_evidence(entry):
    of = object_of(entry, "evidence")
    with Within("evidence"):
        only(of, "training test fits tail_fits incumbent points_left_out shared")
        check_values(of, "training", True)
        if "test" in of:
            check_values(of, "test", True)
        for name in ("fits", "tail_fits"):
            if name in of:
                check_fits(of, name)
        if "incumbent" in of:
            check_incumbent(of)
        if "points_left_out" in of:
            integer_of(of, "points_left_out", 1, INT64_MAX)
        if "shared" in of:
            for i, one in enumerate(array_of(of, "shared")):
                with Within(f"shared[{i}]"):
                    check_shared(one, entry["parameters"])


def check_liquidation(entry):
    of = object_of(entry, "liquidation")
    with Within("liquidation"):
        only(of, "step_share_ppm cooldown_ms fee_ppm auction_length_ms auction_start_ppm "
                 "open_interest_cap insurance_fund")
        for name, least, most in (("step_share_ppm", 1, 10**6), ("cooldown_ms", 0, 10**9),
                                  ("fee_ppm", 0, 10**6), ("auction_length_ms", 0, 10**9),
                                  ("auction_start_ppm", -10**6, 10**6)):
            integer_of(of, name, least, most)
        if "open_interest_cap" not in of or of["open_interest_cap"] is not None:
            cap = real_of(of, "open_interest_cap")
            if not cap > 0.0:
                raise where("open_interest_cap", f"{cap:g} is not above 0")
        fund = real_of(of, "insurance_fund")
        if not fund >= 0.0:
            raise where("insurance_fund", f"{fund:g} is not 0 or more")


def check_judged(entry, status):
    """All of them are there, or, where nothing was judged, none."""
    judged = ("parameters", "initial_margin_ppm", "maintenance_margin_ppm", "tiers", "evidence",
              "liquidation")
    if not any(name in entry for name in judged):
        if status == "calibrated":
            raise Refused("is calibrated, but has no margins")
        return
    check_values(entry, "parameters", False)
    margins = margins_of(entry)
    if status == "calibrated" and margins[1] == 0:  # nobody may be asked for nothing
        name = "initial_margin_ppm" if margins[0] == 0 else "maintenance_margin_ppm"
        raise where(name, "is calibrated, but asks for a margin of 0")
    check_tiers(entry, margins)
    if "liquidation" in entry:
        check_liquidation(entry)
    check_evidence(entry)


def check_instrument(entry):
    """Its name and moment."""
    if not isinstance(entry, dict):
        raise Refused("is not an object")
    name = text_of(entry, "instrument")
    with Within("instrument"):
        check_name(name)
    with Within(name):
        only(entry, "instrument status reason as_of parameters initial_margin_ppm "
                    "maintenance_margin_ppm tiers liquidation evidence")
        status, reason = text_of(entry, "status"), text_of(entry, "reason")
        if status not in ("calibrated", "held", "failed"):
            raise where("status", f"'{status[:40]}' is none of calibrated, held and failed")
        if status != "calibrated" and not reason:
            raise where("reason", f"is empty, but the status is {status}")
        as_of = moment_of(entry, "as_of")
        check_judged(entry, status)
    return name, as_of


def check_head(tree):
    check_schema(tree, "plimsoll-parameters", 1)
    only(tree, "schema schema_version job program study as_of history_sha256 interval horizon_bars "
               "confidence n_points instruments incumbent_sha256")
    job = object_of(tree, "job")
    with Within("job"):
        only(job, "name sha256")
        text_of(job, "name")
        digest_of(job, "sha256")
    text_of(tree, "program")
    text_of(tree, "study")
    digest_of(tree, "history_sha256")
    if "incumbent_sha256" in tree:
        digest_of(tree, "incumbent_sha256")
    as_of = moment_of(tree, "as_of")
    interval = text_of(tree, "interval")
    with Within("interval"):
        duration_ns(interval)
    integer_of(tree, "horizon_bars", 1, INT32_MAX)
    confidence = real_of(tree, "confidence")
    if not 0.0 < confidence < 1.0:
        raise where("confidence", f"{confidence:g} is not between 0 and 1")
    integer_of(tree, "n_points", 1, INT64_MAX)
    return as_of


def read_set(data):
    """The set of these bytes, whole and of the schema, or Refused."""
    if len(data) > SET_BYTES_MAX:
        raise Refused(f"{len(data)} bytes are more than a set may have, {SET_BYTES_MAX}")
    tree = parse(data)
    set_as_of, before = check_head(tree), None
    entries = array_of(tree, "instruments")
    if not entries:
        raise where("instruments", "is empty")
    for i, entry in enumerate(entries):
        with Within(f"instruments[{i}]"):
            name, as_of = check_instrument(entry)
            if as_of > set_as_of:
                raise where(name, "as_of: is after that of the set")
            if before is not None and name == before:
                raise where(name, "is there twice")
            if before is not None and name < before:
                raise where(name, f"is not sorted after {before}")
            before = name
    return tree


# ---- the owner's limits ----

def read_range(words):
    if len(words) != 5:
        raise Refused(f"is not '{words[0]} PATTERN FIELD MIN MAX'")
    check_name(words[2])
    try:
        least, most = float(words[3]), float(words[4])
    except ValueError:
        raise Refused(f"'{words[3]} {words[4]}' are not two numbers") from None
    if not (math.isfinite(least) and math.isfinite(most)):
        raise Refused(f"'{words[3]} {words[4]}' are not two numbers")
    if least > most:
        raise Refused(f"the least, {least:g}, is above the most, {most:g}")
    return words[0], words[1], words[2], least, most


def read_limits(text):
    """([(line, kind, pattern, field, least, most)], grace in ns) of a file of limits."""
    limits, grace = [], 0
    for n, line in enumerate(text.split("\n"), 1):
        words = line.partition("#")[0].split()
        with Within(f"line {n}"):
            if not words:
                continue
            if words[0] in ("bound", "change"):
                limits.append((n, *read_range(words)))
            elif words[0] == "require" and len(words) == 2:
                limits.append((n, "require", words[1], None, None, None))
            elif words[0] == "grace" and len(words) == 2 and grace == 0:
                grace = duration_ns(words[1])
            elif words[0] in ("require", "grace"):
                raise Refused("is not 'require PATTERN'" if words[0] == "require"
                              else "grace: stands once, as 'grace DURATION'")
            else:
                raise Refused(f"'{words[0][:20]}' is none of bound, change, require and grace")
    return limits, grace


def matches(pattern, name):
    return pattern == "all" or fnmatch.fnmatchcase(name, pattern)


def values_of(entry, field):
    """One of each tier, or a parameter."""
    if field in ("initial_margin_ppm", "maintenance_margin_ppm"):
        return [tier[field] for tier in entry["tiers"]]
    return [entry["parameters"][field]] if field in entry["parameters"] else []


def check_one(limit, entry, held):
    line, kind, _, field, least, most = limit
    values, of = values_of(entry, field), ""
    if kind == "change":
        if held is None or held["status"] != "calibrated":
            return
        values = [new / old for new, old in zip(values, values_of(held, field)) if old != 0]
        of = " of what is held"
    for value in values:
        if not least <= value <= most:
            side, bound = ("below", least) if value < least else ("above", most)
            raise Refused(f"{entry['instrument']}: {field}: {value:.10g}{of} is {side} {bound:.10g} "
                          f"(line {line} of this engine's limits)")


def check_limits(limits, parameters, held):
    """Bounds and changes are those of calibrated instruments; `held` is None, or a set."""
    before = {entry["instrument"]: entry for entry in held["instruments"]} if held else {}
    for limit in limits:
        line, kind, pattern = limit[:3]
        entries = [e for e in parameters["instruments"] if matches(pattern, e["instrument"])]
        if kind == "require" and not entries:
            raise Refused(f"{pattern}: is not in the set (line {line} of this engine's limits)")
        for entry in entries:
            if kind != "require" and entry["status"] == "calibrated":
                check_one(limit, entry, before.get(entry["instrument"]))
