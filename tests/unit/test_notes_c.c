/* SPDX-License-Identifier: Apache-2.0 */
/* An update as every tutorial writes it, unmodified, in C. The five calls between the marks. */
#include "support/notes.h"

#include "esp_ota_ops.h"

#include <stdio.h>

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

/* The same with a size that is not known, and every result looked at. */
static esp_err_t update_unknown_size(const unsigned char *data, size_t len)
{
    esp_ota_handle_t handle = 0;
    const esp_partition_t *target = esp_ota_get_next_update_partition(NULL);
    ESP_ERROR_CHECK(esp_ota_begin(target, OTA_SIZE_UNKNOWN, &handle));
    for (size_t done = 0; done < len; done += 1000) {
        ESP_ERROR_CHECK(esp_ota_write(handle, data + done, len - done < 1000 ? len - done : 1000));
    }
    ESP_ERROR_CHECK(esp_ota_end(handle));
    return esp_ota_set_boot_partition(target);
}

static int run(const char *what, bool known)
{
    const unsigned char *data = NULL;
    size_t len = 0;
    bool fine = notes_set_up(&data, &len);
    fine = fine && (known ? update(data, len) : update_unknown_size(data, len)) == ESP_OK &&
           notes_check();
    notes_tear_down();
    (void)printf("%s: %s\n", what, fine ? "ok" : "FAILED");
    return fine ? 0 : 1;
}

int main(void)
{
    return run("the five calls in C", true) | run("size unknown, in pieces", false);
}
