#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/model.sh: verifies proofs/record.pml with Spin, every state of it, and then without one
# rule at a time: each of those must be refuted, or the model would prove nothing.
set -u
model=$PWD/proofs/record.pml
folder=build/model
rules="NO_FIRM NO_WIPE ONE_SEAL IN_PLACE NO_SPEND TRUST_BLANK VOUCH RENEW"
trials=3
failed=
total=0

# check NAME EXPECTED SPIN-OPTIONS [CLAIM]: one line; the whole of what Spin said is kept.
check()
{
    work=$folder/$1
    rm -rf "$work"
    mkdir -p "$work"
    if [ -n "${4:-}" ]; then
        compile=
        run="-a -N $4"
    else
        compile="-DSAFETY -DNOCLAIM"
        run=
    fi
    # shellcheck disable=SC2086 # lists of words
    (cd "$work" && spin -a $3 "$model" >spin.log 2>&1 &&
        gcc -O1 -w -DCOLLAPSE $compile -o pan pan.c >gcc.log 2>&1 &&
        ./pan -m20000000 $run >pan.log 2>&1)
    states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' "$work/pan.log" 2>/dev/null)
    seconds=$(sed -n 's/^pan: elapsed time \([0-9.e+]*\) seconds/\1/p' "$work/pan.log" 2>/dev/null)
    broken=$(sed -n 's/^pan:1: \(.*\) (at depth.*/\1/p' "$work/pan.log" 2>/dev/null)
    verdict=$(verdict "$work/pan.log")
    printf '  %-12s %-22s %12s states %8s s  %s %s\n' "$1" "$3" "${states:-?}" "${seconds:-?}" \
        "$verdict" "$broken"
    total=$((total + ${states:-0}))
    [ "$verdict" = "$2" ] || failed="$failed $1"
}

# A search that gave up, ran out of memory or never began holds nothing.
verdict()
{
    if grep -q 'errors: 0$' "$1" 2>/dev/null && ! grep -qE 'not completed|too small|aborted' "$1"; then
        echo holds
    elif grep -qE '^pan:1: (assertion violated|acceptance cycle)' "$1" 2>/dev/null; then
        echo refuted
    else
        echo "NO RESULT"
    fi
}

mkdir -p "$folder"
echo "model: the rules as they are"
check safety holds "-DTRIALS=$trials"
held=$total
check starts holds "-DTRIALS=1 -DCALM" starts
check tried holds "-DTRIALS=1 -DCALM" tried
echo "model: without one of them; each has to be refuted"
for rule in $rules; do
    check "$rule" refuted "-DTRIALS=$trials -D$rule"
done
[ -z "$failed" ] || {
    echo "model: not as expected:$failed (see $folder)"
    exit 1
}
echo "model: holds in all of its $held states; each of $(echo "$rules" | wc -w) rules is needed"
