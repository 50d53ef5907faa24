/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bash completion, from the same tables as --help: one case per noun and verb lists the
 * options, one case per option lists its words.
 */
#include "cli/layer.h"

#include <string.h>

static void option_words(FILE *out, const cli_option_t *option)
{
    for (; option != NULL && option->name != NULL; option++) {
        (void)fprintf(out, " --%s", option->name);
    }
}

static void verb_key(FILE *out, const cli_command_t *command, const cli_verb_t *verb)
{
    (void)fprintf(out, "%s%s%s", command->name, verb->name != NULL ? "/" : "",
                  verb->name != NULL ? verb->name : "");
}

/* What may follow an option: `noun/verb:--option) words="a b"`, or files. */
static void values(FILE *out, const cli_command_t *command, const cli_verb_t *verb)
{
    for (const cli_option_t *o = verb->options; o != NULL && o->name != NULL; o++) {
        if (o->kind == CLI_FLAG) {
            continue;
        }
        (void)fputs("    ", out);
        verb_key(out, command, verb);
        (void)fprintf(out, ":--%s)", o->name);
        if (o->kind == CLI_CHOICE) {
            (void)fputs(" words=\"", out);
            for (const char *p = o->value; *p != '\0'; p++) {
                (void)fputc(*p == '|' ? ' ' : *p, out);
            }
            (void)fputs("\" ;;\n", out);
        } else {
            (void)fputs(o->kind == CLI_FILE ? " files=1 ;;\n" : " ;;\n", out);
        }
    }
}

static void verbs(FILE *out, const cli_command_t *command)
{
    if (command->verbs[0].name == NULL) {
        return;
    }
    (void)fprintf(out, "    %s) verbs=\"", command->name);
    for (const cli_verb_t *verb = command->verbs; verb->run != NULL; verb++) {
        (void)fprintf(out, "%s%s", verb == command->verbs ? "" : " ", verb->name);
    }
    (void)fputs("\" ;;\n", out);
}

static void each_verb(FILE *out, void (*print)(FILE *, const cli_command_t *, const cli_verb_t *))
{
    for (const cli_command_t *const *c = cli_commands; *c != NULL; c++) {
        for (const cli_verb_t *verb = (*c)->verbs; verb->run != NULL; verb++) {
            print(out, *c, verb);
        }
    }
}

static void options(FILE *out, const cli_command_t *command, const cli_verb_t *verb)
{
    (void)fputs("    ", out);
    verb_key(out, command, verb);
    (void)fputs(") options=\"", out);
    option_words(out, cli_common);
    option_words(out, verb->options);
    (void)fputs("\" ;;\n", out);
}

void cli_completion(FILE *out)
{
    (void)fputs(
        "# Made from the option tables by `otary internal completion`: do not edit.\n"
        "# shellcheck shell=bash\n"
        "_otary()\n{\n"
        "    local word=\"${COMP_WORDS[COMP_CWORD]}\" last=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
        "    local noun=\"${COMP_WORDS[1]}\" verbs=\"\" options=\"\" words=\"\" files=\"\"\n"
        "    local key=\"$noun\"\n"
        "    COMPREPLY=()\n"
        "    local at=2 nouns=\"",
        out);
    for (const cli_command_t *const *c = cli_commands; *c != NULL; c++) {
        (void)fprintf(out, "%s%s", c != cli_commands ? " " : "", (*c)->name);
    }
    (void)fputs("\"\n"
                "    if [[ $COMP_CWORD -eq 1 ]]; then\n"
                "        mapfile -t COMPREPLY < <(compgen -W \"help $nouns --help --version\" -- "
                "\"$word\")\n"
                "        return\n    fi\n"
                "    if [[ $noun == help ]]; then\n"
                "        if [[ $COMP_CWORD -eq 2 ]]; then\n"
                "            mapfile -t COMPREPLY < <(compgen -W \"$nouns\" -- \"$word\")\n"
                "            return\n        fi\n"
                "        noun=\"${COMP_WORDS[2]}\" at=3\n"
                "    fi\n"
                "    case \"$noun\" in\n",
                out);
    for (const cli_command_t *const *c = cli_commands; *c != NULL; c++) {
        verbs(out, *c);
    }
    (void)fputs("    esac\n"
                "    if [[ -n $verbs ]]; then\n"
                "        if [[ $COMP_CWORD -eq $at ]]; then\n"
                "            mapfile -t COMPREPLY < <(compgen -W \"$verbs --help\" -- \"$word\")\n"
                "            return\n        fi\n"
                "        key=\"$noun/${COMP_WORDS[2]}\"\n"
                "    fi\n"
                "    [[ $at -eq 3 ]] && return\n"
                "    case \"$key:$last\" in\n"
                "    *:--color) words=\"never auto always\" ;;\n",
                out);
    each_verb(out, values);
    (void)fputs("    *) files=1 ;;\n    esac\n    case \"$key\" in\n", out);
    each_verb(out, options);
    (void)fputs("    esac\n"
                "    if [[ -n $words ]]; then\n"
                "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
                "    elif [[ $word == -* ]]; then\n"
                "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\")\n"
                "    elif [[ -n $files ]]; then\n"
                "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
                "    fi\n}\n"
                "complete -o filenames -F _otary otary\n",
                out);
}
