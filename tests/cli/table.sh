# SPDX-License-Identifier: Apache-2.0
# otary table: check, show, build, suggest, presets, typed as a person would.
. "$OTARY_SOURCE/tests/cli/lib.sh"

cat >"$T/good.csv" <<'CSV'
# Name,   Type, SubType, Offset, Size, Flags
nvs,      data, nvs,     0x9000, 20K,
otadata,  data, ota,     ,       8K,
app0,     app,  ota_0,   ,       1M,
app1,     app,  ota_1,   ,       1M,
store,    data, littlefs,,       0x1e0000,
coredump, data, coredump,,       64K,
CSV

# --- build ------------------------------------------------------------------------------------
run table build "$T/good.csv" -o "$T/good.bin"
expect_status 0
expect_out "good.bin: 3072 bytes"
check "a table has 3072 bytes" test "$(wc -c <"$T/good.bin")" -eq 3072
check "it begins with AA 50" test "$(od -An -tx1 -N2 "$T/good.bin" | tr -d ' ')" = aa50

mark "$T/good.bin"
run table build "$T/good.csv" -o "$T/good.bin"
expect_status 1
expect_error "exists" "good.bin" "--force"
expect_unchanged
run table build "$T/good.csv" -o "$T/good.bin" --force
expect_status 0
expect_unchanged

run table build "$T/good.bin"
expect_status 0
expect_out "# Name, Type, SubType, Offset, Size, Flags"
expect_out "store,data,littlefs,0x210000,1920K,"
cp "$T/out" "$T/back.csv"
run table build "$T/back.csv" -o -
expect_status 0
check "CSV and back gives the same bytes" cmp "$T/out" "$T/good.bin"
run_in "$(cat "$T/good.csv")" table build - -o "$T/stdin.bin"
expect_status 0
check "stdin is a file like any other" cmp "$T/stdin.bin" "$T/good.bin"

printf 'a,app,factory,0x18000,1M\n' >"$T/bad.csv"
run table build "$T/bad.csv" -o "$T/bad.bin"
expect_status 1
expect_error "offset 0x18000 is not a multiple of 0x10000 [offset_unaligned]" \
    "bad.csv, line 1, partition a" "Use 0x20000"
check "nothing is written" test ! -e "$T/bad.bin"
run table build "$T/bad.csv" -o "$T/bad.bin" --no-verify
expect_status 0

printf 'a,app,factory,,$OTARY_TEST_SIZE\nb,data,film,,4K\n' >"$T/env.csv"
export OTARY_TEST_SIZE=64K
run table build "$T/env.csv" -o "$T/env.bin"
expect_status 1
expect_err "[bad_keyword]"
printf 'a,app,factory,,$OTARY_TEST_SIZE\nb,data,pictures,,4K\n' >"$T/env.csv"
run table build "$T/env.csv" -o "$T/env.bin" --extra-partition-subtypes "data, pictures, 0x99"
expect_status 0
run table build "$T/env.bin"
expect_out "a,app,factory,0x10000,64K,"
expect_out "b,data,153,0x20000,4K,"
run table build "$T/good.csv" --flash-size 2M -o "$T/x.bin"
expect_status 1
expect_err "[flash_size]"
run table build "$T/good.csv" --flash-size 3000000 -o "$T/x.bin"
expect_status 2
run table build "$T/good.csv" --disable-md5sum -o "$T/nomd5.bin"
expect_status 0

# --- check ------------------------------------------------------------------------------------
run table check "$T/good.csv" "$T/good.bin" --flash-size 4M
expect_status 0
expect_out "good.csv: usable, 0 errors, 0 warnings, 0 hints"
expect_out "good.bin: usable, 0 errors, 0 warnings, 0 hints"

run table check "$T/nomd5.bin"
expect_status 1
expect_error "it boots, and then the app finds no partitions at all [no_md5]" "nomd5.bin" ""

run table check huge_app
expect_status 0
expect_err "ESP_ERR_OTA_PARTITION_CONFLICT [single_slot]"
run table check huge_app --strict
expect_status 1

head -c 1310721 /dev/zero >"$T/app.bin"
run table check default --app "$T/app.bin"
expect_status 1
expect_error "1310721 bytes" "preset default, line 5, partition app0" \
    "otary table suggest --app-size 1310721"

run table check "$T/bad.csv" --json
expect_status 1
expect_json '"ok":false'
expect_json '"rule":"offset_unaligned","line":1,"partition":"a"'

printf '<!DOCTYPE html>\n<html>\n' >"$T/page.csv"
run table check "$T/page.csv"
expect_status 1
expect_err "[type_empty]"
run table check "$T/missing.csv"
expect_status 1
expect_err "missing.csv"

# --- show -------------------------------------------------------------------------------------
LC_ALL=C
export LC_ALL
run table show "$T/good.csv"
expect_status 0
expect_out "app0 1 MiB"
expect_out "0x400000       4 MiB  end of flash"
check "80 columns are enough" test "$(awk '{ if (length($0) > m) m = length($0) } END { print m }' \
    "$T/out")" -le 80
run table show "$T/good.csv" --json
expect_status 0
expect_json '"flash_size":4194304'
expect_json '"label":"store"'
run table show "$T/good.csv" --chip esp33
expect_status 2

# --- suggest ----------------------------------------------------------------------------------
run table suggest --app-size 1479570
expect_status 0
expect_out "Best known table: min_spiffs"
expect_out "board_build.partitions = min_spiffs.csv"
expect_out "Tools > Partition Scheme > Minimal SPIFFS"
expect_out 'CONFIG_PARTITION_TABLE_CUSTOM_FILENAME="partitions.csv"'
refuse_out "huge_app"

run table suggest --app-size 2300K
expect_status 0
expect_out "Two slots need 8 MiB of flash."

run table suggest --app-size 3000K
expect_status 1
expect_error "with updates over the air holds an app of" "" "two slots need 8 MiB of flash"

run table suggest --app-size 3000K --no-ota
expect_status 0
expect_out "WITHOUT updates over the air"

run table suggest "$T/app.bin" --littlefs 512K -o "$T/partitions.csv" --json
expect_status 0
expect_json '"app_size":1310721'
run table check "$T/partitions.csv" --app "$T/app.bin" --flash-size 4M
expect_status 0

# The flash is as large as the image's header says, unless told otherwise.
run image new "$T/big.bin" --chip esp32s3 --flash-size 8M --size 2500K
expect_status 0
run table suggest "$T/big.bin"
expect_status 0
expect_out "flash 8 MiB"
run table suggest "$T/big.bin" --flash-size 16M
expect_out "flash 16 MiB"
run table suggest "$T/big.bin" --flash-size 4M
expect_out "flash 4 MiB"
run table suggest
expect_status 2
expect_error "the size of the app is needed" "" "--app-size"

# --- presets ----------------------------------------------------------------------------------
run table presets
expect_status 0
expect_out "min_spiffs"
expect_out "recovery_4MB"
run table presets min_spiffs -o "$T/min.csv"
expect_status 0
run table build "$T/min.csv" -o "$T/min.bin"
expect_status 0
run table presets nonsense
expect_status 1

done_testing
