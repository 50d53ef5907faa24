#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/coverage.sh: runs every test over a build of core/ and boot/ with counters, prints lines and
# branches a file, and fails when either is under 95 % in all. Which lines are missing stands in
# build/coverage/report/index.html.
set -eu
limit=95
folder=build/coverage

tools/build.sh coverage
find "$folder" -name '*.gcda' -delete
tools/test.sh coverage >"$folder/test.log" || {
    cat "$folder/test.log"
    exit 1
}
mkdir -p "$folder/report"
gcovr --root . --filter core/ --filter boot/ --csv "$folder/coverage.csv" \
    --html-details "$folder/report/index.html" "$folder"

awk -F, -v limit="$limit" '
    function percent(part, whole) { return whole > 0 ? 100 * part / whole : 100 }
    function row(name, lines, lines_hit, branches, branches_hit) {
        printf "  %-28s %6.1f %% %5d not   %6.1f %% %5d not\n", name, percent(lines_hit, lines),
            lines - lines_hit, percent(branches_hit, branches), branches - branches_hit
    }
    NR == 1 {
        for (i = 1; i <= NF; i++)
            column[$i] = i
        printf "\n%-30s %18s   %18s\n", "coverage", "lines", "branches"
        next
    }
    {
        lines += $column["line_total"]; lines_hit += $column["line_covered"]
        branches += $column["branch_total"]; branches_hit += $column["branch_covered"]
        row($column["filename"], $column["line_total"], $column["line_covered"],
            $column["branch_total"], $column["branch_covered"])
    }
    END {
        row("all", lines, lines_hit, branches, branches_hit)
        if (lines == 0 || percent(lines_hit, lines) < limit || percent(branches_hit, branches) < limit) {
            printf "coverage: under %d %%\n", limit
            exit 1
        }
    }' "$folder/coverage.csv"
