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

{
    ctest --preset "$preset" -j "$(nproc)" "$@" 2>&1
    echo $? >"$status"
} | awk -v log_file="$log" '
    /^[0-9]+% tests passed/ { closing = 1 }
    closing { summary = summary $0 "\n"; next }
    { print; fflush() }
    END {
        while ((getline line < log_file) > 0)
            if (line ~ /^SKIPPED: / && !seen[line]++)
                skipped = skipped "  " substr(line, 10) "\n"
        if (skipped != "")
            printf "\nSkipped:\n%s\n", skipped
        printf "%s", summary
    }'
exit "$(cat "$status")"
