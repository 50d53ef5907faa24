/* SPDX-License-Identifier: Apache-2.0 */
/* Codes: their names, what core's statuses become, and what a failed check does. */
#include "context.h"
#include "esp_system.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    esp_err_t code;
    const char *name;
} names[] = {
    {ESP_OK, "ESP_OK"},
    {ESP_FAIL, "ESP_FAIL"},
    {ESP_ERR_NO_MEM, "ESP_ERR_NO_MEM"},
    {ESP_ERR_INVALID_ARG, "ESP_ERR_INVALID_ARG"},
    {ESP_ERR_INVALID_STATE, "ESP_ERR_INVALID_STATE"},
    {ESP_ERR_INVALID_SIZE, "ESP_ERR_INVALID_SIZE"},
    {ESP_ERR_NOT_FOUND, "ESP_ERR_NOT_FOUND"},
    {ESP_ERR_NOT_SUPPORTED, "ESP_ERR_NOT_SUPPORTED"},
    {ESP_ERR_TIMEOUT, "ESP_ERR_TIMEOUT"},
    {ESP_ERR_INVALID_RESPONSE, "ESP_ERR_INVALID_RESPONSE"},
    {ESP_ERR_INVALID_CRC, "ESP_ERR_INVALID_CRC"},
    {ESP_ERR_INVALID_VERSION, "ESP_ERR_INVALID_VERSION"},
    {ESP_ERR_INVALID_MAC, "ESP_ERR_INVALID_MAC"},
    {ESP_ERR_NOT_FINISHED, "ESP_ERR_NOT_FINISHED"},
    {ESP_ERR_NOT_ALLOWED, "ESP_ERR_NOT_ALLOWED"},
    {ESP_ERR_OTA_BASE, "ESP_ERR_OTA_BASE"},
    {ESP_ERR_OTA_PARTITION_CONFLICT, "ESP_ERR_OTA_PARTITION_CONFLICT"},
    {ESP_ERR_OTA_SELECT_INFO_INVALID, "ESP_ERR_OTA_SELECT_INFO_INVALID"},
    {ESP_ERR_OTA_VALIDATE_FAILED, "ESP_ERR_OTA_VALIDATE_FAILED"},
    {ESP_ERR_OTA_SMALL_SEC_VER, "ESP_ERR_OTA_SMALL_SEC_VER"},
    {ESP_ERR_OTA_ROLLBACK_FAILED, "ESP_ERR_OTA_ROLLBACK_FAILED"},
    {ESP_ERR_OTA_ROLLBACK_INVALID_STATE, "ESP_ERR_OTA_ROLLBACK_INVALID_STATE"},
    {ESP_ERR_OTA_ALREADY_IN_PROGRESS, "ESP_ERR_OTA_ALREADY_IN_PROGRESS"},
    {ESP_ERR_OTA_SPI_MODE_MISMATCH, "ESP_ERR_OTA_SPI_MODE_MISMATCH"},
    {ESP_ERR_EFUSE, "ESP_ERR_EFUSE"},
    {ESP_ERR_IMAGE_BASE, "ESP_ERR_IMAGE_BASE"},
    {ESP_ERR_IMAGE_FLASH_FAIL, "ESP_ERR_IMAGE_FLASH_FAIL"},
    {ESP_ERR_IMAGE_INVALID, "ESP_ERR_IMAGE_INVALID"},
    {ESP_ERR_FLASH_BASE, "ESP_ERR_FLASH_BASE"},
    {ESP_ERR_FLASH_OP_FAIL, "ESP_ERR_FLASH_OP_FAIL"},
    {ESP_ERR_FLASH_OP_TIMEOUT, "ESP_ERR_FLASH_OP_TIMEOUT"},
    {ESP_ERR_FLASH_NOT_INITIALISED, "ESP_ERR_FLASH_NOT_INITIALISED"},
    {ESP_ERR_FLASH_UNSUPPORTED_HOST, "ESP_ERR_FLASH_UNSUPPORTED_HOST"},
    {ESP_ERR_FLASH_UNSUPPORTED_CHIP, "ESP_ERR_FLASH_UNSUPPORTED_CHIP"},
    {ESP_ERR_FLASH_PROTECTED, "ESP_ERR_FLASH_PROTECTED"},
    {ESP_ERR_HTTP_BASE, "ESP_ERR_HTTP_BASE"},
    {ESP_ERR_HTTPS_OTA_BASE, "ESP_ERR_HTTPS_OTA_BASE"},
    {ESP_ERR_HTTPS_OTA_IN_PROGRESS, "ESP_ERR_HTTPS_OTA_IN_PROGRESS"},
};

const char *esp_err_to_name(esp_err_t code)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].code == code) {
            return names[i].name;
        }
    }
    return "UNKNOWN ERROR";
}

const char *esp_err_to_name_r(esp_err_t code, char *buf, size_t buflen)
{
    const char *name = esp_err_to_name(code);
    size_t len = strlen(name);
    if (buflen > 0) {
        len = len < buflen ? len : buflen - 1;
        memcpy(buf, name, len);
        buf[len] = '\0';
    }
    return buf;
}

esp_err_t esp_error_check_report(esp_err_t code, const char *file, int line, const char *expression)
{
    const otary_compat_t *c = otary_compat_installed();
    if (code != ESP_OK && c != NULL && c->config.fatal != NULL) {
        c->config.fatal(c->config.user, code, file, line, expression);
    }
    return code;
}

void esp_error_check_failed(esp_err_t code, const char *file, int line, const char *expression)
{
    (void)esp_error_check_report(code, file, line, expression);
    abort();
}

void esp_restart(void)
{
    const otary_compat_t *c = otary_compat_installed();
    if (c != NULL && c->config.restart != NULL) {
        c->config.restart(c->config.user);
    }
}

/* Ranges of ota/status.h in which every status means the same to these calls. */
static esp_err_t code_of_range(ota_status_t status)
{
    if (status <= OTA_ERR_IMAGE_MAGIC && status >= OTA_ERR_IMAGE_SPI_MODE) {
        return ESP_ERR_OTA_VALIDATE_FAILED;
    }
    if (status == OTA_ERR_TABLE_RANGE) {
        return ESP_ERR_INVALID_SIZE;
    }
    if (status <= OTA_ERR_TABLE_EMPTY && status >= OTA_ERR_TABLE_MD5_MISSING) {
        return ESP_ERR_INVALID_STATE;
    }
    if (status <= OTA_ERR_FLASH_READ && status >= OTA_ERR_FLASH_NOT_BLANK) {
        return ESP_ERR_FLASH_OP_FAIL;
    }
    return ESP_FAIL;
}

esp_err_t otary_compat_code(ota_status_t status)
{
    static const struct {
        ota_status_t status;
        esp_err_t code;
    } map[] = {
        {OTA_OK, ESP_OK},
        {OTA_ERR_ARG, ESP_ERR_INVALID_ARG},
        {OTA_ERR_STATE, ESP_ERR_INVALID_STATE},
        {OTA_ERR_RANGE, ESP_ERR_INVALID_SIZE},
        {OTA_ERR_ALIGN, ESP_ERR_INVALID_ARG},
        {OTA_ERR_UNSUPPORTED, ESP_ERR_NOT_SUPPORTED},
        {OTA_ERR_NO_ROOM, ESP_ERR_NO_MEM},
        {OTA_ERR_READ_ONLY, ESP_ERR_NOT_ALLOWED},
        {OTA_ERR_SECURE_VERSION, ESP_ERR_OTA_SMALL_SEC_VER},
        {OTA_ERR_IMAGE_SPI_MODE, ESP_ERR_OTA_SPI_MODE_MISMATCH},
        {OTA_ERR_NO_OTADATA, ESP_ERR_NOT_FOUND},
        {OTA_ERR_OTADATA_SIZE, ESP_ERR_NOT_FOUND},
        {OTA_ERR_NO_SLOTS, ESP_ERR_NOT_FOUND},
        {OTA_ERR_SLOT_UNREACHABLE, ESP_ERR_INVALID_ARG},
        {OTA_ERR_NOT_A_SLOT, ESP_ERR_INVALID_ARG},
        {OTA_ERR_NOT_IN_TABLE, ESP_ERR_NOT_FOUND},
        {OTA_ERR_NO_RECORD, ESP_ERR_NOT_FOUND},
        {OTA_ERR_RUNNING, ESP_ERR_OTA_PARTITION_CONFLICT},
        {OTA_ERR_ONLY_SLOT, ESP_ERR_OTA_PARTITION_CONFLICT},
        {OTA_ERR_BUSY, ESP_ERR_OTA_ALREADY_IN_PROGRESS},
        {OTA_ERR_UNCONFIRMED, ESP_ERR_OTA_ROLLBACK_INVALID_STATE},
        {OTA_ERR_NO_FALLBACK, ESP_ERR_OTA_ROLLBACK_FAILED},
        {OTA_ERR_EMPTY, ESP_ERR_INVALID_ARG},
        {OTA_ERR_LENGTH, ESP_ERR_INVALID_SIZE},
        {OTA_ERR_RESUME, ESP_ERR_OTA_VALIDATE_FAILED},
    };
    for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++) {
        if (map[i].status == status) {
            return map[i].code;
        }
    }
    return code_of_range(status);
}
