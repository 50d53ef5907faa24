/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replay ids:
 *
 *   normal/o4 . 17.p5 @zo - 3.n
 *   scenario    op damage readings of the lives after it that met marginal cells, next cut
 *
 * Readings: o ones, z zeros, m mixed, x mixed-2, f fading. Operations are counted from the
 * previous cut, over resets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/explore.h"

static const char reading_letter[MEDIUM_READINGS + 1] = "ozmxf";

void lab_path_id(const lab_scenario_t *scenario, const lab_path_t *path, char id[160])
{
    char text[160];
    size_t at = (size_t)snprintf(text, sizeof(text), "%s", scenario->name);
    unsigned cuts = path->cuts < LAB_PATH_MAX ? path->cuts : LAB_PATH_MAX;
    for (unsigned i = 0; i < cuts && at < sizeof(text) - 40u; i++) {
        const lab_cut_t *cut = &path->cut[i];
        char code[16];
        damage_code(cut->damage, code);
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%c%u.%s", i == 0 ? '.' : '-',
                               (unsigned)cut->op, code);
        for (unsigned k = 0; k < cut->readings && k < LAB_READINGS_MAX; k++) {
            at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%c", k == 0 ? "@" : "",
                                   reading_letter[cut->reading[k] % MEDIUM_READINGS]);
        }
    }
    (void)snprintf(text + at, sizeof(text) - at, "%s", path->cuts > LAB_PATH_MAX ? "..." : "");
    memcpy(id, text, sizeof(text));
}

static bool parse_readings(const char **text, lab_cut_t *cut)
{
    if (**text != '@') {
        return true;
    }
    for (++*text; **text != '\0' && **text != '-'; ++*text) {
        const char *letter = strchr(reading_letter, **text);
        if (letter == NULL || cut->readings >= LAB_READINGS_MAX) {
            return false;
        }
        cut->reading[cut->readings++] = (uint8_t)(letter - reading_letter);
    }
    return cut->readings > 0;
}

static bool parse_cut(const char **text, lab_cut_t *cut)
{
    char *end;
    unsigned long op = strtoul(*text, &end, 10);
    if (end == *text || **text < '0' || **text > '9' || *end != '.' || op > 0xFFFFFFu) {
        return false;
    }
    *cut = (lab_cut_t){.op = (uint32_t)op};
    return damage_parse(end + 1, &cut->damage, text) && parse_readings(text, cut);
}

bool lab_path_parse(const char *id, lab_scenario_t *scenario, lab_path_t *path)
{
    char name[64];
    size_t len = strcspn(id, ".");
    memset(path, 0, sizeof(*path));
    if (len >= sizeof(name)) {
        return false;
    }
    memcpy(name, id, len);
    name[len] = '\0';
    const char *at = id + len;
    while (*at != '\0') {
        char separator = path->cuts == 0 ? '.' : '-';
        if (*at++ != separator || path->cuts >= LAB_PATH_MAX ||
            !parse_cut(&at, &path->cut[path->cuts])) {
            return false;
        }
        path->cuts++;
    }
    return lab_scenario_parse(name, scenario);
}
