#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/lint.sh [CHECK...]: every check that reads the source, or the named ones. Each one says
# what it found, and the list at the end which of them failed. Nothing is written but build/.
set -u
all="format layers style links shell rv32 cppcheck tidy analyze"
failed=

sources()
{
    find core boot agent ports compat host lab device server cli examples tests fuzz bench -name '*.c' | sort
}

# Checks of our own are tested first: one that can find nothing is worth nothing.
own()
{
    "tools/$1.py" --self-test && "tools/$1.py"
}

check_format() { tools/format.sh; }
check_layers() { own layers; }
check_style() { own style; }
check_links() { own links; }
check_shell() { shellcheck -s sh -S warning tools/*.sh tests/cli/*.sh .ci/run; }
check_rv32() { tools/rv32.sh; }

check_cppcheck()
{
    mkdir -p build/cppcheck
    # Whatever it prints counts: what it finds across files leaves its exit status alone.
    found=$(cppcheck --quiet -j "$(nproc)" --cppcheck-build-dir=build/cppcheck --std=c11 \
        --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
        -DOTARY_VERSION='""' --suppressions-list=tools/cppcheck.txt -I include -I . -I tests -I compat/esp-idf/include \
        core boot agent ports compat host lab device server cli examples tests fuzz bench 2>&1) &&
        [ -z "$found" ] && return
    printf '%s\n' "$found"
    return 1
}

# One process a file: clang-analyzer carries what it knows of va_list into the next. gcc's own
# warnings stand in the compile commands; clang need not know them.
check_tidy()
{
    mkdir -p build/debug
    cmake --preset debug >build/debug/configure.log 2>&1 || {
        cat build/debug/configure.log
        return 1
    }
    sources | xargs -n 1 -P "$(nproc)" sh -c '
        found=$(clang-tidy -p build/debug --quiet --extra-arg=-Wno-unknown-warning-option "$@" \
            2>/dev/null) || {
            printf "%s\n" "$found"
            exit 1
        }' -
}

check_analyze()
{
    tools/build.sh analyze -k 0 >build/analyze.log 2>&1 || {
        grep -v '^\[' build/analyze.log
        return 1
    }
}

mkdir -p build
# shellcheck disable=SC2086 # a list of words
[ $# -gt 0 ] || set -- $all
for check in "$@"; do
    started=$(date +%s)
    if "check_$check"; then
        verdict=clean
    else
        verdict=FAILED
        failed="$failed $check"
    fi
    echo "lint: $check: $verdict ($(($(date +%s) - started)) s)"
done
[ -z "$failed" ] || {
    echo "lint: failed:$failed" >&2
    exit 1
}
