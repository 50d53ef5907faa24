/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_partition.h: find, read, write, erase, map, copy and hash partitions.
 *
 * The list is read from the flash's table by otary_compat_install, in table order, followed by
 * partitions registered later. Pointers into it stay valid until the next install (or
 * esp_partition_unload_all); never free them. Offsets and sizes are bytes; offsets count from the
 * start of the partition.
 *
 * Results that every function below can give besides its own: ESP_ERR_INVALID_STATE if nothing is
 * installed. Where ESP-IDF asserts on a NULL partition, this returns ESP_ERR_INVALID_ARG.
 */
#ifndef OTARY_ESP_PARTITION_H
#define OTARY_ESP_PARTITION_H

#include "esp_flash.h"
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    ESP_PARTITION_TYPE_APP = 0x00,
    ESP_PARTITION_TYPE_DATA = 0x01,
    ESP_PARTITION_TYPE_BOOTLOADER = 0x02,
    ESP_PARTITION_TYPE_PARTITION_TABLE = 0x03,
    ESP_PARTITION_TYPE_ANY = 0xff
} esp_partition_type_t;

typedef enum {
    ESP_PARTITION_SUBTYPE_BOOTLOADER_PRIMARY = 0x00,
    ESP_PARTITION_SUBTYPE_BOOTLOADER_OTA = 0x01,
    ESP_PARTITION_SUBTYPE_BOOTLOADER_RECOVERY = 0x02,

    ESP_PARTITION_SUBTYPE_PARTITION_TABLE_PRIMARY = 0x00,
    ESP_PARTITION_SUBTYPE_PARTITION_TABLE_OTA = 0x01,

    ESP_PARTITION_SUBTYPE_APP_FACTORY = 0x00,
    ESP_PARTITION_SUBTYPE_APP_OTA_MIN = 0x10,
    ESP_PARTITION_SUBTYPE_APP_OTA_0 = 0x10,
    ESP_PARTITION_SUBTYPE_APP_OTA_1 = 0x11,
    ESP_PARTITION_SUBTYPE_APP_OTA_2 = 0x12,
    ESP_PARTITION_SUBTYPE_APP_OTA_3 = 0x13,
    ESP_PARTITION_SUBTYPE_APP_OTA_4 = 0x14,
    ESP_PARTITION_SUBTYPE_APP_OTA_5 = 0x15,
    ESP_PARTITION_SUBTYPE_APP_OTA_6 = 0x16,
    ESP_PARTITION_SUBTYPE_APP_OTA_7 = 0x17,
    ESP_PARTITION_SUBTYPE_APP_OTA_8 = 0x18,
    ESP_PARTITION_SUBTYPE_APP_OTA_9 = 0x19,
    ESP_PARTITION_SUBTYPE_APP_OTA_10 = 0x1a,
    ESP_PARTITION_SUBTYPE_APP_OTA_11 = 0x1b,
    ESP_PARTITION_SUBTYPE_APP_OTA_12 = 0x1c,
    ESP_PARTITION_SUBTYPE_APP_OTA_13 = 0x1d,
    ESP_PARTITION_SUBTYPE_APP_OTA_14 = 0x1e,
    ESP_PARTITION_SUBTYPE_APP_OTA_15 = 0x1f,
    ESP_PARTITION_SUBTYPE_APP_OTA_MAX = 0x20, /* exclusive */
    ESP_PARTITION_SUBTYPE_APP_TEST = 0x20,
    ESP_PARTITION_SUBTYPE_APP_TEE_MIN = 0x30,
    ESP_PARTITION_SUBTYPE_APP_TEE_0 = 0x30,
    ESP_PARTITION_SUBTYPE_APP_TEE_1 = 0x31,
    ESP_PARTITION_SUBTYPE_APP_TEE_MAX = 0x32, /* exclusive */

    ESP_PARTITION_SUBTYPE_DATA_OTA = 0x00,
    ESP_PARTITION_SUBTYPE_DATA_PHY = 0x01,
    ESP_PARTITION_SUBTYPE_DATA_NVS = 0x02,
    ESP_PARTITION_SUBTYPE_DATA_COREDUMP = 0x03,
    ESP_PARTITION_SUBTYPE_DATA_NVS_KEYS = 0x04,
    ESP_PARTITION_SUBTYPE_DATA_EFUSE_EM = 0x05,
    ESP_PARTITION_SUBTYPE_DATA_UNDEFINED = 0x06,
    ESP_PARTITION_SUBTYPE_DATA_ESPHTTPD = 0x80,
    ESP_PARTITION_SUBTYPE_DATA_FAT = 0x81,
    ESP_PARTITION_SUBTYPE_DATA_SPIFFS = 0x82,
    ESP_PARTITION_SUBTYPE_DATA_LITTLEFS = 0x83,
    ESP_PARTITION_SUBTYPE_DATA_TEE_OTA = 0x90,

    ESP_PARTITION_SUBTYPE_ANY = 0xff
} esp_partition_subtype_t;

/* Subtype of OTA slot i, 0..15. */
#define ESP_PARTITION_SUBTYPE_OTA(i)                                                               \
    ((esp_partition_subtype_t)(ESP_PARTITION_SUBTYPE_APP_OTA_MIN + ((i)&0xf)))

typedef struct esp_partition_iterator_opaque_ *esp_partition_iterator_t;
typedef uint32_t esp_partition_mmap_handle_t;

typedef enum {
    ESP_PARTITION_MMAP_DATA,
    ESP_PARTITION_MMAP_INST,
    ESP_PARTITION_MMAP_BLOCKS_WRITE
} esp_partition_mmap_memory_t;

typedef struct {
    esp_flash_t *flash_chip;
    esp_partition_type_t type;
    esp_partition_subtype_t subtype;
    uint32_t address;    /* in the chip */
    uint32_t size;       /* bytes */
    uint32_t erase_size; /* bytes: 4096 */
    char label[17];      /* up to 16 bytes and a NUL */
    bool encrypted;      /* flash encryption is on and covers this partition */
    bool readonly;
} esp_partition_t;

/*
 * Start looking for partitions. type and subtype: a value or ..._ANY; label: NULL for any, else it
 * must stay valid as long as the iterator. The iterator stands on the first match:
 * esp_partition_get it, esp_partition_next it, esp_partition_iterator_release it. NULL: none, or a
 * subtype was asked for without a type, or the pool of iterators (OTARY_COMPAT_ITERATORS) is used
 * up.
 */
esp_partition_iterator_t esp_partition_find(esp_partition_type_t type,
                                            esp_partition_subtype_t subtype, const char *label);

/* The same with a reason. ESP_OK; ESP_ERR_INVALID_ARG: iterator NULL, or subtype without type;
 * ESP_ERR_NO_MEM: pool used up; ESP_ERR_NOT_FOUND: none. *iterator is NULL then. */
esp_err_t esp_partition_find_err(esp_partition_type_t type, esp_partition_subtype_t subtype,
                                 const char *label, esp_partition_iterator_t *iterator);

/* The first match, without an iterator. NULL: none, or subtype without type. */
const esp_partition_t *esp_partition_find_first(esp_partition_type_t type,
                                                esp_partition_subtype_t subtype, const char *label);

/* The same with a reason. ESP_OK, ESP_ERR_INVALID_ARG, ESP_ERR_NOT_FOUND (*partition is NULL). */
esp_err_t esp_partition_find_first_err(esp_partition_type_t type, esp_partition_subtype_t subtype,
                                       const char *label, const esp_partition_t **partition);

/* The partition that the iterator stands on; NULL for NULL. */
const esp_partition_t *esp_partition_get(esp_partition_iterator_t iterator);

/* The iterator on the next match; NULL (and the iterator is released) after the last. */
esp_partition_iterator_t esp_partition_next(esp_partition_iterator_t iterator);

/* Give an iterator back before its end. NULL is fine. */
void esp_partition_iterator_release(esp_partition_iterator_t iterator);

/* The list's own entry that equals this copy (chip, address, size, encrypted; type, subtype and
 * label if the copy has a label), or NULL. */
const esp_partition_t *esp_partition_verify(const esp_partition_t *partition);

/* The same with a reason. ESP_OK, ESP_ERR_INVALID_ARG (NULL), ESP_ERR_NOT_FOUND. */
esp_err_t esp_partition_verify_err(const esp_partition_t *partition,
                                   const esp_partition_t **out_partition);

/*
 * Read `size` bytes at src_offset, decrypted where the partition is encrypted.
 * ESP_ERR_INVALID_ARG: NULL, or src_offset beyond the partition. ESP_ERR_INVALID_SIZE: the range
 * leaves the partition. ESP_ERR_FLASH_OP_FAIL: the flash could not be read.
 */
esp_err_t esp_partition_read(const esp_partition_t *partition, size_t src_offset, void *dst,
                             size_t size);

/*
 * Program `size` bytes. NOR flash only clears bits: erase first. Encrypted partitions: address and
 * size must be multiples of 16.
 * ESP_ERR_NOT_ALLOWED: read-only. ESP_ERR_INVALID_ARG: NULL, dst_offset beyond the partition,
 * misaligned (encrypted), or a protected region (bootloader, table, the running app).
 * ESP_ERR_INVALID_SIZE: the range leaves the partition, or the length is misaligned (encrypted).
 * ESP_ERR_FLASH_OP_FAIL: the flash refused or failed.
 */
esp_err_t esp_partition_write(const esp_partition_t *partition, size_t dst_offset, const void *src,
                              size_t size);

/* Without decryption / encryption. The flash port encrypts by itself, so that raw access to an
 * encrypted partition gives ESP_ERR_NOT_SUPPORTED; else as read and write. */
esp_err_t esp_partition_read_raw(const esp_partition_t *partition, size_t src_offset, void *dst,
                                 size_t size);
esp_err_t esp_partition_write_raw(const esp_partition_t *partition, size_t dst_offset,
                                  const void *src, size_t size);

/*
 * Set a range to FF. size 0 is fine.
 * ESP_ERR_NOT_ALLOWED: read-only. ESP_ERR_INVALID_ARG: NULL, offset beyond the partition or not a
 * multiple of erase_size, or a protected region. ESP_ERR_INVALID_SIZE: the range leaves the
 * partition, or size is not a multiple of erase_size. ESP_ERR_FLASH_OP_FAIL: the flash failed.
 */
esp_err_t esp_partition_erase_range(const esp_partition_t *partition, size_t offset, size_t size);

/*
 * A pointer to the partition's bytes as they are and as they change, through the installed `map`
 * callback. *out_handle belongs to the caller until esp_partition_munmap.
 * ESP_ERR_INVALID_ARG: NULL, or offset beyond the partition. ESP_ERR_INVALID_SIZE: the range leaves
 * it. ESP_ERR_NOT_SUPPORTED: the flash cannot be mapped, or it is another chip.
 * ESP_ERR_NO_MEM: OTARY_COMPAT_MAPS are in use.
 */
esp_err_t esp_partition_mmap(const esp_partition_t *partition, size_t offset, size_t size,
                             esp_partition_mmap_memory_t memory, const void **out_ptr,
                             esp_partition_mmap_handle_t *out_handle);

/* End a mapping; its pointer dies. Unknown handles are ignored. */
void esp_partition_munmap(esp_partition_mmap_handle_t handle);

/* As bootloader_common_get_sha256_of_partition, for this partition. */
esp_err_t esp_partition_get_sha256(const esp_partition_t *partition, uint8_t *sha_256);

/* Do both hold the same (by esp_partition_get_sha256)? false also if either has no hash. */
bool esp_partition_check_identity(const esp_partition_t *partition_1,
                                  const esp_partition_t *partition_2);

/*
 * Add a partition that is not in the table. flash_chip NULL: the default chip. *out_partition (may
 * be NULL) is the library's.
 * ESP_ERR_INVALID_ARG: it overlaps one on the same chip. ESP_ERR_INVALID_SIZE: it leaves the chip.
 * ESP_ERR_NO_MEM: the list is full.
 */
esp_err_t esp_partition_register_external(esp_flash_t *flash_chip, size_t offset, size_t size,
                                          const char *label, esp_partition_type_t type,
                                          esp_partition_subtype_t subtype,
                                          const esp_partition_t **out_partition);

/* Remove such a partition; pointers to it die. ESP_ERR_INVALID_ARG: it is the table's (or NULL).
 * ESP_ERR_NOT_FOUND: unknown. */
esp_err_t esp_partition_deregister_external(const esp_partition_t *partition);

/* Forget the list; the next call reads the table again. Every pointer into it dies, and open OTA
 * sessions are dropped. */
void esp_partition_unload_all(void);

/* Bytes of a sector of the main flash: 4096. */
uint32_t esp_partition_get_main_flash_sector_size(void);

/*
 * Copy between partitions, erasing the destination's sectors first. size SIZE_MAX: the rest of the
 * source, and the rest of the destination is erased. Not safe against a power cut.
 * ESP_ERR_INVALID_ARG: NULL or the same pointer. ESP_ERR_INVALID_SIZE: an offset or the range
 * leaves a partition. ESP_ERR_NOT_SUPPORTED: the source is on another chip. Results of erase and
 * write.
 */
esp_err_t esp_partition_copy(const esp_partition_t *dest_part, uint32_t dest_offset,
                             const esp_partition_t *src_part, uint32_t src_offset, size_t size);

#ifdef __cplusplus
}
#endif

#endif
