/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent on a hostile network: the bytes are what it gets for answers, where its flash and store
 * fail and when its power goes. lab/net/hostile.h says how they are read, and what must hold.
 */
#include "lab/net/hostile.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static hostile_t *stage; /* opened once: worlds are large, and set up anew for each input */
    hostile_result_t result;
    if (stage == NULL) {
        stage = hostile_open();
    }
    if (stage == NULL) {
        return 0;
    }
    hostile_play(stage, data, size, &result);
    if (result.broken != HOSTILE_FINE) {
        (void)fprintf(stderr, "%s: %s\n", hostile_oracle_name(result.broken), result.what);
        abort();
    }
    return 0;
}
