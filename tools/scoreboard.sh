#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/scoreboard.sh [OPTION...]: `otary lab scoreboard`, with what the comparison with recorded
# boots of Espressif's own code says (the test data_boot; without its data that row stays open).
set -eu
test=build/release/bin/data_boot
said=$(mktemp)
trap 'rm -f "$said"' EXIT
if "$test" >"$said" 2>&1; then
    compared=$(grep 'recorded boots' "$said")
else
    status=$?
    [ "$status" -eq 77 ] || { cat "$said"; exit "$status"; }
    compared=
fi
if [ -n "$compared" ]; then
    set -- --compared "$compared" "$@"
fi
exec build/release/otary lab scoreboard "$@"
