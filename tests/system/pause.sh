# pause.sh -- a moment between two looks, without a process; source it where $work is
# shellcheck shell=bash
#
# (A process substitution a look, as `read -t 0.1 <> <(:)` has, is a process whose number
# bash keeps. In round 786 of a thousand, numbers having gone round many times, bash waited
# for ever for a process that had ended.)
mkfifo "$work/nothing-comes"
exec {nothing_comes}<>"$work/nothing-comes"
pause() { # SECONDS
    read -r -t "$1" -u "$nothing_comes" || true
}
