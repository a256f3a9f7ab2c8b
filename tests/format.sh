#!/bin/sh
# format.sh -- is every C file as clang-format 14 would write it?
cd "$(dirname "$0")/.." || exit 2
files=$(find core market worker mpi coordinator client tests -name '*.[ch]')
[ -n "$files" ] || { echo "no C files found"; exit 1; }
# shellcheck disable=SC2086  # a list of words
clang-format-14 --dry-run --Werror $files
