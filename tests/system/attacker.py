#!/usr/bin/python3
"""attacker.py -- a publisher that lies, and a requester that talks nonsense

attacker.py publish HOW SET EPOCH VERSION  binds two free ports, prints them, and lies.
attacker.py request ADDRESS                sends nonsense to a publisher's snapshots.
"""
import hashlib
import struct
import sys
import time

import zmq

HEARTBEAT, UPDATE, REQUEST, SNAPSHOT = 1, 2, 3, 4
LIMIT = 256 << 20


def header(kind, epoch, version, data, **forged):
    field = {"magic": b"PLIMSOLL", "protocol": 1, "signature": 0, "n_bytes": len(data),
             "sha256": hashlib.sha256(data).digest(), **forged}
    return struct.pack("<8sHHIQQQq32s", field["magic"], field["protocol"], kind,
                       field["signature"], epoch, version, field["n_bytes"],
                       time.time_ns(), field["sha256"])


def lie(how, kind, good, epoch, version):
    """The frames of one forged message about the version after the held one."""
    new = version + 1
    if how == "digest":
        return [header(kind, epoch, new, good), good.replace(b"0", b"1", 1)]
    if how == "lower":
        return [header(kind, epoch, version - 1, good), good]
    if how == "another":
        other = good + b" "
        return [header(kind, epoch, version, other), other]
    if how == "json":
        broken = good[:-20]
        return [header(kind, epoch, new, broken), broken]
    if how == "schema":
        broken = good.replace(b'"calibrated"', b'"perfect"', 1)
        return [header(kind, epoch, new, broken), broken]
    if how == "claim":
        return [header(kind, epoch, new, good, n_bytes=LIMIT + 1), good]
    if how == "signature":
        return [header(kind, epoch, new, good, signature=64), good]
    if how == "frames":
        return [header(kind, epoch, new, good), good, good]
    if how == "garbage":
        return [b"\xff" * 80, good]
    if how == "oversized":
        huge = bytes(LIMIT + 1)
        return [header(kind, epoch, new, good), huge]
    raise SystemExit(f"attacker.py: no lie '{how}'")


def publish(how, path, epoch, version):
    with open(path, "rb") as file:
        good = file.read()
    context = zmq.Context()
    updates, snapshots = context.socket(zmq.PUB), context.socket(zmq.ROUTER)
    for sock in (updates, snapshots):
        sock.setsockopt(zmq.LINGER, 0)
        sock.bind("tcp://127.0.0.1:*")
    update = lie(how, UPDATE, good, epoch, version)
    snapshot = lie(how, SNAPSHOT, good, epoch, version)
    print(updates.getsockopt_string(zmq.LAST_ENDPOINT),
          snapshots.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
    while True:  # until killed
        if how != "oversized":
            updates.send_multipart(update)
        if snapshots.poll(200):
            sender = snapshots.recv_multipart()[0]
            print("asked", flush=True)
            snapshots.send_multipart([sender] + snapshot, copy=False)


def request(address):
    context = zmq.Context()
    sock = context.socket(zmq.DEALER)
    sock.setsockopt(zmq.LINGER, 5000)
    sock.connect(address)
    sock.send(b"\xff" * 80)
    sock.send(b"")
    sock.send_multipart([header(REQUEST, 0, 0, b"", sha256=bytes(32))] * 3)
    sock.send(header(SNAPSHOT, 1, 1, b""))
    sock.send(bytes(100000))  # over the publisher's limit: it hangs up
    sock.close()
    context.term()


if sys.argv[1] == "publish":
    publish(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
else:
    request(sys.argv[2])
