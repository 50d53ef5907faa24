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

# What is checked in is what the tables say now.
run internal man
expect_status 0
check "docs/man/otary.1 is stale: run tools/cli-docs" cmp "$T/out" "$OTARY_SOURCE/docs/man/otary.1"
run internal completion
expect_status 0
check "packaging/completion/otary.bash is stale: run tools/cli-docs" \
    cmp "$T/out" "$OTARY_SOURCE/packaging/completion/otary.bash"

done_testing
