/* SPDX-License-Identifier: Apache-2.0 */
#include "host/date.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY 86400u

char *date_text(uint32_t seconds, char text[DATE_TEXT])
{
    time_t time = (time_t)seconds;
    struct tm parts;
    if (gmtime_r(&time, &parts) == NULL ||
        strftime(text, DATE_TEXT, "%Y-%m-%d %H:%M UTC", &parts) == 0) {
        (void)snprintf(text, DATE_TEXT, "%" PRIu32 " s", seconds);
    }
    return text;
}

/* Digits only, up to `end`; false: none, or above 32 bits. */
static bool parse_digits(const char *text, const char **end, uint64_t *number)
{
    *number = 0;
    *end = text;
    while (**end >= '0' && **end <= '9' && *number <= UINT32_MAX) {
        *number = *number * 10 + (uint64_t)(**end - '0');
        (*end)++;
    }
    return *end != text && *number <= UINT32_MAX;
}

/* Days from 1970-01-01: years begin in March here, so that the leap day comes last. */
static uint64_t days_of(uint64_t year, uint64_t month, uint64_t day)
{
    uint64_t y = month > 2 ? year : year - 1;
    uint64_t m = month > 2 ? month - 3 : month + 9;
    return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* A day that the calendar has: no 29th of February where there is none. */
static bool is_day(const uint64_t part[3])
{
    bool sane = part[0] >= 1970 && part[0] <= 2106 && part[1] >= 1 && part[1] <= 12;
    if (!sane || part[2] < 1) {
        return false;
    }
    uint64_t next = part[1] == 12 ? days_of(part[0] + 1, 1, 1) : days_of(part[0], part[1] + 1, 1);
    return part[2] <= 31 && days_of(part[0], part[1], part[2]) < next;
}

static bool parse_calendar(const char *text, uint64_t *seconds)
{
    uint64_t part[3] = {0};
    for (size_t i = 0; i < 3; i++) {
        const char *end = NULL;
        if (!parse_digits(text, &end, &part[i]) || *end != (i < 2 ? '-' : '\0')) {
            return false;
        }
        text = end + 1;
    }
    *seconds = days_of(part[0], part[1], part[2]) * DAY + DAY - 1;
    return is_day(part);
}

static bool parse_span(const char *text, uint32_t from, uint64_t *seconds)
{
    static const struct {
        const char *unit;
        uint32_t days;
    } units[] = {{"d", 1}, {"w", 7}, {"y", 365}};
    const char *end = NULL;
    uint64_t count = 0;
    if (!parse_digits(text, &end, &count)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(end, units[i].unit) == 0) {
            *seconds = from + count * units[i].days * DAY;
            return true;
        }
    }
    return false;
}

bool date_parse(const char *text, uint32_t from, uint32_t *seconds)
{
    uint64_t value = 0;
    if (strcmp(text, "never") == 0) {
        *seconds = 0;
        return true;
    }
    if (!parse_calendar(text, &value) && !parse_span(text, from, &value)) {
        return false;
    }
    *seconds = (uint32_t)value;
    return value <= UINT32_MAX;
}

uint32_t date_now(void)
{
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    const char *end = NULL;
    uint64_t value = 0;
    if (fixed != NULL && parse_digits(fixed, &end, &value) && *end == '\0') {
        return (uint32_t)value;
    }
    return (uint32_t)time(NULL);
}
