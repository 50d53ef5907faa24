/* SPDX-License-Identifier: Apache-2.0 */
/* Downloads on a board whose otadata is changed by commits: begun, lost, gone on with. */
#ifndef TESTS_SUPPORT_DOWNLOAD_H
#define TESTS_SUPPORT_DOWNLOAD_H

#include "support/board.h"

#define KIB(n)           ((uint32_t)(n) << 10)
#define DOWNLOAD_OTADATA 0xd000u
#define DOWNLOAD_LINES   240u /* of the journal behind a record, where the program unit is 16 */

extern const ota_offer_t download_unknown; /* of unknown size */

/* Around one test: a board with policy otary, rollback, commits. */
int download_setup(void **state);

void download_fresh(board_t *board); /* blank otadata */

/* Continues at `label`; the offset to send from. */
uint32_t download_go_on(board_t *board, ota_update_t *update, const char *label,
                        const ota_offer_t *offer);
void download_send(ota_update_t *update, const board_image_t *image, uint32_t from, uint32_t to,
                   uint32_t chunk);
void download_lose(board_t *board); /* a reset asks nobody */

/* [0, lost) of the image into ota_1, from wherever it can go on, and then the power is gone. */
uint32_t download_until(board_t *board, const board_image_t *image, const ota_offer_t *offer,
                        uint32_t lost, uint32_t chunk);

/* The rest of it, from `expected` on; and then it is there. */
void download_complete(board_t *board, const board_image_t *image, const ota_offer_t *offer,
                       uint32_t expected);

#endif
