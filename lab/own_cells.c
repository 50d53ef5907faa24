/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations to cells:
 *
 *   operations   M M D D D D D D D D D D D D M M M M       M on otadata, D image data
 *   cells        1 1 [--2--][s][--3--][s][4] 1 1 1 1       1 each its own; 2, 3, 4 runs; s samples
 */
#include "lab/own_cells.h"

#include "lab/world.h"
#include "ota/record.h"

#include <stdlib.h>

#define RUNS    64u /* of image data: cut before and after each operation, and one inside */
#define KINDS   3u  /* of operations: erases, programs, lines of the journal */
#define OPS_MAX (1u << 20)

typedef struct {
    own_phase_t phase;
    bool erase;
    bool metadata; /* on otadata, the journal of the download excepted */
    bool journal;
    uint32_t index; /* as the explorer counts */
    uint32_t addr;
    uint32_t len;
} op_t;

typedef struct {
    op_t *op;
    uint32_t count;
    bool failed; /* no memory, or more than OPS_MAX */
} list_t;

static own_phase_t phase_of(const lab_world_t *world, bool metadata)
{
    const life_t *life = world->life;
    ota_slot_t target = world->plan->target;
    if (life->booting) {
        return OWN_BOOT;
    }
    if (life->running == target) {
        return OWN_CONFIRM;
    }
    bool whole = world->ledger.content[lab_slot_index(target)] == LAB_IMAGE_NEW;
    return metadata && whole ? OWN_SELECT : OWN_DOWNLOAD;
}

static bool room_for_one(list_t *list)
{
    uint32_t count = list->count;
    if ((count & (count - 1u)) == 0) { /* none, or a power of two: it is full */
        op_t *more = count < OPS_MAX ? realloc(list->op, (2u * count + 1u) * sizeof(*more)) : NULL;
        list->failed = list->failed || more == NULL;
        list->op = more != NULL ? more : list->op;
    }
    return !list->failed;
}

static void note(void *user, lab_world_t *world, const medium_op_t *op, uint32_t index,
                 const damage_t *cut)
{
    list_t *list = user;
    ota_region_t otadata = world->plan->layout.otadata;
    (void)cut;
    if (op->kind == MEDIUM_READ || world->life == NULL || !room_for_one(list)) {
        return; /* a burn, or the end */
    }
    uint32_t at = op->addr - otadata.offset;
    bool metadata = at < OTA_OTADATA_SIZE;
    bool journal =
        metadata && op->kind == MEDIUM_PROGRAM && at % OTA_OTADATA_SECTOR >= OTA_JOURNAL_AT;
    list->op[list->count++] = (op_t){.phase = phase_of(world, metadata),
                                     .erase = op->kind == MEDIUM_ERASE,
                                     .metadata = metadata && !journal,
                                     .journal = journal,
                                     .index = index,
                                     .addr = op->addr,
                                     .len = op->len};
}

/* --- cells ---------------------------------------------------------------------------------- */

static void add_cell(own_result_t *result, const list_t *list, uint32_t from, uint32_t to,
                     bool inside)
{
    const op_t *op = &list->op[from];
    if (result->cells == OWN_CELLS_MAX) {
        result->unfinished++;
        return;
    }
    own_cell_t *cell = &result->cell[result->cells++];
    *cell = (own_cell_t){.phase = op->phase,
                         .erase = op->erase,
                         .metadata = op->metadata,
                         .inside = inside,
                         .first = op->index,
                         .count = list->op[to - 1u].index - op->index + 1u,
                         .addr = op->addr};
    for (uint32_t i = from; i < to; i++) {
        cell->len += list->op[i].len;
    }
}

/* Which of a run is cut inside: by turns an erase, a program, a line of the journal. */
static uint32_t sample_of(const list_t *list, uint32_t from, uint32_t to, uint32_t turn)
{
    uint32_t half = from + (to - from) / 2u;
    for (uint32_t k = 0; k < to - from; k++) { /* from the middle on, and round */
        uint32_t i = from + (half - from + k) % (to - from);
        const op_t *op = &list->op[i];
        unsigned kind = op->erase ? 0 : op->journal ? 2 : 1;
        if (kind == turn % KINDS) {
            return i;
        }
    }
    return half;
}

/* [from, to) is image data and its journal without a break. */
static void add_data(own_result_t *result, const list_t *list, uint32_t from, uint32_t to,
                     uint32_t run)
{
    for (uint32_t at = from; at < to; at += run) {
        uint32_t end = to - at < run ? to : at + run;
        uint32_t sample = sample_of(list, at, end, result->data_inside);
        add_cell(result, list, at, end, false);
        add_cell(result, list, sample, sample + 1u, true);
        result->data_inside++;
    }
    result->data_ops += to - from;
}

static void gather(own_result_t *result, const list_t *list)
{
    uint32_t data = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        data += !list->op[i].metadata;
    }
    uint32_t run = (data + RUNS - 1u) / RUNS;
    for (uint32_t i = 0, end; i < list->count; i = end) {
        end = i + 1u;
        if (list->op[i].metadata) {
            add_cell(result, list, i, end, true);
            result->metadata_ops++;
            continue;
        }
        while (end < list->count && !list->op[end].metadata) {
            end++;
        }
        add_data(result, list, i, end, run);
    }
}

ota_status_t own_cells(lab_world_t *world, own_result_t *result)
{
    list_t list = {0};
    lab_verdict_t verdict;
    const lab_path_t uncut = {0};
    bool violated = explore_path(world, &uncut, note, &list, &verdict);
    ota_status_t status = list.failed ? OTA_ERR_NO_ROOM : violated ? OTA_ERR_STATE : OTA_OK;
    if (status == OTA_OK) {
        gather(result, &list);
    }
    free(list.op);
    return status;
}
