# SPDX-License-Identifier: Apache-2.0
# otary boot: a sequence of commands on a flash file behaves as one powered device.
. "$OTARY_SOURCE/tests/cli/lib.sh"
cd "$T" || exit 1

cat >two.csv <<'CSV'
nvs,     data, nvs,     0x9000,  0x4000
otadata, data, ota,     0xd000,  0x2000
app0,    app,  ota_0,   0x10000, 0x20000
app1,    app,  ota_1,   0x30000, 0x20000
CSV
cat >rescue.csv <<'CSV'
nvs,     data, nvs,     0x9000,  0x4000
otadata, data, ota,     0xd000,  0x2000
rescue,  app,  factory, 0x10000, 0x20000
app0,    app,  ota_0,   0x30000, 0x20000
probe,   app,  test,    0x50000, 0x20000
CSV
for v in 1 2 3; do
    run image new "v$v.bin" --chip esp32s3 --flash-size 1M --size 32K --version "$v" \
        --secure-version "$v"
    expect_status 0
done
fresh() {
    rm -f dev.bin dev.bin.rtc
    "$OTARY" flash new dev.bin --table two.csv --app app0=v1.bin --app app1=v2.bin \
        --flash-size 1M 2>/dev/null >/dev/null || fail "cannot make a flash"
}
spoil() { # OFFSET: one byte of an image
    printf 'X' | dd of=dev.bin bs=1 seek="$1" conv=notrunc 2>/dev/null
}

# --- the first boot, and what is remembered
fresh
mark dev.bin
run boot dev.bin --dry-run
expect_status 0
expect_out "I boot: ota_0 starts"
expect_unchanged
check "a dry run keeps nothing" test ! -e dev.bin.rtc
run boot dev.bin --rollback
expect_status 0
expect_out "no record to follow and no factory app: the first slot is ota_0"
expect_out "otadata copy 0 becomes ota_0, sequence 1, VALID (confirmed)"
check "the facts are kept" grep -q '"running": "ota_0", "boots": 1' dev.bin.rtc
check "and how it is built" grep -q '"rollback": true' dev.bin.rtc

# --- a trial that is not confirmed
run slots set dev.bin ota_1
expect_status 0
run boot dev.bin
expect_status 0
expect_out "a trial boot of ota_1"
expect_out "I boot: ota_1 starts"
run boot dev.bin --json
expect_status 0
expect_json '"booted":"ota_0"'
expect_json '"why":"pending_aborted"'
expect_json '"boots":3'

# --- stock spends the try of a broken image, otary does not; both boot the old one
for policy in stock otary; do
    fresh
    run boot dev.bin --policy "$policy" --rollback
    run slots set dev.bin ota_1
    expect_status 0
    spoil 196864
    run boot dev.bin
    expect_status 0
    expect_out "E boot: ota_1 at 0x30000 is not bootable"
    expect_out "I boot: ota_0 starts"
    run slots show dev.bin
    if [ "$policy" = stock ]; then
        expect_out "copy 1  ota_1, sequence 2, PENDING"
    else
        expect_out "Otary's record: ota_0, bootable, confirmed by nobody; ota_1 was given up"
    fi
done

# --- an update has as many boots under otary as the bootloader was built for
fresh
run boot dev.bin --policy otary --rollback --trial-boots 2
expect_status 0
check "the number is kept" grep -q '"trial_boots": 2' dev.bin.rtc
run slots set dev.bin ota_1
expect_status 0
expect_out "Otary's record: ota_1, on trial with 2 of 2 boots left; else ota_0"
for left in 1 0; do
    run boot dev.bin
    expect_status 0
    expect_out "is not confirmed yet: a trial boot of ota_1"
    expect_out "becomes ota_1, on trial with $left of 2 boots left; else ota_0"
    expect_out "I boot: ota_1 starts"
done
run boot dev.bin
expect_status 0
expect_out "W boot: otadata copy 1 was on trial and did not confirm itself: given up: ota_1"
expect_out "I boot: ota_0 starts"
run boot dev.bin --json
expect_status 0
expect_json '"booted":"ota_0"'
expect_json '"writes":0'

# --- nothing boots
fresh
spoil 65792
spoil 196864
run boot dev.bin
expect_status 1
expect_out "E boot: reset"
expect_error "OTA_ERR_NO_FALLBACK" "dev.bin" ""
check "a reset is a fact, too" grep -q '"running": "none"' dev.bin.rtc
run slots confirm dev.bin
expect_status 1
expect_error "nothing runs: the last boot ended in a reset" "dev.bin" "otary boot"

# --- anti-rollback with an emulated eFuse
fresh
run boot dev.bin --secure-version 2
expect_status 0
expect_out "E boot: ota_0 at 0x10000 is refused"
expect_out "I boot: ota_1 starts"
check "the eFuse is kept" grep -q '"efuse": 2' dev.bin.rtc
run boot dev.bin --secure-version 3
expect_status 1
run boot dev.bin --no-rollback
expect_status 0

# --- pins
rm -f dev.bin dev.bin.rtc
run flash new dev.bin --table rescue.csv --app rescue=v1.bin --app app0=v2.bin --app probe=v3.bin \
    --flash-size 1M
expect_status 0
run slots set dev.bin ota_0
expect_status 0
run boot dev.bin
expect_out "I boot: ota_0 starts"
run boot dev.bin --test-pin
expect_status 0
expect_out "I boot: test starts"
printf 'secret' | dd of=dev.bin bs=1 seek=36864 conv=notrunc 2>/dev/null
run boot dev.bin --factory-pin
expect_out "I boot: ota_0 starts"
check "the factory pin erases nvs" sh -c '! grep -q secret dev.bin'
run boot dev.bin --factory-pin --factory-erases-otadata
expect_status 0
expect_out "W boot: the factory-reset pin is held"
expect_out "I boot: factory starts"

# --- the fact can be told, and damage of it is no harm
run boot dev.bin --running ota_0
expect_status 0
expect_out "ota_0 runs, as you say"
run slots show dev.bin
expect_out "running ota_0"
run boot dev.bin --running ota_7
expect_status 1
expect_error 'no app partition "ota_7"' "dev.bin" "otary flash show"
for rubbish in '' '{' '{"otary":"rtc","version":9}' '[1,2]' \
    '{"otary":"rtc","version":1,"running":17,"boots":-4,"efuse":1e99}'; do
    printf '%s' "$rubbish" >dev.bin.rtc
    run boot dev.bin
    expect_status 0
    expect_out "I boot: factory starts"
done
noise dev.bin.rtc 100000
run boot dev.bin
expect_status 0
expect_err "what was kept of the last boot cannot be read"

# --- a power cut inside otadata: the next boot is the old or the new slot
for cut in 0 1 2 3 4 5; do
    fresh
    run boot dev.bin --rollback
    run slots set dev.bin ota_1 --cut-after "$cut"
    expect_status 1
    expect_err "the power was cut"
    run boot dev.bin
    expect_status 0
    expect_out "I boot: ota_"
    run slots set dev.bin ota_1
    expect_status 0
    run boot dev.bin
    expect_out "I boot: ota_1 starts"
done

# --- what is not a device
zeros short.bin 5000
mark short.bin
run boot short.bin
expect_status 1
expect_unchanged
run boot missing.bin
expect_status 1
run boot
expect_status 2
run boot dev.bin --policy none
expect_status 2
done_testing
