"""example_set.py -- is this a parameter set?

What client/set.c refuses, in the same words, for an engine in another language: schema
`plimsoll-parameters` 1, as client/README.md has it. tests/system/test-engines-agree holds
the two against each other.
"""
import math

from example_members import (INT64_MAX, Refused, Within, array_of, check_name, check_schema,
                             digest_of, duration_ns, integer_of, member, moment_of, object_of, only,
                             parse, real_of, text_of, where)

SET_BYTES_MAX, PPM_MAX, INT32_MAX, SHORTFALLS_MAX = 256 << 20, 10**9, 2**31 - 1, 8


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


def check_source(of):
    if not isinstance(of, dict):
        raise Refused("is not an object")
    only(of, "name value low high from of source source_sha256")
    text_of(of, "name")
    real_of(of, "value")
    whence = text_of(of, "from")
    if whence == "estimated":
        check_defined(of, "low")
        check_defined(of, "high")
        if text_of(of, "of") not in ("flow", "book"):
            raise where("of", f"'{of['of'][:40]}' is neither flow nor book")
        text_of(of, "source")
        digest_of(of, "source_sha256")
    elif whence not in ("default from volume", "given by the job"):
        raise where("from", f"'{whence[:40]}' is none of: estimated, default from volume, "
                            "given by the job")


def check_evidence(entry):
    of = object_of(entry, "evidence")
    with Within("evidence"):
        only(of, "training test fits tail_fits incumbent points_left_out shared sources")
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
        if "sources" in of:
            for i, one in enumerate(array_of(of, "sources")):
                with Within(f"sources[{i}]"):
                    check_source(one)
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


def check_each(of, name, check):
    for i, one in enumerate(array_of(of, name)):
        with Within(f"{name}[{i}]"):
            check(one)


def check_not_covered(name):
    if not isinstance(name, str):
        raise Refused("is not a text")
    check_name(name)


def check_object(of, allowed):
    if not isinstance(of, dict):
        raise Refused("is not an object")
    only(of, allowed)


def check_scenario(of):
    check_object(of, "scenario at figures")
    check_name(text_of(of, "scenario"))
    moment_of(of, "at")
    check_values(of, "figures", True)


def check_shortfall(of):
    check_object(of, "at beyond")
    moment_of(of, "at")
    if not real_of(of, "beyond") > 0.0:
        raise where("beyond", f"{of['beyond']:g} is not above 0")


def check_stress(entry):
    of = object_of(entry, "stress")
    with Within("stress"):
        only(of, "scenarios not_covered shortfalls")
        check_each(of, "scenarios", check_scenario)
        check_each(of, "not_covered", check_not_covered)
        n = len(array_of(of, "shortfalls"))
        if n > SHORTFALLS_MAX:
            raise where("shortfalls", f"{n} are more than {SHORTFALLS_MAX}")
        check_each(of, "shortfalls", check_shortfall)


def check_together(of):
    check_object(of, "scenario from to n_instruments figures")
    check_name(text_of(of, "scenario"))
    if "from" in of or "to" in of:
        moment_of(of, "from")
        moment_of(of, "to")
    integer_of(of, "n_instruments", 1, INT64_MAX)
    check_values(of, "figures", True)


def check_joint(tree):
    of = object_of(tree, "stress")
    with Within("stress"):
        only(of, "n_instruments reverse_volatilities scenarios")
        integer_of(of, "n_instruments", 0, INT64_MAX)
        if "reverse_volatilities" not in of or of["reverse_volatilities"] is not None:
            integer_of(of, "reverse_volatilities", 1, INT64_MAX)
        check_each(of, "scenarios", check_together)


def check_judged(entry, status):
    """All of them are there, or, where nothing was judged, none."""
    judged = ("parameters", "initial_margin_ppm", "maintenance_margin_ppm", "tiers", "evidence",
              "liquidation", "stress")
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
    if "stress" in entry:
        check_stress(entry)
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
                    "maintenance_margin_ppm tiers liquidation stress evidence")
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
               "confidence n_points instruments incumbent_sha256 stress")
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
    if "stress" in tree:
        check_joint(tree)
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
