#!/usr/bin/python3
"""example_engine.py -- a margin engine in another language

    example_engine.py [--limits FILE] ADDRESS RELAY.public ENGINE.secret SIGNERS STORE
                      INSTRUMENT NOTIONAL [N_SETS]
    example_engine.py [--limits FILE] --plain ADDRESS SIGNERS STORE INSTRUMENT NOTIONAL [N_SETS]
    example_engine.py --dump parameters.json

Reads the same bytes as example_engine.c, with python3-zmq and python3-nacl, and refuses the
same: connects over CURVE (--plain: to this machine), asks, verifies order, signatures,
manifest, digest, schema (example_set.py), its owner's limits (example_limits.py) and
validity, in this order; keeps what is not valid yet until it is; never goes back; keeps the
last good publication in STORE/held.publication and starts from it; acknowledges; says when
nobody is heard, and when what it holds expires. Lists and limits are read again when they
change; a broken or unsafe one is told once, and the one before stays. The contract is
client/stream.h and client/manifest.h. Unlike the C library it has one relay, and waits
where the library has a thread of its own.
"""
import fcntl
import hashlib
import json
import math
import os
import re
import struct
import sys
import time

import nacl.bindings
import nacl.exceptions
import nacl.signing
import zmq
from zmq.utils import z85

from example_dump import dump
from example_keys import Watched, parse_trust, read_safely, read_secret
from example_limits import check_limits, read_limits
from example_members import (INT64_MAX, Refused, Within, array_of, check_name, check_schema, digest_of,
                             integer_of, moment_ns, moment_of, object_of, only, parse, text_of, where)
from example_set import SET_BYTES_MAX, read_set

HEADER = struct.Struct("<8sHBBHHQQQq32s")  # 80 bytes, client/stream.h
HEARTBEAT, SET, REQUEST, ACKNOWLEDGE = 1, 2, 3, 4
MANIFEST_BYTES_MAX, SIGNATURES_MAX = 65535, 16
NOTHING = (0, 0, 0, bytes(32))  # epoch, version, n_bytes, sha256
CLOCKS_DIFFER_NS = 600 * 10**9


# ---- verifying ----

def unpack(frame):
    """kind, n_signatures, n_manifest and the name of a first frame."""
    if len(frame) != HEADER.size:
        raise Refused(f"header: has {len(frame)} bytes, not {HEADER.size}")
    (magic, protocol, kind, _, n_signatures, n_manifest, epoch, version, n_bytes, _,
     sha256) = HEADER.unpack(frame)
    if magic != b"PLIMSOLL":
        raise Refused("header: does not start with PLIMSOLL")
    if protocol != 2:
        raise Refused(f"header: protocol {protocol} is not 2")
    if n_signatures > SIGNATURES_MAX:
        raise Refused(f"header: {n_signatures} signatures are too many")
    if max(epoch, version) > INT64_MAX:
        raise Refused("header: an epoch or version is above 2^63 - 1")
    if n_bytes > SET_BYTES_MAX:
        raise Refused(f"header: a set of {n_bytes} bytes is more than {SET_BYTES_MAX}")
    return kind, n_signatures, n_manifest, (epoch, version, n_bytes, sha256)


def pack(kind, name, n_signatures=0, n_manifest=0, sent_ns=0):
    return HEADER.pack(b"PLIMSOLL", 2, kind, 0, n_signatures, n_manifest, name[0], name[1],
                       name[2], sent_ns, name[3])


def check_order(name, held):
    epoch, version = name[:2]
    if epoch > time.time_ns() + CLOCKS_DIFFER_NS:
        raise Refused(f"version {version} counts from a time which is to come")
    if (epoch, version) == held[:2] and name != held:
        raise Refused(f"version {version} is another set than before")
    if epoch < held[0]:
        raise Refused(f"version {version} counts from a time before what is held")
    if (epoch, version) < held[:2]:
        raise Refused(f"version {version} is below version {held[1]}")


def check_signatures(trust, manifest, signatures):
    """Enough names of the trust file have signed exactly these bytes."""
    threshold, keys = trust
    by_id = {hashlib.sha256(key).digest()[:16]: key for key in keys}
    names, seen, strangers, revoked_ones = set(), set(), 0, 0
    if len(signatures) % 80 or len(signatures) > 80 * SIGNATURES_MAX:
        raise Refused("signatures: are not of 80 bytes each")
    if not signatures:
        raise Refused("is not signed")
    for at in range(0, len(signatures), 80):
        key_id, signature = signatures[at:at + 16], signatures[at + 16:at + 80]
        if key_id in seen:
            raise Refused("signatures: a key has signed twice")
        seen.add(key_id)
        if key_id not in by_id:
            strangers += 1
            continue
        name, revoked = keys[by_id[key_id]]
        try:
            nacl.signing.VerifyKey(by_id[key_id]).verify(manifest, signature)
        except nacl.exceptions.BadSignatureError:
            raise Refused(f"the signature of {name} is wrong") from None
        revoked_ones += revoked
        if not revoked:
            names.add(name)
    if len(names) < threshold:
        raise Refused(f"is signed by {len(names)} of the {threshold} that are needed "
                      f"({strangers} strangers, {revoked_ones} revoked)")


def check_audience(said):
    groups = array_of(said, "audience")
    for i, group in enumerate(groups):
        with Within(f"audience[{i}]"):
            if not isinstance(group, str):
                raise Refused("is not a text")
            check_name(group)
    if not groups or len(set(groups)) != len(groups) or len(",".join(groups)) > 255:
        raise where("audience", "is empty, too long, or has a group twice")


def read_manifest(manifest):
    if len(manifest) > MANIFEST_BYTES_MAX:
        raise Refused(f"has {len(manifest)} bytes, more than {MANIFEST_BYTES_MAX}")
    said = parse(manifest)
    members = ("schema schema_version epoch version set parent_sha256 published_at valid_from "
               "valid_until audience rollback_of note")
    only(said, members)
    check_schema(said, "plimsoll-publication", 1)
    integer_of(said, "epoch", 1, INT64_MAX)
    version, of = integer_of(said, "version", 1, INT64_MAX), object_of(said, "set")
    with Within("set"):
        only(of, "sha256 n_bytes schema schema_version")
        check_schema(of, "plimsoll-parameters", 1)
        digest_of(of, "sha256")
        integer_of(of, "n_bytes", 1, SET_BYTES_MAX)
    if said.get("parent_sha256", "") is not None:
        digest_of(said, "parent_sha256")
    moment_of(said, "published_at")
    if moment_of(said, "valid_from") >= moment_of(said, "valid_until"):
        raise Refused("valid_until: is not after valid_from")
    if said.get("audience", "") is not None:
        check_audience(said)
    if said.get("rollback_of", "") is not None \
            and integer_of(said, "rollback_of", 1, INT64_MAX) >= version:
        raise Refused(f"rollback_of: {said['rollback_of']} is not before version {version}")
    text_of(said, "note")
    if list(said) != members.split() or list(of) != ["sha256", "n_bytes", "schema", "schema_version"] \
            or manifest != json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode() + b"\n":
        raise Refused("is not in canonical form")
    return said


class Judge:
    """The owner's files, and what they say of a publication."""

    def __init__(self, signers, limits):
        self.signers = Watched(signers, lambda text: parse_trust(text, "signing"))
        self.limits = Watched(limits, read_limits) if limits else None

    def grace_ns(self):
        return self.limits.now()[1] if self.limits else 0

    def examine(self, name, frames, held_set):
        """(manifest, set) of the three frames. Nothing unsigned is parsed."""
        manifest, signatures, data = frames
        with Within(f"version {name[1]}"):
            check_signatures(self.signers.now(), manifest, signatures)
            with Within("manifest"):
                said = read_manifest(manifest)
            of = said["set"]
            named = said["epoch"], said["version"], of["n_bytes"], bytes.fromhex(of["sha256"])
            if named[2:] != (len(data), hashlib.sha256(data).digest()):
                if len(data) != of["n_bytes"]:
                    raise Refused(f"the set has {len(data)} bytes, its header says {of['n_bytes']}")
                raise Refused("the set's SHA-256 is not the one in its header")
            parameters = read_set(data)
            if self.limits:
                check_limits(self.limits.now()[0], parameters, held_set)
        if time.time_ns() >= moment_ns(said["valid_until"]) + self.grace_ns():
            raise Refused(f"version {name[1]}: was valid until {said['valid_until']}")
        if named != name:
            raise Refused(f"version {name[1]}: its manifest names another set")
        return said, parameters


# ---- the store ----

class Store:
    """STORE/held.publication: the frames of the held one, one after the other."""

    def __init__(self, directory):
        os.makedirs(directory, exist_ok=True)
        self.path = os.path.join(directory, "held.publication")
        self.lock = open(self.path + ".lock", "w", encoding="ascii")
        fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def load(self, judge):
        """(name, manifest, set) of what is stored and good still; the name counts in any case."""
        try:
            with open(self.path, "rb") as file:
                packed = file.read()
        except FileNotFoundError:
            return NOTHING, None, None
        _, n_signatures, n_manifest, name = unpack(packed[:HEADER.size])
        at = HEADER.size
        manifest, at = packed[at:at + n_manifest], at + n_manifest
        signatures, at = packed[at:at + 80 * n_signatures], at + 80 * n_signatures
        try:
            return name, *judge.examine(name, (manifest, signatures, packed[at:]), None)
        except Refused as why:
            print(f"refused: {self.path}: {why}", flush=True)
            return name, None, None

    def save(self, name, frames):
        manifest, signatures, data = frames
        temporary = self.path + ".tmp"
        with open(temporary, "wb") as file:
            file.write(pack(SET, name, len(signatures) // 80, len(manifest)))
            file.write(manifest + signatures + data)
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, self.path)
        directory = os.open(os.path.dirname(self.path) or ".", os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)


# ---- the engine ----

def price(parameters, instrument, notional, margin):
    """The margins to use: they change only to those of a calibrated instrument."""
    entry = next((e for e in parameters["instruments"] if e["instrument"] == instrument), None)
    if entry is None or entry["status"] != "calibrated":
        print(f"margin stays: {instrument} is {entry['status'] if entry else 'not in the set'}")
    else:
        tier = next(t for t in entry["tiers"]
                    if t["up_to_notional"] is None or notional <= t["up_to_notional"])
        margin = tier["initial_margin_ppm"], tier["maintenance_margin_ppm"]
    print(f"{instrument} of {notional:g}: initial margin {notional * 1e-6 * margin[0]:.2f}, "
          f"maintenance margin {notional * 1e-6 * margin[1]:.2f}", flush=True)
    return margin


def connect(address, relay, engine):
    """CURVE, or, without keys, plain."""
    sock = zmq.Context.instance().socket(zmq.DEALER)
    if engine is not None:
        sock.setsockopt(zmq.CURVE_SERVERKEY, z85.encode(relay))
        sock.setsockopt(zmq.CURVE_PUBLICKEY, z85.encode(nacl.bindings.crypto_scalarmult_base(engine)))
        sock.setsockopt(zmq.CURVE_SECRETKEY, z85.encode(engine))
    elif not re.match(r"ipc://|tcp://127\.\d+\.\d+\.\d+:", address):
        raise Refused(f"{address}: what is not encrypted stays on this machine: ipc:// or tcp://127...")
    sock.setsockopt(zmq.MAXMSGSIZE, SET_BYTES_MAX + (1 << 20))
    sock.setsockopt(zmq.RCVHWM, 8)
    sock.setsockopt(zmq.IMMEDIATE, 1)
    sock.setsockopt(zmq.LINGER, 1500)
    sock.setsockopt(zmq.RECONNECT_IVL, 250)
    sock.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
    sock.connect(address)
    return sock


class Engine:
    """What is held, what waits for its time, and the margins in use."""

    def __init__(self, sock, judge, store, instrument, notional):
        self.sock, self.judge, self.store = sock, judge, store
        self.instrument, self.notional, self.margin = instrument, notional, (10**9, 10**9)
        self.held, self.said, self.parameters = store.load(judge)
        self.pending, self.is_expired, self.n_sets = None, False, 0
        self.heard = time.monotonic()
        if self.parameters:
            self.price()

    def price(self):
        self.margin = price(self.parameters, self.instrument, self.notional, self.margin)

    def send(self, kind):
        try:
            self.sock.send(pack(kind, self.held, sent_ns=time.time_ns()), zmq.DONTWAIT)
        except zmq.Again:
            pass  # the next heartbeat brings another occasion

    def take(self, name, frames, said, parameters):
        self.store.save(name, frames)
        self.held, self.said, self.parameters, self.is_expired = name, said, parameters, False
        self.n_sets += 1
        self.send(ACKNOWLEDGE)
        self.price()

    def take_set(self, name, frames):
        check_order(name, self.held)
        if (name == self.held and self.parameters) or (self.pending and name == self.pending[0]):
            return
        said, parameters = self.judge.examine(name, frames, self.parameters)
        if time.time_ns() >= moment_ns(said["valid_from"]):
            self.take(name, frames, said, parameters)
        else:
            self.pending = name, frames, said
            print(f"version {name[1]} is kept until it is valid", flush=True)

    def look_at_clock(self):
        """Begin what has waited, say what has ended."""
        if self.pending and time.time_ns() >= moment_ns(self.pending[2]["valid_from"]):
            name, frames, _ = self.pending
            self.pending = None  # lists and limits may be others than when it came
            self.take_set(name, frames)
        if self.said and not self.is_expired and \
                time.time_ns() >= moment_ns(self.said["valid_until"]) + self.judge.grace_ns():
            self.is_expired = True
            print("the held set is not valid any more", flush=True)
        if time.monotonic() - self.heard > 3:
            print("no heartbeat for 3 intervals", flush=True)
            self.heard = time.monotonic()

    def take_message(self, frames):
        kind, n_signatures, n_manifest, name = unpack(frames[0])
        if kind not in (HEARTBEAT, SET):
            raise Refused(f"header: kind {kind} does not belong here")
        if len(frames) != (1 if kind == HEARTBEAT else 4):
            raise Refused(f"a message of {len(frames)} frames, not {1 if kind == HEARTBEAT else 4}")
        if kind == SET and (len(frames[1]) != n_manifest or len(frames[2]) != 80 * n_signatures):
            raise Refused(f"frames of {len(frames[1])} and {len(frames[2])} bytes, where the header "
                          f"says {n_manifest} and {80 * n_signatures}")
        self.heard = time.monotonic()
        if kind == SET:
            self.take_set(name, frames[1:])
            return
        is_known = name in (self.held, NOTHING) or (self.pending and name == self.pending[0])
        self.send(ACKNOWLEDGE if is_known else REQUEST)

    def run(self, n_sets):
        self.send(REQUEST)
        while n_sets == 0 or self.n_sets < n_sets:
            try:
                self.look_at_clock()
                if self.sock.poll(500):
                    self.take_message(self.sock.recv_multipart())
                else:
                    self.send(REQUEST)
            except Refused as why:
                print(f"refused: {why}", flush=True)


def first_key(path):
    return next(iter(parse_trust(read_safely(path, False), "curve")[1]))


def run(options, words):
    """The words of the command line: address, keys or none, and so on."""
    is_plain = "--plain" in options
    address, (signers, store, instrument) = words[0], words[1 if is_plain else 3:][:3]
    notional, n_sets = float(words[4 if is_plain else 6]), int((words[5 if is_plain else 7:] or [0])[0])
    if not math.isfinite(notional) or notional < 0:
        raise Refused("the notional is not 0 or more")
    relay, engine = (None, None) if is_plain else (first_key(words[1]), read_secret(words[2], "curve"))
    judge = Judge(signers, options.get("--limits"))
    sock = connect(address, relay, engine)
    Engine(sock, judge, Store(store), instrument, notional).run(n_sets)
    sock.close()
    zmq.Context.instance().term()


def main(arguments):
    options = {}
    while arguments and arguments[0] in ("--plain", "--limits") and len(arguments) > 1:
        n = 2 if arguments[0] == "--limits" else 1
        options[arguments[0]], arguments = arguments[n - 1], arguments[n:]
    n_least = 5 if "--plain" in options else 7
    try:
        if not options and len(arguments) == 2 and arguments[0] == "--dump":
            with open(arguments[1], "rb") as file, Within(arguments[1]):
                dump(file.read())
        elif n_least <= len(arguments) <= n_least + 1:
            run(options, arguments)
        else:
            raise SystemExit(__doc__)
    except Refused as why:
        raise SystemExit(f"example_engine.py: {why}") from None


if __name__ == "__main__":
    main(sys.argv[1:])
