/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device with an agent, a bootloader, a server and a publisher, in memory. Signatures are
 * made up (a digest and the first byte of the key): thousands of runs need no curve.
 */
#ifndef TESTS_SUPPORT_AGENT_WORLD_H
#define TESTS_SUPPORT_AGENT_WORLD_H

#include "agent/agent.h"
#include "host/flash_cut.h"
#include "support/agent_net.h"
#include "support/board.h"

#define WORLD_KINDS 16u

typedef struct {
    char key[12];
    uint8_t bytes[4096];
    size_t len;
} scene_value_t;

typedef struct {
    board_t board;
    ota_flash_t flash; /* what device and bootloader see */
    flash_cut_t cut;
    bool cutting;
    ota_crypto_t crypto;
    net_t net;
    uint32_t ms;
    uint32_t now;
    uint32_t random;
    ota_http_t http;
    ota_clock_t clock;
    ota_random_t random_port;
    ota_store_t store;
    scene_value_t value[4];
    int64_t store_torn_at; /* bytes of all writes after which the power fails; -1: never */
    bool store_fails;
    bool dead; /* the power has failed inside the store */
    ota_identity_t who;
    ota_agent_config_t config;
    uint8_t workspace[8192];
    ota_agent_t agent;
    bool healthy;
    bool crashes; /* the app in ota_1 or ota_2 never comes up */
    unsigned boots;
    char keys[2][1200];
    char manifest[2048];
    uint8_t signature[12][OTA_SIG_MAX];
    size_t signatures;
    char name[12][160];
    board_image_t image; /* the newest published */
    uint32_t serial;

    unsigned seen[WORLD_KINDS]; /* events of each kind */
    ota_agent_event_t last[WORLD_KINDS];
    char version[OTA_AGENT_VERSION]; /* of the last ROLLED_BACK or CONFIRMED */
} scene_t;

/* Around one test: ota_0 runs, version 2.0 (order 5) of 20 KiB is published. */
int scene_setup(void **state);
int scene_teardown(void **state);

/* Publishes what `extra` (members of the manifest, each with a comma behind; may be "") says. */
void scene_publish(scene_t *world, uint32_t order, const char *version, const char *extra);
/* Puts the document's signature by the key of this hexadecimal digit beside it. */
void scene_sign(scene_t *world, const char *folder, const char *text, char key);
/* The key set N of one key. */
const char *scene_key_set(scene_t *world, unsigned at, uint32_t version, char key);

/* The power comes: boots, starts the agent. False: nothing boots. */
bool scene_boot(scene_t *world);
/* Steps, boots where the agent asks for it, until the event was told once more or `steps` are over.
 */
bool scene_until(scene_t *world, ota_agent_kind_t kind, unsigned steps);
/* One step; false: power is gone. */
bool scene_step(scene_t *world);

bool scene_holds_new(const scene_t *world, const char *label);

#endif
