/* SPDX-License-Identifier: Apache-2.0 */
/* Text, colours, messages in three parts, the JSON report, and memory until the end. */
#include "cli/layer.h"
#include "host/explain.h"
#include "host/size.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define HEARD_MAX 1024u /* bytes of a piece that cli_run_heard tells */

struct cli_memory {
    struct cli_memory *next;
    void *block;
};

static void out_of_memory(void)
{
    (void)fputs("otary: error: out of memory\n", stderr);
    exit(CLI_REFUSED);
}

void cli_adopt(cli_t *cli, void *block)
{
    struct cli_memory *memory = malloc(sizeof(*memory));
    if (memory == NULL || block == NULL) {
        out_of_memory();
        return;
    }
    *memory = (struct cli_memory){cli->memory, block};
    cli->memory = memory;
}

void *cli_allocate(cli_t *cli, size_t bytes)
{
    void *block = calloc(1, bytes > 0 ? bytes : 1);
    cli_adopt(cli, block);
    return block;
}

const char *cli_format(cli_t *cli, const char *format, ...)
{
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    char *text = cli_allocate(cli, len > 0 ? (size_t)len + 1 : 1);
    if (len > 0) {
        (void)vsnprintf(text, (size_t)len + 1, format, again);
    }
    va_end(again);
    va_end(args);
    return text;
}

const char *cli_bytes(cli_t *cli, uint64_t bytes)
{
    char text[SIZE_TEXT];
    return cli_format(cli, "%s", size_text(bytes, text));
}

static void print_to(const cli_t *cli, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void print_to(const cli_t *cli, const char *format, va_list args)
{
    char text[HEARD_MAX];
    if (cli->hear != NULL) {
        (void)vsnprintf(text, sizeof(text), format, args);
        cli->hear(cli->hear_user, text);
    } else if (!cli->json) {
        (void)vprintf(format, args);
    }
}

void cli_print(const cli_t *cli, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_to(cli, format, args);
    va_end(args);
}

static const char *escape(cli_style_t style)
{
    static const char *const codes[] = {
        [CLI_PLAIN] = "\033[0m", [CLI_BOLD] = "\033[1m",     [CLI_DIM] = "\033[2m",
        [CLI_RED] = "\033[31m",  [CLI_GREEN] = "\033[32m",   [CLI_YELLOW] = "\033[33m",
        [CLI_BLUE] = "\033[34m", [CLI_MAGENTA] = "\033[35m", [CLI_CYAN] = "\033[36m",
    };
    return codes[style];
}

const char *cli_style(const cli_t *cli, cli_style_t style)
{
    return cli->colour ? escape(style) : "";
}

static bool colours_welcome(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return (no_color == NULL || no_color[0] == '\0') && (term == NULL || strcmp(term, "dumb") != 0);
}

void cli_decide_colour(cli_t *cli, const char *when)
{
    bool always = strcmp(when, "always") == 0;
    bool look = strcmp(when, "auto") == 0 && colours_welcome();
    cli->colour = always || (look && isatty(STDOUT_FILENO) != 0);
    cli->colour_errors = always || (look && isatty(STDERR_FILENO) != 0);
    bool shown = cli->hear != NULL || (!cli->json && !cli->silent);
    cli->progress = shown && isatty(STDERR_FILENO) != 0;
}

/* The first of these that is set decides, as in every program. */
static bool locale_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return strstr(value, "UTF-8") != NULL || strstr(value, "utf8") != NULL ||
                   strstr(value, "UTF8") != NULL || strstr(value, "utf-8") != NULL;
        }
    }
    return false;
}

static unsigned columns_of(int terminal, unsigned otherwise)
{
    struct winsize size = {0};
    bool known = ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40;
    return known ? size.ws_col : otherwise;
}

void cli_open(cli_t *cli)
{
    cli->width = columns_of(STDOUT_FILENO, 80);
    cli->error_width = isatty(STDERR_FILENO) != 0 ? columns_of(STDERR_FILENO, 80) : UINT_MAX;
    cli->utf8 = locale_is_utf8();
    cli_decide_colour(cli, "auto");
    cli->report = cJSON_CreateObject();
    cli->errors = cJSON_CreateArray();
    cli->warnings = cJSON_CreateArray();
    if (cli->report == NULL || cli->errors == NULL || cli->warnings == NULL) {
        out_of_memory();
    }
}

static void add_text(cJSON *object, const char *name, const char *text)
{
    if (text != NULL && cJSON_AddStringToObject(object, name, text) == NULL) {
        out_of_memory();
    }
}

static void record(cJSON *list, const char *code, const char *const parts[3])
{
    cJSON *item = cJSON_CreateObject();
    add_text(item, "code", code);
    add_text(item, "what", parts[0]);
    add_text(item, "where", parts[1]);
    add_text(item, "do", parts[2]);
    if (!cJSON_AddItemToArray(list, item)) {
        out_of_memory();
    }
}

/* Folded on a terminal; one line a part where a program reads. */
static void say_part(const char *name, const cli_t *cli, const char *text)
{
    (void)fputs(name, stderr);
    cli_fold(stderr, strlen(name), cli->error_width, text);
}

static void say(cli_t *cli, bool error, const char *code, const char *const parts[3])
{
    if (cli->silent) {
        return;
    }
    const char *plain = cli->colour_errors ? escape(CLI_PLAIN) : "";
    const char *loud = cli->colour_errors ? escape(error ? CLI_RED : CLI_YELLOW) : "";
    const char *bold = cli->colour_errors ? escape(CLI_BOLD) : "";
    (void)fflush(stdout); /* keep the order when both go to one place */
    const char *kind = error ? "error" : "warning";
    (void)fprintf(stderr, "otary: %s%s:%s %s", loud, kind, plain, bold);
    cli_fold(stderr, strlen("otary: : ") + strlen(kind), cli->error_width,
             code != NULL ? cli_format(cli, "%s%s [%s]", parts[0], plain, code)
                          : cli_format(cli, "%s%s", parts[0], plain));
    if (parts[1] != NULL) {
        say_part("  where: ", cli, parts[1]);
    }
    if (parts[2] != NULL) {
        say_part("  do:    ", cli, parts[2]);
    }
}

int cli_refuse(cli_t *cli, const char *code, const char *what, const char *where, const char *todo)
{
    const char *const parts[3] = {what, where, todo};
    record(cli->errors, code, parts);
    say(cli, true, code, parts);
    return CLI_REFUSED;
}

int cli_misuse(cli_t *cli, const char *what, const char *todo)
{
    (void)cli_refuse(cli, NULL, what, NULL, todo);
    cli->misused = true;
    return CLI_MISUSE;
}

void cli_warn(cli_t *cli, const char *code, const char *what, const char *where, const char *todo)
{
    const char *const parts[3] = {what, where, todo};
    record(cli->warnings, code, parts);
    say(cli, false, code, parts);
}

/* Remedies name commands on FILE; here it has a name, and what is shown can be pasted. */
static const char *with_path(cli_t *cli, const char *todo, const char *path)
{
    const char *at = strstr(todo, " FILE`");
    bool plain = strpbrk(path, " '\"\\$`&;<>()|*?[]#~!") == NULL;
    return at == NULL || !plain
               ? todo
               : cli_format(cli, "%.*s %s%s", (int)(at - todo), todo, path, at + strlen(" FILE"));
}

int cli_status(cli_t *cli, ota_status_t status, const ota_fault_t *fault, const char *path)
{
    explain_t words;
    if (fault != NULL && fault->status == status) {
        explain_fault(fault, &words);
    } else {
        explain_status(status, &words);
    }
    const char *where =
        words.where[0] != '\0' ? cli_format(cli, "%s: %s", path, words.where) : path;
    return cli_refuse(cli, words.name, words.what, where, with_path(cli, words.todo, path));
}

cJSON *cli_document(cli_t *cli, int exit_status)
{
    cJSON *document = cJSON_CreateObject();
    add_text(document, "command", cli->command != NULL ? cli->command->name : "otary");
    if (cli->verb != NULL) {
        add_text(document, "verb", cli->verb->name);
    }
    (void)cJSON_AddBoolToObject(document, "ok", exit_status == CLI_OK);
    (void)cJSON_AddNumberToObject(document, "exit", exit_status);
    (void)cJSON_AddItemToObject(document, "errors", cli->errors);
    (void)cJSON_AddItemToObject(document, "warnings", cli->warnings);
    while (cli->report->child != NULL) {
        cJSON *item = cJSON_DetachItemViaPointer(cli->report, cli->report->child);
        (void)cJSON_AddItemToObject(document, item->string, item);
    }
    cli->errors = NULL;
    cli->warnings = NULL;
    return document;
}

void cli_print_document(cli_t *cli, int exit_status)
{
    cJSON *document = cli_document(cli, exit_status);
    char *text = cJSON_Print(document);
    if (text == NULL) {
        out_of_memory();
        return;
    }
    (void)puts(text);
    cJSON_free(text);
    cJSON_Delete(document);
}

int cli_close(cli_t *cli, int exit_status)
{
    cJSON_Delete(cli->report);
    cJSON_Delete(cli->errors);
    cJSON_Delete(cli->warnings);
    while (cli->memory != NULL) {
        struct cli_memory *memory = cli->memory;
        cli->memory = memory->next;
        free(memory->block);
        free(memory);
    }
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        (void)fputs("otary: error: writing to stdout failed\n", stderr);
        return exit_status == CLI_OK ? CLI_REFUSED : exit_status;
    }
    return exit_status;
}
