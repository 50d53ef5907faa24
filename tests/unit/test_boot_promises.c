/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boot, policy otary: what it promises, over every combination of
 *   two copies (blank, damaged, seven states) x orders of their sequences x one to three slots x
 *   factory and test absent, good or broken x every slot good or broken x rollback on and off.
 */
#include "ota/boot.h"

#include "support/boot_world.h"
#include "support/unit.h"

#include <stdio.h>

static const char *const copies[] = {"-", "V!", "N", "P", "V", "I", "A", "U", "X"};
static const unsigned orders[][2] = {{1, 2}, {2, 1}, {1, 1}, {1, 3}, {3, 2}, {4, 3}};

#define COPIES (sizeof(copies) / sizeof(copies[0]))
#define ORDERS (sizeof(orders) / sizeof(orders[0]))

typedef struct {
    unsigned worlds;
    unsigned last_resort; /* resting on a rejected image, because nothing else loads */
    unsigned on_test;     /* resting on the test app, because nothing but rejected images loads */
    unsigned stock_differs[2]; /* among those two kinds: where stock would boot something else */
} tally_t;

static bool exists(const world_t *world, ota_slot_t slot)
{
    return ota_layout_region(&world->layout, slot).size != 0;
}

static bool loads(const world_t *world, ota_slot_t slot)
{
    return exists(world, slot) && world->loads[world_index(slot)];
}

/* Written afresh from the words, not from the code: a rejection names it, and no record that
 * counts does. */
static bool rejected(const world_t *world, ota_slot_t slot)
{
    bool by_one = false;
    for (int i = 0; slot >= 0 && i < 2; i++) {
        const ota_entry_t *e = &world->od.copy[i];
        bool names = e->seq != OTA_SEQ_EMPTY && e->crc == ota_entry_crc(e->seq) &&
                     (e->seq - 1u) % world->layout.boot_count == (uint32_t)slot;
        bool bad = e->state == OTA_STATE_INVALID || e->state == OTA_STATE_ABORTED;
        if (names && !bad) {
            return false;
        }
        by_one = by_one || names;
    }
    return by_one;
}

static bool pending(const world_t *world)
{
    return world->config.rollback && (world->od.copy[0].state == OTA_STATE_PENDING ||
                                      world->od.copy[1].state == OTA_STATE_PENDING);
}

static void fail_in(const world_t *before, const char *what, ota_slot_t booted)
{
    char text[2][24];
    fail_msg("%s: copies %s %s, %u slots, boots %d", what,
             sector_entry_text(&before->od.copy[0], text[0]),
             sector_entry_text(&before->od.copy[1], text[1]), before->layout.boot_count, booted);
}

/* `after` still carries the records as they were weighed: PENDING has become ABORTED. */
static void check_choice(const world_t *before, const world_t *after, const boot_result_t *boot)
{
    bool any = false;
    bool better = false;
    world_t weighed = *before;
    ota_plan_apply(&boot->plan.writes, &weighed.od);
    for (ota_slot_t slot = OTA_SLOT_TEST; slot < 3; slot++) {
        any = any || loads(before, slot);
        better = better || (loads(before, slot) && !rejected(&weighed, slot));
    }
    if (any != (boot->booted != OTA_SLOT_NONE)) {
        fail_in(before, "resets although an image loads", boot->booted);
    }
    if (better && rejected(&weighed, boot->booted)) {
        fail_in(before, "boots a rejected image", boot->booted);
    }
    if (rejected(&weighed, boot->booted) && !rejected(after, boot->booted)) {
        fail_in(before, "forgives a rejected image", boot->booted);
    }
}

/* The copy that names what boots is never erased; only its trial may be noted in it. */
static void check_writes(const world_t *before, const boot_result_t *boot)
{
    world_t world = *before;
    ota_plan_apply(&boot->plan.writes, &world.od);
    uint8_t count = world.layout.boot_count;
    int copy =
        boot->booted < 0 ? -1 : ota_otadata_find(&world.od, count, boot->booted, ota_entry_valid);
    for (uint8_t i = 0; copy >= 0 && i < boot->settled.writes.count; i++) {
        const ota_plan_step_t *step = &boot->settled.writes.step[i];
        bool trial = step->write && step->entry.state == OTA_STATE_PENDING;
        if (step->copy == copy && !trial) {
            fail_in(before, "rewrites the record of what boots", boot->booted);
        }
    }
}

/* C1: a stock bootloader in our place picks the same slot, but for two kinds of rest. */
static void check_stock(tally_t *tally, const world_t *rest, ota_slot_t ours)
{
    world_t world = *rest;
    boot_result_t boot;
    world.config.policy = OTA_POLICY_STOCK;
    world_boot(&world, &boot);
    bool resort = rejected(rest, ours);
    bool test = ours == OTA_SLOT_TEST;
    tally->last_resort += resort;
    tally->on_test += test;
    if (boot.booted != ours) {
        if (!resort && !test) {
            fail_in(rest, "stock would boot something else", ours);
        }
        tally->stock_differs[test]++;
    }
}

static void check_world(tally_t *tally, const world_t *start)
{
    world_t world = *start;
    boot_result_t boot;
    ota_slot_t last = OTA_SLOT_NONE;
    bool quiet = false;
    tally->worlds++;
    for (int boots = 0; !quiet; boots++) {
        world_t before = world;
        world_boot(&world, &boot);
        check_choice(&before, &world, &boot);
        check_writes(&before, &boot);
        if (boot.booted == OTA_SLOT_NONE) {
            return;
        }
        if (boots > 0 && !pending(&before) && (boot.writes != 0 || boot.booted != last)) {
            fail_in(&before, "does not come to rest", boot.booted);
        }
        quiet = boot.writes == 0;
        last = boot.booted;
        assert_true(boots < 4);
    }
    check_stock(tally, &world, last);
}

/* Every image good or broken. */
static void check_images(tally_t *tally, const world_t *start)
{
    for (unsigned mask = 0; mask < 32; mask++) {
        world_t world = *start;
        bool twice = false;
        for (ota_slot_t slot = OTA_SLOT_TEST; slot < 3; slot++) {
            bool good = (mask >> (slot + 2) & 1u) != 0;
            twice = twice || (good && !exists(start, slot));
            world.loads[world_index(slot)] = good;
        }
        for (int rollback = 0; !twice && rollback < 2; rollback++) {
            world.config =
                (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .rollback = rollback != 0};
            check_world(tally, &world);
        }
    }
}

static void every_state_of_two_copies_boots_well_and_comes_to_rest(void **state)
{
    (void)state;
    static const char *const apps[] = {"0",     "0 1",     "0 1 2",   "F 0",    "F 0 1",
                                       "0 1 T", "F 0 1 2", "F 0 1 T", "0 1 2 T"};
    tally_t tally = {0};
    for (size_t a = 0; a < sizeof(apps) / sizeof(apps[0]); a++) {
        for (size_t i = 0; i < COPIES * COPIES * ORDERS; i++) {
            char text[2][16];
            const unsigned *seq = orders[i / (COPIES * COPIES)];
            const char *kind[2] = {copies[i % COPIES], copies[i / COPIES % COPIES]};
            for (int k = 0; k < 2; k++) {
                (void)snprintf(text[k], sizeof(text[k]), "%.*u%s", kind[k][0] == '-' ? 0 : 1,
                               kind[k][0] == '-' ? 0u : seq[k], kind[k]);
            }
            world_t world;
            world_make(&world, apps[a], text[0], text[1]);
            check_images(&tally, &world);
        }
    }
    print_message("%u worlds; at rest on a rejected image %u (stock elsewhere %u), on the test app "
                  "%u (stock elsewhere %u)\n",
                  tally.worlds, tally.last_resort, tally.stock_differs[0], tally.on_test,
                  tally.stock_differs[1]);
    assert_int_equal(tally.worlds, 79704); /* docs/boot.md quotes these */
    assert_int_equal(tally.last_resort, 4980);
    assert_int_equal(tally.stock_differs[0], 0);
    assert_int_equal(tally.on_test, 4800);
    assert_int_equal(tally.stock_differs[1], 1884);
}

/* --- anti-rollback ----------------------------------------------------------------------- */

static bool confirmed(const ota_otadata_t *od, ota_slot_t slot)
{
    bool found = false;
    for (int i = 0; i < 2; i++) {
        found =
            found || (ota_entry_valid(&od->copy[i]) && ota_entry_slot(&od->copy[i], 2) == slot &&
                      od->copy[i].state == OTA_STATE_VALID);
    }
    return found;
}

/* One boot under anti-rollback, held to what may be burnt. */
static void boot_and_check_burn(world_t *world, boot_result_t *boot)
{
    world_t before = *world;
    world_boot(world, boot);
    assert_int_equal(boot->plan.raise_to, 0); /* never before an image has verified */
    if (boot->burnt) {                        /* only for what an application has confirmed */
        assert_true(world->efuse <= world->apps[boot->booted].secure_version);
        assert_true(confirmed(&before.od, boot->booted));
    }
}

static bool anything_permitted(const world_t *world)
{
    bool any = false;
    for (ota_slot_t slot = 0; slot < 2; slot++) {
        any = any || (world->loads[slot] && world->apps[slot].secure_version >= world->efuse);
    }
    return any;
}

static void check_versions(const world_t *start, unsigned *differs, unsigned *worlds)
{
    world_t world = *start;
    boot_result_t boot;
    bool any = anything_permitted(start);
    ota_slot_t last = OTA_SLOT_NONE;
    for (int boots = 0; boots < 5; boots++) {
        world_t before = world;
        boot_and_check_burn(&world, &boot);
        assert_int_equal(boot.booted != OTA_SLOT_NONE, any);
        if (boots > 2 && (boot.writes != 0 || boot.burnt || boot.booted != last)) {
            fail_in(&before, "does not come to rest", boot.booted);
        }
        last = boot.booted;
    }
    if (!any) {
        return;
    }
    bool resort = rejected(&world, last);
    (*worlds)++;
    world.config.policy = OTA_POLICY_STOCK;
    world_boot(&world, &boot);
    assert_true(boot.booted == last || resort);
    *differs += boot.booted != last;
}

static void every_mixture_of_versions_boots_and_never_locks_itself_out(void **state)
{
    (void)state;
    unsigned differs = 0;
    unsigned worlds = 0;
    for (size_t i = 0; i < COPIES * COPIES * ORDERS; i++) {
        char text[2][16];
        const unsigned *seq = orders[i / (COPIES * COPIES)];
        const char *kind[2] = {copies[i % COPIES], copies[i / COPIES % COPIES]};
        for (int k = 0; k < 2; k++) {
            (void)snprintf(text[k], sizeof(text[k]), "%.*u%s", kind[k][0] == '-' ? 0 : 1,
                           kind[k][0] == '-' ? 0u : seq[k], kind[k]);
        }
        for (unsigned v = 0; v < 27 * 4; v++) {
            world_t world;
            world_make(&world, "0 1", text[0], text[1]);
            world.config = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .anti_rollback = true};
            world.apps[0].secure_version = v % 3;
            world.apps[1].secure_version = v / 3 % 3;
            world.efuse = v / 9 % 3;
            world.loads[0] = (v / 27 & 1u) != 0;
            world.loads[1] = (v / 27 & 2u) != 0;
            check_versions(&world, &differs, &worlds);
        }
    }
    print_message("%u worlds at rest; stock elsewhere %u\n", worlds, differs);
    assert_int_equal(worlds, 28188);
    assert_int_equal(differs, 112);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_of_two_copies_boots_well_and_comes_to_rest),
        cmocka_unit_test(every_mixture_of_versions_boots_and_never_locks_itself_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
