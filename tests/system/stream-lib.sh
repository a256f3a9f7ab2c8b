# stream-lib.sh -- what the tests of the stream share; source it with the build directory
# as $1: keys, publishers and subscribers in $work, which is the working directory
# shellcheck shell=sh
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
plimsoll=$build/plimsoll
python=/usr/bin/python3
work=$(mktemp -d)
pids=
# Only what is still a child: the number of one that has ended may be another process's.
stop_all() {
    for pid in $pids; do
        parent=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
        [ "$parent" = $$ ] || continue
        pkill -P "$pid" 2>/dev/null || true # a function in the background is a shell around it
        kill "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap stop_all EXIT
cd "$work" || exit 2

fail() { echo "FAIL: $*"; tail -n 20 ./*.log ./*.err 2>/dev/null || true; exit 1; }

# wait_for FILE TEXT: until the file has the text; 60 s at most
wait_for() {
    tries=0
    until grep -qF -- "$2" "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 1200 ] || fail "'$2' never came in $1"
        sleep 0.05
    done
}

# expect CODE TEXT COMMAND...: exits with the code, one line of errors with the text
expect() {
    want=$1 text=$2 code=0
    shift 2
    "$@" >expect.log 2>expect.err || code=$?
    [ "$code" -eq "$want" ] || fail "exit $code, not $want: $*"
    grep -qF -- "$text" expect.err || fail "'$text' is not the error of: $*"
    [ "$(grep -c '^plimsoll: ' expect.err)" -eq 1 ] || fail "not one line: $*"
}

# keys KIND NAME...: a pair for each
keys() {
    kind=$1
    shift
    for key in "$@"; do
        "$plimsoll" keygen --kind "$kind" --output "$key" >keygen.log || fail keygen
    done
}

# A market of two instruments, and a set of them: job/parameters.json
make_set() {
    "$plimsoll" simulate "$here/../../configs/quickstart-market.yaml" --history h.h5 --quiet \
        --set bars=1500 --set 'instruments=[{name: BTC-PERP}, {name: ETH-PERP, volatility: 0.5}]' ||
        fail simulate
    # No process that used Open MPI passes LeakSanitizer; the stream is checked here.
    ASAN_OPTIONS=detect_leaks=0 "$plimsoll" calibrate "$here/../../configs/quickstart.yaml" \
        --history h.h5 --output job --quiet --set 'axes.lambda=[0.97]' 2>job.err || fail calibrate
}

# publish NAME SET ARGUMENTS...: in the background; sets address and publisher
publish() {
    published=$1
    shift
    "$plimsoll" publish --state state "$@" >"$published.log" 2>"$published.err" &
    publisher=$!
    pids="$pids $publisher"
    wait_for "$published.log" "subscribers at"
    address=$(sed -n 's/.*subscribers at //p' "$published.log")
}

# stop PID: asks, and its exit code must be 0
stop() {
    kill "$1"
    code=0
    wait "$1" || code=$?
    [ "$code" -eq 0 ] || fail "a stopped process exits $code, not 0"
}
