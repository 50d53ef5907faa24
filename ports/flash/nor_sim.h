/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A NOR chip in memory, for tests and models: strict where a real chip is lenient.
 *
 * Programming a 0 bit to 1 is refused unless `lenient`; every operation is counted,
 * can be observed, and can be made to fail. (The fault laboratory grows from here.)
 */
#ifndef PORTS_FLASH_NOR_SIM_H
#define PORTS_FLASH_NOR_SIM_H

#include "ota/flash.h"

typedef enum { NOR_PROGRAM, NOR_ERASE } nor_op_t;

typedef struct nor_sim {
    uint8_t *bytes;     /* size bytes, owned by this struct */
    ota_flash_t flash;  /* ctx points back at this struct: do not move it */
    bool lenient;       /* AND silently, as a chip does, instead of refusing to raise bits */
    uint64_t programs;  /* operations carried out */
    uint64_t erases[3]; /* of 4K, 32K, 64K */
    uint64_t programmed_bytes;
    int64_t
        fail_in; /* the operation this many operations ahead fails and changes nothing; -1: none */
    bool fail_for_ever; /* and every one after it */
    /* Called before an operation is carried out; may be NULL. false: fail it, change nothing. */
    bool (*watch)(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len);
    void *user;
} nor_sim_t;

/* A blank chip of `size` bytes. OTA_ERR_PORT: no memory; OTA_ERR_ARG: size not whole sectors. */
OTA_MUST_CHECK ota_status_t nor_sim_start(nor_sim_t *nor, uint32_t size);
void nor_sim_stop(nor_sim_t *nor);

#endif
