/* SPDX-License-Identifier: Apache-2.0 */
/* slots: the entry's bytes and CRC, which copy wins, sequences to the end of 32 bits, choosing. */
#include "ota/slots.h"

#include "support/data.h"
#include "support/entries.h"
#include "support/unit.h"

static void the_crc_covers_the_sequence_as_the_rom_computes_it(void **state)
{
    (void)state;
    static const struct {
        uint32_t seq;
        uint32_t crc;
    } vectors[] = {
        {0, 0xFFFFFFFF},          {1, 0x4743989A},          {2, 0x55F63774},
        {3, 0xED4A5011},          {4, 0x709D68A8},          {5, 0xC8210FCD},
        {6, 0xDA94A023},          {7, 0x6228C746},          {8, 0x3A4BD710},
        {9, 0x82F7B075},          {10, 0x90421F9B},         {16, 0xAFE6A860},
        {0x7FFFFFFF, 0xCCFC5C3C}, {0xFFFFFFFE, 0x99F8B879}, {0xFFFFFFFF, 0x2144DF1C},
    };
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        assert_int_equal(ota_entry_crc(vectors[i].seq), vectors[i].crc);
    }
}

static void entries_are_byte_for_byte_espressifs(void **state)
{
    (void)state;
    static const struct {
        uint32_t seq;
        uint32_t state;
        const char *tail;
    } vectors[] = {
        {1, OTA_STATE_UNDEFINED, "ffffffff9a984347"}, {1, OTA_STATE_VALID, "020000009a984347"},
        {2, OTA_STATE_NEW, "000000007437f655"},       {2, OTA_STATE_PENDING, "010000007437f655"},
        {3, OTA_STATE_ABORTED, "0400000011504aed"},
    };
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        ota_entry_t e = entry(vectors[i].seq, vectors[i].state);
        uint8_t got[OTA_ENTRY_SIZE];
        uint8_t want[OTA_ENTRY_SIZE] = {(uint8_t)vectors[i].seq};
        memset(want + 4, 0xFF, 20);
        assert_int_equal(hex_decode(vectors[i].tail, want + 24, 8), 8);
        ota_entry_encode(got, &e);
        assert_memory_equal(got, want, sizeof(want));
        ota_entry_t back;
        ota_entry_decode(&back, got);
        assert_memory_equal(&back, &e, sizeof(e));
    }
}

static void only_empty_invalid_and_aborted_reject_an_entry(void **state)
{
    (void)state;
    static const struct {
        uint32_t state;
        bool rejected;
    } vectors[] = {
        {OTA_STATE_NEW, false},
        {OTA_STATE_PENDING, false},
        {OTA_STATE_VALID, false},
        {OTA_STATE_INVALID, true},
        {OTA_STATE_ABORTED, true},
        {OTA_STATE_UNDEFINED, false},
        {0x55, false},
        {OTA_STATE_ABORTED + 1, false},
    };
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        ota_entry_t e = entry(5, vectors[i].state);
        assert_int_equal(ota_entry_rejected(&e), vectors[i].rejected);
        assert_int_equal(ota_entry_valid(&e), !vectors[i].rejected);
        assert_true(ota_entry_crc_ok(&e));
        e.crc ^= 1u;
        assert_int_equal(ota_entry_rejected(&e),
                         vectors[i].rejected); /* the CRC is not looked at */
        assert_false(ota_entry_valid(&e));
    }
    ota_entry_t empty = entry(OTA_SEQ_EMPTY, OTA_STATE_VALID);
    assert_true(ota_entry_rejected(&empty));
    assert_false(ota_entry_crc_ok(&empty)); /* whatever its CRC field says */
    assert_false(ota_entry_is_blank(&empty));
    ota_entry_t b = blank();
    assert_true(ota_entry_is_blank(&b));
}

static void sequence_zero_with_an_erased_crc_is_valid_as_in_espressifs_code(void **state)
{
    (void)state;
    ota_entry_t e = blank();
    e.seq = 0;
    assert_true(ota_entry_valid(&e));
    assert_int_equal(ota_entry_slot(&e, 2), 1);
    assert_int_equal(ota_entry_slot(&e, 3), 0);
    assert_int_equal(ota_entry_slot(&e, 4), 3);
    assert_int_equal(ota_entry_slot(&e, 0), OTA_SLOT_NONE);
}

static void the_larger_valid_sequence_wins_and_a_tie_goes_to_copy_0(void **state)
{
    (void)state;
    ota_entry_t bad = entry(9, OTA_STATE_VALID);
    bad.crc = 0;
    const struct {
        ota_entry_t copy[2];
        int active;
    } vectors[] = {
        {{blank(), blank()}, -1},
        {{entry(1, OTA_STATE_VALID), blank()}, 0},
        {{blank(), entry(1, OTA_STATE_VALID)}, 1},
        {{entry(1, OTA_STATE_VALID), entry(2, OTA_STATE_NEW)}, 1},
        {{entry(3, OTA_STATE_VALID), entry(2, OTA_STATE_NEW)}, 0},
        {{entry(3, OTA_STATE_NEW), entry(3, OTA_STATE_VALID)}, 0},
        {{entry(1, OTA_STATE_VALID), entry(2, OTA_STATE_ABORTED)}, 0},
        {{entry(1, OTA_STATE_INVALID), entry(2, OTA_STATE_ABORTED)}, -1},
        {{entry(1, OTA_STATE_VALID), bad}, 0},
        {{bad, bad}, -1},
        {{entry(0xFFFFFFFE, OTA_STATE_VALID), entry(1, OTA_STATE_VALID)}, 0}, /* no wrap */
    };
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        ota_otadata_t od = otadata(vectors[i].copy[0], vectors[i].copy[1]);
        assert_int_equal(ota_otadata_active(&od), vectors[i].active);
    }
}

static void next_sequences_match_the_vectors(void **state)
{
    (void)state;
    static const struct {
        uint8_t count;
        uint32_t seq;
        uint32_t next[4];
    } vectors[] = {
        {2, 1, {1, 2}},       {2, 2, {3, 2}},       {2, 3, {3, 4}},       {2, 4, {5, 4}},
        {2, 5, {5, 6}},       {2, 6, {7, 6}},       {3, 1, {1, 2, 3}},    {3, 2, {4, 2, 3}},
        {3, 3, {4, 5, 3}},    {3, 4, {4, 5, 6}},    {3, 5, {7, 5, 6}},    {3, 6, {7, 8, 6}},
        {3, 7, {7, 8, 9}},    {3, 8, {10, 8, 9}},   {4, 1, {1, 2, 3, 4}}, {4, 2, {5, 2, 3, 4}},
        {4, 3, {5, 6, 3, 4}}, {4, 4, {5, 6, 7, 4}}, {4, 5, {5, 6, 7, 8}}, {4, 6, {9, 6, 7, 8}},
    };
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        for (int8_t slot = 0; slot < (int8_t)vectors[i].count; slot++) {
            assert_int_equal(ota_seq_next(vectors[i].seq, slot, vectors[i].count),
                             vectors[i].next[slot]);
        }
    }
}

/* By search: the definition itself. */
static uint32_t next_by_search(uint32_t seq, ota_slot_t slot, uint8_t count)
{
    for (uint32_t s = seq == 0 ? 1 : seq; s != OTA_SEQ_EMPTY; s++) {
        if ((s - 1u) % count == (uint32_t)slot) {
            return s;
        }
    }
    return 0;
}

static void next_sequences_are_the_smallest_everywhere_and_never_0_or_empty(void **state)
{
    (void)state;
    static const uint32_t starts[] = {0,          1,          17,         0x7FFFFFF0,
                                      0x80000000, 0xFFFFFF00, 0xFFFFFFD0, 0xFFFFFFFF};
    for (uint8_t count = 1; count <= 17; count++) {
        for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
            for (uint32_t k = 0; k < 48 && starts[i] + k >= starts[i]; k++) {
                for (ota_slot_t slot = 0; slot < (ota_slot_t)count; slot++) {
                    assert_int_equal(ota_seq_next(starts[i] + k, slot, count),
                                     next_by_search(starts[i] + k, slot, count));
                }
            }
        }
    }
    assert_int_equal(ota_seq_next(1, 2, 2), 0);
    assert_int_equal(ota_seq_next(1, OTA_SLOT_FACTORY, 2), 0);
    assert_int_equal(ota_seq_next(1, 0, 0), 0);
}

static void selecting_writes_the_copy_not_in_force(void **state)
{
    (void)state;
    ota_plan_t plan;
    ota_otadata_t od = otadata(blank(), entry(9, OTA_STATE_ABORTED));
    assert_int_equal(ota_plan_select(&od, 2, 1, OTA_STATE_NEW, &plan), OTA_OK);
    assert_int_equal(plan.count, 1);
    assert_int_equal(plan.step[0].copy, 0);
    assert_int_equal(plan.step[0].entry.seq, 2); /* no valid copy: the count starts */

    ota_otadata_t after = od;
    ota_plan_apply(&plan, &after);
    assert_int_equal(ota_plan_select(&after, 2, 0, OTA_STATE_UNDEFINED, &plan), OTA_OK);
    assert_int_equal(plan.count, 1);
    assert_int_equal(plan.step[0].copy, 1);
    assert_int_equal(plan.step[0].entry.seq, 3);
    assert_int_equal(plan.step[0].entry.state, OTA_STATE_UNDEFINED);
    assert_int_equal(plan.step[0].entry.crc, ota_entry_crc(3));
}

static void selecting_the_slot_in_force_rewrites_its_copy_with_the_same_sequence(void **state)
{
    (void)state;
    ota_plan_t plan;
    ota_otadata_t od = otadata(entry(5, OTA_STATE_VALID), entry(4, OTA_STATE_VALID));
    assert_int_equal(ota_plan_select(&od, 2, 0, OTA_STATE_NEW, &plan), OTA_OK);
    assert_int_equal(plan.count, 1);
    assert_int_equal(plan.step[0].copy, 0);
    assert_int_equal(plan.step[0].entry.seq, 5);
    assert_int_equal(plan.step[0].entry.state, OTA_STATE_NEW);
}

static void the_label_stays_as_it_was_found(void **state)
{
    (void)state;
    ota_plan_t plan;
    ota_otadata_t od = otadata(entry(1, OTA_STATE_VALID), blank());
    memset(od.copy[1].label, 0x5A, sizeof(od.copy[1].label));
    assert_int_equal(ota_plan_select(&od, 2, 1, OTA_STATE_NEW, &plan), OTA_OK);
    assert_memory_equal(plan.step[0].entry.label, od.copy[1].label, 20);
}

static void unreachable_slots_are_refused(void **state)
{
    (void)state;
    ota_plan_t plan = {.count = 3};
    ota_otadata_t od = otadata(blank(), blank());
    assert_int_equal(ota_plan_select(&od, 0, 0, OTA_STATE_NEW, &plan), OTA_ERR_NO_SLOTS);
    assert_int_equal(ota_plan_select(&od, 2, 2, OTA_STATE_NEW, &plan), OTA_ERR_SLOT_UNREACHABLE);
    assert_int_equal(ota_plan_select(&od, 2, OTA_SLOT_FACTORY, OTA_STATE_NEW, &plan),
                     OTA_ERR_SLOT_UNREACHABLE);
    assert_int_equal(plan.count, 0);
}

/* gaps 30: Espressif's counter steps onto FFFFFFFF, which means empty. Here it starts again, and
 * at no point in between does anything but the old or the new slot win. */
static void the_sequence_wraps_without_losing_either_choice(void **state)
{
    (void)state;
    for (uint8_t count = 2; count <= 16; count++) {
        for (uint32_t seq = 0xFFFFFFFE; seq > 0xFFFFFFE0; seq--) {
            ota_otadata_t od =
                otadata(entry(seq - 1, OTA_STATE_VALID), entry(seq, OTA_STATE_VALID));
            ota_slot_t old = ota_entry_slot(&od.copy[1], count);
            ota_slot_t target = (ota_slot_t)((old + 1) % count);
            ota_plan_t plan;
            assert_int_equal(ota_plan_select(&od, count, target, OTA_STATE_NEW, &plan), OTA_OK);
            bool renewed = plan.count == 2;
            assert_int_equal(renewed, next_by_search(seq, target, count) == 0);
            ota_plan_t first = plan;
            first.count = 1;
            ota_otadata_t cut = od;
            ota_plan_apply(&first, &cut);
            ota_slot_t wins = ota_entry_slot(&cut.copy[ota_otadata_active(&cut)], count);
            assert_int_equal(wins, renewed ? old : target);
            ota_entry_blank(&cut.copy[1]); /* step 2 begins with the erase */
            assert_int_equal(ota_entry_slot(&cut.copy[ota_otadata_active(&cut)], count), target);
            ota_plan_apply(&plan, &od);
            int active = ota_otadata_active(&od);
            assert_int_equal(ota_entry_slot(&od.copy[active], count), target);
            assert_int_equal(od.copy[active].state, OTA_STATE_NEW);
            assert_int_equal(ota_entry_slot(&od.copy[active ^ 1], count), old);
            assert_int_equal(od.copy[active ^ 1].state, OTA_STATE_VALID);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_crc_covers_the_sequence_as_the_rom_computes_it),
        cmocka_unit_test(entries_are_byte_for_byte_espressifs),
        cmocka_unit_test(only_empty_invalid_and_aborted_reject_an_entry),
        cmocka_unit_test(sequence_zero_with_an_erased_crc_is_valid_as_in_espressifs_code),
        cmocka_unit_test(the_larger_valid_sequence_wins_and_a_tie_goes_to_copy_0),
        cmocka_unit_test(next_sequences_match_the_vectors),
        cmocka_unit_test(next_sequences_are_the_smallest_everywhere_and_never_0_or_empty),
        cmocka_unit_test(selecting_writes_the_copy_not_in_force),
        cmocka_unit_test(selecting_the_slot_in_force_rewrites_its_copy_with_the_same_sequence),
        cmocka_unit_test(the_label_stays_as_it_was_found),
        cmocka_unit_test(unreachable_slots_are_refused),
        cmocka_unit_test(the_sequence_wraps_without_losing_either_choice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
