#!/usr/bin/python3
"""example_engine.py -- a margin engine in one file of another language

    example_engine.py ADDRESS RELAY.public ENGINE.secret SIGNERS STORE INSTRUMENT NOTIONAL [N_SETS]
    example_engine.py --dump parameters.json

Reads the same bytes as example_engine.c, with python3-zmq and python3-nacl: connects over
CURVE, asks, verifies signatures and digests, never goes back, keeps the last good
publication in STORE/held.publication and starts from it, acknowledges.  The contract is
client/stream.h and client/manifest.h.  Unlike the C library it does not check the whole
schema, and knows no limits: an engine in production adds both.
"""
import datetime
import fcntl
import hashlib
import json
import math
import os
import struct
import sys
import time

import nacl.bindings
import nacl.exceptions
import nacl.signing
import zmq
from zmq.utils import z85

HEADER = struct.Struct("<8sHBBHHQQQq32s")  # 80 bytes, client/stream.h
HEARTBEAT, SET, REQUEST, ACKNOWLEDGE = 1, 2, 3, 4
SET_BYTES_MAX, MANIFEST_BYTES_MAX, SIGNATURES_MAX = 256 << 20, 65535, 16
NOTHING = (0, 0, 0, bytes(32))  # epoch, version, n_bytes, sha256
CLOCKS_DIFFER_NS = 600 * 10**9


class Refused(Exception):
    """What came is not used, for this reason."""


# ---- keys ----

def read_secret(path, kind):
    """The secret of a key file of this kind, which only its owner may read."""
    with open(path, encoding="ascii") as file:
        if os.fstat(file.fileno()).st_mode & 0o077:
            raise SystemExit(f"{path}: others can read or write it: chmod 600")
        head, line = file.read().splitlines()
    found, secret, _ = line.split()
    if head != "plimsoll-secret-key 1" or found != kind:
        raise SystemExit(f"{path}: is not a secret {kind} key")
    return bytes.fromhex(secret)


def read_trust(path, kind):
    """(threshold, {public key: (name, is_revoked)}) of a trust file."""
    threshold, keys = 1, {}
    with open(path, encoding="ascii") as file:
        for line in file:
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "threshold":
                threshold = int(words[1])
                continue
            revoked = words[0] == "revoked"
            if words[revoked] != kind:
                raise SystemExit(f"{path}: a {words[revoked]} key among {kind} keys")
            keys[bytes.fromhex(words[revoked + 1])] = (words[revoked + 2], revoked)
    return threshold, keys


# ---- verifying ----

def unpack(frame):
    """kind, n_signatures, n_manifest and the name of a first frame."""
    if len(frame) != HEADER.size:
        raise Refused(f"header: has {len(frame)} bytes, not {HEADER.size}")
    (magic, protocol, kind, _, n_signatures, n_manifest, epoch, version, n_bytes, _,
     sha256) = HEADER.unpack(frame)
    if magic != b"PLIMSOLL" or protocol != 2:
        raise Refused("header: is not of protocol 2")
    return kind, n_signatures, n_manifest, (epoch, version, n_bytes, sha256)


def pack(kind, name, n_signatures=0, n_manifest=0, sent_ns=0):
    return HEADER.pack(b"PLIMSOLL", 2, kind, 0, n_signatures, n_manifest, name[0], name[1],
                       name[2], sent_ns, name[3])


def moment_ns(text):
    """ISO 8601 with a fraction of up to nine digits, as the manifest writes it."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    day = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc)
    return int(day.timestamp()) * 10**9 + int(fraction.ljust(9, "0") or 0)


def check_signatures(trust, manifest, signatures):
    """Enough names of the trust file have signed exactly these bytes."""
    threshold, keys = trust
    by_id = {hashlib.sha256(key).digest()[:16]: key for key in keys}
    names, seen = set(), set()
    for at in range(0, len(signatures), 80):
        key_id, signature = signatures[at:at + 16], signatures[at + 16:at + 80]
        if key_id in seen:
            raise Refused("signatures: a key has signed twice")
        seen.add(key_id)
        if key_id not in by_id:
            continue
        name, revoked = keys[by_id[key_id]]
        try:
            nacl.signing.VerifyKey(by_id[key_id]).verify(manifest, signature)
        except nacl.exceptions.BadSignatureError:
            raise Refused(f"the signature of {name} is wrong") from None
        if not revoked:
            names.add(name)
    if len(names) < threshold:
        raise Refused(f"is signed by {len(names)} of the {threshold} that are needed")


def verify(trust, held, name, manifest, signatures, data):
    """The manifest, if this publication may take the place of `held`."""
    epoch, version, n_bytes, sha256 = name
    if epoch > time.time_ns() + CLOCKS_DIFFER_NS:
        raise Refused(f"version {version} counts from a time to come")
    if (epoch, version) < held[:2]:
        raise Refused(f"version {version} is below version {held[1]}")
    if (epoch, version) == held[:2] and name != held:
        raise Refused(f"version {version} is another set than before")
    if len(signatures) % 80 or len(signatures) > 80 * SIGNATURES_MAX:
        raise Refused("signatures: are not of 80 bytes each")
    check_signatures(trust, manifest, signatures)
    said = json.loads(manifest)
    if manifest != json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode() + b"\n":
        raise Refused("manifest: is not in canonical form")
    if (said["schema"], said["schema_version"]) != ("plimsoll-publication", 1):
        raise Refused("manifest: schema")
    of = said["set"]
    if ((said["epoch"], said["version"], of["n_bytes"], bytes.fromhex(of["sha256"])) != name
            or (of["schema"], of["schema_version"]) != ("plimsoll-parameters", 1)):
        raise Refused("its manifest names another set")
    if len(data) != n_bytes or hashlib.sha256(data).digest() != sha256:
        raise Refused("the set is not the one that its manifest names")
    if time.time_ns() >= moment_ns(said["valid_until"]):
        raise Refused(f"version {version}: was valid until {said['valid_until']}")
    if time.time_ns() < moment_ns(said["valid_from"]):
        raise Refused(f"version {version}: is valid from {said['valid_from']}")
    return said


# ---- the store ----

class Store:
    """STORE/held.publication: the frames of the held one, one after the other."""

    def __init__(self, directory):
        os.makedirs(directory, exist_ok=True)
        self.path = os.path.join(directory, "held.publication")
        self.lock = open(self.path + ".lock", "w", encoding="ascii")
        fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def load(self, trust):
        """(name, set) of what is stored and good still; the name counts in any case."""
        try:
            with open(self.path, "rb") as file:
                packed = file.read()
        except FileNotFoundError:
            return NOTHING, None
        _, n_signatures, n_manifest, name = unpack(packed[:HEADER.size])
        at = HEADER.size
        manifest, at = packed[at:at + n_manifest], at + n_manifest
        signatures, at = packed[at:at + 80 * n_signatures], at + 80 * n_signatures
        try:
            verify(trust, NOTHING, name, manifest, signatures, packed[at:])
        except Refused as why:
            print(f"{self.path}: {why}", flush=True)
            return name, None
        return name, json.loads(packed[at:])

    def save(self, name, manifest, signatures, data):
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
    public = nacl.bindings.crypto_scalarmult_base(engine)
    sock = zmq.Context.instance().socket(zmq.DEALER)
    sock.setsockopt(zmq.CURVE_SERVERKEY, z85.encode(relay))
    sock.setsockopt(zmq.CURVE_PUBLICKEY, z85.encode(public))
    sock.setsockopt(zmq.CURVE_SECRETKEY, z85.encode(engine))
    sock.setsockopt(zmq.MAXMSGSIZE, SET_BYTES_MAX + (1 << 20))
    sock.setsockopt(zmq.RCVHWM, 8)
    sock.setsockopt(zmq.IMMEDIATE, 1)
    sock.setsockopt(zmq.LINGER, 1500)
    sock.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
    sock.connect(address)
    return sock


def send(sock, kind, held):
    try:
        sock.send(pack(kind, held, sent_ns=time.time_ns()), zmq.DONTWAIT)
    except zmq.Again:
        pass  # the next heartbeat brings another occasion


def run(address, relay_path, key_path, signers_path, directory, instrument, notional, n_sets):
    relay = next(iter(read_trust(relay_path, "curve")[1]))
    sock = connect(address, relay, read_secret(key_path, "curve"))
    store = Store(directory)
    held, parameters = store.load(read_trust(signers_path, "signing"))
    margin, n, heard = (10**9, 10**9), 0, time.monotonic()
    if parameters:
        margin = price(parameters, instrument, notional, margin)
    send(sock, REQUEST, held)
    while n_sets == 0 or n < n_sets:
        if not sock.poll(500):
            if time.monotonic() - heard > 3:
                print("no heartbeat for 3 intervals", flush=True)
                heard = time.monotonic()
            send(sock, REQUEST, held)
            continue
        frames = sock.recv_multipart()
        try:
            kind, n_signatures, n_manifest, name = unpack(frames[0])
            heard = time.monotonic()
            if kind == HEARTBEAT and len(frames) == 1:
                send(sock, ACKNOWLEDGE if name in (held, NOTHING) else REQUEST, held)
            elif kind == SET and len(frames) == 4:
                if (name == held and parameters) or len(frames[1]) != n_manifest \
                        or len(frames[2]) != 80 * n_signatures:
                    continue
                verify(read_trust(signers_path, "signing"), held, name, *frames[1:])
                store.save(name, *frames[1:])
                held, parameters, n = name, json.loads(frames[3]), n + 1
                send(sock, ACKNOWLEDGE, held)
                margin = price(parameters, instrument, notional, margin)
            else:
                raise Refused(f"kind {kind} in {len(frames)} frames does not belong here")
        except Refused as why:
            print(f"refused: {why}", flush=True)
    sock.close()
    zmq.Context.instance().term()


# ---- every field, to compare with other readers ----

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


def dump(path):
    with open(path, "rb") as file:
        data = file.read()
    is_ = json.loads(data)
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
    interval = int(is_["interval"][:-1]) * units[is_["interval"][-1]] * 10**9
    print(f"sha256={hashlib.sha256(data).hexdigest()}")
    print(f"job={is_['job']['name']},{is_['job']['sha256']}\nmade={is_['program']},{is_['study']}")
    print(f"history={is_['history_sha256']}\nincumbent={is_.get('incumbent_sha256', 'null')}")
    print(f"as_of={moment_ns(is_['as_of'])}\ninterval={interval}\nhorizon={is_['horizon_bars']}")
    print(f"confidence={real(is_['confidence'])}\nn_points={is_['n_points']}")
    for entry in is_["instruments"]:
        dump_instrument(entry)


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--dump":
        dump(arguments[1])
    elif len(arguments) in (7, 8):
        notional = float(arguments[6])
        if not math.isfinite(notional) or notional < 0:
            raise SystemExit("the notional is not 0 or more")
        run(*arguments[:6], notional, int(arguments[7]) if len(arguments) == 8 else 0)
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
