/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash update: one whole update of a device, through the calls that its firmware would make.
 *
 *   next slot -> begin | resume -> write* -> finish -> verdict -> select
 *
 * For tools and demonstrations. Whatever ends it, the flash holds what a power cut at that
 * moment would leave, and the next call goes on from there.
 */
#ifndef HOST_FLASH_UPDATE_H
#define HOST_FLASH_UPDATE_H

#include "host/flash_time.h"
#include "ota/update.h"

typedef struct {
    const uint8_t *bytes;     /* what to install */
    uint32_t len;             /* at least 1 */
    uint32_t size;            /* for begin: a size, OTA_SIZE_UNKNOWN, OTA_WITH_SEQUENTIAL_WRITES */
    uint32_t flags;           /* for begin: OTA_UPDATE_* */
    uint32_t chunk;           /* bytes of one write, at least 1 */
    const ota_part_t *target; /* NULL: the slot that ota_device_next names */
    const ota_part_t *final;  /* NULL: the target */
    bool copy;                /* copy from target to final */
    bool resume;              /* go on where flash already holds the beginning */
    bool keep_choice;         /* do not select what was installed */
    bool judge_first; /* whole, by the device's rules, before anything is touched: a host can */
    void (*progress)(void *user, uint32_t done); /* NULL: none */
    void *user;
} flash_update_wish_t;

/* How far it came: the step that failed, or FLASH_UPDATE_DONE. */
typedef enum {
    FLASH_UPDATE_TARGET,
    FLASH_UPDATE_JUDGE, /* with judge_first */
    FLASH_UPDATE_BEGIN,
    FLASH_UPDATE_WRITE,
    FLASH_UPDATE_FINISH,
    FLASH_UPDATE_VERDICT,
    FLASH_UPDATE_SELECT,
    FLASH_UPDATE_DONE
} flash_update_step_t;

typedef struct {
    flash_update_step_t step;
    ota_status_t status;
    ota_fault_t fault;
    ota_part_t target;
    uint32_t found;   /* with resume: bytes of the new image that flash held already */
    uint32_t resumed; /* sending began at this offset */
    uint32_t written; /* bytes accepted, the resumed ones included */
    ota_slot_t slot;  /* the OTA slot that was installed, or OTA_SLOT_NONE (other partitions) */
    bool selected;    /* it boots next */
} flash_update_result_t;

/* The partition of a slot by the device's layout; label "ota_N". */
ota_part_t flash_update_part(const ota_device_t *device, ota_slot_t slot);

/* Returns result->status. Statuses of ota_device_next, ota_update_*, ota_device_verdict and
 * ota_device_select; OTA_ERR_NO_OTADATA before anything is touched where the choice could not
 * be recorded afterwards. */
ota_status_t flash_update_run(ota_device_t *device, const flash_update_wish_t *wish,
                              flash_update_result_t *result);

#endif
