# SPDX-License-Identifier: Apache-2.0
# Every test that docs/complaints.md names is there, and runs.
. "$OTARY_SOURCE/tests/cli/lib.sh"

typed="the tests of docs/complaints.md"
grep '^|' "$OTARY_SOURCE/docs/complaints.md" | sed 's/.*|\([^|]*\)|$/\1/' | grep -o '`[a-z0-9_]*`' |
    tr -d '`' | sort -u >"$T/names"
check "the page names no tests" test "$(wc -l <"$T/names")" -gt 40
while read -r name; do
    case $name in
    cli_*) test -f "$OTARY_SOURCE/tests/cli/${name#cli_}.sh" || fail "there is no test $name" ;;
    *) grep -rqE "(TEST|cmocka_unit_test[a-z_]*)\(${name}[,)]" "$OTARY_SOURCE"/tests/unit ||
        fail "there is no test $name" ;;
    esac
    ok
done <"$T/names"
# The other way round: whoever gives a test a number writes it down.
grep -rhoE '\(users_[0-9]+[a-z0-9_]*[,)]' "$OTARY_SOURCE"/tests/unit/test_agent*.c "$OTARY_SOURCE"/tests/unit/test_http*.c |
    tr -d '(,)' | sort -u >"$T/numbered"
while read -r name; do
    grep -qx "$name" "$T/names" || fail "docs/complaints.md lacks $name"
    ok
done <"$T/numbered"

done_testing
