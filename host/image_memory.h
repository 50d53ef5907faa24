/* SPDX-License-Identifier: Apache-2.0 */
/* Memory map of each chip, under the names that Espressif's tools print for load addresses. */
#ifndef HOST_IMAGE_MEMORY_H
#define HOST_IMAGE_MEMORY_H

#include "ota/chip.h"

#define IMAGE_MEMORIES_MAX 4u /* names that one address can have */

/* All names of the memory at `load`, in the order of Espressif's tools; their number. */
size_t image_memory_names(const ota_chip_t *chip, uint32_t load,
                          const char *names[IMAGE_MEMORIES_MAX]);

/* True if one of the names of `load` is `name`. */
bool image_memory_is(const ota_chip_t *chip, uint32_t load, const char *name);

/* First address of the memory of this name; 0: the chip has none. */
uint32_t image_memory_start(const ota_chip_t *chip, const char *name);

#endif
