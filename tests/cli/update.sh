# SPDX-License-Identifier: Apache-2.0
# otary update: the update itself on a flash file, its refusals, deaths in the middle, resuming.
. "$OTARY_SOURCE/tests/cli/lib.sh"
cd "$T" || exit 1

cat >two.csv <<'CSV'
nvs,     data, nvs,     0x9000,  0x4000
otadata, data, ota,     0xd000,  0x2000
app0,    app,  ota_0,   0x10000, 0x40000
app1,    app,  ota_1,   0x50000, 0x40000
files,   data, spiffs,  0x90000, 0x40000
CSV
cat >huge.csv <<'CSV'
nvs,     data, nvs,     0x9000,  0x5000
otadata, data, ota,     0xe000,  0x2000
app0,    app,  ota_0,   0x10000, 0x40000
CSV
cat >blind.csv <<'CSV'
nvs,     data, nvs,     0x9000,  0x4000
app0,    app,  ota_0,   0x10000, 0x40000
app1,    app,  ota_1,   0x50000, 0x40000
CSV
image() {
    run image new "$@" --flash-size 1M --project clock
    expect_status 0
}
run image new boot.bin --kind bootloader --flash-size 1M --size 16K
expect_status 0
image old.bin --size 100000 --version 1.0
image new.bin --size 150000 --version 2.0 --seed 7
image other.bin --chip esp32s3 --size 64K
image big.bin --size 300000
run image new wide.bin --size 64K --flash-size 16M
expect_status 0
printf '<!DOCTYPE html><html><body>404 not found</body></html>' >page.bin
device() {
    rm -f "$1" "$1.rtc"
    run flash new "$1" --table "$2" --bootloader boot.bin --app ota_0=old.bin --flash-size 1M
    expect_status 0
}

# --- the whole way
device dev.bin two.csv
run boot dev.bin
expect_status 0
run update dev.bin new.bin
expect_status 0
expect_out "running   ota_0"
expect_out "target    ota_1 (app1) at 0x50000"
expect_out "good"
expect_out "next boot ota_1"
expect_out "W25Q32JV"
run boot dev.bin
expect_status 0
run flash extract dev.bin ota_1 got.bin
check "the new image lies in its slot" cmp got.bin new.bin
run flash extract dev.bin ota_0 was.bin
check "the old image is as it was" cmp was.bin old.bin
run update dev.bin old.bin --json
expect_status 0
expect_json '"running":"ota_1"'
expect_json '"slot":"ota_0"'
expect_json '"selected":true'
expect_json '"step":"done"'

# --- every way to begin, any piece size
for size in unknown sequential 150000; do
    device dev.bin two.csv
    run update dev.bin new.bin --size $size --chunk 777 --read-back
    expect_status 0
    rm -f got.bin
    run flash extract dev.bin ota_1 got.bin
    check "size $size" cmp got.bin new.bin
done

# --- refused, and nothing touched
device dev.bin two.csv
mark dev.bin
head -c 70000 new.bin >half.bin
for file in page.bin other.bin big.bin wide.bin half.bin; do
    run update dev.bin $file
    expect_status 1
    expect_unchanged
done
run update dev.bin page.bin
expect_error "[OTA_ERR_IMAGE_MAGIC]" "page.bin" ""
run update dev.bin other.bin
expect_error "[OTA_ERR_IMAGE_CHIP]" "esp32s3" ""
run update dev.bin big.bin
expect_error "larger than its slot" "big.bin" "min_spiffs.csv"
run update dev.bin wide.bin
expect_error "[OTA_ERR_IMAGE_FLASH_SIZE]" "" ""
run update dev.bin new.bin --slot ota_0
expect_status 1
expect_error "[OTA_ERR_RUNNING]" "dev.bin" ""
run update dev.bin new.bin --size 100
expect_status 1
expect_error "[OTA_ERR_LENGTH]" "" ""
run update dev.bin none.bin
expect_status 1
: >empty.bin
run update dev.bin empty.bin
expect_status 1
expect_error "[OTA_ERR_EMPTY]" "empty.bin" ""
expect_unchanged

for file in page.bin other.bin wide.bin; do # a device finds these before it erases anything
    run update dev.bin $file --unjudged --chunk 1
    expect_status 1
    expect_unchanged
done
run update dev.bin half.bin --unjudged
expect_status 1
expect_error "[OTA_ERR_IMAGE_TRUNCATED]" "byte 70000" ""
"$OTARY" flash extract dev.bin ota_0 was.bin --force >/dev/null 2>&1
check "the old image survives a truncated one" cmp was.bin old.bin

# --- huge_app: the only OTA slot is the running one
device huge.bin huge.csv
mark huge.bin
run update huge.bin new.bin
expect_status 1
expect_error "the table's only OTA slot is ota_0 (app0), and that is what runs" "huge.bin" \
    "board_build.partitions = min_spiffs.csv"
expect_err "ESP_ERR_OTA_PARTITION_CONFLICT"
expect_unchanged

# --- no otadata: said before anything is written
device blind.bin blind.csv
mark blind.bin
run update blind.bin new.bin
expect_status 1
expect_error "[OTA_ERR_NO_OTADATA]" "blind.bin" ""
expect_unchanged
run update blind.bin new.bin --no-switch
expect_status 0

# --- on trial: confirm first
device dev.bin two.csv
run update dev.bin new.bin --rollback
expect_status 0
expect_out "on trial"
run boot dev.bin
expect_status 0
run update dev.bin old.bin
expect_status 1
expect_error "[OTA_ERR_UNCONFIRMED]" "dev.bin" "otary slots confirm dev.bin"
run slots confirm dev.bin
expect_status 0
run update dev.bin old.bin
expect_status 0

# --- --no-switch leaves the choice
device dev.bin two.csv
run update dev.bin new.bin --no-switch
expect_status 0
expect_out "next boot unchanged"
run boot dev.bin --json
expect_json '"ota_0"'

# --- data; staged and copied
noise files.img 50000
run update dev.bin files.img --slot files
expect_status 0
run update dev.bin new.bin --slot files --final app1 --copy
expect_status 0
expect_out "next boot ota_1"
run update dev.bin files.img --slot files --final app1
expect_status 1

# --- a power cut at every operation of a small update: the old app, or all of the new one
image small.bin --size 20000 --version 3.0 --seed 9
cut=0
while :; do
    device dev.bin two.csv
    run update dev.bin small.bin --cut-after $cut
    [ "$status" -eq 0 ] && break
    expect_status 1
    expect_err "POWER-CUT"
    run flash extract dev.bin ota_0 - --force
    "$OTARY" flash extract dev.bin ota_0 was.bin --force >/dev/null 2>&1
    check "the old image survives cut $cut" cmp was.bin old.bin
    run boot dev.bin
    expect_status 0
    run update dev.bin small.bin --resume
    expect_status 0
    "$OTARY" flash extract dev.bin ota_1 got.bin --force >/dev/null 2>&1
    check "resumed after cut $cut" cmp got.bin small.bin
    cut=$((cut + 1))
done
[ "$cut" -gt 6 ] || fail "only $cut cuts"

# --- killed for real in the middle, then resumed
device dev.bin two.csv
i=0
while [ $i -lt 20 ]; do
    "$OTARY" update dev.bin new.bin --size sequential --chunk 1 --read-back >/dev/null 2>&1 &
    victim=$!
    sleep 0.0$((i % 10))
    kill -9 $victim 2>/dev/null
    wait $victim 2>/dev/null
    i=$((i + 1))
done
"$OTARY" flash extract dev.bin ota_0 was.bin --force >/dev/null 2>&1
check "the old image survives kill -9" cmp was.bin old.bin
run boot dev.bin
expect_status 0
run update dev.bin new.bin --resume
expect_status 0
"$OTARY" flash extract dev.bin ota_1 got.bin --force >/dev/null 2>&1
check "resumed after kill -9" cmp got.bin new.bin

# --- misuse
run update dev.bin
expect_status 2
run update dev.bin new.bin --size many
expect_status 2
run update dev.bin new.bin --chunk 0
expect_status 2
run update dev.bin new.bin --copy
expect_status 2
run update dev.bin new.bin --slot nowhere
expect_status 1
done_testing
