# SPDX-License-Identifier: Apache-2.0
# docs/manifest.schema.json agrees with the device's reader, and with what we publish.
. "$OTARY_SOURCE/tests/cli/lib.sh"

command -v openssl >/dev/null || {
    echo "SKIPPED: the schema of documents (no openssl command)"
    exit 77
}
openssl ecparam -genkey -noout -name prime256v1 -out "$T/key.pem"
"$OTARY" image new "$T/app.bin" --version 1.0 >/dev/null
"$OTARY" image new "$T/app2.bin" --version 2.0 >/dev/null
run publish -k "$T/key.pem" -p lamp "$T/app.bin" -o "$T/public" --notes 'a "quoted" word' --cohort beta \
    --attempts 3 --bootloader 1 --need-rollback
expect_status 0
run publish -k "$T/key.pem" -p lamp "$T/app2.bin" -o "$T/public" --recall 1.0
expect_status 0
run rollout halt "$T/public" -k "$T/key.pem"
expect_status 0

cd "$OTARY_SOURCE" || exit 1
status=0
typed="tools/schema.py"
python3 tools/schema.py --cases >"$T/out" 2>"$T/err" || status=$?
if [ "$status" -eq 77 ]; then
    cat "$T/out"
    exit 77
fi
expect_status 0
expect_out ", 0 judged otherwise"
python3 tools/schema.py "$T/public/lamp/keys/1.json" "$T"/public/lamp/stable/*.json >"$T/out" 2>"$T/err" ||
    status=$?
expect_status 0
echo '{"otary": "manifest", "format": 1}' >"$T/bad.json"
python3 tools/schema.py "$T/bad.json" >"$T/out" 2>"$T/err" || status=$?
expect_status 1

done_testing
