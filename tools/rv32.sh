#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles core/ and boot/ for an ESP32-C3's instruction set without an operating system, and
# refuses a public symbol that does not begin with ota_, and any needed one that the C library's
# mem* and str* functions do not provide (build/rv32/plain).
# Compiles them again as a product would be built, with one copy of the code that saves registers
# (-msave-restore, ESP-IDF's COMPILER_SAVE_RESTORE_LIBCALLS): these objects, their stack usage and
# call graphs stay in build/rv32 for tools/size.py.
set -eu
folder=build/rv32
plain=$folder/plain
flags="--specs=picolibc.specs -march=rv32imc -mabi=ilp32 -std=c11 -Os -ffreestanding
    -Wall -Wextra -Werror -Iinclude -I."

rm -rf "$folder"
mkdir -p "$plain"
for source in core/*.c boot/*.c agent/*.c; do
    name=$(echo "${source%.c}" | tr / -)
    # shellcheck disable=SC2086 # a list of words
    riscv64-unknown-elf-gcc $flags -c "$source" -o "$plain/$name.o"
    # shellcheck disable=SC2086
    riscv64-unknown-elf-gcc $flags -msave-restore -ffunction-sections -fdata-sections \
        -fstack-usage -fcallgraph-info=su -c "$source" -o "$folder/$name.o"
done

riscv64-unknown-elf-ld -m elf32lriscv -r -o "$plain/all.o" "$plain"/core-*.o "$plain"/boot-*.o "$plain"/agent-*.o
# The symbols share a program with an application's and a ROM's: each begins with ota_.
foreign=$(riscv64-unknown-elf-nm --defined-only --extern-only "$plain/all.o" |
    awk '$3 !~ /^ota_/ { print $3 }')
[ -z "$foreign" ] || {
    echo "rv32: symbols that could clash with a program's own:" $foreign >&2
    exit 1
}
undefined=$(riscv64-unknown-elf-nm -u "$plain/all.o" | awk '{ print $2 }' |
    grep -Ev '^(mem|str)[a-z]+$' || true)
if [ -n "$undefined" ]; then
    for symbol in $undefined; do
        echo "rv32: undefined symbol $symbol, needed by" \
            "$(riscv64-unknown-elf-nm -A -u "$plain"/core-*.o "$plain"/boot-*.o "$plain"/agent-*.o |
                awk -v s="$symbol" '$NF == s { sub(/:.*/, "", $1); print $1 }' | tr '\n' ' ')" >&2
    done
    exit 1
fi
