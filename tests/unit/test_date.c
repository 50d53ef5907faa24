/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time as people write them. */
#include "host/date.h"
#include "support/unit.h"

#include <stdlib.h>

static void spans_days_and_never_are_understood(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t seconds;
    } cases[] = {
        {"1d", 86400 + 1000},
        {"2w", 14 * 86400 + 1000},
        {"1y", 365 * 86400 + 1000},
        {"never", 0},
        {"0d", 1000},
        {"1970-01-01", 86399},
        {"2000-02-29", 951868799},
        {"2026-11-25", 1795651199},
        {"2026-12-31", 1798761599},
        {"2027-01-01", 1798847999},
        {"2106-02-06", 4294943999u},
        {"2100-02-28", 4107542399u},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t seconds = 7;
        assert_true(date_parse(cases[i].text, 1000, &seconds));
        if (seconds != cases[i].seconds) {
            fail_msg("%s: %u", cases[i].text, seconds);
        }
    }
}

static void everything_else_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "d",
        "1",
        "1h",
        "-1d",
        "1.5d",
        "2026",
        "2026-11",
        "2026-13-01",
        "2026-00-01",
        "2026-04-31",
        "2026-02-29",
        "2100-02-29",
        "1969-12-31",
        "2106-02-08",
        "2107-01-01",
        "2026-11-25x",
        "99999d",
        "2026-11-2-",
        "+1d",
        " 1d",
        "99999999999999999999d",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        uint32_t seconds = 0;
        if (date_parse(texts[i], 1790000000, &seconds)) {
            fail_msg("%s: %u", texts[i], seconds);
        }
    }
}

static void times_are_written_in_utc(void **state)
{
    (void)state;
    char text[DATE_TEXT];
    assert_string_equal(date_text(0, text), "1970-01-01 00:00 UTC");
    assert_string_equal(date_text(951868799, text), "2000-02-29 23:59 UTC");
    assert_string_equal(date_text(UINT32_MAX, text), "2106-02-07 06:28 UTC");
}

static void the_present_can_be_fixed_from_outside(void **state)
{
    (void)state;
    assert_int_equal(setenv("SOURCE_DATE_EPOCH", "1790000000", 1), 0);
    assert_int_equal(date_now(), 1790000000);
    assert_int_equal(setenv("SOURCE_DATE_EPOCH", "yesterday", 1), 0);
    assert_true(date_now() > 1700000000);
    assert_int_equal(unsetenv("SOURCE_DATE_EPOCH"), 0);
    assert_true(date_now() > 1700000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_days_and_never_are_understood),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(times_are_written_in_utc),
        cmocka_unit_test(the_present_can_be_fixed_from_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
