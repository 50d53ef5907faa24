# SPDX-License-Identifier: Apache-2.0
# Trust in releases: signatures by and for the openssl command, thresholds, rotation, revocation,
# tokens.
. "$OTARY_SOURCE/tests/cli/lib.sh"

command -v openssl >/dev/null || {
    echo "SKIPPED: signed documents (no openssl command)"
    exit 77
}
openssl genrsa -out "$T/rsa.pem" 3072 2>/dev/null
openssl pkey -in "$T/rsa.pem" -pubout -out "$T/rsa.pub"
for name in a b c; do
    openssl ecparam -genkey -noout -name prime256v1 -out "$T/$name.pem"
    openssl pkey -in "$T/$name.pem" -pubout -out "$T/$name.pub"
done
"$OTARY" image new "$T/app.bin" --size 64K --version 1.0
"$OTARY" image new "$T/app2.bin" --size 64K --version 2.0

# --- ours pass openssl's verification, openssl's pass ours
for name in a rsa; do
    P=$T/public-$name
    M=$P/lamp/stable/manifest.json
    run publish --key "$T/$name.pem" -p lamp "$T/app.bin" -o "$P"
    expect_status 0
    check "openssl refuses our signature ($name)" openssl dgst -sha256 -verify "$T/$name.pub" \
        -signature "$P"/lamp/stable/*.sig "$M"
    openssl dgst -sha256 -sign "$T/$name.pem" -out "$T/openssl.sig" "$M"
    run manifest verify "$M" --key "$T/$name.pub" --signature "$T/openssl.sig"
    expect_status 0
    expect_out "signed    by 1 of the 1 key that it takes"
    cp "$T/openssl.sig" "$(echo "$P"/lamp/stable/*.sig)"
    run rollout show "$P"
    expect_status 0
    run manifest verify "$M" --key "$T/b.pub" --signature "$T/openssl.sig"
    expect_status 1
    expect_error "[OTA_ERR_KEYS_THRESHOLD]" "found 0, expected 1" "manifest sign"
    openssl pkey -in "$T/$name.pem" -pubout -outform DER -out "$T/der"
    id=$(openssl dgst -sha256 -r "$T/der" | cut -c1-16)
    sum=$(openssl dgst -sha256 -r "$M" | cut -c1-16)
    check "the file's name is not what docs/manifest.md says" \
        test -s "$P/lamp/stable/$sum.$id.sig"
done

# --- any changed byte is noticed
cp "$M" "$T/bent.json"
printf ' ' >>"$T/bent.json"
run manifest verify "$T/bent.json" --key "$T/rsa.pub" --signature "$T/openssl.sig"
expect_status 1
expect_error "[OTA_ERR_KEYS_THRESHOLD]" "" ""
head -c 100 "$T/openssl.sig" >"$T/short.sig"
run manifest verify "$M" --key "$T/rsa.pub" --signature "$T/short.sig"
expect_status 1
run manifest verify "$M" --key "$T/rsa.pub" --signature "$T/absent.sig"
expect_status 1
openssl dgst -sha512 -sign "$T/rsa.pem" -out "$T/sha512.sig" "$M"
run manifest verify "$M" --key "$T/rsa.pub" --signature "$T/sha512.sig"
expect_status 1
openssl dgst -sha256 -sign "$T/rsa.pem" -sigopt rsa_padding_mode:pss -out "$T/pss.sig" "$M"
run manifest verify "$M" --key "$T/rsa.pub" --signature "$T/pss.sig"
expect_status 1

# --- one key does not count twice
run manifest verify "$M" --key "$T/rsa.pub" --key "$T/b.pub" --threshold 2 --signature "$T/openssl.sig" \
    --signature "$T/openssl.sig"
expect_status 1
expect_error "[OTA_ERR_KEYS_THRESHOLD]" "found 1, expected 2" ""
run manifest verify "$M" --key "$T/rsa.pub" --key "$T/rsa.pem" --threshold 2
expect_status 1
expect_error "[OTA_ERR_KEYS_SET]" "" ""

# --- documents as the device's reader sees them
run manifest show "$M"
expect_status 0
expect_out "lamp 1.0 in channel stable"
run manifest show "$T/public-rsa/lamp/keys/1.json"
expect_status 0
expect_out "rsa-3072"
run manifest show "$M" --json
expect_status 0
expect_json '"kind":"manifest"'
run manifest show "$T/app.bin"
expect_status 1
printf '<!DOCTYPE html>' >"$T/page.json"
run manifest show "$T/page.json"
expect_status 1
expect_error "[OTA_ERR_JSON_SYNTAX]" "byte 0" "3c"
head -c 300 "$M" >"$T/cut.json"
run manifest show "$T/cut.json"
expect_status 1
expect_error "[OTA_ERR_JSON_TRUNCATED]" "byte 300" "size"
sed 's/"serial": 1/"serial": 1, "serial": 2/' "$M" >"$T/twice.json"
run manifest show "$T/twice.json"
expect_status 1
expect_error "[OTA_ERR_FIELD_TWICE]" "byte" "otary publish"
run manifest sign "$T/twice.json" --key "$T/a.pem"
expect_status 1
run manifest sign "$M"
expect_status 2

# --- two of three, on machines of their own
P=$T/team
M=$P/lamp/stable/manifest.json
run publish --key "$T/a.pem" --trust "$T/b.pub" --trust "$T/rsa.pub" --threshold 2 -p lamp "$T/app.bin" -o "$P"
expect_status 1
expect_error "first key set needs more signatures" "keys/next.json" "otary manifest sign"
run manifest sign "$P/lamp/keys/next.json" --key "$T/b.pem"
expect_status 0
expect_out "it counts now"
check "the draft is still there" test ! -e "$P/lamp/keys/next.json"
run publish --key "$T/a.pem" -p lamp "$T/app.bin" -o "$P"
expect_status 0
expect_out "signed    by 1 of the 2 keys that it takes"
expect_out "next.json waits"
check "a manifest counts too early" test ! -e "$M"
run manifest sign "$P/lamp/stable/next.json" --key "$T/c.pem"
expect_status 0
expect_out "more signatures are needed"
check "a stranger's signature counts" test ! -e "$M"
run manifest sign "$P/lamp/stable/next.json" --key "$T/rsa.pem"
expect_status 0
expect_out "it counts now"
run manifest verify "$M" --keys "$P/lamp/keys/1.json"
expect_status 0
expect_out "signed    by 2 of the 2 keys that it takes"
run publish --key "$T/a.pem" --key "$T/b.pem" -p lamp "$T/app2.bin" -o "$P" --json
expect_status 0
expect_json '"pending":false'

# --- a draft that was overtaken does not count any more
run rollout set "$P" 10% --key "$T/a.pem"
expect_status 0
cp "$P/lamp/stable/next.json" "$T/draft.json"
run rollout set "$P" 20% --key "$T/a.pem" --key "$T/b.pem"
expect_status 0
cp "$T/draft.json" "$P/lamp/stable/next.json"
run manifest sign "$P/lamp/stable/next.json" --key "$T/b.pem"
expect_status 1
expect_error "another release was published meanwhile" "next.json" "again"

# --- a key of one's own: private, never overwritten, and as good as openssl's
for type in p256 rsa3072; do
    run keys new "$T/$type.pem" --type $type
    expect_status 0
    expect_out "keep it secret"
    check "$type: others may read it" test "$(ls -l "$T/$type.pem" | cut -c1-10)" = -rw-------
    check "$type: openssl does not take it" openssl pkey -in "$T/$type.pem" -noout
    run publish --key "$T/$type.pem" -p lamp "$T/app.bin" -o "$T/own-$type"
    expect_status 0
done
mark "$T/p256.pem"
run keys new "$T/p256.pem"
expect_status 1
expect_error "keys are not overwritten" "p256.pem" "another file"
expect_unchanged
run keys new "$T/absent/key.pem"
expect_status 1

# --- rotation: signed by the old set and by the new one; who is not in it is revoked
cp -R "$P" "$T/before"
run keys rotate "$P" --key "$T/b.pem" --trust "$T/b.pub" --trust "$T/c.pub"
expect_status 0
expect_out "next.json waits"
run manifest sign "$P/lamp/keys/next.json" --key "$T/c.pem"
expect_status 0
expect_out "more signatures are needed"
check "a set counts without the old set's threshold" test ! -e "$P/lamp/keys/2.json"
run manifest sign "$P/lamp/keys/next.json" --key "$T/a.pem"
expect_status 0
expect_out "it counts now"
run keys show "$P"
expect_status 0
expect_out "key set 2 of lamp: 2 of these 2 must sign"
run rollout show "$P"
expect_status 0
expect_out "signed    by 2 of the 2 keys that it takes"
run rollout set "$P" 30% --key "$T/a.pem" --key "$T/b.pem"
expect_status 1
expect_error "do not trust the key" "" "otary keys rotate"
run rollout recall "$P" 2.0 --to 1.0 --key "$T/c.pem" --key "$T/b.pem"
expect_status 0
expect_out "lamp 1.0 in channel stable"
check "the manifest does not name its key set" grep -q '"keys": 2' "$M"
run keys rotate "$P" --key "$T/b.pem" --key "$T/c.pem" --trust "$T/c.pub"
expect_status 1
expect_error "[OTA_ERR_KEYS_SET]" "" "threshold"
run keys rotate "$P" --key "$T/b.pem"
expect_status 2

# A set that the old one has not signed is not followed.
cp "$T/before/lamp/keys/1.json" "$T/trusted.json"
run publish --key "$T/c.pem" -p lamp "$T/app.bin" -o "$T/evil"
sed 's/"version": 1/"version": 2/' "$T/evil/lamp/keys/1.json" >"$T/before/lamp/keys/2.json"
run manifest sign "$T/before/lamp/keys/2.json" --key "$T/c.pem"
run rollout show "$T/before"
expect_status 1
expect_error "[OTA_ERR_KEYS_THRESHOLD]" "2.json" ""

# After a rotation the manifest is published anew, by the new keys.
run publish --key "$T/b.pem" --key "$T/c.pem" -p lamp --channel fresh "$T/app2.bin" -o "$P"
expect_status 0
run manifest verify "$P/lamp/fresh/manifest.json" --keys "$T/trusted.json"
expect_status 0
run manifest verify "$P/lamp/fresh/manifest.json" --key "$T/a.pub" --key "$T/b.pub" --threshold 2
expect_status 1

# --- a token, through OpenSSL
if command -v softhsm2-util >/dev/null && ls /usr/lib/*/engines-3/pkcs11.so >/dev/null 2>&1; then
    mkdir "$T/token"
    printf 'directories.tokendir = %s\nobjectstore.backend = file\n' "$T/token" >"$T/softhsm.conf"
    export SOFTHSM2_CONF="$T/softhsm.conf"
    openssl pkcs8 -topk8 -nocrypt -in "$T/a.pem" -out "$T/a8.pem"
    softhsm2-util --init-token --free --label otary --pin 1234 --so-pin 1234 >/dev/null
    softhsm2-util --import "$T/a8.pem" --token otary --label signer --id a1 --pin 1234 >/dev/null
    run publish --key "pkcs11:token=otary;object=signer;type=private?pin-value=1234" -p lamp "$T/app.bin" \
        -o "$T/hsm"
    expect_status 0
    check "the token's signature" openssl dgst -sha256 -verify "$T/a.pub" \
        -signature "$T"/hsm/lamp/stable/*.sig "$T/hsm/lamp/stable/manifest.json"
    run publish --key "pkcs11:token=otary;object=nobody?pin-value=1234" -p lamp "$T/app.bin" -o "$T/hsm"
    expect_status 1
    expect_error "OpenSSL finds no key there" "nobody" "storeutl"
else
    echo "SKIPPED: PKCS#11 (no softhsm2, or OpenSSL has no engine for it)"
fi
run publish --key "file:$T/a.pem" -p lamp "$T/app.bin" -o "$T/store"
expect_status 0

done_testing
