/* SPDX-License-Identifier: Apache-2.0 */
#include "host/size.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

char *size_text(uint64_t bytes, char text[SIZE_TEXT])
{
    const unsigned shift = bytes >= 1u << 20 ? 20 : 10;
    const uint64_t below = bytes & ((1u << shift) - 1u);
    char decimals[16];
    if (bytes < 1u << 10) {
        (void)snprintf(text, SIZE_TEXT, "%" PRIu64 " byte%s", bytes, bytes == 1 ? "" : "s");
        return text;
    }
    if (shift == 10) {
        (void)snprintf(decimals, sizeof(decimals), ".%u", (unsigned)(below * 10 >> 10));
    } else if (bytes % 0x10000u == 0) { /* sixteenths of a MiB: four decimals say them exactly */
        (void)snprintf(decimals, sizeof(decimals), ".%04u", (unsigned)(below * 10000 >> 20));
    } else {
        (void)snprintf(decimals, sizeof(decimals), ".%03u", (unsigned)(below * 1000 >> 20));
    }
    size_t end = strlen(decimals);
    while (end > 1 && decimals[end - 1] == '0') {
        end--;
    }
    decimals[end > 1 ? end : 0] = '\0'; /* ".250" to ".25", ".000" to nothing */
    (void)snprintf(text, SIZE_TEXT, "%" PRIu64 "%s %s", bytes >> shift, decimals,
                   shift == 20 ? "MiB" : "KiB");
    return text;
}

char *size_exact(uint64_t bytes, char text[SIZE_TEXT])
{
    (void)size_text(bytes, text);
    if (bytes >= 1u << 10) {
        size_t len = strlen(text);
        (void)snprintf(text + len, SIZE_TEXT - len, " (%" PRIu64 " bytes)", bytes);
    }
    return text;
}
