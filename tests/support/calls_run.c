/* SPDX-License-Identifier: Apache-2.0 */
/* One recorded sequence on our side: the device, and its steps as calls. */
#include "support/calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- ports ----------------------------------------------------------------------------------- */

/* One recorded operation is one call of Espressif's driver; with us an erase may take several
 * units. Operations are counted as the recording does: a run of adjacent erases is one. While a
 * session writes, otadata does not count (Espressif's code has seen to it at begin). */
static bool counts(const calls_run_t *run, uint32_t addr)
{
    const ota_part_t *od = calls_otadata(run);
    bool session = strncmp(run->step->word[0], "write", 5) == 0;
    return !session || od == NULL || addr < od->offset || addr >= od->offset + od->size;
}

static bool watch(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    calls_run_t *run = user;
    (void)data;
    run->result.flash_ops++;
    if (run->step != NULL && counts(run, addr)) {
        if (op != NOR_ERASE || !run->in_erase || addr != run->erase_end) {
            run->group++;
        }
        run->in_erase = op == NOR_ERASE;
        run->erase_end = addr + (uint32_t)len;
        if (run->group - 1 == run->fail_group && !run->failed) {
            run->failed = true;
            return false;
        }
    }
    for (uint32_t sector = addr >> 12; sector <= (addr + len - 1) >> 12; sector++) {
        run->dirty[sector] = true;
        if (op == NOR_ERASE) {
            run->our_erased[sector] |= run->phase;
        }
    }
    return true;
}

static ota_status_t efuse_read(void *ctx, uint32_t *version)
{
    *version = ((calls_run_t *)ctx)->efuse;
    return OTA_OK;
}

/* The recording's field has 16 bits: more cannot be burnt, and nothing happens. */
static ota_status_t efuse_raise(void *ctx, uint32_t version)
{
    calls_run_t *run = ctx;
    if (version <= 16 && version > run->efuse) {
        run->efuse = version;
    }
    return OTA_OK;
}

static void restart(void *user)
{
    ((calls_run_t *)user)->restarted = true;
}

bool calls_run_start(calls_run_t *run, const calls_data_t *data)
{
    memset(run, 0, sizeof(*run));
    run->data = data;
    run->ref = malloc(CALLS_FLASH);
    run->base = malloc(CALLS_FLASH);
    if (run->ref == NULL || run->base == NULL || nor_sim_start(&run->nor, CALLS_FLASH) != OTA_OK) {
        return false;
    }
    memset(run->ref, 0xFF, CALLS_FLASH);
    memset(run->base, 0xFF, CALLS_FLASH);
    run->nor.lenient = true;
    run->nor.watch = watch;
    run->nor.user = run;
    run->efuse_port = (ota_efuse_t){1, run, efuse_read, efuse_raise};
    return true;
}

void calls_run_stop(calls_run_t *run)
{
    otary_compat_uninstall();
    free(run->ref);
    free(run->base);
    nor_sim_stop(&run->nor);
}

/* --- looking things up ------------------------------------------------------------------------ */

const ota_part_t *calls_part(const calls_run_t *run, const char *label)
{
    size_t len = strcspn(label, "=~");
    for (unsigned i = 0; i < run->table->rows; i++) {
        const ota_part_t *row = &run->table->row[i];
        if (strlen(row->label) == len && strncmp(row->label, label, len) == 0) {
            return row;
        }
    }
    return NULL;
}

const ota_part_t *calls_part_at(const calls_run_t *run, uint32_t address)
{
    for (unsigned i = 0; i < run->table->rows; i++) {
        const ota_part_t *row = &run->table->row[i];
        if (address >= row->offset && address - row->offset < row->size) {
            return row;
        }
    }
    return NULL;
}

const ota_part_t *calls_otadata(const calls_run_t *run)
{
    for (unsigned i = 0; i < run->table->rows; i++) {
        const ota_part_t *row = &run->table->row[i];
        if (row->type == OTA_TYPE_DATA && row->subtype == OTA_SUBTYPE_OTADATA) {
            return row;
        }
    }
    return NULL;
}

uint32_t calls_hex(const char *word)
{
    return word != NULL ? (uint32_t)strtoul(word, NULL, 16) : 0;
}

calls_handle_t *calls_handle(calls_run_t *run, const char *number)
{
    unsigned long n = number != NULL ? strtoul(number, NULL, 10) : 0;
    return n > 0 && n < CALLS_HANDLES ? &run->handle[n] : NULL;
}

/* --- set-up ------------------------------------------------------------------------------------
 */

/* "E", "-", "seq:state:crc:label" or "R" and 64 hex digits. */
static bool otadata_copy(uint8_t *at, const char *text)
{
    uint32_t field[4] = {0};
    if (text == NULL || text[0] == 'E' || text[0] == '-') {
        return text != NULL;
    }
    if (text[0] == 'R') {
        return hex_decode(text + 1, at, 32) == 32;
    }
    const char *p = text;
    for (int i = 0; i < 4; i++) {
        char *end;
        field[i] = (uint32_t)strtoul(p, &end, 16);
        p = end + 1;
    }
    const ota_entry_t entry = {.seq = field[0], .state = field[1], .crc = field[2]};
    ota_entry_encode(at, &entry);
    memset(at + 4, (int)field[3], 20);
    return true;
}

static uint32_t used(const calls_table_t *table)
{
    uint32_t end = 0x10000;
    for (unsigned i = 0; i < table->rows; i++) {
        uint32_t row_end = table->row[i].offset + table->row[i].size;
        end = row_end > end ? row_end : end;
    }
    return end;
}

static bool lay_out(calls_run_t *run)
{
    const cJSON *item;
    uint8_t *flash = run->nor.bytes;
    uint32_t end = used(run->table);
    const ota_part_t *od = calls_otadata(run);
    memset(flash, 0xFF, end);
    memcpy(flash + OTA_TABLE_OFFSET, run->table->bytes, sizeof(run->table->bytes));
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(run->sequence, "img"))
    {
        const ota_part_t *part = calls_part(run, item->string);
        const calls_image_t *image = calls_image(run->data, cJSON_GetStringValue(item));
        if (part == NULL || image == NULL) {
            return false;
        }
        memcpy(flash + part->offset, image->bytes, image->len);
    }
    const cJSON *copies = cJSON_GetObjectItemCaseSensitive(run->sequence, "od");
    for (int i = 0; od != NULL && i < 2; i++) {
        if (!otadata_copy(flash + od->offset + (uint32_t)i * 0x1000u,
                          cJSON_GetStringValue(cJSON_GetArrayItem(copies, i)))) {
            return false;
        }
    }
    memcpy(run->ref, flash, end);
    memcpy(run->base, flash, end);
    return true;
}

bool calls_power_on(calls_run_t *run, uint32_t address)
{
    otary_compat_config_t *c = &run->compat.config;
    memset(c, 0, sizeof(*c));
    c->flash = &run->port;
    c->running_address = address;
    c->chip = ota_chip_by_name("esp32s3");
    c->records = &ota_records_in_place; /* what was recorded */
    c->boot.policy = OTA_POLICY_STOCK;
    c->boot.rollback = run->rollback;
    c->boot.anti_rollback = run->anti_rollback;
    c->boot.secure_version_bits = 16;
    c->efuse = run->anti_rollback ? &run->efuse_port : NULL;
    c->user = run;
    c->restart = restart;
    for (unsigned i = 0; i < CALLS_HANDLES; i++) {
        memset(&run->handle[i], 0, offsetof(calls_handle_t, stream));
    }
    run->fail_group = -1;
    return otary_compat_install(&run->compat) == ESP_OK;
}

bool calls_set_up(calls_run_t *run, const cJSON *sequence)
{
    const char *mode = json_text(sequence, "rb");
    const char *label = json_text(sequence, "run");
    run->sequence = sequence;
    run->id = (int)json_number(sequence, "id", -1);
    run->table = calls_table(run->data, json_text(sequence, "tab"));
    if (mode == NULL || label == NULL || run->table == NULL) {
        return false;
    }
    run->anti_rollback = strcmp(mode, "ar") == 0;
    run->rollback = run->anti_rollback || strcmp(mode, "on") == 0;
    run->encrypted = json_number(sequence, "fe", 0) != 0;
    run->efuse = run->ref_efuse = (uint32_t)json_number(sequence, "ef", 0);
    memset(run->ref_erased, 0, sizeof(run->ref_erased));
    memset(run->our_erased, 0, sizeof(run->our_erased));
    memset(run->dirty, 0, sizeof(run->dirty));
    run->step = NULL;
    run->index = -1;
    run->restarted = false;
    run->port = run->nor.flash;
    run->port.encrypted_unit = run->encrypted ? 16 : 0;
    const ota_part_t *running = calls_part(run, label);
    return running != NULL && lay_out(run) && calls_power_on(run, running->offset);
}
