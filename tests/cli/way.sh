# SPDX-License-Identifier: Apache-2.0
# The whole way: releases of `otary publish`, the server of `otary serve`, devices of `otary device`,
# over HTTP and HTTPS on loopback, through lines that break; and what they say to each other keeps
# to the schemas.
. "$OTARY_SOURCE/tests/cli/lib.sh"

for tool in curl openssl python3; do
    command -v $tool >/dev/null || {
        echo "SKIPPED: devices and the server (no $tool command)"
        exit 77
    }
done
server=
line=
catcher=
end() {
    for pid in "$@"; do
        kill "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
}
trap 'end $server $line $catcher; chmod -R u+rwx "$T" 2>/dev/null; rm -rf "$T"' EXIT

P=$T/public
D=$T/dev.bin
CA=$T/public.db.crt
LEN=614400 # of an image
run keys new "$T/key.pem"
expect_status 0
for n in 1 2 3; do
    "$OTARY" image new "$T/v$n.bin" --size $LEN --version "$n.0" --seed "$n" >/dev/null
done
printf 'nvs,data,nvs,0x9000,0x5000\notadata,data,ota,0xe000,0x2000\n%s\n%s\n' \
    'app0,app,ota_0,0x10000,0xa0000' 'app1,app,ota_1,0xb0000,0xa0000' >"$T/table.csv"
publish() {
    "$OTARY" publish --key "$T/key.pem" -p lamp "$@" -o "$P" >/dev/null || fail "publish $*"
}
publish --version 2.0 "$T/v2.bin"

new() {
    run device new "$D" --table "$T/table.csv" --app "ota_0=$T/v1.bin" --keys "$P/lamp/keys/1.json" \
        --id "$1" --flash-size 4M --force
    expect_status 0
}

# wait_for FILE: until it has a word
wait_for() {
    for _ in $(seq 300); do
        [ ! -s "$1" ] || return 0
        sleep 0.05
    done
    fail "$1 does not come"
}

# serve OPTION...: the real server; $http and $https
serve() {
    end $server
    rm -f "$T/serve.err"
    "$OTARY" serve "$P" --listen 127.0.0.1:0 --https --json "$@" >"$T/serve.out" 2>"$T/serve.err" &
    server=$!
    wait_for "$T/serve.err"
    http=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$T/serve.err")
    https=$(sed -n 's/.*"https":"\([^"]*\)".*/\1/p' "$T/serve.err")
}

# between PORT MODE: a line to it; $between is its port
between() {
    end $line
    rm -f "$T/line"
    python3 "$OTARY_SOURCE/tests/support/line.py" "$1" "$T/line" "$2" &
    line=$!
    wait_for "$T/line"
    between=$(cat "$T/line")
}

# status [curl option...]: GET /status into $T/out
status_page() {
    curl -sS --cacert "$CA" -u "admin:$(cat "$T/public.db.token")" "$@" "$https/status" >"$T/out" ||
        fail "GET /status"
}

# number NAME: of the last run's JSON
number() {
    tr -d '\n\t' <"$T/out" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}

expect_updated() {
    expect_status 0
    expect_json '"version":"2.0","running":"ota_1"'
    expect_json '"confirmed":1,"rolled_back":0,"reported":1'
}

serve

# --- over HTTP; the report arrives, as JSON and on the page
new plain
run device run "$D" --server "$http" --json
expect_updated
status_page
expect_json '"versions":[{"product":"lamp","version":"2.0","devices":1}]'
expect_json '"device":"plain","channel":"stable","version":"2.0","order":1,"from":"","result":"confirmed"'
status_page -H 'Accept: text/html'
expect_out "<td>plain</td>"
expect_out "<td>confirmed</td>"

# --- over HTTPS: a certificate that nobody gave it is refused, and says what to do
new wary
run device run "$D" --server "$https"
expect_status 1
expect_error "certificate is not trusted" "wary" "--any-certificate"
expect_error "[OTA_ERR_HTTP_CERTIFICATE]" "" "--ca"
expect_err "signed in any case"
run device run "$D" --server "$https" --ca "$CA" --json
expect_updated
new careless
run device run "$D" --server "$https" --any-certificate --json
expect_updated

# --- certificates: another authority's, expired, of another host. Each is refused; the signature
# is what counts, so any certificate will do, and so will none.
cat >"$T/ca.cnf" <<'CNF'
[ca]
default_ca = own
[own]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
x509_extensions = here
[any]
commonName = supplied
[here]
subjectAltName = IP:127.0.0.1
basicConstraints = critical,CA:TRUE
[elsewhere]
subjectAltName = DNS:other.example
basicConstraints = critical,CA:TRUE
[req]
distinguished_name = nobody
[nobody]
CNF
# certificate NAME EXTENSIONS FROM TO
certificate() {
    (cd "$T" && : >index.txt && echo 01 >serial && openssl req -new -newkey ec -pkeyopt \
        ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" \
        -config ca.cnf && openssl ca -config ca.cnf -batch -notext -selfsign -keyfile "$1.key" \
        -in "$1.csr" -out "$1.crt" -extensions "$2" -startdate "$3" -enddate "$4") 2>"$T/openssl" ||
        fail "no certificate: $(cat "$T/openssl")"
}
certificate expired here 200101000000Z 200201000000Z
certificate early here 20600101000000Z 20610101000000Z
certificate elsewhere elsewhere 200101000000Z 20610101000000Z
certificate stranger here 200101000000Z 20610101000000Z
for name in expired early elsewhere; do
    serve --cert "$T/$name.crt" --key "$T/$name.key"
    new "with-$name"
    run device run "$D" --server "$https" --ca "$T/$name.crt"
    expect_status 1
    expect_error "[OTA_ERR_HTTP_CERTIFICATE]" "with-$name" "plain http"
    run device run "$D" --server "$https" --any-certificate --json
    expect_updated
    new "with-$name"
    run device run "$D" --server "$http" --json
    expect_updated
done
serve
new misled
run device run "$D" --server "$https" --ca "$T/stranger.crt"
expect_status 1
expect_error "[OTA_ERR_HTTP_CERTIFICATE]" "" ""
run device run "$D" --server "$https" --ca "$T/absent.crt"
expect_status 1
expect_error "[OTA_ERR_HTTP_CERTIFICATE]" "" "--ca"

# --- plain HTTP is safe: what somebody on the way puts in is not what was signed
cp -R "$P" "$T/evil"
image=$(ls "$T/evil/images")
cp "$T/v3.bin" "$T/evil/images/$image"
P=$T/evil
serve --database "$T/evil.db"
P=$T/public
new robbed
run device run "$D" --server "$http" --json
expect_status 1
expect_json '"last_status":"OTA_ERR_RELEASE_HASH"'
expect_json '"version":"1.0","running":"ota_0"'
sed 's/"version": "2.0"/"version": "9.0"/' "$P/lamp/stable/manifest.json" >"$T/evil/lamp/stable/manifest.json"
run device run "$D" --server "$http" --json
expect_status 1
expect_json '"last_status":"OTA_ERR_KEYS_THRESHOLD"'
expect_json '"version":"1.0","running":"ota_0"'

# --- lines that break: what flash has is not fetched twice
serve
for scheme in "$http" "$https"; do
    for mode in 200000 1,150000,150000,150000,150000; do
        between "${scheme##*:}" reset=$mode
        new torn
        run device run "$D" --server "${scheme%:*}:$between" --ca "$CA" --seed 1 --json
        expect_updated
        tries=$(number retries)
        fetched=$(number fetched)
        check "no retry over ${scheme%%:*}, broken at $mode" test "$tries" -ge 1
        check "$fetched bytes for $LEN in $tries tries over ${scheme%%:*}, broken at $mode" \
            test "$fetched" -le $((LEN + 8192 + 8192 * tries))
    done
done
end $line
line=

# --- the power fails in a chosen flash operation; what was reported is reported once
new cut
for at in 0 5 60 300 700; do
    new "cut-$at"
    run device run "$D" --server "$https" --ca "$CA" --kill-at $at --seed 2 --json
    expect_updated
    expect_json '"power_cuts":1'
    fetched=$(number fetched)
    check "$fetched bytes for $LEN, cut at $at" test "$fetched" -le $((LEN + 16384))
done

# --- a report waits, over a reboot, for a server that takes it
new late
run device run "$D" --server "$http" --report http://127.0.0.1:9/report
expect_status 1
expect_out "confirmed: 2.0 stays"
run device show "$D"
expect_out "about 2.0 is pending"
status_page
refuse_out '"device":"late"'
run device run "$D" --server "$http" --json
expect_status 0
expect_json '"reported":1'
status_page
expect_json '"device":"late","channel":"stable","version":"2.0","order":1,"from":"","result":"confirmed"'
run device show "$D"
refuse_out "pending"

# --- fifty devices in one process, whose power fails; each has its line in the status
new fleet
run device run "$D" --server "$https" --ca "$CA" --count 50 --cuts 20 --boots 60 --seed 4 --json
expect_status 0
check "not all have version 2" test "$(tr -d '\n\t' <"$T/out" | grep -o '"version":"2.0"' | wc -l)" = 50
status_page
known=$(number devices)
expect_json '"result":"confirmed"'
check "$known devices are known, not 50 more" test "$(sed -n 's/.*"results":\[{[^]]*"result":"confirmed","devices":\([0-9]*\)}.*/\1/p' "$T/out")" -ge 50

# --- rolled back: the status says why, in words
publish --version 3.0 "$T/v3.bin"
new broken
run device run "$D" --server "$http" --behave crash --json
expect_status 0
status_page
expect_json '"failures":[{"product":"lamp","version":"3.0","result":"rolled-back","reason":"status -202"'
expect_json '"meaning":"The version was installed, and the device went back to the one before."'
status_page -H 'Accept: text/html'
expect_out "the device went back to the one before"

# --- what is really sent keeps to the schemas
if python3 -c 'import jsonschema' 2>/dev/null; then
    python3 "$OTARY_SOURCE/tests/support/serve.py" "$P" "$T/catch" 2>/dev/null &
    catcher=$!
    wait_for "$T/catch"
    run device run "$D" --server "$http" --report "http://127.0.0.1:$(cat "$T/catch")/report"
    for how in healthy crash no-server; do
        new "says-$how"
        run device run "$D" --server "$http" --report "http://127.0.0.1:$(cat "$T/catch")/report" \
            --behave $how
    done
    check "three reports" test "$(wc -l <"$T/reports")" = 3
    cat >"$T/judge.py" <<'PY'
import json, jsonschema, sys
schema = json.load(open(sys.argv[1]))
schema["additionalProperties"] = False  # what a device says, the schema knows
for text in open(sys.argv[2]):
    jsonschema.Draft202012Validator(schema).validate(json.loads(text))
PY
    python3 "$T/judge.py" "$OTARY_SOURCE/docs/report.schema.json" "$T/reports" >"$T/out" 2>"$T/err" ||
        fail "a report breaks docs/report.schema.json"
    ok
    cd "$OTARY_SOURCE" || exit 1
    for file in lamp/stable/manifest.json lamp/keys/1.json; do
        curl -sS "$http/$file" >"$T/served.json" || fail "GET $file"
        python3 tools/schema.py "$T/served.json" >"$T/out" 2>"$T/err" ||
            fail "what is served at $file breaks docs/manifest.schema.json"
        ok
    done
fi

done_testing
