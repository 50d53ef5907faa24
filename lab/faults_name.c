/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of failures:
 *
 *   fault . normal/o4 . once . program . 17 . half
 *           scenario    plan   kind      nth  how
 *   fault . normal/o4 . then-cut . read . 3 . fails . 12 . p5       and the cut: operation, damage
 */
#include "lab/case_name.h"
#include "lab/faults.h"

#include <stdio.h>
#include <string.h>

#define KINDS 3u

const char *faults_plan_name(faults_plan_t plan)
{
    static const char *const names[FAULTS_PLANS] = {"once", "for-ever", "then-cut", "after-cut"};
    return names[plan];
}

static const char *plan_word(unsigned n)
{
    return faults_plan_name((faults_plan_t)n);
}

static const char *kind_word(unsigned n)
{
    static const char *const names[KINDS] = {"read", "program", "erase"};
    return names[n];
}

static const char *how_word(unsigned n)
{
    static const char *const names[MEDIUM_FAILURES] = {"works", "fails", "half", "silent"};
    return names[n];
}

const char *faults_kind_name(medium_kind_t kind)
{
    return kind_word(kind);
}

const char *faults_how_name(medium_failure_t how)
{
    return how_word(how);
}

void faults_case_name(const lab_scenario_t *scenario, const faults_case_t *which,
                      char text[FAULTS_NAME])
{
    char cut[40] = "";
    if (which->plan >= FAULTS_THEN_CUT) {
        char code[16];
        damage_code(which->damage, code);
        (void)snprintf(cut, sizeof(cut), ".%u.%s", (unsigned)which->op, code);
    }
    (void)snprintf(text, FAULTS_NAME, "fault.%s.%s.%s.%u.%s%s", scenario->name,
                   plan_word(which->plan), kind_word(which->kind), (unsigned)which->nth,
                   how_word(which->how), cut);
}

static bool take_scenario(const char **text, lab_scenario_t *scenario)
{
    char name[64];
    size_t len = strcspn(*text, ".");
    if (len >= sizeof(name) || (*text)[len] != '.') {
        return false;
    }
    memcpy(name, *text, len);
    name[len] = '\0';
    *text += len + 1;
    return lab_scenario_parse(name, scenario);
}

/* The last word of a name, or one with a dot behind it. */
static bool take_how(const char **text, bool last, medium_failure_t *how)
{
    char word[16];
    const char *at = word;
    unsigned n;
    size_t len = strcspn(*text, ".");
    if (len + 2 > sizeof(word) || ((*text)[len] == '\0') != last) {
        return false;
    }
    (void)snprintf(word, sizeof(word), "%.*s.", (int)len, *text);
    *text += len + (last ? 0 : 1);
    bool ok = case_take_word(&at, how_word, MEDIUM_FAILURES, &n) && n != MEDIUM_WORKS;
    *how = ok ? (medium_failure_t)n : MEDIUM_FAILS;
    return ok;
}

static bool take_cut(const char *text, faults_case_t *which)
{
    const char *end;
    return case_take_number(&text, '.', &which->op) && damage_parse(text, &which->damage, &end) &&
           *end == '\0';
}

bool faults_case_parse(const char *text, lab_scenario_t *scenario, faults_case_t *which)
{
    unsigned plan;
    unsigned kind;
    memset(which, 0, sizeof(*which));
    if (strncmp(text, "fault.", 6) != 0) {
        return false;
    }
    text += 6;
    if (!take_scenario(&text, scenario) || !case_take_word(&text, plan_word, FAULTS_PLANS, &plan) ||
        !case_take_word(&text, kind_word, KINDS, &kind) ||
        !case_take_number(&text, '.', &which->nth)) {
        return false;
    }
    bool cut = plan >= FAULTS_THEN_CUT;
    which->plan = (faults_plan_t)plan;
    which->kind = (medium_kind_t)kind;
    return take_how(&text, !cut, &which->how) && (!cut || take_cut(text, which));
}
