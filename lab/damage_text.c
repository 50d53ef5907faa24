/* SPDX-License-Identifier: Apache-2.0 */
/* Damages in words and in replay ids. */
#include "lab/damage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One letter a kind, in the order of damage_kind_t. Ids in bug reports depend on them. */
static const char letters[DAMAGE_KINDS + 1] = "ndpsbcrvPSRMghHwzZek";

/* Kinds with a single outcome are written without a number. */
static bool single(damage_kind_t kind)
{
    return strchr("ndvMwzZe", letters[kind]) != NULL;
}

void damage_code(damage_t damage, char text[16])
{
    if (single(damage.kind)) {
        (void)snprintf(text, 16, "%c", letters[damage.kind]);
    } else {
        (void)snprintf(text, 16, "%c%u", letters[damage.kind], (unsigned)damage.index);
    }
}

bool damage_parse(const char *text, damage_t *damage, const char **end)
{
    const char *at = *text != '\0' ? strchr(letters, *text) : NULL;
    if (at == NULL) {
        return false;
    }
    *damage = (damage_t){(damage_kind_t)(at - letters), 0};
    *end = text + 1;
    if (!single(damage->kind)) {
        char *after;
        unsigned long index = strtoul(text + 1, &after, 10);
        if (after == text + 1 || text[1] == '-' || text[1] == '+' || index > 0xFFFFFFu) {
            return false;
        }
        damage->index = (uint32_t)index;
        *end = after;
    }
    return true;
}

void damage_text(damage_t damage, char text[32])
{
    if (single(damage.kind)) {
        (void)snprintf(text, 32, "%s", damage_kind_name(damage.kind));
    } else {
        (void)snprintf(text, 32, "%s %u", damage_kind_name(damage.kind), (unsigned)damage.index);
    }
}

static bool add_word(const char *word, size_t len, damage_set_t *set)
{
    static const struct {
        const char *name;
        damage_set_t set;
    } groups[] = {{"all", DAMAGE_ALL},
                  {"solid", DAMAGE_SOLID},
                  {"marginal", DAMAGE_MARGINAL},
                  {"edges", DAMAGE_EDGES}};
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (strlen(groups[i].name) == len && strncmp(word, groups[i].name, len) == 0) {
            *set |= groups[i].set;
            return true;
        }
    }
    for (unsigned kind = 0; kind < DAMAGE_KINDS; kind++) {
        const char *name = damage_kind_name((damage_kind_t)kind);
        if (strlen(name) == len && strncmp(word, name, len) == 0) {
            *set |= 1u << kind;
            return true;
        }
    }
    return false;
}

bool damage_set_parse(const char *text, damage_set_t *set)
{
    damage_set_t found = 0;
    for (size_t len; *text != '\0'; text += len + (text[len] == ',' ? 1u : 0)) {
        len = strcspn(text, ",");
        if (!add_word(text, len, &found)) {
            return false;
        }
    }
    *set = found;
    return found != 0;
}
