/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole scenarios: what applications do, power cuts, failing calls and rot, in any order, on the
 * real library and boot code, judged by the laboratory's oracles. lab/script.h says how bytes are
 * read; `lab_runner script FILE` tells an input as a story.
 */
#include "lab/script.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static script_stage_t *stage; /* opened once: worlds are large, and left as they were */
    script_result_t result;
    if (stage == NULL) {
        stage = script_open();
    }
    if (stage == NULL || script_play(stage, data, size, NULL, &result) != OTA_OK) {
        return 0;
    }
    if (result.violated) {
        ota_status_t told = script_play(stage, data, size, stderr, &result);
        (void)told; /* the same again */
        abort();
    }
    return 0;
}
