/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/report_html.h"

#include "lab/report_parts.h"

#include <inttypes.h>
#include <stdlib.h>

static void head(page_t *page, const report_t *report)
{
    page_put(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" "
                   "content=\"default-src 'none';style-src 'unsafe-inline'\">\n<title>");
    page_text(page, report->verdict);
    page_put(page, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", report_style);
}

static void verdict(page_t *page, const report_t *report)
{
    page_put(page,
             "<h1>Otary fault laboratory: power cuts during an update</h1>\n"
             "<div class=\"verdict %s\"><svg viewBox=\"0 0 24 24\" role=\"img\" aria-label=\"%s\">"
             "%s</svg><span>",
             report->good ? "good" : "bad", report->good ? "passed" : "failed",
             report->good ? "<circle class=\"mark\" cx=\"12\" cy=\"12\" r=\"11\"/><path d=\"M6.5 "
                            "12.5l3.7 3.7 7.3-8\" fill=\"none\" stroke-width=\"2.4\"/>"
                          : "<path class=\"mark\" d=\"M12 1.5L23.5 22h-23z\"/><path d=\"M12 "
                            "9v6.5M12 17.5v2.4\" fill=\"none\" stroke-width=\"2.4\"/>");
    page_text(page, report->verdict);
    page_put(page, "</span></div>\n");
}

static void file(page_t *page, const char *what, const char *name, const char *words)
{
    page_put(page, "<dt>%s</dt><dd><code><bdi>", what);
    page_text(page, name);
    page_put(page, "</bdi></code> <span class=\"dim\">");
    page_text(page, words);
    page_put(page, "</span></dd>\n");
}

static void files(page_t *page, const report_t *report)
{
    page_put(page, "<dl class=\"files\">\n");
    file(page, "Partition table", report->table, NULL);
    file(page, "Runs at the start", report->old_image, report->old_words);
    file(page, "Is installed", report->new_image, report->new_words);
    page_put(page, "</dl>\n");
}

/* --- the rules side by side ---------------------------------------------------------------- */

typedef struct {
    const char *words;
    uint64_t (*value)(const report_side_t *side);
    bool hurts; /* anything but zero is a broken promise */
} figure_t;

static uint64_t ops(const report_side_t *side)
{
    return side->ops;
}

static uint64_t cuts(const report_side_t *side)
{
    return side->cuts;
}

static uint64_t states(const report_side_t *side)
{
    return side->states;
}

static uint64_t bricks(const report_side_t *side)
{
    return side->bricks;
}

static uint64_t damaged(const report_side_t *side)
{
    return side->damaged;
}

static uint64_t lost(const report_side_t *side)
{
    return side->lost;
}

static uint64_t unguarded(const report_side_t *side)
{
    return side->unguarded;
}

static uint64_t other(const report_side_t *side)
{
    return side->other;
}

static uint64_t boots(const report_side_t *side)
{
    return side->boots;
}

static uint64_t wear(const report_side_t *side)
{
    return side->wear;
}

static const figure_t figures[] = {
    {"flash operations of the update", ops, false},
    {"cuts judged", cuts, false},
    {"different states booted", states, false},
    {"bricks: nothing boots", bricks, true},
    {"damaged image runs", damaged, true},
    {"accepted update lost", lost, true},
    {"runs unconfirmed for good, or confirmed by nobody", unguarded, true},
    {"other broken promises", other, true},
    {"longest recovery, boots", boots, false},
    {"most erases of one sector", wear, false},
};

static void figure(page_t *page, const report_t *report, const figure_t *row)
{
    page_put(page, "<tr><th scope=\"row\">%s</th>", row->words);
    for (size_t i = 0; i < report->side_count; i++) {
        uint64_t value = row->value(&report->side[i]);
        page_put(page, "<td%s>",
                 !row->hurts  ? ""
                 : value == 0 ? " class=\"zero\""
                              : " class=\"hurt\"");
        page_number(page, value);
        page_put(page, "%s</td>", row->hurts && value > 0 ? " &#9888;" : "");
    }
    page_put(page, "</tr>\n");
}

static void side_by_side(page_t *page, const report_t *report)
{
    page_put(page, "<h2>The rules side by side</h2>\n<div class=\"scroll\"><table>\n<thead><tr>"
                   "<th></th>");
    for (size_t i = 0; i < report->side_count; i++) {
        page_put(page, "<th scope=\"col\">");
        page_text(page, report->side[i].words);
        page_put(page, "</th>");
    }
    page_put(page, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
        figure(page, report, &figures[i]);
    }
    page_put(page, "<tr><th scope=\"row\">slowest boot, flash work</th>");
    for (size_t i = 0; i < report->side_count; i++) {
        page_put(page, "<td>%.0f ms</td>", (double)report->side[i].boot_us / 1000.0);
    }
    page_put(page, "</tr>\n</tbody></table></div>\n");
}

/* --- the operations ----------------------------------------------------------------------------
 */

static void hurting_row(page_t *page, const report_op_t *op)
{
    page_put(page, "<tr><td class=\"text\">");
    page_text(page, op->phase);
    page_put(page, "</td><td class=\"text\">%s ", op->erase ? "erase" : "program");
    page_bytes(page, op->len);
    page_put(page, " at <code>0x%06" PRIx32 "</code></td><td>", op->addr);
    page_number(page, op->cuts);
    page_put(page, "</td><td class=\"hurt\">");
    page_number(page, op->hurt);
    page_put(page, "</td><td class=\"text\">");
    page_text(page, op->what);
    if (op->id != NULL) {
        page_put(page, "<br><code>");
        page_text(page, op->id);
        page_put(page, "</code>");
    }
    page_put(page, "</td></tr>\n");
}

/* What the marks show, in words: for who cannot point at them. */
static void hurting(page_t *page, const report_side_t *side)
{
    bool any = false;
    for (size_t i = 0; i < side->op_count; i++) {
        if (side->op[i].hurt > 0 && !any) {
            page_put(page, "<details open><summary>Where a cut hurts</summary>\n<div "
                           "class=\"scroll\"><table>\n<thead><tr><th>when</th><th "
                           "class=\"text\">operation</th><th>cuts</th><th>boots gone wrong</th><th "
                           "class=\"text\">the worst of them</th></tr></thead>\n<tbody>\n");
            any = true;
        }
        if (side->op[i].hurt > 0) {
            hurting_row(page, &side->op[i]);
        }
    }
    page_put(page, any ? "</tbody></table></div></details>\n"
                       : "<p>No cut hurts, at any of these operations.</p>\n");
}

static void timelines(page_t *page, const report_t *report)
{
    page_put(page,
             "<h2>Every operation, and where a cut hurts</h2>\n"
             "<p>From left to right in the order of time. Point at a mark to read what "
             "happens.</p>\n<p class=\"legend time\">"
             "<span><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><rect class=\"erase\" x=\"2\" "
             "y=\"1\" width=\"10\" height=\"12\"/></svg>erase</span>"
             "<span><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><rect class=\"write\" x=\"2\" "
             "y=\"4\" width=\"10\" height=\"9\"/></svg>program</span>"
             "<span><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><rect class=\"write rec\" "
             "x=\"2\" y=\"4\" width=\"10\" height=\"9\"/></svg>the same in otadata</span>"
             "<span><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><circle class=\"safe\" "
             "cx=\"7\" cy=\"7\" r=\"2.2\"/></svg>no cut hurts</span>"
             "<span><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><path class=\"hurt\" d=\"M7 "
             "1l6 12h-12z\"/><text class=\"bang\" x=\"7\" y=\"11.5\" "
             "text-anchor=\"middle\">!</text></svg>some cut hurts</span></p>\n");
    for (size_t i = 0; i < report->side_count; i++) {
        report_timeline(page, &report->side[i]);
        hurting(page, &report->side[i]);
    }
}

/* --- words --------------------------------------------------------------------------------------
 */

static void sentences(page_t *page, const char *title, const char *const *list, size_t count)
{
    if (count == 0) {
        return;
    }
    page_put(page, "<h2>%s</h2>\n<ul>\n", title);
    for (size_t i = 0; i < count; i++) {
        page_put(page, "<li>");
        page_text(page, list[i]);
        page_put(page, "</li>\n");
    }
    page_put(page, "</ul>\n");
}

static void examples(page_t *page, const report_t *report)
{
    if (report->example_count == 0) {
        return;
    }
    page_put(page, "<h2>See it happen</h2>\n<p><code>otary lab replay ID</code> steps through a "
                   "case and draws the flash.</p>\n<div class=\"scroll\"><table>\n<tbody>\n");
    for (size_t i = 0; i < report->example_count; i++) {
        page_put(page, "<tr><td class=\"text\"><code>");
        page_text(page, report->example[i].id);
        page_put(page, "</code></td><td class=\"text\">");
        page_text(page, report->example[i].side);
        page_put(page, "</td><td class=\"text\">");
        page_text(page, report->example[i].what);
        page_put(page, "</td></tr>\n");
    }
    page_put(page, "</tbody></table></div>\n");
}

static void foot(page_t *page, const report_t *report)
{
    page_put(page, "<footer>");
    page_text(page, report->program);
    if (report->command != NULL) {
        page_put(page, ", <code><bdi>");
        page_text(page, report->command);
        page_put(page, "</bdi></code>");
    }
    page_put(page, "</footer>\n</body>\n</html>\n");
}

char *report_html(const report_t *report, size_t *len)
{
    page_t page = {0};
    head(&page, report);
    verdict(&page, report);
    files(&page, report);
    side_by_side(&page, report);
    report_map(&page, report);
    timelines(&page, report);
    sentences(&page, "What was cut", report->sampled, report->sampled_count);
    sentences(&page, "What is taken for granted", report->assumption, report->assumption_count);
    examples(&page, report);
    foot(&page, report);
    if (page.failed) {
        free(page.text);
        return NULL;
    }
    *len = page.len;
    return page.text;
}
