/* SPDX-License-Identifier: Apache-2.0 */
/* The list below the picture: one line a partition or gap, in order of address. */
#include "host/flash_map_parts.h"
#include "host/size.h"
#include "host/table_finding.h"

#include <string.h>

/* Columns that UTF-8 text takes, taking each code point for one. */
static unsigned columns_of(const char *text)
{
    unsigned n = 0;
    for (; *text != '\0'; text++) {
        n += ((unsigned char)*text & 0xC0u) != 0x80u;
    }
    return n;
}

static void put_padded(canvas_t *canvas, const char *text, unsigned columns)
{
    unsigned has = columns_of(text);
    map_put(canvas, "%s%*s", text, has < columns ? (int)(columns - has) : 0, "");
}

/* What the eye should not miss: not to scale, overlapping, outside. */
static const char *trouble(const canvas_t *canvas, size_t index)
{
    const span_t *span = &canvas->spans[index];
    if (span->offset + span->size > canvas->flash) {
        return "beyond the end of flash";
    }
    for (size_t i = 0; i < canvas->count; i++) {
        const span_t *other = &canvas->spans[i];
        if (i != index && other->kind != SPAN_FREE && span->kind != SPAN_FREE &&
            other->offset < span->offset + span->size &&
            span->offset < other->offset + other->size) {
            return "overlaps another";
        }
    }
    return NULL;
}

/* Flags, the caller's note, and what is wrong; cut at the width that is left. */
static void put_remarks(canvas_t *canvas, size_t index, unsigned left)
{
    const span_t *span = &canvas->spans[index];
    const char *note = NULL;
    uint32_t flags = 0;
    if (span->part != NULL) {
        flags = span->part->flags;
        note = canvas->map->notes != NULL ? canvas->map->notes[span->part - canvas->parts] : NULL;
    }
    const char *texts[] = {(flags & OTA_PART_ENCRYPTED) != 0 ? "encrypted" : NULL,
                           (flags & OTA_PART_READONLY) != 0 ? "readonly" : NULL, note,
                           trouble(canvas, index)};
    const char *comma = "  ";
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        unsigned need = texts[i] != NULL ? columns_of(texts[i]) + 2 : 0;
        if (need > 0 && need <= left) {
            map_put(canvas, "%s%s", comma, texts[i]);
            left -= need;
            comma = ", ";
        }
    }
}

static void put_line(canvas_t *canvas, size_t index)
{
    const span_t *span = &canvas->spans[index];
    char name[40];
    char size[SIZE_TEXT];
    char kind[40] = "";
    if (span->part != NULL) {
        (void)flash_map_kind(span->part, kind);
    }
    map_put(canvas, "  %s%s%s%s 0x%0*llx  ", map_colour(canvas, span), map_glyph(canvas, span),
            map_glyph(canvas, span), map_plain(canvas), canvas->digits,
            (unsigned long long)span->offset);
    map_put(canvas, "%10s  ", size_text(span->size, size));
    put_padded(canvas, map_name(span, name, sizeof(name)), kind[0] != '\0' ? 17 : 0);
    unsigned used = 22 + (unsigned)canvas->digits + (columns_of(name) > 17 ? columns_of(name) : 17);
    bool remarks = canvas->width > used + 16;
    if (kind[0] != '\0') {
        put_padded(canvas, kind, 0);
    }
    unsigned taken = used + columns_of(kind);
    if (remarks && canvas->width > taken) {
        put_remarks(canvas, index, canvas->width - taken);
    }
    map_put(canvas, "\n");
}

void map_draw_list(canvas_t *canvas)
{
    char size[SIZE_TEXT];
    for (size_t i = 0; i < canvas->count; i++) {
        put_line(canvas, i);
    }
    map_put(canvas, "     0x%0*llx  %10s  end of flash\n", canvas->digits,
            (unsigned long long)canvas->flash, size_text(canvas->flash, size));
}
