/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded sequences of esp_ota calls, run through compat/ and compared call by call.
 *
 * Two flashes stand side by side: `ref` is what Espressif's code left after every recorded step
 * (rebuilt from the recorded operations, and checked against the recorded CRCs at the end), `nor`
 * is ours. After every step the results are compared, and every partition that no session is
 * writing into. A difference must be explained by a class (calls_classes.c) that looks at this step
 * and this difference; then our flash is set to the recorded one, so that the next step is judged
 * from the same state and one cause is never counted for another.
 */
#ifndef TESTS_SUPPORT_CALLS_H
#define TESTS_SUPPORT_CALLS_H

#include "otary_compat.h"
#include "ports/flash/nor_sim.h"
#include "support/data.h"

#define CALLS_FLASH    0x400000u
#define CALLS_SECTORS  (CALLS_FLASH / 0x1000u)
#define CALLS_ROWS     24u
#define CALLS_WORDS    6u
#define CALLS_HANDLES  16u
#define CALLS_NO_VALUE INT64_MIN

/* --- the recording --------------------------------------------------------------------------- */

typedef struct {
    char name[16];
    ota_part_t row[CALLS_ROWS];
    unsigned rows;
    uint8_t bytes[OTA_TABLE_SIZE];
} calls_table_t;

typedef struct {
    char name[16];
    uint8_t *bytes;
    size_t len;
} calls_image_t;

typedef struct {
    calls_table_t table[24];
    unsigned tables;
    calls_image_t image[40];
    unsigned images;
} calls_data_t;

/* false: not readable. */
bool calls_load(calls_data_t *data);
void calls_unload(calls_data_t *data);
const calls_table_t *calls_table(const calls_data_t *data, const char *name);
const calls_image_t *calls_image(const calls_data_t *data, const char *name);

/* One recorded step, its command line cut into words. */
typedef struct {
    char line[128];
    char *word[CALLS_WORDS + 1];
    unsigned words;
    const char *rc;    /* "0", "258", "-1", "assert", ..; "" if the call returns nothing */
    const char *value; /* "" if none */
    const char *ops;   /* never NULL */
    const char *tried; /* of a boot */
} calls_step_t;

/* What our side did in a step, in the recording's words. */
typedef struct {
    char rc[16];
    char value[80];
    char tried[96];
    unsigned flash_ops;
} calls_result_t;

/* --- a run ------------------------------------------------------------------------------------ */

/* Who has erased a sector since it was last compared. */
enum { ERASED_BY_SESSION = 1, ERASED_BY_CALL = 2, ERASED_BY_BOOT = 4 };

/* A handle, by its recorded number. */
typedef struct {
    bool theirs;             /* open in the recording */
    bool ours;               /* open with us */
    esp_ota_handle_t number; /* our number */
    const ota_part_t *part;  /* staging */
    const ota_part_t *final; /* with copy; NULL: none */
    const ota_part_t *meant; /* whose kind the bytes have: the final one, else staging */
    uint32_t written;        /* bytes the recording took */
    const char *apart;       /* name of the class that parted the two; NULL: they agree */
    bool flushed;            /* the recording's 16-byte buffer was written out before */
    bool scattered;          /* written at an offset */
    bool counted;            /* and then in order again */
    uint32_t held;           /* bytes in `stream` */
    uint8_t stream[0xC000];  /* the recording's bytes that are not in flash yet */
} calls_handle_t;

typedef struct calls_run {
    const calls_data_t *data;
    const calls_table_t *table;
    const cJSON *sequence;
    int id;
    bool rollback;
    bool anti_rollback;
    bool encrypted;
    const calls_step_t *step;
    int index; /* of the step */
    calls_result_t result;

    uint8_t *ref;
    uint8_t *base; /* both flashes when they last agreed */
    uint32_t ref_efuse;
    uint8_t ref_erased[CALLS_SECTORS];
    nor_sim_t nor;
    ota_flash_t port; /* nor's with this sequence's encryption */
    uint32_t efuse;
    uint8_t our_erased[CALLS_SECTORS];
    bool dirty[CALLS_SECTORS];
    uint8_t phase; /* who erases now */

    int fail_group; /* the group of operations of this step that fails; -1: none */
    int group;      /* counted so far */
    bool failed;    /* it has happened */
    bool in_erase;
    uint32_t erase_end;

    ota_efuse_t efuse_port;
    otary_compat_t compat;
    bool restarted;
    calls_handle_t handle[CALLS_HANDLES];
    esp_partition_t copy; /* for label= and label~ */
    unsigned failures;
    char why[256];
} calls_run_t;

bool calls_run_start(calls_run_t *run, const calls_data_t *data);
void calls_run_stop(calls_run_t *run);

/* Both flashes, eFuse and device for this sequence. false: malformed. */
bool calls_set_up(calls_run_t *run, const cJSON *sequence);

/* The application at this flash address starts: no open handle, numbers from 1. */
bool calls_power_on(calls_run_t *run, uint32_t address);

/* A power cycle: our bootloader, then the application that it started. */
void calls_boot(calls_run_t *run);

/* Carry out the step on our side. */
void calls_execute(calls_run_t *run, const calls_step_t *step);

/* Carry out the recorded operations. false (and run->why): the recording does not add up. */
bool calls_reference(calls_run_t *run, const calls_step_t *step);

/* Where a partition of the table is; NULL: no such label. */
const ota_part_t *calls_part(const calls_run_t *run, const char *label);
const ota_part_t *calls_part_at(const calls_run_t *run, uint32_t address);
const ota_part_t *calls_otadata(const calls_run_t *run);
uint32_t calls_crc(const void *bytes, size_t len); /* zlib's CRC-32 */
calls_handle_t *calls_handle(calls_run_t *run, const char *number);
uint32_t calls_hex(const char *word);

/* Compare after a step and put things even again. false: something is not explained. */
bool calls_compare(calls_run_t *run, const calls_step_t *step);
/* At the end: everything. */
bool calls_compare_end(calls_run_t *run);

/* --- classes of differences --------------------------------------------------------------------
 */

typedef enum {
    DIFFERS_CODE,
    DIFFERS_VALUE,
    DIFFERS_OTADATA,
    DIFFERS_EFUSE,
    DIFFERS_BYTE
} differs_t;

typedef struct {
    differs_t what;
    const ota_part_t *part; /* of bytes: where */
    uint32_t at;            /* of bytes: flash address */
    uint8_t theirs;
    uint8_t ours;
    uint8_t before; /* of bytes: what was there when the two last agreed */
} calls_difference_t;

/* The class that explains the difference (counted once a sequence); NULL: none. */
const char *calls_explain(calls_run_t *run, const calls_difference_t *difference);

/* Prints the classes with their counts. false: one explains nothing, or docs/compat.md gives
 * another number for it. */
bool calls_report(void);

#endif
