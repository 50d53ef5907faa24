/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scenarios: data. Each row says what lies in flash, what the two images do when they run, and what
 * must be so at rest; a variant says on which chip, by which rules and with which table.
 *
 *   name of a scenario = <row>/<variant>      normal/o4      trial-crash/s16x     select/o1kf
 *
 *   variant = way, program unit, [k] erases of 64 KiB too, [x] flash encryption, [table]
 *     way    o  policy otary: our bootloader, our library
 *            s  policy stock: Espressif's bootloader's decisions, our library in the application
 *            i  as s, and otadata is rewritten in place as esp_ota_ops does
 *     table      two slots (nothing), f factory + two slots, q four slots, r one slot and factory
 *
 * Of the list in the specification, delta and compressed updates and key rotation have no row: the
 * code they would test does not exist yet.
 */
#ifndef LAB_SCENARIO_H
#define LAB_SCENARIO_H

#include "host/image_build.h"
#include "lab/oracle.h"

typedef enum { LAB_WAY_OTARY, LAB_WAY_STOCK, LAB_WAY_IN_PLACE, LAB_WAYS } lab_way_t;

typedef enum {
    LAB_TABLE_TWO,
    LAB_TABLE_FACTORY_TWO,
    LAB_TABLE_FOUR,
    LAB_TABLE_RECOVERY, /* one slot, and factory as its recovery */
    LAB_TABLES
} lab_table_t;

typedef struct {
    lab_way_t way;
    uint32_t program_unit;
    bool large_erases;
    bool encrypted;
    lab_table_t table;
} lab_variant_t;

/* What an image does when it runs. */
typedef enum {
    LAB_DOES_NOTHING,     /* it rests; on trial it forgets to confirm */
    LAB_DOES_UPDATE,      /* confirms itself if on trial; then fetches what the server offers */
    LAB_DOES_CONFIRM,     /* confirms, then rests */
    LAB_DOES_REJECT,      /* rejects itself and restarts */
    LAB_DOES_CRASH,       /* restarts at once */
    LAB_DOES_CRASH_TWICE, /* restarts at once on its first two starts, then confirms */
    LAB_DOES_FACTORY,     /* selects the factory app and restarts */
    LAB_DOES_UPDATE_EARLY /* on trial tries to update before it confirms; must be refused */
} lab_does_t;

/* How the new image reaches its slot. */
typedef enum {
    LAB_FEED_STREAM,  /* in order, from the start or from where a continue says */
    LAB_FEED_STAGED,  /* it lies there already: metadata alone is at stake */
    LAB_FEED_SCATTER, /* ota_update_write_at, sectors in reverse order */
    LAB_FEED_LOST,    /* the link fails after every sector: abort, continue */
    LAB_FEED_TRUNCATED,
    LAB_FEED_DAMAGED,  /* one byte wrong: the hash does not fit */
    LAB_FEED_CHIP,     /* another chip's image */
    LAB_FEED_TOO_BIG,  /* one byte more than the slot holds */
    LAB_FEED_REPLACED, /* halfway the server has another image */
    LAB_FEED_TWICE     /* a second session is asked for while one is open */
} lab_feed_t;

/* How the flash starts. All records are as a stock bootloader and library leave them: under our own
 * boot code every scenario begins with a migration. */
typedef enum {
    LAB_START_CONFIRMED, /* old runs in slot 0, confirmed */
    LAB_START_BLANK,     /* old in slot 0 (or factory), otadata never written */
    LAB_START_BOTH,      /* old in slot 0 confirmed; an older image in the target, once confirmed */
    LAB_START_TRIAL,     /* new in the target, accepted, not started */
    LAB_START_REJECTED,  /* as BOTH, and the older image's record says rejected */
    LAB_START_GARBAGE,   /* as CONFIRMED; the target slot and otadata's spare bytes hold garbage */
    LAB_START_LAST_SEQ   /* as BOTH, the sequence number about to run out */
} lab_start_t;

/* What must be so when everything rests. */
typedef enum {
    LAB_ENDS_NEW, /* new runs, confirmed; old only where new was given up and no offer is left */
    LAB_ENDS_OLD, /* the image from the start runs */
    LAB_ENDS_FACTORY
} lab_ends_t;

typedef struct {
    const char *name;
    const char *what; /* one line for people */
    lab_start_t start;
    lab_does_t old_does;
    lab_does_t new_does;
    lab_feed_t feed;
    lab_ends_t ends;
    uint8_t updates;    /* how often the server offers the new image; retries after a power cut
                           during a trial included */
    uint8_t versions;   /* 1: anti-rollback on, new raises the counter */
    uint16_t image_kib; /* of old and new; 0: the smallest image there is */
    uint16_t slot_kib;  /* 0: the least that holds the image, at least 64 */
    bool fills_slot;    /* the new image has exactly the slot's size */
    bool same;          /* the new image is the old one */
    bool repeat;        /* updates go back and forth between the slots, each offer another image */
    bool boundaries_only; /* cut between operations only: real sizes */
    bool metadata;        /* no image data moves: may be closed */
    bool no_rollback;     /* the bootloader was built without trials */
    uint8_t tables;       /* bit (1 << lab_table_t): tables on which it makes sense */
} lab_row_t;

typedef struct {
    const lab_row_t *row;
    lab_variant_t variant;
    char name[48];
} lab_scenario_t;

/* The table. Rows are found by index; their names are what replay ids carry. */
extern const lab_row_t lab_rows[];
extern const size_t lab_row_count;

/* "normal/o4" into a scenario. false: no such row, variant, or combination. */
bool lab_scenario_parse(const char *name, lab_scenario_t *scenario);
/* Fills in the name. false: the row makes no sense with that variant. */
bool lab_scenario_make(const lab_row_t *row, const lab_variant_t *variant,
                       lab_scenario_t *scenario);

/* --- the world that a scenario describes --------------------------------------------------- */

#define LAB_IMAGES_MAX 4u /* old, new, older, other */
enum { LAB_IMAGE_OLD, LAB_IMAGE_NEW, LAB_IMAGE_OLDER, LAB_IMAGE_OTHER };

/* Everything that a run needs and does not change. */
typedef struct {
    lab_scenario_t scenario;
    medium_spec_t chip;
    ota_boot_config_t boot;
    uint8_t *table; /* OTA_TABLE_SIZE bytes */
    ota_layout_t layout;
    ota_slot_t home;   /* where old lies */
    ota_slot_t target; /* where the first update goes */
    const ota_chip_t *image_chip;
    image_bytes_t image[LAB_IMAGES_MAX];
    uint32_t image_version[LAB_IMAGES_MAX];
    uint32_t chunk; /* bytes of one ota_update_write */
} lab_plan_t;

/* OTA_ERR_NO_ROOM: memory; OTA_ERR_ARG: a row that cannot be built on this table. */
OTA_MUST_CHECK ota_status_t lab_plan_open(lab_plan_t *plan, const lab_scenario_t *scenario);

/* The user's own: an opened table (binary, OTA_TABLE_SIZE bytes) and two image files. `row` and
 * `variant` give behaviour and rules. OTA_ERR_IMAGE_TOO_BIG, OTA_ERR_NO_SLOTS, OTA_ERR_ONLY_SLOT,
 * statuses of the table and image readers; fault says where. */
OTA_MUST_CHECK ota_status_t lab_plan_own(lab_plan_t *plan, const lab_scenario_t *scenario,
                                         const uint8_t *table, uint32_t flash_size,
                                         const uint8_t *old_image, size_t old_len,
                                         const uint8_t *new_image, size_t new_len,
                                         ota_fault_t *fault);
void lab_plan_close(lab_plan_t *plan);

/* Sets home and target anew, after the row's start has changed. */
OTA_MUST_CHECK ota_status_t lab_plan_slots(lab_plan_t *plan);

/* The flash and the ledger as the scenario starts. */
OTA_MUST_CHECK ota_status_t lab_plan_flash(const lab_plan_t *plan, medium_t *medium,
                                           lab_ledger_t *ledger);

const char *lab_way_name(lab_way_t way);
const char *lab_table_name(lab_table_t table);

#endif
