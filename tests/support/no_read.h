/* SPDX-License-Identifier: Apache-2.0 */
/* The read call of a flash port whose every read fails and delivers nothing. */
#ifndef TESTS_SUPPORT_NO_READ_H
#define TESTS_SUPPORT_NO_READ_H

#include "ota/flash.h"

static inline ota_status_t no_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    (void)ctx, (void)addr, (void)dst, (void)len;
    return OTA_ERR_FLASH_READ;
}

#endif
