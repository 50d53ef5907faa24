/* SPDX-License-Identifier: Apache-2.0 */
/* Flash, store, clock and random of the device: they fail where the script says. */
#include "lab/net/hostile_parts.h"

#include "ports/crypto/openssl.h"

#include <stdio.h>
#include <string.h>

/* --- flash --------------------------------------------------------------------------------- */

/* One more of a kind of call: does it fail? */
static bool fails(hostile_t *stage, uint32_t *skip, uint32_t *fail)
{
    if (*fail == 0 || (*skip > 0 && (*skip)-- > 0)) {
        return false;
    }
    (*fail)--;
    stage->faults_met = true;
    stage->result->failures++;
    return true;
}

static ota_status_t flash_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    hostile_t *stage = ctx;
    if (stage->dead) {
        return OTA_ERR_PORT;
    }
    return fails(stage, &stage->read_skip, &stage->read_fail)
               ? OTA_ERR_FLASH_READ
               : stage->nor.flash.read(stage->nor.flash.ctx, addr, dst, len);
}

/* The power goes in this operation. */
static bool cut_here(hostile_t *stage)
{
    if (stage->cut_in == 0 || --stage->cut_in > 0) {
        return false;
    }
    stage->dead = true;
    stage->result->cuts++;
    return true;
}

static ota_status_t flash_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    hostile_t *stage = ctx;
    if (stage->dead) {
        return OTA_ERR_PORT;
    }
    if (!cut_here(stage)) {
        return fails(stage, &stage->op_skip, &stage->op_fail)
                   ? OTA_ERR_FLASH_PROGRAM
                   : stage->nor.flash.program(stage->nor.flash.ctx, addr, src, len);
    }
    size_t unit = stage->nor.flash.program_unit;
    size_t done = len * stage->cut_done / 2u / unit * unit;
    if (done > 0) {
        ota_status_t torn = stage->nor.flash.program(stage->nor.flash.ctx, addr, src, done);
        (void)torn; /* nobody hears it */
    }
    return OTA_ERR_PORT;
}

static ota_status_t flash_erase(void *ctx, uint32_t addr, size_t len)
{
    hostile_t *stage = ctx;
    if (stage->dead) {
        return OTA_ERR_PORT;
    }
    if (!cut_here(stage)) {
        return fails(stage, &stage->op_skip, &stage->op_fail)
                   ? OTA_ERR_FLASH_ERASE
                   : stage->nor.flash.erase(stage->nor.flash.ctx, addr, len);
    }
    memset(stage->nor.bytes + addr, 0xFF, len * stage->cut_done / 2u);
    return OTA_ERR_PORT;
}

ota_flash_t hostile_flash(hostile_t *stage)
{
    ota_flash_t flash = stage->nor.flash;
    flash.ctx = stage;
    flash.read = flash_read;
    flash.program = flash_program;
    flash.erase = flash_erase;
    return flash;
}

/* --- store --------------------------------------------------------------------------------- */

static hostile_value_t *value_of(hostile_t *stage, const char *key)
{
    for (size_t i = 0; i < STORE_KEYS; i++) {
        hostile_value_t *value = &stage->value[i];
        if (value->key[0] == '\0') {
            (void)snprintf(value->key, sizeof(value->key), "%s", key);
        }
        if (strcmp(value->key, key) == 0) {
            return value;
        }
    }
    return NULL;
}

static ota_status_t store_read(void *ctx, const char *key, void *dst, size_t room, size_t *len)
{
    const hostile_value_t *value = value_of(ctx, key);
    *len = value != NULL ? value->len : 0;
    if (value != NULL) {
        memcpy(dst, value->bytes, value->len < room ? value->len : room);
    }
    return OTA_OK;
}

static ota_status_t store_write(void *ctx, const char *key, const void *src, size_t len)
{
    hostile_t *stage = ctx;
    hostile_value_t *value = value_of(stage, key);
    uint32_t none = 0;
    if (stage->dead || value == NULL || len > STORE_VALUE ||
        fails(stage, &none, &stage->store_fail)) {
        return OTA_ERR_PORT;
    }
    bool torn = stage->tear_in > 0 && --stage->tear_in == 0;
    memcpy(value->bytes, src, torn ? len / 2u : len);
    value->len = len;
    stage->dead = torn;
    stage->result->cuts += torn;
    return torn ? OTA_ERR_PORT : OTA_OK;
}

/* --- the rest ------------------------------------------------------------------------------ */

static uint32_t clock_ms(void *ctx)
{
    return ((hostile_t *)ctx)->ms;
}

static uint32_t clock_now(void *ctx)
{
    (void)ctx;
    return 2000;
}

static uint32_t next_random(void *ctx)
{
    hostile_t *stage = ctx;
    stage->dice = stage->dice * 1664525u + 1013904223u;
    return stage->dice >> 8;
}

static ota_status_t verify(void *ctx, const ota_signature_t *signature)
{
    const hostile_t *stage = ctx;
    return hostile_vouched(&stage->site, signature) ? OTA_OK : OTA_ERR_SIGNATURE;
}

void hostile_ports(hostile_t *stage)
{
    stage->crypto = crypto_openssl; /* its hashes need no context */
    stage->crypto.ctx = stage;
    stage->crypto.verify = verify;
    stage->flash = hostile_flash(stage);
    stage->http = hostile_http(stage);
    stage->clock = (ota_clock_t){OTA_CLOCK_VERSION, stage, clock_ms, clock_now};
    stage->random = (ota_random_t){OTA_RANDOM_VERSION, stage, next_random};
    stage->store = (ota_store_t){OTA_STORE_VERSION, stage, store_read, store_write};
}
