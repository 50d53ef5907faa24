/* SPDX-License-Identifier: Apache-2.0 */
/* Rollback: confirming, rejecting, states, and forgetting the app before this one. */
#include "context.h"

#include "esp_system.h"

/* "otadata does not name the running app" is ESP_FAIL in this family of calls. */
static esp_err_t mark_code(ota_status_t status)
{
    if (status == OTA_ERR_NO_RECORD || status == OTA_ERR_NO_CHOICE || status == OTA_ERR_NO_SLOTS) {
        return ESP_FAIL;
    }
    return status == OTA_ERR_IMAGE_DESCRIPTOR ? ESP_ERR_NOT_FOUND : otary_compat_code(status);
}

/* Is any record in force? Without one there is nothing to go back from. */
static bool in_force(const otary_compat_t *c)
{
    ota_otadata_t od;
    return ota_otadata_read(&c->guard, c->device.layout.otadata, &od) == OTA_OK &&
           ota_otadata_active(&od) >= 0;
}

esp_err_t esp_ota_mark_app_valid_cancel_rollback(void)
{
    otary_compat_t *c = compat_ready();
    return c != NULL ? mark_code(ota_device_confirm(&c->device)) : ESP_ERR_INVALID_STATE;
}

esp_err_t esp_ota_mark_app_invalid_rollback(void)
{
    otary_compat_t *c = compat_ready();
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    if (c->device.layout.otadata.size != 0 && !in_force(c)) {
        return ESP_FAIL;
    }
    return mark_code(ota_device_reject(&c->device));
}

esp_err_t esp_ota_mark_app_invalid_rollback_and_reboot(void)
{
    esp_err_t err = esp_ota_mark_app_invalid_rollback();
    if (err == ESP_OK) {
        esp_restart();
    }
    return err;
}

bool esp_ota_check_rollback_is_possible(void)
{
    const otary_compat_t *c = compat_ready();
    return c != NULL && in_force(c) && ota_device_can_reject(&c->device, NULL) == OTA_OK;
}

const esp_partition_t *esp_ota_get_last_invalid_partition(void)
{
    const otary_compat_t *c = compat_ready();
    ota_slot_t slot;
    if (c == NULL || ota_device_last_rejected(&c->device, &slot) != OTA_OK) {
        return NULL;
    }
    return compat_slot_partition(c, slot);
}

esp_err_t esp_ota_get_state_partition(const esp_partition_t *partition,
                                      esp_ota_img_states_t *ota_state)
{
    const otary_compat_t *c = compat_ready();
    if (partition == NULL || ota_state == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (!compat_is_slot(partition)) {
        return ESP_ERR_NOT_SUPPORTED;
    }
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    uint32_t state;
    ota_status_t status = ota_device_state(&c->device, compat_partition_slot(partition), &state);
    if (status == OTA_OK) {
        *ota_state = (esp_ota_img_states_t)state;
    }
    return otary_compat_code(status);
}

/* --- the app before this one ---------------------------------------------------------------- */

/* ESP_FAIL if there is none that may be forgotten. */
static esp_err_t previous_app(const otary_compat_t *c, ota_slot_t *slot,
                              const esp_partition_t **app)
{
    if (c->device.layout.boot_count == 0 || ota_device_previous(&c->device, slot) != OTA_OK) {
        return ESP_FAIL;
    }
    *app = compat_slot_partition(c, *slot);
    return *app == NULL || *app == c->running ? ESP_FAIL : ESP_OK;
}

esp_err_t esp_ota_invalidate_inactive_ota_data_slot(void)
{
    otary_compat_t *c = compat_ready();
    const esp_partition_t *app;
    ota_slot_t slot;
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    esp_err_t err = previous_app(c, &slot, &app);
    return err == ESP_OK ? otary_compat_code(ota_device_forget(&c->device, slot)) : err;
}

/* The record first: a cut in between then leaves no record that names an erased slot. */
esp_err_t esp_ota_erase_last_boot_app_partition(void)
{
    otary_compat_t *c = compat_ready();
    const esp_partition_t *app;
    ota_slot_t slot;
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    esp_err_t err = previous_app(c, &slot, &app);
    if (err == ESP_OK && app->readonly) {
        return ESP_ERR_NOT_ALLOWED;
    }
    if (err == ESP_OK) {
        err = otary_compat_code(ota_device_forget(&c->device, slot));
    }
    return err == ESP_OK ? esp_partition_erase_range(app, 0, app->size) : err;
}
