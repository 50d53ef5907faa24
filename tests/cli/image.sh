# SPDX-License-Identifier: Apache-2.0
# otary image: images made, looked at, verified and refused, as one would type it.
. "$OTARY_SOURCE/tests/cli/lib.sh"

# --- new: valid, reproducible, careful with files
run image new "$T/app.bin" --chip esp32s3 --size 100000 --project demo --version 2.1
expect_status 0
expect_out "app for esp32s3, 100000 bytes"
run image new "$T/again.bin" --chip ESP32-S3 --size 100000 --project demo --version 2.1
check "the same options give the same bytes" cmp "$T/app.bin" "$T/again.bin"
mark "$T/app.bin"
run image new "$T/app.bin" --size 64K
expect_status 1
expect_error "" "app.bin" "--force"
expect_unchanged
run image new "$T/small.bin"
expect_status 0
run image new "$T/x.bin" --size 100
expect_status 2
expect_error "no room" "" "at least 336"
run image new "$T/x.bin" --chip esp99
expect_status 2
expect_error 'unknown chip "esp99"' "" "esp32c6"
run image new "$T/x.bin" --flash-size 3M
expect_status 2
check "nothing was made" test ! -e "$T/x.bin"

# --- show
run image show "$T/app.bin"
expect_status 0
expect_out "app for esp32s3"
expect_out "project    demo, version 2.1"
expect_out "DROM"
expect_out "checksum   at 0x1867f: right"
expect_out "SHA-256    at 0x18680: right"
run image show --json "$T/app.bin" "$T/small.bin"
expect_status 0
expect_json '"ok":true'
expect_json '"project":"demo"'
expect_json '"chip":"esp32s3"'
expect_json '"length":100000'

# --- verify: good ones
run image verify "$T/app.bin" "$T/small.bin"
expect_status 0
expect_out "app.bin: good"
expect_out "small.bin: good"
run image new "$T/boot.bin" --kind bootloader --chip esp32c3 --size 20000
run image verify "$T/boot.bin"
expect_status 0
expect_out "good, bootloader for esp32c3"

# --- verify: what devices refuse, with place and remedy
printf '<!DOCTYPE html><html><body>404</body></html>' >"$T/page.bin"
run image verify "$T/page.bin"
expect_status 1
expect_error "[OTA_ERR_IMAGE_MAGIC]" "byte 0" "otary doctor"
run image show "$T/page.bin"
expect_status 1
expect_error "[OTA_ERR_IMAGE_MAGIC]" "page.bin" ""
: >"$T/empty.bin"
run image verify "$T/empty.bin"
expect_status 1
expect_error "[OTA_ERR_IMAGE_TRUNCATED]" "empty.bin" ""
head -c 60000 "$T/app.bin" >"$T/cut.bin"
run image verify "$T/cut.bin"
expect_status 1
expect_error "[OTA_ERR_IMAGE_TRUNCATED]" "60000" ""
run image show "$T/cut.bin"
expect_status 1
expect_out "incomplete"
expect_error "[OTA_ERR_IMAGE_TRUNCATED]" "60000" ""
{ head -c 50000 "$T/app.bin"; printf 'Xq'; tail -c +50003 "$T/app.bin"; } >"$T/bent.bin"
run image verify "$T/bent.bin"
expect_status 1
expect_error "[OTA_ERR_IMAGE_CHECKSUM]" "0x1867f" ""
run image verify "$T/bent.bin" "$T/app.bin"
expect_status 1
expect_out "app.bin: good"
run image verify "$T/app.bin" --chip esp32
expect_status 1
expect_error "[OTA_ERR_IMAGE_CHIP]" "esp32s3" ""
run image verify "$T/app.bin" --partition-size 64K
expect_status 1
expect_error "[OTA_ERR_IMAGE_TOO_BIG]" "100000" "larger"
run image verify "$T/app.bin" --partition-size 100000
expect_status 0
run image verify "$T/app.bin" --address 0x18000
expect_status 1
expect_error "[OTA_ERR_IMAGE_MAPPING]" "app.bin" ""
run image verify "$T/app.bin" --flash-size 2M
expect_status 1
expect_error "[OTA_ERR_IMAGE_FLASH_SIZE]" "app.bin" ""
run image verify "$T/app.bin" --secure-version 1
expect_status 1
expect_error "[OTA_ERR_SECURE_VERSION]" "app.bin" ""
run image new "$T/rev.bin" --min-rev 3.1 --no-hash
run image verify "$T/rev.bin" --rev 3.0
expect_status 1
expect_error "[OTA_ERR_IMAGE_CHIP_REV_MIN]" "rev.bin" ""
run image verify "$T/rev.bin" --rev 3.1
expect_status 0
run image verify "$T/rev.bin" --require-hash
expect_status 1
expect_error "[OTA_ERR_IMAGE_NO_HASH]" "rev.bin" ""
run image verify "$T/rev.bin" --rev three
expect_status 2
run image verify --json "$T/bent.bin"
expect_status 1
expect_json '"good":false'
expect_json '"status":"OTA_ERR_IMAGE_CHECKSUM"'
run image verify "$T/nowhere.bin"
expect_status 1
expect_error "cannot read" "nowhere.bin" "check the name"
run image verify
expect_status 2

# --- a slot of a table
printf 'nvs,data,nvs,0x9000,0x5000\notadata,data,ota,0xe000,0x2000\na,app,ota_0,0x10000,64K\nb,app,ota_1,0x20000,1M\n' \
    >"$T/table.csv"
run image verify "$T/app.bin" --table "$T/table.csv"
expect_status 1
expect_error "[OTA_ERR_IMAGE_TOO_BIG]" "app.bin" ""
run image verify "$T/app.bin" --table "$T/table.csv" --slot ota_1
expect_status 0
expect_out "fits b"
run image verify "$T/app.bin" --table "$T/table.csv" --slot ota_7
expect_status 1
expect_error 'no slot "ota_7"' "" "otary table show"
run image verify "$T/app.bin" --slot ota_7
expect_status 2

# --- edit: a header changed with its hash
run image edit "$T/app.bin" "$T/edited.bin" --flash-size 16M --spi-mode dout
expect_status 0
run image show "$T/edited.bin"
expect_status 0
expect_out "16 MiB, DOUT"
run image edit "$T/page.bin" "$T/x.bin"
expect_status 1
expect_error "[OTA_ERR_IMAGE_MAGIC]" "page.bin" ""

# --- signatures, with keys of the openssl command
command -v openssl >/dev/null || {
    echo "SKIPPED: signatures (no openssl command)"
    done_testing
}
openssl genrsa -out "$T/rsa.pem" 3072 2>/dev/null
openssl ecparam -genkey -noout -name prime256v1 -out "$T/p256.pem"
openssl ecparam -genkey -noout -name secp384r1 -out "$T/p384.pem"
openssl ecparam -genkey -noout -name prime256v1 -out "$T/other.pem"
openssl pkey -in "$T/p256.pem" -pubout -out "$T/p256.pub.pem"
for kind in rsa p256 p384; do
    run image new "$T/$kind.bin" --size 70000 --key "$T/$kind.pem"
    expect_status 0
    run image verify "$T/$kind.bin" --key "$T/$kind.pem"
    expect_status 0
    expect_out "signed by a trusted key"
    run image show "$T/$kind.bin"
    expect_status 0
    expect_out "digest right, signature right"
    run image verify "$T/app.bin" --key "$T/$kind.pem"
    expect_status 1
    expect_error "[OTA_ERR_SIGNATURE_MISSING]" "app.bin" ""
done
run image verify "$T/p256.bin" --key "$T/p256.pub.pem"
expect_status 0
run image verify "$T/p256.bin" --key "$T/other.pem"
expect_status 1
expect_error "[OTA_ERR_SIGNATURE_KEY]" "p256.bin" ""
run image verify "$T/p256.bin" --key "$T/other.pem" --key "$T/p256.pub.pem"
expect_status 0
run image new "$T/v1.bin" --size 70000 --key "$T/p256.pem" --scheme v1
expect_status 0
run image verify "$T/v1.bin" --key "$T/p256.pub.pem" --scheme v1
expect_status 0
run image verify "$T/v1.bin" --key "$T/other.pem" --scheme v1
expect_status 1
expect_error "[OTA_ERR_SIGNATURE]" "v1.bin" ""
run image new "$T/x.bin" --key "$T/p256.pub.pem"
expect_status 1
expect_error "cannot sign" "p256.pub.pem" "private"
run image new "$T/x.bin" --key "$T/page.bin"
expect_status 1
expect_error "no RSA-3072" "page.bin" "openssl"

done_testing
