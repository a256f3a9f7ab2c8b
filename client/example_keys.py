"""example_keys.py -- files of keys: secret ones, lists of those who count, and their changes

As client/keyfile.h, client/trust.h and client/watched.h have it.
"""
import os
import re
import stat

from example_members import Refused, Within, check_name


def read_safely(path, is_secret):
    """The text of a file of this user or root that others cannot write (or, a secret, read)."""
    try:
        with open(path, encoding="ascii") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_uid not in (0, os.geteuid()):
                raise Refused(f"{path}: is not a file of this user")
            if found.st_mode & (0o077 if is_secret else 0o022):
                raise Refused(f"{path}: others can {'read or ' if is_secret else ''}write it: "
                              f"chmod {'600' if is_secret else 'go-w'}")
            return file.read()
    except (OSError, UnicodeDecodeError) as why:
        raise Refused(f"{path}: {why}") from None


def read_secret(path, kind):
    """The secret of a key file of this kind."""
    words = read_safely(path, True).split()
    if words[:3] != ["plimsoll-secret-key", "1", kind] or len(words) != 5:
        raise Refused(f"{path}: is not a secret {kind} key")
    return bytes.fromhex(words[3])


def parse_trust(text, kind):
    """(threshold, {public key: (name, is_revoked)}) of a trust file."""
    threshold, keys = None, {}
    for n, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        with Within(f"line {n}"):
            if words[0] == "threshold":
                if kind != "signing" or threshold or not re.fullmatch("[1-9]|1[0-6]", " ".join(words[1:])):
                    raise Refused("threshold: stands once, as 'threshold K', in a file of signing keys")
                threshold = int(words[1])
                continue
            revoked = words[0] == "revoked"
            rest = words[revoked:]
            if len(rest) not in (3, 3 + (kind == "curve")) or rest[0] != kind \
                    or not re.fullmatch("[0-9a-f]{64}", rest[1]):
                raise Refused(f"is not '[revoked] {kind} KEY NAME'")
            check_name(rest[2])
            if bytes.fromhex(rest[1]) in keys:
                raise Refused("a key that is there twice")
            keys[bytes.fromhex(rest[1])] = (rest[2], revoked)
    if not keys:
        raise Refused("no key is listed")
    if (threshold or 1) > max(1, len({name for name, revoked in keys.values() if not revoked})):
        raise Refused(f"threshold: {threshold} names must sign, but fewer can")
    return threshold or 1, keys


class Watched:
    """What a file says, read again when it has changed."""

    def __init__(self, path, parse_it):
        self.path, self.parse_it, self.told, self.text = path, parse_it, None, None
        self.value = self.read()

    def read(self):
        text = read_safely(self.path, False)
        if text != self.text:
            with Within(self.path):
                self.value = self.parse_it(text)
            self.text = text
        return self.value

    def now(self):
        try:
            self.told, value = None, self.read()
            return value
        except Refused as why:
            if str(why) != self.told:
                print(f"refused: {why}", flush=True)
            self.told = str(why)
            return self.value
