/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One update from beginning to end: a board in a flash file, the five calls, the restart, the
 * confirmation. Run it, then look at what it left: otary flash show ota_notes.bin
 */
#include "board/board.h"

#include "esp_ota_ops.h"
#include "esp_system.h"

#include <stdio.h>
#include <string.h>

static void tell(const char *when)
{
    const esp_partition_t *running = esp_ota_get_running_partition();
    const esp_partition_t *next = esp_ota_get_boot_partition();
    (void)printf("%-12s runs %s (version %s), next boot: %s\n", when, running->label,
                 esp_app_get_description()->version, next != NULL ? next->label : "-");
}

static void update(const uint8_t *firmware, size_t len)
{
    esp_ota_handle_t update_handle = 0;

    /* 1. where to: asked once, and kept */
    const esp_partition_t *update_partition = esp_ota_get_next_update_partition(NULL);

    /* 2. a session; nothing is erased yet */
    ESP_ERROR_CHECK(esp_ota_begin(update_partition, OTA_WITH_SEQUENTIAL_WRITES, &update_handle));

    /* 3. the bytes, as they come from the network: in pieces of any size */
    for (size_t done = 0; done < len;) {
        size_t n = len - done < 1436 ? len - done : 1436;
        ESP_ERROR_CHECK(esp_ota_write(update_handle, firmware + done, n));
        done += n;
    }

    /* 4. complete, and a valid image */
    ESP_ERROR_CHECK(esp_ota_end(update_handle));

    /* 5. boot it next */
    ESP_ERROR_CHECK(esp_ota_set_boot_partition(update_partition));
}

int main(int argc, char **argv)
{
    if (!board_new(argc > 1 ? argv[1] : "ota_notes.bin")) {
        return 1;
    }
    tell("before:");
    size_t len = 0;
    const uint8_t *firmware = board_firmware(&len);
    update(firmware, len);
    tell("updated:");
    esp_restart();
    if (!board_wants_restart() || !board_power_cycle()) {
        return 1;
    }
    tell("restarted:");
    ESP_ERROR_CHECK(esp_ota_mark_app_valid_cancel_rollback()); /* without it the next boot is 1.0 */
    if (!board_power_cycle()) {
        return 1;
    }
    tell("confirmed:");
    bool fine = strcmp(esp_ota_get_running_partition()->label, "ota_1") == 0;
    board_free();
    return fine ? 0 : 1;
}
