/* SPDX-License-Identifier: Apache-2.0 */
/* An update as every tutorial writes it, unmodified, in C++. The five calls between the marks.
 * Every public header of the layer is included: each must compile as C++. */
#include "support/notes.h"

#include "bootloader_common.h"
#include "esp_app_desc.h"
#include "esp_app_format.h"
#include "esp_bootloader_desc.h"
#include "esp_err.h"
#include "esp_flash_partitions.h"
#include "esp_image_format.h"
#include "esp_ota_ops.h"
#include "esp_partition.h"
#include "esp_system.h"
#include "otary_compat.h"

#include <cstdio>

static const esp_partition_t *update_partition;
static esp_ota_handle_t update_handle;

static esp_err_t update(const void *data, size_t len)
{
    /* --- */
    update_partition = esp_ota_get_next_update_partition(NULL);
    esp_ota_begin(update_partition, OTA_WITH_SEQUENTIAL_WRITES, &update_handle);
    esp_ota_write(update_handle, data, len);
    esp_ota_end(update_handle);
    return esp_ota_set_boot_partition(update_partition);
    /* --- */
}

int main()
{
    const unsigned char *data = nullptr;
    size_t len = 0;
    bool fine = notes_set_up(&data, &len);
    fine = fine && update(data, len) == ESP_OK && notes_check();
    notes_tear_down();
    (void)std::printf("the five calls in C++: %s\n", fine ? "ok" : "FAILED");
    return fine ? 0 : 1;
}
