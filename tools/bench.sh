#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/bench.sh [NAME...]: runs every program of bench/ (or the named ones) from the release build,
# on an otherwise idle machine. Each prints its own table and fails if it misses a figure.
set -u
failed=
echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(cc --version | head -n 1)"
[ $# -gt 0 ] || for program in build/release/bin/bench_*; do
    set -- "$@" "${program##*/bench_}"
done
for name in "$@"; do
    echo
    echo "== $name"
    "build/release/bin/bench_$name" || failed="$failed $name"
done
[ -z "$failed" ] || {
    echo "bench: failed:$failed" >&2
    exit 1
}
