/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash cut: a chip whose power fails in the middle of a chosen operation.
 *
 * The operation that is cut is left half done (the first half of the bytes programmed, the
 * first half of the sectors erased); from then on every access fails, as nothing runs any more.
 */
#ifndef HOST_FLASH_CUT_H
#define HOST_FLASH_CUT_H

#include "ota/flash.h"

typedef struct {
    ota_flash_t inner;
    uint32_t left; /* programs and erases that still succeed */
    bool cut;
    void (*on_cut)(void *user); /* called once, may be NULL */
    void *user;
} flash_cut_t;

/* Puts `cut` between the library and *flash: *flash is changed in place and works on through
 * `cut`, which must outlive it. The operation after `operations` successful ones is cut. */
void flash_cut_arm(flash_cut_t *cut, ota_flash_t *flash, uint32_t operations);

#endif
