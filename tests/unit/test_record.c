/* SPDX-License-Identifier: Apache-2.0 */
/* record: its 64 bytes, and what is known of slots. */
#include "ota/record.h"

#include "core/bytes.h"
#include "core/commit.h"
#include "core/crc32.h"
#include "ota/slots.h"
#include "support/unit.h"

static ota_record_t worked(void)
{
    ota_record_t record;
    ota_record_blank(&record);
    record.seq = 6;
    record.replaces = 4;
    record.slot = 1;
    record.fallback = 0;
    record.refused = 2;
    record.writing = OTA_SLOT_NONE;
    record.trial = 3;
    record.left = 2;
    for (uint8_t i = 0; i < OTA_OFFER_ID; i++) {
        record.offer[i] = (uint8_t)(0xA0 + i);
    }
    record.offer_size = 0x12340;
    record.done = 0x3000;
    record.done_crc = 0xCAFEF00D;
    ota_record_set_state(&record, 0, OTA_STATE_VALID);
    ota_record_set_state(&record, 2, OTA_STATE_ABORTED);
    return record;
}

/* docs/formats.md quotes it. */
static const uint8_t worked_bytes[OTA_RECORD_SIZE] = {
    0x4F, 0x54, 0x52, 0x31, 0x06, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x31, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x02, 0x9D, 0x03, 0x02, 0xFF, 0xFF, 0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7,
    0xA8, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF, 0x40, 0x23, 0x01, 0x00, 0x00, 0x30, 0x00, 0x00,
    0x0D, 0xF0, 0xFE, 0xCA, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x05, 0xBD, 0xF0, 0x3B,
};

static void a_record_is_these_bytes(void **state)
{
    (void)state;
    uint8_t bytes[OTA_RECORD_SIZE];
    ota_record_t record = worked();
    ota_record_t back;
    ota_record_encode(bytes, &record);
    assert_memory_equal(bytes, worked_bytes, sizeof(bytes));
    assert_true(ota_record_decode(&back, bytes));
    assert_int_equal(back.seq, 6);
    assert_int_equal(back.replaces, 4);
    assert_int_equal(back.states, 0x31);
    assert_int_equal(back.slot, 1);
    assert_int_equal(back.fallback, 0);
    assert_int_equal(back.refused, 2);
    assert_int_equal(back.writing, OTA_SLOT_NONE);
    assert_int_equal(back.trial, 3);
    assert_int_equal(back.left, 2);
    assert_memory_equal(back.offer, record.offer, OTA_OFFER_ID);
    assert_int_equal(back.offer_size, 0x12340);
    assert_int_equal(back.done, 0x3000);
    assert_int_equal(back.done_crc, 0xCAFEF00D);
}

static void every_bit_of_it_is_covered_by_its_crc(void **state)
{
    (void)state;
    for (uint32_t bit = 0; bit < 8 * OTA_RECORD_SIZE; bit++) {
        uint8_t bytes[OTA_RECORD_SIZE];
        ota_record_t record = worked();
        ota_record_t blank;
        ota_record_encode(bytes, &record);
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
        memset(&record, 0xEE, sizeof(record));
        assert_false(ota_record_decode(&record, bytes));
        ota_record_blank(&blank);
        assert_int_equal(record.slot, OTA_SLOT_NONE);
        assert_int_equal(record.fallback, OTA_SLOT_NONE);
        assert_int_equal(record.seq + record.replaces + record.states, 0);
        assert_int_equal(record.trial + record.left, 0);
        assert_int_equal(blank.writing, record.writing);
    }
}

/* A later layout would have another name in front. */
static void a_record_of_another_kind_is_none(void **state)
{
    (void)state;
    uint8_t bytes[OTA_RECORD_SIZE];
    ota_record_t record = worked();
    ota_record_encode(bytes, &record);
    assert_true(ota_record_decode(&record, bytes));
    bytes[3] ^= 1u;
    ota_put_le32(bytes + 60, ota_crc32(0, bytes, 60));
    assert_false(ota_record_decode(&record, bytes));
}

static void erased_and_zeroed_flash_hold_no_record(void **state)
{
    (void)state;
    for (int fill = 0; fill < 256; fill++) {
        uint8_t bytes[OTA_RECORD_SIZE];
        ota_record_t record;
        memset(bytes, fill, sizeof(bytes));
        assert_false(ota_record_decode(&record, bytes));
    }
}

static void each_slot_has_its_own_state(void **state)
{
    (void)state;
    static const uint32_t known[] = {OTA_STATE_UNDEFINED, OTA_STATE_VALID, OTA_STATE_INVALID,
                                     OTA_STATE_ABORTED};
    ota_record_t record;
    ota_record_blank(&record);
    for (unsigned round = 0; round < 4; round++) {
        for (ota_slot_t slot = 0; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
            ota_record_set_state(&record, slot, known[((unsigned)slot + round) % 4]);
        }
        for (ota_slot_t slot = 0; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
            uint32_t expected = known[((unsigned)slot + round) % 4];
            assert_int_equal(ota_record_state(&record, slot), expected);
            assert_int_equal(ota_record_rejected(&record, slot),
                             expected == OTA_STATE_INVALID || expected == OTA_STATE_ABORTED);
        }
    }
}

static void of_other_slots_and_states_nothing_is_known(void **state)
{
    (void)state;
    static const ota_slot_t others[] = {
        OTA_SLOT_FACTORY, OTA_SLOT_TEST, OTA_SLOT_NONE, 16, 127, -128};
    ota_record_t record;
    ota_record_blank(&record);
    record.states = 0xFFFFFFFF;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_int_equal(ota_record_state(&record, others[i]), OTA_STATE_UNDEFINED);
        assert_false(ota_record_rejected(&record, others[i]));
        ota_record_set_state(&record, others[i], OTA_STATE_VALID);
        assert_int_equal(record.states, 0xFFFFFFFF);
    }
    ota_record_set_state(&record, 15, OTA_STATE_PENDING); /* no state of a slot */
    assert_int_equal(record.states, 0x3FFFFFFF);
    ota_record_set_state(&record, 0, 7);
    assert_int_equal(record.states, 0x3FFFFFFC);
}

/* An unfinished write of ours is told from bytes that somebody else left behind an entry. */
static void remains_of_a_record_keep_what_is_one_in_each(void **state)
{
    (void)state;
    ota_record_t record;
    uint8_t bytes[OTA_RECORD_SIZE];
    uint8_t torn[OTA_RECORD_SIZE];
    ota_record_blank(&record);
    record.seq = 7;
    ota_record_encode(bytes, &record);
    for (uint32_t bit = 0; bit < 8 * OTA_RECORD_SIZE; bit++) {
        memcpy(torn, bytes, sizeof(torn));
        torn[bit / 8] |= (uint8_t)(1u << bit % 8); /* an erase begins anywhere */
        assert_true(ota_record_remains(torn));
    }
    for (uint32_t len = 0; len <= OTA_RECORD_SIZE; len++) {
        memset(torn, 0xFF, sizeof(torn));
        memcpy(torn, bytes, len); /* a program ends anywhere */
        assert_true(ota_record_remains(torn));
    }
    memset(torn, 0, sizeof(torn));
    assert_false(ota_record_remains(torn));
    memset(torn, 'x', sizeof(torn));
    assert_false(ota_record_remains(torn));
    memcpy(torn, bytes, sizeof(torn));
    for (uint32_t i = 52; i < 60; i++) { /* what nobody writes */
        torn[i] = 0xFE;
        assert_false(ota_record_remains(torn));
        torn[i] = 0xFF;
    }
    torn[59] = 0xFE;
    assert_false(ota_record_remains(torn));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_these_bytes),
        cmocka_unit_test(every_bit_of_it_is_covered_by_its_crc),
        cmocka_unit_test(a_record_of_another_kind_is_none),
        cmocka_unit_test(erased_and_zeroed_flash_hold_no_record),
        cmocka_unit_test(each_slot_has_its_own_state),
        cmocka_unit_test(of_other_slots_and_states_nothing_is_known),
        cmocka_unit_test(remains_of_a_record_keep_what_is_one_in_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
