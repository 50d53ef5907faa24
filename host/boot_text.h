/* SPDX-License-Identifier: Apache-2.0 */
/* Boot text: the trace of a boot as the lines of a serial console, in a sentence, as JSON. */
#ifndef HOST_BOOT_TEXT_H
#define HOST_BOOT_TEXT_H

#include "boot/boot.h"

#include <cjson/cJSON.h>

/* Gets one line without newline. level: 'I' went as wished, 'W' noteworthy, 'E' failed. */
typedef void boot_line_t(void *user, char level, const char *text);

/* Step by step: table, records, why, writes, candidates, writes, eFuse, what runs. */
void boot_log(const ota_boot_trace_t *trace, ota_status_t status, const ota_boot_config_t *config,
              boot_line_t *line, void *user);

/* "ota_1; copy 1 becomes PENDING", "a reset: nothing loads". Writes and burns included. */
void boot_summary(const ota_boot_trace_t *trace, ota_status_t status, char *text, size_t room);

/* {"booted","status","tried":[..],"why":[..],"otadata_before","otadata_after","writes",..}. The
 * caller deletes it. */
cJSON *boot_json(const ota_boot_trace_t *trace, ota_status_t status);

/* The reason as an identifier for JSON: "active", "trial", .. Constant. */
const char *boot_why_name(ota_why_t why);

/* Whose bootloader a policy is: "Espressif's bootloader", "Otary's bootloader". */
const char *boot_policy_title(ota_policy_t policy);

#endif
