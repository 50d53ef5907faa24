#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/build.sh PRESET [NINJA OPTION...]: configure and build one preset; says little while all is
# well.
set -eu
preset=$1
shift
mkdir -p "build/$preset"
log=build/$preset/configure.log
cmake --preset "$preset" >"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
}
exec cmake --build --preset "$preset" -- "$@"
