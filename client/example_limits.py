"""example_limits.py -- what does the engine's owner not accept, whoever has signed it?

The file of client/limits.h, and what client/limits.c refuses, in the same words.
"""
import fnmatch
import math

from example_members import Refused, Within, check_name, duration_ns


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
                with Within("grace"):
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
    """(up to which notional, value) of each tier, or of the one parameter."""
    if field in ("initial_margin_ppm", "maintenance_margin_ppm"):
        return [(math.inf if tier["up_to_notional"] is None else tier["up_to_notional"], tier[field])
                for tier in entry["tiers"]]
    return [(math.inf, entry["parameters"][field])] if field in entry["parameters"] else []


def changes_of(held, entry, field):
    """New / held at every notional, as tiers may be cut elsewhere than before."""
    old, new, changes = values_of(held, field), values_of(entry, field), []
    while old and new:
        if old[0][1] != 0:
            changes.append(new[0][1] / old[0][1])
        end = min(old[0][0], new[0][0])
        old, new = old[old[0][0] == end:], new[new[0][0] == end:]
    return changes


def check_one(limit, entry, held):
    line, kind, _, field, least, most = limit
    values, of = [value for _, value in values_of(entry, field)], ""
    if kind == "change":
        if held is None or held["status"] != "calibrated":
            return
        values, of = changes_of(held, entry, field), " of what is held"
    for value in values:
        if not least <= value <= most:
            side, bound = ("below", least) if value < least else ("above", most)
            raise Refused(f"{entry['instrument']}: {field}: {value:.10g}{of} is {side} {bound:.10g} "
                          f"(line {line} of this engine's limits)")


def check_limits(limits, parameters, held):
    """Bounds and changes are those of calibrated instruments; `held` is None, or a set."""
    before = {entry["instrument"]: entry for entry in held["instruments"]} if held else {}
    for limit in limits:
        line, kind, pattern, field = limit[:4]
        entries = [e for e in parameters["instruments"] if matches(pattern, e["instrument"])]
        if kind == "require" and not entries:
            raise Refused(f"{pattern}: is not in the set (line {line} of this engine's limits)")
        used = [e for e in entries if kind != "require" and e["status"] == "calibrated"]
        for entry in used:
            check_one(limit, entry, before.get(entry["instrument"]))
        if used and not any(values_of(entry, field) for entry in used):
            raise Refused(f"{pattern}: no instrument has a {field} (line {line} of this engine's limits)")
