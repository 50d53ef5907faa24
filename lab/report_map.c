/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flash map: a bar to scale, and beside it a line for each partition, tied to its place.
 *
 *      0 +----+
 *        |####|-----  0x009000  otadata     data/ota       8 KiB
 *        |    |   /
 *        |::::|--/
 *        +----+
 *
 * Lines are evenly spaced, so that a partition of 8 KiB on a chip of 16 MiB can still be read. Each
 * role has a pattern besides its colour.
 */
#include "lab/report_parts.h"

#include <inttypes.h>

#define WIDTH     476.0
#define LINE      26.0
#define LEAST     260.0 /* height of the bar */
#define TOP       12.0
#define BAR_LEFT  4.0
#define BAR_WIDTH 60.0
#define LEAD      96.0 /* where the lines begin */

static const char *role_class(report_role_t role)
{
    static const char *const names[] = {"sys", "rec", "old", "new", "app", "data"};
    return names[role];
}

static const char *role_words(report_role_t role)
{
    static const char *const words[] = {
        "system", "which slot boots", "runs at the start", "gets the update", "app", "data"};
    return words[role];
}

static void pattern(page_t *page, report_role_t role, double x, double y, double w, double h)
{
    static const char *const patterns[] = {"p-grid",  "p-cross", NULL,
                                           "p-slant", "p-slant", "p-dots"};
    page_put(page, "<rect class=\"%s\" x=\"%.1f\" y=\"%.2f\" width=\"%.1f\" height=\"%.2f\"/>",
             role_class(role), x, y, w, h);
    if (patterns[role] != NULL) {
        page_put(page,
                 "<rect fill=\"url(#%s)\" x=\"%.1f\" y=\"%.2f\" width=\"%.1f\" height=\"%.2f\"/>",
                 patterns[role], x, y, w, h);
    }
}

static void patterns(page_t *page)
{
    page_put(page,
             "<defs>"
             "<pattern id=\"p-slant\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
             "<path class=\"hatch\" d=\"M-2 10L10-2M-2 2L2-2M6 10L10 6\"/></pattern>"
             "<pattern id=\"p-cross\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
             "<path class=\"hatch\" style=\"stroke-width:1\" d=\"M0 0L6 6M6 0L0 6\"/></pattern>"
             "<pattern id=\"p-grid\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\">"
             "<path class=\"hatch\" style=\"stroke-width:1\" d=\"M0 2H5\"/></pattern>"
             "<pattern id=\"p-dots\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\">"
             "<circle class=\"dot\" cx=\"2\" cy=\"2\" r=\"1.2\"/></pattern>"
             "</defs>\n");
}

/* One partition: its piece of the bar, its line, and the lead between them. */
static void draw_part(page_t *page, const report_t *report, size_t i, double height)
{
    const report_part_t *part = &report->part[i];
    double flash = (double)report->flash_size;
    double y = TOP + (double)part->offset / flash * height;
    double h = (double)part->size / flash * height;
    double line = TOP + ((double)i + 0.5) * height / (double)report->part_count;
    h = h < 1.0 ? 1.0 : h;
    page_put(page, "<g><title>");
    page_text(page, part->label);
    page_put(page, ": 0x%06" PRIx32 " to 0x%06" PRIx32 ", %s</title>", part->offset,
             part->offset + part->size, role_words(part->role));
    pattern(page, part->role, BAR_LEFT, y, BAR_WIDTH, h);
    page_put(page, "<path class=\"edge\" d=\"M%.1f %.2fH%.1fL%.1f %.2fH%.1f\"/>",
             BAR_LEFT + BAR_WIDTH, y + h / 2, BAR_LEFT + BAR_WIDTH + 8, LEAD - 10, line, LEAD - 2);
    pattern(page, part->role, LEAD, line - 7, 14, 14);
    page_put(page, "<text class=\"mono dim\" x=\"%.0f\" y=\"%.1f\">0x%06" PRIx32 "</text>",
             LEAD + 20, line + 4, part->offset);
    page_put(page, "<text x=\"%.0f\" y=\"%.1f\" font-weight=\"600\">", LEAD + 94, line + 4);
    page_text(page, part->label);
    page_put(page, "</text><text class=\"dim\" x=\"%.0f\" y=\"%.1f\">", LEAD + 212, line + 4);
    page_text(page, part->kind);
    page_put(page, "</text><text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">", WIDTH - 4, line + 4);
    page_bytes(page, part->size);
    page_put(page, "</text></g>\n");
}

static void legend(page_t *page)
{
    page_put(page, "<p class=\"legend\">");
    for (unsigned role = 0; role <= REPORT_PART_DATA; role++) {
        if (role != REPORT_PART_APP) {
            page_put(page, "<span><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\">");
            pattern(page, (report_role_t)role, 0, 0, 14, 14);
            page_put(page, "</svg>%s</span>", role_words((report_role_t)role));
        }
    }
    page_put(page, "</p>\n");
}

void report_map(page_t *page, const report_t *report)
{
    double height = (double)report->part_count * LINE;
    height = height > LEAST ? height : LEAST;
    page_put(page, "<h2>The flash</h2>\n<p class=\"dim\">");
    page_bytes(page, report->flash_size);
    page_put(page,
             ", to scale.</p>\n<svg class=\"map\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
             "aria-label=\"map of the flash\">\n",
             WIDTH, height + 2 * TOP);
    patterns(page);
    page_put(page, "<rect class=\"free\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
             BAR_LEFT, TOP, BAR_WIDTH, height);
    for (size_t i = 0; i < report->part_count; i++) {
        draw_part(page, report, i, height);
    }
    page_put(page,
             "<rect class=\"edge\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n"
             "</svg>\n",
             BAR_LEFT, TOP, BAR_WIDTH, height);
    legend(page);
}
