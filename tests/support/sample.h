/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that go wrong, made on the spot: what the doctor and its fuzzer are shown. Every maker
 * fills a sample_t, which sample_free empties.
 */
#ifndef TESTS_SUPPORT_SAMPLE_H
#define TESTS_SUPPORT_SAMPLE_H

#include "ota/slots.h"
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *bytes; /* malloc'ed, exactly len long */
    size_t len;
} sample_t;

typedef void (*sample_maker_t)(sample_t *sample);

void sample_text(sample_t *sample, const char *text);
void sample_bytes(sample_t *sample, const void *bytes, size_t len);
void sample_free(sample_t *sample);

/* Pseudo-random bytes, the same every time. */
void sample_noise(sample_t *sample, size_t len);

/* A valid app of `size` bytes (0: the smallest) for a chip by name. */
void sample_app_for(sample_t *sample, const char *chip, uint32_t size);

/* A whole flash, or its beginning: table, bootloader, apps, otadata. */
typedef struct {
    const char *csv;        /* the table */
    uint32_t flash;         /* bytes of the chip */
    size_t keep;            /* bytes of it that the file has; 0: all */
    uint32_t app_size;      /* of every app; 0: the smallest */
    unsigned good;          /* bit n: a good app in ota_n; bit 16: in factory */
    unsigned broken;        /* bit n: an app with one byte flipped in ota_n */
    const char *other_chip; /* NULL, or the chip of the app in ota_0 */
    uint8_t header_flash;   /* 1 MiB << n in the apps' headers */
    uint32_t seq[2];        /* otadata; 0: blank */
    uint32_t state[2];
    bool bad_crc; /* of copy 1 */
    bool no_bootloader;
} sample_flash_t;

#define SAMPLE_FACTORY (1u << 16)

void sample_flash(sample_t *sample, const sample_flash_t *what);

/* Tables, as CSV. */
extern const char sample_two_slots[];
extern const char sample_one_slot[];
extern const char sample_factory_and_two[];
extern const char sample_safeboot[];
extern const char sample_no_otadata[];

/* Single files; the names say what is wrong with them. */
void sample_app(sample_t *sample);
void sample_bootloader(sample_t *sample);
void sample_fat_bootloader(sample_t *sample);
void sample_cut_app(sample_t *sample);
void sample_flipped_app(sample_t *sample);
void sample_resized_app(sample_t *sample);
void sample_rehashed_not(sample_t *sample);
void sample_arduino_app(sample_t *sample);
void sample_two_key_app(sample_t *sample);
void sample_huge_app(sample_t *sample);
void sample_multipart(sample_t *sample);
void sample_http(sample_t *sample);
void sample_shifted(sample_t *sample);
void sample_ciphertext(sample_t *sample);
void sample_encrypted_flash(sample_t *sample);
void sample_gzip(sample_t *sample);
void sample_zip(sample_t *sample);
void sample_elf(sample_t *sample);
void sample_uf2(sample_t *sample);
void sample_esp8266(sample_t *sample);
void sample_mcuboot(sample_t *sample);
void sample_delta(sample_t *sample);
void sample_encrypted_image(sample_t *sample);
void sample_padded_encrypted_image(sample_t *sample);
void sample_littlefs(sample_t *sample);
void sample_blank(sample_t *sample);
void sample_zeroes(sample_t *sample);
void sample_empty(sample_t *sample);
void sample_merged(sample_t *sample);
void sample_broken_table(sample_t *sample);
void sample_nvs(sample_t *sample);
void sample_picture(sample_t *sample);
void sample_odd(sample_t *sample);
void sample_bare_image(sample_t *sample);
void sample_app_without_hash(sample_t *sample);
void sample_app_and_more(sample_t *sample);
void sample_small_otadata(sample_t *sample);
void sample_first_record(sample_t *sample);
void sample_otadata(sample_t *sample, uint32_t seq0, uint32_t state0, uint32_t seq1,
                    uint32_t state1);

#endif
