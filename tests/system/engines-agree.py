"""engines-agree.py DUMP SET -- do the engines in C and in Python refuse the same sets?

Makes some hundred sets out of a good one, each with one thing wrong (and some with none),
and asks both: DUMP (example-engine --dump FILE) and client/example_set.py. The verdicts must
be the same, and the words too, but for what each reader of JSON says of what is none, and of dates that are none.
"""
import copy
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "client"))
from example_members import Refused  # noqa: E402
from example_set import read_set  # noqa: E402

WRONG = [None, True, "", "x", "a\nb", "a\u0085b", "x" * 512, 0, -1, 1, 2**63 - 1, 10**9 + 1, 0.5, -0.5, 1e300, [],
         [None], {}, {"x": 1}, "..", "0" * 64, "2025-02-30T00:00:00Z", "2025-01-01T00:00:00.50Z", "9999-01-01T00:00:00Z"]
# what each reader of JSON and of moments has its own words for
OWN_WORDS = ("JSON", "as_of: '", " at: '", "from: '", " to: '")
BYTES = [b"", b"{", b"[]", b"null", b'{"a":1,"a":1}', b"\xef\xbb\xbf{}", b"{}\0", b"{} {}", b'{"a":NaN}', b'{"a":1e999}',
         b'{"a":99999999999999999999}', b'{"a":"\\u0000"}', b'{"a":"\\ud800"}', b'{"a":"\xff"}', b"[" * 3000 + b"]" * 3000]


def places(value, path=()):
    """Every member and element below."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield path + (key,)
        yield from places(below, path + (key,))


def mutations(good):
    yield good
    for n, path in enumerate(places(good)):
        def changed(change):
            tree = copy.deepcopy(good)
            at = tree
            for key in path[:-1]:
                at = at[key]
            change(at, path[-1])
            return tree
        yield changed(lambda at, key: at.pop(key))
        for wrong in (WRONG + WRONG)[3 * n % len(WRONG):][:3]:  # all of them, in turn
            yield changed(lambda at, key: at.__setitem__(key, wrong))
        if isinstance(good, dict) and isinstance(path[-1], str):
            yield changed(lambda at, key: at.__setitem__("extra", 1))
            yield changed(lambda at, key: at.__setitem__("é\x1b", 1))
        if isinstance(path[-1], int):
            yield changed(lambda at, key: at.insert(key, copy.deepcopy(at[key])))
            yield changed(lambda at, key: at.append(at.pop(key)))


def ask_c(dump, path):
    done = subprocess.run([dump, "--dump", path], capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{dump} ended with {done.returncode} on {path}")
    said = done.stderr.decode().strip().removeprefix(f"example-engine: {path}: ")
    return done.returncode == 0, said


def ask_python(data):
    try:
        read_set(data)
        return True, ""
    except Refused as why:
        return False, str(why)


def is_same(c, python):
    if c[0] != python[0]:
        return False
    return c[1] == python[1] or any(text in c[1] and text in python[1] for text in OWN_WORDS)


def main(dump, path):
    with open(path, encoding="utf-8") as file:
        good = json.load(file)
    n = n_taken = n_other = 0
    seen = set()
    with tempfile.TemporaryDirectory() as place:
        name = os.path.join(place, "set.json")
        for data in BYTES + [json.dumps(tree, ensure_ascii=False).encode() for tree in mutations(good)]:
            if data in seen:
                continue
            seen.add(data)
            with open(name, "wb") as file:
                file.write(data)
            c, python = ask_c(dump, name), ask_python(data)
            n, n_taken = n + 1, n_taken + c[0]
            if not is_same(c, python):
                n_other += 1
                if n_other <= 20:
                    print(f"C: {c}\nPython: {python}\n")
    print(f"{n} sets, {n_taken} taken, {n - n_taken} refused, {n_other} not alike")
    sys.exit(n_other > 0 or n_taken == 0 or n - n_taken < 300)


main(*sys.argv[1:3])
