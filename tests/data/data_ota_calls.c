/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every recorded sequence of esp_ota calls, through compat/esp-idf. See support/calls.h for how a
 * difference is judged, calls_classes.c for the differences that are meant, docs/compat.md for why.
 */
#include "support/calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 20u

typedef struct {
    calls_run_t run;
    const char *only; /* the one sequence to run, by id; NULL: all */
    long sequences;
    long steps;
    long failures;
} test_t;

static const char *text_of(const cJSON *json, const char *name)
{
    const char *text = json_text(json, name);
    return text != NULL ? text : "";
}

static bool cut(calls_step_t *step, const cJSON *json)
{
    static char number[16];
    static char words[128];
    const char *line = text_of(json, "c");
    const cJSON *rc = cJSON_GetObjectItemCaseSensitive(json, "r");
    memset(step->word, 0, sizeof(step->word));
    step->words = 0;
    (void)snprintf(step->line, sizeof(step->line), "%s", line);
    (void)snprintf(words, sizeof(words), "%s", line);
    char *save = NULL;
    for (char *w = strtok_r(words, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
        if (step->words == CALLS_WORDS) {
            return false;
        }
        step->word[step->words++] = w;
    }
    (void)snprintf(number, sizeof(number), "%d", cJSON_IsNumber(rc) ? rc->valueint : 0);
    step->rc = cJSON_IsNumber(rc) ? number : text_of(json, "r");
    step->value = text_of(json, "v");
    step->ops = text_of(json, "ops");
    step->tried = text_of(json, "tried");
    return step->words > 0 && strlen(line) < sizeof(step->line);
}

static bool run_steps(test_t *test, const cJSON *sequence)
{
    const cJSON *json;
    calls_run_t *run = &test->run;
    if (!calls_set_up(run, sequence)) {
        (void)snprintf(run->why, sizeof(run->why), "cannot be set up");
        return false;
    }
    cJSON_ArrayForEach(json, cJSON_GetObjectItemCaseSensitive(sequence, "steps"))
    {
        static calls_step_t step;
        if (!cut(&step, json)) {
            (void)snprintf(run->why, sizeof(run->why), "malformed step");
            return false;
        }
        test->steps++;
        calls_execute(run, &step);
        if (!calls_reference(run, &step) || !calls_compare(run, &step)) {
            return false;
        }
    }
    return calls_compare_end(run);
}

static bool one_line(void *user, long number, char *line)
{
    test_t *test = user;
    cJSON *sequence = cJSON_Parse(line);
    (void)number;
    if (test->only == NULL || json_number(sequence, "id", -1) == atol(test->only)) {
        test->sequences++;
        if (!run_steps(test, sequence)) {
            test->failures++;
            if (test->failures <= SHOWN || getenv("OTARY_CALLS_ALL") != NULL) {
                (void)printf("sequence %lld (%s): %s\n", json_number(sequence, "id", -1),
                             json_text(sequence, "kind"), test->run.why);
            }
        }
    }
    cJSON_Delete(sequence);
    return true;
}

int main(int argc, char **argv)
{
    static test_t test;
    static calls_data_t data;
    const char *path = data_path("vectors/idf-behaviour/ota.jsonl.gz");
    if (path == NULL) {
        return data_skip("6912 recorded sequences of esp_ota calls");
    }
    char sequences[4096];
    (void)snprintf(sequences, sizeof(sequences), "%s", path);
    if (!calls_load(&data) || !calls_run_start(&test.run, &data)) {
        (void)printf("the vectors cannot be read\n");
        return 1;
    }
    test.only = argc > 1 ? argv[1] : NULL;
    long lines = data_lines(sequences, one_line, &test);
    (void)printf("%ld sequences, %ld steps, %ld not explained\n", test.sequences, test.steps,
                 test.failures);
    bool fine = lines > 0 && test.failures == 0;
    if (test.only == NULL) {
        fine = calls_report() && fine;
    }
    calls_run_stop(&test.run);
    calls_unload(&data);
    return fine ? 0 : 1;
}
