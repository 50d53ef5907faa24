/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doctor on any bytes: as a file, as a log, and together with what is said about both.
 *
 * The bytes 'A' 5A C3 end a file and begin the next one of the same visit. An input that begins
 * with A5 is a sparse flash of 192 KiB besides, so that seeds stay small:
 * records of  sector u8 | length u16 little-endian | that many bytes, placed at sector * 4 KiB.
 */
#include "core/bytes.h"
#include "host/doctor.h"
#include "ota/flash.h"

#include <stdlib.h>

#define SPARSE      0xA5u
#define FLASH_SIZE  0x30000u
#define RECORD_HEAD 3u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expand(uint8_t *flash, const uint8_t *data, size_t size)
{
    memset(flash, 0xFF, FLASH_SIZE);
    while (size > RECORD_HEAD) {
        size_t at = (size_t)data[0] * OTA_FLASH_SECTOR;
        size_t len = min_size(ota_get_le16(data + 1), size - RECORD_HEAD);
        if (at < FLASH_SIZE) {
            memcpy(flash + at, data + RECORD_HEAD, min_size(len, FLASH_SIZE - at));
        }
        data += RECORD_HEAD + len;
        size -= RECORD_HEAD + len;
    }
}

static void look_at_flash(doctor_t *doctor, const uint8_t *data, size_t size)
{
    uint8_t *flash = malloc(FLASH_SIZE);
    if (flash != NULL) {
        expand(flash, data, size);
        doctor_file(doctor, "flash", flash, FLASH_SIZE);
    }
    free(flash);
}

/* Shows what lies between the marks as files of their own. */
static void look_at_files(doctor_t *doctor, const uint8_t *data, size_t size)
{
    static const uint8_t mark[] = {'A', 0x5A, 0xC3};
    size_t start = 0;
    for (size_t at = 0; at + sizeof(mark) <= size; at++) {
        if (memcmp(data + at, mark, sizeof(mark)) == 0) {
            doctor_file(doctor, "file", data + start, at - start);
            start = at + sizeof(mark);
        }
    }
    doctor_file(doctor, "file", data + start, size - start);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static doctor_t doctor;
    doctor_begin(&doctor);
    look_at_files(&doctor, data, size);
    doctor_log(&doctor, "input", (const char *)data, size);
    if (size > 0 && data[0] == SPARSE) {
        look_at_flash(&doctor, data + 1, size - 1);
    }
    doctor_finish(&doctor);
    cJSON *json = doctor_json(&doctor);
    char *text = cJSON_PrintUnformatted(json);
    cJSON *again = text != NULL ? cJSON_Parse(text) : NULL;
    if (again == NULL || (size_t)cJSON_GetArraySize(again) != doctor.count) {
        abort(); /* what is reported must survive being printed and read */
    }
    cJSON_Delete(again);
    cJSON_free(text);
    cJSON_Delete(json);
    return 0;
}
