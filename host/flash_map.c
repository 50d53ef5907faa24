/* SPDX-License-Identifier: Apache-2.0 */
#include "host/flash_map.h"

#include "host/flash_map_parts.h"
#include "host/table_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t flash_map_chip_size(const ota_part_t *parts, size_t count)
{
    uint64_t end = OTA_TABLE_OFFSET + OTA_TABLE_SECTOR;
    for (size_t i = 0; i < count; i++) {
        uint64_t last = (uint64_t)parts[i].offset + parts[i].size;
        end = last > end ? last : end;
    }
    for (uint64_t size = 1u << 20; size <= 256u << 20; size *= 2) {
        if (end <= size) {
            return (uint32_t)size;
        }
    }
    return 0;
}

char *flash_map_kind(const ota_part_t *part, char text[40])
{
    table_subtypes_t subtypes;
    table_subtypes_init(&subtypes);
    const char *type = table_type_name(part->type);
    table_view_t subtype = table_subtype_name(&subtypes, part->type, part->subtype);
    char type_number[8];
    char number[8];
    (void)snprintf(type_number, sizeof(type_number), "0x%02x", part->type);
    (void)snprintf(number, sizeof(number), "0x%02x", part->subtype);
    (void)snprintf(text, 40, "%s/%.*s", type != NULL ? type : type_number,
                   subtype.at != NULL ? (int)subtype.len : 4,
                   subtype.at != NULL ? subtype.at : number);
    return text;
}

static const struct {
    const char *ascii[2];
    const char *utf8[2];
    const char *colour[2];
} looks[] = {
    [SPAN_FREE] = {{".", "."}, {"\xC2\xB7", "\xC2\xB7"}, {"\x1b[2m", "\x1b[2m"}},
    [SPAN_SYSTEM] = {{"%", "%"}, {"\xE2\x96\x9A", "\xE2\x96\x9A"}, {"\x1b[35m", "\x1b[35m"}},
    [SPAN_APP] = {{"#", "="}, {"\xE2\x96\x88", "\xE2\x96\x93"}, {"\x1b[32m", "\x1b[36m"}},
    [SPAN_DATA] = {{"+", ":"}, {"\xE2\x96\x92", "\xE2\x96\x91"}, {"\x1b[33m", "\x1b[34m"}},
};

const char *map_glyph(const canvas_t *canvas, const span_t *span)
{
    return canvas->map->utf8 ? looks[span->kind].utf8[span->shade]
                             : looks[span->kind].ascii[span->shade];
}

const char *map_colour(const canvas_t *canvas, const span_t *span)
{
    return canvas->map->colour ? looks[span->kind].colour[span->shade] : "";
}

const char *map_plain(const canvas_t *canvas)
{
    return canvas->map->colour ? "\x1b[0m" : "";
}

void map_put(canvas_t *canvas, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(canvas->text + canvas->len, canvas->room - canvas->len, format, args);
    va_end(args);
    if (n > 0 && (size_t)n < canvas->room - canvas->len) {
        canvas->len += (size_t)n;
    }
}

static int by_place(const void *a, const void *b)
{
    const span_t *x = a;
    const span_t *y = b;
    if (x->offset != y->offset) {
        return x->offset < y->offset ? -1 : 1;
    }
    return x->part < y->part ? -1 : x->part > y->part;
}

static void add_span(canvas_t *canvas, span_kind_t kind, uint64_t offset, uint64_t size,
                     const ota_part_t *part)
{
    canvas->spans[canvas->count++] =
        (span_t){.kind = kind, .offset = offset, .size = size, .part = part};
}

/* True if the table itself has a row of that type: then the map does not add one. */
static bool has_type(const ota_part_t *parts, size_t count, uint8_t type)
{
    for (size_t i = 0; i < count; i++) {
        if (parts[i].type == type && parts[i].subtype == 0) {
            return true;
        }
    }
    return false;
}

static void collect(canvas_t *canvas, const ota_part_t *parts, size_t count)
{
    const flash_map_t *map = canvas->map;
    for (size_t i = 0; i < count; i++) {
        span_kind_t kind = parts[i].type == OTA_TYPE_APP ? SPAN_APP
                           : parts[i].type == OTA_TYPE_BOOTLOADER || parts[i].type == OTA_TYPE_TABLE
                               ? SPAN_SYSTEM
                               : SPAN_DATA;
        add_span(canvas, kind, parts[i].offset, parts[i].size, &parts[i]);
    }
    if (map->bootloader_offset < map->table_offset &&
        !has_type(parts, count, OTA_TYPE_BOOTLOADER)) {
        add_span(canvas, SPAN_SYSTEM, map->bootloader_offset,
                 map->table_offset - map->bootloader_offset, NULL);
        canvas->spans[canvas->count - 1].name = "bootloader";
    }
    if (!has_type(parts, count, OTA_TYPE_TABLE)) {
        add_span(canvas, SPAN_SYSTEM, map->table_offset, OTA_TABLE_SECTOR, NULL);
        canvas->spans[canvas->count - 1].name = "partition table";
    }
    qsort(canvas->spans, canvas->count, sizeof(canvas->spans[0]), by_place);
}

/* Between spans lies free space, and behind the last one up to the end of the chip. */
static void add_gaps(canvas_t *canvas)
{
    size_t taken = canvas->count;
    uint64_t end = 0;
    for (size_t i = 0; i <= taken; i++) {
        uint64_t next = i < taken ? canvas->spans[i].offset : canvas->flash;
        next = next < canvas->flash ? next : canvas->flash;
        if (next > end) {
            add_span(canvas, SPAN_FREE, end, next - end, NULL);
        }
        if (i < taken && canvas->spans[i].offset + canvas->spans[i].size > end) {
            end = canvas->spans[i].offset + canvas->spans[i].size;
        }
    }
    qsort(canvas->spans, canvas->count, sizeof(canvas->spans[0]), by_place);
    unsigned shade[4] = {0, 0, 0, 0};
    for (size_t i = 0; i < canvas->count; i++) {
        span_t *span = &canvas->spans[i];
        span->shade = shade[span->kind]++ % 2;
    }
}

char *flash_map_draw(const flash_map_t *map, const ota_part_t *parts, size_t count)
{
    if (count > FLASH_MAP_PARTS_MAX) {
        return NULL;
    }
    canvas_t *canvas = calloc(1, sizeof(*canvas));
    if (canvas == NULL) {
        return NULL;
    }
    canvas->map = map;
    canvas->parts = parts;
    canvas->width = map->width < 60 ? 60 : map->width > 160 ? 160 : map->width;
    canvas->flash = map->flash_size != 0 ? map->flash_size : flash_map_chip_size(parts, count);
    canvas->flash = canvas->flash != 0 ? canvas->flash : (uint64_t)256 << 20;
    canvas->digits = canvas->flash > 0xFFFFFF ? 7 : 6;
    canvas->room = MAP_TEXT_MAX;
    canvas->text = malloc(canvas->room);
    if (canvas->text != NULL) {
        canvas->text[0] = '\0';
        collect(canvas, parts, count);
        add_gaps(canvas);
        map_draw_bars(canvas);
        map_draw_list(canvas);
    }
    char *text = canvas->text;
    free(canvas);
    return text;
}
