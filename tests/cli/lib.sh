# SPDX-License-Identifier: Apache-2.0
# Asserts for tests that type at the real binary. Source it first:
#
#   . "$OTARY_SOURCE/tests/cli/lib.sh"
#   run table check "$T/x.csv"          runs $OTARY; remembers status, stdout ($T/out), stderr ($T/err)
#   expect_status 1                     of the last run
#   expect_out "text" / expect_err ".." the text occurs; refuse_out / refuse_err: it does not
#   expect_json '"ok":true'             occurs in stdout, taken as JSON without its white space
#   expect_error "what" "where" "do"    the three parts of an error on stderr; "" does not look
#   mark FILE... / expect_unchanged     checksums before and after
#   check "what it is" command...       any command must succeed
#
# $T is a folder of the test's own, removed at the end. The first failure ends the test with
# what was typed and what came out.

set -u
: "${OTARY:?the binary under test}"
T=$(mktemp -d "${TMPDIR:-/tmp}/otary-test.XXXXXX")
# SC2064: expand now, T does not change
trap 'chmod -R u+rwx "$T" 2>/dev/null; rm -rf "$T"' EXIT
trap 'exit 130' INT TERM
status=
typed=
unset NO_COLOR
passed=0

fail() {
    echo "FAILED: $*"
    echo "  typed:  $typed"
    echo "  status: $status"
    sed 's/^/  out: /' "$T/out" 2>/dev/null | head -40
    sed 's/^/  err: /' "$T/err" 2>/dev/null | head -40
    exit 1
}

run() {
    typed="otary $*"
    "$OTARY" "$@" >"$T/out" 2>"$T/err" </dev/null
    status=$?
}

# run_in TEXT arguments...: TEXT is what comes on stdin
run_in() {
    printf '%s' "$1" >"$T/in"
    shift
    typed="otary $* < text"
    "$OTARY" "$@" >"$T/out" 2>"$T/err" <"$T/in"
    status=$?
}

ok() {
    passed=$((passed + 1))
}

expect_status() {
    [ "$status" -eq "$1" ] || fail "status $status, expected $1"
    ok
}

expect_out() {
    grep -qF -e "$1" "$T/out" || fail "stdout lacks: $1"
    ok
}

expect_err() {
    grep -qF -e "$1" "$T/err" || fail "stderr lacks: $1"
    ok
}

refuse_out() {
    ! grep -qF -e "$1" "$T/out" || fail "stdout has: $1"
    ok
}

refuse_err() {
    ! grep -qF -e "$1" "$T/err" || fail "stderr has: $1"
    ok
}

expect_json() {
    tr -d '\n\t' <"$T/out" | grep -qF -e "$1" || fail "JSON lacks: $1"
    ok
}

expect_error() {
    [ -z "$1" ] || grep -F 'otary: error: ' "$T/err" | grep -qF -e "$1" || fail "no error: $1"
    [ -z "$2" ] || grep -F '  where: ' "$T/err" | grep -qF -e "$2" || fail "no place: $2"
    [ -z "$3" ] || grep -F '  do:    ' "$T/err" | grep -qF -e "$3" || fail "no remedy: $3"
    ok
}

mark() {
    : >"$T/marks"
    for marked in "$@"; do
        cksum "$marked" >>"$T/marks" || fail "cannot read $marked"
    done
}

expect_unchanged() {
    while read -r sum bytes name; do
        [ "$(cksum "$name")" = "$sum $bytes $name" ] || fail "$name has changed"
    done <"$T/marks"
    ok
}

check() {
    what=$1
    shift
    "$@" >/dev/null 2>&1 || fail "$what"
    ok
}

# zeros FILE BYTES; noise FILE BYTES (the same bytes every time, from a generator of our own)
zeros() {
    head -c "$2" /dev/zero >"$1"
}

noise() {
    awk -v n="$2" 'BEGIN { x = 12345; for (i = 0; i < n; i++) {
        x = (x * 1103515245 + 12345) % 2147483648; printf "%c", 33 + int(x / 65536) % 94 } }' >"$1"
}

done_testing() {
    echo "$passed checks passed"
    exit 0
}
