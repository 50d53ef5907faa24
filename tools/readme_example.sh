#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/readme_example.sh README: prints the first fenced block marked `c`; fails if there is none.
set -eu
awk '/^```c$/ { inside = 1; next }
     inside && /^```/ { found = 1; exit }
     inside
     END { exit !found }' "$1"
