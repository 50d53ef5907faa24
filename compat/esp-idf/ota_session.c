/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions: handles over ota_update_t. */
#include "context.h"

#include <string.h>

static otary_compat_session_t *find_session(otary_compat_t *c, esp_ota_handle_t handle)
{
    for (size_t i = 0; c != NULL && handle != 0 && i < OTARY_COMPAT_SESSIONS; i++) {
        if (c->session[i].handle == handle) {
            return &c->session[i];
        }
    }
    return NULL;
}

/* A session knows no reasons but these: a table that is none is refused like an image that is none.
 */
static esp_err_t session_code(ota_status_t status)
{
    bool table = status <= OTA_ERR_TABLE_EMPTY && status >= OTA_ERR_TABLE_RANGE;
    return table ? ESP_ERR_OTA_VALIDATE_FAILED : otary_compat_code(status);
}

static otary_compat_session_t *free_session(otary_compat_t *c)
{
    for (size_t i = 0; i < OTARY_COMPAT_SESSIONS; i++) {
        if (c->session[i].handle == 0) {
            memset(&c->session[i], 0, sizeof(c->session[i]));
            return &c->session[i];
        }
    }
    return NULL;
}

/* Numbers count up and are never given twice; after 2^32 sessions there are no more. */
static esp_err_t take_handle(otary_compat_t *c, esp_ota_handle_t *handle)
{
    if (c->last_handle == UINT32_MAX) {
        return ESP_ERR_NO_MEM;
    }
    *handle = ++c->last_handle;
    return ESP_OK;
}

/* What both ways of opening ask first; on ESP_OK *target is core's view of the partition. */
static esp_err_t check_target(const esp_partition_t *partition, ota_part_t *target)
{
    const esp_partition_t *entry = esp_partition_verify(partition);
    if (entry == NULL) {
        return ESP_ERR_NOT_FOUND;
    }
    if (entry->type == ESP_PARTITION_TYPE_APP && !compat_is_slot(entry)) {
        return ESP_ERR_INVALID_ARG;
    }
    if (entry->flash_chip != esp_flash_default_chip) {
        return ESP_ERR_NOT_SUPPORTED;
    }
    compat_part(target, entry);
    return ESP_OK;
}

/* A size that no partition has stays one, so that it is refused. */
static uint32_t core_size(size_t image_size)
{
    if (image_size == 0 || image_size == OTA_SIZE_UNKNOWN) {
        return OTA_SIZE_UNKNOWN;
    }
    return image_size < OTA_SIZE_UNKNOWN ? (uint32_t)image_size : OTA_WITH_SEQUENTIAL_WRITES - 1u;
}

/* ESP-IDF has counted by the time it fails with these. */
static bool counts(ota_status_t status)
{
    return status == OTA_OK || status == OTA_ERR_RANGE || status == OTA_ERR_READ_ONLY;
}

/* How both ways of opening end: with a handle given out, or with nothing left open. */
static esp_err_t conclude(otary_compat_session_t *s, esp_err_t err, esp_ota_handle_t handle,
                          esp_ota_handle_t *out_handle)
{
    if (err != ESP_OK) {
        ota_update_abort(&s->update);
        return err;
    }
    s->sequential = s->update.size == OTA_WITH_SEQUENTIAL_WRITES;
    s->handle = handle;
    *out_handle = handle;
    return ESP_OK;
}

static esp_err_t begin(otary_compat_t *c, const ota_part_t *target, uint32_t size,
                       esp_ota_handle_t *out_handle)
{
    otary_compat_session_t *s = free_session(c);
    esp_ota_handle_t handle = 0;
    if (s == NULL) {
        return ESP_ERR_NO_MEM;
    }
    ota_status_t status =
        ota_update_begin(&s->update, &c->device, target, size, OTA_UPDATE_SIZE_HINT);
    if (status == OTA_ERR_RANGE && (target->flags & OTA_PART_READONLY) != 0) {
        status = OTA_ERR_READ_ONLY; /* ESP-IDF's order */
    }
    esp_err_t err = counts(status) ? take_handle(c, &handle) : ESP_OK;
    err = err == ESP_OK ? otary_compat_code(status) : err;
    return conclude(s, err, handle, out_handle);
}

esp_err_t esp_ota_begin(const esp_partition_t *partition, size_t image_size,
                        esp_ota_handle_t *out_handle)
{
    otary_compat_t *c = compat_ready();
    if (partition == NULL || out_handle == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    ota_part_t target;
    esp_err_t err = check_target(partition, &target);
    if (err != ESP_OK) {
        return err;
    }
    return begin(c, &target, core_size(image_size), out_handle);
}

/*
 * Core may go on earlier than asked, at the start of a sector that has to be erased again. The
 * caller sends from image_offset all the same: what lies between is saved and written back.
 */
static ota_status_t catch_up(otary_compat_t *c, otary_compat_session_t *s, uint32_t from,
                             uint32_t to)
{
    uint32_t len = to - from;
    if (len == 0) {
        return OTA_OK;
    }
    if (len > sizeof(c->buffer)) {
        return OTA_ERR_RESUME;
    }
    ota_status_t status =
        ota_flash_read(&c->guard, s->update.staging.offset + from, c->buffer, len);
    return status == OTA_OK ? ota_update_write(&s->update, c->buffer, len) : status;
}

static esp_err_t resume(otary_compat_t *c, const ota_part_t *target, uint32_t size,
                        uint32_t image_offset, esp_ota_handle_t *out_handle)
{
    otary_compat_session_t *s = free_session(c);
    esp_ota_handle_t handle = 0;
    if (s == NULL) {
        return ESP_ERR_NO_MEM;
    }
    uint32_t from = image_offset;
    ota_status_t status =
        ota_update_resume(&s->update, &c->device, target, size, OTA_UPDATE_SIZE_HINT, &from);
    if (status == OTA_OK) {
        status = catch_up(c, s, from, image_offset);
    }
    esp_err_t err = status == OTA_OK ? take_handle(c, &handle) : otary_compat_code(status);
    s->start = image_offset;
    return conclude(s, err, handle, out_handle);
}

esp_err_t esp_ota_resume(const esp_partition_t *partition, size_t erase_size, size_t image_offset,
                         esp_ota_handle_t *out_handle)
{
    otary_compat_t *c = compat_ready();
    if (partition == NULL || out_handle == NULL || image_offset > partition->size) {
        return ESP_ERR_INVALID_ARG;
    }
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    ota_part_t target;
    esp_err_t err = check_target(partition, &target);
    if (err != ESP_OK) {
        return err;
    }
    bool sequential = erase_size == OTA_WITH_SEQUENTIAL_WRITES;
    return resume(c, &target, sequential ? OTA_WITH_SEQUENTIAL_WRITES : OTA_SIZE_UNKNOWN,
                  (uint32_t)image_offset, out_handle);
}

/* The session may hold a final partition already, and keeps it if this one is refused. */
static esp_err_t set_final(otary_compat_session_t *s, const ota_part_t *part, bool copy)
{
    const ota_part_t before = s->final_part;
    s->final_part = *part;
    ota_status_t status = ota_update_set_final(&s->update, &s->final_part, copy);
    if (status != OTA_OK) {
        s->final_part = before;
    }
    return otary_compat_code(status);
}

esp_err_t esp_ota_set_final_partition(esp_ota_handle_t handle, const esp_partition_t *final,
                                      bool finalize_with_copy)
{
    otary_compat_session_t *s = find_session(compat_ready(), handle);
    if (final == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (s == NULL) {
        return ESP_ERR_NOT_FOUND;
    }
    if (ota_update_written(&s->update) > s->start) {
        return ESP_ERR_INVALID_STATE;
    }
    const esp_partition_t *entry = esp_partition_verify(final);
    if (entry == NULL) {
        return ESP_ERR_NOT_FOUND;
    }
    ota_part_t part;
    compat_part(&part, entry);
    if (ota_part_equal(&part, &s->update.staging)) {
        return ESP_OK;
    }
    return set_final(s, &part, finalize_with_copy);
}

esp_err_t esp_ota_write(esp_ota_handle_t handle, const void *data, size_t size)
{
    otary_compat_session_t *s = find_session(compat_ready(), handle);
    if (data == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (size == 0) {
        return ESP_OK;
    }
    if (s == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    return session_code(ota_update_write(&s->update, data, size));
}

esp_err_t esp_ota_write_with_offset(esp_ota_handle_t handle, const void *data, size_t size,
                                    uint32_t offset)
{
    const otary_compat_t *c = compat_ready();
    otary_compat_session_t *s = find_session(compat_ready(), handle);
    if (data == NULL || s == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (s->sequential) {
        return ESP_ERR_INVALID_STATE;
    }
    uint32_t block = c->config.flash->encrypted_unit;
    if ((block != 0 && size % block != 0) || offset > s->update.staging.size) {
        return ESP_ERR_INVALID_ARG;
    }
    if (size > s->update.staging.size - offset) {
        return ESP_ERR_INVALID_SIZE;
    }
    return session_code(ota_update_write_at(&s->update, offset, data, size));
}

esp_err_t esp_ota_end(esp_ota_handle_t handle)
{
    otary_compat_session_t *s = find_session(compat_ready(), handle);
    if (s == NULL) {
        return ESP_ERR_NOT_FOUND;
    }
    uint32_t programmed = s->update.programmed;
    bool holding = s->update.held > 0;
    ota_status_t status = ota_update_finish(&s->update);
    s->handle = 0;
    if (holding && s->update.programmed == programmed &&
        otary_compat_code(status) == ESP_ERR_FLASH_OP_FAIL) {
        return ESP_ERR_INVALID_STATE; /* the held back bytes did not get to flash */
    }
    return session_code(status);
}

esp_err_t esp_ota_abort(esp_ota_handle_t handle)
{
    otary_compat_session_t *s = find_session(compat_ready(), handle);
    if (s == NULL) {
        return ESP_ERR_NOT_FOUND;
    }
    ota_update_abort(&s->update);
    s->handle = 0;
    return ESP_OK;
}
