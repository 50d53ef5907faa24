#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/test.sh PRESET [ctest option...]: runs every test of a built preset. ctest's own summary
# comes last; what the skipped tests said (how much they would have checked) comes right before it.
set -u
preset=$1
shift
folder=build/$preset
log=$folder/Testing/Temporary/LastTest.log
status=$folder/test.status
newline='
'

{
    ctest --preset "$preset" -j "$(nproc)" --timeout 600 "$@" 2>&1
    echo $? >"$status"
} | {
    summary=
    while IFS= read -r line; do # not awk: Debian's reads 4 KiB before it shows a line
        case $line in
        [0-9]*"% tests passed"*) summary="$line$newline" ;;
        *) [ -n "$summary" ] && summary="$summary$line$newline" || printf '%s\n' "$line" ;;
        esac
    done
    # The log is whole once ctest has ended.
    skipped=$(sed -n 's/^SKIPPED: /  /p' "$log" | sort -u)
    [ -z "$skipped" ] || printf 'Skipped, not checked (OTARY_DATA names the folder of the data):\n%s\n\n' "$skipped"
    printf '%s' "$summary"
}
exit "$(cat "$status")"
