/* SPDX-License-Identifier: Apache-2.0 */
/* esp_system.h: only the restart, which ends an update. */
#ifndef OTARY_ESP_SYSTEM_H
#define OTARY_ESP_SYSTEM_H

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Calls the installed restart callback (otary_compat.h). On a chip it does not come back; on a
 * host the callback may return, and then this does. */
void esp_restart(void);

#ifdef __cplusplus
}
#endif

#endif
