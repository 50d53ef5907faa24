/* SPDX-License-Identifier: Apache-2.0 */
#include "support/boot_bench.h"

#include <string.h>

void boot_bench_start(boot_bench_t *b, const char *apps, const char *copy0, const char *copy1)
{
    memset(b, 0, sizeof(*b));
    rig_start(&b->rig, apps, copy0, copy1, strchr(apps, 'F') != NULL ? OTA_SLOT_FACTORY : 0);
    b->config.rollback = true;
    b->verifier = (ota_boot_verifier_t){.flash = &b->rig.nor.flash,
                                        .rules = {.chip = ota_chip_by_name("esp32")},
                                        .buffer = b->buffer,
                                        .buffer_len = sizeof(b->buffer)};
    b->machine = (ota_machine_t){.flash = &b->rig.nor.flash,
                                 .table_buffer = b->table,
                                 .config = &b->config,
                                 .efuse = &b->rig.efuse,
                                 .ctx = &b->verifier,
                                 .load = ota_boot_verify};
}
