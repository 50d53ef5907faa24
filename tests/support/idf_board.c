/* SPDX-License-Identifier: Apache-2.0 */
#include "support/idf_board.h"

#include "boot/boot.h"
#include "support/unit.h"

#define SLOT 0xB0000u

const idf_board_row_t idf_board_rows[] = {
    {"nvs", OTA_TYPE_DATA, OTA_SUBTYPE_NVS, 0x9000, 0x4000, 0},
    {"otadata", OTA_TYPE_DATA, OTA_SUBTYPE_OTADATA, 0xD000, 0x2000, 0},
    {"phy_init", OTA_TYPE_DATA, OTA_SUBTYPE_PHY, 0xF000, 0x1000, 0},
    {"factory", OTA_TYPE_APP, OTA_SUBTYPE_FACTORY, 0x10000, SLOT, 0},
    {"ota_0", OTA_TYPE_APP, OTA_SUBTYPE_OTA_0, 0x10000 + SLOT, SLOT, 0},
    {"ota_1", OTA_TYPE_APP, OTA_SUBTYPE_OTA_0 + 1, 0x10000 + 2 * SLOT, SLOT, 0},
    {"test", OTA_TYPE_APP, OTA_SUBTYPE_TEST, 0x10000 + 3 * SLOT, SLOT, 0},
};
const unsigned idf_board_row_count = sizeof(idf_board_rows) / sizeof(idf_board_rows[0]);

static ota_status_t efuse_read(void *ctx, uint32_t *version)
{
    *version = ((idf_board_t *)ctx)->efuse;
    return OTA_OK;
}

static ota_status_t efuse_raise(void *ctx, uint32_t version)
{
    ((idf_board_t *)ctx)->efuse = version;
    return OTA_OK;
}

static void restart(void *user)
{
    ((idf_board_t *)user)->restarts++;
}

static const void *map(void *user, uint32_t address, size_t len)
{
    (void)len;
    return ((idf_board_t *)user)->nor.bytes + address;
}

static void write_table(uint8_t *at, const idf_board_row_t *rows, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        ota_part_t part = {.type = rows[i].type,
                           .subtype = rows[i].subtype,
                           .offset = rows[i].offset,
                           .size = rows[i].size,
                           .flags = rows[i].flags};
        memcpy(part.label, rows[i].label, strlen(rows[i].label));
        ota_table_encode(at + i * OTA_TABLE_ENTRY, &part);
    }
    ota_table_encode_md5(at + count * OTA_TABLE_ENTRY, at, count);
}

void idf_board_start(idf_board_t *board, const idf_board_row_t *rows, unsigned count)
{
    memset(board, 0, sizeof(*board));
    assert_int_equal(nor_sim_start(&board->nor, IDF_BOARD_FLASH), OTA_OK);
    write_table(board->nor.bytes + OTA_TABLE_OFFSET, rows, count);
    board->efuse_port = (ota_efuse_t){1, board, efuse_read, efuse_raise};
    otary_compat_config_t *c = &board->compat.config;
    c->flash = &board->nor.flash;
    c->chip = ota_chip_by_name("esp32s3");
    c->user = board;
    c->restart = restart;
    c->map = map;
}

void idf_board_stop(idf_board_t *board)
{
    otary_compat_uninstall();
    nor_sim_stop(&board->nor);
}

/* The table's place of a label, read from flash: there may be nothing installed yet. */
static ota_region_t place(const idf_board_t *board, const char *label)
{
    ota_table_t table;
    ota_part_t part;
    ota_fault_t fault;
    uint32_t index = 0;
    assert_int_equal(ota_table_open_boot(&table, board->nor.bytes + OTA_TABLE_OFFSET,
                                         OTA_TABLE_SIZE, IDF_BOARD_FLASH, &fault),
                     OTA_OK);
    assert_int_equal(ota_table_find(&table, &index, OTA_ANY, OTA_ANY, label, &part), OTA_OK);
    return (ota_region_t){part.offset, part.size};
}

void idf_board_image(idf_board_t *board, const char *label, const char *version, uint32_t size,
                     uint32_t secure_version)
{
    image_wish_t wish;
    image_bytes_t image;
    ota_region_t where = place(board, label);
    image_wish_default(&wish);
    wish.chip = ota_chip_by_name("esp32s3");
    wish.address = where.offset;
    wish.size = size;
    wish.version = version;
    wish.secure_version = secure_version;
    assert_int_equal(image_build(&wish, &image), OTA_OK);
    memset(board->nor.bytes + where.offset, 0xFF, where.size);
    memcpy(board->nor.bytes + where.offset, image.bytes, image.len);
    image_free(&image);
}

void idf_board_run(idf_board_t *board, const char *label)
{
    board->compat.config.records = &ota_records_in_place;
    board->compat.config.running_address = place(board, label).offset + 0x20;
    board->compat.config.efuse =
        board->compat.config.boot.anti_rollback ? &board->efuse_port : NULL;
    assert_int_equal(otary_compat_install(&board->compat), ESP_OK);
}

static const char *label_at(uint32_t address)
{
    esp_partition_iterator_t it =
        esp_partition_find(ESP_PARTITION_TYPE_APP, ESP_PARTITION_SUBTYPE_ANY, NULL);
    const char *label = "";
    for (; it != NULL; it = esp_partition_next(it)) {
        if (esp_partition_get(it)->address == address) {
            label = esp_partition_get(it)->label;
        }
    }
    return label;
}

const char *idf_board_boot(idf_board_t *board)
{
    static uint8_t table[OTA_TABLE_SIZE];
    static uint8_t buffer[4096];
    ota_boot_config_t config = board->compat.config.boot;
    ota_boot_verifier_t verifier = {
        .flash = &board->nor.flash,
        .rules = {.kind = OTA_IMAGE_APP, .chip = board->compat.config.chip},
        .buffer = buffer,
        .buffer_len = sizeof(buffer),
    };
    config.policy = OTA_POLICY_STOCK;
    const ota_machine_t machine = {
        .flash = &board->nor.flash,
        .table_buffer = table,
        .config = &config,
        .efuse = config.anti_rollback ? &board->efuse_port : NULL,
        .factory_pin = board->factory_pin,
        .test_pin = board->test_pin,
        .ctx = &verifier,
        .load = ota_boot_verify,
    };
    ota_boot_trace_t trace;
    if (ota_boot_run(&machine, &trace) != OTA_OK) {
        return "";
    }
    ota_region_t where = ota_layout_region(&trace.layout, trace.booted);
    board->compat.config.running_address = where.offset;
    assert_int_equal(otary_compat_install(&board->compat), ESP_OK);
    return label_at(where.offset);
}

const esp_partition_t *idf_board_part(const char *label)
{
    return esp_partition_find_first(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_ANY, label);
}

void idf_board_update(idf_board_t *board, const esp_partition_t *target, size_t size, bool select)
{
    const esp_partition_t *running = esp_ota_get_running_partition();
    const esp_partition_pos_t where = {running->address, running->size};
    esp_image_metadata_t data;
    esp_ota_handle_t handle = 0;
    assert_int_equal(esp_image_verify(ESP_IMAGE_VERIFY, &where, &data), ESP_OK);
    assert_int_equal(esp_ota_begin(target, size, &handle), ESP_OK);
    for (uint32_t done = 0; done < data.image_len; done += 4096) {
        uint32_t n = data.image_len - done < 4096 ? data.image_len - done : 4096;
        assert_int_equal(esp_ota_write(handle, board->nor.bytes + running->address + done, n),
                         ESP_OK);
    }
    assert_int_equal(esp_ota_end(handle), ESP_OK);
    if (select) {
        assert_int_equal(esp_ota_set_boot_partition(target), ESP_OK);
    }
}
