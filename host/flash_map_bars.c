/* SPDX-License-Identifier: Apache-2.0 */
/* The picture: the flash as lines of cells, names written where they fit. */
#include "host/flash_map_parts.h"
#include "host/size.h"
#include "host/table_finding.h"

#include <stdio.h>
#include <string.h>

#define MARGIN 12u /* "  0x1000000 " */

const char *map_name(const span_t *span, char *text, size_t room)
{
    if (span->part == NULL) {
        (void)snprintf(text, room, "%s", span->name != NULL ? span->name : "free");
        return text;
    }
    if (span->part->label[0] == '\0') {
        return flash_map_kind(span->part, text);
    }
    return table_printable(span->part->label, strlen(span->part->label), text, room);
}

/* Bytes that a span has within [from, to). */
static uint64_t share(const span_t *span, uint64_t from, uint64_t to)
{
    uint64_t end = span->offset + span->size;
    uint64_t low = span->offset > from ? span->offset : from;
    uint64_t high = end < to ? end : to;
    return high > low ? high - low : 0;
}

static uint16_t owner(const canvas_t *canvas, uint64_t from, uint64_t to)
{
    uint64_t most = 0;
    uint16_t best = 0;
    for (size_t i = 0; i < canvas->count; i++) {
        uint64_t has = share(&canvas->spans[i], from, to);
        if (has > most) {
            most = has;
            best = (uint16_t)i;
        }
    }
    return best;
}

static size_t cells_of(const canvas_t *canvas, uint16_t span)
{
    size_t n = 0;
    for (size_t i = 0; i < canvas->cells; i++) {
        n += canvas->cell[i] == span;
    }
    return n;
}

/* Who has no cell takes the one that it begins in, unless that is the owner's last. */
static void give_each_one(canvas_t *canvas, uint64_t per_cell)
{
    for (size_t i = 0; i < canvas->count; i++) {
        const span_t *span = &canvas->spans[i];
        size_t at = (size_t)(span->offset / per_cell);
        if (span->kind != SPAN_FREE && span->size > 0 && at < canvas->cells &&
            cells_of(canvas, (uint16_t)i) == 0 && cells_of(canvas, canvas->cell[at]) > 1) {
            canvas->cell[at] = (uint16_t)i;
        }
    }
}

/* The longest run of a span's cells within one line: where its name goes. */
typedef struct {
    size_t at;
    size_t len;
} run_t;

static run_t longest_run(const canvas_t *canvas, uint16_t span, size_t columns)
{
    run_t best = {0, 0};
    for (size_t i = 0; i < canvas->cells;) {
        size_t line_end = (i / columns + 1) * columns;
        size_t n = 0;
        while (i + n < canvas->cells && i + n < line_end && canvas->cell[i + n] == span) {
            n++;
        }
        if (n > best.len) {
            best = (run_t){i, n};
        }
        i += n > 0 ? n : 1;
    }
    return best;
}

/* Text over the cells; one byte a cell, 0 where the glyph shows. ASCII only: others are names
 * whose width nobody knows. */
static void write_name(const canvas_t *canvas, uint16_t index, size_t columns, char *over)
{
    const span_t *span = &canvas->spans[index];
    char name[40];
    char size[SIZE_TEXT];
    char text[80];
    (void)map_name(span, name, sizeof(name));
    run_t run = longest_run(canvas, index, columns);
    (void)snprintf(text, sizeof(text), " %s %s ", name, size_text(span->size, size));
    if (strlen(text) > run.len) {
        (void)snprintf(text, sizeof(text), " %s ", name);
    }
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] >= 0x80) {
            return;
        }
    }
    if (len <= run.len && (span->kind != SPAN_FREE || len + 4 <= run.len)) {
        char *at = over + run.at + (run.len - len) / 2;
        for (size_t i = 0; i < len; i++) {
            at[i] = text[i];
        }
    }
}

static void draw_cell(canvas_t *canvas, size_t i, const char *over, size_t columns)
{
    const span_t *span = &canvas->spans[canvas->cell[i]];
    bool starts = i % columns == 0 || canvas->cell[i - 1] != canvas->cell[i];
    bool text = over[i] != '\0';
    bool text_before = i % columns != 0 && over[i - 1] != '\0';
    if (starts || text != text_before) {
        map_put(canvas, "%s%s", map_plain(canvas), text ? "" : map_colour(canvas, span));
    }
    if (text) {
        map_put(canvas, "%c", over[i]);
    } else {
        map_put(canvas, "%s", map_glyph(canvas, span));
    }
}

static void draw_rule(canvas_t *canvas, size_t columns, bool top)
{
    static const char *const corner[2][2] = {{"\xE2\x94\x94", "\xE2\x94\x98"},
                                             {"\xE2\x94\x8C", "\xE2\x94\x90"}};
    bool utf8 = canvas->map->utf8;
    map_put(canvas, "%*s%s", 5 + canvas->digits, "", utf8 ? corner[top][0] : "+");
    for (size_t i = 0; i < columns; i++) {
        map_put(canvas, "%s", utf8 ? "\xE2\x94\x80" : "-");
    }
    map_put(canvas, "%s\n", utf8 ? corner[top][1] : "+");
}

/* Columns a power of two, so that addresses come out round: 64 of 80. */
static size_t columns_for(unsigned width)
{
    return width >= 128 + MARGIN + 3 ? 128 : width >= 64 + MARGIN + 3 ? 64 : 32;
}

static size_t lines_for(uint64_t flash)
{
    return flash <= (uint64_t)4 << 20 ? 8 : MAP_LINES_MAX;
}

void map_draw_bars(canvas_t *canvas)
{
    size_t columns = columns_for(canvas->width);
    size_t lines = lines_for(canvas->flash);
    char over[MAP_CELLS_MAX] = {0};
    canvas->cells = lines * columns;
    uint64_t per_cell = (canvas->flash + canvas->cells - 1) / canvas->cells;
    for (size_t i = 0; i < canvas->cells; i++) {
        canvas->cell[i] = owner(canvas, i * per_cell, (i + 1) * per_cell);
    }
    give_each_one(canvas, per_cell);
    for (size_t i = 0; i < canvas->count; i++) {
        write_name(canvas, (uint16_t)i, columns, over);
    }
    draw_rule(canvas, columns, true);
    const char *side = canvas->map->utf8 ? "\xE2\x94\x82" : "|";
    for (size_t i = 0; i < canvas->cells; i++) {
        if (i % columns == 0) {
            map_put(canvas, "  0x%0*llx %s", canvas->digits, (unsigned long long)(i * per_cell),
                    side);
        }
        draw_cell(canvas, i, over, columns);
        if (i % columns == columns - 1) {
            map_put(canvas, "%s%s\n", map_plain(canvas), side);
        }
    }
    draw_rule(canvas, columns, false);
}
