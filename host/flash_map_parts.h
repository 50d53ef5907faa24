/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind host/flash_map.h share, and nobody else includes. */
#ifndef HOST_FLASH_MAP_PARTS_H
#define HOST_FLASH_MAP_PARTS_H

#include "host/flash_map.h"

#include <stdarg.h>

#define MAP_TEXT_MAX  (256u * 1024u)
#define MAP_LINES_MAX 16u
#define MAP_CELLS_MAX (MAP_LINES_MAX * 160u)
#define MAP_SPANS_MAX (2u * FLASH_MAP_PARTS_MAX + 8u)

typedef enum { SPAN_FREE, SPAN_SYSTEM, SPAN_APP, SPAN_DATA } span_kind_t;

typedef struct {
    span_kind_t kind;
    unsigned shade; /* neighbours of a kind differ */
    uint64_t offset;
    uint64_t size;
    const ota_part_t *part; /* NULL: free space or `name` */
    const char *name;
} span_t;

typedef struct {
    const flash_map_t *map;
    const ota_part_t *parts;
    uint64_t flash;
    unsigned width;
    int digits; /* of an address */
    span_t spans[MAP_SPANS_MAX];
    size_t count;
    uint16_t cell[MAP_CELLS_MAX]; /* index of the span that owns it */
    size_t cells;
    char *text;
    size_t len;
    size_t room;
} canvas_t;

void map_put(canvas_t *canvas, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *map_glyph(const canvas_t *canvas, const span_t *span);
const char *map_colour(const canvas_t *canvas, const span_t *span);
const char *map_plain(const canvas_t *canvas);
/* Name of a span as printable text of at most `room` - 1 bytes. */
const char *map_name(const span_t *span, char *text, size_t room);

void map_draw_bars(canvas_t *canvas);
void map_draw_list(canvas_t *canvas);

#endif
