/* SPDX-License-Identifier: Apache-2.0 */
/* Revoking Secure Boot v2 keys: never the last one that something still verifies with. */
#include "context.h"

#define KEYS 3u

static bool revoked(const otary_compat_t *c, unsigned index)
{
    return c->config.key_revoked != NULL && c->config.key_revoked(c->config.user, index);
}

/* Does the image verify with at least one key that is neither `without` nor revoked? */
static bool verifies_without(otary_compat_t *c, const esp_partition_pos_t *where, unsigned without)
{
    for (unsigned i = 0; i < KEYS && i < c->config.trust->key_count; i++) {
        ota_trust_t one = *c->config.trust;
        one.keys = &c->config.trust->keys[i];
        one.key_count = 1;
        if (i != without && !revoked(c, i) && compat_image_verify(c, where, &one, NULL) == ESP_OK) {
            return true;
        }
    }
    return false;
}

static bool confirmed(const otary_compat_t *c)
{
    esp_ota_img_states_t state;
    return !c->config.boot.rollback || (esp_ota_get_state_partition(c->running, &state) == ESP_OK &&
                                        state == ESP_OTA_IMG_VALID);
}

/* Do the running app and the bootloader both verify without this key? */
static bool dispensable(otary_compat_t *c, unsigned key)
{
    uint32_t boot = c->config.chip->bootloader_offset;
    uint32_t table = c->config.table_offset != 0 ? c->config.table_offset : OTA_TABLE_OFFSET;
    const esp_partition_pos_t app = {c->running->address, c->running->size};
    const esp_partition_pos_t bootloader = {boot, table - boot};
    return verifies_without(c, &app, key) && verifies_without(c, &bootloader, key);
}

esp_err_t esp_ota_revoke_secure_boot_public_key(esp_ota_secure_boot_public_key_index_t index)
{
    otary_compat_t *c = compat_ready();
    if (c == NULL || c->config.trust == NULL || c->config.trust->scheme < OTA_SCHEME_V2_RSA3072) {
        return ESP_FAIL;
    }
    unsigned key = (unsigned)index;
    if (key >= KEYS || key >= c->config.trust->key_count) {
        return ESP_ERR_INVALID_ARG;
    }
    if (!confirmed(c)) {
        return ESP_FAIL;
    }
    if (revoked(c, key)) {
        return ESP_OK;
    }
    if (!dispensable(c, key)) {
        return ESP_FAIL;
    }
    return c->config.revoke_key != NULL ? c->config.revoke_key(c->config.user, key)
                                        : ESP_ERR_NOT_SUPPORTED;
}
