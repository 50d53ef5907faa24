/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boot: the second-stage bootloader's decision, as a pure function.
 *
 *        table, otadata, eFuse version, pins
 *                      |
 *                ota_boot_decide ----> plan: what is in force, order of candidates
 *                      |
 *      executor tries the candidates (ota_image_check_flash) until one is good
 *                      |
 *                ota_boot_settle ----> otadata writes and eFuse raise before the jump
 *
 * Policy `stock` reproduces Espressif's bootloader decision for decision, faults
 * included: it is the oracle for what devices in the field do. Policy `otary` keeps
 * the formats and repairs those faults; docs/boot.md lists every difference.
 *
 * boot/boot.h holds the executor.
 */
#ifndef OTA_BOOT_H
#define OTA_BOOT_H

#include "ota/commit.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an app's descriptor says before anything is loaded; used with anti_rollback only. */
typedef struct {
    bool readable; /* the descriptor's magic is there */
    bool unread;   /* nobody knows: the flash port failed */
    uint32_t secure_version;
} ota_boot_app_t;

#define OTA_BOOT_APPS (OTA_SLOTS_MAX + 2u) /* 0..15, then factory, then test */

/* Everything the decision depends on. */
typedef struct {
    const ota_boot_config_t *config;
    const ota_layout_t *layout;
    const ota_otadata_t *otadata; /* ignored where the table has none */
    const ota_boot_app_t *apps;   /* OTA_BOOT_APPS of them; NULL without anti_rollback */
    uint32_t efuse_version;
    bool factory_pin; /* held for the whole hold time */
    bool test_pin;
} ota_boot_input_t;

/* Why a decision fell as it did, one per step, in order: for people and logs. */
typedef enum {
    OTA_WHY_NO_OTADATA,       /* table has no otadata: factory */
    OTA_WHY_OTADATA_SIZE,     /* otadata too small: reset */
    OTA_WHY_PENDING_ABORTED,  /* was on trial, and not confirmed in its boots: ABORTED */
    OTA_WHY_BLANK_FACTORY,    /* no usable record: factory */
    OTA_WHY_BLANK_FIRST_SLOT, /* no usable record, no factory: lowest slot */
    OTA_WHY_CRC_FACTORY,      /* records damaged: factory, then every slot */
    OTA_WHY_ACTIVE,           /* the active copy names the slot */
    OTA_WHY_TRIAL,            /* on trial, and has a boot left */
    OTA_WHY_VERSION_FILTERED, /* a record's app is below the eFuse version */
    OTA_WHY_EFUSE_RAISED,     /* confirmed app raises the eFuse version */
    OTA_WHY_FACTORY_PIN,      /* factory-reset pin held */
    OTA_WHY_TEST_PIN,         /* test-app pin held */
    OTA_WHY_TEST_ABSENT,      /* test pin held, no test partition: reset */
    OTA_WHY_SLOT_ABSENT,      /* policy otary: the active copy's slot is not in the table */
    OTA_WHY_FALLBACK          /* policy otary: what was there before */
} ota_why_t;

#define OTA_BOOT_WHYS       12u
#define OTA_BOOT_CANDIDATES (OTA_SLOTS_MAX + 2u)

typedef struct {
    ota_slot_t chosen; /* factory, test, a slot (stock: existing or not), or OTA_SLOT_NONE: reset */
    bool initialise;   /* stock: otadata was never written: record the slot that boots */
    int active;        /* sector in force when the choice was made, -1: none */
    ota_plan_t writes; /* stock: before anything is loaded, in order */
    uint32_t raise_to; /* stock: eFuse version to burn before loading; 0: leave it */
    ota_commit_t commit; /* otary: what is in force, with what the decision made of it */
    bool changed;        /* otary: and that is something else */
    bool unread; /* otary, set by the executor: the slot in force could not be read, which says
                    nothing of its image: what boots instead is not written down */
    uint8_t whys;
    struct {
        ota_why_t why;
        int8_t copy; /* otadata copy it is about, -1: none */
        ota_slot_t slot;
    } why[OTA_BOOT_WHYS];
    uint8_t count; /* candidates in the order in which to try them */
    ota_slot_t candidate[OTA_BOOT_CANDIDATES];
} ota_boot_plan_t;

/* Decide. Never fails: what cannot boot is a plan with no candidates (reset).
 * Table without usable slot count and anti-rollback: stock divides by zero there; this does not. */
void ota_boot_decide(const ota_boot_input_t *input, ota_boot_plan_t *plan);

/* With anti_rollback: may this candidate be loaded at all (its version against the eFuse)?
 * After plan->raise_to has been burnt, input->efuse_version must say so. */
bool ota_boot_version_ok(const ota_boot_input_t *input, ota_slot_t candidate);

/* Its descriptor could not be read: that it may not be loaded says nothing of it. */
bool ota_boot_app_unread(const ota_boot_input_t *input, ota_slot_t slot);

/* What is to be done before the jump: the plan (stock) or the commit (otary), then the eFuse. */
typedef struct {
    ota_plan_t writes;
    ota_commit_t commit;
    uint32_t raise_to; /* version to burn; 0: none */
} ota_boot_settled_t;

/* `booted` has verified. */
void ota_boot_settle(const ota_boot_input_t *input, const ota_boot_plan_t *plan, ota_slot_t booted,
                     ota_boot_settled_t *settled);

/* The same for one policy, whatever config->policy says: firmware that has one links one. */
void ota_boot_decide_stock(const ota_boot_input_t *input, ota_boot_plan_t *plan);
void ota_boot_decide_otary(const ota_boot_input_t *input, ota_boot_plan_t *plan);
void ota_boot_settle_stock(const ota_boot_input_t *input, const ota_boot_plan_t *plan,
                           ota_slot_t booted, ota_boot_settled_t *settled);
void ota_boot_settle_otary(const ota_boot_input_t *input, const ota_boot_plan_t *plan,
                           ota_slot_t booted, ota_boot_settled_t *settled);

#ifdef __cplusplus
}
#endif

#endif
