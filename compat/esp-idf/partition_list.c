/* SPDX-License-Identifier: Apache-2.0 */
/* Finding partitions, and partitions that are not in the table. */
#include "context.h"

#include <string.h>

static bool matches(const esp_partition_t *p, esp_partition_type_t type,
                    esp_partition_subtype_t subtype, const char *label)
{
    return (type == ESP_PARTITION_TYPE_ANY || p->type == type) &&
           (subtype == ESP_PARTITION_SUBTYPE_ANY || p->subtype == subtype) &&
           (label == NULL || strcmp(p->label, label) == 0);
}

/* Index of the first match at or behind `from`, or c->count. */
static size_t search(const otary_compat_t *c, size_t from, esp_partition_type_t type,
                     esp_partition_subtype_t subtype, const char *label)
{
    size_t i = from;
    while (i < c->count && !matches(&c->list[i], type, subtype, label)) {
        i++;
    }
    return i;
}

esp_err_t esp_partition_find_first_err(esp_partition_type_t type, esp_partition_subtype_t subtype,
                                       const char *label, const esp_partition_t **partition)
{
    if (partition == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *partition = NULL;
    const otary_compat_t *c = compat_ready();
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    if (type == ESP_PARTITION_TYPE_ANY && subtype != ESP_PARTITION_SUBTYPE_ANY) {
        return ESP_ERR_INVALID_ARG;
    }
    size_t at = search(c, 0, type, subtype, label);
    if (at == c->count) {
        return ESP_ERR_NOT_FOUND;
    }
    *partition = &c->list[at];
    return ESP_OK;
}

const esp_partition_t *esp_partition_find_first(esp_partition_type_t type,
                                                esp_partition_subtype_t subtype, const char *label)
{
    const esp_partition_t *found;
    (void)esp_partition_find_first_err(type, subtype, label, &found);
    return found;
}

static esp_partition_iterator_t take_iterator(otary_compat_t *c)
{
    for (size_t i = 0; i < OTARY_COMPAT_ITERATORS; i++) {
        if (!c->iterator[i].used) {
            c->iterator[i].used = true;
            return &c->iterator[i];
        }
    }
    return NULL;
}

esp_err_t esp_partition_find_err(esp_partition_type_t type, esp_partition_subtype_t subtype,
                                 const char *label, esp_partition_iterator_t *iterator)
{
    if (iterator == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *iterator = NULL;
    const esp_partition_t *first;
    esp_err_t err = esp_partition_find_first_err(type, subtype, label, &first);
    if (err != ESP_OK) {
        return err;
    }
    otary_compat_t *c = compat_ready();
    esp_partition_iterator_t it = take_iterator(c);
    if (it == NULL) {
        return ESP_ERR_NO_MEM;
    }
    it->type = type;
    it->subtype = subtype;
    it->label = label;
    it->at = (size_t)(first - c->list);
    *iterator = it;
    return ESP_OK;
}

esp_partition_iterator_t esp_partition_find(esp_partition_type_t type,
                                            esp_partition_subtype_t subtype, const char *label)
{
    esp_partition_iterator_t iterator;
    (void)esp_partition_find_err(type, subtype, label, &iterator);
    return iterator;
}

const esp_partition_t *esp_partition_get(esp_partition_iterator_t iterator)
{
    const otary_compat_t *c = compat_ready();
    return iterator != NULL && c != NULL && iterator->used && iterator->at < c->count
               ? &c->list[iterator->at]
               : NULL;
}

esp_partition_iterator_t esp_partition_next(esp_partition_iterator_t iterator)
{
    const otary_compat_t *c = compat_ready();
    if (iterator == NULL || c == NULL || !iterator->used) {
        return NULL;
    }
    iterator->at = search(c, iterator->at + 1, iterator->type, iterator->subtype, iterator->label);
    if (iterator->at >= c->count) {
        esp_partition_iterator_release(iterator);
        return NULL;
    }
    return iterator;
}

void esp_partition_iterator_release(esp_partition_iterator_t iterator)
{
    if (iterator != NULL) {
        iterator->used = false;
    }
}

static bool equal(const esp_partition_t *entry, const esp_partition_t *copy)
{
    return entry->flash_chip == copy->flash_chip && entry->address == copy->address &&
           entry->size == copy->size && entry->encrypted == copy->encrypted;
}

esp_err_t esp_partition_verify_err(const esp_partition_t *partition,
                                   const esp_partition_t **out_partition)
{
    if (partition == NULL || out_partition == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *out_partition = NULL;
    const otary_compat_t *c = compat_ready();
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    if (partition->type == ESP_PARTITION_TYPE_ANY &&
        partition->subtype != ESP_PARTITION_SUBTYPE_ANY) {
        return ESP_ERR_INVALID_ARG;
    }
    const char *label = partition->label[0] != '\0' ? partition->label : NULL;
    for (size_t i = search(c, 0, partition->type, partition->subtype, label); i < c->count;
         i = search(c, i + 1, partition->type, partition->subtype, label)) {
        if (equal(&c->list[i], partition)) {
            *out_partition = &c->list[i];
            return ESP_OK;
        }
    }
    return ESP_ERR_NOT_FOUND;
}

const esp_partition_t *esp_partition_verify(const esp_partition_t *partition)
{
    const esp_partition_t *found = NULL;
    (void)esp_partition_verify_err(partition, &found);
    return found;
}

/* --- partitions that are not in the table --------------------------------------------------- */

static bool overlaps(const otary_compat_t *c, const esp_flash_t *chip, size_t offset, size_t size)
{
    for (size_t i = 0; i < c->count; i++) {
        const esp_partition_t *p = &c->list[i];
        if (p->flash_chip == chip && offset < (size_t)p->address + p->size &&
            p->address < offset + size) {
            return true;
        }
    }
    return false;
}

/* Another chip brings no eFuse of its own: only the main one is ever encrypted. */
static bool encrypted(const otary_compat_t *c, const esp_partition_t *p)
{
    ota_part_t part;
    compat_part(&part, p);
    return p->flash_chip == &c->chip && c->config.flash->encrypted_unit != 0 &&
           ota_part_encrypted(&part);
}

static esp_err_t room_for(const otary_compat_t *c, const esp_flash_t *chip, size_t offset,
                          size_t size)
{
    if (offset > chip->port->size || size > chip->port->size - offset) {
        return ESP_ERR_INVALID_SIZE;
    }
    if (overlaps(c, chip, offset, size)) {
        return ESP_ERR_INVALID_ARG;
    }
    return c->count < OTARY_COMPAT_PARTITIONS ? ESP_OK : ESP_ERR_NO_MEM;
}

static void copy_label(esp_partition_t *p, const char *label)
{
    for (size_t i = 0; label != NULL && i < OTA_LABEL_MAX && label[i] != '\0'; i++) {
        p->label[i] = label[i];
    }
}

esp_err_t esp_partition_register_external(esp_flash_t *flash_chip, size_t offset, size_t size,
                                          const char *label, esp_partition_type_t type,
                                          esp_partition_subtype_t subtype,
                                          const esp_partition_t **out_partition)
{
    otary_compat_t *c = compat_ready();
    const esp_partition_t *ignored = NULL;
    const esp_partition_t **out = out_partition != NULL ? out_partition : &ignored;
    *out = NULL;
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    esp_flash_t *chip = flash_chip != NULL ? flash_chip : &c->chip;
    esp_err_t err = room_for(c, chip, offset, size);
    if (err != ESP_OK) {
        return err;
    }
    esp_partition_t *p = &c->list[c->count++];
    memset(p, 0, sizeof(*p));
    p->flash_chip = chip;
    p->type = type;
    p->subtype = subtype;
    p->address = (uint32_t)offset;
    p->size = (uint32_t)size;
    p->erase_size = OTA_FLASH_SECTOR;
    copy_label(p, label);
    p->encrypted = encrypted(c, p);
    *out = p;
    return ESP_OK;
}

esp_err_t esp_partition_deregister_external(const esp_partition_t *partition)
{
    otary_compat_t *c = compat_ready();
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    for (size_t i = 0; i < c->count; i++) {
        if (&c->list[i] != partition) {
            continue;
        }
        if (i < c->table_count) {
            return ESP_ERR_INVALID_ARG;
        }
        /* Pointers to the others stay: the hole matches nothing until the list's end shrinks. */
        memset(&c->list[i], 0, sizeof(c->list[i]));
        c->list[i].type = (esp_partition_type_t)0xFE;
        while (c->count > c->table_count && c->list[c->count - 1].flash_chip == NULL) {
            c->count--;
        }
        return ESP_OK;
    }
    return partition == NULL ? ESP_ERR_INVALID_ARG : ESP_ERR_NOT_FOUND;
}

void esp_partition_unload_all(void)
{
    otary_compat_t *c = otary_compat_installed();
    if (c != NULL) {
        for (size_t i = 0; i < OTARY_COMPAT_SESSIONS; i++) {
            ota_update_abort(&c->session[i].update);
            c->session[i].handle = 0;
        }
        c->loaded = false;
        c->count = 0;
        c->table_count = 0;
        memset(c->iterator, 0, sizeof(c->iterator));
    }
}

uint32_t esp_partition_get_main_flash_sector_size(void)
{
    return OTA_FLASH_SECTOR;
}
