#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/vectors.sh: makes tests/vectors/manifest/ anew with our own command and openssl, from fresh
# keys that are thrown away. cases.json says what a device's reader, its verifier and its gate must
# answer; tests/unit/test_manifest_vectors.c holds ours to it, and any other implementation can be.
set -eu
otary=build/release/otary
folder=tests/vectors/manifest
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=1790000000

tools/build.sh release otary
rm -rf "$folder"
mkdir -p "$folder/reader"

# --- a published directory: two of three keys, then a rotation
openssl genrsa -out "$work/rsa.pem" 3072 2>/dev/null
openssl pkey -in "$work/rsa.pem" -pubout -out "$work/rsa.pub"
for name in a b c; do
    openssl ecparam -genkey -noout -name prime256v1 -out "$work/$name.pem"
    openssl pkey -in "$work/$name.pem" -pubout -out "$work/$name.pub"
done
"$otary" image new "$work/s3.bin" --chip esp32s3 --version 2.0 --min-rev 0.1 --secure-version 1 >/dev/null
"$otary" image new "$work/psram.bin" --chip esp32s3 --version 2.0 --seed 2 --flash-size 8M >/dev/null
"$otary" image new "$work/new.bin" --chip esp32s3 --version 2.1 >/dev/null
"$otary" publish -k "$work/a.pem" -k "$work/rsa.pem" --trust "$work/b.pub" --threshold 2 -p lamp \
    -o "$folder/public" --rollout 25% --cohort beta --attempts 2 --need-rollback --bootloader 1 \
    --notes 'Brighter, and a caf\u00e9 mode.' "$work/s3.bin" "psram=$work/psram.bin" >/dev/null
"$otary" publish -k "$work/a.pem" -k "$work/rsa.pem" -p lamp -o "$folder/public" "$work/new.bin" >/dev/null
"$otary" rollout recall "$folder/public" 2.1 --to 2.0 -k "$work/a.pem" -k "$work/rsa.pem" >/dev/null
"$otary" keys rotate "$folder/public" --key "$work/a.pem" --key "$work/rsa.pem" --key "$work/c.pem" \
    --trust "$work/b.pub" --trust "$work/c.pub" --threshold 1 >/dev/null
rm -f "$folder/public/lamp/.lock"

# --- what the reader refuses: one change each
manifest=$folder/public/lamp/stable/1.json
change()
{
    sed "$2" "$manifest" >"$folder/reader/$1"
    ! cmp -s "$manifest" "$folder/reader/$1" || {
        echo "vectors: $1 is no change" >&2
        exit 1
    }
}
change twice.json 's/"serial": 1,/"serial": 1, "serial": 1,/'
change missing.json '/"order"/d'
change type.json 's/"serial": 1,/"serial": "1",/'
change negative.json 's/"serial": 1,/"serial": -1,/'
change fraction.json 's/"serial": 1,/"serial": 1.0,/'
change overflow.json 's/"issued": 1790000000/"issued": 4294967296/'
change format.json 's/"format": 1/"format": 2/'
change kind.json 's/"otary": "manifest"/"otary": "keys"/'
change comma.json 's/"format": 1,/"format": 1,,/'
change escaped-name.json 's/"format"/"form\\u0061t"/'
change surrogate.json 's/Brighter/\\ud83d/'
change utf8.bin "s/Brighter/$(printf '\300\257')/"
change deep.json 's/"format": 1,/"format": 1, "x": [[[[[[[[1]]]]]]]],/'
change later.json 's/"format": 1,/"format": 1, "x": {"a": [null, true, -1.5e7]},/'
change path.json 's/"product": "lamp"/"product": "..\/lamp"/'
change hash.json 's/"sha256": "./"sha256": "G/'
head -c 400 "$manifest" >"$folder/reader/cut.json"
{ cat "$manifest"; printf '{}'; } >"$folder/reader/trailing.json"
printf '<!DOCTYPE html>\n' >"$folder/reader/page.json"

# --- what the verifier refuses
mkdir "$folder/bent" "$folder/one"
old=$(openssl dgst -sha256 -r "$manifest" | cut -c1-16)
cp "$folder/public/lamp/stable/$old".*.sig "$folder/one/"
cp "$manifest" "$folder/one/manifest.json"
id=$(openssl pkey -pubin -in "$work/rsa.pub" -outform DER | openssl dgst -sha256 -r | cut -c1-16)
rm "$folder/one/"*".$id.sig"
sed 's/"share": 2500/"share": 9999/' "$manifest" >"$folder/bent/manifest.json"
new=$(openssl dgst -sha256 -r "$folder/bent/manifest.json" | cut -c1-16)
for signature in "$folder/public/lamp/stable/$old".*.sig; do
    cp "$signature" "$folder/bent/$new.${signature##*"$old".}"
done
cp tools/vectors_manifest.json "$folder/cases.json"
echo "vectors: $(find "$folder" -type f | wc -l) files in $folder"
