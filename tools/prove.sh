#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/prove.sh [GOAL...]: the proofs that take long, one after the other, whatever fails; a table
# of what each said last comes at the end. What they printed stands in build/prove/GOAL.log.
set -u
folder=build/prove
failed=
table=

[ $# -gt 0 ] || set -- model mcdc coverage mutate
mkdir -p "$folder"
for goal in "$@"; do
    started=$(date +%s)
    echo "prove: $goal"
    if make --no-print-directory "$goal" >"$folder/$goal.log" 2>&1; then
        verdict=holds
    else
        verdict=FAILED
        failed="$failed $goal"
    fi
    said=$(grep -E "^ *($goal:|all )" "$folder/$goal.log" | grep -v "[0-9] s$" | tail -n 1)
    table="$table$(printf '  %-10s %-7s %6s s  %s' "$goal" "$verdict" "$(($(date +%s) - started))" "$said")
"
done
printf '\n%s' "$table"
[ -z "$failed" ] || {
    echo "prove: failed:$failed (see $folder)"
    exit 1
}
