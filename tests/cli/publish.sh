# SPDX-License-Identifier: Apache-2.0
# otary publish and rollout: a release is written whole or not at all, and refused with a reason.
. "$OTARY_SOURCE/tests/cli/lib.sh"

command -v openssl >/dev/null || {
    echo "SKIPPED: releases (no openssl command)"
    exit 77
}
openssl ecparam -genkey -noout -name prime256v1 -out "$T/key.pem"
openssl ecparam -genkey -noout -name prime256v1 -out "$T/other.pem"
openssl ecparam -genkey -noout -name secp384r1 -out "$T/p384.pem"
openssl pkey -in "$T/key.pem" -pubout -out "$T/key.pub"
"$OTARY" image new "$T/s3.bin" --chip esp32s3 --size 100000 --version 1.0 --min-rev 0.1 --secure-version 2
"$OTARY" image new "$T/c3.bin" --chip esp32c3 --size 64K --version 1.0 --flash-size 2M
"$OTARY" image new "$T/s3-2.bin" --chip esp32s3 --size 90000 --version 2.0
P=$T/public
M=$P/lamp/stable/manifest.json

# --- the whole way, in one command
run publish --key "$T/key.pem" --product lamp --version 1.0 "$T/s3.bin" "$T/c3.bin" -o "$P"
expect_status 0
expect_out "lamp 1.0 in channel stable: order 1, serial 1"
expect_out "rollout   100 %"
expect_out "signed    by 1 of the 1 key that it takes"
expect_out "chip v0.1 or newer, flash 4 MiB, 2 OTA slots of 97.6 KiB, secure version 2"
expect_out "flash 2 MiB"
check "the first key set is there" test -s "$P/lamp/keys/1.json"
check "the manifest that counts is a copy of the one that stays" cmp "$M" "$P/lamp/stable/1.json"
for image in s3 c3; do
    sum=$(openssl dgst -sha256 -r "$T/$image.bin" | cut -d' ' -f1)
    check "an image is named by its hash" cmp "$T/$image.bin" "$P/images/$sum.bin"
done

# --- who may not publish, and what
mark "$M"
run publish --product lamp "$T/s3.bin" -o "$P"
expect_status 2
expect_error "a release is signed" "" "--key"
run publish --key "$T/key.pem" "$T/s3.bin" -o "$P"
expect_status 2
run publish --key "$T/key.pem" --product lamp "$T/s3.bin" -o ""
expect_status 2
run publish --key "$T/key.pem" --product lamp "$T/s3.bin" -o "$T/s3.bin"
expect_status 1
expect_error "Not a directory" "s3.bin" "permissions"
run publish --key "$T/key.pub" --product lamp "$T/s3.bin" -o "$P"
expect_status 1
expect_error "public key" "key.pub" "private"
run publish --key "$T/p384.pem" --product lamp "$T/s3.bin" -o "$P"
expect_status 1
expect_error "P-384" "" "P-256"
run publish --key "$T/s3.bin" --product lamp "$T/s3.bin" -o "$P"
expect_status 1
expect_error "too big" "s3.bin" ""
echo nonsense >"$T/no.pem"
run publish --key "$T/no.pem" --product lamp "$T/s3.bin" -o "$P"
expect_status 1
expect_error "no ECDSA P-256 or RSA-3072 key" "no.pem" "openssl"
run publish --key "$T/key.pem" --product images "$T/s3.bin" -o "$P"
expect_status 2
run publish --key "$T/key.pem" --product lamp --channel keys "$T/s3.bin" -o "$P"
expect_status 2
expect_error "the directory needs that name itself" "" ""
run publish --key "file:$T/absent.pem" --product lamp "$T/s3.bin" -o "$P"
expect_status 1
expect_error "OpenSSL finds no key" "absent.pem" "openssl storeutl"
run publish --key "$T/other.pem" --product lamp --version 2.0 "$T/s3-2.bin" -o "$P"
expect_status 1
expect_error "devices of this product do not trust the key" "" "otary keys rotate"
run publish --key "$T/key.pem" --product ../lamp "$T/s3.bin" -o "$P"
expect_status 2
expect_error 'is no name' "" "letters"
for channel in a/b .hidden "" -x "a b"; do
    run publish --key "$T/key.pem" --product lamp --channel "$channel" "$T/s3.bin" -o "$P"
    expect_status 2
done
for share in 101% -5% 5.001% x 5%% . 1. .5 1e2; do
    run publish --key "$T/key.pem" --product lamp --rollout "$share" "$T/s3.bin" -o "$P"
    expect_status 2
    expect_error "no share of devices" "" "12.5%"
done
for when in yesterday 2020-01-01 2027-02-29 0d 9999y; do
    run publish --key "$T/key.pem" --product lamp --expires "$when" "$T/s3.bin" -o "$P"
    expect_status 2
    expect_error "no time to come" "" "never"
done
printf '<!DOCTYPE html><html></html>' >"$T/page.bin"
run publish --key "$T/key.pem" --product lamp --version 2.0 "$T/page.bin" -o "$P"
expect_status 1
expect_error "[OTA_ERR_IMAGE_MAGIC]" "page.bin" "otary doctor"
head -c 50000 "$T/s3.bin" >"$T/cut.bin"
run publish --key "$T/key.pem" --product lamp --version 2.0 "$T/s3-2.bin" "$T/cut.bin" -o "$P"
expect_status 1
expect_error "[OTA_ERR_IMAGE_TRUNCATED]" "cut.bin" ""
{ cat "$T/s3-2.bin"; printf 'x'; } >"$T/padded.bin"
run publish --key "$T/key.pem" --product lamp --version 2.0 "$T/padded.bin" -o "$P"
expect_status 1
expect_error "1 bytes lie behind the image" "padded.bin" "merged"
"$OTARY" image new "$T/boot.bin" --kind bootloader --chip esp32c3 --size 20000
run publish --key "$T/key.pem" --product lamp --version 2.0 "$T/boot.bin" -o "$P"
expect_status 1
run publish --key "$T/key.pem" --product lamp --version 2.0 "$T/s3-2.bin" "$T/s3.bin" -o "$P"
expect_status 1
expect_error "two images are meant for the same devices" "s3.bin" "VARIANT="
run publish --key "$T/key.pem" --product lamp "$T/s3-2.bin" "$T/c3.bin" -o "$P"
expect_status 2
expect_error "the images name different versions" "" "--version"
run publish --key "$T/key.pem" --product lamp --version 2.0 "$T/absent.bin" -o "$P"
expect_status 1
run publish --key "$T/key.pem" --product lamp --version 2.0 --trust "$T/key.pub" "$T/s3-2.bin" -o "$P"
expect_status 1
expect_error "has a key set already" "" "otary keys rotate"
expect_unchanged
check "refused images have left no file" sh -c "test \$(ls '$P/images' | wc -l) -eq 2"

# --- one version is one set of bytes
run publish --key "$T/key.pem" --product lamp --version 1.0 "$T/s3-2.bin" -o "$P"
expect_status 1
expect_error "version 1.0 was published already" "1.json" "new version"
expect_err 'the image calls itself "2.0"'
run publish --key "$T/key.pem" --product lamp --rollout 12.5% --cohort beta --cohort lab --notes "Zwei: 2" \
    "$T/s3.bin" "$T/c3.bin" -o "$P"
expect_status 0
expect_out "order 1, serial 2"
expect_out "rollout   12.5 % and cohort beta, lab"
run publish --key "$T/key.pem" --product lamp --order 1 "$T/s3-2.bin" -o "$P"
expect_status 2
expect_error "--order does not rise" "" "more than 1"
run publish --key "$T/key.pem" --product lamp --serial 2 "$T/s3-2.bin" -o "$P"
expect_status 2
expect_error "--serial does not rise" "" "more than 2"

# --- variants
run publish --key "$T/key.pem" --product lamp --channel beta --version 3.0 "$T/s3.bin" "psram=$T/s3-2.bin" \
    --need-rollback --bootloader 2 --slots 3 --attempts 3 -o "$P"
expect_status 0
expect_out "esp32s3 psram"
expect_out "3 OTA slots"
expect_out "bootloader 2 or newer, a bootloader that rolls back"
expect_out "attempts  3"
run publish --key "$T/key.pem" --product lamp --version 3.0 "../x=$T/s3.bin" -o "$P"
expect_status 1
run publish --key "$T/key.pem" --product lamp --version 3.0 "a b=$T/s3.bin" -o "$P"
expect_status 2
run rollout show "$P"
expect_status 1
expect_error "more than one channel" "lamp" "--channel"
run rollout show "$P" --channel beta --json
expect_status 0
expect_json '"version":"3.0"'
expect_json '"attempts":3'

# --- rollout: up, halted, on again
run rollout show "$P" -c stable
expect_status 0
expect_out "rollout   12.5 % and cohort beta, lab"
expect_out "notes     Zwei: 2"
run rollout set "$P" 50% -c stable --key "$T/key.pem"
expect_status 0
expect_out "order 1, serial 3"
expect_out "rollout   50 % and cohort beta, lab"
refuse_err "warning"
run rollout set "$P" 20% -c stable --key "$T/key.pem" --cohort beta --expires 2099-12-31 --attempts 2
expect_status 0
expect_err "devices that were in it keep what they have"
expect_out "rollout   20 % and cohort beta"
expect_out "expires 2099-12-31 23:59 UTC"
run rollout halt "$P" -c stable --key "$T/key.pem"
expect_status 0
expect_out "rollout   20 % and cohort beta, HALTED: nobody new"
run rollout halt "$P" -c stable
expect_status 2
run rollout set "$P" -c stable --key "$T/key.pem" --expires never
expect_status 0
expect_out "rollout   20 % and cohort beta"
refuse_out "HALTED"
expect_out "expires never"
run rollout set "$P" 120% -c stable --key "$T/key.pem"
expect_status 2
run rollout set "$P" 30% -c stable --key "$T/other.pem"
expect_status 1
expect_error "do not trust the key" "" ""
run rollout show "$T"
expect_status 1
expect_error "nothing has been published here" "" "otary publish"

# --- members that this version does not know survive
serial=$(sed -n 's/.*"serial": \([0-9]*\).*/\1/p' "$M")
sed 's/"format": 1,/"format": 1, "x-mine": {"a": [1]},/' "$M" >"$P/lamp/stable/next.json"
sed -i "s/\"serial\": $serial/\"serial\": $((serial + 1))/" "$P/lamp/stable/next.json"
run manifest sign "$P/lamp/stable/next.json" --key "$T/key.pem"
expect_status 0
expect_out "it counts now"
run rollout set "$P" 60% -c stable --key "$T/key.pem"
expect_status 0
check "an unknown member is lost" grep -q '"x-mine"' "$M"

# --- would a device take it? The gate, asked from a desk.
run manifest check "$M"
expect_status 2
run manifest check "$M" --chip esp32s3
expect_status 0
expect_out "it would install 1.0: images/"
for refused in "RELEASE_CHIP --chip esp32" "RELEASE_VARIANT --chip esp32s3 --variant x" \
    "RELEASE_REV_MIN --chip esp32s3 --rev 0.0" "RELEASE_SECURE --chip esp32s3 --secure-version 3" \
    "RELEASE_FLASH --chip esp32s3 --flash-size 2M" "RELEASE_PRODUCT --chip esp32s3 --product oven" \
    "RELEASE_CHANNEL --chip esp32s3 --channel beta" "RELEASE_CURRENT --chip esp32s3 --order 1" \
    "RELEASE_CURRENT --chip esp32s3 --running 1.0" "RELEASE_OLDER --chip esp32s3 --order 2" \
    "RELEASE_FAILED --chip esp32s3 --failed 2" "RELEASE_SERIAL --chip esp32s3 --serial 99" \
    "RELEASE_KEYS --chip esp32s3 --keys 0" "RELEASE_ROLLOUT --chip esp32s3 --id device-1"; do
    # shellcheck disable=SC2086 # a list of words
    run manifest check "$M" ${refused#* }
    expect_status 1
    expect_error "[OTA_ERR_${refused%% *}]" "manifest.json" ""
done
run manifest check "$M" --chip esp32s3 --id device-1 --cohort beta
expect_status 0
printf 'nvs,data,nvs,0x9000,0x5000\notadata,data,ota,0xe000,0x2000\na,app,ota_0,0x10000,64K\nb,app,ota_1,0x20000,1M\n' \
    >"$T/small.csv"
run manifest check "$M" --chip esp32s3 --table "$T/small.csv"
expect_status 1
expect_error "[OTA_ERR_RELEASE_SLOT]" "there is 64 KiB" "otary table suggest"
printf 'nvs,data,nvs,0x9000,0x5000\na,app,factory,0x10000,1M\n' >"$T/factory.csv"
run manifest check "$M" --chip esp32s3 --table "$T/factory.csv" --json
expect_status 1
expect_json '"status":"OTA_ERR_RELEASE_TABLE"'

# --- recall: the only way back
run publish --key "$T/key.pem" -p lamp "$T/s3-2.bin" -o "$P" --expires 30d
expect_status 0
expect_out "lamp 2.0 in channel stable: order 2"
run rollout recall "$P" 7.0 -c stable --key "$T/key.pem"
expect_status 1
expect_error "version 7.0 was never published here" "" ""
run rollout recall "$P" 1.0 --to 2.0 -c stable --key "$T/key.pem"
expect_status 1
expect_error "a newer version is published already" "" "--to"
run rollout recall "$P" 2.0 --to 2.0 -c stable --key "$T/key.pem"
expect_status 1
expect_error "earlier version only" "" ""
run rollout recall "$P" 2.0 --to 1.0 -c stable --key "$T/key.pem"
expect_status 0
expect_out "lamp 1.0 in channel stable: order 1"
expect_out "recall    2.0 (order 2) is to be left for order 1"
expect_out "rollout   100 %"
run publish --key "$T/key.pem" -p lamp -v 2.0 "$T/s3-2.bin" -o "$P"
expect_status 1
expect_error "version 2.0 was published already" "" "rollout recall"
"$OTARY" image new "$T/s3-3.bin" --chip esp32s3 --size 90000 --version 2.1
run publish --key "$T/key.pem" -p lamp "$T/s3-3.bin" -o "$P" --recall 1.0
expect_status 0
expect_out "lamp 2.1 in channel stable: order 3"
expect_out "recall    2.0 (order 2)"
expect_out "recall    1.0 (order 1) is to be left for a newer one"
run publish --key "$T/key.pem" -p lamp -v 2.2 "$T/s3-3.bin" -o "$P" --recall 9.9
expect_status 1
expect_error "9.9 is no earlier version" "" ""
run rollout recall "$P" 2.1 -c stable --key "$T/key.pem"
expect_status 0
expect_out "2.1 (order 3) is to be left for a newer one"

# --- a directory that someone has changed is not built upon
cp -R "$P" "$T/bent"
sed -i 's/"order": 3/"order": 4/' "$T/bent/lamp/stable/manifest.json"
run rollout set "$T/bent" 50% -c stable --key "$T/key.pem"
expect_status 1
expect_error "[OTA_ERR_KEYS_THRESHOLD]" "manifest.json" "one changed byte"
cp -R "$P" "$T/planted"
sed 's/"order": 3/"order": 9/; s/"version": "2.1"/"version": "0.9"/' "$M" >"$T/planted/lamp/stable/1.json"
run rollout recall "$T/planted" 2.1 --to 0.9 -c stable --key "$T/key.pem"
expect_status 1
expect_error "version 0.9 was never published here" "" "present keys"
rm "$P"/images/"$(openssl dgst -sha256 -r "$T/s3-3.bin" | cut -d' ' -f1)".bin
run rollout set "$P" 50% -c stable --key "$T/key.pem"
expect_status 1
expect_error "an image of the release is missing" "images/" "publish"
run publish --key "$T/key.pem" -p lamp "$T/s3-3.bin" -o "$P"
expect_status 0

# --- whole at every moment: readers and a killed publisher
(
    i=0
    while [ $i -lt 12 ]; do
        "$OTARY" rollout set "$P" $((i + 1))% -c stable --key "$T/key.pem" >/dev/null 2>&1
        i=$((i + 1))
    done
) &
writer=$!
i=0
while [ $i -lt 12 ]; do
    run manifest verify "$M" --key "$T/key.pub"
    expect_status 0
    i=$((i + 1))
done
wait $writer
if command -v timeout >/dev/null; then
    for after in 0.01 0.02 0.03 0.05 0.08; do
        timeout -s KILL $after "$OTARY" publish --key "$T/key.pem" -p lamp "$T/s3-3.bin" -o "$P" \
            >/dev/null 2>&1
        run manifest verify "$M" --key "$T/key.pub"
        expect_status 0
    done
fi

# --- the same wish gives the same bytes (RSA signatures too; ECDSA's are random)
for n in 1 2; do
    SOURCE_DATE_EPOCH=1790000000 "$OTARY" publish --key "$T/key.pem" -p lamp "$T/s3.bin" -o "$T/same$n" \
        >/dev/null
done
check "two runs differ" cmp "$T/same1/lamp/stable/manifest.json" "$T/same2/lamp/stable/manifest.json"

# --- the manifest comes last: where anything before it cannot be written, the old one stays
export SOURCE_DATE_EPOCH=1790000100
cp -R "$T/same1" "$T/learn"
run rollout set "$T/learn" 5% --key "$T/key.pem"
expect_status 0
signature=$(cd "$T/learn/lamp/stable" && for f in *.sig; do
    [ -e "$T/same1/lamp/stable/$f" ] || echo "$f"
done)
mark "$T/same1/lamp/stable/manifest.json"
for obstacle in "$signature" 2.json; do
    mkdir "$T/same1/lamp/stable/$obstacle"
    run rollout set "$T/same1" 5% --key "$T/key.pem"
    expect_status 1
    expect_error "cannot write the" "$obstacle" "permissions"
    expect_unchanged
    rmdir "$T/same1/lamp/stable/$obstacle"
done
digest=$(openssl dgst -sha256 -r "$T/s3-2.bin" | cut -d' ' -f1)
mkdir "$T/same1/images/$digest.bin"
run publish --key "$T/key.pem" -p lamp "$T/s3-2.bin" -o "$T/same1"
expect_status 1
expect_error "cannot write the image" "$digest" ""
expect_unchanged
rmdir "$T/same1/images/$digest.bin"
run publish --key "$T/key.pem" -p lamp "$T/s3-2.bin" -o "$T/same1"
expect_status 0
unset SOURCE_DATE_EPOCH

run publish --key "$T/key.pem" -p lamp -o "$T/j" --json "$T/s3.bin"
expect_status 0
expect_json '"pending":false'
expect_json '"serial":1'

done_testing
