#!/bin/sh
# shell.sh -- is every script free of what shellcheck warns of?
cd "$(dirname "$0")/.." || exit 2
scripts=$(grep -lE '^#!/bin/(ba)?sh' ./*.sh .ci/* slurm/* slurm/*/* tests/*.sh tests/*/* 2>/dev/null)
[ -n "$scripts" ] || { echo "no scripts found"; exit 1; }
# shellcheck disable=SC2086  # a list of words
shellcheck --external-sources --severity=warning $scripts
