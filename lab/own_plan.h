/* SPDX-License-Identifier: Apache-2.0 */
/* Plans and worlds on the user's table. For own.c and nobody else. */
#ifndef LAB_OWN_PLAN_H
#define LAB_OWN_PLAN_H

#include "lab/own.h"

/* The whole update with the user's images: with a trial, or without where the bootloader was built
 * so. */
const lab_row_t *own_main_row(const own_wish_t *wish);

/* The whole update with small images, to be cut at every byte; NULL: none is like it. */
const lab_row_t *own_fine_row(const own_wish_t *wish);

/* A world for that row; the plan must outlive it. OTA_ERR_ARG: the user's table cannot have it;
 * statuses of own_plan and lab_world_open. */
OTA_MUST_CHECK ota_status_t own_world(const own_wish_t *wish, const lab_row_t *row,
                                      lab_plan_t *plan, lab_world_t **world, ota_fault_t *fault);

#endif
