/* SPDX-License-Identifier: Apache-2.0 */
/* bytes: hexadecimal digits, and texts of them. */
#include "core/bytes.h"

#include "support/unit.h"

/* In the order of their values; a capital stands 16 places behind its small letter. */
static const char digits[] = "0123456789abcdef..........ABCDEF";

static int value_of(int c, bool capitals)
{
    const char *at = c != '.' ? memchr(digits, c, capitals ? sizeof(digits) - 1 : 16) : NULL;
    return at != NULL ? (int)((at - digits) % 16) : -1;
}

static void every_byte_is_the_digit_that_it_looks_like_or_none(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        assert_int_equal(ota_hex_digit((uint8_t)c, false), value_of(c, false));
        assert_int_equal(ota_hex_digit((uint8_t)c, true), value_of(c, true));
    }
}

static void bytes_go_through_their_text_unchanged(void **state)
{
    (void)state;
    uint8_t bytes[256];
    uint8_t back[257];
    char text[513];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)i;
    }
    memset(back, 0x77, sizeof(back));
    memset(text, '*', sizeof(text));
    ota_hex_text(bytes, sizeof(bytes), text);
    assert_memory_equal(text, "000102030405060708090a0b0c0d0e0f10", 34);
    assert_memory_equal(text + 510, "ff*", 3);
    ota_hex_bytes(text, back, sizeof(bytes));
    assert_memory_equal(back, bytes, sizeof(bytes));
    assert_int_equal(back[256], 0x77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_the_digit_that_it_looks_like_or_none),
        cmocka_unit_test(bytes_go_through_their_text_unchanged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
