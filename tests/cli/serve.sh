# SPDX-License-Identifier: Apache-2.0
# otary serve: what is published comes out byte for byte, reports go in, and it stops when told.
. "$OTARY_SOURCE/tests/cli/lib.sh"

for tool in curl openssl; do
    command -v $tool >/dev/null || {
        echo "SKIPPED: the server (no $tool command)"
        exit 77
    }
done
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$T"' EXIT
openssl ecparam -genkey -noout -name prime256v1 -out "$T/key.pem"
"$OTARY" image new "$T/app.bin" --chip esp32s3 --size 300000 --version 1.0
"$OTARY" publish --key "$T/key.pem" --product lamp "$T/app.bin" -o "$T/public" --rollout 5% >/dev/null
image=images/$(openssl dgst -sha256 -r "$T/app.bin" | cut -d' ' -f1).bin

# start arguments...: the server in the background; $http, $https: where it listens
start() {
    typed="otary serve $*"
    rm -f "$T/out" "$T/err" # what an earlier start said
    "$OTARY" serve "$@" >"$T/out" 2>"$T/err" </dev/null &
    pid=$!
    i=0
    while ! grep -qs 'Ctrl-C' "$T/out" && ! grep -qs '^{' "$T/err"; do
        i=$((i + 1))
        [ $i -lt 300 ] && kill -0 "$pid" 2>/dev/null || fail "it does not start"
        sleep 0.1
    done
    http=$(sed -n 's/^http  *//p' "$T/out")
    https=$(sed -n 's/^https  *//p' "$T/out")
}

stop() {
    kill -"${1:-TERM}" "$pid"
    wait "$pid"
    status=$?
    pid=
}

# ask URL [curl option...]: status in $code, body in $T/body, headers in $T/head
ask() {
    typed="curl $*"
    code=$(curl -sS --max-time 20 -o "$T/body" -D "$T/head" -w '%{http_code}' "$@" 2>"$T/curl") ||
        code="failed ($(cat "$T/curl"))"
}

expect_code() {
    [ "$code" = "$1" ] || fail "HTTP status $code, expected $1"
    ok
}

expect_head() {
    tr -d '\r' <"$T/head" | grep -qixF -e "$1" || fail "no header: $1"
    ok
}

# --- the first start
start "$T/public" --listen 127.0.0.1:0 --https
expect_out "serving   $T/public"
expect_out "made now, and kept in $T/public.db.token"
token=$(cat "$T/public.db.token")
expect_out "$token"
for private in public.db public.db.token public.db.key; do
    check "$private is private" test "$(ls -l "$T/$private" | cut -c1-10)" = -rw-------
done

# --- files, whole and in part, over HTTP and HTTPS
ask "$http/$image"
expect_code 200
check "the image has changed on its way" cmp "$T/app.bin" "$T/body"
expect_head "Content-Type: application/octet-stream"
expect_head "Cache-Control: public, max-age=31536000, immutable"
etag=$(tr -d '\r' <"$T/head" | sed -n 's/^ETag: //p')
ask --cacert "$T/public.db.crt" "$https/$image"
expect_code 200
check "the image has changed on its way" cmp "$T/app.bin" "$T/body"
ask "$https/$image"
[ "$code" = 000 ] || [ "${code%% *}" = failed ] || fail "curl trusts a certificate that nobody gave it"
head -c 100000 "$T/app.bin" >"$T/part"
check "a download goes on" curl -s -C - -o "$T/part" "$http/$image"
check "the parts do not fit" cmp "$T/app.bin" "$T/part"
ask -r 200000- -H "If-Range: $etag" --cacert "$T/public.db.crt" "$https/$image"
expect_code 206
tail -c +200001 "$T/app.bin" >"$T/rest"
check "the part is another one" cmp "$T/rest" "$T/body"
expect_head "Content-Range: bytes 200000-299999/300000"
ask -r 300000- "$http/$image"
expect_code 416
ask -H "If-None-Match: $etag" "$http/$image"
expect_code 304
ask -I "$http/$image"
expect_code 200
expect_head "Content-Length: 300000"
ask "$http/lamp/stable/manifest.json"
expect_code 200
check "the manifest has changed on its way" cmp "$T/public/lamp/stable/manifest.json" "$T/body"
expect_head "Content-Type: application/json"
expect_head "Cache-Control: no-cache"
etag=$(tr -d '\r' <"$T/head" | sed -n 's/^ETag: //p')
ask "$http/lamp/keys/2.json"
expect_code 404
ask --path-as-is "$http/../key.pem"
expect_code 404

# --- a new release is seen at once
"$OTARY" rollout halt "$T/public" --key "$T/key.pem" >/dev/null
ask -H "If-None-Match: $etag" "$http/lamp/stable/manifest.json"
expect_code 200

# --- reports and the status
report='{"device":"aabbcc","product":"lamp","version":"1.0","order":1,"from":"0.9","result":"rolled-back","reason":"OTA_ERR_IMAGE_HASH","boots":3}'
ask -H 'Content-Type: application/json' -d "$report" "$http/report"
expect_code 204
ask -H 'Content-Type: application/json' -d "$report" --cacert "$T/public.db.crt" "$https/report"
expect_code 204
ask -H 'Content-Type: application/json' -d '{"device":"aabbcc"}' "$http/report"
expect_code 400
check "the reason is told" grep -q 'OTA_ERR_FIELD_MISSING at byte 0' "$T/body"
ask "$http/status"
expect_code 401
ask -H "Authorization: Bearer $token" "$http/status"
expect_code 200
cp "$T/body" "$T/out"
expect_json '"product":"lamp","channel":"stable","version":"1.0","order":1,"serial":2'
expect_json '"share":500,"halted":true'
expect_json '"devices":1,'
expect_json '"versions":[{"product":"lamp","version":"0.9","devices":1}]'
expect_json '"result":"rolled-back","reason":"OTA_ERR_IMAGE_HASH","reports":2,"devices":1'
ask -u "admin:$token" -H 'Accept: text/html' "$http/status"
expect_code 200
cp "$T/body" "$T/out"
expect_out "<!DOCTYPE html>"
expect_out '5 %, <span class="bad">halted</span>'
expect_out "OTA_ERR_IMAGE_HASH"

# --- a second one on the same port
"$OTARY" serve "$T/public" --listen "${http#http://}" >"$T/out" 2>"$T/err"
status=$?
expect_status 1
expect_error "is taken already" "127.0.0.1" "another port"

# --- stopped, killed, started again: what was reported is still there
stop TERM
expect_status 0
start "$T/public" --listen 127.0.0.1:0
expect_out "token     in $T/public.db.token"
refuse_out "$token"
ask -H 'Content-Type: application/json' -d "$report" "$http/report"
expect_code 204
stop KILL
start "$T/public" --listen 127.0.0.1:0 --json
http=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$T/err")
ask -H "Authorization: Bearer $token" "$http/status.json"
expect_code 200
cp "$T/body" "$T/json"
grep -q '"reports":3' "$T/json" || fail "reports are lost"
ok
stop INT
expect_status 0
expect_json '"command":'
refuse_out "$token"

# --- a certificate of one's own
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$T/own.key" \
    -out "$T/own.crt" -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    2>/dev/null
start "$T/public" --listen none --https-listen 127.0.0.1:0 --cert "$T/own.crt" --key "$T/own.key"
[ -z "$http" ] || fail "HTTP is served at $http"
ask --cacert "$T/own.crt" "$https/$image"
expect_code 200
stop

# --- what it does not do
run serve "$T/absent"
expect_status 1
expect_error "there is no such directory" "absent" "otary publish"
run serve "$T/public" --database "$T/public/lamp/x.db" --listen 127.0.0.1:0
expect_status 1
expect_error "lies in the directory that is served" "x.db" "--database"
run serve "$T/public" --cert "$T/own.crt" --https
expect_status 2
for place in 8070 :8070 127.0.0.1: 127.0.0.1:65536 ::1:80 '[::1:80' 127.0.0.1:x; do
    run serve "$T/public" --listen "$place"
    expect_status 2
    expect_error "is no address and port" "" "127.0.0.1:8070"
done
run serve "$T/public" --https --cert "$T/key.pem" --key "$T/own.key" --listen 127.0.0.1:0
expect_status 1
expect_error "cannot be listened to" "" "certificate"
chmod 644 "$T/public.db.token"
run serve "$T/public" --listen 127.0.0.1:0
expect_status 1
expect_error "others may read the admin token" "public.db.token" "remove it"

# --- the schema and the reader agree
if python3 -c 'import jsonschema' 2>/dev/null; then
    printf '%s' "$report" >"$T/report.json"
    check "the schema refuses a good report" python3 -c "
import json, jsonschema, sys
schema = json.load(open('$OTARY_SOURCE/docs/report.schema.json'))
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.validate(json.load(open('$T/report.json')), schema)"
fi

done_testing
