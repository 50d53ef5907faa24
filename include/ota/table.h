/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Table: Espressif's binary partition table.
 *
 *   0x8000 (default)                                       one 4 KiB sector
 *   +0x000 entry 0      AA 50 type subtype offset size label[16] flags   32 bytes
 *   +0x020 entry 1
 *    ...
 *          digest slot  EB EB  FF x 14  MD5 of all entries before it[16]
 *          end marker   FF x 32
 *   +0xC00 end of the table proper; the rest of the sector is a v1 signature's
 *
 * Two readers decide what a table means, and they differ (docs/formats.md):
 * the bootloader (and an OTA of the table itself) stops at the first slot that starts
 * FFFF FF FF, lets the MD5 be absent and tests ranges against the chip; the running
 * application takes any unknown magic as the end and insists on the MD5. Both are here.
 *
 * Everything works on bytes that the caller holds (mapped flash, a file, a buffer);
 * nothing is copied and nothing is trusted.
 */
#ifndef OTA_TABLE_H
#define OTA_TABLE_H

#include "ota/flash.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTA_TABLE_OFFSET 0x8000u /* default flash address */
#define OTA_TABLE_SIZE   0xC00u  /* what the bootloader reads: 96 slots of 32 bytes */
#define OTA_TABLE_SECTOR 0x1000u /* what the application reads: 128 slots */
#define OTA_TABLE_ENTRY  32u
#define OTA_LABEL_MAX    16u /* bytes; all 16 may be used */
#define OTA_SLOTS_MAX    16u /* ota_0 .. ota_15 */

#define OTA_TYPE_APP        0x00u
#define OTA_TYPE_DATA       0x01u
#define OTA_TYPE_BOOTLOADER 0x02u
#define OTA_TYPE_TABLE      0x03u

#define OTA_SUBTYPE_FACTORY     0x00u /* of type app */
#define OTA_SUBTYPE_OTA_0       0x10u
#define OTA_SUBTYPE_OTA_15      0x1Fu
#define OTA_SUBTYPE_TEST        0x20u
#define OTA_SUBTYPE_TEE_0       0x30u
#define OTA_SUBTYPE_TEE_1       0x31u
#define OTA_SUBTYPE_OTADATA     0x00u /* of type data */
#define OTA_SUBTYPE_PHY         0x01u
#define OTA_SUBTYPE_NVS         0x02u
#define OTA_SUBTYPE_COREDUMP    0x03u
#define OTA_SUBTYPE_NVS_KEYS    0x04u
#define OTA_SUBTYPE_EFUSE       0x05u
#define OTA_SUBTYPE_UNDEFINED   0x06u
#define OTA_SUBTYPE_TEE_OTADATA 0x90u

#define OTA_PART_ENCRYPTED (1u << 0)
#define OTA_PART_READONLY  (1u << 1)

/* One partition, decoded. Offsets and sizes in bytes of flash. */
typedef struct {
    uint8_t type;
    uint8_t subtype;
    uint32_t offset;
    uint32_t size;
    uint32_t flags;                /* OTA_PART_*; other bits are kept */
    char label[OTA_LABEL_MAX + 1]; /* always terminated */
} ota_part_t;

/* A verified view of table bytes. `count` excludes the digest slot. */
typedef struct {
    const uint8_t *bytes;
    uint32_t count;
} ota_table_t;

/*
 * Open as the bootloader does (Espressif's esp_partition_table_verify). `len` bytes are
 * looked at, at most OTA_TABLE_SIZE. chip_size: bytes of flash.
 * fault->offset: byte in the table.
 * OTA_OK, OTA_ERR_ARG, OTA_ERR_TABLE_EMPTY, _MAGIC, _NO_END, _MD5, _MD5_TWICE, _RANGE.
 */
OTA_MUST_CHECK ota_status_t ota_table_open_boot(ota_table_t *table, const uint8_t *bytes,
                                                size_t len, uint32_t chip_size, ota_fault_t *fault);

/*
 * Open as the running application does (MD5 mandatory, up to OTA_TABLE_SECTOR bytes, any
 * unknown magic ends the table). An empty table with a right digest is fine.
 * OTA_OK, OTA_ERR_ARG, OTA_ERR_TABLE_MD5, OTA_ERR_TABLE_MD5_MISSING.
 */
OTA_MUST_CHECK ota_status_t ota_table_open_app(ota_table_t *table, const uint8_t *bytes, size_t len,
                                               ota_fault_t *fault);

/* Entry `index` (0 .. count-1) as the table's bytes say. OTA_ERR_ARG outside. */
OTA_MUST_CHECK ota_status_t ota_table_get(const ota_table_t *table, uint32_t index,
                                          ota_part_t *part);

/* Matches anything in ota_table_find. */
#define OTA_ANY (-1)

/*
 * The next entry at or after *index that matches; on OTA_OK *index is one past it, so that
 * calling again goes on. type, subtype: a value or OTA_ANY. label: NULL for any.
 * OTA_ERR_NOT_IN_TABLE: none left.
 */
OTA_MUST_CHECK ota_status_t ota_table_find(const ota_table_t *table, uint32_t *index, int type,
                                           int subtype, const char *label, ota_part_t *part);

/* Writes one entry / the digest slot as Espressif's generator does. 32 bytes each. */
void ota_table_encode(uint8_t slot[OTA_TABLE_ENTRY], const ota_part_t *part);
void ota_table_encode_md5(uint8_t slot[OTA_TABLE_ENTRY], const uint8_t *entries, uint32_t count);

/* True if data of this partition is encrypted where flash encryption is on: apps,
 * bootloaders, tables, otadata, tee_ota and nvs_keys always, others by their flag. */
bool ota_part_encrypted(const ota_part_t *part);
bool ota_part_is_slot(const ota_part_t *part);                 /* app, ota_0 .. ota_15 */
bool ota_part_equal(const ota_part_t *a, const ota_part_t *b); /* place, kind and label */

/* --- the layout: what boot and update need of a table, small enough to keep --------- */

typedef int8_t ota_slot_t; /* 0..15 = ota_N, or one of: */
#define OTA_SLOT_FACTORY ((ota_slot_t)-1)
#define OTA_SLOT_TEST    ((ota_slot_t)-2)
#define OTA_SLOT_NONE    ((ota_slot_t)-99)

typedef struct {
    uint32_t offset;
    uint32_t size; /* 0: absent */
} ota_region_t;

typedef struct {
    ota_region_t otadata;
    ota_region_t factory;
    ota_region_t test;
    ota_region_t slot[OTA_SLOTS_MAX];
    uint8_t boot_count; /* all OTA entries, doubles included: the bootloader's modulus */
    uint8_t app_count;  /* ota_0, ota_1, .. up to the first hole: the application's modulus */
} ota_layout_t;

/* Collects the layout. Of entries with the same subtype the last one counts, as in the
 * bootloader. Cannot fail: what is absent has size 0. */
void ota_layout_read(ota_layout_t *layout, const ota_table_t *table);

/* Region of a slot (factory, test or 0..15); size 0 if absent or not a slot at all. */
ota_region_t ota_layout_region(const ota_layout_t *layout, ota_slot_t slot);

/* The slot whose region contains this flash address, or OTA_SLOT_NONE. */
ota_slot_t ota_layout_slot_at(const ota_layout_t *layout, uint32_t address);

/* The slot that the next update goes into when `running` runs: the next existing OTA slot
 * in a circle, never `running` itself. OTA_ERR_NO_SLOTS: none at all. OTA_ERR_ONLY_SLOT:
 * the only one is `running` (huge_app.csv). *next is OTA_SLOT_NONE then. */
OTA_MUST_CHECK ota_status_t ota_layout_next(const ota_layout_t *layout, ota_slot_t running,
                                            ota_slot_t *next);

#ifdef __cplusplus
}
#endif

#endif
