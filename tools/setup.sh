#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that the named sets need and that are missing. Where nothing is
# missing it says nothing, asks for nothing and needs no network.
#
#   tools/setup.sh build|lint|rv32|coverage|fuzz ...
#   OTARY_SETUP=no tools/setup.sh ...      says what is missing, installs nothing
set -eu

packages()
{
    case $1 in
    build) echo "cmake ninja-build gcc g++ pkgconf libssl-dev libcjson-dev libcmocka-dev zlib1g-dev python3" ;;
    lint) echo "clang-format clang-tidy cppcheck pmccabe shellcheck python3" ;;
    rv32) echo "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf python3" ;;
    coverage) echo "gcovr" ;;
    fuzz) echo "clang libclang-rt-dev" ;;
    *)
        echo "setup: there is no package set '$1'" >&2
        exit 2
        ;;
    esac
}

purpose()
{
    case $1 in
    build) echo "to build and to test" ;;
    lint) echo "to check the sources" ;;
    rv32) echo "to compile for a RISC-V chip and measure" ;;
    coverage) echo "to measure coverage" ;;
    fuzz) echo "to run libFuzzer" ;;
    esac
}

installed()
{
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'
}

apt_get()
{
    if [ "$(id -u)" -eq 0 ]; then
        DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"
    elif command -v sudo >/dev/null; then
        sudo DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"
    else
        echo "setup: not root and no sudo here; as root: apt-get $*" >&2
        return 1
    fi
}

# Cheap when the lists know every package already; else the lists are empty or old.
known()
{
    for package in "$@"; do
        apt-cache show --no-all-versions "$package" >/dev/null 2>&1 || return 1
    done
}

install_missing()
{
    # shellcheck disable=SC2086 # a list of words
    known $missing || apt_get update
    # shellcheck disable=SC2086
    apt_get install --no-install-recommends $missing && return
    # The lists may name versions that the mirror has replaced since.
    # shellcheck disable=SC2086
    apt_get update && apt_get install --no-install-recommends $missing
}

missing=
if ! command -v dpkg-query >/dev/null; then
    for set in "$@"; do
        echo "setup: not a Debian system; needed $(purpose "$set"): $(packages "$set")"
    done
    exit 0
fi
for set in "$@"; do
    absent=
    for package in $(packages "$set"); do
        case " $missing $absent " in *" $package "*) continue ;; esac
        installed "$package" || absent="$absent $package"
    done
    [ -z "$absent" ] || echo "setup: missing $(purpose "$set"):$absent"
    missing="$missing$absent"
done
[ -n "$missing" ] || exit 0
if [ "${OTARY_SETUP:-yes}" = no ]; then
    echo "setup: OTARY_SETUP=no, nothing installed" >&2
    exit 1
fi
echo "setup: installing them with apt-get"
install_missing
