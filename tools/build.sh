#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/build.sh PRESET [NINJA OPTION...]: configure and build one preset; says little while all is
# well. What ninja says off a terminal stands in build/PRESET/build.log.
set -eu
preset=$1
shift
# `sudo make install` must not leave files that who typed it cannot replace.
if [ "$(id -u)" -eq 0 ] && [ "${SUDO_UID:-0}" -ne 0 ]; then
    exec sudo -u "#$SUDO_UID" "$0" "$preset" "$@"
fi
folder=build/$preset
started=$(date +%s)
mkdir -p "$folder"
cmake --preset "$preset" >"$folder/configure.log" 2>&1 || {
    cat "$folder/configure.log" >&2
    exit 1
}
[ ! -t 1 ] || exec cmake --build --preset "$preset" -- "$@"
cmake --build --preset "$preset" -- "$@" >"$folder/build.log" 2>&1 || {
    grep -v '^\[' "$folder/build.log" >&2
    exit 1
}
echo "built $folder in $(($(date +%s) - started)) s"
