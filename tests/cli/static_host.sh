# SPDX-License-Identifier: Apache-2.0
# The nginx configuration of docs/operating.md serves a published directory as we do.
. "$OTARY_SOURCE/tests/cli/lib.sh"

PATH=$PATH:/usr/sbin
for tool in nginx curl openssl python3; do
    command -v $tool >/dev/null || {
        echo "SKIPPED: a published directory behind nginx (no $tool command)"
        exit 77
    }
done
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; chmod -R u+rwx "$T"; rm -rf "$T"' EXIT
openssl ecparam -genkey -noout -name prime256v1 -out "$T/key.pem"
"$OTARY" image new "$T/app.bin" --chip esp32s3 --size 300000 --version 1.0
"$OTARY" publish --key "$T/key.pem" --product lamp "$T/app.bin" -o "$T/public" >/dev/null
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
    sed -n '/^<!-- nginx -->/,/^```$/p' "$OTARY_SOURCE/docs/operating.md" | grep -v -e '^```' -e '^<!--' |
        sed "s|listen 8080;|listen 127.0.0.1:$port;|; s|/srv/ota/public|$T/public|"
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

done_testing
