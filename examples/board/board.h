/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A board for the examples: a flash file with a table of two OTA slots, an old application in the
 * first, and the esp_ota calls installed on it. What a real board brings by itself.
 */
#ifndef EXAMPLES_BOARD_H
#define EXAMPLES_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes the flash file (an older one is replaced), puts version 1.0 into ota_0 and boots it, with
 * rollback on. false and a line on stderr: it cannot be made. One board a program. */
bool board_new(const char *flash_file);

/* A new application, version 2.0, as a build would produce it. The board's memory. */
const uint8_t *board_firmware(size_t *len);

/* Power off and on: the bootloader decides, its choice runs. false: nothing boots. */
bool board_power_cycle(void);

/* Has the application called esp_restart since the last power cycle? */
bool board_wants_restart(void);

/* Ends the board; the flash file stays. */
void board_free(void);

#endif
