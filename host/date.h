/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time as people write them: UTC, seconds since 1970, up to 2106. */
#ifndef HOST_DATE_H
#define HOST_DATE_H

#include <stdbool.h>
#include <stdint.h>

#define DATE_TEXT 32u

/* "2026-11-25 07:26 UTC". Returns text. */
char *date_text(uint32_t seconds, char text[DATE_TEXT]);

/* "2026-11-25": its last second. "30d", "12w", "2y" (365 days): so long after `from`. "never": 0.
 * False: none of these, or beyond what 32 bits hold. */
bool date_parse(const char *text, uint32_t from, uint32_t *seconds);

/* Now; or SOURCE_DATE_EPOCH, where it is set to a number, so that results can be made again. */
uint32_t date_now(void);

#endif
