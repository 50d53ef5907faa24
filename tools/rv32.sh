#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles core/ and boot/ for an ESP32-C3's instruction set without an operating system, and
# refuses any symbol that the C library's mem* and str* functions do not provide. Objects, stack
# usage and call graphs stay in build/rv32 for tools/size.py.
set -eu
folder=build/rv32
flags="--specs=picolibc.specs -march=rv32imc -mabi=ilp32 -std=c11 -Os -ffreestanding
    -ffunction-sections -fdata-sections -Wall -Wextra -Werror -Iinclude -I.
    -fstack-usage -fcallgraph-info=su"

rm -rf "$folder"
mkdir -p "$folder"
for source in core/*.c boot/*.c; do
    object=$folder/$(echo "${source%.c}" | tr / -).o
    # shellcheck disable=SC2086 # a list of words
    riscv64-unknown-elf-gcc $flags -c "$source" -o "$object"
done

riscv64-unknown-elf-ld -m elf32lriscv -r -o "$folder/all.o" "$folder"/core-*.o "$folder"/boot-*.o
undefined=$(riscv64-unknown-elf-nm -u "$folder/all.o" | awk '{ print $2 }' |
    grep -Ev '^(mem|str)[a-z]+$' || true)
if [ -n "$undefined" ]; then
    for symbol in $undefined; do
        echo "rv32: undefined symbol $symbol, needed by" \
            "$(riscv64-unknown-elf-nm -A -u "$folder"/core-*.o "$folder"/boot-*.o |
                awk -v s="$symbol" '$NF == s { sub(/:.*/, "", $1); print $1 }' | tr '\n' ' ')" >&2
    done
    exit 1
fi
