/* SPDX-License-Identifier: Apache-2.0 */
/* The map is to scale, complete, and as wide as it was told, whatever the table. */
#include "host/flash_map.h"
#include "host/presets.h"
#include "host/size.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

static const char default_map[] =
    "           +----------------------------------------------------------------+\n"
    "  0x000000 |.%%%%++:########################################################|\n"
    "  0x080000 |######################## app0 1.25 MiB #########################|\n"
    "  0x100000 |########################################========================|\n"
    "  0x180000 |======================== app1 1.25 MiB =========================|\n"
    "  0x200000 |================================================================|\n"
    "  0x280000 |========++++++++++++++++++++++++++++++++++++++++++++++++++++++++|\n"
    "  0x300000 |+++++++++++++++++++++++ spiffs 1.375 MiB +++++++++++++++++++++++|\n"
    "  0x380000 |++++++++++++++++++++++++++++++++++++++++++++++++++++++++::::::::|\n"
    "           +----------------------------------------------------------------+\n"
    "  .. 0x000000       4 KiB  free\n"
    "  %% 0x001000      28 KiB  bootloader\n"
    "  %% 0x008000       4 KiB  partition table\n"
    "  ++ 0x009000      20 KiB  nvs              data/nvs\n"
    "  :: 0x00e000       8 KiB  otadata          data/ota\n"
    "  ## 0x010000    1.25 MiB  app0             app/ota_0\n"
    "  == 0x150000    1.25 MiB  app1             app/ota_1\n"
    "  ++ 0x290000   1.375 MiB  spiffs           data/spiffs\n"
    "  :: 0x3f0000      64 KiB  coredump         data/coredump\n"
    "     0x400000       4 MiB  end of flash\n";

static void default_csv_in_plain_ascii(void **state)
{
    (void)state;
    ota_part_t parts[PRESET_PARTS_MAX];
    size_t count = preset_parts(preset_find("default"), parts);
    flash_map_t map = FLASH_MAP_DEFAULT;
    map.bootloader_offset = 0x1000;
    char *text = flash_map_draw(&map, parts, count);
    assert_string_equal(text, default_map);
    free(text);
}

/* Columns of the widest line; escapes take none, a code point one. */
static unsigned widest(const char *text)
{
    unsigned most = 0;
    unsigned n = 0;
    for (; *text != '\0'; text++) {
        if (*text == '\x1b') {
            text += strcspn(text, "m");
        } else if (*text == '\n') {
            most = n > most ? n : most;
            n = 0;
        } else {
            n += ((unsigned char)*text & 0xC0u) != 0x80u;
        }
    }
    return most;
}

static void no_line_is_wider_than_asked(void **state)
{
    (void)state;
    const char *notes[PRESET_PARTS_MAX];
    for (size_t i = 0; i < PRESET_PARTS_MAX; i++) {
        notes[i] = "runs version 1.2.3";
    }
    for (size_t i = 0; i < presets_count; i++) {
        ota_part_t parts[PRESET_PARTS_MAX];
        size_t count = preset_parts(&presets[i], parts);
        for (unsigned width = 60; width <= 160; width += 20) {
            flash_map_t map = FLASH_MAP_DEFAULT;
            map.width = width;
            map.utf8 = width % 40 == 0;
            map.colour = i % 2 == 0;
            map.notes = notes;
            char *text = flash_map_draw(&map, parts, count);
            assert_non_null(text);
            assert_true(widest(text) <= width);
            free(text);
        }
    }
}

static void gaps_overlaps_and_overhangs_are_pointed_out(void **state)
{
    (void)state;
    const ota_part_t parts[] = {{0, 0, 0x10000, 0x200000, 0, "factory"},
                                {1, 0x82, 0x100000, 0x10000, OTA_PART_ENCRYPTED, "inside"},
                                {1, 0x81, 0x3f0000, 0x20000, OTA_PART_READONLY, "over"},
                                {0x40, 1, 0x300000, 0x1000, 0, ""}};
    flash_map_t map = FLASH_MAP_DEFAULT;
    map.flash_size = 0x400000;
    map.width = 100;
    char *text = flash_map_draw(&map, parts, 4);
    assert_non_null(strstr(text, "inside           data/spiffs  encrypted, overlaps another"));
    assert_non_null(strstr(text, "over             data/fat  readonly, beyond the end of flash"));
    assert_non_null(strstr(text, "0x210000     960 KiB  free"));
    assert_non_null(strstr(text, "0x40/0x01"));
    free(text);
}

static void hostile_tables_are_drawn(void **state)
{
    (void)state;
    ota_part_t parts[FLASH_MAP_PARTS_MAX];
    uint32_t seed = 7;
    for (unsigned round = 0; round < 60; round++) {
        for (size_t i = 0; i < FLASH_MAP_PARTS_MAX; i++) {
            uint8_t *raw = (uint8_t *)&parts[i];
            for (size_t k = 0; k < sizeof(parts[i]); k++) {
                seed = seed * 1664525u + 1013904223u;
                raw[k] = (uint8_t)(seed >> 24);
            }
            parts[i].label[OTA_LABEL_MAX] = '\0';
        }
        flash_map_t map = FLASH_MAP_DEFAULT;
        map.utf8 = round % 2 != 0;
        map.flash_size = round % 3 == 0 ? 0x400000 : 0;
        char *text = flash_map_draw(&map, parts, FLASH_MAP_PARTS_MAX);
        assert_non_null(text);
        assert_null(strchr(text, '\x1b'));
        free(text);
    }
    flash_map_t map = FLASH_MAP_DEFAULT;
    assert_null(flash_map_draw(&map, parts, FLASH_MAP_PARTS_MAX + 1));
    char *text = flash_map_draw(&map, parts, 0);
    assert_non_null(strstr(text, "end of flash"));
    free(text);
}

static void sizes_as_people_say_them(void **state)
{
    (void)state;
    char text[SIZE_TEXT];
    assert_string_equal(size_text(0, text), "0 bytes");
    assert_string_equal(size_text(1000, text), "1000 bytes");
    assert_string_equal(size_text(0x1000, text), "4 KiB");
    assert_string_equal(size_text(0x140000, text), "1.25 MiB");
    assert_string_equal(size_text(0x160000, text), "1.375 MiB");
    assert_string_equal(size_text(0x180000, text), "1.5 MiB");
    assert_string_equal(size_text(0xFFFFFC00u, text), "4095.999 MiB");
}

static void the_chip_that_holds_a_table(void **state)
{
    (void)state;
    ota_part_t part = {0, 0, 0x10000, 0x1F0000, 0, "a"};
    assert_int_equal(flash_map_chip_size(NULL, 0), 1u << 20);
    assert_int_equal(flash_map_chip_size(&part, 1), 2u << 20);
    part.size++;
    assert_int_equal(flash_map_chip_size(&part, 1), 4u << 20);
    part.offset = UINT32_MAX;
    part.size = UINT32_MAX;
    assert_int_equal(flash_map_chip_size(&part, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_csv_in_plain_ascii),
        cmocka_unit_test(no_line_is_wider_than_asked),
        cmocka_unit_test(gaps_overlaps_and_overhangs_are_pointed_out),
        cmocka_unit_test(hostile_tables_are_drawn),
        cmocka_unit_test(sizes_as_people_say_them),
        cmocka_unit_test(the_chip_that_holds_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
