# SPDX-License-Identifier: Apache-2.0
# otary demo: the story goes as told, on images made here and on images given, and it says so
# when it does not.
. "$OTARY_SOURCE/tests/cli/lib.sh"
cd "$T" || exit 1
TMPDIR=$T
OTARY_DATA="$T/nothing-there"
export TMPDIR OTARY_DATA

for policy in stock otary; do
    run demo --policy $policy
    expect_status 0
    expect_out "images made by this command"
    expect_out "otary update device.bin new.bin"
    expect_out "ok factory runs: the first application"
    expect_out "rolled back to the last good application"
    expect_out "holds new.bin, bit for bit"
    refuse_out "NOT SO"
    refuse_out "$(printf '\033')"
    check "the stage is struck" sh -c "! ls -d '$T'/otary-demo.*"
done

# The files stay on demand, and the commands can be typed there.
run demo --keep story --json
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
run demo --keep story
expect_status 1
expect_error "exists already" "story/" "--keep"
expect_unchanged

# Images and a table of one's own.
run image new v1.bin --chip esp32c3 --size 40K --project clock --version 1
run image new v2.bin --chip esp32c3 --size 48K --project clock --version 2
cat >two.csv <<'CSV'
otadata, data, ota,   0x9000,  0x2000
left,    app,  ota_0, 0x10000, 0x10000
right,   app,  ota_1, 0x20000, 0x10000
CSV
run demo --table two.csv --old v1.bin --new v2.bin
expect_status 0
expect_out "--app ota_0=old.bin"
expect_out "ok ota_0 runs: the first application"
run demo --old v1.bin --new v2.bin
expect_status 0

# What cannot be played is said, and nothing is left.
printf 'otadata, data, ota, 0x9000, 0x2000\napp, app, ota_0, 0x10000, 0x20000\n' >one.csv
run demo --table one.csv
expect_status 1
expect_error "at least two OTA slots" "" "otary table suggest"
run demo --old v1.bin
expect_status 2
expect_error "" "" "both --old FILE and --new FILE"
noise noise.bin 50000
run demo --old noise.bin --new v2.bin
expect_status 1
expect_error "not an app image" "noise.bin" ""
run image new other.bin --chip esp32s3 --size 40K
run demo --old v1.bin --new other.bin
expect_status 1
expect_error "not so" "chapter 2" ""
check "nothing is left" sh -c "! ls -d '$T'/otary-demo.*"

done_testing
