# SPDX-License-Identifier: Apache-2.0
# The virtual device over real HTTP on loopback: updates, faults of servers, cuts, bad releases.
. "$OTARY_SOURCE/tests/cli/lib.sh"

command -v openssl >/dev/null || {
    echo "SKIPPED: virtual devices (no openssl command)"
    exit 77
}
server=
stop() {
    [ -z "$server" ] || kill "$server" 2>/dev/null
    [ -z "$server" ] || wait "$server" 2>/dev/null
    server=
}
trap 'stop; chmod -R u+rwx "$T" 2>/dev/null; rm -rf "$T"' EXIT

# serve MODE...: the published directory at $URL
serve() {
    stop
    rm -f "$T/port"
    python3 "$OTARY_SOURCE/tests/support/serve.py" "$P" "$T/port" "$@" &
    server=$!
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
        [ ! -s "$T/port" ] || break
        sleep 0.2
    done
    URL=http://127.0.0.1:$(cat "$T/port")
}

P=$T/public
D=$T/dev.bin
openssl ecparam -genkey -noout -name prime256v1 -out "$T/key.pem"
for n in 1 2 3 4; do
    "$OTARY" image new "$T/v$n.bin" --size 192K --version "$n.0" --seed "$n" >/dev/null
done
printf 'nvs,data,nvs,0x9000,0x5000\notadata,data,ota,0xe000,0x2000\n%s\n%s\n' \
    'app0,app,ota_0,0x10000,0x40000' 'app1,app,ota_1,0x50000,0x40000' >"$T/table.csv"
publish() {
    "$OTARY" publish --key "$T/key.pem" -p lamp "$@" -o "$P" >/dev/null || fail "publish $*"
}
publish --version 1.0 "$T/v1.bin"

new() {
    run device new "$D" --table "$T/table.csv" --app "ota_0=$T/v1.bin" --keys "$P/lamp/keys/1.json" \
        --id lamp-1 --flash-size 4M --force
    expect_status 0
}

# --- made, and refused
new
expect_out "device lamp-1, a lamp on channel stable"
run device new "$T/x.bin" --table "$T/table.csv"
expect_status 2
run device new "$T/x.bin" --table "$T/table.csv" --app "ota_0=$T/absent.bin" --keys "$P/lamp/keys/1.json"
expect_status 1
run device run "$D"
expect_status 2
run device run "$D" --server http://127.0.0.1:9 --behave oddly
expect_status 2
cp "$D" "$T/nobody.bin"
run device run "$T/nobody.bin" --server http://127.0.0.1:9
expect_status 1
expect_error "belongs to no device" "nobody.bin.device" "otary device new"
run device run "$D" --server http://127.0.0.1:9
expect_status 1
expect_error "[OTA_ERR_HTTP_CONNECT]" "lamp-1" ""

# --- the whole way, and every server's faults; each ends in version 2
for mode in "" no-ranges reset=70000 "reset=70000 no-ranges" chunked redirect "redirect reset=9999"; do
    new
    publish --version 2.0 "$T/v2.bin"
    # shellcheck disable=SC2086 # a list of modes
    serve $mode
    run device run "$D" --server "$URL" --seed 1 --json
    expect_status 0
    expect_json '"version":"2.0","running":"ota_1"'
    expect_json '"confirmed":1,"rolled_back":0,"reported":1'
    case $mode in *reset*) expect_json '"retries":1' ;; *) expect_json '"retries":0' ;; esac
    check "what was reported ($mode)" grep -q '"device":"lamp-1",.*"version":"2.0","order":2,"result":"confirmed"' \
        "$T/reports"
done
run flash extract "$D" ota_1 "$T/out.bin"
check "ota_1 holds version 2" cmp -n "$(wc -c <"$T/v2.bin")" "$T/out.bin" "$T/v2.bin"

# --- it stays: nothing to do
run device run "$D" --server "$URL"
expect_status 0
expect_out "seed "
expect_out "2.0 is what runs: nothing to do"
run device show "$D"
expect_status 0
expect_out "runs      ota_1, 2.0 (order 2)"

# --- a captive portal changes nothing
serve page
run device run "$D" --server "$URL" --json
expect_status 1
expect_json '"last_status":"OTA_ERR_HTTP_TYPE"'
expect_json '"running":"ota_1"'

# --- power cuts: one chosen, then many
serve
publish --version 3.0 "$T/v3.bin"
run device run "$D" --server "$URL" --kill-at 20 --seed 3
expect_status 0
expect_out "the power fails in the middle of a flash operation"
expect_out "confirmed: 3.0 stays"
publish --version 4.0 "$T/v4.bin"
run device run "$D" --server "$URL" --cuts 60 --seed 5 --boots 60 --json
expect_status 0
expect_json '"version":"4.0"'

# --- a release that breaks: rolled back, reported, not tried again
cp "$T/v2.bin" "$T/bad.bin"
publish --version 5.0 "$T/bad.bin"
for how in crash no-server; do
    new
    serve
    rm -f "$T/reports"
    run device run "$D" --server "$URL" --behave $how
    expect_status 0
    expect_out "5.0 (order 5) was given up: rolled back"
    expect_out "no update to \"5.0\": OTA_ERR_RELEASE_FAILED"
    check "the report of $how" grep -q '"version":"5.0","order":5,"result":"rolled-back","reason":"status -202","from":"1.0"' "$T/reports"
    run device run "$D" --server "$URL" --json
    expect_status 0
    expect_json '"last_status":"OTA_ERR_RELEASE_FAILED"'
    expect_json '"running":"ota_0"'
    run device show "$D"
    expect_out "failed    order 5, 1 time"
done
new
run device run "$D" --server "$URL" --behave forget --json
expect_json '"rolled_back":1'
new
run device run "$D" --server "$URL" --behave hang --json
expect_json '"rolled_back":1'
new
run device run "$D" --server "$URL" --behave crash@1 --json # two boots are left
expect_json '"rolled_back":0'
expect_json '"confirmed":1'

# --- a halted rollout reaches nobody; a static host takes no reports
new
"$OTARY" rollout halt "$P" --key "$T/key.pem" >/dev/null
run device run "$D" --server "$URL" --json
expect_status 0
expect_json '"last_status":"OTA_ERR_RELEASE_HALTED"'
publish --version 6.0 "$T/v3.bin"
serve static
run device run "$D" --server "$URL"
expect_status 0
expect_out "report about 6.0: OTA_ERR_HTTP_STATUS"

# --- a fleet in one process
new
serve
run device run "$D" --server "$URL" --count 6 --cuts 30 --seed 11 --boots 60
expect_status 0
expect_out "6 settled, 0 gave up, 0 bricks"
run device run "$D" --server "$URL" --count 0
expect_status 2

done_testing
