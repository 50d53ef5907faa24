# SPDX-License-Identifier: Apache-2.0
# otary flash: assemble, look at, take apart.
. "$OTARY_SOURCE/tests/cli/lib.sh"
cd "$T" || exit 1

cat >table.csv <<'CSV'
nvs,     data, nvs,     0x9000,  0x4000
otadata, data, ota,     0xd000,  0x2000
rescue,  app,  factory, 0x10000, 0x20000
app0,    app,  ota_0,   0x30000, 0x20000
app1,    app,  ota_1,   0x50000, 0x20000
files,   data, spiffs,  0x70000, 0x1000
CSV
run image new boot.bin --kind bootloader --chip esp32s3 --flash-size 1M
expect_status 0
run image new a.bin --flash-size 1M --chip esp32s3 --size 64K --project clock --version 1.2.3
expect_status 0
run image new b.bin --flash-size 1M --chip esp32s3 --size 32K --project clock --version 2.0
expect_status 0
run image new other.bin --flash-size 1M --chip esp32c3 --size 32K
expect_status 0
run image new big.bin --flash-size 1M --chip esp32s3 --size 256K
expect_status 0
noise files.bin 3000

# --- new
run flash new dev.bin --table table.csv --bootloader boot.bin --app factory=a.bin --app app1=b.bin \
    --data files=files.bin --flash-size 1M
expect_status 0
expect_out "dev.bin: 1 MiB, chip esp32s3"
check "the size is what was asked for" test "$(wc -c <dev.bin)" -eq 1048576

run flash new dev.bin --table table.csv
expect_status 1
expect_error "exists already" "dev.bin" "--force"

run flash new --json j.bin --table table.csv --bootloader boot.bin --app ota_0=b.bin
expect_status 0
expect_json '"ok":true'
expect_json '"chip":"esp32s3"'
expect_json '"part":"ota_0","offset":196608,"bytes":32768'

# Nothing is written where anything does not fit or verify.
refuse() {
    run flash new no.bin --table table.csv "$@"
    check "nothing was written" test ! -e no.bin
}
refuse --app ota_0=big.bin
expect_status 1
expect_error "" "big.bin for ota_0" ""
expect_err OTA_ERR_IMAGE_TOO_BIG
refuse --bootloader boot.bin --app ota_0=other.bin
expect_status 1
expect_err OTA_ERR_IMAGE_CHIP
refuse --app ota_5=a.bin
expect_status 1
expect_error 'no app slot "ota_5"' "table.csv" "app0"
refuse --data files=a.bin
expect_status 1
expect_error "larger than partition files" "65536 bytes" ""
refuse --data app0=a.bin
expect_status 1
expect_error "app partition" "" "--app app0=a.bin"
refuse --app a.bin
expect_error '"a.bin"' "" "--app ota_0=FILE"
refuse --flash-size 256K
expect_status 1
expect_err OTA_ERR_TABLE_RANGE
refuse --flash-size 4M1
expect_status 2
refuse --chip esp99
expect_error 'unknown chip "esp99"' "" "esp32s3"
run flash new no.bin
expect_status 2
expect_error "needs a partition table" "" "--table"

# --- extract
run flash extract dev.bin factory out.a
expect_status 0
check "an app comes out as it went in" cmp a.bin out.a
run flash extract dev.bin app1 out.b
check "by label too" cmp b.bin out.b
run flash extract dev.bin app1 whole.b --whole
check "the whole partition" test "$(wc -c <whole.b)" -eq 131072
run flash extract dev.bin bootloader out.boot
check "the bootloader" cmp boot.bin out.boot
run flash extract dev.bin files out.files
check "data comes as the whole partition" test "$(wc -c <out.files)" -eq 4096
run flash extract dev.bin table out.table
expect_status 0
run flash new again.bin --table out.table --bootloader boot.bin --app factory=out.a --app ota_1=out.b \
    --data files=out.files --flash-size 1M
expect_status 0
check "taken apart and put together it is the same flash" cmp dev.bin again.bin
run flash extract dev.bin ota_0 no.bin
expect_status 1
expect_error "no whole image to take" "" "--whole"
run flash extract dev.bin nothing no.bin
expect_status 1
expect_error 'no part "nothing"' "dev.bin" "bootloader, table, nvs"
run flash extract dev.bin table out.a
expect_status 1
expect_error "exists already" "out.a" "--force"

# --- show
mark dev.bin
run flash show dev.bin
expect_status 0
expect_out "esp32s3 (its bootloader says so), table at 0x8000"
expect_out "clock 1.2.3"
expect_out "app/ota_1"
expect_unchanged
run flash show dev.bin --json
expect_json '"label":"rescue","kind":"app/factory"'
expect_json '"app":{"verdict":"blank","length":0}'
expect_json '"project":"clock","version":"1.2.3"'
expect_unchanged

# What would boot, by whose rules, without a byte being written.
expect_json '"next_boot":{"stock":{"booted":"factory"'
run flash show dev.bin
expect_out "no copy is in force"
expect_out "Espressif's bootloader  factory"
run slots set dev.bin ota_1
expect_status 0
run flash show dev.bin
expect_out "Espressif's bootloader  ota_1"
expect_out "Otary's bootloader      ota_1"
run flash show again.bin
expect_out "Otary's bootloader      factory"

# A broken image is told with its place.
head -c 331072 dev.bin >hurt.bin
printf 'x' >>hurt.bin
tail -c +331074 dev.bin >>hurt.bin
run flash show hurt.bin
expect_status 0
expect_out "broken  clock 2.0"
expect_out "Espressif's bootloader  factory"
run flash show hurt.bin --json
expect_json '"verdict":"broken"'

# A table that is not where it usually is gets found, and said.
printf 'otadata, data, ota, 0xd000, 0x2000\napp, app, ota_0, 0x10000, 0x20000\n' >moved.csv
run flash new moved.bin --table-offset 0x9000 --table moved.csv --flash-size 1M
expect_status 0
run flash show moved.bin
expect_status 0
expect_err "the partition table is at 0x9000, not at 0x8000"
run flash show moved.bin --table-offset 0x9000
refuse_err warning
run flash show moved.bin --table-offset 0x9001
expect_error "4 KiB boundary" "" "multiple of 0x1000"

done_testing
