/* SPDX-License-Identifier: Apache-2.0 */
/* The executor of boot/ on a whole small chip (support/rig.h), with its buffers. */
#ifndef TESTS_SUPPORT_BOOT_BENCH_H
#define TESTS_SUPPORT_BOOT_BENCH_H

#include "boot/boot.h"
#include "support/rig.h"

typedef struct {
    rig_t rig;
    ota_boot_config_t config;
    ota_boot_verifier_t verifier;
    ota_machine_t machine;
    uint8_t table[OTA_TABLE_SIZE];
    uint8_t buffer[256];
    ota_boot_trace_t trace;
} boot_bench_t;

/* Policy stock with rollback; what runs is factory if there is one, else slot 0. End it with
 * rig_stop. The struct must not move. */
void boot_bench_start(boot_bench_t *b, const char *apps, const char *copy0, const char *copy1);

#endif
