/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boot, policy otary: what it promises (docs/boot.md), over every combination of
 *   two sectors x one to three slots x factory and test absent, good or broken x every slot good
 *   or broken x rollback off, trials of one boot, of three
 * where the sectors hold what stock software leaves (blank, damaged, seven states, six orders of
 * sequences), or records whole, damaged, sealed, unsealed, of trials, of factory, beside each other
 * and beside stock's.
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
    unsigned beyond;      /* resting on a slot that no sequence names */
    unsigned stock_differs[3]; /* among those kinds: where stock would boot something else */
    unsigned trials;           /* boots of a trial */
    unsigned trial_differs;    /* after which stock would go on otherwise */
    unsigned most_writes;      /* sectors firmed up, written or wiped in one boot */
} tally_t;

static bool exists(const world_t *world, ota_slot_t slot)
{
    return ota_layout_region(&world->layout, slot).size != 0;
}

static bool loads(const world_t *world, ota_slot_t slot)
{
    return exists(world, slot) && world->loads[world_index(slot)];
}

static void knows(const world_t *world, ota_record_t *record)
{
    ota_commit_t commit;
    ota_commit_open(&commit, &world->od, &world->config, world->layout.boot_count);
    *record = commit.record;
}

/* Of otadata that only knew stock, written afresh from the words, not from the code: a rejection
 * names it, and no record that counts does. */
static bool rejected_by_stock(const world_t *world, ota_slot_t slot)
{
    bool by_one = false;
    for (int i = 0; i < 2; i++) {
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

static void fail_in(const world_t *world, const char *what, ota_slot_t booted)
{
    char text[WORLD_TEXT];
    fail_msg("%s: %s, %u slots, trials of %u, boots %d", what, world_text(world, text),
             world->layout.boot_count, world->config.rollback ? world->config.trial_boots : 0u,
             booted);
}

/* Promises 1 and 2. The plan's record still says what was weighed. */
static void check_choice(const world_t *before, const world_t *after, const boot_result_t *boot)
{
    bool any = false;
    bool better = false;
    const ota_record_t *weighed = &boot->plan.commit.record;
    ota_record_t then;
    knows(after, &then);
    for (ota_slot_t slot = OTA_SLOT_TEST; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        any = any || loads(before, slot);
        better = better || (loads(before, slot) && !ota_record_rejected(weighed, slot));
    }
    if (any != (boot->booted != OTA_SLOT_NONE)) {
        fail_in(before, "resets although an image loads", boot->booted);
    }
    if (better && ota_record_rejected(weighed, boot->booted)) {
        fail_in(before, "boots a rejected image", boot->booted);
    }
    if (ota_record_rejected(weighed, boot->booted) && !ota_record_rejected(&then, boot->booted)) {
        fail_in(before, "forgives a rejected image", boot->booted);
    }
}

/* Promise 4: what is in force is not written to; it is wiped only when its successor is complete.
 */
static void check_writes(const world_t *before, const boot_result_t *boot)
{
    const ota_commit_t *commit = &boot->settled.commit;
    int sector = boot->plan.active;
    bool wiped = sector >= 0 && (commit->wipe >> sector & 1) != 0;
    if (boot->plan.writes.count + boot->settled.writes.count != 0) {
        fail_in(before, "writes as stock does", boot->booted);
    }
    if (sector >= 0 && (commit->write == sector || (wiped && commit->write < 0))) {
        fail_in(before, "touches the record in force", boot->booted);
    }
}

static ota_slot_t stock_boots(const world_t *world)
{
    world_t copy = *world;
    boot_result_t boot;
    copy.config.policy = OTA_POLICY_STOCK;
    world_boot(&copy, &boot);
    return boot.booted;
}

/* Promise 5: at rest a stock bootloader in our place picks the same slot, but for three kinds. */
static void check_stock(tally_t *tally, const world_t *rest, ota_slot_t ours)
{
    ota_record_t record;
    knows(rest, &record);
    bool resort = ota_record_rejected(&record, ours);
    bool test = ours == OTA_SLOT_TEST;
    bool beyond = !resort && ours >= (ota_slot_t)rest->layout.boot_count;
    tally->last_resort += resort;
    tally->on_test += test;
    tally->beyond += beyond;
    if (stock_boots(rest) != ours) {
        if (!resort && !test && !beyond) {
            fail_in(rest, "stock would boot something else", ours);
        }
        tally->stock_differs[resort ? 0 : test ? 1 : 2]++;
    }
}

static bool on_trial(const world_t *world)
{
    ota_record_t record;
    knows(world, &record);
    return world->config.rollback && record.trial != 0;
}

/* With a trial open: would stock go on as we do? */
static void count_boot(tally_t *tally, const world_t *world, const boot_result_t *boot)
{
    tally->most_writes = boot->writes > tally->most_writes ? boot->writes : tally->most_writes;
    if (on_trial(world) && boot->writes != 0) {
        world_t copy = *world;
        boot_result_t next;
        tally->trials++;
        world_boot(&copy, &next);
        tally->trial_differs += next.booted != stock_boots(world);
    }
}

static void check_world(tally_t *tally, const world_t *start)
{
    world_t world = *start;
    boot_result_t boot;
    ota_slot_t last = OTA_SLOT_NONE;
    bool quiet = false;
    tally->worlds++;
    for (unsigned boots = 0; !quiet; boots++) {
        world_t before = world;
        bool trial = on_trial(&before);
        world_boot(&world, &boot);
        check_choice(&before, &world, &boot);
        if (boot.booted == OTA_SLOT_NONE) {
            assert_int_equal(boot.writes, 0);
            return;
        }
        check_writes(&before, &boot);
        if (boots > 0 && !trial && (boot.writes != 0 || boot.booted != last)) { /* promise 3 */
            fail_in(&before, "does not come to rest", boot.booted);
        }
        count_boot(tally, &world, &boot);
        quiet = boot.writes == 0;
        last = boot.booted;
        assert_true(boots < 3u + OTA_TRIAL_BOOTS);
    }
    if (!on_trial(&world)) { /* the test app, or a slot that cannot be named, leaves one waiting */
        check_stock(tally, &world, last);
    }
}

static const uint8_t trials[] = {0, 1, OTA_TRIAL_BOOTS}; /* boots of one; 0: rollback off */

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
        for (size_t i = 0; !twice && i < sizeof(trials); i++) {
            world.config = (ota_boot_config_t){
                .policy = OTA_POLICY_OTARY, .rollback = trials[i] != 0, .trial_boots = trials[i]};
            check_world(tally, &world);
        }
    }
}

static void say(const tally_t *tally)
{
    print_message(
        "%u devices; at rest on a rejected image %u (stock elsewhere %u), on the test app "
        "%u (stock elsewhere %u), beyond a hole %u (%u); %u boots of trials (stock "
        "elsewhere %u); at most %u sectors a boot\n",
        tally->worlds, tally->last_resort, tally->stock_differs[0], tally->on_test,
        tally->stock_differs[1], tally->beyond, tally->stock_differs[2], tally->trials,
        tally->trial_differs, tally->most_writes);
}

static const char *const apps[] = {"0",     "0 1",     "0 1 2",   "F 0",    "F 0 1",
                                   "0 1 T", "F 0 1 2", "F 0 1 T", "0 1 2 T"};
#define APPS (sizeof(apps) / sizeof(apps[0]))

static void stock_texts(size_t i, char text[2][16])
{
    const unsigned *seq = orders[i / (COPIES * COPIES)];
    const char *kind[2] = {copies[i % COPIES], copies[i / COPIES % COPIES]};
    for (int k = 0; k < 2; k++) {
        bool blank = kind[k][0] == '-';
        (void)snprintf(text[k], 16, "%.*u%s", blank ? 0 : 1, blank ? 0u : seq[k], kind[k]);
    }
}

static void check_taken_over(const world_t *world)
{
    ota_record_t record;
    world_t otary = *world;
    otary.config.policy = OTA_POLICY_OTARY;
    knows(&otary, &record);
    for (ota_slot_t slot = 0; slot < (ota_slot_t)world->layout.boot_count; slot++) {
        if (ota_record_rejected(&record, slot) != rejected_by_stock(world, slot)) {
            fail_in(world, "takes a rejection over wrongly", slot);
        }
    }
}

static void every_state_of_stock_otadata_boots_well_and_comes_to_rest(void **state)
{
    (void)state;
    tally_t tally = {0};
    for (size_t a = 0; a < APPS; a++) {
        for (size_t i = 0; i < COPIES * COPIES * ORDERS; i++) {
            char text[2][16];
            world_t world;
            stock_texts(i, text);
            world_make(&world, apps[a], text[0], text[1]);
            check_taken_over(&world);
            check_images(&tally, &world);
        }
    }
    say(&tally);
    assert_int_equal(tally.worlds, 119556); /* docs/boot.md quotes these */
    assert_int_equal(tally.last_resort, 7604);
    assert_int_equal(tally.stock_differs[0], 0);
    assert_int_equal(tally.on_test, 6686);
    assert_int_equal(tally.stock_differs[1], 2780);
    assert_int_equal(tally.beyond, 0);
    assert_int_equal(tally.trials, 13612);
    assert_int_equal(tally.trial_differs, 2000);
    assert_int_equal(tally.most_writes, 3);
}

static const char *const sectors[] = {"-",
                                      "w",
                                      "- d",
                                      "4N",
                                      "5P",
                                      "4V",
                                      "4V d",
                                      "4V r",
                                      "5A",
                                      "6V!",
                                      "7U",
                                      "R3 0 V0",
                                      "R4 1 3/3 else 0 V0",
                                      "R6 1 1/3 else 0 V0",
                                      "R8 1 0/3 else 0 V0",
                                      "R5 0 V0 A1 refused 1",
                                      "R7 0 0/1 else 1 V1 I2 refused 2",
                                      "R4? 1 3/3 else 0 V0",
                                      "R8? 1 V1 A0 | -",
                                      "R6' 1 2/3 else 0",
                                      "R7' F V0 V1",
                                      "R3 F else 1 V1",
                                      "R5 - writing 1",
                                      "R4 1 V1 else 0 | 4P",
                                      "R6 1 V1 else 0 | -",
                                      "R9 2 V2 else 1",
                                      "R1 0 V0 replaces 0xFFFFFFFE",
                                      "R0xFFFFFFFE 1 1/3 else 0"};
#define SECTORS (sizeof(sectors) / sizeof(sectors[0]))

static void every_pair_of_sectors_with_records_boots_well_and_comes_to_rest(void **state)
{
    (void)state;
    tally_t tally = {0};
    for (size_t a = 0; a < APPS; a++) {
        for (size_t i = 0; i < SECTORS * SECTORS; i++) {
            world_t world;
            world_make(&world, apps[a], sectors[i % SECTORS], sectors[i / SECTORS]);
            check_images(&tally, &world);
        }
    }
    say(&tally);
    assert_int_equal(tally.worlds, 192864); /* and these */
    assert_int_equal(tally.last_resort, 7428);
    assert_int_equal(tally.stock_differs[0], 0);
    assert_int_equal(tally.on_test, 8716);
    assert_int_equal(tally.stock_differs[1], 2832);
    assert_int_equal(tally.beyond, 0);
    assert_int_equal(tally.trials, 25880);
    assert_int_equal(tally.trial_differs, 3204);
    assert_int_equal(tally.most_writes, 3);
}

/* --- anti-rollback ----------------------------------------------------------------------- */

/* One boot under anti-rollback, held to what may be burnt. */
static void boot_and_check_burn(world_t *world, boot_result_t *boot)
{
    ota_record_t known;
    knows(world, &known);
    world_boot(world, boot);
    assert_int_equal(boot->plan.raise_to, 0); /* never before an image has verified */
    if (boot->burnt) {                        /* only for what an application has confirmed */
        assert_true(world->efuse <= world->apps[boot->booted].secure_version);
        assert_int_equal(ota_record_state(&known, boot->booted), OTA_STATE_VALID);
        assert_true(boot->booted != known.slot || known.trial == 0);
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
    ota_record_t record;
    for (unsigned boots = 0; boots < 4u + OTA_TRIAL_BOOTS; boots++) {
        world_t before = world;
        boot_and_check_burn(&world, &boot);
        assert_int_equal(boot.booted != OTA_SLOT_NONE, any);
        if (boots > 1u + OTA_TRIAL_BOOTS &&
            (boot.writes != 0 || boot.burnt || boot.booted != last)) {
            fail_in(&before, "does not come to rest", boot.booted);
        }
        last = boot.booted;
    }
    if (!any) {
        return;
    }
    knows(&world, &record);
    (*worlds)++;
    ota_slot_t stocks = stock_boots(&world);
    if (stocks != last && !ota_record_rejected(&record, last)) {
        fail_in(&world, "stock would boot something else", last);
    }
    *differs += stocks != last;
}

static void check_mixtures(const char *copy0, const char *copy1, unsigned *differs,
                           unsigned *worlds)
{
    for (unsigned v = 0; v < 27 * 4; v++) {
        world_t world;
        world_make(&world, "0 1", copy0, copy1);
        world.config = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .anti_rollback = true};
        world.apps[0].secure_version = v % 3;
        world.apps[1].secure_version = v / 3 % 3;
        world.efuse = v / 9 % 3;
        world.loads[0] = (v / 27 & 1u) != 0;
        world.loads[1] = (v / 27 & 2u) != 0;
        check_versions(&world, differs, worlds);
    }
}

static void every_mixture_of_versions_boots_and_never_locks_itself_out(void **state)
{
    (void)state;
    unsigned differs = 0;
    unsigned worlds = 0;
    for (size_t i = 0; i < COPIES * COPIES * ORDERS; i++) {
        char text[2][16];
        stock_texts(i, text);
        check_mixtures(text[0], text[1], &differs, &worlds);
    }
    print_message("stock otadata: %u devices at rest; stock elsewhere %u\n", worlds, differs);
    assert_int_equal(worlds, 28188);
    assert_int_equal(differs, 64);
    differs = 0;
    worlds = 0;
    for (size_t i = 0; i < SECTORS * SECTORS; i++) {
        check_mixtures(sectors[i % SECTORS], sectors[i / SECTORS], &differs, &worlds);
    }
    print_message("records: %u devices at rest; stock elsewhere %u\n", worlds, differs);
    assert_int_equal(worlds, 45472);
    assert_int_equal(differs, 164);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_of_stock_otadata_boots_well_and_comes_to_rest),
        cmocka_unit_test(every_pair_of_sectors_with_records_boots_well_and_comes_to_rest),
        cmocka_unit_test(every_mixture_of_versions_boots_and_never_locks_itself_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
