/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document as text that people can read and compare line by line: an object a member a line, but
 * lists of names, and objects of numbers only, on one line.
 */
#include "host/release.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *text;
    size_t len;
    size_t room;
    bool failed;
} out_t;

static void put(out_t *out, const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;
    if (text == NULL || out->failed) {
        out->failed = true;
        return;
    }
    if (out->text == NULL || out->len + len + 1 > out->room) {
        size_t room = (out->len + len + 1) * 2;
        char *larger = realloc(out->text, room);
        if (larger == NULL) {
            out->failed = true;
            return;
        }
        out->text = larger;
        out->room = room;
    }
    memcpy(out->text + out->len, text, len + 1);
    out->len += len;
}

static void put_line(out_t *out, unsigned level)
{
    put(out, "\n");
    for (unsigned i = 0; i < level; i++) {
        put(out, "  ");
    }
}

static void put_scalar(out_t *out, const cJSON *item)
{
    char *text = cJSON_PrintUnformatted(item);
    put(out, text);
    cJSON_free(text);
}

static bool is_flat(const cJSON *item)
{
    const cJSON *inner = NULL;
    cJSON_ArrayForEach(inner, item)
    {
        bool list = cJSON_IsArray(item) && cJSON_IsString(inner);
        if (!list && !cJSON_IsNumber(inner)) {
            return false;
        }
    }
    return true;
}

static void put_value(out_t *out, const cJSON *item, unsigned level);

/* An element of a bracket: its comma, line and name, then itself. */
static void put_element(out_t *out, const cJSON *bracket, const cJSON *item, unsigned level,
                        bool flat)
{
    if (item != bracket->child) {
        put(out, flat ? ", " : ",");
    }
    if (!flat) {
        put_line(out, level);
    }
    if (cJSON_IsObject(bracket)) {
        cJSON *name = cJSON_CreateString(item->string);
        put_scalar(out, name);
        put(out, ": ");
        cJSON_Delete(name);
    }
    put_value(out, item, level);
}

/* Documents nest a few levels; devices refuse more than 8. */
static void put_value(out_t *out, const cJSON *item, unsigned level)
{
    bool object = cJSON_IsObject(item);
    bool flat = level > 0 && is_flat(item);
    const cJSON *inner = NULL;
    if (!object && !cJSON_IsArray(item)) {
        put_scalar(out, item);
        return;
    }
    put(out, object ? "{" : "[");
    cJSON_ArrayForEach(inner, item)
    {
        put_element(out, item, inner, level + 1, flat);
    }
    if (!flat) {
        put_line(out, level);
    }
    put(out, object ? "}" : "]");
}

char *release_print(const cJSON *json)
{
    out_t out = {0};
    put_value(&out, json, 0);
    put(&out, "\n");
    if (out.failed) {
        free(out.text);
        return NULL;
    }
    return out.text;
}
