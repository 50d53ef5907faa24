/* SPDX-License-Identifier: Apache-2.0 */
/* table: known tables byte for byte, both readers, find, hostile bytes. */
#include "ota/crypto.h"
#include "support/data.h"
#include "support/table_maker.h"

static void two_ota_table_is_espressifs_byte_for_byte(void **state)
{
    (void)state;
    maker_t m;
    uint8_t want[32];
    uint8_t got[32];
    ota_hash_t hash;
    two_ota(&m);
    (void)hex_decode("d1c0e9d02fa9d26cd2e1984e7b5dd20157204f501ddc83ce82229e5f3175ee8b", want, 32);
    assert_int_equal(ota_crypto_builtin.hash_start(NULL, &hash, OTA_HASH_SHA256), OTA_OK);
    ota_crypto_builtin.hash_update(NULL, &hash, m.bytes, OTA_TABLE_SIZE);
    ota_crypto_builtin.hash_finish(NULL, &hash, got);
    assert_memory_equal(got, want, sizeof(want));
    (void)hex_decode("aa50001000001100000010006f74615f3000000000000000000000000000000000", want,
                     32);
    assert_memory_equal(m.bytes + 0x80, want, 32);
}

static void expect_digest(maker_t *m, const char *hex)
{
    uint8_t want[16];
    assert_int_equal(hex_decode(hex, want, sizeof(want)), 16);
    seal(m);
    assert_memory_equal(m->bytes + (size_t)m->count * OTA_TABLE_ENTRY + 16, want, 16);
}

static void digests_of_known_tables(void **state)
{
    (void)state;
    maker_t m;
    start(&m);
    add(&m, "nvs", 1, 2, 0x9000, 0x6000);
    add(&m, "phy_init", 1, 1, 0xf000, 0x1000);
    add(&m, "factory", 0, 0, 0x10000, MIB(1));
    expect_digest(&m, "f4ad4f4538564b5d7435b62c75b69524");
    start(&m);
    add(&m, "nvs", 1, 2, 0x9000, 0x6000);
    add(&m, "otadata", 1, 0, 0xf000, 0x2000);
    add(&m, "phy_init", 1, 1, 0x11000, 0x1000);
    add(&m, "ota_0", 0, 0x10, 0x20000, KIB(1700));
    add(&m, "ota_1", 0, 0x11, 0x1d0000, KIB(1700));
    expect_digest(&m, "37f38b32a34f7412f158930062441178");
    start(&m);
    add(&m, "first", 0x30, 0xEE, 0x100400, 0x300000);
    expect_digest(&m, "43033f334087575169839b4061b12726");
    start(&m);
    add(&m, "factory", 0, 0, 0x10000, MIB(1));
    add(&m, "data", 1, 0x20, 0x110000, 0x200);
    add(&m, "second", 0x10, 0, 0x150000, 0x1000);
    expect_digest(&m, "f9bd061b45686f86571a2cd52a1da65b");
}

static void sixteen_letters_of_label_and_both_flags(void **state)
{
    (void)state;
    uint8_t want[32];
    maker_t m;
    ota_table_t table;
    ota_part_t part = {.type = 1, .subtype = 0x40, .offset = 0x9000, .size = 0x1000, .flags = 3};
    memcpy(part.label, "1234567890123456", 17);
    start(&m);
    ota_table_encode(m.bytes, &part);
    (void)hex_decode("aa50014000900000001000003132333435363738393031323334353603000000", want, 32);
    assert_memory_equal(m.bytes, want, 32);
    assert_int_equal(ota_table_open_boot(&table, m.bytes, OTA_TABLE_SIZE, MIB(4), NULL), OTA_OK);
    ota_part_t back;
    assert_int_equal(ota_table_get(&table, 0, &back), OTA_OK);
    assert_true(ota_part_equal(&back, &part));
    assert_int_equal(back.flags, 3);
    assert_string_equal(back.label, "1234567890123456");
    assert_int_equal(ota_table_get(&table, 1, &back), OTA_ERR_ARG);
}

static void boot_reader_names_the_slot_that_is_wrong(void **state)
{
    (void)state;
    maker_t m;
    ota_table_t table = {NULL, 0};
    ota_fault_t fault;
    two_ota(&m);
    m.bytes[0x61] ^= 1;
    m.bytes[0xd3] ^= 1; /* the digest is wrong too, but comes later */
    assert_int_equal(ota_table_open_boot(&table, m.bytes, OTA_TABLE_SIZE, MIB(4), &fault),
                     OTA_ERR_TABLE_MAGIC);
    assert_int_equal(fault.status, OTA_ERR_TABLE_MAGIC);
    assert_int_equal(fault.offset, 0x60);
    assert_int_equal(fault.found, 0x51AA);
    assert_int_equal(fault.expected, 0x50AA);
    m.bytes[0x61] ^= 1;
    assert_int_equal(ota_table_open_boot(&table, m.bytes, OTA_TABLE_SIZE, MIB(4), &fault),
                     OTA_ERR_TABLE_MD5);
    assert_int_equal(fault.offset, 0xd0);
    assert_null(table.bytes); /* nothing is handed out on failure */
}

static void ranges_are_tested_without_wrapping(void **state)
{
    (void)state;
    static const struct {
        uint32_t offset, size, chip, fault_at;
        ota_status_t want;
    } rows[] = {
        {0x10000, MIB(1), MIB(1) + 0x10000, 0, OTA_OK},
        {0x10000, MIB(1), MIB(1) + 0xffff, 8, OTA_ERR_TABLE_RANGE},
        {MIB(4), 0, MIB(4), 0, OTA_OK},
        {MIB(4) + 1, 0, MIB(4), 4, OTA_ERR_TABLE_RANGE},
        {0xFFFF0000u, 0x20000, MIB(4), 4, OTA_ERR_TABLE_RANGE}, /* older bootloaders let it by */
        {0x10000, 0xFFFFFFFFu, MIB(4), 8, OTA_ERR_TABLE_RANGE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        maker_t m;
        ota_table_t table;
        ota_fault_t fault = {OTA_OK, 0, 0, 0};
        start(&m);
        add(&m, "a", 0, 0, rows[i].offset, rows[i].size);
        seal(&m);
        assert_int_equal(ota_table_open_boot(&table, m.bytes, OTA_TABLE_SIZE, rows[i].chip, &fault),
                         rows[i].want);
        assert_int_equal(fault.offset, rows[i].fault_at);
        assert_int_equal(ota_table_open_app(&table, m.bytes, OTA_TABLE_SECTOR, NULL), OTA_OK);
    }
}

static void the_two_readers_differ_without_a_digest(void **state)
{
    (void)state;
    maker_t m;
    ota_table_t table;
    ota_fault_t fault;
    start(&m);
    add(&m, "factory", 0, 0, 0x10000, MIB(1));
    assert_int_equal(ota_table_open_boot(&table, m.bytes, OTA_TABLE_SIZE, MIB(4), NULL), OTA_OK);
    assert_int_equal(table.count, 1);
    assert_int_equal(ota_table_open_app(&table, m.bytes, OTA_TABLE_SECTOR, &fault),
                     OTA_ERR_TABLE_MD5_MISSING);
    assert_int_equal(fault.offset, 0x20);
    seal(&m);
    m.bytes[0x40] = 0; /* neither entry nor end: the bootloader minds, the application does not */
    assert_int_equal(ota_table_open_boot(&table, m.bytes, OTA_TABLE_SIZE, MIB(4), &fault),
                     OTA_ERR_TABLE_MAGIC);
    assert_int_equal(ota_table_open_app(&table, m.bytes, OTA_TABLE_SECTOR, NULL), OTA_OK);
    assert_int_equal(table.count, 1);
    m.bytes[0x30] ^= 0x80;
    assert_int_equal(ota_table_open_app(&table, m.bytes, OTA_TABLE_SECTOR, &fault),
                     OTA_ERR_TABLE_MD5);
    assert_int_equal(fault.offset, 0x30);
}

static void empty_full_and_doubly_sealed_tables(void **state)
{
    (void)state;
    maker_t m;
    ota_table_t table;
    ota_fault_t fault;
    start(&m);
    assert_int_equal(ota_table_open_boot(&table, m.bytes, OTA_TABLE_SIZE, MIB(4), &fault),
                     OTA_ERR_TABLE_EMPTY);
    seal(&m);
    assert_int_equal(ota_table_open_app(&table, m.bytes, OTA_TABLE_SECTOR, NULL), OTA_OK);
    assert_int_equal(table.count, 0);
    start(&m);
    for (uint32_t i = 0; i < 96; i++) {
        add(&m, "x", 1, 6, 0x9000, 0x1000);
    }
    assert_int_equal(ota_table_open_boot(&table, m.bytes, OTA_TABLE_SECTOR, MIB(4), &fault),
                     OTA_ERR_TABLE_NO_END);
    assert_int_equal(fault.offset, 0xC00);
    seal(&m); /* in slot 96: out of the bootloader's sight, within the application's */
    assert_int_equal(ota_table_open_app(&table, m.bytes, OTA_TABLE_SECTOR, NULL), OTA_OK);
    assert_int_equal(table.count, 96);
    two_ota(&m);
    memcpy(m.bytes + 0xe0, m.bytes + 0xc0, 32);
    assert_int_equal(ota_table_open_boot(&table, m.bytes, OTA_TABLE_SIZE, MIB(4), &fault),
                     OTA_ERR_TABLE_MD5_TWICE);
    assert_int_equal(fault.offset, 0xe0);
}

static void arguments_are_checked(void **state)
{
    (void)state;
    uint8_t bytes[OTA_TABLE_ENTRY] = {0};
    ota_table_t table;
    ota_fault_t fault;
    assert_int_equal(ota_table_open_boot(NULL, bytes, 32, MIB(4), &fault), OTA_ERR_ARG);
    assert_int_equal(ota_table_open_boot(&table, NULL, 32, MIB(4), NULL), OTA_ERR_ARG);
    assert_int_equal(ota_table_open_app(NULL, bytes, 32, &fault), OTA_ERR_ARG);
    assert_int_equal(ota_table_open_app(&table, NULL, 32, NULL), OTA_ERR_ARG);
}

static void a_table_cut_anywhere_is_never_read_past_its_end(void **state)
{
    (void)state;
    maker_t m;
    two_ota(&m);
    for (size_t len = 0; len <= 0x120; len++) {
        uint8_t *exact = test_malloc(len + 1); /* the guard byte lets len 0 have an address */
        memcpy(exact, m.bytes, len);
        exact[len] = 0x5A;
        ota_table_t table;
        ota_fault_t fault;
        ota_status_t boot = ota_table_open_boot(&table, exact, len, MIB(4), &fault);
        assert_int_equal(boot, len >= 0x100 ? OTA_OK : OTA_ERR_TABLE_NO_END);
        ota_status_t app = ota_table_open_app(&table, exact, len, &fault);
        assert_int_equal(app, len >= 0xe0 ? OTA_OK : OTA_ERR_TABLE_MD5_MISSING);
        test_free(exact);
    }
}

static void random_bytes_never_hurt(void **state)
{
    (void)state;
    uint32_t seed = 1;
    maker_t m;
    for (unsigned round = 0; round < 3000; round++) {
        two_ota(&m);
        for (unsigned i = 0; i < 1 + round % 7; i++) {
            seed = seed * 1664525u + 1013904223u;
            m.bytes[(seed >> 8) % 0x120] = (uint8_t)(seed >> 24);
        }
        ota_table_t table;
        ota_layout_t layout;
        if (ota_table_open_boot(&table, m.bytes, OTA_TABLE_SIZE, MIB(4), NULL) == OTA_OK) {
            ota_layout_read(&layout, &table);
            assert_true(layout.app_count <= OTA_SLOTS_MAX);
            assert_true(layout.app_count <= layout.boot_count);
        }
        (void)!ota_table_open_app(&table, m.bytes, sizeof(m.bytes), NULL);
    }
}

static void find_goes_on_where_it_stopped(void **state)
{
    (void)state;
    maker_t m;
    ota_table_t table;
    ota_part_t part;
    uint32_t at = 0;
    two_ota(&m);
    assert_int_equal(ota_table_open_app(&table, m.bytes, sizeof(m.bytes), NULL), OTA_OK);
    assert_int_equal(ota_table_find(&table, &at, OTA_TYPE_APP, OTA_ANY, NULL, &part), OTA_OK);
    assert_string_equal(part.label, "factory");
    assert_int_equal(ota_table_find(&table, &at, OTA_TYPE_APP, OTA_ANY, NULL, &part), OTA_OK);
    assert_string_equal(part.label, "ota_0");
    assert_int_equal(at, 5);
    assert_int_equal(ota_table_find(&table, &at, OTA_TYPE_APP, OTA_ANY, NULL, &part), OTA_OK);
    assert_int_equal(ota_table_find(&table, &at, OTA_TYPE_APP, OTA_ANY, NULL, &part),
                     OTA_ERR_NOT_IN_TABLE);
    assert_int_equal(at, 6);
    at = 0;
    assert_int_equal(ota_table_find(&table, &at, OTA_ANY, OTA_ANY, "otadata", &part), OTA_OK);
    assert_int_equal(part.offset, 0xd000);
    at = 0;
    assert_int_equal(ota_table_find(&table, &at, OTA_ANY, OTA_SUBTYPE_NVS, "phy_init", &part),
                     OTA_ERR_NOT_IN_TABLE);
    at = UINT32_MAX;
    assert_int_equal(ota_table_find(&table, &at, OTA_ANY, OTA_ANY, NULL, &part),
                     OTA_ERR_NOT_IN_TABLE);
}

static void entries_behind_the_digest_lose_the_last_one(void **state)
{
    (void)state;
    maker_t m;
    ota_table_t table;
    ota_part_t part;
    uint32_t at = 0;
    start(&m);
    add(&m, "a", 0, 0x10, 0x10000, 0x10000);
    seal(&m);
    m.bytes[0x22] = 0; /* the digest slot's fill posing as an app ota_1: the bootloader falls */
    m.bytes[0x23] = 0x11;
    m.count = 2;
    add(&m, "b", 0, 0x12, 0x20000, 0x10000);
    add(&m, "c", 0, 0x13, 0x30000, 0x10000);
    assert_int_equal(ota_table_open_boot(&table, m.bytes, OTA_TABLE_SIZE, MIB(4), NULL), OTA_OK);
    assert_int_equal(table.count, 3);
    ota_layout_t layout;
    ota_layout_read(&layout, &table);
    assert_int_equal(layout.boot_count, 3);
    assert_int_equal(layout.slot[2].offset, 0x20000);
    assert_int_equal(layout.slot[3].size, 0);
    assert_int_equal(ota_table_find(&table, &at, OTA_ANY, OTA_ANY, NULL, &part), OTA_OK);
    assert_int_equal(ota_table_find(&table, &at, OTA_ANY, OTA_ANY, NULL, &part), OTA_OK);
    assert_string_equal(part.label, "b"); /* a search is not fooled by the digest */
}

static void what_flash_encryption_covers(void **state)
{
    (void)state;
    static const struct {
        uint8_t type, subtype;
        bool always;
    } rows[] = {{0, 0, true},     {0, 0x10, true}, {2, 0, true},    {3, 1, true},
                {1, 0, true},     {1, 4, true},    {1, 0x90, true}, {1, 2, false},
                {1, 0x82, false}, {1, 1, false},   {0x40, 0, false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ota_part_t part = {.type = rows[i].type, .subtype = rows[i].subtype};
        assert_int_equal(ota_part_encrypted(&part), rows[i].always);
        part.flags = OTA_PART_READONLY;
        assert_int_equal(ota_part_encrypted(&part), rows[i].always);
        part.flags = OTA_PART_ENCRYPTED;
        assert_true(ota_part_encrypted(&part));
    }
}

static void parts_are_equal_by_place_kind_and_label(void **state)
{
    (void)state;
    ota_part_t a = {1, 2, 0x9000, 0x5000, 0, "nvs"};
    ota_part_t b = a;
    b.flags = 3;
    assert_true(ota_part_equal(&a, &b));
    b.label[0] = 'N';
    assert_false(ota_part_equal(&a, &b));
    b = a;
    b.size++;
    assert_false(ota_part_equal(&a, &b));
    b = a;
    b.offset++;
    assert_false(ota_part_equal(&a, &b));
    b = a;
    b.subtype++;
    assert_false(ota_part_equal(&a, &b));
    b = a;
    b.type++;
    assert_false(ota_part_equal(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_ota_table_is_espressifs_byte_for_byte),
        cmocka_unit_test(digests_of_known_tables),
        cmocka_unit_test(sixteen_letters_of_label_and_both_flags),
        cmocka_unit_test(boot_reader_names_the_slot_that_is_wrong),
        cmocka_unit_test(ranges_are_tested_without_wrapping),
        cmocka_unit_test(the_two_readers_differ_without_a_digest),
        cmocka_unit_test(empty_full_and_doubly_sealed_tables),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(a_table_cut_anywhere_is_never_read_past_its_end),
        cmocka_unit_test(random_bytes_never_hurt),
        cmocka_unit_test(find_goes_on_where_it_stopped),
        cmocka_unit_test(entries_behind_the_digest_lose_the_last_one),
        cmocka_unit_test(what_flash_encryption_covers),
        cmocka_unit_test(parts_are_equal_by_place_kind_and_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
