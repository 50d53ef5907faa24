/* SPDX-License-Identifier: Apache-2.0 */
/* boot/ under policy otary, on a flash whose calls fail: a boot of a trial that cannot be written
 * down is put off, and nothing is given up because of a read that failed. */
#include "support/boot_bench.h"
#include "support/unit.h"

#define TRIAL0 "R3 0 V0"
#define TRIAL1 "R4 1 3/3 else 0 V0"

/* The port has no memory of its own: one chip at a time. */
static struct {
    uint32_t from; /* reads in [from, to) fail, */
    uint32_t to;
    unsigned times; /* so many */
    ota_status_t how;
    uint32_t lies_at; /* a program there does nothing and says OK; 0: none */
    bool deaf;        /* from the first program on reads fail, all of them, */
    bool blank;       /* or otadata reads as erased */
    uint32_t forgets; /* once that was read, it loses the sector around it; 0: none */
    unsigned programs;
    ota_status_t (*program)(void *ctx, uint32_t addr, const void *src, size_t len);
} bad;

static ota_status_t bad_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    nor_sim_t *nor = ctx;
    if (bad.times > 0 && addr >= bad.from && addr < bad.to) {
        bad.times--;
        return bad.how;
    }
    memcpy(dst, nor->bytes + addr, len);
    if (bad.programs > 0 && bad.blank && addr >= RIG_OTADATA &&
        addr < RIG_OTADATA + OTA_OTADATA_SIZE) {
        memset(dst, 0xFF, len);
    }
    if (addr == bad.forgets) {
        memset(nor->bytes + addr / OTA_OTADATA_SECTOR * OTA_OTADATA_SECTOR, 0xFF,
               OTA_OTADATA_SECTOR);
    }
    return OTA_OK;
}

static ota_status_t bad_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    bad.programs++;
    bad.times = bad.deaf ? UINT32_MAX : bad.times;
    return addr == bad.lies_at ? OTA_OK : bad.program(ctx, addr, src, len);
}

/* Of images, so far; those that pass before some fail; */
static unsigned loads;
static unsigned load_fails_from;
static unsigned load_fails_to; /* and the last */

static ota_status_t count_loads(void *ctx, ota_slot_t slot, ota_region_t where, ota_fault_t *fault)
{
    loads++;
    return loads > load_fails_from && loads <= load_fails_to
               ? OTA_ERR_FLASH_READ
               : ota_boot_verify(ctx, slot, where, fault);
}

static void start(boot_bench_t *b, const char *apps, const char *copy0, const char *copy1)
{
    memset(&bad, 0, sizeof(bad));
    load_fails_from = 0;
    load_fails_to = 0;
    boot_bench_start(b, apps, copy0, copy1);
    b->config.policy = OTA_POLICY_OTARY;
    b->machine.load = count_loads;
    bad.program = b->rig.nor.flash.program;
    b->rig.nor.flash.read = bad_read;
    b->rig.nor.flash.program = bad_program;
}

static void expect(boot_bench_t *b, ota_slot_t booted, const char *otadata)
{
    char text[WORLD_TEXT];
    loads = 0;
    ota_status_t status = ota_boot_run(&b->machine, &b->trace);
    assert_int_equal(status == OTA_OK, booted != OTA_SLOT_NONE);
    assert_int_equal(b->trace.booted, booted);
    assert_string_equal(rig_sectors(&b->rig, text), otadata);
}

static void fail_writes(boot_bench_t *b, int64_t in, bool for_ever)
{
    b->rig.nor.fail_in = in;
    b->rig.nor.fail_for_ever = for_ever;
}

/* --- writes that fail ------------------------------------------------------------------------- */

static void a_boot_that_cannot_be_counted_is_put_off(void **state)
{
    (void)state;
    boot_bench_t b;
    start(&b, "0 1", TRIAL0, TRIAL1);
    for (int boots = 0; boots < 5; boots++) {
        fail_writes(&b, 0, true);
        expect(&b, 0, TRIAL0 " ; " TRIAL1);
        assert_int_equal(b.trace.write, OTA_ERR_FLASH_ERASE);
    }
    fail_writes(&b, -1, false); /* and has all its boots when flash works again */
    expect(&b, 1, "R6 1 2/3 else 0 V0 ; " TRIAL1);
    rig_stop(&b.rig);
}

static void one_failing_write_costs_nothing(void **state)
{
    (void)state;
    for (int64_t in = 0; in < 6; in++) {
        boot_bench_t b;
        start(&b, "0 1", TRIAL0, TRIAL1);
        fail_writes(&b, in, false);
        /* Seal 2 comes last: without it the record counts, and is firmed up by the next boot. */
        expect(&b, 1, in == 5 ? "R6' 1 2/3 else 0 V0 ; " TRIAL1 : "R6 1 2/3 else 0 V0 ; " TRIAL1);
        assert_int_equal(b.trace.write, OTA_OK);
        rig_stop(&b.rig);
    }
}

static void a_trial_with_nothing_beside_it_boots_nevertheless(void **state)
{
    (void)state;
    boot_bench_t b;
    start(&b, "0x 1", TRIAL0, TRIAL1);
    fail_writes(&b, 0, true);
    expect(&b, 1, TRIAL0 " ; " TRIAL1);
    assert_int_equal(loads, 4); /* itself, the other twice, itself into RAM again */
    load_fails_from = 3;
    load_fails_to = UINT32_MAX; /* and what cannot be loaded again does not run */
    fail_writes(&b, 0, true);
    expect(&b, OTA_SLOT_NONE, TRIAL0 " ; " TRIAL1);
    rig_stop(&b.rig);
}

/* What boots is no trial: there is nothing to count, whatever fails. */
static void what_is_not_on_trial_boots_whatever_fails(void **state)
{
    (void)state;
    boot_bench_t b;
    start(&b, "0 1", TRIAL0, "1N"); /* something doubtful to wipe */
    fail_writes(&b, 0, true);
    expect(&b, 0, TRIAL0 " ; 1N");
    assert_int_equal(loads, 1);
    rig_stop(&b.rig);
    start(&b, "0 1", "R3' 0 V0", TRIAL1); /* the trial cannot be read, its way back not firmed up */
    bad.from = rig_address(1);
    bad.to = rig_address(1) + 0x1000;
    bad.times = UINT32_MAX;
    bad.how = OTA_ERR_PORT;
    fail_writes(&b, 0, true);
    expect(&b, 0, "R3' 0 V0 ; " TRIAL1);
    rig_stop(&b.rig);
    start(&b, "0 1", TRIAL0, "R4' 1 3/3 else 0 V0"); /* the record of what could not be loaded */
    load_fails_to = 2;
    bad.from = RIG_OTADATA;
    bad.to = RIG_OTADATA + OTA_OTADATA_SIZE;
    bad.how = OTA_ERR_FLASH_READ;
    bad.deaf = true;
    fail_writes(&b, 0, true);
    expect(&b, 0, TRIAL0 " ; R4' 1 3/3 else 0 V0");
    assert_int_equal(b.trace.write, OTA_ERR_FLASH_READ);
    assert_int_equal(loads, 3);
    rig_stop(&b.rig);
}

/* A write that says OK and is not there is one that failed. */
static void a_write_that_lies_is_one_that_failed(void **state)
{
    (void)state;
    boot_bench_t b;
    start(&b, "0 1", TRIAL0, TRIAL1);
    bad.lies_at = RIG_OTADATA + OTA_RECORD_AT;
    assert_int_equal(ota_boot_run(&b.machine, &b.trace), OTA_OK);
    assert_int_equal(b.trace.booted, 0);
    assert_int_equal(b.trace.write, OTA_ERR_FLASH_MISMATCH);
    rig_stop(&b.rig);
}

/* So is one that can be read back, and not any more a moment later. */
static void a_write_that_does_not_stay_is_one_that_failed(void **state)
{
    (void)state;
    boot_bench_t b;
    start(&b, "0 1", TRIAL0, TRIAL1);
    fail_writes(&b, 0, false);                 /* it is tried twice, */
    bad.forgets = RIG_OTADATA + OTA_SEAL_2_AT; /* and this is what is read back last */
    assert_int_equal(ota_boot_run(&b.machine, &b.trace), OTA_OK);
    assert_int_equal(b.trace.booted, 0);
    assert_int_equal(b.trace.write, OTA_ERR_FLASH_MISMATCH);
    rig_stop(&b.rig);
}

/* What was in force cannot be gone by a write beside it: the reads are wrong, and nothing is
 * written in its place. */
static void a_record_that_vanishes_is_not_written_over(void **state)
{
    (void)state;
    for (int sector = 0; sector < 2; sector++) {
        boot_bench_t b;
        start(&b, "0 1", sector == 0 ? TRIAL1 : TRIAL0, sector == 0 ? TRIAL0 : TRIAL1);
        bad.blank = true;
        fail_writes(&b, 1, false);
        expect(&b, 0, sector == 0 ? TRIAL1 " ; -" : "- ; " TRIAL1);
        assert_int_equal(b.trace.write, OTA_ERR_FLASH_READ);
        rig_records(&b.rig, TRIAL0, TRIAL1); /* and if only the second try gets that far */
        bad.programs = 0;
        fail_writes(&b, 0, false);
        expect(&b, 0, "R6 1 2/3 else 0 V0 ; " TRIAL1);
        assert_int_equal(b.trace.write, OTA_ERR_FLASH_READ);
        rig_stop(&b.rig);
    }
}

/* What the flash holds after a failed write is not known: nothing is written by it. */
static void where_nothing_can_be_read_back_nothing_is_written_again(void **state)
{
    (void)state;
    boot_bench_t b;
    start(&b, "0 1", "-", "-");
    bad.from = RIG_OTADATA;
    bad.to = RIG_OTADATA + OTA_OTADATA_SIZE;
    bad.how = OTA_ERR_PORT;
    bad.deaf = true;
    fail_writes(&b, 1, false);
    expect(&b, 0, "- ; -");
    assert_int_equal(b.trace.write, OTA_ERR_PORT);
    assert_int_equal(bad.programs, 1);
    rig_records(&b.rig, TRIAL0, TRIAL1); /* and a boot that the second try counted is not known */
    bad.times = 0;
    fail_writes(&b, 0, false);
    expect(&b, 0, "R6 1 2/3 else 0 V0 ; " TRIAL1);
    assert_int_equal(b.trace.write, OTA_ERR_PORT);
    rig_stop(&b.rig);
}

/* --- reads that fail -------------------------------------------------------------------------- */

/* Stock reads otadata once, and is reset. */
static void one_failing_read_of_otadata_costs_nothing(void **state)
{
    (void)state;
    for (int policy = 0; policy < 2; policy++) {
        boot_bench_t b;
        start(&b, "0 1", "1V", "R2 1 else 0 V0 V1");
        b.config.policy = policy == 0 ? OTA_POLICY_STOCK : OTA_POLICY_OTARY;
        bad.from = RIG_OTADATA;
        bad.to = RIG_OTADATA + OTA_OTADATA_SIZE;
        bad.times = 1;
        bad.how = OTA_ERR_FLASH_READ;
        expect(&b, policy == 0 ? OTA_SLOT_NONE : 1, "1V ; R2 1 else 0 V0 V1");
        assert_int_equal(b.trace.otadata, policy == 0 ? OTA_ERR_FLASH_READ : OTA_OK);
        rig_stop(&b.rig);
    }
}

static void one_failing_read_of_an_image_gives_nobody_up(void **state)
{
    static const ota_status_t hows[] = {OTA_ERR_FLASH_READ, OTA_ERR_PORT};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        boot_bench_t b;
        start(&b, "0 1", TRIAL0, TRIAL1);
        bad.from = rig_address(1);
        bad.to = rig_address(1) + 0x1000;
        bad.times = 1;
        bad.how = hows[i];
        expect(&b, 1, "R6 1 2/3 else 0 V0 ; " TRIAL1);
        bad.times = UINT32_MAX; /* and for ever: put off */
        expect(&b, 0, "R6 1 2/3 else 0 V0 ; " TRIAL1);
        bad.times = 0;
        expect(&b, 1, "R6 1 2/3 else 0 V0 ; R8 1 1/3 else 0 V0");
        rig_stop(&b.rig);
    }
}

static void a_version_that_cannot_be_read_gives_nobody_up(void **state)
{
    (void)state;
    boot_bench_t b;
    start(&b, "0 1", TRIAL0, TRIAL1);
    b.config.anti_rollback = true;
    bad.from = rig_address(1) + OTA_APP_DESC_OFFSET;
    bad.to = bad.from + 1;
    bad.how = OTA_ERR_FLASH_READ;
    bad.times = 1;
    expect(&b, 1, "R6 1 2/3 else 0 V0 ; " TRIAL1);
    bad.times = UINT32_MAX;
    expect(&b, 0, "R6 1 2/3 else 0 V0 ; " TRIAL1);
    bad.times = 0;
    expect(&b, 1, "R6 1 2/3 else 0 V0 ; R8 1 1/3 else 0 V0");
    rig_stop(&b.rig);
}

static void only_the_port_leaves_things_unread(void **state)
{
    (void)state;
    assert_true(ota_flash_unread(OTA_ERR_FLASH_READ));
    assert_true(ota_flash_unread(OTA_ERR_PORT));
    assert_false(ota_flash_unread(OTA_OK));
    assert_false(ota_flash_unread(OTA_ERR_IMAGE_MAGIC));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_boot_that_cannot_be_counted_is_put_off),
        cmocka_unit_test(one_failing_write_costs_nothing),
        cmocka_unit_test(a_trial_with_nothing_beside_it_boots_nevertheless),
        cmocka_unit_test(what_is_not_on_trial_boots_whatever_fails),
        cmocka_unit_test(a_write_that_lies_is_one_that_failed),
        cmocka_unit_test(a_write_that_does_not_stay_is_one_that_failed),
        cmocka_unit_test(a_record_that_vanishes_is_not_written_over),
        cmocka_unit_test(where_nothing_can_be_read_back_nothing_is_written_again),
        cmocka_unit_test(one_failing_read_of_otadata_costs_nothing),
        cmocka_unit_test(one_failing_read_of_an_image_gives_nobody_up),
        cmocka_unit_test(a_version_that_cannot_be_read_gives_nobody_up),
        cmocka_unit_test(only_the_port_leaves_things_unread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
