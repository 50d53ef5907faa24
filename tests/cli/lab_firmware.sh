# SPDX-License-Identifier: Apache-2.0
# otary lab run on real firmware, at its real size: images of 1 to 1.5 MB of three projects and
# chips, each from one of its releases to another. Skipped without the data folder.
data=${OTARY_DATA:-$OTARY_SOURCE/../shared/data}/firmware
if [ ! -d "$data" ]; then
    echo "SKIPPED: no firmware there"
    exit 77
fi
data=$(cd "$data" && pwd)
. "$OTARY_SOURCE/tests/cli/lib.sh"
cd "$T" || exit 1

cat >two.csv <<'CSV'
nvs,     data, nvs,   0x9000,   0x5000
otadata, data, ota,   0xe000,   0x2000
app0,    app,  ota_0, 0x10000,  0x1e0000
app1,    app,  ota_1, 0x1f0000, 0x1e0000
CSV

for pair in fluidnc/d01-fluidnc-esp32-noradio tasmota/d09-tasmota-esp32c6 wled/d11-wled-esp32c3; do
    page=${pair##*/}.html
    run lab run --table two.csv --from "$data/$pair.old.bin" --to "$data/$pair.new.bin" \
        --seconds 12 --html "$page"
    expect_status 0
    expect_out "cuts: 0 bricks, 0 lost updates; "
    echo "${pair##*/}: $(grep -F ' bricks, ' out)"
    check "the page is whole" grep -q '</html>' "$page"
done
