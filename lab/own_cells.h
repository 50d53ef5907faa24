/* SPDX-License-Identifier: Apache-2.0 */
/* The update as a list of operations, gathered into cells. For own.c and nobody else. */
#ifndef LAB_OWN_CELLS_H
#define LAB_OWN_CELLS_H

#include "lab/own.h"

/* Lives the update once without a cut and fills cells, metadata_ops, data_ops, data_inside.
 * OTA_ERR_STATE: it does not come to its end; OTA_ERR_NO_ROOM: no memory. */
OTA_MUST_CHECK ota_status_t own_cells(lab_world_t *world, own_result_t *result);

#endif
