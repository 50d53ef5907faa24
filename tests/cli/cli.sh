# SPDX-License-Identifier: Apache-2.0
# The shared layer: help, suggestions, exit states, options, JSON, and that the checked-in man
# page and completion are what the option tables say.
. "$OTARY_SOURCE/tests/cli/lib.sh"

run
expect_status 2
expect_err "otary NOUN"

for word in help --help -h; do
    run $word
    expect_status 0
    expect_out "Exit status: 0 fine, 1 refused or found wrong, 2 typed wrongly."
done

run --version
expect_status 0
expect_out "otary 0."

run nonsense
expect_status 2
expect_error 'unknown command "nonsense"' "" "otary help"

run hlep
expect_status 2
expect_error "" "" 'did you mean `otary help`?'

run nonsense --json
expect_status 2
expect_json '"ok":false'
expect_json '"what":"unknown command \"nonsense\""'

# Nouns and verbs explain themselves and suggest what was meant.
run flash
expect_status 2
expect_err "otary flash VERB"
run flash --help
expect_status 0
expect_out "extract"
run flash new --help
expect_status 0
expect_out "--bootloader FILE"
expect_out "For example:"
run help flash new
expect_status 0
expect_out "otary flash new [OPTIONS] FLASH"
run flsh show
expect_status 2
expect_error 'unknown command "flsh"' "" 'did you mean `otary flash`?'
run flash shwo x
expect_status 2
expect_error 'unknown verb "shwo" for flash' "" 'did you mean `otary flash show`?'
run flash frobnicate
expect_status 2
expect_error "" "" "flash knows new, show, extract"

# Options: by name, by letter, attached or not, before or after the operands.
run flash show --tabel-offset 1 x
expect_status 2
expect_error "unknown option --tabel-offset" "" "did you mean --table-offset?"
run flash show --table-offset
expect_status 2
expect_error "--table-offset needs an argument" "" "--table-offset OFFSET"
run flash show --table-offset=zero x
expect_status 2
expect_error '--table-offset needs a number, not "zero"' "" "0x140000"
for number in -1 +1 1e3 0x 4G 4097M 0x100000000 99999999999999999999 "1 K" ""; do
    run flash show --table-offset "$number" x
    expect_status 2
    expect_error "needs a number" "" ""
done
for number in 0x9001 36865; do
    run flash show x --table-offset="$number"
    expect_status 1
done
run flash show --color sometimes x
expect_status 2
expect_error '--color cannot be "sometimes"' "" "never|auto|always"
run flash show --json=yes x
expect_status 2
expect_error "--json takes no argument" "" ""
run flash show -z x
expect_status 2
expect_error "unknown option -z" "" "--help"
run flash show
expect_status 2
expect_error "nothing to work on" "" "usage: otary flash show [OPTIONS] FLASH"
run flash show a b
expect_status 2
expect_error 'one argument too many: "b"' "" "usage:"
run flash extract a b
expect_status 2
expect_error "not enough arguments" "" "usage: otary flash extract"
run flash show -- --json
expect_status 1
expect_error "cannot open the flash" "--json" ""
run flash new out.bin -ft"$T/absent" -s4M
expect_status 1
expect_error "cannot read the file: No such file" "$T/absent" "check the name"

# JSON: one document on stdout whatever happens, the message on stderr too.
run flash show --json "$T/absent"
expect_status 1
expect_json '{"command":"flash","verb":"show","ok":false,"exit":1,"errors":[{"code":"FILE"'
expect_err "otary: error: cannot open the flash"
run flash show --json
expect_status 2
expect_json '"exit":2'

# Colours only where they are wanted.
esc=$(printf '\033')
run flash show "$T/absent" --color=always
expect_err "${esc}[31m"
run flash show "$T/absent"
refuse_err "$esc"

# With --json there is one document, also where the words stop making sense.
run table check --flash-size huge x.csv --json
expect_status 2
expect_json '"what":"--flash-size needs a number, not \"huge\""'
run help nonsense --json
expect_status 2
expect_json '"ok":false'
run table --json
expect_status 2
expect_json '"what":"a verb is missing in front of --json"'
run image new - --json
expect_status 2
expect_json '"what":"with --json stdout carries the report"'
run --version --json
expect_status 0
expect_json '"version":"'

# On a terminal a message is folded; elsewhere each part is one line.
if command -v script >/dev/null; then
    long="$T/$(printf 'name%.0s' $(seq 30)) and a tail"
    TERM=xterm script -qc "stty cols 80; '$OTARY' update '$long' '$long' 2>&1" /dev/null >"$T/out" \
        </dev/null
    check "the place is not folded" grep -qE '^         and a tail' "$T/out"
    run update "$long" "$long"
    expect_err " and a tail"
fi

# The man page is sound, and completion completes.
if command -v groff >/dev/null; then
    check "groff complains" sh -c "! groff -man -ww -z '$OTARY_SOURCE/docs/man/otary.1' 2>&1 | grep ."
fi
if command -v bash >/dev/null; then
    completes() {
        check "completion of $1" bash -c ". '$OTARY_SOURCE/packaging/completion/otary.bash'
            COMP_WORDS=($1) COMP_CWORD=$2
            _otary
            [[ \" \${COMPREPLY[*]} \" == *\" $3 \"* ]]"
    }
    completes "otary fl" 1 flash
    completes "otary flash ex" 2 extract
    completes "otary help fl" 2 flash
    completes "otary help flash ex" 3 extract
    completes "otary flash new --boot" 3 --bootloader
    completes "otary flash show --color al" 4 always
fi

# What is checked in is what the tables say now.
run internal man
expect_status 0
check "docs/man/otary.1 is stale: run tools/cli-docs" cmp "$T/out" "$OTARY_SOURCE/docs/man/otary.1"
run internal completion
expect_status 0
check "packaging/completion/otary.bash is stale: run tools/cli-docs" \
    cmp "$T/out" "$OTARY_SOURCE/packaging/completion/otary.bash"

done_testing
