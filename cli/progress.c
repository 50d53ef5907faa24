/* SPDX-License-Identifier: Apache-2.0 */
/* The progress bar: on a terminal's stderr, ten times a second, gone when it is done. */
#include "cli/layer.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define BAR_CELLS   24u
#define DRAW_EACH   100000000ull /* ns */
#define NS_A_SECOND 1000000000ull

static uint64_t now_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_A_SECOND + (uint64_t)now.tv_nsec;
}

static void draw(const cli_progress_t *progress, uint64_t done, uint64_t now)
{
    char bar[BAR_CELLS + 1];
    uint64_t total = progress->total;
    uint64_t full = total > 0 ? done * BAR_CELLS / total : 0;
    for (uint64_t i = 0; i < BAR_CELLS; i++) {
        bar[i] = i < full ? '#' : '.';
    }
    bar[BAR_CELLS] = '\0';
    double seconds = (double)(now - progress->started_ns) / (double)NS_A_SECOND;
    double rate = seconds > 0.001 ? (double)done / seconds : 0.0;
    const char *slash = strrchr(progress->label, '/'); /* all of it has to stay on one line */
    const char *label = slash != NULL ? slash + 1 : progress->label;
    (void)fprintf(stderr, "\r%.20s [%s] %3u%%  ", label, bar,
                  total > 0 ? (unsigned)(done * 100 / total) : 0u);
    if (progress->unit != NULL) {
        (void)fprintf(stderr, "%" PRIu64 " %s  %.0f/s\033[K", done, progress->unit, rate);
    } else {
        (void)fprintf(stderr, "%.2f MiB  %.1f MiB/s\033[K", (double)done / 1048576.0,
                      rate / 1048576.0);
    }
    (void)fflush(stderr);
}

void cli_progress(const cli_t *cli, cli_progress_t *progress, uint64_t done)
{
    if (!cli->progress) {
        return;
    }
    uint64_t now = now_ns();
    if (progress->started_ns == 0) {
        progress->started_ns = now;
    }
    if (now - progress->drawn_ns >= DRAW_EACH) {
        progress->drawn_ns = now;
        progress->visible = true;
        draw(progress, done, now);
    }
    if (progress->total > 0 && done >= progress->total) {
        cli_progress_end(cli, progress);
    }
}

void cli_progress_end(const cli_t *cli, cli_progress_t *progress)
{
    if (cli->progress && progress->visible) {
        (void)fputs("\r\033[K", stderr);
        (void)fflush(stderr);
        progress->visible = false;
    }
}
