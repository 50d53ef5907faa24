#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/format.sh [--write]: compares every C and C++ source with what clang-format makes of it, or
# rewrites it. Releases of clang-format differ in details, so one is pinned; where only another is
# installed the comparison says so and is skipped.
set -eu
pinned=14

major()
{
    "$1" --version 2>/dev/null | sed -n 's/.*version \([0-9]*\).*/\1/p'
}

program=
for candidate in clang-format "clang-format-$pinned"; do
    [ "$(major "$candidate")" != "$pinned" ] || program=$candidate
done
if [ -z "$program" ]; then
    echo "format: clang-format $pinned is not installed ($(major clang-format) is): skipped"
    exit 0
fi
mode=${1:-}
find . -path ./build -prune -o -path ./.git -prune -o \
    \( -name '*.c' -o -name '*.h' -o -name '*.cpp' -o -name '*.hpp' \) -print0 |
    if [ "$mode" = --write ]; then
        xargs -0 "$program" -i
    else
        xargs -0 -n 8 -P "$(nproc)" "$program" --dry-run --Werror
    fi
