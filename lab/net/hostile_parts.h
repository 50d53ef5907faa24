/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lab/net/hostile*.c share. Private to them.
 *
 *   hostile.c       a life: power, steps, oracles
 *   hostile_site.c  what the publisher made
 *   hostile_turn.c  bytes as instructions
 *   hostile_http.c  the network
 *   hostile_ports.c flash, store, clock
 */
#ifndef LAB_NET_HOSTILE_PARTS_H
#define LAB_NET_HOSTILE_PARTS_H

#include "boot/boot.h"
#include "host/image_build.h"
#include "lab/net/hostile.h"
#include "ports/flash/nor_sim.h"

#define FLASH_SIZE  0x100000u
#define FLASH_USED  0x30000u
#define OTADATA_AT  0xE000u
#define SLOT_AT(n)  (0x10000u * ((n) + 1u))
#define SLOT_SIZE   0x10000u
#define IMAGE_SIZE  0x3000u
#define STORE_KEYS  4u
#define STORE_VALUE 4096u
#define FIELDS      7u
#define FIELD_SIZE  64u
#define RAW_MAX     255u

typedef struct {
    char path[160];
    const uint8_t *bytes;
    uint32_t len;
} hostile_document_t;

typedef struct {
    uint8_t digest[OTA_SHA256_SIZE];
    uint8_t key;
} hostile_signed_t;

typedef struct {
    hostile_document_t file[HOSTILE_FILES];
    size_t files;
    image_bytes_t image[3];
    char text[5][1400];
    uint8_t signature[HOSTILE_FILES][OTA_SIG_MAX];
    hostile_signed_t made[HOSTILE_FILES];
    size_t made_count;
    char born[1400]; /* the key set compiled in */
} hostile_site_t;

/* One answer. Zeroed: an honest one. */
typedef struct {
    bool other; /* file or none */
    uint8_t file;
    bool raw;
    uint8_t raw_len;
    const uint8_t *raw_at;
    uint16_t code;    /* 0: as it is */
    uint8_t redirect; /* 0: none; 1 itself, 2 far, 3 nowhere */
    bool says[FIELDS];
    char field[FIELDS][FIELD_SIZE];
    bool whole;
    int8_t shift;
    uint8_t flip;
    uint16_t flip_at;
    bool breaks;
    uint8_t how;
    uint16_t break_at;
    uint32_t piece; /* 0: 700 */
    bool drip;
    bool nobody;
    bool silent;
} hostile_turn_t;

typedef struct {
    char key[12];
    uint8_t bytes[STORE_VALUE];
    size_t len;
} hostile_value_t;

struct hostile {
    hostile_site_t site;
    uint8_t *pristine; /* FLASH_USED bytes */
    hostile_wrap_t wrap;
    void *user;
    /* a life */
    hostile_result_t *result;
    const uint8_t *bytes;
    size_t len;
    size_t at;
    bool peace;
    nor_sim_t nor;
    ota_flash_t flash;
    ota_crypto_t crypto;
    ota_http_t http;
    ota_clock_t clock;
    ota_random_t random;
    ota_store_t store;
    ota_identity_t who;
    ota_agent_config_t config;
    uint8_t table_bytes[OTA_TABLE_SIZE];
    uint8_t table_read[OTA_TABLE_SIZE];
    uint8_t buffer[4096];
    uint8_t workspace[8192];
    ota_table_t table;
    ota_device_t device;
    ota_boot_trace_t trace;
    ota_agent_t agent;
    hostile_value_t value[STORE_KEYS];
    uint32_t ms;
    uint32_t dice;
    bool on;
    bool dead;       /* the power is gone until the next boot */
    bool reset;      /* asked for */
    bool faults_met; /* in this boot */
    uint32_t ill;
    uint32_t cut_in; /* flash operations; 0: never, 1: the next one */
    uint8_t cut_done;
    uint32_t tear_in;
    uint32_t read_skip;
    uint32_t read_fail;
    uint32_t op_skip;
    uint32_t op_fail;
    uint32_t store_fail;
    uint32_t polls; /* in peace */
    /* the request under way */
    hostile_turn_t turn;
    bool open;
    bool lost;
    const hostile_document_t *file;
    uint16_t code;
    uint32_t from;
    uint32_t sent;
    uint32_t begun;
    uint32_t moved; /* counts what came: a step without any waits */
    char location[256];
};

bool hostile_site_start(hostile_site_t *site);
void hostile_site_stop(hostile_site_t *site);
bool hostile_vouched(const hostile_site_t *site, const ota_signature_t *signature);

/* Reads instructions up to the next answer; nothing left: peace. */
void hostile_next_turn(hostile_t *stage);
void hostile_make_peace(hostile_t *stage);

extern const char *const hostile_fields[FIELDS];
ota_http_t hostile_http(hostile_t *stage);
void hostile_ports(hostile_t *stage);
ota_flash_t hostile_flash(hostile_t *stage);

void hostile_blame(hostile_t *stage, hostile_oracle_t oracle, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
