/* SPDX-License-Identifier: Apache-2.0 */
/* Long text in lines of a terminal's width, with a hanging indent. */
#include "cli/layer.h"

#include <string.h>

#define NARROW 40u /* no narrower, however far the text is indented */

/* A line may break at a blank; but the number of a size stays with its unit: "1.25 MiB". */
static bool breaks(const char *at)
{
    return *at == ' ' && strncmp(at, " MiB", 4) != 0 && strncmp(at, " KiB", 4) != 0;
}

/* Length of the piece of `text` that fits into `room` columns, broken at a blank if there is one.
 * What stands in back quotes is typed as it is and never broken: a line may be longer for it. */
static size_t line_length(const char *text, size_t room)
{
    size_t len = strcspn(text, "\n");
    size_t best = 0;
    bool quoted = false;
    for (size_t i = 0; i < len; i++) {
        quoted = text[i] == '`' ? !quoted : quoted;
        if (quoted || !breaks(text + i)) {
            continue;
        }
        if (i > room && best > 0) {
            return best;
        }
        best = i;
    }
    return len <= room || best == 0 ? len : best;
}

void cli_fold(FILE *out, size_t hang, size_t width, const char *text)
{
    size_t room = width > hang + NARROW ? width - hang : NARROW;
    for (;;) {
        size_t n = line_length(text, room);
        (void)fprintf(out, "%.*s\n", (int)n, text);
        text += n;
        text += *text == ' ' || *text == '\n';
        if (*text == '\0') {
            return;
        }
        (void)fprintf(out, "%*s", (int)hang, "");
    }
}
