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

median() { sort -g | awk '{ a[NR] = $1 } END {
    print NR == 0 ? "none" : (a[int((NR + 1) / 2)] + a[int(NR / 2) + 1]) / 2 }'; }
is_near() { awk -v r="$1" 'BEGIN { exit !(r >= 1 / 1.3 && r <= 1.3) }'; }

# plan_ratios PLAN RUN: what `plimsoll plan --json` said over what run.json has, by the
# processor time of the ranks' units (what a run would take if nobody else were there) and
# by the clock, or `loaded` where others took more than a quarter of the processors
plan_ratios() {
    jq -nr --slurpfile plan "$1" --slurpfile run "$2" '
        (($run[0].ranks | map(.cpu_s) | add) / ($run[0].ranks | map(.busy_s) | add)) as $own |
        ($plan[0].seconds_here / $plan[0].seconds < 1.33 and $own > 0.75) as $quiet |
        ($run[0].ranks | map(.cpu_s) | add) as $cpu_s |
        "\($plan[0].seconds * $plan[0].ranks_that_work / $cpu_s) \(
            if $quiet then $plan[0].seconds_here / $run[0].elapsed_s else "loaded" end)"'
}

# A test ends with `finish`; one that checked nothing has failed.
finish() {
    echo "$((n_checks - n_failed)) passed, $n_failed failed"
    [ "$n_failed" = 0 ] && [ "$n_checks" -gt 0 ]
}
