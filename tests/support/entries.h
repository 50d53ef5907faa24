/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of otadata, whole and blank, and two of them. */
#ifndef TESTS_SUPPORT_ENTRIES_H
#define TESTS_SUPPORT_ENTRIES_H

#include "ota/slots.h"

static inline ota_entry_t entry(uint32_t seq, uint32_t state)
{
    ota_entry_t e;
    ota_entry_blank(&e);
    e.seq = seq;
    e.state = state;
    e.crc = ota_entry_crc(seq);
    return e;
}

static inline ota_entry_t blank(void)
{
    ota_entry_t e;
    ota_entry_blank(&e);
    return e;
}

static inline ota_otadata_t otadata(ota_entry_t first, ota_entry_t second)
{
    return (ota_otadata_t){.copy = {first, second}};
}

#endif
