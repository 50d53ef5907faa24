# SPDX-License-Identifier: Apache-2.0
# An installation is complete: the command runs from it, and a program that knows only the
# installed files finds headers and libraries through pkg-config and through CMake.
. "$OTARY_SOURCE/tests/cli/lib.sh"

check "cmake --install" sh -c 'cmake --install "$1" --prefix "$2" >"$3"' - \
    "$OTARY_BUILD" "$T/usr" "$T/install.log"
OTARY=$T/usr/bin/otary
run --version
expect_status 0
check "the manual page" test -s "$T/usr/share/man/man1/otary.1"
check "the completion" test -s "$T/usr/share/bash-completion/completions/otary"

mkdir "$T/user"
cat >"$T/user/user.c" <<'CODE'
#include "ota/status.h"
#include "ota/table.h"
#include "ports/crypto/openssl.h"
#include "ports/flash/file.h"

int main(void)
{
    return ota_status_name(OTA_OK)[0] == 'O' && crypto_openssl.verify != 0 ? 0 : 1;
}
CODE
cat >"$T/user/CMakeLists.txt" <<'CODE'
cmake_minimum_required(VERSION 3.22)
project(user C)
find_package(otary 0.1 REQUIRED)
add_executable(user user.c)
target_link_libraries(user PRIVATE otary::core otary::port_flash_file otary::port_crypto_openssl)
add_executable(agent agent.c)
target_link_libraries(agent PRIVATE otary::agent otary::port_http_curl otary::port_store_file)
CODE
# Libraries of some presets need a runtime of their own.
runtime=
grep -q '^OTARY_SANITIZE:[A-Z]*=ON' "$OTARY_BUILD/CMakeCache.txt" &&
    runtime="-fsanitize=address,undefined"
grep -q '^OTARY_COVERAGE:[A-Z]*=ON' "$OTARY_BUILD/CMakeCache.txt" && runtime="--coverage"

PKG_CONFIG_PATH=$(dirname "$(find "$T/usr" -name otary.pc)")
export PKG_CONFIG_PATH
# shellcheck disable=SC2046,SC2086 # lists of words
check "a user through pkg-config" cc $runtime -o "$T/user/by-pkg-config" "$T/user/user.c" \
    $(pkg-config --cflags --libs otary)
check "it runs" "$T/user/by-pkg-config"
cat >"$T/user/agent.c" <<'CODE'
#include "agent/agent.h"
#include "ports/crypto/openssl.h"
#include "ports/flash/file.h"
#include "ports/http/curl.h"
#include "ports/store/file.h"

static http_curl_t http;
static store_file_t store;
static ota_agent_t agent;

/* Without a device the agent does not start, and says so: it and its ports are linked. */
int main(void)
{
    ota_agent_config_t config = {.http = &http.http, .store = &store.store};
    int good = http_curl_open(&http) == OTA_OK && store_file_start(&store, "device") == OTA_OK &&
               ota_agent_start(&agent, &config) == OTA_ERR_ARG;
    http_curl_close(&http);
    return good ? 0 : 1;
}
CODE
# shellcheck disable=SC2046,SC2086 # lists of words
check "a user of the agent through pkg-config" cc $runtime -o "$T/user/agent" "$T/user/agent.c" \
    $(pkg-config --cflags --libs otary-agent)
check "it runs" "$T/user/agent"
check "headers of the agent alone" test ! -e "$T/usr/include/otary/agent/internal.h"
check "pkg-config knows the esp-idf package" pkg-config --exists otary-esp-idf

check "a user through CMake configures" sh -c 'cmake -S "$1" -B "$1/build" -G Ninja \
    -DCMAKE_PREFIX_PATH="$2" -DCMAKE_C_FLAGS="$3" >"$1/log" 2>&1 || { cat "$1/log"; false; }' - \
    "$T/user" "$T/usr" "$runtime"
check "it builds" sh -c 'cmake --build "$1/build" >"$1/log" 2>&1 || { cat "$1/log"; false; }' - \
    "$T/user"
check "it runs" "$T/user/build/user"
check "the agent runs" "$T/user/build/agent"
done_testing
