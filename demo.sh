#!/bin/sh
# demo.sh -- from nothing to a margin engine's parameters: install what is missing, build,
# simulate a market, calibrate it on all cores, publish the set and receive it.
set -eu
cd "$(dirname "$0")"

say() { printf '\n== %s\n' "$*"; }

say "build (release)"
tests/system/install-dependencies build
cmake --preset release -Wno-dev >/dev/null
cmake --build --preset release --target plimsoll
plimsoll=build/release/plimsoll
work=$(mktemp -d)
publisher=
trap '[ -z "$publisher" ] || kill "$publisher" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

say "simulate a market: configs/quickstart-market.yaml"
$plimsoll simulate configs/quickstart-market.yaml --history "$work/history.h5"

ranks=$(nproc)
say "calibrate it on $ranks ranks: configs/quickstart.yaml"
status=0
tests/system/with-ranks "$ranks" $plimsoll calibrate configs/quickstart.yaml \
    --history "$work/history.h5" --output out/demo --restart || status=$?
# 4: finished, with some instruments held back for the reason in the table
[ "$status" = 0 ] || [ "$status" = 4 ] || exit "$status"

say "keys: who signs, who serves, and which engine may connect"
keys=out/demo/keys # a site keeps each secret where it is used, and nowhere else
rm -rf "$keys" out/demo/engine
mkdir -p "$keys"
$plimsoll keygen --kind signing --output "$keys/operator"
$plimsoll keygen --kind curve --output "$keys/publisher"
$plimsoll keygen --kind curve --output "$keys/engine"

say "publish the set, signed and encrypted, and receive and verify it as an engine would"
# a local socket, so that no port of this machine can be in the way; engines elsewhere
# connect to tcp:// addresses
$plimsoll publish out/demo/parameters.json --bind "ipc://$work/stream" \
    --sign "$keys/operator.secret" --key "$keys/publisher.secret" \
    --subscribers "$keys/engine.public" --state "$work/publisher" --for 60s &
publisher=$!
$plimsoll subscribe --connect "ipc://$work/stream" --relay-key "$keys/publisher.public" \
    --key "$keys/engine.secret" --signers "$keys/operator.public" \
    --store out/demo/engine --once --timeout 30s
cmp out/demo/parameters.json out/demo/engine/parameters.json &&
    echo "the engine holds exactly the bytes that the job wrote"
kill "$publisher" && wait "$publisher" || true
publisher=

say "done: out/demo holds parameters.json, calibration.h5, run.json, run.log"
