# SPDX-License-Identifier: Apache-2.0
# otary lab net --sockets: a fleet over TCP and TLS, connections that break, a server that is killed.
. "$OTARY_SOURCE/tests/cli/lib.sh"

TMPDIR=$T
export TMPDIR

# --- it converges, nothing is lost, and nothing is left behind
run lab net --sockets --devices 12 --kills 12 --seed 2 --json
expect_status 0
expect_json '"seed":2'
expect_json '"updated":12,"refused":0,"broken":0'
expect_json '"told":12,"devicesInDatabase":12,"confirmedInDatabase":12'
expect_json '"serverKills":12,"serverCrashes":0'
check "the connections were not broken" grep -q '"resets":[[:space:]]*[1-9]' "$T/out"
check "nothing was broken in TLS" grep -q '"cutInTls":[[:space:]]*[1-9]' "$T/out"
check "the temporary folder stays" test -z "$(find "$T" -maxdepth 1 -name "otary-net*")"

# --- it can fail: a release that nobody may take
"$OTARY" keys new "$T/key.pem" >/dev/null
for n in 1 2; do
    "$OTARY" image new "$T/v$n.bin" --size 24K --version "$n" --seed "$n" --flash-size 1M >/dev/null
done
printf 'otadata,data,ota,0xe000,0x2000\n%s\n%s\n' 'app0,app,ota_0,0x10000,0x10000' \
    'app1,app,ota_1,0x20000,0x10000' >"$T/table.csv"
"$OTARY" publish --key "$T/key.pem" -p lamp --version 2 "$T/v2.bin" -o "$T/public" >/dev/null
"$OTARY" device new "$T/dev.bin" --table "$T/table.csv" --app "ota_0=$T/v1.bin" --id lamp \
    --keys "$T/public/lamp/keys/1.json" --flash-size 1M >/dev/null
"$OTARY" rollout halt "$T/public" --key "$T/key.pem" >/dev/null
run lab net --sockets --devices 2 --kills 0 --flash "$T/dev.bin" --directory "$T/public"
expect_status 1
expect_out "N3 (converges)"
expect_out "OTA_ERR_RELEASE_HALTED"
expect_out "seed "

# --- killed, it leaves no process behind: each would hold the FIFO open, and cat would wait
mkfifo "$T/fifo"
"$OTARY" lab net --sockets --devices 200 --kills 100 >"$T/fifo" 2>&1 &
pid=$!
timeout 60 cat "$T/fifo" >"$T/out" &
reader=$!
sleep 1
kill -KILL "$pid"
wait "$pid" 2>/dev/null
wait "$reader"
status=$?
typed="otary lab net --sockets, killed"
expect_status 0

# --- what it does not do
run lab net --sockets --case whole
expect_status 2
run lab net --sockets --devices 0
expect_status 2

done_testing
