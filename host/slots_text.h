/* SPDX-License-Identifier: Apache-2.0 */
/* Slots text: otadata in words and as JSON. */
#ifndef HOST_SLOTS_TEXT_H
#define HOST_SLOTS_TEXT_H

#include "ota/commit.h"

#include <cjson/cJSON.h>

/* "NEW", .. "UNDEFINED"; "state 0x00000055" is written as "unknown". Constant. */
const char *slots_state_name(uint32_t state);

/* "new: not booted yet", "on trial: booted, not confirmed", .. Constant. */
const char *slots_state_words(uint32_t state);

/* The number of a state's name, upper or lower case; false: no such name. */
bool slots_state_parse(const char *name, uint32_t *state);

/* One copy: "ota_1, sequence 2, VALID (confirmed)", "blank", "damaged: sequence 2 with CRC ..". */
void slots_entry_text(const ota_entry_t *entry, uint8_t count, char *text, size_t room);

/* A record, in words: "ota_1, on trial with 2 of 3 boots left, else ota_0". */
void slots_record_text(const ota_record_t *record, char *text, size_t room);

/* What the bootloader and the calls of this device hold to be in force, where Otary's record says
 * it; false: no sector has one, and *text is empty. */
bool slots_in_force_text(const ota_otadata_t *od, const ota_boot_config_t *config, uint8_t count,
                         char *text, size_t room);

/* The same as JSON: {"sector","slot","fallback","refused","writing","trial","left","states",
 * "words"}; null where there is none. The caller deletes it. */
cJSON *slots_in_force_json(const ota_otadata_t *od, const ota_boot_config_t *config, uint8_t count);

/* Which copy a stock bootloader takes, and why: one sentence. */
void slots_winner_text(const ota_otadata_t *od, uint8_t count, char *text, size_t room);

/* [{"copy","slot","seq","state","state_value","crc_ok","valid","in_force","words"}, ..]. The
 * caller deletes it. */
cJSON *slots_json(const ota_otadata_t *od, uint8_t count);

#endif
