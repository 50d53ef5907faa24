/* SPDX-License-Identifier: Apache-2.0 */
/* Finds noun and verb, parses, runs. */
#include "cli/layer.h"

#include <string.h>

#define NAMES_MAX 32u

static const cli_command_t *find_command(const char *name)
{
    for (const cli_command_t *const *c = cli_commands; *c != NULL; c++) {
        if (strcmp((*c)->name, name) == 0) {
            return *c;
        }
    }
    return NULL;
}

static const cli_verb_t *find_verb(const cli_command_t *command, const char *name)
{
    for (const cli_verb_t *verb = command->verbs; verb->run != NULL; verb++) {
        if (strcmp(verb->name, name) == 0) {
            return verb;
        }
    }
    return NULL;
}

static int unknown_noun(cli_t *cli, const char *typed)
{
    const char *names[NAMES_MAX] = {"help"};
    size_t count = 1;
    for (const cli_command_t *const *c = cli_commands; *c != NULL && count < NAMES_MAX; c++) {
        names[count++] = (*c)->name;
    }
    if (typed[0] == '-') {
        return cli_misuse(cli, cli_format(cli, "a command is missing in front of %s", typed),
                          "`otary help` lists the commands");
    }
    const char *near = cli_nearest(typed, names, count);
    return cli_misuse(cli, cli_format(cli, "unknown command \"%s\"", typed),
                      near != NULL ? cli_format(cli, "did you mean `otary %s`?", near)
                                   : "`otary help` lists the commands");
}

static int unknown_verb(cli_t *cli, const char *typed)
{
    const char *names[NAMES_MAX] = {NULL};
    const char *list = "";
    size_t count = 0;
    for (const cli_verb_t *v = cli->command->verbs; v->run != NULL && count < NAMES_MAX; v++) {
        list = cli_format(cli, "%s%s%s", list, count > 0 ? ", " : "", v->name);
        names[count++] = v->name;
    }
    const char *noun = cli->command->name;
    if (typed[0] == '-') {
        return cli_misuse(cli, cli_format(cli, "a verb is missing in front of %s", typed),
                          cli_format(cli, "%s knows %s", noun, list));
    }
    const char *near = cli_nearest(typed, names, count);
    return cli_misuse(cli, cli_format(cli, "unknown verb \"%s\" for %s", typed, noun),
                      near != NULL ? cli_format(cli, "did you mean `otary %s %s`?", noun, near)
                                   : cli_format(cli, "%s knows %s", noun, list));
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

static int run_verb(cli_t *cli, int argc, const char *const *argv)
{
    int rc = cli_parse(cli, argc, argv);
    if (rc != CLI_OK) {
        return rc;
    }
    if (cli_flag(cli, "help")) {
        cli->json = false;
        cli_help_verb(stdout, cli->command, cli->verb);
        return CLI_OK;
    }
    return cli->verb->run(cli);
}

/* argv: what follows the noun. */
static int run_noun(cli_t *cli, int argc, const char *const *argv)
{
    const cli_verb_t *verbs = cli->command->verbs;
    if (verbs[0].name == NULL) {
        cli->verb = &verbs[0];
        return run_verb(cli, argc, argv);
    }
    if (argc == 0) {
        cli_help_noun(stderr, cli->command);
        return CLI_MISUSE;
    }
    if (is_help(argv[0])) {
        cli->json = false;
        cli_help_noun(stdout, cli->command);
        return CLI_OK;
    }
    cli->verb = find_verb(cli->command, argv[0]);
    return cli->verb != NULL ? run_verb(cli, argc - 1, argv + 1) : unknown_verb(cli, argv[0]);
}

/* What was typed at `at`, or NULL: options are not what help is asked about. */
static const char *help_word(int argc, const char *const *argv, int at)
{
    for (int i = 0; i <= at; i++) {
        if (i >= argc || argv[i][0] == '-') {
            return NULL;
        }
    }
    return argv[at];
}

/* otary help [NOUN [VERB]]: a page for people; only a refusal is a report. */
static int help(cli_t *cli, int argc, const char *const *argv)
{
    const char *noun = help_word(argc, argv, 0);
    const char *verb = help_word(argc, argv, 1);
    if (noun == NULL) {
        cli->json = false;
        cli_help_all(stdout);
        return CLI_OK;
    }
    cli->command = find_command(noun);
    if (cli->command == NULL) {
        return unknown_noun(cli, noun);
    }
    bool of_verb = verb != NULL && cli->command->verbs[0].name != NULL;
    cli->verb = of_verb ? find_verb(cli->command, verb) : NULL;
    if (of_verb && cli->verb == NULL) {
        return unknown_verb(cli, verb);
    }
    cli->json = false;
    if (of_verb) {
        cli_help_verb(stdout, cli->command, cli->verb);
    } else {
        cli_help_noun(stdout, cli->command);
    }
    return CLI_OK;
}

/* Hidden: the generators of the checked-in man page and completion. */
static int internal(cli_t *cli, int argc, const char *const *argv)
{
    if (argc == 1 && strcmp(argv[0], "man") == 0) {
        cli_man(stdout);
        return CLI_OK;
    }
    if (argc == 1 && strcmp(argv[0], "completion") == 0) {
        cli_completion(stdout);
        return CLI_OK;
    }
    return cli_misuse(cli, "internal: man or completion", "`otary help` lists the commands");
}

static bool wants_json(const char *const *argv)
{
    for (; *argv != NULL && strcmp(*argv, "--") != 0; argv++) {
        if (strcmp(*argv, "--json") == 0) {
            return true;
        }
    }
    return false;
}

static int dispatch(cli_t *cli, int argc, const char *const *argv)
{
    if (argc == 0) {
        cli_help_all(stderr);
        return CLI_MISUSE;
    }
    cli->json = cli->silent ||
                wants_json(argv); /* also where typing goes wrong before the options are parsed */
    if (is_help(argv[0])) {
        return help(cli, argc - 1, argv + 1);
    }
    if (strcmp(argv[0], "--version") == 0) {
        cli_print(cli, "otary " OTARY_VERSION "\n");
        (void)cJSON_AddStringToObject(cli->report, "version", OTARY_VERSION);
        return CLI_OK;
    }
    if (strcmp(argv[0], "internal") == 0) {
        return internal(cli, argc - 1, argv + 1);
    }
    cli->command = find_command(argv[0]);
    int rc = cli->command != NULL ? run_noun(cli, argc - 1, argv + 1) : unknown_noun(cli, argv[0]);
    return cli->misused ? CLI_MISUSE : rc;
}

int cli_run_heard(const char *const *argv, cJSON **document,
                  void (*hear)(void *user, const char *text), void *user)
{
    cli_t cli = {.silent = true, .hear = hear, .hear_user = user};
    int count = 0;
    while (argv[count] != NULL) {
        count++;
    }
    cli_open(&cli);
    int rc = dispatch(&cli, count, argv);
    *document = cli_document(&cli, rc);
    return cli_close(&cli, rc);
}

int cli_run(const char *const *argv, cJSON **document)
{
    return cli_run_heard(argv, document, NULL, NULL);
}

/* A copy in the outer command's memory; NULL: the report does not say. */
static const char *said(cli_t *cli, const cJSON *error, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(error, name));
    return text != NULL ? cli_format(cli, "%s", text) : NULL;
}

int cli_run_inside(cli_t *cli, const char *const *argv)
{
    cJSON *report = NULL;
    int rc = cli_run(argv, &report);
    const cJSON *errors = cJSON_GetObjectItemCaseSensitive(report, "errors");
    const cJSON *error = cJSON_IsArray(errors) ? errors->child : NULL;
    if (rc != CLI_OK) {
        const char *what = said(cli, error, "what");
        (void)cli_refuse(cli, said(cli, error, "code"), what != NULL ? what : "a command failed",
                         said(cli, error, "where"), said(cli, error, "do"));
    }
    cJSON_Delete(report);
    return rc;
}

int main(int argc, char **argv)
{
    cli_t cli = {0};
    const char *const *words = (const char *const *)argv;
    cli_open(&cli);
    int rc = dispatch(&cli, argc > 0 ? argc - 1 : 0, argc > 0 ? words + 1 : words);
    if (cli.json) {
        cli_print_document(&cli, rc);
    }
    return cli_close(&cli, rc);
}
