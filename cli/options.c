/* SPDX-License-Identifier: Apache-2.0 */
/* From argv to values, by the option tables. */
#include "cli/layer.h"

#include <stdlib.h>
#include <string.h>

const cli_option_t cli_common[] = {
    {"json", 0, CLI_FLAG, NULL, NULL, "one JSON document on stdout instead of text"},
    {"color", 0, CLI_CHOICE, "never|auto|always", "auto",
     "colours; auto: on a terminal, unless NO_COLOR is set"},
    {"help", 'h', CLI_FLAG, NULL, NULL, "explain this command"},
    CLI_END,
};

static uint32_t suffix_shift(const char *suffix)
{
    static const struct {
        const char *text;
        uint32_t shift;
    } known[] = {{"", 0},    {"K", 10}, {"k", 10}, {"KB", 10}, {"KiB", 10},
                 {"kB", 10}, {"M", 20}, {"m", 20}, {"MB", 20}, {"MiB", 20}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(suffix, known[i].text) == 0) {
            return known[i].shift;
        }
    }
    return 64;
}

bool cli_parse_number(const char *text, uint32_t *number)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hex ? text + 2 : text;
    if (strchr(hex ? "0123456789abcdefABCDEF" : "0123456789", digits[0]) == NULL ||
        digits[0] == '\0') {
        return false; /* strtoull would take signs and blanks */
    }
    char *end = NULL;
    unsigned long long value = strtoull(digits, &end, hex ? 16 : 10);
    uint32_t shift = suffix_shift(end);
    if (shift > 32 || value > (0xFFFFFFFFull >> shift)) {
        return false;
    }
    *number = (uint32_t)(value << shift);
    return true;
}

static const cli_option_t *search(const cli_option_t *options, const char *name, size_t len)
{
    for (; options != NULL && options->name != NULL; options++) {
        if (strlen(options->name) == len && memcmp(options->name, name, len) == 0) {
            return options;
        }
    }
    return NULL;
}

static const cli_option_t *search_letter(const cli_option_t *options, char letter)
{
    for (; options != NULL && options->name != NULL; options++) {
        if (options->letter != 0 && options->letter == letter) {
            return options;
        }
    }
    return NULL;
}

static const cli_option_t *find_long(const cli_t *cli, const char *name, size_t len)
{
    const cli_option_t *option = search(cli->verb->options, name, len);
    return option != NULL ? option : search(cli_common, name, len);
}

static int unknown(cli_t *cli, const char *typed, size_t len)
{
    const char *names[CLI_VALUES_MAX] = {NULL};
    size_t count = 0;
    const cli_option_t *tables[] = {cli->verb->options, cli_common};
    for (size_t t = 0; t < 2; t++) {
        for (const cli_option_t *o = tables[t]; o != NULL && o->name != NULL; o++) {
            if (count < CLI_VALUES_MAX) {
                names[count++] = o->name;
            }
        }
    }
    const char *bare = cli_format(cli, "%.*s", (int)len, typed);
    const char *near = cli_nearest(bare, names, count);
    return cli_misuse(cli, cli_format(cli, "unknown option --%s", bare),
                      near != NULL ? cli_format(cli, "did you mean --%s?", near)
                                   : "--help lists the options");
}

static bool is_choice(const char *choices, const char *text)
{
    size_t len = strlen(text);
    for (const char *p = choices; p != NULL; p = strchr(p, '|')) {
        p += *p == '|';
        if (strncmp(p, text, len) == 0 && (p[len] == '|' || p[len] == '\0') && len > 0) {
            return true;
        }
    }
    return false;
}

static int keep(cli_t *cli, const cli_option_t *option, const char *text)
{
    uint32_t number = 0;
    if (option->kind == CLI_NUMBER && !cli_parse_number(text, &number)) {
        return cli_misuse(cli,
                          cli_format(cli, "--%s needs a number, not \"%s\"", option->name, text),
                          "write it like 1310720, 0x140000, 1280K or 4M");
    }
    if (option->kind == CLI_CHOICE && !is_choice(option->value, text)) {
        return cli_misuse(cli, cli_format(cli, "--%s cannot be \"%s\"", option->name, text),
                          cli_format(cli, "one of %s", option->value));
    }
    if (cli->values == CLI_VALUES_MAX) {
        return cli_misuse(cli, "too many options", cli_format(cli, "at most %u", CLI_VALUES_MAX));
    }
    cli->value[cli->values++] = (cli_value_t){option, text, number};
    return CLI_OK;
}

/* Takes the option's argument: attached, or the next word. */
static int argument(cli_t *cli, const cli_option_t *option, const char *attached,
                    const char *const **rest)
{
    if (option->kind == CLI_FLAG) {
        return attached == NULL
                   ? keep(cli, option, "")
                   : cli_misuse(cli, cli_format(cli, "--%s takes no argument", option->name),
                                cli_format(cli, "write --%s alone", option->name));
    }
    if (attached == NULL && **rest != NULL) {
        attached = *(*rest)++;
    }
    if (attached == NULL) {
        return cli_misuse(cli, cli_format(cli, "--%s needs an argument", option->name),
                          cli_format(cli, "write --%s %s", option->name, option->value));
    }
    return keep(cli, option, attached);
}

static int long_option(cli_t *cli, const char *word, const char *const **rest)
{
    size_t len = strcspn(word, "=");
    const cli_option_t *option = find_long(cli, word, len);
    if (option == NULL) {
        return unknown(cli, word, len);
    }
    return argument(cli, option, word[len] == '=' ? word + len + 1 : NULL, rest);
}

/* -f, -fq (flags together), -pstock or -p stock. */
static int short_options(cli_t *cli, const char *letters, const char *const **rest)
{
    int rc = CLI_OK;
    for (; rc == CLI_OK && *letters != '\0'; letters++) {
        const cli_option_t *option = search_letter(cli->verb->options, *letters);
        option = option != NULL ? option : search_letter(cli_common, *letters);
        if (option == NULL) {
            return cli_misuse(cli, cli_format(cli, "unknown option -%c", *letters),
                              "--help lists the options");
        }
        if (option->kind != CLI_FLAG) {
            return argument(cli, option, letters[1] != '\0' ? letters + 1 : NULL, rest);
        }
        rc = keep(cli, option, "");
    }
    return rc;
}

static int check_operands(cli_t *cli)
{
    char usage[512];
    const char *line = cli_usage(cli->command, cli->verb, usage, sizeof(usage));
    if (cli->operands < cli->verb->min) {
        return cli_misuse(cli, cli->operands == 0 ? "nothing to work on" : "not enough arguments",
                          cli_format(cli, "usage: %s", line));
    }
    if (cli->verb->max != CLI_MANY && cli->operands > cli->verb->max) {
        return cli_misuse(
            cli, cli_format(cli, "one argument too many: \"%s\"", cli->operand[cli->verb->max]),
            cli_format(cli, "usage: %s", line));
    }
    return CLI_OK;
}

static int parse_words(cli_t *cli, const char *const *rest)
{
    bool only_operands = false;
    int rc = CLI_OK;
    while (rc == CLI_OK && *rest != NULL) {
        const char *word = *rest++;
        if (only_operands || word[0] != '-' || word[1] == '\0') {
            cli->operand[cli->operands++] = word;
        } else if (strcmp(word, "--") == 0) {
            only_operands = true;
        } else if (word[1] == '-') {
            rc = long_option(cli, word + 2, &rest);
        } else {
            rc = short_options(cli, word + 1, &rest);
        }
    }
    return rc;
}

int cli_parse(cli_t *cli, int argc, const char *const *argv)
{
    cli->operand = cli_allocate(cli, ((size_t)argc + 1) * sizeof(*cli->operand));
    int rc = parse_words(cli, argv);
    if (rc == CLI_OK) {
        cli->json = cli->silent || cli_flag(cli, "json");
    } /* else it stays what a look at the words has said: the report of a refusal is one, too */
    cli_decide_colour(cli, cli_text(cli, "color"));
    if (rc == CLI_OK && !cli_flag(cli, "help")) {
        rc = check_operands(cli);
    }
    return rc;
}

static const cli_option_t *declared(const cli_t *cli, const char *name)
{
    const cli_option_t *option = find_long(cli, name, strlen(name));
    if (option == NULL) {
        (void)fprintf(stderr, "otary: the option table of this command lacks --%s\n", name);
        abort();
    }
    return option;
}

bool cli_has(const cli_t *cli, const char *name)
{
    return find_long(cli, name, strlen(name)) != NULL;
}

static const cli_value_t *typed(const cli_t *cli, const cli_option_t *option)
{
    for (size_t i = cli->values; i > 0; i--) {
        if (cli->value[i - 1].option == option) {
            return &cli->value[i - 1];
        }
    }
    return NULL;
}

bool cli_given(const cli_t *cli, const char *name)
{
    return typed(cli, declared(cli, name)) != NULL;
}

bool cli_flag(const cli_t *cli, const char *name)
{
    return cli_given(cli, name);
}

const char *cli_text(const cli_t *cli, const char *name)
{
    const cli_option_t *option = declared(cli, name);
    const cli_value_t *value = typed(cli, option);
    return value != NULL ? value->text : option->otherwise;
}

uint32_t cli_number(const cli_t *cli, const char *name)
{
    const cli_option_t *option = declared(cli, name);
    const cli_value_t *value = typed(cli, option);
    uint32_t number = 0;
    if (value != NULL) {
        return value->number;
    }
    return option->otherwise != NULL && cli_parse_number(option->otherwise, &number) ? number : 0;
}

const char *cli_next(const cli_t *cli, const char *name, size_t *at)
{
    const cli_option_t *option = declared(cli, name);
    while (*at < cli->values) {
        const cli_value_t *value = &cli->value[(*at)++];
        if (value->option == option) {
            return value->text;
        }
    }
    return NULL;
}
