/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rot: one bit of flash turns over by itself while the device is off. Every bit of what decides is
 * turned, one at a time; then the device boots until it rests, and is judged.
 *
 *   place       bits
 *   otadata     the first 256 bytes of both sectors (Espressif's entry, Otary's record)
 *   table       the bytes in use: entries and MD5. There is one copy of it: a flip must be refused
 *   header      of both images: header, segment headers, descriptor; and the seal at the end
 *   data        random bits of the image that is to boot
 *
 *   rest        the device was switched off when                          must run
 *   confirmed   new was confirmed                                         new
 *   selected    new was selected, and has not been booted                 new, on trial
 *   trial       new was booted once, and has not been confirmed           new on trial, or old
 *   rejected    new rejected itself                                       old
 *
 * A flip is harmless if the device goes on as without it, and detected if it refuses what it
 * spoilt and runs the other image.
 */
#ifndef LAB_ROT_H
#define LAB_ROT_H

#include "lab/stand.h"

typedef enum { ROT_OTADATA, ROT_TABLE, ROT_HEADER, ROT_DATA } rot_place_t;
typedef enum { ROT_CONFIRMED, ROT_SELECTED, ROT_TRIAL, ROT_REJECTED } rot_rest_t;

typedef enum {
    ROT_HARMLESS,  /* as if nothing had happened */
    ROT_DETECTED,  /* the image with the wrong bit was refused, the other one runs */
    ROT_REFUSED,   /* the table with the wrong bit was refused: nothing boots, nothing wrong runs */
    ROT_UNHASHED,  /* the bit said that a hash follows: the image runs by its checksum alone,
                      code and data as they were (a device with require_hash refuses it) */
    ROT_LOST,      /* an accepted or confirmed update does not run any more */
    ROT_UNGUARDED, /* new runs for good unconfirmed, or runs again although rejected */
    ROT_WRONG,     /* an image with a wrong bit runs as if it were good */
    ROT_DEAD       /* nothing boots within two resets although a good image is there */
} rot_verdict_t;

#define ROT_PLACES   4u
#define ROT_RESTS    4u
#define ROT_VERDICTS 8u

typedef struct {
    stand_way_t way;
    bool factory;        /* on the table with factory */
    uint32_t image_size; /* bytes of an image; 0: 64 KiB, all that a slot holds */
    bool no_hash;        /* images with nothing but their checksum */
    uint32_t random;     /* bits of image data */
    uint64_t seed;
    uint32_t share; /* this call does flips share, share + of, .. of all */
    uint32_t of;    /* 0: 1 */
    uint64_t *done; /* counts flips as they are judged; NULL: nobody looks */
} rot_wish_t;

/* One flip, by name: "rot.otary.confirmed.0xe01c.3". */
typedef struct {
    stand_way_t way;
    rot_rest_t rest;
    uint32_t address; /* of the byte in flash */
    uint8_t bit;
} rot_case_t;

#define ROT_NAME       56u
#define ROT_CASES_KEPT 8u /* of each verdict below */

/* Plain numbers: sums of shares add up. */
typedef struct {
    uint64_t flips;
    uint64_t count[ROT_PLACES][ROT_RESTS][ROT_VERDICTS];
    uint32_t kept[ROT_VERDICTS];
    rot_case_t example[ROT_VERDICTS][ROT_CASES_KEPT];
} rot_result_t;

/* Constant names. */
const char *rot_place_name(rot_place_t place);
const char *rot_rest_name(rot_rest_t rest);
const char *rot_verdict_name(rot_verdict_t verdict);

/* A verdict that breaks a promise (lost and everything after it). */
static inline bool rot_bad(rot_verdict_t verdict)
{
    return verdict >= ROT_LOST;
}

/* How many flips rot_run has with this wish, whatever the share: for progress. */
OTA_MUST_CHECK ota_status_t rot_total(const rot_wish_t *wish, uint64_t *flips);

uint64_t rot_count(const rot_result_t *result, rot_place_t place, rot_verdict_t verdict);
void rot_add(rot_result_t *sum, const rot_result_t *more);

/* All flips, or a share of them. OTA_OK; OTA_ERR_PORT, OTA_ERR_NO_ROOM: no memory; OTA_ERR_RANGE,
 * OTA_ERR_ALIGN: image_size; statuses of the calls that bring the device to rest; OTA_ERR_STATE:
 * they did not bring it there. */
OTA_MUST_CHECK ota_status_t rot_run(const rot_wish_t *wish, rot_result_t *result);

/* One flip again. */
typedef struct {
    rot_verdict_t verdict;
    ota_boot_config_t config;
    ota_status_t booted; /* of the first boot after the flip */
    ota_boot_trace_t boot;
} rot_story_t;

/* The wish gives factory, image_size, no_hash and seed. Statuses of rot_run; OTA_ERR_RANGE: outside
 * the chip. */
OTA_MUST_CHECK ota_status_t rot_replay(const rot_wish_t *wish, const rot_case_t *which,
                                       rot_story_t *story);

void rot_case_name(const rot_case_t *which, char text[ROT_NAME]);
bool rot_case_parse(const char *text, rot_case_t *which); /* false: not a flip's name */

#endif
