# SPDX-License-Identifier: Apache-2.0
# Every subcommand against files that are not what it wants: an error in three parts, exit 1,
# nothing changed on disk and nothing new there.
. "$OTARY_SOURCE/tests/cli/lib.sh"

R="$T/rubbish"
mkdir "$R" "$T/good"

# --- good things, so that one operand can be rubbish while the other is right
cat >"$T/good/table.csv" <<'CSV'
nvs,     data, nvs,   0x9000,  0x5000
otadata, data, ota,   0xe000,  0x2000
app0,    app,  ota_0, 0x10000, 0x10000
app1,    app,  ota_1, 0x20000, 0x10000
CSV
run image new "$T/good/app.bin" --chip esp32s3 --size 16K --flash-size 1M
expect_status 0
run flash new "$T/good/flash.bin" --table "$T/good/table.csv" --app "ota_0=$T/good/app.bin" \
    --flash-size 1M
expect_status 0

# --- rubbish
: >"$R/empty"
zeros "$R/zeros" 4096
head -c 1048576 /dev/zero | tr '\0' '\377' >"$R/blank"
noise "$R/noise" 20000
head -c 700 "$T/good/app.bin" >"$R/half-app"
head -c 100000 "$T/good/flash.bin" >"$R/half-flash"
head -c 33000 "$T/good/flash.bin" | tail -c 40 >"$R/half-table"
printf '<!DOCTYPE html><html><body>404</body></html>\n' >"$R/html"
truncate -s 300M "$R/huge" # sparse: takes no room
mkdir "$R/folder"
noise "$R/forbidden" 64
chmod 000 "$R/forbidden"

everything() {
    for f in "$R"/*; do
        [ -f "$f" ] && [ -r "$f" ] && [ "$f" != "$R/huge" ] && echo "$f"
    done
    ls "$T"/good/*
}

snapshot() {
    # shellcheck disable=SC2046
    cksum $(everything)
    ls -l "$R" "$T/good"
}

# refuse FILE arguments...: exit 1 and a reason, nothing touched
refuse() {
    if [ "$1" = "$R/forbidden" ] && [ -r "$1" ]; then
        return 0 # root may read everything
    fi
    shift
    run "$@"
    expect_status 1
    expect_error " " "" ""
    expect_err "  do:    "
}

snapshot >"$T/before"
for f in "$R"/* "$R/absent"; do
    refuse "$f" table check "$f"
    if [ "$f" != "$R/empty" ]; then # Espressif's generator makes an empty table of an empty CSV
        refuse "$f" table show "$f"
        refuse "$f" table build "$f" -o "$T/out.bin"
    fi
    refuse "$f" image show "$f"
    refuse "$f" image verify "$f"
    refuse "$f" flash new "$T/out.bin" --table "$f"
    refuse "$f" flash new "$T/out.bin" --table "$T/good/table.csv" --bootloader "$f"
    refuse "$f" flash new "$T/out.bin" --table "$T/good/table.csv" --app "ota_0=$f"
    refuse "$f" flash show "$f"
    refuse "$f" flash extract "$f" ota_0 "$T/out.bin"
    refuse "$f" slots show "$f"
    refuse "$f" slots set "$f" ota_1
    refuse "$f" slots confirm "$f"
    refuse "$f" slots reject "$f"
    refuse "$f" slots erase "$f"
    refuse "$f" update "$f" "$T/good/app.bin"
    if [ "$f" != "$R/half-app" ]; then # begins like an app: see below
        refuse "$f" update "$T/good/flash.bin" "$f"
    fi
    refuse "$f" boot "$f"
    run doctor "$f"
    check "doctor says what it is, and lives" test "$status" -le 1
    check "no file was made" test ! -e "$T/out.bin"
done
snapshot >"$T/after"
check "something on disk has changed" cmp "$T/before" "$T/after"

# An image that begins well and ends too early is found out while it is being written, into a
# slot that does not run: what runs, and the choice of it, stay to the byte.
cp "$T/good/flash.bin" "$T/flash.bin"
run update "$T/flash.bin" "$R/half-app"
expect_status 1
expect_error "end before the image does" "half-app" ""
check "only ota_1 may differ" sh -c "head -c 131072 '$T/flash.bin' | cmp - '$T/good/flash.bin' 2>&1 |
    grep -q EOF"
run flash show "$T/flash.bin"
expect_out "Espressif's bootloader  ota_0"

# What was read tells where it went wrong.
run flash show "$R/half-flash"
expect_error "size is not a multiple of 4 KiB" "100000 bytes" "otary doctor"
run flash show "$R/blank"
expect_error "no partition table" "$R/blank" "--table-offset"
run flash show "$R/huge"
expect_error "larger than any flash chip" "300 MiB" "256 MiB"
run image verify "$R/half-app"
expect_error "" "0x" ""

done_testing
