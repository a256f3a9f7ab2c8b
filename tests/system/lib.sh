# lib.sh -- what the whole-program tests share; source it with the build directory as $1
# shellcheck shell=sh
build=$1
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
plimsoll=$build/plimsoll
work=$(mktemp -d)
n_checks=0
n_failed=0
trap 'rm -rf "$work"' EXIT

[ -x "$plimsoll" ] || { echo "no program at $plimsoll"; exit 2; }

# check WHAT COMMAND...: the command succeeds
check() {
    what=$1
    shift
    n_checks=$((n_checks + 1))
    "$@" && return 0
    n_failed=$((n_failed + 1))
    echo "FAILED: $what"
}

# refuses CODE TEXT COMMAND...: the command exits with CODE and says one line with TEXT
refuses() {
    code=$1
    text=$2
    shift 2
    n_checks=$((n_checks + 1))
    got=0
    "$@" >"$work/stdout" 2>"$work/stderr" || got=$?
    said=$(grep '^plimsoll: ' "$work/stderr" || true)
    if [ "$got" = "$code" ] && [ "$(echo "$said" | wc -l)" = 1 ] &&
        echo "$said" | grep -qF -- "$text"; then
        return 0
    fi
    n_failed=$((n_failed + 1))
    echo "FAILED: exit $got (not $code), or not one line with '$text': $*"
    sed 's/^/    /' "$work/stderr"
}

# small_market FILE BARS: a few instruments of the quickstart market
small_market() {
    "$plimsoll" simulate "$root/configs/quickstart-market.yaml" --history "$1" --quiet \
        --set "bars=$2" --set 'instruments=[{name: BTC-PERP}, {name: DOGE-PERP}, {name:
            ETH-PERP, volatility: 0.5}, {name: SOL-PERP, volatility: 0.9, jump_scale: 6}]'
}

# A test ends with `finish`; one that checked nothing has failed.
finish() {
    echo "$((n_checks - n_failed)) passed, $n_failed failed"
    [ "$n_failed" = 0 ] && [ "$n_checks" -gt 0 ]
}
