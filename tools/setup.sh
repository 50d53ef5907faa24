#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that the named sets need and that are missing. Where nothing is
# missing it says nothing, asks for nothing and needs no network.
#
#   tools/setup.sh build|lint|rv32|coverage|fuzz|prove|bench ...
#   OTARY_SETUP=no tools/setup.sh ...      says what is missing, installs nothing
set -eu

packages()
{
    case $1 in
    build) echo "cmake ninja-build gcc g++ pkgconf libssl-dev libcjson-dev libcmocka-dev libcurl4-openssl-dev libmicrohttpd-dev libsqlite3-dev zlib1g-dev openssl curl python3 python3-jsonschema" ;;
    lint) echo "clang-format clang-tidy cppcheck pmccabe shellcheck python3" ;;
    rv32) echo "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf python3" ;;
    coverage) echo "gcovr" ;;
    fuzz) echo "clang libclang-rt-dev" ;;
    prove) echo "clang-19 llvm-19 libclang-rt-19-dev spin git python3" ;;
    bench) echo "nginx-light wrk" ;;
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
    prove) echo "to mutate, to count MC/DC and to run Spin" ;;
    bench) echo "to measure the server beside nginx" ;;
    esac
}

installed()
{
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'
}

# On a terminal with apt's progress, elsewhere without. A fresh machine may be updating itself:
# wait for its lock.
apt_get()
{
    [ -t 1 ] || set -- -q -o Dpkg::Use-Pty=0 "$@"
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300 "$@"
}

# The lists are empty on a fresh machine, and on another they may name versions that the mirror has
# replaced since: then apt-get says 100, and fresh lists help. Anything else is sudo's refusal.
install_missing()
{
    # shellcheck disable=SC2086 # a list of words
    if apt-get -qq --simulate --no-install-recommends install $missing >/dev/null 2>&1; then
        status=0
        apt_get install --no-install-recommends $missing || status=$?
        [ $status -eq 100 ] || return $status
    fi
    # shellcheck disable=SC2086
    apt_get update && apt_get install --no-install-recommends $missing
}

give_up()
{
    echo "setup: $1; to go on, type as root:" >&2
    echo "    apt-get update && apt-get install --no-install-recommends$missing" >&2
    exit 1
}

debian=yes
command -v dpkg-query >/dev/null || debian=
missing=
for set in "$@"; do
    listed=$(packages "$set")
    if [ -z "$debian" ]; then
        echo "setup: not a Debian system; needed $(purpose "$set") (Debian's names): $listed"
        continue
    fi
    absent=
    for package in $listed; do
        case " $missing $absent " in *" $package "*) continue ;; esac
        installed "$package" || absent="$absent $package"
    done
    [ -z "$absent" ] || echo "setup: missing $(purpose "$set"):$absent"
    missing="$missing$absent"
done
[ -n "$missing" ] || exit 0

[ "${OTARY_SETUP:-yes}" != no ] || give_up "OTARY_SETUP=no, so nothing was installed"
as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || give_up "not root, and there is no sudo"
    as_root=sudo
fi
echo "setup: installing them with ${as_root:+sudo }apt-get"
install_missing || give_up "they could not be installed"
