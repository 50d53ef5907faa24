/* SPDX-License-Identifier: Apache-2.0 */
/*
 * otadata tears: what one torn write to otadata costs, counted over every write of one update.
 *
 *   phase      call                        stock writes           and tears
 *   select     ota_device_select(new)      erase, program NEW     each of these operations is torn
 *   trial      ota_boot_run                erase, program PENDING in every way of three models,
 *   confirm    ota_device_confirm          erase, program VALID   the device boots, and is judged
 *
 * The models, over the bytes that an operation changes:
 *   prefix     the first 0, 1, .. all bytes are as after it, the others as before it
 *   one bit    of the bits that change only one has changed; and all but one
 *   random     `random` tears, each with a probability drawn anew for all of its bits
 *
 * For Espressif's rules that makes 198 + 774 + 120,000 = 120,972 states, those of a published model
 * of the same protocol; here they come from the real calls and the real boot. How many bits an
 * entry clears depends on its sequence and that number's CRC. The model has a CRC of its own; the
 * default sequence here is the first for which Espressif's clears as many bits (46). The random
 * tears are this project's own: there the shares agree, not the digits.
 */
#ifndef LAB_OTADATA_TEARS_H
#define LAB_OTADATA_TEARS_H

#include "lab/stand.h"

typedef enum { TEARS_SELECT, TEARS_TRIAL, TEARS_CONFIRM } tears_phase_t;
typedef enum { TEARS_PREFIX, TEARS_ONE_BIT, TEARS_RANDOM } tears_model_t;

typedef enum {
    TEARS_FINE,        /* the old or the new image runs, as far as the update had come */
    TEARS_SPENT,       /* the record is whole, and the cut used up the only boot that the trial
                          had: back to the old image, by Espressif's design */
    TEARS_LOST,        /* the update was accepted, and the old image runs: nobody is told */
    TEARS_UNPROTECTED, /* the new image runs, unconfirmed and with no way back */
    TEARS_FALSE,       /* the new image counts as confirmed, and nobody confirmed it */
    TEARS_DEAD         /* nothing boots within two resets */
} tears_verdict_t;

#define TEARS_PHASES   3u
#define TEARS_MODELS   3u
#define TEARS_VERDICTS 6u

typedef struct {
    stand_way_t way;
    uint64_t seed;
    uint32_t random; /* random tears of an operation */
    uint32_t seq;    /* of the old image's entry; odd, so that it names ota_0 */
} tears_wish_t;

#define TEARS_WISH_DEFAULT                                                                         \
    {                                                                                              \
        .way = STAND_STOCK, .seed = 1, .random = 20000, .seq = 27                                  \
    }

/* One state, by name: "otadata.stock.confirm.1.one-bit.17". */
typedef struct {
    stand_way_t way;
    tears_phase_t phase;
    unsigned op;
    tears_model_t model;
    uint32_t n;
} tears_case_t;

#define TEARS_NAME 64u

typedef struct {
    uint64_t states;
    unsigned ops[TEARS_PHASES]; /* operations that the phase consists of */
    uint64_t count[TEARS_PHASES][TEARS_MODELS][TEARS_VERDICTS];
    tears_case_t first[TEARS_VERDICTS]; /* an example of each verdict that was given */
} tears_result_t;

/* Constant names. */
const char *tears_phase_name(tears_phase_t phase);
const char *tears_model_name(tears_model_t model);
const char *tears_verdict_name(tears_verdict_t verdict);

uint64_t tears_count(const tears_result_t *result, tears_model_t model, tears_verdict_t verdict);

/*
 * All states of one way. OTA_OK; OTA_ERR_PORT, OTA_ERR_NO_ROOM: no memory; the status of a call
 * that fails without any tear; OTA_ERR_STATE: something was written outside otadata, or a phase
 * did not do what it should (a fault of the code under test, or of this file).
 */
OTA_MUST_CHECK ota_status_t tears_run(const tears_wish_t *wish, tears_result_t *result);

/* One state again, step by step. Large: allocate it. */
typedef struct {
    tears_verdict_t verdict;
    bool erase;  /* the operation that is torn: an erase, or a program */
    uint32_t at; /* what it changes, from the start of otadata */
    uint32_t len;
    uint32_t bits; /* of them, how many differ before and after */
    uint8_t before[OTA_OTADATA_SIZE];
    uint8_t torn[OTA_OTADATA_SIZE];
    uint8_t after[OTA_OTADATA_SIZE]; /* as the judged boots left it */
    ota_boot_config_t config;
    ota_status_t booted; /* of the first boot */
    ota_boot_trace_t boot;
} tears_story_t;

/* Statuses as above; OTA_ERR_RANGE: there is no such state. */
OTA_MUST_CHECK ota_status_t tears_replay(const tears_wish_t *wish, const tears_case_t *which,
                                         tears_story_t *story);

void tears_case_name(const tears_case_t *which, char text[TEARS_NAME]);
/* False: not the name of a state. */
bool tears_case_parse(const char *text, tears_case_t *which);

#endif
