/* SPDX-License-Identifier: Apache-2.0 */
/* bootloader_common.h: otadata copies, descriptors, labels. */
#include "bootloader_common.h"
#include "context.h"

#include <string.h>

_Static_assert(sizeof(esp_ota_select_entry_t) == OTA_ENTRY_SIZE, "as it lies in flash");

static void to_core(ota_entry_t *entry, const esp_ota_select_entry_t *s)
{
    uint8_t bytes[OTA_ENTRY_SIZE];
    memcpy(bytes, s, sizeof(bytes));
    ota_entry_decode(entry, bytes);
}

uint32_t bootloader_common_ota_select_crc(const esp_ota_select_entry_t *s)
{
    return ota_entry_crc(s->ota_seq);
}

bool bootloader_common_ota_select_invalid(const esp_ota_select_entry_t *s)
{
    ota_entry_t entry;
    to_core(&entry, s);
    return ota_entry_rejected(&entry);
}

bool bootloader_common_ota_select_valid(const esp_ota_select_entry_t *s)
{
    ota_entry_t entry;
    to_core(&entry, s);
    return ota_entry_valid(&entry);
}

int bootloader_common_get_active_otadata(esp_ota_select_entry_t *two_otadata)
{
    if (two_otadata == NULL) {
        return -1;
    }
    ota_otadata_t od;
    to_core(&od.copy[0], &two_otadata[0]);
    to_core(&od.copy[1], &two_otadata[1]);
    return ota_otadata_active(&od);
}

int bootloader_common_select_otadata(const esp_ota_select_entry_t *two_otadata,
                                     const bool *valid_two_otadata, bool max)
{
    if (two_otadata == NULL || valid_two_otadata == NULL) {
        return -1;
    }
    if (!valid_two_otadata[0] || !valid_two_otadata[1]) {
        return valid_two_otadata[0] ? 0 : valid_two_otadata[1] ? 1 : -1;
    }
    uint32_t first = two_otadata[0].ota_seq;
    uint32_t second = two_otadata[1].ota_seq;
    return first == second || (first > second) == max ? 0 : 1;
}

esp_err_t bootloader_common_read_otadata(const esp_partition_pos_t *ota_info,
                                         esp_ota_select_entry_t *two_otadata)
{
    const otary_compat_t *c = compat_ready();
    if (ota_info == NULL || two_otadata == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (ota_info->offset == 0) {
        return ESP_ERR_NOT_FOUND;
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (c == NULL || ota_info->size < OTA_OTADATA_SIZE ||
            ota_flash_read(&c->guard, ota_info->offset + i * OTA_OTADATA_SECTOR, &two_otadata[i],
                           sizeof(two_otadata[i])) != OTA_OK) {
            return ESP_FAIL;
        }
    }
    return ESP_OK;
}

esp_err_t bootloader_common_get_partition_description(const esp_partition_pos_t *partition,
                                                      esp_app_desc_t *app_desc)
{
    const otary_compat_t *c = compat_ready();
    if (partition == NULL || app_desc == NULL || partition->offset == 0) {
        return ESP_ERR_INVALID_ARG;
    }
    if (c == NULL || partition->size < OTA_APP_DESC_OFFSET + sizeof(*app_desc) ||
        ota_flash_read(&c->guard, partition->offset + OTA_APP_DESC_OFFSET, app_desc,
                       sizeof(*app_desc)) != OTA_OK) {
        return ESP_FAIL;
    }
    return app_desc->magic_word == ESP_APP_DESC_MAGIC_WORD ? ESP_OK : ESP_ERR_NOT_FOUND;
}

bool bootloader_common_check_chip_revision_validity(const esp_image_header_t *img_hdr,
                                                    bool check_max_revision)
{
    const otary_compat_t *c = compat_ready();
    if (img_hdr == NULL || c == NULL || img_hdr->min_chip_rev_full > c->config.chip_rev) {
        return false;
    }
    uint16_t max = img_hdr->max_chip_rev_full;
    return !check_max_revision || max == 0 || max == UINT16_MAX || max >= c->config.chip_rev;
}

esp_err_t bootloader_common_check_chip_validity(const esp_image_header_t *img_hdr,
                                                esp_image_type type)
{
    const otary_compat_t *c = compat_ready();
    return img_hdr != NULL && c != NULL && (uint16_t)img_hdr->chip_id == c->config.chip->id &&
                   bootloader_common_check_chip_revision_validity(img_hdr,
                                                                  type == ESP_IMAGE_APPLICATION)
               ? ESP_OK
               : ESP_FAIL;
}

/* Words of a list end at a comma, a blank or the end. */
bool bootloader_common_label_search(const char *list, char *label)
{
    if (list == NULL || label == NULL) {
        return false;
    }
    size_t want = strlen(label);
    want = want < OTA_LABEL_MAX ? want : OTA_LABEL_MAX;
    while (want > 0 && *list != '\0') {
        size_t len = strcspn(list, ", ");
        if (len == want && memcmp(list, label, want) == 0) {
            return true;
        }
        list += len;
        list += strspn(list, ", ");
    }
    return false;
}

bool bootloader_common_erase_part_type_data(const char *list_erase, bool ota_data_erase)
{
    const otary_compat_t *c = compat_ready();
    bool fine = c != NULL;
    for (size_t i = 0; c != NULL && i < c->table_count; i++) {
        const esp_partition_t *p = &c->list[i];
        char label[sizeof(p->label)];
        memcpy(label, p->label, sizeof(label));
        bool otadata = p->subtype == ESP_PARTITION_SUBTYPE_DATA_OTA;
        if (p->type == ESP_PARTITION_TYPE_DATA &&
            (otadata ? ota_data_erase : bootloader_common_label_search(list_erase, label))) {
            fine = esp_partition_erase_range(p, 0, p->size) == ESP_OK && fine;
        }
    }
    return fine;
}
