/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the shared layer know of each other. Nouns need cli/cli.h only. */
#ifndef CLI_LAYER_H
#define CLI_LAYER_H

#include "cli/cli.h"

#include <stdio.h>

/* All nouns in the order of help; ends with NULL. */
extern const cli_command_t *const cli_commands[];

/* Options of every verb; ends with CLI_END. */
extern const cli_option_t cli_common[];

/* Parses argv after the noun and verb. CLI_OK or CLI_MISUSE (reported). */
int cli_parse(cli_t *cli, int argc, const char *const *argv);

/* The nearest of the candidates to what was typed, or NULL if none is near. */
const char *cli_nearest(const char *typed, const char *const *candidates, size_t count);

/* Help texts. `verb` NULL: the noun's page. */
void cli_help_all(FILE *out);
void cli_help_noun(FILE *out, const cli_command_t *command);
void cli_help_verb(FILE *out, const cli_command_t *command, const cli_verb_t *verb);

/* "--flash-size SIZE" as help, man page and completion spell it. */
const char *cli_option_usage(const cli_option_t *option, char *text, size_t room);

/* "otary table check [OPTIONS] FILE..." */
const char *cli_usage(const cli_command_t *command, const cli_verb_t *verb, char *text,
                      size_t room);

/* `otary internal man|completion`: the generators behind the checked-in copies. */
void cli_man(FILE *out);
void cli_completion(FILE *out);

/* Start and end of the output side. */
void cli_open(cli_t *cli);
void cli_decide_colour(cli_t *cli, const char *when);
int cli_close(cli_t *cli, int exit_status); /* frees all; the final exit status */

/* The finished report, once, for the caller to delete; or printed to stdout. */
cJSON *cli_document(cli_t *cli, int exit_status);
void cli_print_document(cli_t *cli, int exit_status);

/* `text` and a newline to a line that already holds `hang` columns: folded at `width` columns
 * (never inside back quotes), what follows indented by `hang`. */
void cli_fold(FILE *out, size_t hang, size_t width, const char *text);

/* Takes over a block from malloc, to be freed by cli_close. */
void cli_adopt(cli_t *cli, void *block);

#endif
