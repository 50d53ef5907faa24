/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timeline: flash operations from left to right, a cell each, and below each cell whether a cut
 * there hurts.
 *
 *     download                     select          first boot
 *     [ ] ### ### ### [ ] ###      [ ] # # #       [ ] #        [ ] erase   # program
 *      .   .   .   .   .   .       (!) . . .        .  (!)      .   safe   (!) hurts
 */
#include "lab/report_parts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define CELL       14.0
#define GAP        10.0 /* between phases */
#define ROW_LABEL  14.0
#define ROW_OP     38.0 /* bottom of the operation */
#define ROW_MARK   52.0 /* middle of the mark */
#define ROW_HEIGHT 68.0
#define ROW_CELLS  48u
#define BAR_MAX    16.0
#define LETTER     6.6 /* of a phase's name, at most on average */

static bool new_phase(const report_side_t *side, size_t i)
{
    return i == 0 || strcmp(side->op[i].phase, side->op[i - 1].phase) != 0;
}

static void title(page_t *page, const report_op_t *op)
{
    page_put(page, "<title>");
    page_text(page, op->phase);
    page_put(page, ": ");
    if (op->count > 1) {
        page_number(page, op->count);
        page_put(page, op->erase ? " erases, " : " programs, ");
    } else {
        page_put(page, op->erase ? "erase " : "program ");
    }
    page_bytes(page, op->len);
    page_put(page, " at 0x%06" PRIx32 ". ", op->addr);
    page_number(page, op->cuts);
    page_put(page, " cuts, ");
    page_number(page, op->hurt);
    page_put(page, " boots went wrong. ");
    page_text(page, op->what);
    page_put(page, "</title>");
}

static void shape(page_t *page, const report_op_t *op, double x, double y)
{
    const char *rec = op->metadata ? " rec" : "";
    if (op->erase) {
        page_put(page, "<rect class=\"erase%s\" x=\"%.1f\" y=\"%.1f\" width=\"10\" height=\"14\"/>",
                 rec, x + 2, y + ROW_OP - 15);
    } else {
        double height = 3.0 + log2((double)op->len + 1.0) * 0.9;
        height = height > BAR_MAX ? BAR_MAX : height;
        page_put(page,
                 "<rect class=\"write%s\" x=\"%.1f\" y=\"%.1f\" width=\"10\" height=\"%.1f\"/>",
                 rec, x + 2, y + ROW_OP - height, height);
    }
}

static void mark(page_t *page, const report_op_t *op, double x, double y)
{
    double middle = x + CELL / 2;
    double at = y + ROW_MARK;
    if (op->hurt > 0) {
        page_put(page,
                 "<path class=\"hurt\" d=\"M%.1f %.1fl6 11h-12z\"/>"
                 "<text class=\"bang\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">!</text>",
                 middle, at - 6, middle, at + 4);
    } else if (op->cuts > 0) {
        page_put(page, "<circle class=\"safe\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.2\"/>", middle, at);
    }
}

/* Where a cell goes: cells fill a row, phases keep a distance that has room for their names. */
typedef struct {
    double x;
    double y;
    double right;     /* widest row so far */
    double label_end; /* of the last name in this row */
    bool labelled;    /* the cell begins a phase, or a row */
} place_t;

static void advance(place_t *place, const report_side_t *side, size_t i)
{
    bool fresh = new_phase(side, i);
    double x = i == 0 ? 0 : place->x + CELL + (fresh ? GAP : 0);
    if (fresh && x < place->label_end) {
        x = place->label_end;
    }
    if (x + CELL > ROW_CELLS * CELL) {
        place->y += ROW_HEIGHT;
        fresh = true;
        x = 0;
    }
    place->x = x;
    place->labelled = fresh;
    if (fresh) {
        place->label_end = x + LETTER * (double)strlen(side->op[i].phase) + GAP;
    }
    double right = x + CELL > place->label_end ? x + CELL : place->label_end;
    place->right = right > place->right ? right : place->right;
}

/* A phase's name stands above its first cell, and again at the left where it goes on below. */
static void label(page_t *page, const report_op_t *op, const place_t *place)
{
    page_put(page, "<text class=\"dim\" x=\"%.1f\" y=\"%.1f\">", place->x + 1,
             place->y + ROW_LABEL);
    page_text(page, op->phase);
    page_put(page, "</text>");
}

static void cells(page_t *page, const report_side_t *side)
{
    place_t place = {0};
    for (size_t i = 0; i < side->op_count; i++) {
        const report_op_t *op = &side->op[i];
        advance(&place, side, i);
        if (place.labelled) {
            label(page, op, &place);
        }
        page_put(page, "<g>");
        title(page, op);
        page_put(page, "<rect class=\"back\" x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"44\"/>",
                 place.x, place.y + ROW_LABEL + 4);
        shape(page, op, place.x, place.y);
        mark(page, op, place.x, place.y);
        page_put(page, "</g>\n");
    }
}

static void size_of(const report_side_t *side, double *width, double *height)
{
    place_t place = {0};
    for (size_t i = 0; i < side->op_count; i++) {
        advance(&place, side, i);
    }
    *width = place.right;
    *height = place.y + ROW_HEIGHT;
}

void report_timeline(page_t *page, const report_side_t *side)
{
    double width;
    double height;
    size_of(side, &width, &height);
    page_put(page, "<h3>");
    page_text(page, side->words);
    page_put(page,
             "</h3>\n<div class=\"scroll\"><svg class=\"time\" width=\"%.0f\" height=\"%.0f\" "
             "viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"operations, and where a cut "
             "hurts\">\n",
             width, height, width, height);
    cells(page, side);
    page_put(page, "</svg></div>\n");
}
