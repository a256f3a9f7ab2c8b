"""example_dump.py -- every field of a set, as example_engine.c --dump prints it"""
import hashlib

from example_members import duration_ns, moment_ns
from example_set import read_set


def real(value):
    """As C's %a prints it; null where undefined."""
    if value is None:
        return "null"
    value = float(value)
    digits, exponent = value.hex().split("p")
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"{'0x0' if value == 0 else digits}p{exponent if value else '+0'}"


def dump_values(path, values):
    for name, value in values.items():
        print(f"{path}.{name}={real(value)}")


def dump_fits(path, fits):
    print(f"{path}.status={fits['status']}")
    print(f"{path}.counts={fits['n_fits']},{fits['n_failed']},{fits['n_fallback_bars']}")
    print(f"{path}.gradient_norm={real(fits['gradient_norm'])}")
    print(f"{path}.log_likelihood={real(fits['log_likelihood'])}")
    dump_values(f"{path}.parameters", fits["parameters"])
    dump_values(f"{path}.standard_errors", fits["standard_errors"])


def dump_instrument(entry):
    name = entry["instrument"]
    print(f"{name}={entry['status']},{entry['reason']},{moment_ns(entry['as_of'])}")
    if "tiers" not in entry:
        return
    print(f"{name}.margins={entry['initial_margin_ppm']},{entry['maintenance_margin_ppm']}")
    for i, tier in enumerate(entry["tiers"]):
        print(f"{name}.tier{i}={real(tier['up_to_notional'])},{tier['initial_margin_ppm']},"
              f"{tier['maintenance_margin_ppm']}")
    evidence = entry["evidence"]
    dump_values(f"{name}.parameters", entry["parameters"])
    dump_values(f"{name}.training", evidence["training"])
    dump_values(f"{name}.test", evidence.get("test", {}))
    for fits in ("fits", "tail_fits"):
        if fits in evidence:
            dump_fits(f"{name}.{fits}", evidence[fits])
    if "points_left_out" in evidence:
        print(f"{name}.points_left_out={evidence['points_left_out']}")
    if "incumbent" in evidence:
        of = evidence["incumbent"]
        print(f"{name}.incumbent={of['initial_margin_ppm']},{int(of['is_kept'])},{of['breach']}")
        print(f"{name}.incumbent.cost={real(of['cost'])}\n{name}.incumbent.gain={real(of['gain'])}")


def dump(data):
    """Of the bytes of a set, once they are found to be one."""
    is_ = read_set(data)
    interval = duration_ns(is_["interval"])
    print(f"sha256={hashlib.sha256(data).hexdigest()}")
    print(f"job={is_['job']['name']},{is_['job']['sha256']}\nmade={is_['program']},{is_['study']}")
    print(f"history={is_['history_sha256']}\nincumbent={is_.get('incumbent_sha256', 'null')}")
    print(f"as_of={moment_ns(is_['as_of'])}\ninterval={interval}\nhorizon={is_['horizon_bars']}")
    print(f"confidence={real(is_['confidence'])}\nn_points={is_['n_points']}")
    for entry in is_["instruments"]:
        dump_instrument(entry)
