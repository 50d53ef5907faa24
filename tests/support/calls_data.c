/* SPDX-License-Identifier: Apache-2.0 */
/* Tables and images of the recorded sequences. */
#include "support/calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cJSON *read_json(const char *name)
{
    const char *path = data_path(name);
    size_t len = 0;
    uint8_t *bytes = path != NULL ? data_read(path, &len) : NULL;
    cJSON *json = bytes != NULL ? cJSON_ParseWithLength((const char *)bytes, len) : NULL;
    free(bytes);
    return json;
}

static void copy_name(char *out, size_t room, const char *name)
{
    (void)snprintf(out, room, "%s", name != NULL ? name : "");
}

static bool load_table(calls_table_t *table, const cJSON *json)
{
    const char *hex = json_text(json, "hex");
    const cJSON *row;
    copy_name(table->name, sizeof(table->name), json->string);
    memset(table->bytes, 0xFF, sizeof(table->bytes));
    table->rows = 0;
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(json, "rows"))
    {
        if (table->rows == CALLS_ROWS) {
            return false;
        }
        ota_part_t *part = &table->row[table->rows++];
        memset(part, 0, sizeof(*part));
        part->type = (uint8_t)json_number(row, "type", 0);
        part->subtype = (uint8_t)json_number(row, "subtype", 0);
        part->offset = (uint32_t)json_number(row, "offset", 0);
        part->size = (uint32_t)json_number(row, "size", 0);
        part->flags = (uint32_t)json_number(row, "flags", 0);
        copy_name(part->label, sizeof(part->label), json_text(row, "label"));
    }
    return hex != NULL && hex_decode(hex, table->bytes, sizeof(table->bytes)) > 0;
}

static bool load_image(calls_image_t *image, const cJSON *json)
{
    const char *hex = cJSON_GetStringValue(json);
    if (hex == NULL) {
        return false;
    }
    copy_name(image->name, sizeof(image->name), json->string);
    image->len = strlen(hex) / 2;
    image->bytes = malloc(image->len);
    return image->bytes != NULL && hex_decode(hex, image->bytes, image->len) == (long)image->len;
}

bool calls_load(calls_data_t *data)
{
    bool fine = true;
    const cJSON *item;
    memset(data, 0, sizeof(*data));
    cJSON *tables = read_json("vectors/idf-behaviour/ota_tables.json");
    cJSON *images = read_json("vectors/idf-behaviour/ota_images.json.gz");
    cJSON_ArrayForEach(item, tables)
    {
        fine = fine && data->tables < sizeof(data->table) / sizeof(data->table[0]) &&
               load_table(&data->table[data->tables++], item);
    }
    cJSON_ArrayForEach(item, images)
    {
        fine = fine && data->images < sizeof(data->image) / sizeof(data->image[0]) &&
               load_image(&data->image[data->images++], item);
    }
    cJSON_Delete(tables);
    cJSON_Delete(images);
    return fine && data->tables > 0 && data->images > 0;
}

void calls_unload(calls_data_t *data)
{
    for (unsigned i = 0; i < data->images; i++) {
        free(data->image[i].bytes);
    }
}

const calls_table_t *calls_table(const calls_data_t *data, const char *name)
{
    for (unsigned i = 0; name != NULL && i < data->tables; i++) {
        if (strcmp(data->table[i].name, name) == 0) {
            return &data->table[i];
        }
    }
    return NULL;
}

const calls_image_t *calls_image(const calls_data_t *data, const char *name)
{
    for (unsigned i = 0; name != NULL && i < data->images; i++) {
        if (strcmp(data->image[i].name, name) == 0) {
            return &data->image[i];
        }
    }
    return NULL;
}
