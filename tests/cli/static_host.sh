# SPDX-License-Identifier: Apache-2.0
# A published directory on static hosts, as docs/operating.md tells it: copied, behind nginx, behind
# python's server. Devices update from each of them, and report where somebody takes reports.
. "$OTARY_SOURCE/tests/cli/lib.sh"

PATH=$PATH:/usr/sbin
for tool in nginx curl openssl python3; do
    command -v $tool >/dev/null || {
        echo "SKIPPED: a published directory behind nginx (no $tool command)"
        exit 77
    }
done
pid=
serve=
plain=
end() {
    for each in $pid $serve $plain; do
        kill "$each" 2>/dev/null
    done
    chmod -R u+rwx "$T"
    rm -rf "$T"
}
trap end EXIT
openssl ecparam -genkey -noout -name prime256v1 -out "$T/key.pem"
"$OTARY" image new "$T/app.bin" --chip esp32s3 --size 300000 --version 1.0
"$OTARY" publish --key "$T/key.pem" --product lamp "$T/app.bin" -o "$T/made" >/dev/null
: >"$T/made/.nojekyll" # GitHub Pages wants it; it disturbs nobody

# What the page says between a mark and the end of its block.
block() {
    awk -v mark="<!-- $1 -->" '$0 == mark { on = 1; next }
        on && /^```/ { if (++fences == 2) exit; next }
        on { print }' "$OTARY_SOURCE/docs/operating.md"
}

# --- the upload
if command -v rsync >/dev/null; then
    block upload | sed "s|public/|$T/made/|; s|host:/srv/ota/|$T/public/|" >"$T/upload.sh"
    check "two commands" test "$(grep -c rsync "$T/upload.sh")" = 2
    check "the upload of the page" sh -e "$T/upload.sh"
else
    cp -R "$T/made" "$T/public"
fi
check "the upload is another directory" diff -r "$T/made" "$T/public"

# --- reports go to the server behind
"$OTARY" serve "$T/public" --listen 127.0.0.1:0 --json >"$T/serve.out" 2>"$T/serve.err" &
serve=$!
i=0
until [ -s "$T/serve.err" ]; do
    i=$((i + 1))
    [ $i -lt 100 ] || fail "otary serve does not start"
    sleep 0.1
done
behind=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$T/serve.err")
image=images/$(openssl dgst -sha256 -r "$T/app.bin" | cut -d' ' -f1).bin
ln -s ../key.pem "$T/public/lamp/stable/7.json"
chmod 755 "$T" # where we are root, nginx's worker is not

# A free port cannot be had from nginx itself.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
{
    printf 'daemon off; pid %s/pid; error_log %s/error.log;\nevents {}\nhttp {\naccess_log off;\n' "$T" "$T"
    for folder in client_body proxy fastcgi uwsgi scgi; do
        printf '%s_temp_path %s/%s;\n' $folder "$T" $folder
    done
    block nginx |
        sed "s|listen 8080;|listen 127.0.0.1:$port;|; s|/srv/ota/public|$T/public|; s|http://127.0.0.1:8070|$behind|"
    echo '}'
} >"$T/nginx.conf"
grep -q "$T/public" "$T/nginx.conf" || fail "docs/operating.md has no configuration"
typed="nginx -c nginx.conf"
nginx -e "$T/error.log" -c "$T/nginx.conf" >"$T/out" 2>"$T/err" &
pid=$!
i=0
until curl -s -o /dev/null "http://127.0.0.1:$port/"; do
    i=$((i + 1))
    [ $i -lt 100 ] && kill -0 $pid 2>/dev/null || fail "nginx does not start"
    sleep 0.1
done

ask() {
    typed="curl $*"
    code=$(curl -s --max-time 20 -o "$T/body" -D "$T/head" -w '%{http_code}' "$@")
}

expect_code() {
    [ "$code" = "$1" ] || fail "HTTP status $code, expected $1"
    ok
}

base=http://127.0.0.1:$port
ask "$base/$image"
expect_code 200
check "the image has changed on its way" cmp "$T/app.bin" "$T/body"
check "an image may be kept" grep -q 'immutable' "$T/head"
ask -r 200000- "$base/$image"
expect_code 206
tail -c +200001 "$T/app.bin" >"$T/rest"
check "the part is another one" cmp "$T/rest" "$T/body"
ask -r 300000- "$base/$image"
expect_code 416
for name in lamp/stable/manifest.json lamp/stable/1.json lamp/keys/1.json; do
    ask "$base/$name"
    expect_code 200
    check "$name has changed on its way" cmp "$T/public/$name" "$T/body"
done
for sig in "$T"/public/lamp/stable/*.sig; do
    ask "$base/lamp/stable/${sig##*/}"
    expect_code 200
done
ask "$base/lamp/stable/manifest.json"
check "a manifest is asked for each time" grep -qi 'cache-control: no-cache' "$T/head"
for name in lamp/keys/2.json images/ lamp/ lamp/stable status .hidden lamp/stable/next.json; do
    ask "$base/$name"
    expect_code 404
done
ask "$base/lamp/stable/7.json"
[ "$code" != 200 ] || fail "nginx follows a link out of the directory"
ok
ask --path-as-is "$base/../key.pem"
[ "$code" != 200 ] || fail "nginx leaves the directory"
ok

# --- the three questions
questions() { # URL what it answers to the third one
    block questions | sed "s|\$URL|$1|" >"$T/ask.sh"
    check "three questions" test "$(grep -c curl "$T/ask.sh")" = 3
    sh "$T/ask.sh" >"$T/out"
    check "$1 answers otherwise" test "$(tr '\n' ' ' <"$T/out")" = "200 404 $2 "
}
python3 -u -m http.server --bind 127.0.0.1 --directory "$T/public" 0 >"$T/plain" 2>&1 &
plain=$!
i=0
until grep -q 'port [0-9]' "$T/plain"; do
    i=$((i + 1))
    [ $i -lt 100 ] || fail "python's server does not start"
    sleep 0.1
done
desk=http://127.0.0.1:$(sed -n 's/.*port \([0-9]*\).*/\1/p' "$T/plain" | head -1)
questions "$base" 206
questions "$behind" 206
questions "$desk" 200

# --- a device updates from each; nginx hands its report on, python's server takes none
printf 'otadata,data,ota,0xe000,0x2000\n%s\n%s\n' 'app0,app,ota_0,0x10000,0x50000' \
    'app1,app,ota_1,0x60000,0x50000' >"$T/table.csv"
"$OTARY" image new "$T/old.bin" --chip esp32s3 --size 200000 --version 0.9
for host in "$base" "$behind" "$desk"; do
    run device new "$T/dev.bin" --table "$T/table.csv" --app "ota_0=$T/old.bin" \
        --keys "$T/public/lamp/keys/1.json" --id "at-${host##*:}" --flash-size 4M --force
    expect_status 0
    run device run "$T/dev.bin" --server "$host" --json
    expect_status 0
    expect_json '"version":"1.0","running":"ota_1"'
    expect_json '"confirmed":1'
done
ask -H "Authorization: Bearer $(cat "$T/public.db.token")" "$behind/status"
check "nginx hands reports on" grep -q "\"device\":\"at-$port\"" "$T/body"
check "the server takes its own" grep -q "\"device\":\"at-${behind##*:}\"" "$T/body"
check "a report from nowhere" sh -c "! grep -q 'at-${desk##*:}' '$T/body'"

done_testing
