/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's ports on a virtual board: everything fails once the power is gone. */
#include "device/device.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t monotonic_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

uint32_t device_ms(const device_t *device)
{
    uint64_t passed = device->wish.now != 0 ? 0 : monotonic_ms() - device->started_ms;
    return (uint32_t)(passed + device->skipped_ms);
}

static uint32_t clock_ms(void *ctx)
{
    return device_ms(ctx);
}

static uint32_t clock_now(void *ctx)
{
    const device_t *device = ctx;
    uint64_t now = device->wish.now != 0 ? device->wish.now : (uint64_t)time(NULL);
    return (uint32_t)(now + device->skipped_ms / 1000u);
}

uint32_t device_random(device_t *device)
{
    uint64_t x = device->random_state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    device->random_state = x;
    return (uint32_t)(x >> 32);
}

static uint32_t next_random(void *ctx)
{
    return device_random(ctx);
}

/* --- store -------------------------------------------------------------------------------------
 */

static device_value_t *value_of(device_t *device, const char *key)
{
    for (size_t i = 0; i < DEVICE_KEYS; i++) {
        device_value_t *value = &device->value[i];
        if (value->key[0] == '\0' && strlen(key) < sizeof(value->key)) {
            memcpy(value->key, key, strlen(key) + 1);
        }
        if (strcmp(value->key, key) == 0) {
            return value;
        }
    }
    return NULL;
}

static ota_status_t store_read(void *ctx, const char *key, void *dst, size_t room, size_t *len)
{
    device_t *device = ctx;
    if (!device->in_memory) {
        return device->files.store.read(device->files.store.ctx, key, dst, room, len);
    }
    const device_value_t *value = value_of(device, key);
    if (value == NULL) {
        return OTA_ERR_NO_ROOM;
    }
    *len = value->len;
    if (value->len > 0) {
        memcpy(dst, value->bytes, value->len < room ? value->len : room);
    }
    return OTA_OK;
}

static ota_status_t store_write(void *ctx, const char *key, const void *src, size_t len)
{
    device_t *device = ctx;
    if (device->cut.cut) {
        return OTA_ERR_PORT;
    }
    if (!device->in_memory) {
        return device->files.store.write(device->files.store.ctx, key, src, len);
    }
    device_value_t *value = value_of(device, key);
    uint8_t *bytes = value != NULL ? realloc(value->bytes, len) : NULL;
    if (bytes == NULL) {
        return OTA_ERR_NO_ROOM;
    }
    memcpy(bytes, src, len);
    value->bytes = bytes;
    value->len = len;
    return OTA_OK;
}

void device_free_values(device_t *device)
{
    for (size_t i = 0; i < DEVICE_KEYS; i++) {
        free(device->value[i].bytes);
    }
}

/* --- HTTP: the application's network may be broken ---------------------------------------------
 */

/* What the board's network is. */
static const ota_http_t *net_of(const device_t *device)
{
    return device->wish.http != NULL ? device->wish.http : &device->http.http;
}

static ota_status_t http_start(void *ctx, const ota_http_request_t *request)
{
    device_t *device = ctx;
    const ota_http_t *net = net_of(device);
    return device->offline ? OTA_ERR_HTTP_CONNECT : net->start(net->ctx, request);
}

static ota_status_t http_head(void *ctx, uint16_t *code)
{
    const ota_http_t *net = net_of(ctx);
    return net->head(net->ctx, code);
}

static size_t http_header(void *ctx, const char *name, char *value, size_t room)
{
    const ota_http_t *net = net_of(ctx);
    return net->header(net->ctx, name, value, room);
}

static ota_status_t http_read(void *ctx, void *dst, size_t room, size_t *len, bool *end)
{
    device_t *device = ctx;
    const ota_http_t *net = net_of(device);
    ota_status_t status = net->read(net->ctx, dst, room, len, end);
    device->fetched += status == OTA_OK ? *len : 0;
    return status;
}

static void http_stop(void *ctx)
{
    const ota_http_t *net = net_of(ctx);
    net->stop(net->ctx);
}

void device_ports(device_t *device)
{
    device->started_ms = monotonic_ms();
    device->random_state = (uint64_t)device->wish.seed * 0x9E3779B97F4A7C15u + 1u;
    (void)device_random(device);
    (void)device_random(device);
    device->clock = (ota_clock_t){OTA_CLOCK_VERSION, device, clock_ms, clock_now};
    device->random = (ota_random_t){OTA_RANDOM_VERSION, device, next_random};
    device->store_port = (ota_store_t){OTA_STORE_VERSION, device, store_read, store_write};
    device->http_port = (ota_http_t){OTA_HTTP_VERSION, device,    http_start, http_head,
                                     http_header,      http_read, http_stop};
}
