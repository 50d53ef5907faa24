/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bytes.h"
#include "core/update.h"

/*
 * Bytes on their way into flash:
 *
 *   0                     programmed          accepted
 *   |------ in flash ---------|----- held ------|<---- the caller's next bytes
 *
 * held is less than one unit, or less than UPDATE_FIRST bytes while the beginning is not
 * judged yet: never more than 31 bytes.
 */

/* Of `held` and `len` further bytes, how many can be programmed now? */
static uint32_t programmable(const ota_update_t *update, uint32_t len)
{
    if (ota_update_judge_kind(update) != JUDGE_NOTHING && update->accepted + len < UPDATE_FIRST) {
        return 0;
    }
    uint32_t total = update->held + len;
    return total - total % ota_update_unit(update, &update->staging);
}

/* With a journal sector by sector: each is noted before the next one begins. */
static ota_status_t put(ota_update_t *update, uint32_t at, const uint8_t *data, uint32_t len)
{
    ota_status_t status = OTA_OK;
    for (uint32_t n; status == OTA_OK && len > 0; at += n, data += n, len -= n) {
        n = update->offer != NULL ? min_u32(len, OTA_FLASH_SECTOR - at % OTA_FLASH_SECTOR) : len;
        status = ota_update_program(update, &update->staging, at, data, n);
        if (status == OTA_OK) {
            ota_update_note(update, at, data, n);
        }
    }
    return status;
}

/* Programs the first `whole` bytes of held and data; `whole` is 0 or covers all of held. */
static ota_status_t program_stream(ota_update_t *update, const uint8_t *data, uint32_t whole)
{
    uint8_t block[sizeof(update->hold)];
    uint32_t head = update_round_up(update->held, ota_update_unit(update, &update->staging));
    uint32_t missing = head - update->held;
    memcpy(block, update->hold, update->held);
    memcpy(block + update->held, data, missing);
    ota_status_t status = put(update, update->programmed, block, head);
    if (status == OTA_OK) {
        status = put(update, update->programmed + head, data + missing, whole - head);
    }
    return status;
}

/* Erase and program what is whole, hold back the rest. Changes `held`, `programmed` and `crc` only
 * when all of it worked. */
static ota_status_t store(ota_update_t *update, const uint8_t *data, uint32_t len, uint32_t whole)
{
    if (whole > 0) {
        const uint32_t crc = update->crc;
        ota_status_t status =
            ota_update_make_room(update, &update->staging, update->programmed + whole);
        if (status == OTA_OK) {
            status = program_stream(update, data, whole);
        }
        if (status != OTA_OK) {
            update->crc = crc;
            return status;
        }
        uint32_t used = whole - update->held;
        update->programmed += whole;
        update->held = 0;
        data += used;
        len -= used;
    }
    memcpy(update->hold + update->held, data, len);
    update->held = (uint8_t)(update->held + len);
    return OTA_OK;
}

/* All or nothing: a call that fails leaves the judge where it was, and the flash such that
 * the same bytes can be programmed over it again. */
static ota_status_t stream(ota_update_t *update, const uint8_t *data, uint32_t len)
{
    const ota_image_t before = update->image;
    ota_status_t status = ota_update_judge_feed(update, update->accepted, data, len);
    if (status == OTA_OK) {
        status = store(update, data, len, programmable(update, len));
    }
    if (status != OTA_OK) {
        update->image = before;
        return status;
    }
    update->accepted += len;
    return OTA_OK;
}

/* Out of order there is no stream that could be hashed in passing, so every byte is compared
 * at once. A block that holds bytes of the stream still waiting would be programmed twice. */
static ota_status_t scatter(ota_update_t *update, uint32_t at, const uint8_t *data, uint32_t len)
{
    if (update_overlap(at, len, update->programmed, update->held)) {
        return ota_update_fail(update, OTA_ERR_STATE, at);
    }
    update->flags |= UPDATE_DOUBT;
    ota_status_t status = ota_update_make_room(update, &update->staging, at + len);
    if (status == OTA_OK) {
        status = ota_update_program(update, &update->staging, at, data, len);
    }
    if (status == OTA_OK) {
        update->scattered += len;
    }
    return status;
}

static ota_status_t take(ota_update_t *update, uint32_t at, const void *data, size_t len)
{
    if (len == 0) {
        return OTA_OK;
    }
    ota_status_t status = OTA_OK;
    if (data == NULL) {
        status = OTA_ERR_ARG;
    } else if (at > update->limit || len > update->limit - at) {
        status = update_exact(update) ? OTA_ERR_LENGTH : OTA_ERR_RANGE;
    }
    if (status != OTA_OK) {
        return ota_update_fail(update, status, at);
    }
    status = at == update->accepted ? stream(update, data, (uint32_t)len)
                                    : scatter(update, at, data, (uint32_t)len);
    if (status == OTA_OK) {
        update->flags |= UPDATE_STARTED;
    }
    return status;
}

ota_status_t ota_update_write(ota_update_t *update, const void *data, size_t len)
{
    return ota_update_open(update) ? take(update, update->accepted, data, len) : OTA_ERR_STATE;
}

ota_status_t ota_update_write_at(ota_update_t *update, uint32_t offset, const void *data,
                                 size_t len)
{
    if (!ota_update_open(update) || update->size == OTA_WITH_SEQUENTIAL_WRITES) {
        return OTA_ERR_STATE;
    }
    if ((offset | len) % ota_update_unit(update, &update->staging) != 0) {
        return ota_update_fail(update, OTA_ERR_ALIGN, offset);
    }
    return take(update, offset, data, len);
}

ota_status_t ota_update_flush(ota_update_t *update)
{
    uint8_t padding[sizeof(update->hold)];
    uint32_t whole = update_round_up(update->held, ota_update_unit(update, &update->staging));
    memset(padding, 0xFF, sizeof(padding));
    update->offer = NULL; /* the journal tells of the offer's bytes, not of padding */
    return store(update, padding, whole - update->held, whole);
}
