/* SPDX-License-Identifier: Apache-2.0 */
#include "host/table_suggest.h"

#include "host/table_csv.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_APP      0x10000u
#define SLOT_MOST      0x1000000u /* most chips map no more of an app */
#define SLOT_UNIT      0x10000u
#define NVS_AT         0x9000u
#define NVS_USUAL      0x5000u
#define OTADATA        0x2000u
#define FS_LIKED       0x20000u  /* kept for a file system where nobody said how much */
#define FS_LIKED_FLASH 0x400000u /* .. and the flash is at least this large */

/* --- measuring ------------------------------------------------------------------------- */

static bool is_fs(const ota_part_t *part, suggest_fs_t fs)
{
    static const uint8_t subtype[] = {0, 0x82, 0x83, 0x81};
    if (part->type != OTA_TYPE_DATA || part->subtype < 0x81 || part->subtype > 0x83) {
        return false;
    }
    return fs == FS_ANY || part->subtype == subtype[fs];
}

/* Sizes of one kind in a table; 0: none. */
typedef struct {
    uint32_t slots;
    uint32_t smallest_slot;
    uint32_t factory;
    uint32_t nvs;
    uint32_t coredump;
    uint32_t fs;
    bool otadata;
    uint64_t end;
} sizes_t;

static void add_data(sizes_t *sizes, const ota_part_t *part, suggest_fs_t fs)
{
    if (part->subtype == OTA_SUBTYPE_NVS && part->size > sizes->nvs) {
        sizes->nvs = part->size;
    } else if (part->subtype == OTA_SUBTYPE_COREDUMP) {
        sizes->coredump = part->size;
    } else if (part->subtype == OTA_SUBTYPE_OTADATA) {
        sizes->otadata = true;
    } else if (is_fs(part, fs) && part->size > sizes->fs) {
        sizes->fs = part->size;
    }
}

static sizes_t measure(const suggestion_t *suggestion, suggest_fs_t fs)
{
    sizes_t sizes;
    memset(&sizes, 0, sizeof(sizes));
    for (size_t i = 0; i < suggestion->count; i++) {
        const ota_part_t *part = &suggestion->parts[i];
        uint64_t end = (uint64_t)part->offset + part->size;
        sizes.end = end > sizes.end ? end : sizes.end;
        if (ota_part_is_slot(part)) {
            sizes.slots++;
            sizes.smallest_slot = sizes.slots == 1 || part->size < sizes.smallest_slot
                                      ? part->size
                                      : sizes.smallest_slot;
        } else if (part->type == OTA_TYPE_APP && part->subtype == OTA_SUBTYPE_FACTORY) {
            sizes.factory = part->size;
        } else if (part->type == OTA_TYPE_DATA) {
            add_data(&sizes, part, fs);
        }
    }
    return sizes;
}

static suggest_update_t way_of_update(const sizes_t *sizes)
{
    if (sizes->slots >= 2 && sizes->otadata) {
        return SUGGEST_TWO_SLOTS;
    }
    return sizes->slots == 1 && sizes->otadata && sizes->factory != 0 ? SUGGEST_RECOVERY
                                                                      : SUGGEST_NO_OTA;
}

static const char *first_lack(const suggestion_t *suggestion, const sizes_t *sizes,
                              const suggest_need_t *need)
{
    const struct {
        bool lacks;
        const char *what;
    } rows[] = {
        {sizes->end > need->flash_size, "needs a larger flash"},
        {suggestion->slot_size < need->app_size, "the app does not fit"},
        {suggestion->update == SUGGEST_NO_OTA && !need->no_ota, "no update over the air"},
        {need->factory && sizes->factory < need->app_size, "no factory partition that fits"},
        {need->fs_given && sizes->fs < need->fs_size, "the file system is too small"},
        {sizes->nvs < need->nvs, "nvs is too small"},
        {sizes->coredump < need->coredump, "no coredump partition of that size"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].lacks) {
            return rows[i].what;
        }
    }
    return NULL;
}

void suggest_measure(suggestion_t *suggestion, const suggest_need_t *need)
{
    sizes_t sizes = measure(suggestion, need->fs);
    suggestion->update = way_of_update(&sizes);
    suggestion->slot_size = sizes.slots > 0 ? sizes.smallest_slot : sizes.factory;
    suggestion->fs_size = sizes.fs;
    suggestion->lack = first_lack(suggestion, &sizes, need);
    suggestion->fits = suggestion->lack == NULL;
    suggestion->growth = 0;
    if (suggestion->slot_size >= need->app_size && need->app_size > 0) {
        suggestion->growth =
            (uint32_t)((uint64_t)(suggestion->slot_size - need->app_size) * 100 / need->app_size);
    }
}

/* --- computing ---------------------------------------------------------------------------- */

static void add(suggestion_t *suggestion, const char *label, uint32_t kind, uint32_t offset,
                uint32_t size)
{
    ota_part_t *part = &suggestion->parts[suggestion->count++];
    memset(part, 0, sizeof(*part));
    part->type = (uint8_t)(kind >> 8);
    part->subtype = (uint8_t)kind;
    part->offset = offset;
    part->size = size;
    memcpy(part->label, label, strlen(label));
}

static uint64_t sectors(uint64_t bytes)
{
    return (bytes + OTA_FLASH_SECTOR - 1) / OTA_FLASH_SECTOR * OTA_FLASH_SECTOR;
}

#define APP(subtype)  (OTA_TYPE_APP << 8 | (subtype))
#define DATA(subtype) (OTA_TYPE_DATA << 8 | (subtype))

/* Adds the apps from `at` on, `count` of `size` each, and returns where they end. */
static uint32_t add_apps(suggestion_t *suggestion, const suggest_need_t *need, uint32_t at,
                         uint32_t size)
{
    if (need->factory || need->no_ota) {
        add(suggestion, "factory", APP(OTA_SUBTYPE_FACTORY), at, size);
        at += size;
    }
    for (uint32_t i = 0; !need->no_ota && i < 2; i++) {
        add(suggestion, i == 0 ? "app0" : "app1", APP(OTA_SUBTYPE_OTA_0 + i), at, size);
        at += size;
    }
    return at;
}

static void add_file_system(suggestion_t *suggestion, const suggest_need_t *need, uint32_t at,
                            uint32_t size)
{
    static const struct {
        const char *label;
        uint32_t subtype;
    } kinds[] = {{"spiffs", 0x82}, {"spiffs", 0x82}, {"littlefs", 0x83}, {"ffat", 0x81}};
    if (size >= OTA_FLASH_SECTOR && (need->fs_given ? need->fs_size > 0 : true)) {
        add(suggestion, kinds[need->fs].label, DATA(kinds[need->fs].subtype), at, size);
    }
}

/* What the flash is divided into; all in bytes. */
typedef struct {
    uint64_t nvs;
    uint64_t first; /* address of the first app */
    uint64_t slot;
    uint64_t coredump;
} budget_t;

static bool divide(budget_t *budget, const suggest_need_t *need)
{
    uint64_t otadata = need->no_ota ? 0 : OTADATA;
    uint64_t liked = need->flash_size >= FS_LIKED_FLASH ? FS_LIKED : 0;
    uint64_t fs = sectors(need->fs_given ? need->fs_size : liked);
    uint64_t apps = need->no_ota ? 1 : need->factory ? 3 : 2;
    budget->nvs = sectors(need->nvs > NVS_USUAL ? need->nvs : NVS_USUAL);
    budget->first = (NVS_AT + budget->nvs + otadata + SLOT_UNIT - 1) / SLOT_UNIT * SLOT_UNIT;
    budget->coredump = sectors(need->coredump);
    uint64_t others = budget->first + fs + budget->coredump;
    if (others + apps * SLOT_UNIT > need->flash_size) {
        return false;
    }
    budget->slot = (need->flash_size - others) / apps / SLOT_UNIT * SLOT_UNIT;
    budget->slot = budget->slot > SLOT_MOST ? SLOT_MOST : budget->slot;
    return true;
}

bool suggest_compute(suggestion_t *suggestion, const suggest_need_t *need)
{
    budget_t budget;
    memset(suggestion, 0, sizeof(*suggestion));
    if (!divide(&budget, need)) {
        return false;
    }
    uint32_t nvs = (uint32_t)budget.nvs;
    uint32_t coredump = (uint32_t)budget.coredump;
    add(suggestion, "nvs", DATA(OTA_SUBTYPE_NVS), NVS_AT, nvs);
    if (!need->no_ota) {
        add(suggestion, "otadata", DATA(OTA_SUBTYPE_OTADATA), NVS_AT + nvs, OTADATA);
    }
    uint32_t at = add_apps(suggestion, need, (uint32_t)budget.first, (uint32_t)budget.slot);
    uint32_t end = need->flash_size - coredump;
    add_file_system(suggestion, need, at, end - at);
    if (coredump > 0) {
        add(suggestion, "coredump", DATA(OTA_SUBTYPE_COREDUMP), end, coredump);
    }
    suggest_measure(suggestion, need);
    return suggestion->fits;
}

uint32_t suggest_flash_for(const suggest_need_t *need)
{
    suggest_need_t with = *need;
    with.no_ota = false;
    for (uint32_t mib = 1; mib <= 32; mib *= 2) {
        suggestion_t computed;
        with.flash_size = mib << 20;
        if (suggest_compute(&computed, &with)) {
            return with.flash_size;
        }
    }
    return 0;
}

/* --- ranking --------------------------------------------------------------------------------- */

static int compare_flags(bool a, bool b)
{
    return a == b ? 0 : a ? -1 : 1;
}

static int by_rank(const void *left, const void *right)
{
    const suggestion_t *a = left;
    const suggestion_t *b = right;
    const int rows[] = {
        compare_flags(a->fits, b->fits),
        (int)a->update - (int)b->update,
        compare_flags(!a->preset->special, !b->preset->special),
        compare_flags(a->fs_size > 0, b->fs_size > 0),
        (a->growth < b->growth) - (a->growth > b->growth),
        (a->fs_size < b->fs_size) - (a->fs_size > b->fs_size),
        strcmp(a->preset->name, b->preset->name),
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i] != 0) {
            return rows[i];
        }
    }
    return 0;
}

/* Where none was asked for, a file system is no merit. */
static void forget_file_system(suggestion_t *suggestion, const suggest_need_t *need)
{
    if (need->fs_given && need->fs_size == 0) {
        suggestion->fs_size = 0;
    }
}

size_t suggest_rank(suggestion_t *list, const suggest_need_t *need)
{
    size_t n = 0;
    for (size_t i = 0; i < presets_count && n < SUGGESTIONS_MAX; i++) {
        if ((uint64_t)presets[i].flash_mb << 20 > need->flash_size) {
            continue;
        }
        suggestion_t *suggestion = &list[n++];
        memset(suggestion, 0, sizeof(*suggestion));
        suggestion->preset = &presets[i];
        suggestion->count = preset_parts(&presets[i], suggestion->parts);
        suggest_measure(suggestion, need);
        forget_file_system(suggestion, need);
    }
    qsort(list, n, sizeof(*list), by_rank);
    return n;
}

char *suggest_csv(const suggestion_t *suggestion, size_t *len)
{
    uint8_t binary[OTA_TABLE_SIZE];
    memset(binary, 0xFF, sizeof(binary));
    for (size_t i = 0; i < suggestion->count; i++) {
        ota_table_encode(binary + i * OTA_TABLE_ENTRY, &suggestion->parts[i]);
    }
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    table_source_t *source = calloc(1, sizeof(*source));
    char *text = NULL;
    if (source != NULL && table_read(source, &options, binary, sizeof(binary))) {
        text = table_to_csv(source, len);
    }
    if (source != NULL) {
        table_source_free(source);
    }
    free(source);
    return text;
}
