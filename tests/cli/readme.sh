# SPDX-License-Identifier: Apache-2.0
# The README: its commands in the order in which they stand there, and its example in C.
. "$OTARY_SOURCE/tests/cli/lib.sh"
cd "$T" || exit 1

awk '/^```sh$/ { inside = 1; next } /^```/ { inside = 0 } inside && /^otary /' \
    "$OTARY_SOURCE/README.md" >commands
check "the README has commands" grep -q "^otary update" commands
mkdir bin && ln -s "$OTARY" bin/otary
while read -r line; do
    typed=$line
    PATH="$T/bin:$PATH" sh -c "$line" >"$T/out" 2>"$T/err" </dev/null
    status=$?
    expect_status 0
done <commands
run flash show device.bin
expect_out "2.0"

# The map in the README is the one that the command draws.
LC_ALL=C.UTF-8 run table show partitions.csv
while IFS= read -r line; do
    grep -qF -- "$line" "$OTARY_SOURCE/README.md" || fail "the README's map lacks: $line"
    ok
done <"$T/out"

run flash new chip.bin --table partitions.csv --app ota_0=old.bin
expect_status 0
typed="readme_example chip.bin new.bin"
"$OTARY_BUILD/bin/readme_example" chip.bin new.bin >"$T/out" 2>"$T/err"
status=$?
expect_status 0
expect_out "OTA_OK"
run boot chip.bin --rollback
expect_status 0
expect_out "ota_1 starts"

typed="readme_example chip.bin (rubbish)"
printf '<!DOCTYPE html>' >page.html
"$OTARY_BUILD/bin/readme_example" chip.bin page.html >"$T/out" 2>"$T/err"
status=$?
expect_status 1
done_testing
