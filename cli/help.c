/* SPDX-License-Identifier: Apache-2.0 */
/* Help pages and suggestions, from the tables. */
#include "cli/layer.h"

#include <ctype.h>
#include <string.h>

#define WORD_MAX      32u
#define WIDTH         80u /* pages read the same everywhere */
#define PARAGRAPH_MAX 1024u

const char *cli_option_usage(const cli_option_t *option, char *text, size_t room)
{
    char letter[] = {'-', option->letter, ',', ' ', '\0'};
    (void)snprintf(text, room, "%s--%s%s%s", option->letter != 0 ? letter : "", option->name,
                   option->value != NULL ? " " : "", option->value != NULL ? option->value : "");
    return text;
}

const char *cli_usage(const cli_command_t *command, const cli_verb_t *verb, char *text, size_t room)
{
    (void)snprintf(text, room, "otary %s%s%s [OPTIONS]%s%s", command->name,
                   verb->name != NULL ? " " : "", verb->name != NULL ? verb->name : "",
                   verb->operands != NULL ? " " : "", verb->operands != NULL ? verb->operands : "");
    return text;
}

static void print_options(FILE *out, const cli_option_t *options)
{
    for (; options != NULL && options->name != NULL; options++) {
        char usage[128];
        char help[256];
        (void)cli_option_usage(options, usage, sizeof(usage));
        if (strlen(usage) > 26) {
            (void)fprintf(out, "  %s\n  %-26s ", usage, "");
        } else {
            (void)fprintf(out, "  %-26s ", usage);
        }
        (void)snprintf(help, sizeof(help), "%s%s%s%s", options->help,
                       options->otherwise != NULL ? " [" : "",
                       options->otherwise != NULL ? options->otherwise : "",
                       options->otherwise != NULL ? "]" : "");
        cli_fold(out, 29, WIDTH, help);
    }
}

/* Paragraphs are split by empty lines; where their lines end in the tables does not count. */
static void print_paragraphs(FILE *out, const char *text)
{
    while (*text != '\0') {
        char paragraph[PARAGRAPH_MAX];
        const char *end = strstr(text, "\n\n");
        size_t len = end != NULL ? (size_t)(end - text) : strlen(text);
        (void)snprintf(paragraph, sizeof(paragraph), "%.*s", (int)len, text);
        for (char *at = paragraph; *at != '\0'; at++) {
            *at = *at == '\n' ? ' ' : *at;
        }
        cli_fold(out, 0, WIDTH, paragraph);
        text += len;
        if (end != NULL) {
            (void)fputc('\n', out);
            text += 2;
        }
    }
}

/* Each line of `text` behind `indent`. */
static void print_lines(FILE *out, const char *indent, const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        (void)fprintf(out, "%s%.*s\n", len > 0 ? indent : "", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

/* A summary, which lists carry without capital and full stop. */
static void print_sentence(FILE *out, const char *summary)
{
    char text[PARAGRAPH_MAX];
    (void)snprintf(text, sizeof(text), "%s.", summary);
    text[0] = (char)toupper((unsigned char)text[0]);
    cli_fold(out, 0, WIDTH, text);
}

void cli_help_verb(FILE *out, const cli_command_t *command, const cli_verb_t *verb)
{
    char usage[512];
    (void)fprintf(out, "%s\n\n", cli_usage(command, verb, usage, sizeof(usage)));
    print_sentence(out, verb->summary);
    if (verb->details != NULL) {
        (void)fputc('\n', out);
        print_paragraphs(out, verb->details);
    }
    if (verb->options != NULL && verb->options->name != NULL) {
        (void)fputs("\nOptions:\n", out);
        print_options(out, verb->options);
    }
    (void)fputs("\nEverywhere:\n", out);
    print_options(out, cli_common);
    if (verb->example != NULL) {
        (void)fputs("\nFor example:\n", out);
        print_lines(out, "  ", verb->example);
    }
}

void cli_help_noun(FILE *out, const cli_command_t *command)
{
    if (command->verbs[0].name == NULL) {
        cli_help_verb(out, command, &command->verbs[0]);
        return;
    }
    (void)fprintf(out, "otary %s VERB [OPTIONS] ...\n\n", command->name);
    print_sentence(out, command->summary);
    (void)fputs("\nVerbs:\n", out);
    for (const cli_verb_t *verb = command->verbs; verb->run != NULL; verb++) {
        (void)fprintf(out, "  %-10s %s\n", verb->name, verb->summary);
    }
    (void)fprintf(out, "\n`otary %s VERB --help` explains one.\n", command->name);
}

void cli_help_all(FILE *out)
{
    (void)fputs(
        "otary NOUN [VERB] [OPTIONS] FILE...\n\n"
        "Over-the-air updates for the ESP32 family, on a laptop, by the device's own code.\n"
        "\nNouns:\n",
        out);
    for (const cli_command_t *const *c = cli_commands; *c != NULL; c++) {
        (void)fprintf(out, "  %-8s %s\n", (*c)->name, (*c)->summary);
        for (const cli_verb_t *verb = (*c)->verbs; verb->run != NULL; verb++) {
            if (verb->name != NULL) {
                (void)fprintf(out, "    %-10s %s\n", verb->name, verb->summary);
            }
        }
    }
    (void)fputs("\nEverywhere:\n", out);
    print_options(out, cli_common);
    (void)fputs("\nExit status: 0 fine, 1 refused or found wrong, 2 typed wrongly.\n"
                "`otary NOUN --help` and `otary NOUN VERB --help` say more.\n",
                out);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters to insert, drop, change, or swap with their neighbour (Damerau). */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][WORD_MAX + 1];
    size_t len_a = strlen(a);
    size_t len_b = strlen(b);
    if (len_a > WORD_MAX || len_b > WORD_MAX) {
        return WORD_MAX;
    }
    for (size_t j = 0; j <= len_b; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= len_a; i++) {
        size_t *now = rows[i % 3];
        const size_t *last = rows[(i - 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= len_b; j++) {
            size_t change = last[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = smaller(change, smaller(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = smaller(now[j], rows[(i - 2) % 3][j - 2] + 1);
            }
        }
    }
    return rows[len_a % 3][len_b];
}

/* Near: at most a third of the word differs, or it is how the candidate begins. */
const char *cli_nearest(const char *typed, const char *const *candidates, size_t count)
{
    const char *best = NULL;
    size_t len = strlen(typed);
    size_t limit = (len + 2) / 3;
    size_t least = limit + 1;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(typed, candidates[i]);
        if (len > 1 && strncmp(candidates[i], typed, len) == 0) {
            d = 1;
        }
        if (d < least) {
            least = d;
            best = candidates[i];
        }
    }
    return best;
}
