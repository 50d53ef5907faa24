# SPDX-License-Identifier: Apache-2.0
# otary demo: both stories go as told, on images made here and on images given, and say so when
# they do not.
. "$OTARY_SOURCE/tests/cli/lib.sh"
cd "$T" || exit 1
TMPDIR=$T
OTARY_DATA="$T/nothing-there"
export TMPDIR OTARY_DATA

nothing_left() {
    check "a folder is left" sh -c "! ls -d '$T'/otary-demo.*"
}

# --- over the air
for policy in "" "--policy stock"; do
    # shellcheck disable=SC2086 # words
    run demo $policy
    expect_status 0
    expect_out "ok it serves https://127.0.0.1:"
    expect_out "OTA_ERR_HTTP_LOST; again in"
    expect_out "ok the connection was reset in the middle"
    expect_out "power: the power fails in the middle of a flash operation"
    expect_out "ok the power failed inside a flash operation: the old application booted"
    expect_out "ok ota_0 runs, and stays"
    expect_out "ok ota_0 holds new.bin, bit for bit"
    expect_out "agent: report about 3.0.0: delivered"
    expect_out "ok 3.0.0 was tried and given up: ota_0 runs again"
    expect_out "ok it is not tried again"
    expect_out "ok 75 %: "
    expect_out "ok halted: 0 of 12, nobody new"
    expect_out "3.0.0    rolled-back on 1 of them:"
    expect_out "The version was installed, and the device went back to the one before."
    refuse_out "NOT SO"
    refuse_out "$(printf '\033')"
    check "a line is too wide for a terminal" sh -c "! grep -E '^.{81}' '$T/out'"
    nothing_left
done

# As a program reads it; what is said there is what happened.
run demo --json --keep air
expect_status 0
expect_json '"failures":0'
expect_json '"command":"otary rollout halt public --key key.pem"'
for file in key.pem public.db public.db.crt public/lamp/stable/manifest.json device.bin; do
    check "$file is kept" test -s air/$file
done
run device show air/device.bin
expect_out "runs      ota_0, 2.0.0 (order 1)"
expect_out "failed    order 2, 1 time"
run rollout show air/public
expect_out "HALTED"
run flash extract air/device.bin ota_0 held.bin
check "ota_0 holds another image" cmp -n "$(wc -c <air/new.bin)" held.bin air/new.bin

# An image for another chip is refused by the device: not as the story goes, and it says so.
run image new v1.bin --chip esp32c3 --size 40K --project clock --version 1
run image new other.bin --chip esp32s3 --size 40K
run demo --old v1.bin --new other.bin
expect_status 1
expect_out "NOT SO"
expect_error "not so" "chapter 3" "--keep"
nothing_left

# Images of one's own, small ones.
run image new v2.bin --chip esp32c3 --size 48K --project clock --version 2
run demo --old v1.bin --new v2.bin
expect_status 0
expect_out "v1.bin and v2.bin"

# Whoever ends it finds nothing left, and no server.
"$OTARY" demo >"$T/out" 2>"$T/err" &
demo=$!
for _ in $(seq 100); do
    grep -qs 'it serves' "$T/out" && break
    sleep 0.05
done
kill -TERM $demo
wait $demo
status=$?
expect_status 1
expect_error "ended from outside" "" ""
url=$(sed -n 's/.*it serves \(https[^,]*\),.*/\1/p' "$T/out")
check "the server goes on" sh -c "! curl -k -s -m 5 '${url:-none}/status'"
nothing_left

# --- one flash file alone
for policy in stock otary; do
    run demo --story local --policy $policy
    expect_status 0
    expect_out "images made by this command"
    expect_out "otary update device.bin new.bin"
    expect_out "ok factory runs: the first application"
    expect_out "rolled back to the last good application"
    expect_out "holds new.bin, bit for bit"
    refuse_out "NOT SO"
    refuse_out "$(printf '\033')"
    nothing_left
done

# The files stay on demand, and the commands can be typed there.
run demo --story local --keep story --json
expect_status 0
expect_json '"failures":0'
expect_json '"command":"otary boot device.bin"'
for file in device.bin partitions.csv old.bin new.bin broken.bin crashing.bin page.bin; do
    check "$file is kept" test -s story/$file
done
run flash show story/device.bin
expect_status 0
run update story/device.bin story/broken.bin
expect_status 1

# A used folder is not played in.
mark story/device.bin story/new.bin
run demo --story local --keep story
expect_status 1
expect_error "exists already" "story/" "--keep"
expect_unchanged

# Images and a table of one's own.
cat >two.csv <<'CSV'
otadata, data, ota,   0x9000,  0x2000
left,    app,  ota_0, 0x10000, 0x10000
right,   app,  ota_1, 0x20000, 0x10000
CSV
run demo --story local --table two.csv --old v1.bin --new v2.bin
expect_status 0
expect_out "--app ota_0=old.bin"
expect_out "ok ota_0 runs: the first application"
run demo --story local --old v1.bin --new v2.bin
expect_status 0

# What cannot be played is said, and nothing is left.
printf 'otadata, data, ota, 0x9000, 0x2000\napp, app, ota_0, 0x10000, 0x20000\n' >one.csv
run demo --story local --table one.csv
expect_status 1
expect_error "at least two OTA slots" "" "otary table suggest"
run demo --story local --old v1.bin
expect_status 2
expect_error "" "" "both --old FILE and --new FILE"
noise noise.bin 50000
run demo --story local --old noise.bin --new v2.bin
expect_status 1
expect_error "not an app image" "noise.bin" ""
run demo --story local --old v1.bin --new other.bin
expect_status 1
expect_error "not so" "chapter 2" ""
nothing_left

done_testing
