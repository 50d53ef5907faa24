/* SPDX-License-Identifier: Apache-2.0 */
/* The user's table and images, judged as a device would before anything is run. */
#include "cli/flash_open.h"
#include "cli/lab_run.h"
#include "cli/table_file.h"
#include "host/flash_image.h"
#include "host/image_info.h"
#include "host/size.h"

#include <string.h>

/* --- the table ------------------------------------------------------------------------------ */

static bool table_of_flash(cli_t *cli, lab_input_t *input, cli_bytes_t *table, uint32_t *size)
{
    flash_image_t *image = cli_allocate(cli, sizeof(*image));
    input->table_path = cli_text(cli, "flash");
    if (!cli_flash_open(cli, input->table_path, false, image)) {
        return false;
    }
    uint8_t *bytes = cli_allocate(cli, OTA_TABLE_SIZE);
    memcpy(bytes, image->table_bytes, OTA_TABLE_SIZE);
    *table = (cli_bytes_t){bytes, OTA_TABLE_SIZE};
    *size = image->file.flash.size;
    flash_image_close(image);
    return true;
}

static bool read_table(cli_t *cli, lab_input_t *input, cli_bytes_t *table, uint32_t *size)
{
    bool flash = cli_given(cli, "flash");
    *size = cli_number(cli, "flash-size");
    if (flash == cli_given(cli, "table")) {
        (void)cli_misuse(cli, flash ? "both --table and --flash" : "no partition table",
                         "give one of --table partitions.csv and --flash device.bin");
        return false;
    }
    if (flash) {
        return table_of_flash(cli, input, table, size);
    }
    input->table_path = cli_text(cli, "table");
    return cli_table_read(cli, input->table_path, cli_number(cli, "table-offset"), table);
}

static bool refuse_table(cli_t *cli, const lab_input_t *input, ota_status_t status,
                         const char *what)
{
    (void)cli_refuse(cli, ota_status_name(status), what, input->table_path,
                     cli_format(cli,
                                "`otary table suggest %s` ranks the tables that can be updated; a "
                                "new table is flashed by cable once",
                                input->new_path));
    return false;
}

/* Where the choice is recorded. */
static bool judge_otadata(cli_t *cli, const lab_input_t *input)
{
    uint32_t size = input->flash.layout.otadata.size;
    if (size == 0) {
        return refuse_table(cli, input, OTA_ERR_NO_OTADATA,
                            "the table has no otadata: nothing can record which slot boots");
    }
    if (size < OTA_OTADATA_SIZE) {
        return refuse_table(cli, input, OTA_ERR_OTADATA_SIZE,
                            "otadata is smaller than its two sectors");
    }
    return true;
}

/* Something to run from, something to update, and a place for the choice. */
static bool judge_table(cli_t *cli, lab_input_t *input)
{
    const ota_layout_t *layout = &input->flash.layout;
    bool factory = layout->factory.size != 0;
    if (layout->app_count == 0 || layout->boot_count == 0) {
        return refuse_table(cli, input, OTA_ERR_NO_SLOTS,
                            "the table has no OTA slot: it cannot be updated");
    }
    if (layout->app_count < 2 && !factory) {
        return refuse_table(cli, input, OTA_ERR_ONLY_SLOT,
                            "the table's only app partition is an OTA slot, and that is what runs: "
                            "there is nothing to update into");
    }
    input->home = factory && layout->app_count < 2 ? OTA_SLOT_FACTORY : 0;
    if (ota_layout_next(layout, input->home, &input->target) != OTA_OK ||
        ota_layout_region(layout, input->home).size == 0) {
        return refuse_table(cli, input, OTA_ERR_SLOT_UNREACHABLE,
                            "the numbers of the OTA slots have a hole at the beginning");
    }
    return judge_otadata(cli, input);
}

/* --- the images --------------------------------------------------------------------------------
 */

static const char *words_of(cli_t *cli, const cli_bytes_t *image)
{
    image_info_t *info = cli_allocate(cli, sizeof(*info));
    image_info_read(image->bytes, image->len, info);
    return cli_format(cli, "%s, %s %s, %s", info->chip != NULL ? info->chip->name : "unknown chip",
                      info->has_app_desc ? info->app.project : "no descriptor",
                      info->has_app_desc ? info->app.version : "", cli_bytes(cli, image->len));
}

static bool place(cli_t *cli, lab_input_t *input, ota_slot_t slot, const cli_bytes_t *image,
                  const char *path)
{
    ota_fault_t fault = {0};
    ota_region_t where = ota_layout_region(&input->flash.layout, slot);
    ota_status_t status = flash_build_app(&input->flash, slot, image->bytes, image->len, &fault);
    if (status == OTA_OK) {
        return true;
    }
    if (image->len > where.size) {
        char needs[SIZE_TEXT];
        char room[SIZE_TEXT];
        (void)cli_refuse(
            cli, ota_status_name(OTA_ERR_IMAGE_TOO_BIG),
            cli_format(cli, "the firmware is larger than its slot: it has %s, %s has %s",
                       size_exact(image->len, needs), slot_name(slot),
                       size_exact(where.size, room)),
            path, cli_format(cli, "`otary table suggest %s` ranks the tables that fit", path));
        return false;
    }
    (void)cli_status(cli, status, &fault, cli_format(cli, "%s for %s", path, slot_name(slot)));
    return false;
}

static bool read_images(cli_t *cli, lab_input_t *input)
{
    input->old_path = cli_text(cli, "from");
    input->new_path = cli_text(cli, "to");
    if (input->old_path == NULL || input->new_path == NULL) {
        (void)cli_misuse(cli, "two images are needed",
                         "add --from old.bin --to new.bin (they may be the same file)");
        return false;
    }
    return cli_read(cli, input->old_path, CLI_FILE_MAX, &input->old_image) &&
           cli_read(cli, input->new_path, CLI_FILE_MAX, &input->new_image);
}

/* --- all of it -----------------------------------------------------------------------------------
 */

static uint32_t chip_size(const lab_input_t *input, const cli_bytes_t *table, uint32_t given)
{
    ota_fault_t fault;
    ota_table_t opened;
    uint32_t size = given;
    if (size == 0 &&
        ota_table_open_boot(&opened, table->bytes, table->len, UINT32_MAX, &fault) == OTA_OK) {
        uint32_t old = image_flash_size(input->old_image.bytes, input->old_image.len);
        uint32_t new = image_flash_size(input->new_image.bytes, input->new_image.len);
        size = flash_size_for(&opened);
        size = old > size ? old : size;
        size = new > size ? new : size;
    }
    return size;
}

static bool start_flash(cli_t *cli, lab_input_t *input, const cli_bytes_t *table, uint32_t size)
{
    ota_fault_t fault = {0};
    if (flash_build_start(&input->flash, size, cli_number(cli, "table-offset"), NULL, &fault) !=
        OTA_OK) {
        (void)cli_refuse(cli, ota_status_name(fault.status), "no flash of that size can be made",
                         cli_format(cli, "size 0x%x, table at 0x%x", (unsigned)size,
                                    (unsigned)cli_number(cli, "table-offset")),
                         "give --flash-size, such as 4M, and a --table-offset inside it");
        return false;
    }
    if (flash_build_table(&input->flash, table->bytes, table->len, &fault) != OTA_OK) {
        (void)cli_status(cli, fault.status, &fault, input->table_path);
        return false;
    }
    return true;
}

bool lab_input_read(cli_t *cli, lab_input_t *input)
{
    cli_bytes_t table;
    uint32_t size;
    memset(input, 0, sizeof(*input));
    if (!read_images(cli, input) || !read_table(cli, input, &table, &size) ||
        !start_flash(cli, input, &table, chip_size(input, &table, size))) {
        return false;
    }
    if (!judge_table(cli, input) ||
        !place(cli, input, input->home, &input->old_image, input->old_path) ||
        !place(cli, input, input->target, &input->new_image, input->new_path)) {
        return false;
    }
    input->old_words = words_of(cli, &input->old_image);
    input->new_words = words_of(cli, &input->new_image);
    return true;
}

void lab_input_stop(lab_input_t *input)
{
    flash_build_stop(&input->flash);
}

void lab_input_wish(const lab_input_t *input, lab_way_t way, own_wish_t *wish)
{
    *wish = (own_wish_t){.table = input->flash.bytes + input->flash.table_offset,
                         .flash_size = input->flash.size,
                         .old_image = input->old_image.bytes,
                         .old_len = input->old_image.len,
                         .new_image = input->new_image.bytes,
                         .new_len = input->new_image.len,
                         .way = way};
}
