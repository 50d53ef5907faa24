/* SPDX-License-Identifier: Apache-2.0 */
/* Runs an example's app_main on a board in a file: again after every restart, as a chip does, until
 * the application has nothing more to do. FIRMWARE_FILE is where the new firmware lies. */
#include "board.h"

#include "esp_ota_ops.h"

#include <stdio.h>
#include <string.h>

void app_main(void);

static bool put_firmware(void)
{
    size_t len = 0;
    const uint8_t *bytes = board_firmware(&len);
    FILE *file = fopen(FIRMWARE_FILE, "wb");
    bool written = file != NULL && fwrite(bytes, 1, len, file) == len;
    return file != NULL && fclose(file) == 0 && written;
}

static bool run(void)
{
    for (int boots = 0; boots < 5; boots++) {
        (void)printf("--- power on: %s\n", esp_ota_get_running_partition()->label);
        app_main();
        if (!board_wants_restart()) {
            return true;
        }
        if (!board_power_cycle()) {
            return false;
        }
    }
    (void)fprintf(stderr, "restarts again and again\n");
    return false;
}

int main(void)
{
    esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
    bool fine = board_new(FIRMWARE_FILE ".flash") && put_firmware() && run();
    if (fine) {
        const esp_partition_t *running = esp_ota_get_running_partition();
        fine = strcmp(running->label, "ota_1") == 0 &&
               esp_ota_get_state_partition(running, &state) == ESP_OK && state == ESP_OTA_IMG_VALID;
    }
    board_free();
    (void)printf("%s\n", fine ? "updated and confirmed" : "FAILED");
    return fine ? 0 : 1;
}
