# SPDX-License-Identifier: Apache-2.0
# otary slots: otadata in words, and the calls that change it.
. "$OTARY_SOURCE/tests/cli/lib.sh"
cd "$T" || exit 1

cat >table.csv <<'CSV'
nvs,     data, nvs,     0x9000,  0x4000
otadata, data, ota,     0xd000,  0x2000
rescue,  app,  factory, 0x10000, 0x20000
app0,    app,  ota_0,   0x30000, 0x20000
app1,    app,  ota_1,   0x50000, 0x20000
CSV
cat >plain.csv <<'CSV'
nvs,     data, nvs,     0x9000,  0x4000
only,    app,  factory, 0x10000, 0x20000
CSV
run image new a.bin --chip esp32s3 --flash-size 1M --size 32K
expect_status 0
run image new c3.bin --chip esp32c3 --flash-size 1M --size 32K
expect_status 0
fresh() {
    rm -f dev.bin dev.bin.rtc
    "$OTARY" flash new dev.bin --table table.csv --app rescue=a.bin --app app0=a.bin \
        --app app1=a.bin --flash-size 1M >/dev/null 2>&1 || fail "cannot make a flash"
}
# otadata_is TEXT: copies 0 and 1 as `slots show` words them, between bars
otadata_is() {
    "$OTARY" slots show dev.bin >"$T/out" 2>"$T/err" || fail "slots show"
    words=$(sed -n 's/^copy [01]  \([^(:]*\).*/\1/p' "$T/out" | sed 's/ *$//' | paste -sd '|' -)
    [ "$words" = "$1" ] || fail "otadata is $words, expected $1"
    ok
}

# --- show: nothing written yet
fresh
mark dev.bin
run slots show dev.bin
expect_status 0
expect_out "copy 0  blank"
expect_out "no copy is in force: copy 0 is blank, copy 1 is blank"
refuse_out "record"
expect_out "running never switched on"
expect_out "Espressif's bootloader would start factory"
expect_out "Otary's bootloader would start factory"
run slots show dev.bin --json
expect_status 0
expect_json '"active":-1'
expect_json '"running":"none"'
expect_json '"record":null'
expect_unchanged
check "show keeps nothing" test ! -e dev.bin.rtc

# --- set: new record in the other copy; states by the bootloader's build
run slots set dev.bin ota_0
expect_status 0
expect_out "ota_0 boots next"
otadata_is "ota_0, sequence 1, UNDEFINED|blank"
run boot dev.bin --rollback
expect_out "ota_0 starts"
run slots set dev.bin app1 --json
expect_status 0
expect_json '"active":1'
expect_json '"state":"NEW"'
expect_json '"record":{"sector":1,"slot":"ota_1","fallback":"ota_0","refused":null,"writing":null'
expect_json '"trial":1,"left":1,"states":{},"words":"ota_1, on trial with 1 of 1 boots left; else ota_0"'
otadata_is "ota_0, sequence 1, UNDEFINED|ota_1, sequence 2, NEW"
expect_out "copy 1 is in force and names ota_1: its sequence 2 is larger than 1"
expect_out "Espressif's bootloader would start ota_1; copy 1 becomes PENDING"

# --- confirm acts on what runs, not on what is in force
run slots confirm dev.bin
expect_status 0
expect_out "ota_0 is confirmed"
otadata_is "ota_1, sequence 4, NEW|ota_1, sequence 2, NEW"
expect_out "sector 0, Otary's record: ota_1, on trial with 1 of 1 boots left; else ota_0 (confirmed)"

# --- a trial, rejected
run boot dev.bin
expect_out "ota_1 starts"
run slots reject dev.bin
expect_status 0
expect_out "ota_1 is rejected; ota_0 boots next"
otadata_is "ota_0, sequence 3, UNDEFINED|ota_1, sequence 2, NEW"
expect_out "ota_1 was rejected"
run boot dev.bin
expect_out "ota_0 starts"

# --- factory has no entry; nothing to confirm there
run slots set dev.bin factory
expect_status 0
otadata_is "blank|blank"
expect_out "Otary's record: factory; else ota_0; ota_1 was rejected"
run boot dev.bin
expect_out "factory starts"
run slots confirm dev.bin
expect_status 1
expect_error "" "dev.bin, factory" ""

# --- states by hand
run slots set dev.bin ota_1 --state aborted --unverified
expect_status 0
expect_out "ota_1 gets a record as Espressif's software writes it; Otary's takes it over at the next boot"
otadata_is "ota_1, sequence 2, ABORTED|blank"
run slots show dev.bin
expect_out "no copy is in force: copy 0 was given up by the bootloader, copy 1 is blank"
run slots set dev.bin ota_0 --state valid
expect_status 0
refuse_out "Otary's record"
run boot dev.bin --policy otary
expect_status 0
expect_out "I boot: otadata sector 0 is taken over with a record of its own: ota_0, confirmed"
expect_out "I boot: ota_0 starts"
run slots show dev.bin
expect_out "record  sector 0, Otary's record: ota_0, confirmed"
run slots erase dev.bin
expect_status 0
otadata_is "blank|blank"

# --- refused: wrong chip, empty slot, no such slot; nothing changes
fresh
dd if=c3.bin of=dev.bin bs=65536 seek=3 conv=notrunc 2>/dev/null
cp dev.bin keep.bin
run boot dev.bin
cp keep.bin dev.bin
mark dev.bin
run slots set dev.bin ota_7
expect_status 1
expect_error 'no app partition "ota_7"' "dev.bin" "otary flash show"
dd if=c3.bin of=dev.bin bs=65536 seek=5 conv=notrunc 2>/dev/null
mark dev.bin
run slots set dev.bin ota_1
expect_status 1
expect_error "chip" "dev.bin, ota_1" ""
expect_unchanged
run slots set dev.bin ota_1 --unverified
expect_status 0
run boot dev.bin
expect_status 0
expect_out "E boot: ota_1 at 0x50000 is not bootable"

# --- reject without a way back
fresh
run slots set dev.bin ota_0
run boot dev.bin
for sector in 16 80; do # factory and ota_1
    dd if=/dev/zero of=dev.bin bs=4096 seek=$sector count=1 conv=notrunc 2>/dev/null
done
mark dev.bin
run slots reject dev.bin
expect_status 1
expect_error "" "dev.bin, ota_0" ""
expect_unchanged

# --- damaged otadata is explained
fresh
run slots set dev.bin ota_0
printf '\001' | dd of=dev.bin bs=1 seek=53276 conv=notrunc 2>/dev/null
run slots show dev.bin
expect_status 0
expect_out "copy 0  damaged: sequence 1 with CRC"
expect_out "no copy is in force: copy 0 is damaged, copy 1 is blank"

# --- a table without otadata
run flash new plain.bin --table plain.csv --app only=a.bin --flash-size 1M
expect_status 0
for verb in show confirm reject erase; do
    run slots $verb plain.bin --running factory
    [ $verb = erase ] && run slots erase plain.bin
    expect_status 1
    expect_error "" "plain.bin" ""
done

run slots set dev.bin
expect_status 2
run slots paint dev.bin
expect_status 2
done_testing
