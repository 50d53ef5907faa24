/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session: one virtual device on one link, from its first boot until it has nothing more to do, and
 * what must hold whatever the network, the server and the power did:
 *
 *   N1 whole      whatever boots is, bit for bit, the old image or the published one
 *   N2 ends       it comes to rest in bounded steps, and something runs
 *   N3 converges  with a server that answers properly in the end it runs the published image, and
 *                 has confirmed it
 *   N4 frugal     an interruption costs at most one erase unit of the image sent twice
 *   N5 told       what it did not take it refuses with a reason
 *   N6 stays      switched off and on once more, it runs what it ran
 */
#ifndef LAB_NET_SESSION_H
#define LAB_NET_SESSION_H

#include "device/device.h"
#include "lab/net/link.h"
#include "lab/net/wire.h"

/* What all sessions start from. */
typedef struct {
    const char *flash; /* of `otary device new`; read only */
    site_t site;
    const site_file_t *image; /* the published one */
    uint8_t *old;             /* what the flash runs, */
    uint32_t old_len;
    uint32_t now; /* seconds since 1970 */
} net_stage_t;

/* Loads the site and the old image. OTA_ERR_PORT: a file cannot be read; OTA_ERR_NO_FALLBACK: the
 * flash runs nothing, or the site has no image, or more than one; statuses of flash_image_open. */
OTA_MUST_CHECK ota_status_t stage_open(net_stage_t *stage, const char *flash, const char *directory,
                                       uint32_t now);
void stage_close(net_stage_t *stage);

typedef struct {
    link_plan_t link;
    const wire_server_t *server; /* real sockets and a real clock instead of the link; NULL: none */
    uint32_t cuts;               /* per cent of boots in which the power fails, */
    uint32_t cut_ops;            /* in one of so many flash operations */
    uint32_t seed;               /* of that */
    uint32_t number;             /* of the device: its id */
    bool must_update;
    /* What a test breaks between two steps, to see that somebody notices; NULL: nothing. */
    void (*meddle)(void *user, device_t *device, const net_link_t *link);
    void *user;
} net_plan_t;

typedef enum { NET_UPDATED, NET_REFUSED, NET_BROKEN } net_end_t;

typedef struct {
    net_end_t end;
    char what[160];      /* NET_BROKEN: which promise; else "" */
    ota_status_t status; /* NET_REFUSED: why */
    uint32_t boots;
    uint32_t power_cuts;
    uint32_t broken; /* connections */
    uint32_t requests;
    uint32_t reports;
    uint64_t places;
    uint64_t image_bytes;
    uint32_t dead;    /* requests that met no server, or lost it */
    uint64_t minutes; /* by the device's clock */
} net_outcome_t;

/* OTA_OK: it was lived and judged. Statuses of device_clone. */
OTA_MUST_CHECK ota_status_t net_session(const net_stage_t *stage, const net_plan_t *plan,
                                        net_outcome_t *outcome);

#endif
