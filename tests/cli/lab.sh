# SPDX-License-Identifier: Apache-2.0
# otary lab: sweeps, the user's own, replays, refusals.
. "$OTARY_SOURCE/tests/cli/lib.sh"
cd "$T" || exit 1

cat >two.csv <<'CSV'
nvs,     data, nvs,   0x9000,  0x5000
otadata, data, ota,   0xe000,  0x2000
app0,    app,  ota_0, 0x10000, 0x40000
app1,    app,  ota_1, 0x50000, 0x40000
CSV
cat >one.csv <<'CSV'
nvs,     data, nvs,   0x9000,  0x5000
otadata, data, ota,   0xe000,  0x2000
app0,    app,  ota_0, 0x10000, 0x40000
CSV
cat >none.csv <<'CSV'
nvs,     data, nvs,     0x9000,  0x6000
app,     app,  factory, 0x10000, 0x40000
CSV
cat >blind.csv <<'CSV'
nvs,     data, nvs,   0x9000,  0x5000
app0,    app,  ota_0, 0x10000, 0x40000
app1,    app,  ota_1, 0x50000, 0x40000
CSV
make_image() {
    out=$1
    shift
    run image new "$out" --flash-size 1M "$@"
    expect_status 0
}
make_image old.bin --size 30000 --version 1.0
make_image new.bin --size 40000 --version 1.1 --seed 2
make_image big.bin --size 300000
make_image s3.bin --size 40000 --chip esp32s3
printf '<!DOCTYPE html>' >page.bin
: >empty.bin

# --- the user's own: quickly, with the page
run lab run --table two.csv --from old.bin --to new.bin --seconds 6 --html report.html
expect_status 0
expect_out "cuts: "
expect_out " bricks, "
expect_out "stock"
expect_out "an accepted update is lost"
expect_out "spread from first to last"
check "the page is there" grep -q "fault laboratory" report.html
check "the page names the table" grep -q "two.csv" report.html
run lab run --table two.csv --from old.bin --to new.bin --seconds 2 --html report.html
expect_status 1
expect_err "report.html"
run lab run --table two.csv --from old.bin --to new.bin --seconds 2 --html report.html --force
expect_status 0
run lab run --table two.csv --from old.bin --to new.bin --seconds 2 --policy stock \
    --bootloader-rollback --json
[ "$status" -le 1 ] || fail "status $status"
expect_json '"policy":"library"'
expect_json '"bricks":0'
expect_json '"damaged":0'
expect_json '"data_ops_cut_inside":'

# --- from a whole flash
run flash new dev.bin --table two.csv --app ota_0=old.bin --flash-size 1M
expect_status 0
run lab run --flash dev.bin --from old.bin --to new.bin --seconds 2
expect_status 0
expect_out "dev.bin"
head -c 5000 dev.bin >short.bin
run lab run --flash short.bin --from old.bin --to new.bin
expect_status 1
expect_error "[FLASH-FILE]" "short.bin" ""

# --- refused before anything is run
refused() {
    run lab run "$@" --html never.html
    expect_status 1
    check "nothing was written" test ! -e never.html
}
refused --table one.csv --from old.bin --to new.bin
expect_error "[OTA_ERR_ONLY_SLOT]" "one.csv" "otary table suggest new.bin"
refused --table none.csv --from old.bin --to new.bin
expect_error "[OTA_ERR_NO_SLOTS]" "none.csv" "otary table suggest new.bin"
refused --table blind.csv --from old.bin --to new.bin
expect_error "[OTA_ERR_NO_OTADATA]" "blind.csv" "otary table suggest"
refused --table two.csv --from old.bin --to big.bin
expect_error "[OTA_ERR_IMAGE_TOO_BIG]" "big.bin" "otary table suggest big.bin"
refused --table two.csv --from big.bin --to new.bin
expect_error "[OTA_ERR_IMAGE_TOO_BIG]" "big.bin" ""
refused --table two.csv --from old.bin --to page.bin
expect_error "[OTA_ERR_IMAGE_MAGIC]" "page.bin" ""
refused --table two.csv --from old.bin --to empty.bin
expect_error "" "empty.bin" ""
refused --table two.csv --from old.bin --to s3.bin
expect_error "[OTA_ERR_IMAGE_CHIP]" "s3.bin" ""
refused --table two.csv --from old.bin --to nowhere.bin
expect_err "nowhere.bin"
refused --table nowhere.csv --from old.bin --to new.bin
expect_err "nowhere.csv"
refused --table page.bin --from old.bin --to new.bin
expect_err "page.bin"

# --- misuse
for args in "" "--table two.csv" "--from old.bin --to new.bin" \
    "--table two.csv --flash dev.bin --from old.bin --to new.bin" \
    "--table two.csv --from old.bin --to new.bin --depth 0" \
    "--table two.csv --from old.bin --to new.bin --depth 9" \
    "--table two.csv --from old.bin --to new.bin --seconds 0" \
    "--table two.csv --from old.bin --to new.bin --jobs 99" \
    "--table two.csv --from old.bin --to new.bin --policy mine"; do
    # shellcheck disable=SC2086
    run lab run $args
    expect_status 2
done

# --- the sweeps
run lab otadata --random 5
expect_status 0
expect_out "497 (64.2 %)"
expect_out "148 (19.1 %)"
expect_out "2 (0.26 %)"
run lab otadata --random 1 --json
expect_status 0
expect_json '"way":"stock"'
expect_json '"update lost":497'
expect_json '"falsely confirmed":2'
run lab rot --random 100 --image-size 1K --json
expect_status 0
expect_json '"way":"otary"'
expect_json '"runs wrong bits":0'
expect_json '"does not boot":0'
run lab faults --scenario confirm/o4 --json
expect_json '"scenarios":1'
run lab faults --scenario nothing
expect_status 1
expect_error "[LAB-SCENARIO]" "nothing" "otary lab list"
run lab list
expect_status 0
expect_out "normal "
expect_out "otadata alone"
run lab list --scenario 'normal/o4*'
expect_status 0
expect_out "normal/o4f"
run lab list --scenario nothing
expect_status 1

# --- replays
run lab replay otadata.stock.confirm.0.prefix.12
expect_status 1
expect_out "update lost"
expect_out "first boot after the cut"
run lab replay otadata.stock.select.0.prefix.0
expect_status 0
run lab replay rot.stock.confirmed.0xf000.0
expect_status 1
expect_out "update lost"
run lab replay rot.otary.confirmed.0x20100.3
expect_status 0
expect_out "detected"
run lab replay confirm/i4.0.d
expect_out "VIOLATION of S3"
expect_status 1
run lab replay normal/i1k.0.n --table two.csv --from old.bin --to new.bin
expect_status 0
expect_out "app1"
for id in nothing otadata.stock.confirm.9.prefix.1 rot.stock.trial.0xffffffff.0 normal/o4.x \
    fault.confirm/o4.then-cut.read.1.fails.99999.p5; do
    run lab replay "$id"
    expect_status 1
    expect_err "[LAB-ID]"
done
run lab replay
expect_status 2

# --- the network: a sample, one session again, refusals
run lab net --every 2000 -n 20
expect_status 0
expect_out "0 broken"
expect_out "20 sessions: 20 updated"
run lab net --case portal-for-ever
expect_status 0
expect_out "refused: OTA_ERR_HTTP_TYPE"
run lab net --case reset@100 --json
expect_status 0
expect_out '"updated"'
run lab net --case nothing
expect_status 1
expect_err "[LAB-ID]"
run lab net --flash nothing.bin
expect_status 2
run lab net --flash nothing.bin --directory .
expect_status 1
expect_err "[LAB-NET]"
sed -n 's/^    {"\([a-z0-9-]*\)".*/\1/p' "$OTARY_SOURCE/lab/net/cases.c" >cases
check "the cases of lab/net" test "$(wc -l <cases)" -gt 40
while read -r name; do
    check "docs/network.md has $name" grep -qF "| \`$name\` |" "$OTARY_SOURCE/docs/network.md"
done <cases

# --- the scoreboard, in a few seconds: every row is there
run lab scoreboard --quick --seconds 5
expect_out "power cuts judged"
expect_out "cuts in a row"
expect_out "torn writes to otadata"
expect_out "single-bit rot"
expect_out "failing flash calls"
expect_out "network cut points"
run lab scoreboard --seconds 1
expect_status 2
done_testing
