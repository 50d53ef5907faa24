/* SPDX-License-Identifier: Apache-2.0 */
/* otary lab rot: every bit of what decides, turned over one at a time. */
#include "cli/lab.h"
#include "cli/lab_parts.h"
#include "lab/rot.h"
#include "lab/share.h"

const cli_option_t lab_rot_options[] = {
    {"random", 'r', CLI_NUMBER, "N", "1000000", "random bits of the image that is to boot"},
    {"image-size", 0, CLI_NUMBER, "SIZE", "64K", "bytes of the images, at most 64K"},
    {"factory", 0, CLI_FLAG, NULL, NULL, "on a table with a factory app"},
    LAB_JOBS_OPTION,
    LAB_SEED_OPTION,
    CLI_END,
};

#define RANDOM_MAX   100000000u
#define SMALLEST     1024u
#define QUICK_RANDOM 1000u

typedef struct {
    cli_t *cli;
    rot_wish_t wish;
    cli_progress_t bar;
} job_t;

static ota_status_t work(void *ctx, const share_worker_t *worker, void *result)
{
    job_t *job = ctx;
    rot_wish_t wish = job->wish;
    wish.share = worker->share;
    wish.of = worker->of;
    wish.done = worker->done;
    return rot_run(&wish, result);
}

static void add(void *sum, const void *result)
{
    rot_add(sum, result);
}

static void advance(void *user, uint64_t done)
{
    job_t *job = user;
    cli_progress(job->cli, &job->bar, done);
}

static uint64_t broken(const rot_result_t *result)
{
    uint64_t sum = 0;
    for (unsigned place = 0; place < ROT_PLACES; place++) {
        for (unsigned v = 0; v < ROT_VERDICTS; v++) {
            sum += rot_bad((rot_verdict_t)v)
                       ? rot_count(result, (rot_place_t)place, (rot_verdict_t)v)
                       : 0;
        }
    }
    return sum;
}

static void report(cJSON *list, stand_way_t which, const rot_result_t *result)
{
    cJSON *way = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(way, "way", stand_way_name(which));
    (void)cJSON_AddNumberToObject(way, "flips", (double)result->flips);
    (void)cJSON_AddNumberToObject(way, "broken", (double)broken(result));
    for (unsigned p = 0; p < ROT_PLACES; p++) {
        cJSON *place = cJSON_AddObjectToObject(way, rot_place_name((rot_place_t)p));
        for (unsigned v = 0; v < ROT_VERDICTS; v++) {
            (void)cJSON_AddNumberToObject(
                place, rot_verdict_name((rot_verdict_t)v),
                (double)rot_count(result, (rot_place_t)p, (rot_verdict_t)v));
        }
    }
    cJSON *ids = cJSON_AddArrayToObject(way, "replay");
    for (unsigned v = ROT_UNHASHED; v < ROT_VERDICTS; v++) {
        if (result->kept[v] > 0) {
            char name[ROT_NAME];
            rot_case_name(&result->example[v][0], name);
            (void)cJSON_AddItemToArray(ids, cJSON_CreateString(name));
        }
    }
    (void)cJSON_AddItemToArray(list, way);
}

static void print_place(cli_t *cli, const rot_result_t *result, rot_place_t place)
{
    uint64_t all = 0;
    uint64_t hurt = 0;
    for (unsigned v = 0; v < ROT_VERDICTS; v++) {
        uint64_t n = rot_count(result, place, (rot_verdict_t)v);
        all += n;
        hurt += rot_bad((rot_verdict_t)v) ? n : 0;
    }
    cli_print(cli, "  %-8s %11s %11s %11s %11s %s\n", rot_place_name(place), lab_number(cli, all),
              lab_number(cli, rot_count(result, place, ROT_HARMLESS)),
              lab_number(cli, rot_count(result, place, ROT_DETECTED)),
              lab_number(cli, rot_count(result, place, ROT_REFUSED)), lab_loss(cli, hurt, all, 17));
}

static void print_way(cli_t *cli, stand_way_t way, const rot_result_t *result)
{
    cli_print(cli, "\n%s%s%s: %s, %s flips\n", cli_style(cli, CLI_BOLD), stand_way_name(way),
              cli_style(cli, CLI_PLAIN), stand_way_words(way), lab_number(cli, result->flips));
    for (unsigned place = 0; place < ROT_PLACES; place++) {
        print_place(cli, result, (rot_place_t)place);
    }
    for (unsigned v = ROT_UNHASHED; v < ROT_VERDICTS; v++) {
        uint64_t n = 0;
        for (unsigned place = 0; place < ROT_PLACES; place++) {
            n += rot_count(result, (rot_place_t)place, (rot_verdict_t)v);
        }
        if (n > 0) {
            char name[ROT_NAME];
            rot_case_name(&result->example[v][0], name);
            cli_print(cli, "  %s: %s, for example: %s\n", rot_verdict_name((rot_verdict_t)v),
                      lab_number(cli, n), name);
        }
    }
}

static ota_status_t sweep(job_t *job, rot_result_t *result)
{
    share_t share = {.jobs = cli_number(job->cli, "jobs"),
                     .result_size = sizeof(*result),
                     .work = work,
                     .add = add,
                     .ctx = job,
                     .progress = advance,
                     .user = job};
    uint64_t total = 0;
    ota_status_t status = rot_total(&job->wish, &total);
    job->bar =
        (cli_progress_t){.label = stand_way_name(job->wish.way), .total = total, .unit = "flips"};
    if (status == OTA_OK) {
        status = share_run(&share, result);
    }
    cli_progress_end(job->cli, &job->bar);
    return status;
}

int lab_rot(cli_t *cli)
{
    rot_result_t *result = cli_allocate(cli, sizeof(*result));
    job_t job = {.cli = cli,
                 .wish = {.factory = cli_flag(cli, "factory"),
                          .image_size = cli_number(cli, "image-size") & ~15u,
                          .random = cli_number(cli, "random"),
                          .seed = cli_number(cli, "seed")}};
    cJSON *list = cJSON_AddArrayToObject(cli->report, "ways");
    if (job.wish.random > RANDOM_MAX || cli_number(cli, "jobs") > SHARE_JOBS_MAX ||
        job.wish.image_size < SMALLEST || job.wish.image_size > STAND_SLOT) {
        return cli_misuse(cli, "--random, --image-size or --jobs is out of range",
                          "give at most 100000000 bits, 1K to 64K bytes, 32 jobs");
    }
    cli_print(cli, "What one wrong bit does, by where it is:\n");
    cli_print(cli, "  %-8s %11s %11s %11s %11s %17s\n", "", "bits", "harmless", "detected",
              "refused", "promise broken");
    for (unsigned way = 0; way < STAND_WAYS; way++) {
        job.wish.way = (stand_way_t)way;
        ota_status_t status = sweep(&job, result);
        if (status != OTA_OK) {
            return lab_broken(cli, status, stand_way_words(job.wish.way));
        }
        report(list, job.wish.way, result);
        print_way(cli, job.wish.way, result);
    }
    return broken(result) == 0 ? CLI_OK : CLI_REFUSED; /* otary's, the last */
}

bool lab_part_rot(cli_t *cli, const char **ours, bool *met)
{
    rot_result_t *result = cli_allocate(cli, sizeof(*result));
    uint64_t lost[2];
    uint64_t flips[2];
    for (unsigned i = 0; i < 2; i++) {
        job_t job = {.cli = cli,
                     .wish = {.way = i == 0 ? STAND_STOCK : STAND_OTARY,
                              .image_size = cli_flag(cli, "quick") ? SMALLEST : 0,
                              .random = i == 0                   ? 0
                                        : cli_flag(cli, "quick") ? QUICK_RANDOM
                                                                 : cli_number(cli, "random"),
                              .seed = cli_number(cli, "seed")}};
        ota_status_t status = sweep(&job, result);
        if (status != OTA_OK) {
            (void)lab_broken(cli, status, "rot");
            return false;
        }
        lost[i] = broken(result);
        flips[i] = result->flips;
    }
    *ours = cli_format(cli,
                       "%s flips, every bit of otadata, table and headers among them: %s broken "
                       "promises (stock: %s of %s); a flip in the table's one copy is refused",
                       lab_number(cli, flips[1]), lab_number(cli, lost[1]),
                       lab_number(cli, lost[0]), lab_number(cli, flips[0]));
    *met = lost[1] == 0;
    return true;
}
