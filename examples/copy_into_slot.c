/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copy a file into the other slot and boot it: an update without a network, from an SD card for
 * instance. Everything here is ESP-IDF's API and stdio: this file builds unchanged as main.c of an
 * ESP-IDF project (mount the card before). On a host board/app_main_host.c brings the board.
 */
#include "esp_ota_ops.h"
#include "esp_system.h"

#include <stdio.h>

#ifndef FIRMWARE_FILE
#define FIRMWARE_FILE "/sdcard/firmware.bin"
#endif

void app_main(void);

static esp_err_t copy_into(const esp_partition_t *slot, FILE *file)
{
    static char piece[4096];
    esp_ota_handle_t handle = 0;
    esp_err_t err = esp_ota_begin(slot, OTA_WITH_SEQUENTIAL_WRITES, &handle);
    if (err != ESP_OK) {
        return err;
    }
    size_t n = 0;
    while (err == ESP_OK && (n = fread(piece, 1, sizeof(piece), file)) > 0) {
        err = esp_ota_write(handle, piece, n);
    }
    if (err != ESP_OK || ferror(file)) {
        (void)esp_ota_abort(handle);
        return err != ESP_OK ? err : ESP_FAIL;
    }
    return esp_ota_end(handle);
}

static esp_err_t update(void)
{
    const esp_partition_t *slot = esp_ota_get_next_update_partition(NULL);
    FILE *file = fopen(FIRMWARE_FILE, "rb");
    if (slot == NULL || file == NULL) {
        if (file != NULL) {
            (void)fclose(file);
        }
        return ESP_ERR_NOT_FOUND;
    }
    (void)printf("copying %s into %s\n", FIRMWARE_FILE, slot->label);
    esp_err_t err = copy_into(slot, file);
    (void)fclose(file);
    return err == ESP_OK ? esp_ota_set_boot_partition(slot) : err;
}

void app_main(void)
{
    esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
    const esp_partition_t *running = esp_ota_get_running_partition();
    (void)printf("running %s, version %s\n", running->label, esp_app_get_description()->version);
    if (esp_ota_get_state_partition(running, &state) == ESP_OK &&
        state == ESP_OTA_IMG_PENDING_VERIFY) {
        /* Here an application makes sure that it works: network, sensors, time. */
        (void)printf("confirming: %s\n", esp_err_to_name(esp_ota_mark_app_valid_cancel_rollback()));
        return;
    }
    esp_err_t err = update();
    (void)printf("update: %s\n", esp_err_to_name(err));
    if (err == ESP_OK) {
        esp_restart();
    }
}
