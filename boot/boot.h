/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boot: the executor of core's decision. One call is one boot, up to the jump.
 *
 *   read table -> read otadata, eFuse, descriptors -> decide -> [factory reset] -> write
 *     -> try candidates until one loads (the slot in force twice) -> settle -> commit -> the caller
 * jumps
 *
 * It holds no state and calls nothing but the port, the eFuse and two callbacks; a failed write
 * never keeps a device from booting. What happened is left in a trace, for logs and for people
 * (host/boot_text.h); firmware may put it where it likes, it is about 2 KiB.
 */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include "ota/boot.h"
#include "ota/device.h"

/* The machine that boots. */
typedef struct {
    const ota_flash_t *flash;
    uint32_t table_offset; /* flash address; 0: OTA_TABLE_OFFSET */
    uint8_t *table_buffer; /* OTA_TABLE_SIZE bytes; holds the table until the call returns */
    const ota_boot_config_t *config;
    const ota_efuse_t *efuse; /* NULL: version 0, never raised */
    bool factory_pin;         /* held for the whole hold time */
    bool test_pin;
    bool dry_run; /* write nothing, burn nothing, erase nothing */
    void *ctx;    /* for both callbacks */
    /* Verify the app at `where`, and on bare metal load it. OTA_OK: it can be started. */
    ota_status_t (*load)(void *ctx, ota_slot_t slot, ota_region_t where, ota_fault_t *fault);
    /* The factory-reset pin was held: erase the data partitions that this product wants erased
     * (otadata is the decision's business). NULL: none. */
    void (*factory_reset)(void *ctx, const ota_table_t *table);
} ota_machine_t;

typedef struct {
    ota_slot_t slot;
    bool refused;      /* by its secure version, or because that cannot be read; never loaded */
    ota_fault_t fault; /* fault.status OTA_OK: this one boots */
} ota_boot_try_t;

typedef struct {
    ota_fault_t table; /* offset: byte in the table */
    ota_layout_t layout;
    ota_status_t otadata; /* of reading it */
    ota_otadata_t before;
    ota_otadata_t after; /* dry run: as it would be */
    ota_boot_plan_t plan;
    ota_boot_settled_t settled; /* what was written before the jump */
    ota_status_t write;         /* first failure of a write before or after the load */
    ota_status_t efuse;         /* first failure of the eFuse port */
    uint32_t efuse_before;
    uint32_t efuse_after;
    uint8_t tries;
    ota_boot_try_t tried[OTA_BOOT_CANDIDATES];
    ota_slot_t booted; /* OTA_SLOT_NONE: reset */
} ota_boot_trace_t;

/*
 * Boot. OTA_OK: trace->booted may be jumped to. Otherwise a reset is all that is left:
 * statuses of reading the table; OTA_ERR_OTADATA_SIZE or a flash status (policy stock only: otary
 * boots without otadata that it cannot read); OTA_ERR_NOT_A_SLOT (stock: test pin without test
 * app); a failure to read the eFuse; OTA_ERR_NO_FALLBACK (nothing loads).
 */
OTA_MUST_CHECK ota_status_t ota_boot_run(const ota_machine_t *machine, ota_boot_trace_t *trace);

/* A `load` for hosts and for chips whose ROM loads: ota_image_check_flash by these rules; ctx is
 * an ota_boot_verifier_t. Address and limit are filled in here. */
typedef struct {
    const ota_flash_t *flash;
    ota_image_rules_t rules;
    void *buffer; /* at least 64 bytes, larger is faster */
    size_t buffer_len;
} ota_boot_verifier_t;

OTA_MUST_CHECK ota_status_t ota_boot_verify(void *ctx, ota_slot_t slot, ota_region_t where,
                                            ota_fault_t *fault);

#endif
