#!/bin/sh
# test.sh -- install what is missing, build, and run every test
set -eu
cd "$(dirname "$0")"
tests/system/install-dependencies test
preset=${1:-dev}
cmake --preset "$preset" -Wno-dev >/dev/null
cmake --build --preset "$preset"
# one more than there are processors: some tests wait for daemons most of their time
exec ctest --preset "$preset" -j "$(($(nproc) + 1))"
