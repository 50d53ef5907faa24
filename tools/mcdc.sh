#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/mcdc.sh: runs every test over a build of core/ and boot/ with clang's MC/DC counters, and
# judges the result (tools/mcdc.py). cli_install is left out: it links other programs with the
# installed libraries, which here want clang's profile runtime.
set -eu
folder=build/mcdc

tools/build.sh mcdc
rm -rf "$folder/raw"
mkdir -p "$folder/raw"
LLVM_PROFILE_FILE=$PWD/$folder/raw/%p.profraw tools/test.sh mcdc -E '^cli_install$' \
    >"$folder/test.log" || {
    cat "$folder/test.log"
    exit 1
}
# With many files on the command line the list would be too long.
find "$folder/raw" -name '*.profraw' >"$folder/raw.txt"
llvm-profdata-19 merge -o "$folder/all.profdata" -f "$folder/raw.txt"
# Object by object: llvm-cov does not read every archive of them.
set --
for object in $(find "$folder/core" "$folder/boot" -name '*.o' | sort); do
    set -- "$@" -object "$object"
done
llvm-cov-19 export -format=text -instr-profile "$folder/all.profdata" "$@" >"$folder/export.json"
tools/mcdc.py "$folder/export.json"
