/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind lab/report_html.h share, and nobody else includes. */
#ifndef LAB_REPORT_PARTS_H
#define LAB_REPORT_PARTS_H

#include "lab/report_html.h"

#include <stdarg.h>

typedef struct {
    char *text;
    size_t len;
    size_t room;
    bool failed; /* out of memory: nothing more is added */
} page_t;

/* Markup of our own, as it is. */
void page_put(page_t *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Any text, escaped: markup becomes visible, control characters and bytes that are no UTF-8 become
 * U+FFFD. NULL is nothing. */
void page_text(page_t *page, const char *text);

/* 1234567 as "1,234,567"; 4096 as "4 KiB". */
void page_number(page_t *page, uint64_t number);
void page_bytes(page_t *page, uint64_t bytes);

void report_map(page_t *page, const report_t *report);
void report_timeline(page_t *page, const report_side_t *side);

extern const char report_style[];

#endif
