/* SPDX-License-Identifier: Apache-2.0 */
/* The manual page otary(1), from the same tables as --help. */
#include "cli/layer.h"

#include <string.h>

/* Text for troff: backslashes and hyphens escaped, no line may begin with a control character. */
static void escape(FILE *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\\') {
            (void)fputs("\\e", out);
        } else if (text[i] == '-') {
            (void)fputs("\\-", out);
        } else {
            if (i == 0 && (text[i] == '.' || text[i] == '\'')) {
                (void)fputs("\\&", out);
            }
            (void)fputc(text[i], out);
        }
    }
}

static void line(FILE *out, const char *before, const char *text, const char *after)
{
    (void)fputs(before, out);
    escape(out, text, strlen(text));
    (void)fputs(after, out);
}

/* Paragraphs are split by empty lines; lines inside are kept as typed. */
static void paragraphs(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        if (len == 0) {
            (void)fputs(".PP", out);
        } else {
            escape(out, text, len);
        }
        (void)fputc('\n', out);
        text += len + (text[len] == '\n');
        if (len > 0 && *text != '\n' && *text != '\0') {
            (void)fputs(".br\n", out);
        }
    }
}

static void options(FILE *out, const cli_option_t *option)
{
    for (; option != NULL && option->name != NULL; option++) {
        char usage[128];
        line(out, ".TP\n.B ", cli_option_usage(option, usage, sizeof(usage)), "\n");
        line(out, "", option->help, "");
        if (option->otherwise != NULL) {
            line(out, " (default: ", option->otherwise, ")");
        }
        (void)fputc('\n', out);
    }
}

static void verb_section(FILE *out, const cli_command_t *command, const cli_verb_t *verb)
{
    char usage[512];
    line(out, ".SS ", cli_usage(command, verb, usage, sizeof(usage)), "\n");
    line(out, "", verb->summary, ".\n");
    if (verb->details != NULL) {
        (void)fputs(".PP\n", out);
        paragraphs(out, verb->details);
    }
    options(out, verb->options);
    if (verb->example != NULL) {
        (void)fputs(".PP\n.nf\n.RS\n", out);
        const char *text = verb->example;
        while (*text != '\0') {
            size_t len = strcspn(text, "\n");
            escape(out, text, len);
            (void)fputc('\n', out);
            text += len + (text[len] == '\n');
        }
        (void)fputs(".RE\n.fi\n", out);
    }
}

void cli_man(FILE *out)
{
    (void)fputs(".\\\" Made from the option tables by `otary internal man`: do not edit.\n"
                ".TH OTARY 1 \"\" \"otary " OTARY_VERSION "\" \"User Commands\"\n"
                ".SH NAME\notary \\- over\\-the\\-air updates for the ESP32 family, on a laptop\n"
                ".SH SYNOPSIS\n.B otary\n.I NOUN\n[\\fIVERB\\fR] [\\fIOPTIONS\\fR] "
                "[\\fIFILE\\fR...]\n.SH DESCRIPTION\n"
                "Partition tables, app images, whole flashes, the choice of what boots and the\n"
                "update itself, carried out by the C code that runs on the chip.\n"
                ".SH OPTIONS OF EVERY COMMAND\n",
                out);
    options(out, cli_common);
    (void)fputs(".TP\n.B \\-\\-version\nprint the version\n.SH COMMANDS\n", out);
    for (const cli_command_t *const *c = cli_commands; *c != NULL; c++) {
        for (const cli_verb_t *verb = (*c)->verbs; verb->run != NULL; verb++) {
            verb_section(out, *c, verb);
        }
    }
    (void)fputs(".SH EXIT STATUS\n.TP\n.B 0\nfine\n.TP\n.B 1\nrefused, or found wrong\n"
                ".TP\n.B 2\ntyped wrongly\n"
                ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nset and not empty: no colours\n"
                ".TP\n.B OTARY_DATA\na folder of real firmware that\n.B otary demo\nmay use\n",
                out);
}
