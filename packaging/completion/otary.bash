# Made from the option tables by `otary internal completion`: do not edit.
# shellcheck shell=bash
_otary()
{
    local word="${COMP_WORDS[COMP_CWORD]}" last="${COMP_WORDS[COMP_CWORD-1]}"
    local noun="${COMP_WORDS[1]}" verbs="" options="" words="" files=""
    local key="$noun"
    COMPREPLY=()
    local at=2 nouns="table image flash slots update boot doctor lab publish rollout manifest keys serve device demo"
    if [[ $COMP_CWORD -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "help $nouns --help --version" -- "$word")
        return
    fi
    if [[ $noun == help ]]; then
        if [[ $COMP_CWORD -eq 2 ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$nouns" -- "$word")
            return
        fi
        noun="${COMP_WORDS[2]}" at=3
    fi
    case "$noun" in
    table) verbs="check show build suggest presets" ;;
    image) verbs="show verify new edit" ;;
    flash) verbs="new show extract" ;;
    slots) verbs="show set confirm reject erase" ;;
    lab) verbs="run replay otadata rot faults net scoreboard list" ;;
    rollout) verbs="show set halt recall" ;;
    manifest) verbs="show verify check sign" ;;
    keys) verbs="new show rotate" ;;
    device) verbs="new run show" ;;
    esac
    if [[ -n $verbs ]]; then
        if [[ $COMP_CWORD -eq $at ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$verbs --help" -- "$word")
            return
        fi
        key="$noun/${COMP_WORDS[2]}"
    fi
    [[ $at -eq 3 ]] && return
    case "$key:$last" in
    *:--color) words="never auto always" ;;
    table/check:--offset) ;;
    table/check:--primary-bootloader-offset) ;;
    table/check:--recovery-bootloader-offset) ;;
    table/check:--secure) words="v1 v2" ;;
    table/check:--flash-size) ;;
    table/check:--extra-partition-subtypes) ;;
    table/check:--app) files=1 ;;
    table/check:--app-size) ;;
    table/check:--bootloader) files=1 ;;
    table/show:--offset) ;;
    table/show:--primary-bootloader-offset) ;;
    table/show:--recovery-bootloader-offset) ;;
    table/show:--secure) words="v1 v2" ;;
    table/show:--flash-size) ;;
    table/show:--extra-partition-subtypes) ;;
    table/show:--chip) ;;
    table/show:--width) ;;
    table/build:--offset) ;;
    table/build:--primary-bootloader-offset) ;;
    table/build:--recovery-bootloader-offset) ;;
    table/build:--secure) words="v1 v2" ;;
    table/build:--flash-size) ;;
    table/build:--extra-partition-subtypes) ;;
    table/build:--output) files=1 ;;
    table/suggest:--app-size) ;;
    table/suggest:--flash-size) ;;
    table/suggest:--spiffs) ;;
    table/suggest:--littlefs) ;;
    table/suggest:--fat) ;;
    table/suggest:--fs) ;;
    table/suggest:--nvs) ;;
    table/suggest:--coredump) ;;
    table/suggest:--output) files=1 ;;
    table/presets:--output) files=1 ;;
    table/presets:--flash-size) ;;
    image/verify:--chip) ;;
    image/verify:--rev) ;;
    image/verify:--block-rev) ;;
    image/verify:--kind) words="auto app bootloader" ;;
    image/verify:--address) ;;
    image/verify:--partition-size) ;;
    image/verify:--table) files=1 ;;
    image/verify:--slot) ;;
    image/verify:--flash-size) ;;
    image/verify:--secure-version) ;;
    image/verify:--key) files=1 ;;
    image/verify:--scheme) words="v1 rsa3072 p256 p384" ;;
    image/verify:--blocks) ;;
    image/new:--chip) ;;
    image/new:--kind) words="app bootloader" ;;
    image/new:--size) ;;
    image/new:--project) ;;
    image/new:--version) ;;
    image/new:--idf) ;;
    image/new:--secure-version) ;;
    image/new:--min-rev) ;;
    image/new:--max-rev) ;;
    image/new:--flash-size) ;;
    image/new:--spi-mode) words="qio qout dio dout" ;;
    image/new:--address) ;;
    image/new:--seed) ;;
    image/new:--key) files=1 ;;
    image/new:--scheme) words="v1 rsa3072 p256 p384" ;;
    image/edit:--flash-size) ;;
    image/edit:--spi-mode) words="qio qout dio dout" ;;
    flash/new:--table) files=1 ;;
    flash/new:--bootloader) files=1 ;;
    flash/new:--app) files=1 ;;
    flash/new:--data) files=1 ;;
    flash/new:--flash-size) ;;
    flash/new:--chip) ;;
    flash/new:--table-offset) ;;
    flash/show:--table-offset) ;;
    flash/extract:--table-offset) ;;
    slots/show:--policy) words="stock otary" ;;
    slots/show:--trial-boots) ;;
    slots/show:--secure-version) ;;
    slots/show:--running) ;;
    slots/show:--table-offset) ;;
    slots/set:--policy) words="stock otary" ;;
    slots/set:--trial-boots) ;;
    slots/set:--secure-version) ;;
    slots/set:--state) words="new pending valid invalid aborted undefined" ;;
    slots/set:--running) ;;
    slots/set:--cut-after) ;;
    slots/set:--table-offset) ;;
    slots/confirm:--policy) words="stock otary" ;;
    slots/confirm:--trial-boots) ;;
    slots/confirm:--secure-version) ;;
    slots/confirm:--running) ;;
    slots/confirm:--cut-after) ;;
    slots/confirm:--table-offset) ;;
    slots/reject:--policy) words="stock otary" ;;
    slots/reject:--trial-boots) ;;
    slots/reject:--secure-version) ;;
    slots/reject:--running) ;;
    slots/reject:--cut-after) ;;
    slots/reject:--table-offset) ;;
    slots/erase:--cut-after) ;;
    slots/erase:--table-offset) ;;
    update:--size) ;;
    update:--slot) ;;
    update:--chunk) ;;
    update:--final) ;;
    update:--running) ;;
    update:--policy) words="stock otary" ;;
    update:--trial-boots) ;;
    update:--secure-version) ;;
    update:--cut-after) ;;
    update:--table-offset) ;;
    boot:--policy) words="stock otary" ;;
    boot:--trial-boots) ;;
    boot:--secure-version) ;;
    boot:--factory-erases) ;;
    boot:--running) ;;
    boot:--cut-after) ;;
    boot:--table-offset) ;;
    doctor:--log) ;;
    lab/run:--table) files=1 ;;
    lab/run:--flash) files=1 ;;
    lab/run:--from) files=1 ;;
    lab/run:--to) files=1 ;;
    lab/run:--flash-size) ;;
    lab/run:--table-offset) ;;
    lab/run:--policy) words="stock otary" ;;
    lab/run:--html) files=1 ;;
    lab/run:--jobs) ;;
    lab/run:--depth) ;;
    lab/run:--seed) ;;
    lab/run:--seconds) ;;
    lab/replay:--seed) ;;
    lab/replay:--table) files=1 ;;
    lab/replay:--flash) files=1 ;;
    lab/replay:--from) files=1 ;;
    lab/replay:--to) files=1 ;;
    lab/replay:--flash-size) ;;
    lab/replay:--table-offset) ;;
    lab/otadata:--random) ;;
    lab/otadata:--seed) ;;
    lab/rot:--random) ;;
    lab/rot:--image-size) ;;
    lab/rot:--jobs) ;;
    lab/rot:--seed) ;;
    lab/faults:--scenario) ;;
    lab/faults:--jobs) ;;
    lab/net:--flash) files=1 ;;
    lab/net:--directory) files=1 ;;
    lab/net:--devices) ;;
    lab/net:--every) ;;
    lab/net:--kills) ;;
    lab/net:--case) ;;
    lab/net:--jobs) ;;
    lab/net:--seed) ;;
    lab/scoreboard:--seconds) ;;
    lab/scoreboard:--random) ;;
    lab/scoreboard:--compared) ;;
    lab/scoreboard:--jobs) ;;
    lab/scoreboard:--seed) ;;
    lab/list:--scenario) ;;
    publish:--key) files=1 ;;
    publish:--product) ;;
    publish:--version) ;;
    publish:--output) files=1 ;;
    publish:--channel) ;;
    publish:--rollout) ;;
    publish:--cohort) ;;
    publish:--salt) ;;
    publish:--notes) ;;
    publish:--expires) ;;
    publish:--recall) ;;
    publish:--attempts) ;;
    publish:--order) ;;
    publish:--serial) ;;
    publish:--slots) ;;
    publish:--bootloader) ;;
    publish:--threshold) ;;
    publish:--trust) files=1 ;;
    rollout/show:--product) ;;
    rollout/show:--channel) ;;
    rollout/set:--key) files=1 ;;
    rollout/set:--product) ;;
    rollout/set:--channel) ;;
    rollout/set:--cohort) ;;
    rollout/set:--attempts) ;;
    rollout/set:--expires) ;;
    rollout/halt:--key) files=1 ;;
    rollout/halt:--product) ;;
    rollout/halt:--channel) ;;
    rollout/halt:--expires) ;;
    rollout/recall:--key) files=1 ;;
    rollout/recall:--product) ;;
    rollout/recall:--channel) ;;
    rollout/recall:--to) ;;
    rollout/recall:--expires) ;;
    manifest/verify:--key) files=1 ;;
    manifest/verify:--threshold) ;;
    manifest/verify:--keys) files=1 ;;
    manifest/verify:--signature) files=1 ;;
    manifest/check:--chip) ;;
    manifest/check:--rev) ;;
    manifest/check:--variant) ;;
    manifest/check:--flash-size) ;;
    manifest/check:--table) files=1 ;;
    manifest/check:--secure-version) ;;
    manifest/check:--bootloader) ;;
    manifest/check:--product) ;;
    manifest/check:--channel) ;;
    manifest/check:--order) ;;
    manifest/check:--running) ;;
    manifest/check:--failed) ;;
    manifest/check:--serial) ;;
    manifest/check:--keys) ;;
    manifest/check:--id) ;;
    manifest/check:--cohort) ;;
    manifest/sign:--key) files=1 ;;
    keys/new:--type) words="p256 rsa3072" ;;
    keys/show:--product) ;;
    keys/rotate:--key) files=1 ;;
    keys/rotate:--product) ;;
    keys/rotate:--trust) files=1 ;;
    keys/rotate:--threshold) ;;
    serve:--listen) ;;
    serve:--https-listen) ;;
    serve:--cert) files=1 ;;
    serve:--key) files=1 ;;
    serve:--database) files=1 ;;
    serve:--connections) ;;
    device/new:--table) files=1 ;;
    device/new:--app) files=1 ;;
    device/new:--keys) files=1 ;;
    device/new:--bootloader) files=1 ;;
    device/new:--flash-size) ;;
    device/new:--channel) ;;
    device/new:--variant) ;;
    device/new:--id) ;;
    device/new:--cohort) ;;
    device/new:--policy) words="stock otary" ;;
    device/run:--server) ;;
    device/run:--report) ;;
    device/run:--ca) files=1 ;;
    device/run:--behave) ;;
    device/run:--boots) ;;
    device/run:--kill-at) ;;
    device/run:--cuts) ;;
    device/run:--seed) ;;
    device/run:--count) ;;
    demo:--story) words="air local" ;;
    demo:--table) files=1 ;;
    demo:--old) files=1 ;;
    demo:--new) files=1 ;;
    demo:--policy) words="stock otary" ;;
    demo:--keep) files=1 ;;
    *) files=1 ;;
    esac
    case "$key" in
    table/check) options=" --json --color --help --offset --primary-bootloader-offset --recovery-bootloader-offset --secure --flash-size --disable-md5sum --extra-partition-subtypes --app --app-size --bootloader --strict" ;;
    table/show) options=" --json --color --help --offset --primary-bootloader-offset --recovery-bootloader-offset --secure --flash-size --disable-md5sum --extra-partition-subtypes --chip --ascii --width" ;;
    table/build) options=" --json --color --help --offset --primary-bootloader-offset --recovery-bootloader-offset --secure --flash-size --disable-md5sum --extra-partition-subtypes --output --no-verify --force" ;;
    table/suggest) options=" --json --color --help --app-size --flash-size --spiffs --littlefs --fat --fs --nvs --coredump --factory --no-ota --all --output --force" ;;
    table/presets) options=" --json --color --help --output --flash-size --force" ;;
    image/show) options=" --json --color --help" ;;
    image/verify) options=" --json --color --help --chip --rev --block-rev --kind --address --partition-size --table --slot --flash-size --secure-version --require-hash --key --scheme --blocks" ;;
    image/new) options=" --json --color --help --chip --kind --size --project --version --idf --secure-version --min-rev --max-rev --flash-size --spi-mode --address --seed --no-hash --key --scheme --force" ;;
    image/edit) options=" --json --color --help --flash-size --spi-mode --force" ;;
    flash/new) options=" --json --color --help --table --bootloader --app --data --flash-size --chip --table-offset --force" ;;
    flash/show) options=" --json --color --help --ascii --table-offset" ;;
    flash/extract) options=" --json --color --help --whole --table-offset --force" ;;
    slots/show) options=" --json --color --help --policy --rollback --no-rollback --trial-boots --secure-version --running --table-offset" ;;
    slots/set) options=" --json --color --help --policy --rollback --no-rollback --trial-boots --secure-version --state --unverified --running --cut-after --table-offset" ;;
    slots/confirm) options=" --json --color --help --policy --rollback --no-rollback --trial-boots --secure-version --running --cut-after --table-offset" ;;
    slots/reject) options=" --json --color --help --policy --rollback --no-rollback --trial-boots --secure-version --running --cut-after --table-offset" ;;
    slots/erase) options=" --json --color --help --cut-after --table-offset" ;;
    update) options=" --json --color --help --size --slot --chunk --read-back --resume --final --copy --unjudged --no-switch --running --policy --rollback --no-rollback --trial-boots --secure-version --cut-after --table-offset" ;;
    boot) options=" --json --color --help --policy --rollback --no-rollback --trial-boots --secure-version --factory-pin --factory-erases-otadata --factory-erases --test-pin --dry-run --running --cut-after --table-offset" ;;
    doctor) options=" --json --color --help --log --list" ;;
    lab/run) options=" --json --color --help --table --flash --from --to --flash-size --table-offset --policy --bootloader-rollback --html --force --jobs --depth --seed --seconds" ;;
    lab/replay) options=" --json --color --help --seed --factory --table --flash --from --to --flash-size --table-offset" ;;
    lab/otadata) options=" --json --color --help --random --seed" ;;
    lab/rot) options=" --json --color --help --random --image-size --factory --jobs --seed" ;;
    lab/faults) options=" --json --color --help --scenario --stock --jobs" ;;
    lab/net) options=" --json --color --help --flash --directory --devices --every --sockets --kills --case --jobs --seed" ;;
    lab/scoreboard) options=" --json --color --help --seconds --random --quick --compared --jobs --seed" ;;
    lab/list) options=" --json --color --help --scenario" ;;
    publish) options=" --json --color --help --key --product --version --output --channel --rollout --cohort --salt --notes --expires --recall --attempts --order --serial --slots --bootloader --need-rollback --threshold --trust" ;;
    rollout/show) options=" --json --color --help --product --channel" ;;
    rollout/set) options=" --json --color --help --key --product --channel --cohort --attempts --expires" ;;
    rollout/halt) options=" --json --color --help --key --product --channel --expires" ;;
    rollout/recall) options=" --json --color --help --key --product --channel --to --expires" ;;
    manifest/show) options=" --json --color --help" ;;
    manifest/verify) options=" --json --color --help --key --threshold --keys --signature" ;;
    manifest/check) options=" --json --color --help --chip --rev --variant --flash-size --table --secure-version --bootloader --no-rollback --product --channel --order --running --failed --serial --keys --id --cohort" ;;
    manifest/sign) options=" --json --color --help --key" ;;
    keys/new) options=" --json --color --help --type" ;;
    keys/show) options=" --json --color --help --product" ;;
    keys/rotate) options=" --json --color --help --key --product --trust --threshold" ;;
    serve) options=" --json --color --help --listen --https --https-listen --cert --key --database --connections" ;;
    device/new) options=" --json --color --help --table --app --keys --bootloader --flash-size --channel --variant --id --cohort --policy --force" ;;
    device/run) options=" --json --color --help --server --report --no-report --ca --any-certificate --behave --boots --kill-at --cuts --seed --count" ;;
    device/show) options=" --json --color --help" ;;
    demo) options=" --json --color --help --story --table --old --new --policy --keep" ;;
    esac
    if [[ -n $words ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    elif [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    elif [[ -n $files ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}
complete -o filenames -F _otary otary
