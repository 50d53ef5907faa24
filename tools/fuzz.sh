#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/fuzz.sh [SECONDS [PARSER...]]: runs each libFuzzer target for so long, from the seeds in
# fuzz/corpus. What it finds is kept in build/fuzz/corpus; an input that crashes in
# build/fuzz/crashes: minimise it, give it a name and put it into fuzz/corpus to keep it fixed.
set -eu
seconds=${1:-60}
[ $# -eq 0 ] || shift
folder=build/fuzz
failed=

tools/build.sh fuzz
mkdir -p "$folder/crashes"
[ $# -gt 0 ] || for source in fuzz/fuzz_*.c; do
    parser=${source#fuzz/fuzz_}
    set -- "$@" "${parser%.c}"
done
for parser in "$@"; do
    mkdir -p "$folder/corpus/$parser"
    log=$folder/$parser.log
    words=
    [ ! -f "fuzz/$parser.dict" ] || words=-dict=fuzz/$parser.dict
    if "$folder/bin/fuzz_$parser" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 ${words:+"$words"} -artifact_prefix="$folder/crashes/$parser-" \
        "$folder/corpus/$parser" "fuzz/corpus/$parser" >"$log" 2>&1; then
        verdict=fine
    else
        verdict="CRASHED, see $log"
        failed="$failed $parser"
    fi
    inputs=$(sed -n 's/.*number_of_executed_units: *//p' "$log")
    echo "fuzz: $parser: ${inputs:-?} inputs in $seconds s: $verdict"
done
[ -z "$failed" ]
