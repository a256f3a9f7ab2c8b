"""example_members.py -- JSON and its members, read as strictly as client/members.c does"""
import datetime
import json
import math
import re

TEXT_MAX, INT64_MAX = 511, 2**63 - 1
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,62}\Z")
MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{0,8}[1-9])?Z\Z", re.ASCII)


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
    text = text_of(of, name)
    with Within(name):
        return moment_ns(text)


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
