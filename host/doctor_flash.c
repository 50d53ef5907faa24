/* SPDX-License-Identifier: Apache-2.0 */
/* A whole flash: bootloader, table, otadata, every slot, and what would boot. */
#include "host/doctor_internal.h"
#include "host/size.h"

#include "core/bytes.h"
#include "host/explain.h"
#include "host/flash_build.h"
#include "host/flash_look.h"
#include <inttypes.h>
#include <stdio.h>

#define BUFFER      0x4000u
#define NEARLY_FULL 9u /* tenths */
#define FLASH_MAX   0x10000000u
#define APPS        (OTA_SLOTS_MAX + 2u) /* 0..15, factory, test */

/* The flash being looked at: some 15 KiB, on the stack of doctor_look_flash. */
typedef struct {
    doctor_t *doctor;
    const doctor_input_t *input;
    ota_flash_t flash;
    flash_image_t image;
    flash_app_t app[APPS];
    ota_otadata_t od;
    bool has_otadata;
} flash_view_t;

/* --- the file as a chip ----------------------------------------------------------------------- */

/* What lies behind the end of a merged file was not flashed: FF. */
static ota_status_t read_file(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const doctor_input_t *input = ctx;
    size_t there = addr < input->len ? min_size(len, input->len - addr) : 0;
    memset(dst, 0xFF, len);
    memcpy(dst, input->bytes + (there > 0 ? addr : 0), there);
    return OTA_OK;
}

static ota_status_t refuse_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    (void)ctx;
    (void)addr;
    (void)src;
    (void)len;
    return OTA_ERR_READ_ONLY;
}

static ota_status_t refuse_erase(void *ctx, uint32_t addr, size_t len)
{
    (void)ctx;
    (void)addr;
    (void)len;
    return OTA_ERR_READ_ONLY;
}

/* A dump is as large as its chip; of a merged file the bootloader's header names the chip. */
static uint32_t chip_size(const doctor_input_t *input)
{
    uint32_t size = (uint32_t)((input->len + OTA_FLASH_SECTOR - 1) & ~(size_t)0xFFF);
    uint32_t named = 0;
    if (input->kind.kind != SNIFF_FLASH && input->kind.at < input->len) {
        named = image_flash_size(input->bytes + input->kind.at, input->len - input->kind.at);
    }
    return named > size ? named : size;
}

static void make_chip(flash_view_t *view, void *ctx)
{
    view->flash = (ota_flash_t){.version = OTA_FLASH_VERSION,
                                .size = chip_size(view->input),
                                .program_unit = 1,
                                .erase_units = OTA_ERASE_4K,
                                .ctx = ctx,
                                .read = read_file,
                                .program = refuse_program,
                                .erase = refuse_erase};
}

/* --- slots --------------------------------------------------------------------------------------
 */

static ota_slot_t slot_of(size_t index)
{
    static const ota_slot_t others[] = {OTA_SLOT_FACTORY, OTA_SLOT_TEST};
    return index < OTA_SLOTS_MAX ? (ota_slot_t)index : others[index - OTA_SLOTS_MAX];
}

static size_t index_of(ota_slot_t slot)
{
    return slot >= 0 ? (size_t)slot : slot == OTA_SLOT_FACTORY ? OTA_SLOTS_MAX : OTA_SLOTS_MAX + 1u;
}

static ota_region_t region_of(const flash_view_t *view, size_t index)
{
    return ota_layout_region(&view->image.layout, slot_of(index));
}

/* The stock bootloader does not look at the flash size in the header: it starts such an app. */
static bool loads(const flash_view_t *view, ota_slot_t slot)
{
    size_t index = index_of(slot);
    const flash_app_t *app = &view->app[index];
    return region_of(view, index).size != 0 &&
           (app->status == OTA_OK || app->status == OTA_ERR_IMAGE_FLASH_SIZE);
}

/* What stands in a slot that does not begin with an image. */
static const char *content_of(const flash_view_t *view, ota_region_t where)
{
    sniff_t kind;
    if (where.offset >= view->input->len) {
        return "";
    }
    size_t len = min_size(where.size, view->input->len - where.offset);
    sniff(view->input->bytes + where.offset, len, &kind);
    return kind.kind == SNIFF_UNKNOWN || kind.kind == SNIFF_APP ? "" : sniff_words(kind.kind);
}

static const char *broken_id(ota_status_t status)
{
    switch ((int)status) {
    case OTA_ERR_IMAGE_CHIP:
        return "flash-other-chip";
    case OTA_ERR_IMAGE_FLASH_SIZE:
        return "flash-header-size";
    default:
        return "flash-slot-broken";
    }
}

static void report_slot(flash_view_t *view, size_t index)
{
    const flash_app_t *app = &view->app[index];
    ota_region_t where = region_of(view, index);
    const char *name = slot_name(slot_of(index));
    if (app->blank) {
        return;
    }
    if (app->status != OTA_OK) {
        explain_t words;
        explain_fault(&app->fault, &words);
        const char *content = app->status == OTA_ERR_IMAGE_MAGIC ? content_of(view, where) : "";
        (void)doctor_report(view->doctor, broken_id(app->status), view->input->name,
                            "%s at 0x%" PRIx32 ": %s Place: %s [%s]%s%s", name, where.offset,
                            words.what, words.where, words.name,
                            content[0] != '\0' ? "; it holds " : "", content);
        return;
    }
    if ((uint64_t)app->length * 10u > (uint64_t)where.size * NEARLY_FULL) {
        (void)doctor_report(view->doctor, "slot-nearly-full", view->input->name,
                            "%s: %" PRIu32 " of %" PRIu32 " bytes (%u %%)", name, app->length,
                            where.size, (unsigned)((uint64_t)app->length * 100u / where.size));
    }
}

static void look_at_slots(flash_view_t *view)
{
    uint8_t buffer[BUFFER];
    for (size_t i = 0; i < APPS; i++) {
        ota_region_t where = region_of(view, i);
        if (where.size != 0) {
            flash_look_app(&view->flash, view->image.chip, OTA_IMAGE_APP, where, buffer,
                           sizeof(buffer), &view->app[i]);
            report_slot(view, i);
        }
    }
}

/* --- bootloader
 * ------------------------------------------------------------------------------------ */

/* The size in the bootloader's header is what the app believes the chip to be. */
static void compare_size(flash_view_t *view, ota_region_t where)
{
    char named[SIZE_TEXT];
    char chip[SIZE_TEXT];
    uint32_t size =
        image_flash_size(view->input->bytes + where.offset, view->input->len - where.offset);
    if (size == 0 || view->input->kind.kind != SNIFF_FLASH || size == view->flash.size) {
        return;
    }
    (void)size_text(size, named);
    (void)size_text(view->flash.size, chip);
    if (size > view->flash.size) {
        (void)doctor_report(view->doctor, "flash-header-size", view->input->name,
                            "the bootloader's header says %s, this flash has %s", named, chip);
    } else {
        (void)doctor_report(view->doctor, "flash-size-unused", view->input->name,
                            "the bootloader's header says %s of %s", named, chip);
    }
}

static void read_bootloader_version(flash_view_t *view, ota_region_t where)
{
    uint8_t raw[OTA_BOOTLOADER_DESC_SIZE];
    ota_bootloader_desc_t desc;
    if (ota_flash_read(&view->flash, where.offset + OTA_APP_DESC_OFFSET, raw, sizeof(raw)) ==
            OTA_OK &&
        ota_bootloader_desc_decode(&desc, raw) == OTA_OK) {
        view->doctor->facts.bootloader_version = doctor_idf_version(desc.idf_version);
    }
}

static void look_at_bootloader(flash_view_t *view)
{
    uint8_t buffer[BUFFER];
    flash_app_t boot;
    ota_region_t where = view->image.bootloader;
    if (where.size == 0 || where.offset >= view->input->len) {
        (void)doctor_report(view->doctor, "flash-no-bootloader", view->input->name,
                            "none at 0x0, 0x1000 or 0x2000");
        return;
    }
    view->doctor->facts.boot_chip = view->image.chip->id;
    read_bootloader_version(view, where);
    compare_size(view, where);
    flash_look_app(&view->flash, view->image.chip, OTA_IMAGE_BOOTLOADER, where, buffer,
                   sizeof(buffer), &boot);
    if (boot.status == OTA_OK || boot.status == OTA_ERR_IMAGE_FLASH_SIZE) {
        return;
    }
    explain_t words;
    explain_fault(&boot.fault, &words);
    (void)doctor_report(view->doctor,
                        boot.status == OTA_ERR_IMAGE_TOO_BIG ? "bootloader-too-big"
                                                             : "boot-rom-checksum",
                        view->input->name, "bootloader at 0x%" PRIx32 ": %s Place: %s [%s]",
                        where.offset, words.what, words.where, words.name);
}

/* --- the choice
 * --------------------------------------------------------------------------------------- */

static ota_slot_t boots(const flash_view_t *view, ota_policy_t policy)
{
    const ota_boot_config_t config = {.policy = policy};
    const ota_boot_input_t input = {
        .config = &config, .layout = &view->image.layout, .otadata = &view->od};
    ota_boot_plan_t plan;
    ota_boot_decide(&input, &plan);
    for (size_t i = 0; i < plan.count; i++) {
        if (loads(view, plan.candidate[i])) {
            return plan.candidate[i];
        }
    }
    return OTA_SLOT_NONE;
}

static void report_boot(flash_view_t *view, ota_slot_t stock, ota_slot_t otary)
{
    doctor_t *doctor = view->doctor;
    const char *name = view->input->name;
    if (stock == OTA_SLOT_NONE) {
        (void)doctor_report(doctor, "flash-nothing-boots", name,
                            "no slot of the table holds an image that verifies");
        return;
    }
    flash_app_t *app = &view->app[index_of(stock)];
    doctor_clean(app->desc.version);
    doctor_clean(app->desc.project);
    const char *version = app->has_desc ? app->desc.version : "";
    const char *project = app->has_desc ? app->desc.project : "";
    (void)doctor_report(doctor, "flash-boots", name,
                        "a stock bootloader starts %s (%s%s%s), Otary's %s", slot_name(stock),
                        project, project[0] != '\0' ? " " : "", version,
                        stock == otary ? "the same" : slot_name(otary));
    doctor->facts.app_chip = app->header.chip_id;
    doctor->facts.app_version = app->has_desc ? doctor_idf_version(app->desc.idf_version) : 0;
}

static void compare_records(flash_view_t *view, ota_slot_t stock)
{
    int active = ota_otadata_active(&view->od);
    uint8_t count = view->image.layout.boot_count;
    for (int i = 0; i < 2 && count > 0; i++) {
        const ota_entry_t *entry = &view->od.copy[i];
        ota_slot_t named = ota_entry_slot(entry, count);
        if (!ota_entry_valid(entry) || loads(view, named)) {
            continue;
        }
        if (i == active) {
            (void)doctor_report(view->doctor, "flash-mismatch", view->input->name,
                                "otadata names %s, which does not verify; %s boots",
                                slot_name(named), slot_name(stock));
        } else {
            (void)doctor_report(view->doctor, "flash-record-of-broken", view->input->name,
                                "copy %d names %s, which does not verify", i, slot_name(named));
        }
    }
    if (active >= 0 && stock >= 0 && view->image.layout.factory.size != 0) {
        (void)doctor_report(view->doctor, "flash-factory-shadowed", view->input->name,
                            "factory at 0x%" PRIx32 ", %s boots", view->image.layout.factory.offset,
                            slot_name(stock));
    }
}

static void look_at_choice(flash_view_t *view)
{
    ota_entry_blank(&view->od.copy[0]);
    ota_entry_blank(&view->od.copy[1]);
    view->has_otadata =
        ota_otadata_read(&view->flash, view->image.layout.otadata, &view->od) == OTA_OK;
    if (view->has_otadata) {
        doctor_judge_otadata(view->doctor, view->input->name, &view->od,
                             view->image.layout.boot_count);
    }
    ota_slot_t stock = boots(view, OTA_POLICY_STOCK);
    report_boot(view, stock, boots(view, OTA_POLICY_OTARY));
    if (view->has_otadata) {
        compare_records(view, stock);
    }
}

/* --- room
 * ------------------------------------------------------------------------------------------------
 */

static void look_at_room(flash_view_t *view)
{
    uint32_t end = 0;
    ota_part_t part;
    char used[SIZE_TEXT];
    char chip[SIZE_TEXT];
    for (uint32_t i = 0; ota_table_get(&view->image.table, i, &part) == OTA_OK; i++) {
        uint32_t last = part.offset + part.size;
        end = last > end ? last : end;
    }
    if (view->input->kind.kind != SNIFF_FLASH) {
        return;
    }
    view->doctor->facts.flash_size = view->flash.size;
    if (end != 0 && view->flash.size - end > view->flash.size / 4) {
        (void)doctor_report(view->doctor, "table-unused", view->input->name,
                            "partitions end at %s of %s", size_text(end, used),
                            size_text(view->flash.size, chip));
    }
}

static void look_at_table(flash_view_t *view)
{
    size_t at = view->image.table_offset;
    if (at < view->input->len) {
        const doctor_input_t table = {
            .name = view->input->name,
            .bytes = view->input->bytes + at,
            .len = min_size(OTA_TABLE_SIZE, view->input->len - at),
        };
        doctor_look_table(view->doctor, &table);
    }
}

void doctor_look_flash(doctor_t *doctor, const doctor_input_t *input)
{
    flash_view_t view = {.doctor = doctor, .input = input};
    doctor_input_t copy = *input; /* the port's context may not be const */
    ota_fault_t fault;
    if (input->len > FLASH_MAX) {
        (void)doctor_report(doctor, "file-unknown", input->name, "larger than any flash chip");
        return;
    }
    make_chip(&view, &copy);
    if (input->kind.kind == SNIFF_FLASH) {
        (void)doctor_report(doctor, "file-flash", input->name, "%zu bytes", input->len);
    }
    if (flash_image_read(&view.image, &view.flash, FLASH_TABLE_ANYWHERE, &fault) != OTA_OK) {
        explain_t words;
        explain_fault(&fault, &words);
        (void)doctor_report(doctor, "table-broken", input->name, "%s Place: %s [%s]", words.what,
                            words.where, words.name);
        return;
    }
    look_at_bootloader(&view);
    look_at_table(&view);
    look_at_room(&view);
    look_at_slots(&view);
    look_at_choice(&view);
}
