/* SPDX-License-Identifier: Apache-2.0 */
/* The table of judged states: open addressing, no deletion, nothing grows. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lab/world.h"

bool judged_start(judged_table_t *table, size_t bytes)
{
    size_t entries = 1024;
    while (entries * 2u * sizeof(judged_entry_t) <= bytes) {
        entries *= 2u;
    }
    memset(table, 0, sizeof(*table));
    void *at = mmap(NULL, entries * sizeof(judged_entry_t), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) {
        return false;
    }
    (void)madvise(at, entries * sizeof(judged_entry_t), MADV_HUGEPAGE); /* a hint */
    table->entry = at;
    table->mask = entries - 1u;
    return true;
}

void judged_stop(judged_table_t *table)
{
    if (table->entry != NULL) {
        (void)munmap(table->entry, (table->mask + 1u) * sizeof(judged_entry_t));
    }
    memset(table, 0, sizeof(*table));
}

judged_entry_t *judged_find(judged_table_t *table, uint64_t key)
{
    key += key == 0;
    for (size_t at = (size_t)(key ^ key >> 32) & table->mask;; at = (at + 1u) & table->mask) {
        judged_entry_t *entry = &table->entry[at];
        if (entry->key == key) {
            return entry;
        }
        if (entry->key == 0) {
            if (table->used >= table->mask / 8u * 7u) {
                table->full = true;
                return NULL;
            }
            table->used++;
            entry->key = key;
            entry->state = JUDGED_NEW;
            return entry;
        }
    }
}
