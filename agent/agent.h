/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Agent: the whole way of an update, from "is there one?" to "it runs, and I have said so".
 *
 *   IDLE -> KEYS -> MANIFEST -> GATE -> DOWNLOAD -> HASH -> CHOOSE -> (reset) -> trial -> REPORT
 *             ^ next set  |        |        ^  |
 *             +-----------+        v refuse +--+ again, later
 *
 *   ota_agent_start   once after each reset, when the device is known (ota_device_init)
 *   ota_agent_step    as long as the application runs; each call does one small piece of work
 *
 * Promises:
 *   - nothing is parsed before it is verified, nothing is erased before the gate has passed, and
 *     nothing boots whose SHA-256, read back out of flash, is not the manifest's;
 *   - a reset between or inside any two steps costs at most one erase unit fetched twice, and never
 *     an answer: what was rolled back is counted, what was confirmed is reported;
 *   - a version that failed here is not tried again unless the manifest allows more attempts;
 *   - a busy server that says when (Retry-After in seconds) is not asked earlier, but for the next
 *     poll: nobody can hold the agent for longer;
 *   - every wait ends: by stall_ms without a byte, by document_ms or image_ms in all, by `tries`
 *     attempts in a row that brought less than one sector, then by the next poll.
 *
 * No heap, no globals, no threads: one struct a device. Memory is measured in docs/agent.md.
 */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include "agent/ports.h"
#include "ota/release.h"
#include "ota/trial.h"
#include "ota/update.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTA_AGENT_URL       1024u /* bytes of a URL with NUL, redirects included */
#define OTA_AGENT_PIECE     1024u /* bytes taken from the network at once */
#define OTA_AGENT_FAILURES  4u    /* versions whose failures are remembered */
#define OTA_AGENT_ETAG      72u   /* with NUL; longer ones are not used */
#define OTA_AGENT_REDIRECTS 5u
#define OTA_AGENT_VERSION   (OTA_NAME_MAX + 1u)

/* --- what the application hears ----------------------------------------------------------------
 */

typedef enum {
    OTA_AGENT_CHECKING,    /* looks for a release */
    OTA_AGENT_KEYS,        /* took over the next key set: `order` is its version */
    OTA_AGENT_REFUSED,     /* no update, and why: OTA_ERR_RELEASE_CURRENT is the usual one */
    OTA_AGENT_OFFER,       /* will install `version` */
    OTA_AGENT_PROGRESS,    /* done of total bytes are in flash or on their way */
    OTA_AGENT_RETRY,       /* status; tries again after wait_ms */
    OTA_AGENT_GAVE_UP,     /* status; until the next poll */
    OTA_AGENT_INSTALLED,   /* chosen: restart when it suits */
    OTA_AGENT_TRIAL,       /* what runs is on trial */
    OTA_AGENT_CONFIRMED,   /* and now it stays */
    OTA_AGENT_REJECTED,    /* it gave itself up: restart */
    OTA_AGENT_ROLLED_BACK, /* `version` was installed, and does not run */
    OTA_AGENT_REPORTED,    /* the server has the report; status: why it never will */
    OTA_AGENT_STORE        /* the store failed: status; what it should know is only in RAM */
} ota_agent_kind_t;

typedef struct {
    ota_agent_kind_t kind;
    ota_status_t status;
    ota_fault_t fault; /* of the gate or of the image's judge */
    uint16_t http;     /* last response's status; 0: none */
    uint32_t order;
    const char *version; /* "": none. Valid during the call */
    uint32_t done;
    uint32_t total;
    uint32_t wait_ms;
} ota_agent_event_t;

/* --- what it is given --------------------------------------------------------------------------
 */

/* Zeroed times and counts have the default in brackets. */
typedef struct {
    ota_device_t *device;
    const ota_http_t *http;
    const ota_clock_t *clock;
    const ota_random_t *random;
    const ota_store_t *store;
    const ota_identity_t *identity;
    const char *server;      /* base URL of the published directory, without the last '/' */
    const char *report;      /* URL that takes reports; NULL: none are made */
    uint8_t *workspace;      /* for the key set held, one document and its signatures */
    uint32_t workspace_size; /* [no default] 8 KiB hold four P-256 keys and a usual manifest */
    ota_trial_rule_t trial;
    uint32_t update_flags; /* of ota_update_begin */
    uint32_t poll_ms;      /* between checks [6 h], spread by an eighth */
    uint32_t retry_ms;     /* first delay after a failure [2 s]; doubled each time, half of it */
    uint32_t retry_max_ms; /* random; never longer than this [5 min] */
    uint32_t stall_ms;     /* without a byte [30 s] */
    uint32_t document_ms;  /* for one document [60 s] */
    uint32_t image_ms;     /* for one request of the image [30 min] */
    uint8_t tries;         /* in a row without progress [8] */
    void *ctx;
    void (*event)(void *ctx, const ota_agent_event_t *event); /* NULL: nobody listens */
} ota_agent_config_t;

typedef enum {
    OTA_AGENT_GO,     /* call again soon: now, or when the network has something */
    OTA_AGENT_WAIT,   /* nothing to do for ota_agent_pause milliseconds */
    OTA_AGENT_RESTART /* another slot is chosen, or this one was given up */
} ota_agent_next_t;

/* --- what it is --------------------------------------------------------------------------------
 */

/* What survives resets, as it was last stored. */
typedef struct {
    uint32_t serial;                 /* highest accepted */
    uint32_t order;                  /* of what was confirmed, in `slot`; 0: not known */
    ota_slot_t slot;                 /* OTA_SLOT_NONE: nothing was */
    char version[OTA_AGENT_VERSION]; /* of its descriptor */
    ota_failure_t failure[OTA_AGENT_FAILURES];
    struct {
        uint8_t phase; /* 0 nothing, 1 about to be chosen, 2 chosen */
        ota_slot_t slot;
        uint32_t order;
        char version[OTA_AGENT_VERSION]; /* of the manifest */
    } install;
    struct {
        uint8_t kind; /* ota_agent_kind_t + 1; 0: none pending */
        ota_status_t status;
        uint32_t order;
        char version[OTA_AGENT_VERSION];
    } report;
    struct {
        uint8_t image[8];   /* first bytes of its SHA-256 */
        uint8_t generation; /* of attempts whose bytes were wrong: tells their journals apart */
        char etag[OTA_AGENT_ETAG];
    } download;
} ota_agent_memory_t;

/* Fields are the agent's; `memory` and `state` may be looked at. The struct must not move. */
typedef struct {
    ota_agent_config_t config;
    ota_agent_memory_t memory;
    uint8_t state;       /* docs/agent.md draws them */
    uint8_t tries;       /* failed in a row */
    uint8_t check_tries; /* of whole checks: never reset by a download's progress */
    bool judged;         /* what runs, and whether it is on trial */
    bool trial_open;
    bool contact; /* a manifest was verified since the last look */
    bool again;   /* confirmed during a check: another one follows, with the report */
    bool whole;   /* ask for the whole image: ranges were answered wrongly */
    bool open;    /* a request is under way: */
    ota_http_request_t request;
    uint16_t code;     /* of its response; 0: not there */
    uint32_t asked_ms; /* that a busy server asked to be left alone (Retry-After); 0: it did not */
    uint8_t redirects;
    uint8_t side[2]; /* of the store: where state and keys stand */
    uint32_t seq[2];
    uint32_t wake;  /* clock.ms until which nothing is to be done */
    uint32_t begun; /* clock.ms of the request, */
    uint32_t heard; /* and of its last byte */
    uint32_t skip;  /* bytes of the body that flash holds already */
    uint32_t mark;  /* bytes at the last progress that counted */
    uint32_t at;    /* HASH: bytes read */
    ota_trial_t trial;
    ota_keys_t keys; /* held */
    uint32_t held;   /* bytes of workspace that they take */
    ota_keys_t next; /* the next set, while it is being verified */
    ota_manifest_t manifest;
    ota_target_t target; /* what the gate is told: kept here to spare the stack */
    ota_release_image_t image;
    uint8_t *document; /* in the workspace */
    uint32_t document_len;
    uint32_t room; /* bytes of workspace behind `fill` */
    uint8_t *fill; /* where the body under way goes */
    uint32_t fill_len;
    const ota_keys_t *signers; /* whose signatures are being fetched */
    uint8_t signer;
    uint8_t signature_count;
    ota_detached_t signature[2u * OTA_KEYS_MAX];
    ota_update_t update;
    ota_part_t part;
    ota_offer_t offer;
    ota_hash_t hash;
    char url[OTA_AGENT_URL];
    uint8_t piece[OTA_AGENT_PIECE];
} ota_agent_t;

/* --- calls -------------------------------------------------------------------------------------
 */

/*
 * Begin, after each reset: reads the store, judges what became of an installation, opens the trial.
 * What the store does not know (a new device, or one whose store was lost) counts as nothing known.
 * Where otadata cannot be read nobody knows whether this is a trial: steps ask again, with the
 * delays of a failure (OTA_AGENT_RETRY), before they do anything else.
 * The first check is due at once. OTA_ERR_ARG (a port is missing or of another version, id too
 * long, workspace below 2 KiB); statuses of ota_keys_open for the built-in set;
 * OTA_ERR_KEYS_PRODUCT.
 */
OTA_MUST_CHECK ota_status_t ota_agent_start(ota_agent_t *agent, const ota_agent_config_t *config);

/* One piece of work. healthy: the application was well all the time since the last call. After
 * OTA_AGENT_RESTART restart the chip when it suits; until then calls do nothing. */
ota_agent_next_t ota_agent_step(ota_agent_t *agent, bool healthy);

/* Milliseconds until there is something to do; 0: now. While a trial is open at most a second. */
uint32_t ota_agent_pause(const ota_agent_t *agent);

/* Check now, whatever the poll says; where a check is under way, once more after it. */
void ota_agent_check(ota_agent_t *agent);

#ifdef __cplusplus
}
#endif

#endif
