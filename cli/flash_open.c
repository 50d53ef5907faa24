/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/flash_open.h"

#include "host/flash_cut.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Why the port would not take the file as a chip. */
static void refuse_size(cli_t *cli, const char *path)
{
    struct stat st = {0};
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        (void)cli_refuse(cli, "FLASH-FILE", "a flash must be a regular file", path,
                         "name a file that holds the whole flash, byte for byte");
        return;
    }
    const char *where =
        cli_format(cli, "%s, %s (%llu bytes)", path, cli_bytes(cli, (uint64_t)st.st_size),
                   (unsigned long long)st.st_size);
    if (st.st_size == 0) {
        (void)cli_refuse(cli, "FLASH-FILE", "the file is empty", where,
                         "make a flash with `otary flash new`, or read one out of a device with "
                         "esptool read_flash 0 ALL");
    } else if (st.st_size > (off_t)CLI_FILE_MAX) {
        (void)cli_refuse(cli, "FLASH-FILE", "the file is larger than any flash chip", where,
                         "give a file of at most 256 MiB");
    } else {
        (void)cli_refuse(cli, "FLASH-FILE",
                         "not a whole flash: the size is not a multiple of 4 KiB", where,
                         "give all bytes of the chip (an app image goes to `otary image`, a "
                         "table to `otary table`; `otary doctor` tells what a file is)");
    }
}

static void refuse_table(cli_t *cli, const char *path, uint32_t asked, const ota_fault_t *fault)
{
    const char *searched =
        asked == FLASH_TABLE_ANYWHERE
            ? cli_format(cli,
                         "no partition table at 0x%x nor at any other 4 KiB boundary up to 0x%x",
                         (unsigned)OTA_TABLE_OFFSET, (unsigned)FLASH_TABLE_SEARCH_END)
            : cli_format(cli, "no partition table at 0x%x", (unsigned)asked);
    (void)cli_status(cli, fault->status, fault, path);
    (void)cli_refuse(cli, "FLASH-TABLE", searched, path,
                     "name its place with --table-offset, or make a flash with `otary flash new`");
}

static void refuse_open(cli_t *cli, const char *path, uint32_t asked, const ota_fault_t *fault)
{
    if (fault->status == OTA_ERR_PORT) {
        (void)cli_refuse(cli, "FILE", cli_format(cli, "cannot open the flash: %s", strerror(errno)),
                         path, "check the name and the permissions");
    } else if (fault->status == OTA_ERR_RANGE && fault->offset == 0) {
        refuse_size(cli, path);
    } else if (fault->status == OTA_ERR_ARG) {
        (void)cli_refuse(cli, ota_status_name(fault->status), "a table begins on a 4 KiB boundary",
                         cli_format(cli, "--table-offset 0x%x", (unsigned)asked),
                         "give a multiple of 0x1000");
    } else {
        refuse_table(cli, path, asked, fault);
    }
}

static void say_cut(void *user)
{
    (void)cli_refuse(user, "POWER-CUT", "the power was cut in the middle of a flash operation",
                     NULL, "switch on again with `otary boot`, then repeat the command");
}

static void arm_cut(cli_t *cli, flash_image_t *image)
{
    flash_cut_t *cut = cli_allocate(cli, sizeof(*cut));
    flash_cut_arm(cut, &image->file.flash, cli_number(cli, "cut-after"));
    cut->on_cut = say_cut;
    cut->user = cli;
}

bool cli_flash_open(cli_t *cli, const char *path, bool writable, flash_image_t *image)
{
    ota_fault_t fault = {0};
    uint32_t asked = cli_number(cli, "table-offset");
    ota_status_t status = flash_image_open(image, path, writable, asked, &fault);
    if (status != OTA_OK) {
        refuse_open(cli, path, asked, &fault);
    } else if (image->table_elsewhere) {
        cli_warn(cli, "FLASH-TABLE",
                 cli_format(cli, "the partition table is at 0x%x, not at 0x%x",
                            (unsigned)image->table_offset, (unsigned)OTA_TABLE_OFFSET),
                 cli_format(cli, "%s (at 0x%x: %s)", path, (unsigned)OTA_TABLE_OFFSET,
                            ota_status_name(image->usual_fault.status)),
                 cli_format(cli, "say --table-offset 0x%x if that is meant",
                            (unsigned)image->table_offset));
    }
    if (status == OTA_OK && writable && cli_has(cli, "cut-after") && cli_given(cli, "cut-after")) {
        arm_cut(cli, image);
    }
    return status == OTA_OK;
}
