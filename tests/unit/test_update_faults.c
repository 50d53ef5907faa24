/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update, with a flash that fails: every operation of whole updates fails once, for ever, or
 * half done, at every index. Whatever happened, the device must still start, and repeating
 * the update must succeed.
 */
#include "core/bytes.h"
#include "support/board.h"
#include "support/unit.h"

#define KIB(n) ((uint32_t)(n) << 10)

typedef enum { FAIL_ONCE, FAIL_FOR_EVER, FAIL_TORN } fail_t;

typedef struct {
    board_t *board;
    fail_t how;
    int64_t left;            /* operations before the one that fails; -1: none does */
    ota_region_t allowed[3]; /* where operations may go */
    uint64_t strayed;
} guard_t;

static bool inside(ota_region_t region, uint32_t addr, size_t len)
{
    return addr >= region.offset && addr + len <= region.offset + region.size;
}

/* Half of the operation happens. */
static void tear(nor_sim_t *nor, nor_op_t op, uint32_t addr, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len / 2; i++) {
        nor->bytes[addr + i] = op == NOR_ERASE ? 0xFF : nor->bytes[addr + i] & data[i];
    }
}

static bool watch(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    guard_t *guard = user;
    if (!inside(guard->allowed[0], addr, len) && !inside(guard->allowed[1], addr, len) &&
        !inside(guard->allowed[2], addr, len)) {
        guard->strayed++;
    }
    if (guard->left < 0 || guard->left-- > 0) {
        return true;
    }
    if (guard->how == FAIL_TORN) {
        tear(&guard->board->nor, op, addr, data, len);
    }
    if (guard->how == FAIL_FOR_EVER) {
        guard->left = 0;
    }
    return false;
}

/* --- the updates -------------------------------------------------------------------------------
 */

typedef struct {
    const char *staging;
    const char *final; /* NULL: none */
    uint32_t image_size;
    uint32_t size; /* for begin */
    uint32_t flags;
    uint32_t chunk;
    uint32_t encrypted_unit;
    bool scattered; /* from the back to the front */
    bool stubborn;  /* repeat a write that failed, in the same session */
} plan_t;

static const plan_t plans[] = {
    {.staging = "ota_1", .image_size = KIB(76), .size = KIB(76), .chunk = 4096},
    {.staging = "ota_1",
     .image_size = 9008,
     .size = OTA_WITH_SEQUENTIAL_WRITES,
     .chunk = 1000,
     .stubborn = true},
    {.staging = "ota_1",
     .image_size = KIB(70),
     .size = OTA_SIZE_UNKNOWN,
     .flags = OTA_UPDATE_READ_BACK,
     .chunk = 65536,
     .stubborn = true},
    {.staging = "ota_1",
     .image_size = KIB(9),
     .size = OTA_WITH_SEQUENTIAL_WRITES,
     .chunk = 1001,
     .encrypted_unit = 16,
     .stubborn = true},
    {.staging = "ota_1", .image_size = KIB(10), .size = KIB(10), .chunk = 1024, .scattered = true},
    {.staging = "storage",
     .final = "ota_1",
     .image_size = KIB(6),
     .size = OTA_SIZE_UNKNOWN,
     .chunk = 2048},
};

/* Twice at most: after a failure that lasts, the caller gives up. */
static ota_status_t put(ota_update_t *update, const plan_t *plan, const board_image_t *image,
                        uint32_t at)
{
    uint32_t n = min_u32(plan->chunk, image->len - at);
    ota_status_t status = OTA_OK;
    for (int i = 0; i < (plan->stubborn ? 2 : 1); i++) {
        status = plan->scattered ? ota_update_write_at(update, at, image->bytes + at, n)
                                 : ota_update_write(update, image->bytes + at, n);
        if (status == OTA_OK) {
            return OTA_OK;
        }
        assert_true(ota_update_open(update));
    }
    return status;
}

static ota_status_t transfer(ota_update_t *update, const plan_t *plan, const board_image_t *image)
{
    uint32_t pieces = (image->len + plan->chunk - 1) / plan->chunk;
    for (uint32_t i = 0; i < pieces; i++) {
        uint32_t piece = plan->scattered ? pieces - 1 - i : i;
        ota_status_t status = put(update, plan, image, piece * plan->chunk);
        if (status != OTA_OK) {
            return status;
        }
    }
    return OTA_OK;
}

/* The whole way: session, verdict, selection. */
static ota_status_t install(board_t *board, const plan_t *plan, const board_image_t *image)
{
    ota_update_t update;
    ota_fault_t fault;
    ota_part_t staging = board_part(board, plan->staging);
    ota_part_t final;
    ota_status_t status =
        ota_update_begin(&update, &board->device, &staging, plan->size, plan->flags);
    assert_int_equal(status, OTA_OK);
    if (plan->final != NULL) {
        final = board_part(board, plan->final);
        assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK);
    }
    status = transfer(&update, plan, image);
    if (status != OTA_OK) {
        assert_int_equal(ota_update_fault(&update)->status, status);
        ota_update_abort(&update);
        return status;
    }
    status = ota_update_finish(&update);
    assert_false(ota_update_open(&update));
    assert_null(board->device.sessions);
    return status != OTA_OK ? status : ota_device_select(&board->device, 1, false, &fault);
}

/* --- what must hold afterwards --------------------------------------------------------------- */

static bool verifies(board_t *board, ota_slot_t slot)
{
    uint8_t buffer[256];
    ota_fault_t fault;
    ota_image_rules_t rules;
    ota_device_rules(&board->device, ota_layout_region(&board->device.layout, slot), &rules);
    return rules.limit != 0 && ota_image_check_flash(&board->nor.flash, &rules, buffer,
                                                     sizeof(buffer), NULL, &fault) == OTA_OK;
}

/* Which slot starts, by the boot decision of this policy on what is in flash. */
static ota_slot_t boots(board_t *board, ota_policy_t policy)
{
    ota_boot_plan_t plan;
    ota_otadata_t od;
    ota_boot_config_t config = {.policy = policy};
    ota_boot_input_t input = {.config = &config, .layout = &board->device.layout, .otadata = &od};
    assert_int_equal(ota_otadata_read(&board->nor.flash, board->device.layout.otadata, &od),
                     OTA_OK);
    ota_boot_decide(&input, &plan);
    for (uint8_t i = 0; i < plan.count; i++) {
        if (verifies(board, plan.candidate[i])) {
            return plan.candidate[i];
        }
    }
    return OTA_SLOT_NONE;
}

static void still_a_device(board_t *board, const board_image_t *old, const board_image_t *image,
                           const guard_t *guard)
{
    assert_int_equal(guard->strayed, 0);
    assert_true(board_holds(board, "ota_0", old));
    assert_memory_equal(board->nor.bytes + OTA_TABLE_OFFSET, board->table_bytes, OTA_TABLE_SIZE);
    for (int policy = 0; policy < 2; policy++) {
        ota_slot_t slot = boots(board, policy == 0 ? OTA_POLICY_STOCK : OTA_POLICY_OTARY);
        assert_true(slot == 0 || (slot == 1 && board_holds(board, "ota_1", image)));
    }
}

static void prepare(board_t *board, const plan_t *plan, guard_t *guard)
{
    board_start(board);
    board->nor.flash.encrypted_unit = plan->encrypted_unit;
    memset(board->nor.bytes + 0x60000, 0x5A, 0x30000); /* an older update */
    memset(guard, 0, sizeof(*guard));
    ota_part_t staging = board_part(board, plan->staging);
    guard->board = board;
    guard->left = -1;
    guard->allowed[0] = (ota_region_t){staging.offset, staging.size};
    guard->allowed[1] = (ota_region_t){0xe000, OTA_OTADATA_SECTOR}; /* never the one in force */
    if (plan->final != NULL) {
        ota_part_t final = board_part(board, plan->final);
        guard->allowed[2] = (ota_region_t){final.offset, final.size};
    }
    board->nor.watch = watch;
    board->nor.user = guard;
}

static void fails_at(const plan_t *plan, const board_image_t *image, const board_image_t *old,
                     fail_t how, int64_t index)
{
    board_t board;
    guard_t guard;
    prepare(&board, plan, &guard);
    guard.how = how;
    guard.left = index;
    ota_status_t status = install(&board, plan, image);
    still_a_device(&board, old, image, &guard);
    if (status == OTA_OK) { /* only a stubborn caller gets there */
        assert_true(plan->stubborn && how != FAIL_FOR_EVER);
        assert_true(board_holds(&board, "ota_1", image));
    }
    guard.left = -1;
    assert_int_equal(install(&board, plan, image), OTA_OK);
    assert_true(board_holds(&board, "ota_1", image));
    assert_int_equal(boots(&board, OTA_POLICY_STOCK), 1);
    still_a_device(&board, old, image, &guard);
    board_stop(&board);
}

static void every_failure_leaves_a_device_that_starts_and_can_be_updated(void **state)
{
    (void)state;
    board_image_t old = board_image((board_want_t){.size = 0x3000, .seed = 1});
    for (size_t p = 0; p < sizeof(plans) / sizeof(plans[0]); p++) {
        board_t board;
        guard_t guard;
        board_image_t image = board_image((board_want_t){.size = plans[p].image_size, .seed = 9});
        prepare(&board, &plans[p], &guard);
        assert_int_equal(install(&board, &plans[p], &image), OTA_OK);
        assert_true(board_holds(&board, "ota_1", &image));
        still_a_device(&board, &old, &image, &guard);
        int64_t operations = (int64_t)board_operations(&board);
        board_stop(&board);
        assert_true(operations > 5);
        for (int64_t i = 0; i < operations; i++) {
            fails_at(&plans[p], &image, &old, FAIL_ONCE, i);
            fails_at(&plans[p], &image, &old, FAIL_FOR_EVER, i);
            fails_at(&plans[p], &image, &old, FAIL_TORN, i);
        }
        board_image_free(&image);
    }
    board_image_free(&old);
}

static void a_failed_write_consumed_nothing(void **state)
{
    (void)state;
    board_t board;
    board_log_t log;
    ota_update_t update;
    board_start(&board);
    board_image_t image = board_image((board_want_t){.size = KIB(12)});
    ota_part_t part = board_part(&board, "ota_1");
    assert_int_equal(ota_update_begin(&update, &board.device, &part, OTA_WITH_SEQUENTIAL_WRITES, 0),
                     OTA_OK);
    assert_int_equal(ota_update_write(&update, image.bytes, 5000), OTA_OK);
    board.nor.fail_in = 1; /* the erase succeeds, the program fails */
    assert_int_equal(ota_update_write(&update, image.bytes + 5000, 4000), OTA_ERR_FLASH_PROGRAM);
    assert_int_equal(ota_update_fault(&update)->offset, 5000);
    assert_int_equal(ota_update_written(&update), 5000);
    board_log(&board, &log);
    /* the sector is not erased again: its beginning holds good bytes */
    assert_int_equal(ota_update_write(&update, image.bytes + 5000, 4000), OTA_OK);
    assert_string_equal(log.text, "w:61388:fa0");
    assert_int_equal(ota_update_write(&update, image.bytes + 9000, image.len - 9000), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_true(board_holds(&board, "ota_1", &image));
    board_image_free(&image);
    board_stop(&board);
}

static void other_bytes_after_a_torn_write_are_noticed(void **state)
{
    (void)state;
    board_t board;
    guard_t guard;
    ota_update_t update;
    static const plan_t plan = {.staging = "storage"};
    prepare(&board, &plan, &guard);
    board.nor.lenient = true;
    ota_part_t part = board_part(&board, "storage");
    assert_int_equal(ota_update_begin(&update, &board.device, &part, OTA_SIZE_UNKNOWN, 0), OTA_OK);
    guard.how = FAIL_TORN;
    guard.left = 1;
    assert_int_equal(ota_update_write(&update, "one thing", 9), OTA_ERR_FLASH_PROGRAM);
    assert_int_equal(ota_update_write(&update, "another!!", 9), OTA_ERR_FLASH_MISMATCH);
    assert_int_equal(ota_update_write(&update, "one thing", 9), OTA_ERR_FLASH_MISMATCH);
    assert_int_equal(ota_update_written(&update), 0);
    ota_update_abort(&update);
    board_stop(&board);
}

/* --- property: nothing leaves its place ---------------------------------------------------------
 */

static uint32_t roll(uint32_t *x, uint32_t below)
{
    *x = *x * 1664525u + 1013904223u;
    return (*x >> 8) % below;
}

/* One session of random calls on random partitions, with random failures. */
static void wander(board_t *board, guard_t *guard, uint32_t *x, const uint8_t *bytes)
{
    static const char *const labels[] = {"ota_1", "storage", "spare", "boot_new", "table_new"};
    const char *label = labels[roll(x, 5)];
    ota_update_t update;
    ota_part_t part = board_part(board, label);
    uint32_t size = roll(x, 3) == 0 ? roll(x, part.size + 1) : OTA_SIZE_UNKNOWN;
    guard->allowed[0] = (ota_region_t){part.offset, part.size};
    guard->left = roll(x, 4) == 0 ? (int64_t)roll(x, 20) : -1;
    guard->how = (fail_t)roll(x, 3);
    if (ota_update_begin(&update, &board->device, &part, size, roll(x, 4)) != OTA_OK) {
        return;
    }
    for (uint32_t calls = roll(x, 12); calls > 0; calls--) {
        uint32_t n = roll(x, 1u << roll(x, 17));
        uint32_t at = ota_update_written(&update);
        ota_status_t status = roll(x, 3) == 0
                                  ? ota_update_write_at(&update, roll(x, 0x31000), bytes, n)
                                  : ota_update_write(&update, bytes + at % 4096, n);
        (void)status; /* any of them is fine: it is the flash that is watched */
    }
    ota_status_t status = ota_update_finish(&update);
    (void)status;
}

static void users_17_no_erase_or_write_ever_leaves_the_partition(void **state)
{
    (void)state;
    static uint8_t bytes[1u << 17];
    board_t board;
    guard_t guard;
    static const plan_t plan = {.staging = "spare"};
    uint32_t x = 99;
    prepare(&board, &plan, &guard);
    board.nor.lenient = true;
    board_image_t image = board_image((board_want_t){.size = KIB(120)});
    board_image_t old = board_image((board_want_t){.size = 0x3000, .seed = 1});
    memcpy(bytes, image.bytes, image.len);
    for (int i = 0; i < 1500; i++) {
        wander(&board, &guard, &x, bytes);
        assert_int_equal(guard.strayed, 0);
        assert_null(board.device.sessions);
    }
    assert_true(board_operations(&board) > 1500);
    assert_true(board_holds(&board, "ota_0", &old));
    board_image_free(&image);
    board_image_free(&old);
    board_stop(&board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failure_leaves_a_device_that_starts_and_can_be_updated),
        cmocka_unit_test(a_failed_write_consumed_nothing),
        cmocka_unit_test(other_bytes_after_a_torn_write_are_noticed),
        cmocka_unit_test(users_17_no_erase_or_write_ever_leaves_the_partition),
    };
    return cmocka_run_group_tests_name("update: faults", tests, NULL, NULL);
}
