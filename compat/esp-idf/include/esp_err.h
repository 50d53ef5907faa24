/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_err.h: ESP-IDF's result type and the codes that the OTA calls return.
 *
 * The numbers are Espressif's, so that logs, tables and applications agree.
 */
#ifndef OTARY_ESP_ERR_H
#define OTARY_ESP_ERR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int esp_err_t;

#define ESP_OK   0
#define ESP_FAIL (-1)

#define ESP_ERR_NO_MEM           0x101 /* a fixed pool of the compat layer is used up */
#define ESP_ERR_INVALID_ARG      0x102
#define ESP_ERR_INVALID_STATE    0x103
#define ESP_ERR_INVALID_SIZE     0x104
#define ESP_ERR_NOT_FOUND        0x105
#define ESP_ERR_NOT_SUPPORTED    0x106
#define ESP_ERR_TIMEOUT          0x107
#define ESP_ERR_INVALID_RESPONSE 0x108
#define ESP_ERR_INVALID_CRC      0x109
#define ESP_ERR_INVALID_VERSION  0x10A
#define ESP_ERR_INVALID_MAC      0x10B
#define ESP_ERR_NOT_FINISHED     0x10C
#define ESP_ERR_NOT_ALLOWED      0x10D

#define ESP_ERR_OTA_BASE                   0x1500
#define ESP_ERR_OTA_PARTITION_CONFLICT     0x1501
#define ESP_ERR_OTA_SELECT_INFO_INVALID    0x1502
#define ESP_ERR_OTA_VALIDATE_FAILED        0x1503
#define ESP_ERR_OTA_SMALL_SEC_VER          0x1504
#define ESP_ERR_OTA_ROLLBACK_FAILED        0x1505
#define ESP_ERR_OTA_ROLLBACK_INVALID_STATE 0x1506
#define ESP_ERR_OTA_ALREADY_IN_PROGRESS    0x1507
#define ESP_ERR_OTA_SPI_MODE_MISMATCH      0x1508

#define ESP_ERR_EFUSE 0x1600

#define ESP_ERR_IMAGE_BASE       0x2000
#define ESP_ERR_IMAGE_FLASH_FAIL 0x2001
#define ESP_ERR_IMAGE_INVALID    0x2002

#define ESP_ERR_FLASH_BASE             0x6000
#define ESP_ERR_FLASH_OP_FAIL          0x6001
#define ESP_ERR_FLASH_OP_TIMEOUT       0x6002
#define ESP_ERR_FLASH_NOT_INITIALISED  0x6003
#define ESP_ERR_FLASH_UNSUPPORTED_HOST 0x6004
#define ESP_ERR_FLASH_UNSUPPORTED_CHIP 0x6005
#define ESP_ERR_FLASH_PROTECTED        0x6006
#define ESP_ERR_FLASH_SIZE_NOT_MATCH   ESP_ERR_INVALID_SIZE
#define ESP_ERR_FLASH_NO_RESPONSE      ESP_ERR_INVALID_RESPONSE

#define ESP_ERR_HTTP_BASE             0x7000
#define ESP_ERR_HTTPS_OTA_BASE        0x9000
#define ESP_ERR_HTTPS_OTA_IN_PROGRESS 0x9001

/* The name of a code, such as "ESP_ERR_OTA_PARTITION_CONFLICT"; "UNKNOWN ERROR" for a number
 * that this header does not list. Constant text, never NULL. */
const char *esp_err_to_name(esp_err_t code);

/* The same into the caller's buffer of `buflen` bytes, cut to fit and always terminated
 * (unless buflen is 0). Returns buf. */
const char *esp_err_to_name_r(esp_err_t code, char *buf, size_t buflen);

/* What ESP_ERROR_CHECK calls: hands the place to the installed `fatal` callback
 * (otary_compat.h), then ends the program with abort(). Does not return. */
#if defined(__GNUC__)
__attribute__((noreturn))
#endif
void esp_error_check_failed(esp_err_t code, const char *file, int line,
                            const char *expression);

/* The same without ending: reports to `fatal`, returns the code. */
esp_err_t esp_error_check_report(esp_err_t code, const char *file, int line,
                                 const char *expression);

/* Evaluate x once; anything but ESP_OK ends the program. */
#define ESP_ERROR_CHECK(x)                                                                         \
    do {                                                                                           \
        esp_err_t esp_error_check_rc = (x);                                                        \
        if (esp_error_check_rc != ESP_OK) {                                                        \
            esp_error_check_failed(esp_error_check_rc, __FILE__, __LINE__, #x);                    \
        }                                                                                          \
    } while (0)

/* Evaluate x once and yield its code; anything but ESP_OK is reported. */
#define ESP_ERROR_CHECK_WITHOUT_ABORT(x) esp_error_check_report((x), __FILE__, __LINE__, #x)

#ifdef __cplusplus
}
#endif

#endif
