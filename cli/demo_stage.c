/* SPDX-License-Identifier: Apache-2.0 */
/* The stage: a folder with a table, a bootloader and images; given, found, or made. */
#include "cli/demo.h"
#include "cli/table_file.h"
#include "host/file.h"
#include "host/flash_build.h"
#include "host/image_build.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of the images made here. Over the air there shall be something to watch. */
#define APP_SIZE     0x30000u
#define APP_SIZE_AIR 0xE0000u

static bool put(demo_t *demo, const char *name, const void *bytes, size_t len)
{
    const char *path = cli_format(demo->cli, "%s/%s", demo->folder, name);
    file_result_t result = file_write(path, bytes, len, false);
    if (result != FILE_OK) {
        (void)cli_refuse(
            demo->cli, "FILE",
            cli_format(demo->cli, "cannot write the file: %s", file_result_text(result)), path,
            "give --keep a new or empty folder");
    }
    return result == FILE_OK;
}

static bool make_image(demo_t *demo, const image_wish_t *wish, const char *name)
{
    image_bytes_t image = {0};
    ota_status_t status = image_build(wish, &image);
    bool ok = status == OTA_OK;
    if (ok) {
        ok = put(demo, name, image.bytes, image.len);
        image_free(&image);
    } else {
        (void)cli_status(demo->cli, status, NULL, name);
    }
    return ok;
}

static void app_wish(demo_t *demo, image_wish_t *wish, const char *version, uint64_t seed)
{
    image_wish_default(wish);
    wish->chip = ota_chip_by_name("esp32s3");
    wish->project = "demo";
    wish->version = version;
    wish->size = demo_is_local(demo) ? APP_SIZE : APP_SIZE_AIR;
    wish->seed = seed;
    wish->flash_size = 2; /* 4 MiB */
}

/* A table with the smallest usual pair of slots that holds `size` bytes of app; NULL: none. */
static const char *table_for(demo_t *demo, size_t size)
{
    static const uint32_t usual[] = {0x140000, 0x1E0000, 0x330000, 0x640000};
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        if (size <= usual[i]) {
            return cli_format(demo->cli,
                              "# Name, Type, SubType, Offset, Size\n"
                              "nvs,      data, nvs,   0x9000,  0x5000\n"
                              "otadata,  data, ota,   0xe000,  0x2000\n"
                              "app0,     app,  ota_0, 0x10000, 0x%x\n"
                              "app1,     app,  ota_1, ,        0x%x\n",
                              (unsigned)usual[i], (unsigned)usual[i]);
        }
    }
    return NULL;
}

static const char factory_table[] = "# Name, Type, SubType, Offset, Size\n"
                                    "nvs,      data, nvs,     0x9000,  0x4000\n"
                                    "otadata,  data, ota,     0xd000,  0x2000\n"
                                    "factory,  app,  factory, 0x10000, 1M\n"
                                    "ota_0,    app,  ota_0,   ,        1M\n"
                                    "ota_1,    app,  ota_1,   ,        1M\n";

static bool make_all(demo_t *demo)
{
    image_wish_t wish;
    demo->made = true;
    demo->source = "images made by this command";
    app_wish(demo, &wish, "1.0.0", 1);
    bool ok = make_image(demo, &wish, DEMO_OLD);
    app_wish(demo, &wish, demo_is_local(demo) ? "1.1.0" : "2.0.0", 2);
    return ok && make_image(demo, &wish, DEMO_NEW);
}

/* The first pair NAME.old.bin and NAME.new.bin of a folder of real firmware. */
static bool find_pair(demo_t *demo, const char **old, const char **new)
{
    const char *named = getenv("OTARY_DATA");
    const char *data = named != NULL && named[0] != '\0' ? named : "../shared/data";
    glob_t found = {0};
    bool ok = false;
    if (glob(cli_format(demo->cli, "%s/firmware/*/*.old.bin", data), 0, NULL, &found) == 0) {
        for (size_t i = 0; !ok && i < found.gl_pathc; i++) {
            const char *path = found.gl_pathv[i];
            size_t stem = strlen(path) - strlen(".old.bin");
            *old = cli_format(demo->cli, "%s", path);
            *new = cli_format(demo->cli, "%.*s.new.bin", (int)stem, path);
            ok = access(*new, R_OK) == 0 && access(*old, R_OK) == 0;
        }
    }
    globfree(&found);
    return ok;
}

static bool copy_in(demo_t *demo, const char *path, const char *name, cli_bytes_t *file)
{
    return cli_read(demo->cli, path, CLI_FILE_MAX, file) && put(demo, name, file->bytes, file->len);
}

/* Old and new image into the folder. */
static bool set_images(demo_t *demo)
{
    cli_bytes_t file;
    const char *old = cli_text(demo->cli, "old");
    const char *new = cli_text(demo->cli, "new");
    /* Over the air versions matter, and many builds in the field all bear the same. */
    if (old == NULL && (!demo_is_local(demo) || !find_pair(demo, &old, &new))) {
        return make_all(demo);
    }
    demo->source = cli_format(demo->cli, "%s and %s", old, new);
    return copy_in(demo, old, DEMO_OLD, &file) && copy_in(demo, new, DEMO_NEW, &file);
}

static bool read_back(demo_t *demo, const char *name, cli_bytes_t *file)
{
    return cli_read(demo->cli, cli_format(demo->cli, "%s/%s", demo->folder, name), CLI_FILE_MAX,
                    file);
}

/* The story needs two OTA slots: one to run from, one to update. */
static bool check_table(demo_t *demo, const char *path)
{
    cli_bytes_t binary;
    ota_table_t table;
    ota_layout_t layout;
    ota_fault_t fault;
    if (!cli_table_read(demo->cli, path, OTA_TABLE_OFFSET, &binary)) {
        return false;
    }
    ota_status_t status = ota_table_open_boot(&table, binary.bytes, binary.len, UINT32_MAX, &fault);
    if (status != OTA_OK) {
        (void)cli_status(demo->cli, status, &fault, path);
        return false;
    }
    ota_layout_read(&layout, &table);
    demo->flash_size = flash_size_for(&table);
    demo->first = layout.factory.size > 0 ? "factory" : "ota_0";
    if (layout.app_count < 2 || layout.otadata.size < 0x2000) {
        (void)cli_refuse(demo->cli, "OTA_ERR_ONLY_SLOT",
                         "the story needs a table with otadata and at least two OTA slots", path,
                         "try min_spiffs.csv, or ask `otary table suggest`");
        return false;
    }
    return true;
}

static bool set_table(demo_t *demo)
{
    cli_bytes_t old;
    cli_bytes_t new;
    cli_bytes_t given;
    const char *path = cli_text(demo->cli, "table");
    const char *inside = cli_format(demo->cli, "%s/%s", demo->folder, DEMO_TABLE);
    if (path != NULL) {
        return copy_in(demo, path, DEMO_TABLE, &given) && check_table(demo, inside);
    }
    if (!read_back(demo, DEMO_OLD, &old) || !read_back(demo, DEMO_NEW, &new)) {
        return false;
    }
    const char *text =
        demo->made ? factory_table : table_for(demo, old.len > new.len ? old.len : new.len);
    if (text == NULL) {
        (void)cli_refuse(demo->cli, "OTA_ERR_IMAGE_TOO_BIG", "no usual table holds such an image",
                         demo->source, "give a table with --table FILE");
        return false;
    }
    return put(demo, DEMO_TABLE, text, strlen(text)) && check_table(demo, inside);
}

static bool set_bootloader(demo_t *demo, const cli_bytes_t *old)
{
    image_wish_t wish;
    ota_image_header_t header;
    if (old->len < OTA_IMAGE_HEADER || ota_image_header_decode(&header, old->bytes) != OTA_OK ||
        ota_chip_by_id(header.chip_id) == NULL) {
        (void)cli_refuse(demo->cli, "OTA_ERR_IMAGE_MAGIC", "not an app image", demo->source,
                         "give app images with --old and --new");
        return false;
    }
    image_wish_default(&wish);
    wish.kind = OTA_IMAGE_BOOTLOADER;
    wish.chip = ota_chip_by_id(header.chip_id);
    /* The bootloader's header names the chip's size, as a flashing tool would have set it: what
     * the application was built for, or more where the table needs more. */
    wish.flash_size = header.spi_speed_size >> 4;
    while (wish.flash_size < 7 && 0x100000u << wish.flash_size < demo->flash_size) {
        wish.flash_size++;
    }
    return make_image(demo, &wish, DEMO_BOOTLOADER);
}

/* A whole image for the same chip as `old`, which fits wherever that does. */
static bool make_like(demo_t *demo, const cli_bytes_t *old, const char *version, const char *name)
{
    image_wish_t wish;
    ota_image_header_t header;
    if (ota_image_header_decode(&header, old->bytes) != OTA_OK) {
        return false;
    }
    app_wish(demo, &wish, version, (uint64_t)(unsigned char)version[0]);
    wish.chip = ota_chip_by_id(header.chip_id);
    wish.flash_size = header.spi_speed_size >> 4;
    wish.size = (old->len < APP_SIZE ? (uint32_t)old->len : APP_SIZE) & ~15u;
    return make_image(demo, &wish, name);
}

/* Over the air: a release that crashes, and one for a rollout. */
static bool set_releases(demo_t *demo, const cli_bytes_t *old)
{
    return make_like(demo, old, DEMO_BAD_VERSION, DEMO_CRASHING) &&
           make_like(demo, old, DEMO_NEXT_VERSION, DEMO_NEXT);
}

/* Images that must not win: one damaged, one that never confirms, one that is no image. */
static bool set_villains(demo_t *demo, const cli_bytes_t *old, const cli_bytes_t *new)
{
    static const char page[] = "<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head>\n"
                               "<body><h1>Not Found</h1></body></html>\n";
    uint8_t *broken = cli_allocate(demo->cli, new->len);
    memcpy(broken, new->bytes, new->len);
    broken[new->len / 2] ^= 1;
    return put(demo, DEMO_BROKEN, broken, new->len) &&
           put(demo, DEMO_CRASHING, old->bytes, old->len) &&
           put(demo, DEMO_PAGE, page, sizeof(page) - 1);
}

static bool set_rest(demo_t *demo)
{
    cli_bytes_t old;
    cli_bytes_t new;
    if (!read_back(demo, DEMO_OLD, &old) || !read_back(demo, DEMO_NEW, &new) ||
        !set_bootloader(demo, &old)) {
        return false;
    }
    demo->new_len = new.len;
    return demo_is_local(demo) ? set_villains(demo, &old, &new) : set_releases(demo, &old);
}

bool demo_same_files(demo_t *demo, const char *a, const char *b)
{
    cli_bytes_t first;
    cli_bytes_t second;
    return cli_read(demo->cli, a, CLI_FILE_MAX, &first) &&
           cli_read(demo->cli, b, CLI_FILE_MAX, &second) && first.len == second.len &&
           memcmp(first.bytes, second.bytes, first.len) == 0;
}

static bool make_folder(demo_t *demo)
{
    const char *keep = cli_text(demo->cli, "keep");
    if (keep != NULL) {
        demo->folder = keep;
        if (mkdir(keep, 0777) != 0 && errno != EEXIST) {
            (void)cli_refuse(demo->cli, "FILE",
                             cli_format(demo->cli, "cannot make the folder: %s", strerror(errno)),
                             keep, "name another folder");
            return false;
        }
        return true;
    }
    demo->folder = cli_temporary(demo->cli, "demo");
    demo->temporary = demo->folder != NULL;
    return demo->temporary;
}

bool demo_set(demo_t *demo)
{
    return make_folder(demo) && set_images(demo) && set_table(demo) && set_rest(demo);
}

void demo_strike(demo_t *demo)
{
    if (demo->temporary) {
        cli_remove_folder(demo->folder);
    }
}
