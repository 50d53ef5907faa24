/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual device: flash, bootloader, agent and an application that behaves as told, in one struct.
 * It runs the same objects as a chip: boot/ decides and boots, core/ updates, agent/ fetches; here
 * is only what a board adds (power, a clock, a console) and the application.
 *
 *   device_open | device_clone -> device_step until it is done -> device_close
 *
 * Nothing blocks: a process may hold a fleet and step them in turn. Time is the machine's, but for
 * waits, of which only the first WAIT_REAL_MS are waited for; the clock is put forward by the rest.
 * With a clock that stands (wish.now) nothing moves it but device_skip: runs repeat exactly.
 */
#ifndef DEVICE_DEVICE_H
#define DEVICE_DEVICE_H

#include "agent/agent.h"
#include "device/identity.h"
#include "host/flash_cut.h"
#include "host/powered.h"
#include "ports/flash/nor_sim.h"
#include "ports/http/curl.h"
#include "ports/store/file.h"

#define DEVICE_WORKSPACE 20480u
#define DEVICE_KEYS      4u

/* What the application does while it is on trial. */
typedef enum {
    DEVICE_HEALTHY,
    DEVICE_CRASH,     /* in its first moment: in boot `crash_at` of the trials; 0: in each */
    DEVICE_HANG,      /* the watchdog ends it */
    DEVICE_NO_SERVER, /* it is well, but its network code is broken: rejected at the deadline */
    DEVICE_FORGET     /* it is well and never says so; somebody switches it off and on */
} device_behave_t;

typedef struct {
    const char *server;
    const char *report;      /* NULL: none */
    const char *authorities; /* as in ports/http/curl.h */
    bool any_certificate;
    device_behave_t behave;
    uint32_t crash_at;
    uint32_t boots;   /* at most */
    bool kill;        /* the power fails in flash operation `kill_at` of the first boot */
    uint32_t kill_at; /* (from 0) */
    uint32_t cuts;    /* per cent of boots in which it fails, in one of the first */
    uint32_t cut_ops; /* `cut_ops` flash operations; 0: 300 */
    uint32_t seed;
    uint32_t http_wait_ms;
    uint32_t stall_ms;      /* of the agent; 0: its default */
    const ota_http_t *http; /* NULL: libcurl, to which alone the above and certificates matter */
    uint32_t now; /* seconds since 1970 at the first boot, of a clock that stands; 0: real */
    void *user;   /* level I, W, E; ms since the first boot; NULL: no console */
    void (*line)(void *user, char level, uint32_t ms, const char *tag, const char *text);
    void (*progress)(void *user, uint32_t done, uint32_t total); /* NULL: nobody looks */
} device_wish_t;

typedef enum {
    DEVICE_RUNS,
    DEVICE_SETTLED,  /* nothing more to do until the next poll */
    DEVICE_GAVE_UP,  /* the agent did, until the next poll */
    DEVICE_WORN_OUT, /* the boots are used up */
    DEVICE_BRICK     /* nothing boots */
} device_end_t;

typedef struct {
    char key[12];
    uint8_t *bytes;
    size_t len;
} device_value_t;

typedef struct {
    device_wish_t wish;
    device_identity_t identity;
    flash_image_t image;
    bool in_memory; /* a clone: flash in `nor`, store in `value` */
    nor_sim_t nor;
    ota_flash_t whole; /* the flash port as it is while the power holds */
    flash_cut_t cut;
    powered_t powered;
    ota_boot_trace_t trace;
    http_curl_t http;
    bool offline; /* DEVICE_NO_SERVER: the application's network does not work */
    store_file_t files;
    device_value_t value[DEVICE_KEYS];
    ota_http_t http_port;
    ota_store_t store_port;
    ota_clock_t clock;
    ota_random_t random;
    ota_identity_t who;
    char version[33]; /* of the running app */
    ota_agent_t agent;
    uint8_t workspace[DEVICE_WORKSPACE];
    uint64_t random_state;
    uint64_t skipped_ms;
    uint64_t started_ms;
    bool on;
    uint32_t begun_ms; /* of this boot */
    uint32_t trials;   /* boots on trial */
    device_end_t end;
    bool gave_up;
    /* What happened, for reports. */
    uint32_t boots;
    uint32_t power_cuts;
    uint32_t retries;
    uint64_t fetched; /* bytes of all bodies */
    uint32_t confirmed;
    uint32_t rolled_back;
    uint32_t reported;
    ota_status_t last_status; /* of the last refusal, retry or giving up */
    uint64_t done;            /* bytes at the last progress */
} device_t;

/* Opens a flash file and the facts beside it. OTA_ERR_PORT: no FLASH.device, or no libcurl;
 * statuses of flash_image_open. Allocate the struct zeroed: it is large, and must not move. */
OTA_MUST_CHECK ota_status_t device_open(device_t *device, const char *path,
                                        const device_wish_t *wish, ota_fault_t *fault);

/* Device `number` of a fleet, in memory, as the file is now; its id is the file's and "-NUMBER". */
OTA_MUST_CHECK ota_status_t device_clone(device_t *device, const char *path, uint32_t number,
                                         const device_wish_t *wish, ota_fault_t *fault);

/* One small piece of its life; DEVICE_RUNS: call again. */
device_end_t device_step(device_t *device);

/* Somebody switches it off; the next step switches it on. */
void device_switch_off(device_t *device);

/* Milliseconds that it wants to be left alone, as its clock counts; then device_skip. */
uint32_t device_pause(const device_t *device);
void device_skip(device_t *device, uint32_t ms);

/* Keeps the facts beside the flash (not of a clone). false: errno says why. */
bool device_close(device_t *device);

/* What the agent has stored. */
OTA_MUST_CHECK ota_status_t device_memory(const char *path, ota_agent_memory_t *memory);

/* Internal to device/. */
void device_say(const device_t *device, char level, const char *tag, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void device_hear(void *ctx, const ota_agent_event_t *event);
void device_ports(device_t *device);
void device_free_values(device_t *device);
uint32_t device_random(device_t *device);
uint32_t device_ms(const device_t *device);

#endif
