/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lab_net.h"

#include "cli/lab.h"
#include "host/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char table[] = "nvs,     data, nvs,   0x9000,  0x5000\n"
                            "otadata, data, ota,   0xe000,  0x2000\n"
                            "app0,    app,  ota_0, 0x10000, 0x10000\n"
                            "app1,    app,  ota_1, 0x20000, 0x10000\n";

static bool act(cli_t *cli, const char *const *words)
{
    return cli_run_inside(cli, words) == CLI_OK;
}

static bool make_image(cli_t *cli, const char *path, const char *version)
{
    const char *const words[] = {"image", "new",    path,    "--size",       "24K", "--version",
                                 version, "--seed", version, "--flash-size", "1M",  NULL};
    return act(cli, words);
}

bool lab_net_folder(cli_t *cli, lab_net_stage_t *stage)
{
    if (stage->folder == NULL) {
        stage->folder = cli_temporary(cli, "net");
    }
    return stage->folder != NULL;
}

static bool make_all(cli_t *cli, lab_net_stage_t *stage, const char **flash, const char **directory)
{
    if (!lab_net_folder(cli, stage)) {
        return false;
    }
    const char *in = stage->folder;
    const char *old = cli_format(cli, "%s/1.bin", in);
    const char *new = cli_format(cli, "%s/2.bin", in);
    const char *key = cli_format(cli, "%s/key.pem", in);
    const char *csv = cli_format(cli, "%s/table.csv", in);
    *directory = cli_format(cli, "%s/public", in);
    *flash = cli_format(cli, "%s/device.bin", in);
    const char *const key_words[] = {"keys", "new", key, NULL};
    /* A trial whose boots the power all ends counts as failed: the next poll tries it again. */
    const char *const publish[] = {"publish",    "--key", key, "--product", "lamp",
                                   "--version",  "2",     new, "--output",  *directory,
                                   "--attempts", "5",     NULL};
    const char *const device[] = {"device",
                                  "new",
                                  *flash,
                                  "--table",
                                  csv,
                                  "--app",
                                  cli_format(cli, "ota_0=%s", old),
                                  "--keys",
                                  cli_format(cli, "%s/lamp/keys/1.json", *directory),
                                  "--id",
                                  "lamp",
                                  "--flash-size",
                                  "1M",
                                  NULL};
    if (file_write(csv, table, sizeof(table) - 1u, false) != FILE_OK) {
        (void)lab_broken(cli, OTA_ERR_PORT, in);
        return false;
    }
    return act(cli, key_words) && make_image(cli, old, "1") && make_image(cli, new, "2") &&
           act(cli, publish) && act(cli, device);
}

void lab_net_close(lab_net_stage_t *stage)
{
    stage_close(&stage->stage);
    if (stage->folder != NULL) {
        cli_remove_folder(stage->folder);
    }
}

bool lab_net_open(cli_t *cli, const char *flash, const char *directory, lab_net_stage_t *stage)
{
    memset(stage, 0, sizeof(*stage));
    if (flash == NULL && !make_all(cli, stage, &flash, &directory)) {
        lab_net_close(stage);
        return false;
    }
    stage->directory = directory;
    ota_status_t status = stage_open(&stage->stage, flash, directory, (uint32_t)time(NULL));
    if (status != OTA_OK) {
        (void)cli_refuse(cli, "LAB-NET", ota_status_name(status), flash,
                         "give a flash of `otary device new` that runs an image, and a directory "
                         "of `otary publish` that holds exactly one other");
        lab_net_close(stage);
        return false;
    }
    return true;
}
