# SPDX-License-Identifier: Apache-2.0
# otary doctor: the three cases that have to be perfect, every way of giving it something, exit
# states, JSON, and that docs/doctor.md lists everything that can be found.
. "$OTARY_SOURCE/tests/cli/lib.sh"

# --- a conflict with huge_app.csv -------------------------------------------------------------
printf 'nvs,data,nvs,0x9000,0x5000\notadata,data,ota,0xe000,0x2000\n' >"$T/head"
{
    cat "$T/head"
    echo 'app0,app,ota_0,0x10000,0x300000'
    echo 'spiffs,data,spiffs,0x310000,0xE0000'
} >"$T/huge_app.csv"
{
    cat "$T/head"
    echo 'app0,app,ota_0,0x10000,0x140000'
    echo 'app1,app,ota_1,0x150000,0x140000'
} >"$T/default.csv"

run doctor --log 'E (5124) app: esp_ota_begin failed (ESP_ERR_OTA_PARTITION_CONFLICT)'
expect_status 1
expect_out "error ota-partition-conflict"
expect_out "only app partition is ota_0"
expect_out "Give doctor the partition table too"
expect_out "board_build.partitions = min_spiffs.csv"

run doctor --log 0x1501 "$T/huge_app.csv"
expect_status 1
expect_out "proven: "
expect_out "error table-one-slot"
expect_out "board_build.partitions = min_spiffs.csv"

# The binary table and the CSV say the same.
run table build "$T/huge_app.csv" -o "$T/huge_app.bin"
expect_status 0
run doctor "$T/huge_app.bin"
expect_status 1
expect_out "error table-one-slot"

run doctor --log 0x1501 "$T/default.csv"
expect_status 1
expect_out "has 2 slots"
refuse_out "min_spiffs.csv"

# --- default.csv cannot be flashed ---------------------------------------------------------------
run doctor --log 'Error: The program size (1479570 bytes) is greater than maximum allowed (1310720 bytes)'
expect_status 1
expect_out "app-too-big-for-slot"
expect_out "1479570 bytes"
expect_out "168850 bytes too many"
expect_out "min_spiffs.csv fits: two slots of 1.875 MiB"
expect_out "board_build.partitions = min_spiffs.csv"

run doctor --log 'default.csv cannot be flashed'
expect_status 1
expect_out "1.25 MiB"
expect_out "board_build.partitions = min_spiffs.csv"

run doctor --log 'board_build.partitions = default_ota.csv'
expect_status 1
expect_out "default.csv"

run doctor --log "esp_image: Image length 1723008 doesn't fit in partition length 1310720"
expect_status 1
expect_out "412288 bytes too many"
expect_out "board_build.partitions = min_spiffs.csv"

# --- Mismatch chip id, expected 9, found 27757 ----------------------------------------------------------
run doctor --log 'esp_https_ota: Mismatch chip id, expected 9, found 27757'
expect_status 1
expect_out "chip-id-is-html"
expect_out "is an HTML page"
expect_out '<!DOCTYPE html'

# The page itself says the same number.
printf '<!DOCTYPE html>\n<html><head><title>Log in</title></head></html>' >"$T/fw.bin"
run doctor "$T/fw.bin"
expect_status 1
expect_out "file-html"
expect_out "chip id 27757"

# --- files --------------------------------------------------------------------------------------------------
run image new --size 64K "$T/app.bin"
expect_status 0
run doctor "$T/app.bin"
expect_status 0
expect_out "note image-ok"

head -c 30000 "$T/app.bin" >"$T/cut.bin"
run doctor "$T/cut.bin"
expect_status 1
expect_out "image-truncated"

{
    printf 'HTTP/1.1 200 OK\r\n\r\n'
    cat "$T/app.bin"
} >"$T/http.bin"
mark "$T/http.bin"
run doctor "$T/http.bin"
expect_status 1
expect_out "begins at byte 19"
expect_unchanged
tail -c +20 "$T/http.bin" >"$T/out.bin" # as it advises
check "the advice gives the image back" cmp "$T/out.bin" "$T/app.bin"

: >"$T/empty"
run doctor "$T/empty"
expect_status 1
expect_out "file-empty"

# --- a log as a file, on stdin, as the argument ------------------------------------------------------------------
printf 'I (1) boot: hello\r\n\033[0;31mE (9) boot: load partition table error!\033[0m\r\n' >"$T/serial.log"
run doctor "$T/serial.log"
expect_status 1
expect_out "serial.log, line 2"
run_in 'E (3421) esp_ota_ops: not found otadata' doctor --log -
expect_status 1
expect_out "ota-no-otadata"
run_in 'E (3421) esp_ota_ops: not found otadata' doctor -
expect_status 1
expect_out "ota-no-otadata"
run doctor --log 'I (12) wifi: connected'
expect_status 0
expect_out "Nothing in it is known to be a failure."

# --- a whole flash --------------------------------------------------------------------------------------------------
run image new --kind bootloader --size 16K "$T/boot.bin"
run flash new "$T/flash.bin" --flash-size 4M --table "$T/default.csv" --bootloader "$T/boot.bin" \
    --app "ota_0=$T/app.bin"
expect_status 0
run doctor "$T/flash.bin"
expect_out "a stock bootloader starts ota_0"
run doctor "$T/boot.bin"
expect_status 0
expect_out "file-bootloader"

# --- JSON, misuse, lists ------------------------------------------------------------------------------------------------
run doctor --json --log 'Mismatch chip id, expected 9, found 27757'
expect_status 1
expect_json '"id":"chip-id-is-html"'
expect_json '"worst":"error"'
run doctor
expect_status 2
expect_error "nothing to look at" "" "otary doctor --log"
run doctor "$T/no-such-file"
expect_status 1
expect_error "cannot read the file" "no-such-file" ""

run doctor --list
expect_status 0
sed -n 's/^\([a-z0-9-]*\) (.*/\1/p' "$T/out" >"$T/ids"
[ "$(wc -l <"$T/ids")" -ge 100 ] || fail "--list is short"
while read -r id; do
    grep -qF "\`$id\`" "$OTARY_SOURCE/docs/doctor.md" || fail "docs/doctor.md lacks $id"
done <"$T/ids"
ok

# A file that cannot be read is no clean bill of health.
run doctor absent.bin
expect_status 1
expect_error "cannot read the file" "absent.bin" ""
refuse_out "Nothing in it"
done_testing
