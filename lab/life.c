/* SPDX-License-Identifier: Apache-2.0 */
/* One power-on: the real boot code, the oracles, the application that booted, its end. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "lab/world.h"
#include "ports/crypto/openssl.h"

/* L2: what recovery may cost. A boot that has to repair everything needs some ten operations. */
#define BOOT_OPS_MAX      24u
#define RECORD_ERASES_MAX 8u /* of one otadata sector in one life */
#define READ_BUFFER       4096u

bool life_blame(life_t *life, lab_oracle_t oracle, const char *format, ...)
{
    va_list list;
    if (life->violated) {
        return false;
    }
    life->violated = true;
    life->verdict.oracle = oracle;
    va_start(list, format);
    (void)vsnprintf(life->verdict.what, sizeof(life->verdict.what), format, list);
    va_end(list);
    return false;
}

static void blame_verdict(life_t *life, const lab_verdict_t *verdict)
{
    if (!life->violated) {
        life->violated = true;
        life->verdict = *verdict;
    }
}

uint64_t world_key(const lab_world_t *world)
{
    uint64_t key = medium_mix(medium_key(&world->medium), world->efuse + 1u);
    return medium_mix_bytes(key, &world->ledger, sizeof(world->ledger));
}

/* --- images -------------------------------------------------------------------------------- */

typedef struct {
    lab_world_t *world;
    const ota_flash_t *flash;
    int image; /* of the last that loaded */
} loader_t;

static int image_in(lab_world_t *world, ota_region_t where)
{
    for (int i = 0; i < (int)LAB_IMAGES_MAX; i++) {
        const image_bytes_t *image = &world->plan->image[i];
        if (image->bytes != NULL && image->len <= where.size &&
            medium_holds(&world->medium, where.offset, image->bytes, (uint32_t)image->len)) {
            return i;
        }
    }
    return -1;
}

static ota_status_t verify(const loader_t *loader, ota_slot_t slot, ota_region_t where,
                           ota_fault_t *fault)
{
    lab_world_t *world = loader->world;
    ota_boot_verifier_t verifier = {
        .flash = loader->flash,
        .rules = {.chip = world->plan->image_chip, .any_rev = true, .crypto = &crypto_openssl},
        .buffer = world->read_buffer,
        .buffer_len = READ_BUFFER};
    return ota_boot_verify(&verifier, slot, where, fault);
}

/* The verdict on a slot's content does not change while the content does not. */
static ota_status_t load(void *ctx, ota_slot_t slot, ota_region_t where, ota_fault_t *fault)
{
    loader_t *loader = ctx;
    lab_world_t *world = loader->world;
    medium_t *medium = &world->medium;
    bool certain = !world->no_memo && where.size % MEDIUM_SECTOR == 0 &&
                   medium_region_marginal(medium, where.offset, where.size) == 0;
    uint64_t key =
        medium_mix(medium_region_key(medium, where.offset, where.size), lab_slot_index(slot) + 1u);
    memo_t *memo = &world->memo[key & (MEMO - 1u)];
    if (certain && memo->key == key) {
        loader->image = memo->image;
        fault->status = memo->status;
        return memo->status;
    }
    ota_status_t status = verify(loader, slot, where, fault);
    loader->image = status == OTA_OK ? image_in(world, where) : -1;
    if (certain && world->medium.fail.how == MEDIUM_WORKS) {
        *memo = (memo_t){key, status, loader->image};
    }
    return status;
}

/* --- the machine --------------------------------------------------------------------------- */

static ota_status_t efuse_read(void *ctx, uint32_t *version)
{
    const lab_world_t *world = ctx;
    *version = world->efuse;
    return OTA_OK;
}

static ota_status_t efuse_raise(void *ctx, uint32_t version)
{
    lab_world_t *world = ctx;
    const medium_op_t burn = {MEDIUM_READ, version, 0, NULL};
    explore_op(world, &burn);
    world->efuse = version;
    return OTA_OK;
}

ota_efuse_t life_efuse(lab_world_t *world)
{
    return (ota_efuse_t){1, world, efuse_read, efuse_raise};
}

static ota_status_t boot(lab_world_t *world, loader_t *loader, const ota_boot_config_t *config,
                         bool dry, ota_boot_trace_t *trace)
{
    uint8_t table[OTA_TABLE_SIZE];
    ota_efuse_t efuse = life_efuse(world);
    ota_machine_t machine = {.flash = loader->flash,
                             .table_buffer = table,
                             .config = config,
                             .efuse = config->anti_rollback ? &efuse : NULL,
                             .dry_run = dry,
                             .ctx = loader,
                             .load = load};
    return ota_boot_run(&machine, trace);
}

/* What a bootloader of this policy would start now; nothing changes. */
static ota_slot_t would_boot(lab_world_t *world, ota_policy_t policy)
{
    medium_port_t port;
    medium_power_t before;
    ota_boot_trace_t trace;
    ota_boot_config_t config = world->plan->boot;
    config.policy = policy;
    medium_power_on(&world->medium, &port, MEDIUM_ONES, &before);
    loader_t loader = {world, &port.flash, -1};
    bool booted = boot(world, &loader, &config, true, &trace) == OTA_OK;
    medium_power_off(&world->medium, &before);
    return booted ? trace.booted : OTA_SLOT_NONE;
}

/* --- judging ------------------------------------------------------------------------------- */

/* Between boots and at rest a stock bootloader would go the same way. */
static void judge_compatible(lab_world_t *world, life_t *life)
{
    if (world->plan->boot.policy != OTA_POLICY_OTARY || world->medium.marginal_total != 0) {
        return;
    }
    ota_slot_t ours = would_boot(world, OTA_POLICY_OTARY);
    ota_slot_t stock = would_boot(world, OTA_POLICY_STOCK);
    if (ours != stock) {
        (void)life_blame(life, LAB_C1, "a stock bootloader would start slot %d, ours slot %d",
                         stock, ours);
    }
}

/* The new image runs for good; or it was given up and no offer is left. */
static bool ends_new(const lab_world_t *world, int image)
{
    const lab_ledger_t *ledger = &world->ledger;
    if (ledger->trial != OTA_SLOT_NONE) {
        return false;
    }
    bool taken = ledger->updates == 0;
    bool runs = image == ledger->offer && (taken || !world->plan->scenario.row->repeat);
    return runs || (ledger->given_up > 0 && taken);
}

static bool ends_well(const lab_world_t *world, const life_t *life, int image)
{
    switch (world->plan->scenario.row->ends) {
    case LAB_ENDS_NEW:
        return ends_new(world, image);
    case LAB_ENDS_OLD:
        return life->running == world->plan->home && image == LAB_IMAGE_OLD &&
               world->ledger.updates == 0;
    case LAB_ENDS_FACTORY:
        break;
    }
    return life->running == OTA_SLOT_FACTORY || world->ledger.given_up > 0;
}

static void judge_rest(const lab_world_t *world, life_t *life, int image)
{
    if (!ends_well(world, life, image)) {
        (void)life_blame(life, LAB_L1, "at rest slot %d runs with image %d; %u updates not taken",
                         life->running, image, (unsigned)world->ledger.updates);
    }
}

/* Does the trial run under protection, as its bootloader will see it? */
static void judge_guard(lab_world_t *world, life_t *life)
{
    ota_device_t device = {.flash = &life->port.flash, .boot = world->plan->boot};
    device.layout = world->plan->layout;
    device.running = life->running;
    if (world->ledger.trial == life->running && world->ledger.maybe == 0 &&
        !ota_device_on_trial(&device)) {
        (void)life_blame(life, LAB_S4, "slot %d runs unconfirmed and without rollback protection",
                         life->running);
    }
}

/* The oracles read the flash as it is: calls that are made to fail are the device's. */
static medium_failure_t oracles_begin(lab_world_t *world)
{
    medium_failure_t how = world->medium.fail.how;
    world->medium.fail.how = MEDIUM_WORKS;
    return how;
}

static void oracles_end(lab_world_t *world, medium_failure_t how)
{
    world->medium.fail.how = how;
}

static void judge_boot(lab_world_t *world, life_t *life, const lab_lived_t *lived)
{
    lab_verdict_t verdict;
    lab_trials_t trials = application_trials(world->plan);
    int expected = world->ledger.content[lab_slot_index(lived->booted)];
    trials.failing = world->failing;
    if (life->ops > BOOT_OPS_MAX) {
        (void)life_blame(life, LAB_L2, "the boot took %u flash operations; at most %u",
                         (unsigned)life->ops, BOOT_OPS_MAX);
    }
    if (!oracle_efuse(&world->ledger, world->efuse, &verdict)) {
        blame_verdict(life, &verdict);
    }
    if (lived->image < 0 || lived->image != expected) {
        (void)life_blame(life, LAB_S2, "slot %d runs, and does not hold the image put there",
                         lived->booted);
    }
    if (!oracle_started(&world->ledger, lived->booted, &trials, &verdict)) {
        blame_verdict(life, &verdict);
    }
    if (trials.trials) {
        judge_guard(world, life);
    }
}

static void judge_end(lab_world_t *world, life_t *life, lab_lived_t *lived, act_t act)
{
    static const lab_life_t ends[] = {LAB_LIFE_RESTS, LAB_LIFE_RESETS, LAB_LIFE_RESETS};
    lived->end = ends[act];
    for (unsigned i = 0; i < 2; i++) {
        if (life->record_erases[i] > RECORD_ERASES_MAX) {
            (void)life_blame(life, LAB_L2, "otadata's sector %u was erased %u times in one life", i,
                             (unsigned)life->record_erases[i]);
        }
    }
    if (act == ACT_STOPPED) {
        return;
    }
    judge_compatible(world, life);
    if (act == ACT_RESTS) {
        judge_rest(world, life, lived->image);
    }
}

/* --- a life -------------------------------------------------------------------------------- */

static void judge_place(const lab_world_t *world, life_t *life, const medium_op_t *op)
{
    for (unsigned i = 0; i < world->app_count; i++) {
        ota_slot_t slot = world->app_slot[i];
        ota_region_t where = world->apps[i];
        bool inside = op->addr + op->len > where.offset && op->addr < where.offset + where.size;
        if (inside && (life->booting || slot == life->running)) {
            (void)life_blame(life, LAB_X, "a %s in slot %d while %s",
                             op->kind == MEDIUM_ERASE ? "erase" : "program", slot,
                             life->booting ? "booting" : "it runs");
        }
    }
}

static void judge_op(const lab_world_t *world, life_t *life, const medium_op_t *op)
{
    uint32_t otadata = world->plan->layout.otadata.offset;
    life->ops++;
    if (op->kind == MEDIUM_ERASE && op->addr >= otadata && op->addr - otadata < OTA_OTADATA_SIZE) {
        life->record_erases[(op->addr - otadata) / OTA_OTADATA_SECTOR]++;
    }
    judge_place(world, life, op);
}

static void on_op(void *user, const medium_op_t *op)
{
    lab_world_t *world = user;
    if (world->life != NULL) {
        judge_op(world, world->life, op);
        explore_op(world, op);
    }
}

static void judge_rules(lab_world_t *world, life_t *life)
{
    if (world->medium.fault != MEDIUM_FAULT_NONE) {
        (void)life_blame(life, LAB_X, "%s at 0x%X", medium_fault_text(world->medium.fault),
                         (unsigned)world->medium.fault_op.addr);
        world->medium.fault = MEDIUM_FAULT_NONE;
    }
}

static void boot_and_act(lab_world_t *world, life_t *life, lab_lived_t *lived)
{
    ota_boot_trace_t trace;
    loader_t loader = {world, &life->port.flash, -1};
    life->booting = true;
    ota_status_t status = boot(world, &loader, &world->plan->boot, false, &trace);
    life->booting = false;
    lived->boot_cost = world->medium.cost;
    lived->booted = status == OTA_OK ? trace.booted : OTA_SLOT_NONE;
    lived->image = status == OTA_OK ? loader.image : -1;
    life->running = lived->booted;
    if (status != OTA_OK) {
        lived->end = LAB_LIFE_SILENT;
        if (!oracle_silent(&world->ledger, status, &lived->verdict)) {
            blame_verdict(life, &lived->verdict);
        }
        return;
    }
    medium_failure_t how = oracles_begin(world);
    judge_boot(world, life, lived);
    oracles_end(world, how);
    if (!life->violated) {
        act_t act = world->actor != NULL
                        ? world->actor(world->actor_user, world, life, lived->image)
                        : application_act(world, life, lived->image);
        how = oracles_begin(world);
        judge_end(world, life, lived, act);
        oracles_end(world, how);
    }
}

void life_live(lab_world_t *world, life_t *life, chain_t *chain, medium_reading_t reading,
               lab_lived_t *lived)
{
    medium_power_t before;
    life_t *outer = world->life;
    medium_fault_t fault = world->medium.fault;
    *life = (life_t){.chain = chain, .running = OTA_SLOT_NONE};
    *lived = (lab_lived_t){.booted = OTA_SLOT_NONE, .image = -1};
    medium_power_on(&world->medium, &life->port, reading, &before);
    world->medium.fault = MEDIUM_FAULT_NONE;
    if (world->wrap != NULL) {
        world->wrap(world->wrap_user, &life->port.flash);
    }
    world->life = life;
    boot_and_act(world, life, lived);
    judge_rules(world, life);
    lived->ops = life->ops;
    lived->record_erases = life->record_erases[0] > life->record_erases[1] ? life->record_erases[0]
                                                                           : life->record_erases[1];
    if (life->violated) {
        lived->end = LAB_LIFE_VIOLATES;
        lived->verdict = life->verdict;
    }
    world->life = outer;
    world->medium.fault = fault;
    medium_power_off(&world->medium, &before);
}

/* --- the world ----------------------------------------------------------------------------- */

static void list_apps(lab_world_t *world)
{
    for (ota_slot_t slot = OTA_SLOT_TEST; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        ota_region_t where = ota_layout_region(&world->plan->layout, slot);
        if (where.size != 0) {
            world->apps[world->app_count] = where;
            world->app_slot[world->app_count++] = slot;
        }
    }
}

ota_status_t lab_world_open(lab_world_t **opened, const lab_plan_t *plan)
{
    ota_fault_t fault;
    lab_world_t *world = calloc(1, sizeof(*world));
    *opened = NULL;
    if (world == NULL) {
        return OTA_ERR_NO_ROOM;
    }
    world->plan = plan;
    world->read_buffer = malloc(READ_BUFFER);
    ota_status_t status =
        world->read_buffer != NULL ? medium_open(&world->medium, &plan->chip) : OTA_ERR_NO_ROOM;
    if (status == OTA_OK) {
        status = ota_table_open_boot(&world->table, plan->table, OTA_TABLE_SIZE, plan->chip.size,
                                     &fault);
    }
    if (status == OTA_OK) {
        list_apps(world);
        status = lab_plan_flash(plan, &world->medium, &world->ledger);
    }
    if (status != OTA_OK) {
        lab_world_close(world);
        return status;
    }
    medium_settle(&world->medium);
    world->efuse = world->ledger.efuse;
    world->medium.hook = on_op;
    world->medium.user = world;
    *opened = world;
    return OTA_OK;
}

void lab_world_close(lab_world_t *world)
{
    if (world != NULL) {
        judged_stop(&world->judged);
        medium_close(&world->medium);
        free(world->read_buffer);
        free(world);
    }
}

void lab_world_wrap(lab_world_t *world, lab_wrap_t wrap, void *user)
{
    world->wrap = wrap;
    world->wrap_user = user;
}

medium_t *lab_world_medium(lab_world_t *world)
{
    return &world->medium;
}

lab_ledger_t *lab_world_ledger(lab_world_t *world)
{
    return &world->ledger;
}

const lab_plan_t *lab_world_plan(const lab_world_t *world)
{
    return world->plan;
}

void lab_world_live(lab_world_t *world, medium_reading_t reading, lab_lived_t *lived)
{
    chain_t chain = {.dry = true};
    life_t life;
    life_live(world, &life, &chain, reading, lived);
}

void lab_world_settle(lab_world_t *world, medium_reading_t reading, unsigned boots,
                      lab_lived_t *lived)
{
    uint32_t ops = 0;
    for (unsigned i = 0; i < boots; i++) {
        lab_world_live(world, reading, lived);
        ops += lived->ops;
        lived->ops = ops;
        if (lived->end == LAB_LIFE_RESTS || lived->end == LAB_LIFE_VIOLATES) {
            return;
        }
    }
    lived->end = LAB_LIFE_VIOLATES;
    lived->verdict.oracle = LAB_L1;
    (void)snprintf(lived->verdict.what, sizeof(lived->verdict.what),
                   "no rest after %u boots without a cut", boots);
}
