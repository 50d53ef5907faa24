/* SPDX-License-Identifier: Apache-2.0 */
/*
 * otary_compat.h: what stands behind ESP-IDF's calls on this machine.
 *
 * ESP-IDF's API has no place for a device: there is one. Here the caller owns it, as an
 * otary_compat_t, and installs a pointer to it; that pointer is the only global of the library.
 *
 *     static otary_compat_t board = {.config = {.flash = &file.flash, .chip = ..., ...}};
 *     otary_compat_install(&board);
 *     ... esp_ota_begin, esp_ota_write, ...
 *
 * No heap, no printing: pools below are fixed.
 */
#ifndef OTARY_COMPAT_H
#define OTARY_COMPAT_H

#include "esp_ota_ops.h"

#include "ota/update.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTARY_COMPAT_PARTITIONS 136u /* a full table sector (128 slots) and external ones */
#define OTARY_COMPAT_SESSIONS   4u
#define OTARY_COMPAT_ITERATORS  8u
#define OTARY_COMPAT_MAPS       8u
#define OTARY_COMPAT_BUFFER     4096u /* bytes read at a time when flash is verified or copied */

/* The device. Pointers must outlive the installation; what is 0 or NULL has the stated default. */
typedef struct {
    const ota_flash_t *flash;
    uint32_t table_offset;    /* 0: OTA_TABLE_OFFSET */
    uint32_t running_address; /* any flash address inside the running app's partition */
    const ota_chip_t *chip;
    uint16_t chip_rev; /* major * 100 + minor */
    uint16_t block_rev;
    ota_boot_config_t boot;       /* how this device's bootloader was built */
    const ota_records_t *records; /* how otadata is changed; NULL: by commits */
    const ota_efuse_t *efuse;     /* NULL: no anti-rollback */
    const ota_crypto_t *crypto;   /* NULL: ota_crypto_builtin */
    const ota_trust_t *trust;     /* NULL: unsigned build */
    bool allow_dangerous_writes;  /* esp_partition_write and _erase_range may touch the bootloader,
                                     the table and the running app; sessions never touch the last */
    void *user;                   /* handed to the callbacks */
    void (*restart)(void *user);  /* esp_restart; NULL: it does nothing */
    void (*fatal)(void *user, esp_err_t code, const char *file, int line, const char *expression);
    /* Mapped flash: a pointer to [address, +len) of the main chip that stays valid. NULL callback:
     * esp_partition_mmap is not supported. */
    const void *(*map)(void *user, uint32_t address, size_t len);
    /* Secure Boot v2 key digests (trust->keys[index]); NULL callbacks: none revoked, cannot. */
    bool (*key_revoked)(void *user, unsigned index);
    esp_err_t (*revoke_key)(void *user, unsigned index);
} otary_compat_config_t;

/* An open session. */
typedef struct {
    esp_ota_handle_t handle; /* 0: free */
    bool sequential;         /* no writes at offsets */
    uint32_t start;          /* 0, or where esp_ota_resume went on */
    ota_part_t final_part;   /* what ota_update_set_final points at */
    ota_update_t update;
} otary_compat_session_t;

struct esp_partition_iterator_opaque_ {
    bool used;
    esp_partition_type_t type;
    esp_partition_subtype_t subtype;
    const char *label;
    size_t at; /* index into the list */
};

/* The caller fills `config`; everything else is the library's. Must not move while installed. */
typedef struct otary_compat {
    otary_compat_config_t config;
    esp_flash_t chip;
    ota_flash_t guard; /* config.flash that refuses to change read-only partitions */
    ota_device_t device;
    esp_partition_t list[OTARY_COMPAT_PARTITIONS];
    size_t table_count; /* entries of `list` that the table holds */
    size_t count;       /* and with the external ones */
    bool loaded;
    const esp_partition_t *running;
    esp_ota_handle_t last_handle;
    otary_compat_session_t session[OTARY_COMPAT_SESSIONS];
    struct esp_partition_iterator_opaque_ iterator[OTARY_COMPAT_ITERATORS];
    bool mapped[OTARY_COMPAT_MAPS];
    uint32_t bootloader_offset; /* judged as a bootloader besides the primary one */
    esp_app_desc_t description;
    bool described;
    char elf_sha[CONFIG_APP_RETRIEVE_LEN_ELF_SHA + 1];
    uint8_t workspace[OTA_TABLE_SIZE]; /* of core: a table, a signature block */
    uint8_t verify_block[OTA_SIGNATURE_BLOCK];
    uint8_t buffer[OTARY_COMPAT_BUFFER];
} otary_compat_t;

/*
 * Make this the device that the calls work on: read the table, find the running partition. Replaces
 * an earlier one (its sessions are dropped). Call it again after every simulated reset.
 * ESP_OK.
 * ESP_ERR_INVALID_ARG: NULL, incoherent flash port, or no chip.
 * ESP_ERR_NOT_FOUND: the table has no digest, or no app partition holds running_address.
 * ESP_ERR_INVALID_STATE: the table's digest is wrong.
 * ESP_ERR_NO_MEM: more partitions than OTARY_COMPAT_PARTITIONS.
 * ESP_ERR_FLASH_OP_FAIL: the table could not be read.
 * After a failure nothing is installed.
 */
esp_err_t otary_compat_install(otary_compat_t *compat);

/* Back to nothing. */
void otary_compat_uninstall(void);

/* What is installed; NULL: nothing. */
otary_compat_t *otary_compat_installed(void);

/* The code that stands for a core status (docs/compat.md has the table). */
esp_err_t otary_compat_code(ota_status_t status);

#ifdef __cplusplus
}
#endif

#endif
