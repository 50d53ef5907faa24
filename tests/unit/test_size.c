/* SPDX-License-Identifier: Apache-2.0 */
#include "host/size.h"
#include "support/unit.h"

#include <inttypes.h>

static void sizes_read_as_people_say_them(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        const char *text;
        const char *exact;
    } cases[] = {
        {0, "0 bytes", "0 bytes"},
        {1, "1 byte", "1 byte"},
        {508, "508 bytes", "508 bytes"},
        {1023, "1023 bytes", "1023 bytes"},
        {0x1000, "4 KiB", "4 KiB (4096 bytes)"},
        {5000, "4.8 KiB", "4.8 KiB (5000 bytes)"},
        {10 * 1024 + 103, "10.1 KiB", "10.1 KiB (10343 bytes)"},
        {0xFFFFF, "1023.9 KiB", "1023.9 KiB (1048575 bytes)"},
        {0x100000, "1 MiB", "1 MiB (1048576 bytes)"},
        {0x140000, "1.25 MiB", "1.25 MiB (1310720 bytes)"},
        {0x160000, "1.375 MiB", "1.375 MiB (1441792 bytes)"},
        {0x1F0000, "1.9375 MiB", "1.9375 MiB (2031616 bytes)"},
        {0x1F1000, "1.941 MiB", "1.941 MiB (2035712 bytes)"},
        {1479570, "1.411 MiB", "1.411 MiB (1479570 bytes)"},
        {0xFFFFFC00u, "4095.999 MiB", "4095.999 MiB (4294966272 bytes)"},
        {UINT64_MAX, "17592186044415.999 MiB",
         "17592186044415.999 MiB (18446744073709551615 bytes)"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[SIZE_TEXT];
        assert_string_equal(size_text(cases[i].bytes, text), cases[i].text);
        assert_string_equal(size_exact(cases[i].bytes, text), cases[i].exact);
    }
}

/* What is one byte short of 2 MiB has not reached it. */
static void what_is_not_whole_is_cut_and_not_rounded_up(void **state)
{
    (void)state;
    char text[SIZE_TEXT];
    assert_string_equal(size_text(0x200000 - 1, text), "1.999 MiB");
    assert_string_equal(size_exact(0x140000 + 1, text), "1.25 MiB (1310721 bytes)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_read_as_people_say_them),
        cmocka_unit_test(what_is_not_whole_is_cut_and_not_rounded_up),
    };
    return cmocka_run_group_tests_name("size", tests, NULL, NULL);
}
