/* SPDX-License-Identifier: Apache-2.0 */
#include "support/download.h"

#include "core/bytes.h"
#include "support/unit.h"

const ota_offer_t download_unknown = {.id = "sixteen bytes id", .size = OTA_SIZE_UNKNOWN};

int download_setup(void **state)
{
    (void)board_setup(state);
    board_t *board = *state;
    board->device.records = NULL;
    board->device.boot = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .rollback = true};
    return 0;
}

uint32_t download_go_on(board_t *board, ota_update_t *update, const char *label,
                        const ota_offer_t *offer)
{
    uint32_t offset = 99;
    ota_part_t part = board_part(board, label);
    assert_int_equal(ota_update_continue(update, &board->device, &part, offer, 0, &offset), OTA_OK);
    assert_int_equal(ota_update_written(update), offset);
    return offset;
}

void download_send(ota_update_t *update, const board_image_t *image, uint32_t from, uint32_t to,
                   uint32_t chunk)
{
    for (uint32_t at = from, n; at < to; at += n) {
        n = min_u32(chunk, to - at);
        assert_int_equal(ota_update_write(update, image->bytes + at, n), OTA_OK);
    }
}

void download_lose(board_t *board)
{
    board->device.sessions = NULL;
}

uint32_t download_until(board_t *board, const board_image_t *image, const ota_offer_t *offer,
                        uint32_t lost, uint32_t chunk)
{
    ota_update_t update;
    uint32_t offset = download_go_on(board, &update, "ota_1", offer);
    download_send(&update, image, min_u32(offset, lost), lost, chunk);
    download_lose(board);
    return offset;
}

void download_complete(board_t *board, const board_image_t *image, const ota_offer_t *offer,
                       uint32_t expected)
{
    ota_update_t update;
    uint32_t offset = download_go_on(board, &update, "ota_1", offer);
    assert_int_equal(offset, expected);
    download_send(&update, image, offset, image->len, 1000);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_true(board_holds(board, "ota_1", image));
    assert_null(board->device.sessions);
}

void download_fresh(board_t *board)
{
    memset(board->nor.bytes + DOWNLOAD_OTADATA, 0xFF, OTA_OTADATA_SIZE);
}
