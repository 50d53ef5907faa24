/* SPDX-License-Identifier: Apache-2.0 */
/* otary lab otadata: every torn write to otadata, by all ways. */
#include "cli/lab.h"
#include "cli/lab_parts.h"
#include "lab/otadata_tears.h"

const cli_option_t lab_otadata_options[] = {
    {"random", 'r', CLI_NUMBER, "N", "20000", "random tears of each operation"},
    LAB_SEED_OPTION,
    CLI_END,
};

#define RANDOM_MAX   10000000u
#define QUICK_RANDOM 100u

static const tears_verdict_t bad[] = {TEARS_LOST, TEARS_UNPROTECTED, TEARS_FALSE, TEARS_DEAD};
#define BAD (sizeof(bad) / sizeof(bad[0]))

static uint64_t states(const tears_result_t *result, tears_model_t model)
{
    uint64_t sum = 0;
    for (unsigned v = 0; v < TEARS_VERDICTS; v++) {
        sum += tears_count(result, model, (tears_verdict_t)v);
    }
    return sum;
}

static uint64_t broken(const tears_result_t *result)
{
    uint64_t sum = 0;
    for (unsigned model = 0; model < TEARS_MODELS; model++) {
        for (size_t i = 0; i < BAD; i++) {
            sum += tears_count(result, (tears_model_t)model, bad[i]);
        }
    }
    return sum;
}

static void report(cJSON *list, const tears_wish_t *wish, const tears_result_t *result)
{
    cJSON *way = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(way, "way", stand_way_name(wish->way));
    (void)cJSON_AddNumberToObject(way, "states", (double)result->states);
    (void)cJSON_AddNumberToObject(way, "broken", (double)broken(result));
    cJSON *models = cJSON_AddObjectToObject(way, "models");
    for (unsigned m = 0; m < TEARS_MODELS; m++) {
        cJSON *model = cJSON_AddObjectToObject(models, tears_model_name((tears_model_t)m));
        for (unsigned v = 0; v < TEARS_VERDICTS; v++) {
            (void)cJSON_AddNumberToObject(
                model, tears_verdict_name((tears_verdict_t)v),
                (double)tears_count(result, (tears_model_t)m, (tears_verdict_t)v));
        }
    }
    cJSON *ids = cJSON_AddArrayToObject(way, "replay");
    for (size_t i = 0; i < BAD; i++) {
        char name[TEARS_NAME];
        if (result->first[bad[i]].n != UINT32_MAX) {
            tears_case_name(&result->first[bad[i]], name);
            (void)cJSON_AddItemToArray(ids, cJSON_CreateString(name));
        }
    }
    (void)cJSON_AddItemToArray(list, way);
}

static void print_way(cli_t *cli, const tears_wish_t *wish, const tears_result_t *result)
{
    cli_print(cli, "\n%s%s%s: %s, %u operations on otadata, %s states\n", cli_style(cli, CLI_BOLD),
              stand_way_name(wish->way), cli_style(cli, CLI_PLAIN), stand_way_words(wish->way),
              result->ops[0] + result->ops[1] + result->ops[2], lab_number(cli, result->states));
    for (unsigned m = 0; m < TEARS_MODELS; m++) {
        uint64_t all = states(result, (tears_model_t)m);
        cli_print(cli, "  %-8s %11s", tears_model_name((tears_model_t)m), lab_number(cli, all));
        for (size_t i = 0; i < BAD; i++) {
            uint64_t n = tears_count(result, (tears_model_t)m, bad[i]);
            cli_print(cli, " %s", lab_loss(cli, n, all, 17));
        }
        cli_print(cli, "\n");
    }
    for (size_t i = 0; i < BAD; i++) {
        char name[TEARS_NAME];
        if (result->first[bad[i]].n != UINT32_MAX) {
            tears_case_name(&result->first[bad[i]], name);
            cli_print(cli, "  %s, for example: %s\n", tears_verdict_name(bad[i]), name);
        }
    }
}

int lab_otadata(cli_t *cli)
{
    tears_result_t *result = cli_allocate(cli, sizeof(*result));
    tears_wish_t wish = TEARS_WISH_DEFAULT;
    cJSON *list = cJSON_AddArrayToObject(cli->report, "ways");
    wish.random = cli_number(cli, "random");
    wish.seed = cli_number(cli, "seed");
    if (wish.random > RANDOM_MAX) {
        return cli_misuse(cli, "--random is out of range", "give at most 10000000");
    }
    cli_print(cli, "What a torn write to otadata costs, by what is left of it:\n");
    cli_print(cli, "  %-8s %11s %17s %17s %17s %17s\n", "", "states", tears_verdict_name(bad[0]),
              tears_verdict_name(bad[1]), tears_verdict_name(bad[2]), tears_verdict_name(bad[3]));
    for (unsigned way = 0; way < STAND_WAYS; way++) {
        wish.way = (stand_way_t)way;
        ota_status_t status = tears_run(&wish, result);
        if (status != OTA_OK) {
            return lab_broken(cli, status, stand_way_words(wish.way));
        }
        report(list, &wish, result);
        print_way(cli, &wish, result);
    }
    return broken(result) == 0 ? CLI_OK : CLI_REFUSED; /* otary's, the last */
}

static uint64_t losses(const tears_result_t *result, tears_verdict_t verdict)
{
    uint64_t sum = 0;
    for (unsigned model = 0; model < TEARS_MODELS; model++) {
        sum += tears_count(result, (tears_model_t)model, verdict);
    }
    return sum;
}

bool lab_part_otadata(cli_t *cli, const char **ours, bool *met)
{
    tears_wish_t wish = TEARS_WISH_DEFAULT;
    tears_result_t *stock = cli_allocate(cli, sizeof(*stock));
    tears_result_t *otary = cli_allocate(cli, sizeof(*otary));
    wish.random = cli_flag(cli, "quick") ? QUICK_RANDOM : wish.random;
    ota_status_t status = tears_run(&wish, stock);
    wish.way = STAND_OTARY;
    status = status == OTA_OK ? tears_run(&wish, otary) : status;
    if (status != OTA_OK) {
        (void)lab_broken(cli, status, "torn writes to otadata");
        return false;
    }
    *ours = cli_format(
        cli,
        "%s / %s / %s lost / unprotected / falsely confirmed of %s states (stock on the same "
        "code: %s / %s / %s of %s)",
        lab_number(cli, losses(otary, TEARS_LOST)),
        lab_number(cli, losses(otary, TEARS_UNPROTECTED)),
        lab_number(cli, losses(otary, TEARS_FALSE)), lab_number(cli, otary->states),
        lab_number(cli, losses(stock, TEARS_LOST)),
        lab_number(cli, losses(stock, TEARS_UNPROTECTED)),
        lab_number(cli, losses(stock, TEARS_FALSE)), lab_number(cli, stock->states));
    *met = broken(otary) == 0;
    return true;
}
