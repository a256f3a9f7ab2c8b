#!/usr/bin/python3
"""attacker.py -- relays that lie, and strangers that knock

attacker.py lie HOW SET EPOCH VERSION   binds a free port, prints it, and answers every request
                                        with a lie about the version after VERSION
attacker.py knock HOW ADDRESS           speaks to a listener as HOW says; prints what it got

Keys are files of `plimsoll keygen` in the working directory: operator.secret signs as an
honest publisher does, the others are named in the code.
"""
import datetime
import hashlib
import json
import os
import socket
import struct
import sys
import threading
import time

import nacl.bindings
import nacl.signing
import zmq
from zmq.utils import z85

HEARTBEAT, SET, REQUEST, ACKNOWLEDGE, OFFER = 1, 2, 3, 4, 5
LIMIT = 256 << 20


def header(kind, epoch, version, data, n_signatures=0, n_manifest=0, **forged):
    field = {"magic": b"PLIMSOLL", "protocol": 2, "n_bytes": len(data),
             "sha256": hashlib.sha256(data).digest(), **forged}
    return struct.pack("<8sHBBHHQQQq32s", field["magic"], field["protocol"], kind, 0, n_signatures,
                       n_manifest, epoch, version, field["n_bytes"], time.time_ns(), field["sha256"])


def secret_of(name):
    with open(f"{name}.secret", encoding="ascii") as file:
        return bytes.fromhex(file.read().split()[3])


# ---- lies to subscribers ----

def moment(seconds):
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def manifest_of(epoch, version, data, valid_from=-60, valid_until=3600, **other):
    said = {"schema": "plimsoll-publication", "schema_version": 1, "epoch": epoch, "version": version,
            "set": {"sha256": hashlib.sha256(data).hexdigest(), "n_bytes": len(data),
                    "schema": "plimsoll-parameters", "schema_version": 1},
            "parent_sha256": None, "published_at": moment(-60), "valid_from": moment(valid_from),
            "valid_until": moment(valid_until), "audience": None, "rollback_of": None, "note": ""}
    said.update(other)
    return json.dumps(said, separators=(",", ":")).encode() + b"\n"


def sign(name, manifest):
    key = nacl.signing.SigningKey(secret_of(name))
    key_id = hashlib.sha256(bytes(key.verify_key)).digest()[:16]
    return key_id + key.sign(manifest).signature


def message(epoch, version, data, manifest=None, signatures=None, **forged):
    """The four frames of a set as an honest relay sends them, but for what is given."""
    manifest = manifest_of(epoch, version, data) if manifest is None else manifest
    signatures = sign("operator", manifest) if signatures is None else signatures
    return [header(SET, epoch, version, data, len(signatures) // 80, len(manifest), **forged),
            manifest, signatures, data]


def lie(how, good, epoch, version):
    new = version + 1
    honest = manifest_of(epoch, new, good)
    if how == "digest":
        frames = message(epoch, new, good)
        return frames[:3] + [good.replace(b"0", b"1", 1)]
    if how == "replay":  # signed by an honest publisher, once
        return message(epoch, version - 1, good)
    if how == "another":
        return message(epoch, version, good + b" ")
    if how == "unsigned":
        return message(epoch, new, good, signatures=b"")
    if how == "forged":
        return message(epoch, new, good, signatures=sign("stranger-signer", honest))
    if how == "revoked":
        return message(epoch, new, good, signatures=sign("former", honest))
    if how == "pasted":  # an honest signature, of another manifest
        return message(epoch, new, good, signatures=sign("operator", manifest_of(epoch, version, good)))
    if how == "twice":
        return message(epoch, new, good, signatures=2 * sign("operator", honest))
    if how == "expired":
        return message(epoch, new, good, manifest_of(epoch, new, good, valid_until=-1))
    if how == "future":
        epoch = time.time_ns() + 86400 * 10**9
        return message(epoch, 1, good)
    if how == "spaces":
        return message(epoch, new, good, json.dumps(json.loads(honest)).encode() + b"\n")
    if how == "member":
        return message(epoch, new, good, manifest_of(epoch, new, good, margin="free"))
    if how == "renamed":  # an honest publication under another version's header
        frames = message(epoch, new, good)
        return [header(SET, epoch, new + 1, good, 1, len(frames[1]))] + frames[1:]
    if how == "json":
        return message(epoch, new, good[:-20])
    if how == "schema":
        return message(epoch, new, good.replace(b'"calibrated"', b'"perfect"', 1))
    if how == "claim":
        return message(epoch, new, good, n_bytes=LIMIT + 1)
    if how == "signatures":
        return message(epoch, new, good, signatures=17 * sign("operator", honest))
    if how == "lengths":
        frames = message(epoch, new, good)
        return frames[:2] + [b""] + frames[3:]
    if how == "frames":
        return message(epoch, new, good) + [good]
    if how == "protocol":
        return message(epoch, new, good, protocol=1)
    if how == "garbage":
        return [b"\xff" * 80, b"", b"", good]
    if how == "oversized":
        return message(epoch, new, good)[:3] + [bytes(LIMIT + (2 << 20))]
    raise SystemExit(f"attacker.py: no lie '{how}'")


def lies(how, path, epoch, version):
    with open(path, "rb") as file:
        good = file.read()
    sock = zmq.Context().socket(zmq.ROUTER)
    sock.setsockopt(zmq.LINGER, 0)
    sock.bind("tcp://127.0.0.1:*")
    told = lie(how, good, epoch, version)
    print(sock.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
    while True:  # until killed
        sender = sock.recv_multipart()[0]
        print("asked", flush=True)
        sock.send_multipart([sender] + told, copy=False)


# ---- knocking at a listener ----

def dealer(address, key=None, relay="relay"):
    """A connection with this key; None: plain."""
    sock = zmq.Context.instance().socket(zmq.DEALER)
    sock.setsockopt(zmq.LINGER, 0)
    if key is not None:
        relay_public = nacl.bindings.crypto_scalarmult_base(secret_of(relay))
        secret = secret_of(key) if key != "none" else os.urandom(32)
        sock.setsockopt(zmq.CURVE_SERVERKEY, z85.encode(relay_public))
        sock.setsockopt(zmq.CURVE_SECRETKEY, z85.encode(secret))
        sock.setsockopt(zmq.CURVE_PUBLICKEY, z85.encode(nacl.bindings.crypto_scalarmult_base(secret)))
    sock.connect(address)
    return sock


NOTHING = header(REQUEST, 0, 0, b"", sha256=bytes(32))


def wait_for_messages(socks, seconds):
    """How many messages came to any of them."""
    poller, n = zmq.Poller(), 0
    for sock in socks:
        poller.register(sock, zmq.POLLIN)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for sock, _ in poller.poll(100):
            sock.recv_multipart()
            n += 1
    return n


def knock_many(address, key, n=50):
    socks = [dealer(address, key) for _ in range(n)]
    for sock in socks:
        sock.send(NOTHING)
    return wait_for_messages(socks, 3)


def raw(address, data, n=50):
    """Bytes of one's own on a TCP connection; how many came back beyond ZMTP's greetings."""
    host, port = address.removeprefix("tcp://").split(":")
    lines = [socket.create_connection((host, int(port))) for _ in range(n)]
    n_bytes = 0
    for line in lines:
        line.settimeout(2)
        try:
            line.sendall(data)
        except OSError:
            pass
    time.sleep(1)
    for line in lines:
        line.setblocking(False)
        try:
            n_bytes = max(n_bytes, len(line.recv(1 << 20)))
        except OSError:
            pass
        line.close()
    return n_bytes


def record(address):
    """What a listed engine sends in a session that goes well, byte for byte."""
    host, port = address.removeprefix("tcp://").split(":")
    listener, recorded = socket.create_server(("127.0.0.1", 0)), []

    def pump(source, sink, keep):
        try:
            while data := source.recv(65536):
                if keep:
                    recorded.append(data)
                sink.sendall(data)
        except OSError:
            pass

    def proxy():
        client, _ = listener.accept()
        server = socket.create_connection((host, int(port)))
        threading.Thread(target=pump, args=(server, client, False), daemon=True).start()
        pump(client, server, True)

    threading.Thread(target=proxy, daemon=True).start()
    sock = dealer(f"tcp://127.0.0.1:{listener.getsockname()[1]}", "engine")
    sock.send(NOTHING)
    if wait_for_messages([sock], 2) == 0:
        raise SystemExit("attacker.py: the session to record did not go well")
    sock.close()
    return b"".join(recorded)


def endless(address):
    """Frames of one message without end, until cut off: ZMTP by hand, for ZeroMQ's own library
    sends no message before its last frame.  To a plain listener."""
    host, port = address.removeprefix("tcp://").split(":")
    line = socket.create_connection((host, int(port)))
    line.settimeout(5)
    line.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32))
    ready = b"\x05READY\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER\x08Identity" + bytes(4)
    line.sendall(bytes([4, len(ready)]) + ready)
    heard = b""
    while b"READY" not in heard:  # before the other side's, frames break the protocol
        more = line.recv(4096)
        if not more:
            raise SystemExit("attacker.py: the handshake did not go well")
        heard += more
    frames, n_bytes = 1000 * (b"\x01\xf0" + bytes(240)), 0
    end = time.monotonic() + 5
    try:
        while time.monotonic() < end:
            n_bytes += line.send(frames)
    except OSError:  # a reset, or no byte taken for as long as the socket's timeout
        print(f"cut off after {n_bytes} bytes of one message", flush=True)
        return 0
    return n_bytes


def knock(how, address):
    if how == "endless":
        return endless(address)
    if how == "stranger":
        return knock_many(address, "none")
    if how == "struck-off":
        return knock_many(address, "struck-off")
    if how == "plain":
        return knock_many(address, None)
    if how == "raw":
        return max(0, raw(address, os.urandom(4096)) - 64)
    if how == "silent":
        return max(0, raw(address, b"", 200) - 64)
    if how == "replayed":  # the greeting and the relay's WELCOME, 64 + 2 + 168 bytes, tell nothing
        return max(0, raw(address, record(address), 10) - 64 - 170)
    sock = dealer(address, "engine")
    if how == "malformed":
        for frames in ([b"\xff" * 80], [b""], [NOTHING] * 3, [NOTHING] * 12,
                       [header(SET, 1, 1, b"")], [header(OFFER, 1, 1, b"")],
                       [header(REQUEST, 2**63, 1, b"")], [header(ACKNOWLEDGE, 0, 1, b"")],
                       [header(REQUEST, 0, 0, b"x")], [NOTHING[:79]], [NOTHING + b"x"]):
            sock.send_multipart(frames)
        return wait_for_messages([sock], 2)
    if how == "oversized":
        sock.send(bytes(100000))
        return wait_for_messages([sock], 2)
    if how == "storm":  # one answer is its right
        for _ in range(20000):
            sock.send(NOTHING)
        return wait_for_messages([sock], 2)
    raise SystemExit(f"attacker.py: cannot knock as '{how}'")


if sys.argv[1] == "lie":
    lies(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
else:
    print("got", knock(sys.argv[2], sys.argv[3]), flush=True)
    os._exit(0)  # without waiting for what nobody takes
