/* SPDX-License-Identifier: Apache-2.0 */
#include "support/sample.h"

#include "core/bytes.h"
#include "host/image_build.h"
#include <stdio.h>
#include <stdlib.h>

static void *need(void *block)
{
    if (block == NULL) {
        (void)fprintf(stderr, "sample: no memory\n");
        abort();
    }
    return block;
}

void sample_bytes(sample_t *sample, const void *bytes, size_t len)
{
    sample->bytes = need(calloc(len > 0 ? len : 1, 1));
    sample->len = len;
    memcpy(sample->bytes, bytes, len);
}

void sample_text(sample_t *sample, const char *text)
{
    sample_bytes(sample, text, strlen(text));
}

void sample_free(sample_t *sample)
{
    free(sample->bytes);
    *sample = (sample_t){NULL, 0};
}

static void filled(sample_t *sample, size_t len, uint8_t value)
{
    sample->bytes = need(malloc(len > 0 ? len : 1));
    sample->len = len;
    memset(sample->bytes, value, len > 0 ? len : 1);
}

void sample_noise(sample_t *sample, size_t len)
{
    uint64_t x = 0x9E3779B97F4A7C15u;
    filled(sample, len, 0);
    for (size_t i = 0; i < len; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        sample->bytes[i] = (uint8_t)(x >> 24);
    }
}

/* --- images ------------------------------------------------------------------------------------
 */

static void build(sample_t *sample, const image_wish_t *wish)
{
    image_bytes_t image;
    if (image_build(wish, &image) != OTA_OK) {
        (void)fprintf(stderr, "sample: image_build refused the wish\n");
        abort();
    }
    sample_bytes(sample, image.bytes, image.len);
    image_free(&image);
}

void sample_app_for(sample_t *sample, const char *chip, uint32_t size)
{
    image_wish_t wish;
    image_wish_default(&wish);
    wish.chip = ota_chip_by_name(chip);
    wish.size = size;
    build(sample, &wish);
}

void sample_app(sample_t *sample)
{
    sample_app_for(sample, "esp32", 0x8000);
}

static void bootloader(sample_t *sample, uint32_t size)
{
    image_wish_t wish;
    image_wish_default(&wish);
    wish.kind = OTA_IMAGE_BOOTLOADER;
    wish.address = 0x1000;
    wish.flash_size = 0; /* 1 MiB */
    wish.size = size;
    build(sample, &wish);
}

void sample_bootloader(sample_t *sample)
{
    bootloader(sample, 0x4000);
}

void sample_fat_bootloader(sample_t *sample)
{
    bootloader(sample, 0x7400);
}

/* The byte to be changed; a sample that does not have it is a slip. */
static uint8_t *byte_at(sample_t *sample, size_t at)
{
    if (at >= sample->len) {
        (void)fprintf(stderr, "sample: too short\n");
        abort();
    }
    return &sample->bytes[at];
}

void sample_cut_app(sample_t *sample)
{
    sample_app(sample);
    sample->len = 0x5000;
}

void sample_flipped_app(sample_t *sample)
{
    sample_app(sample);
    *byte_at(sample, 0x1234) ^= 0x10;
}

/* The flash size in the header edited, the hash left as it was. */
void sample_resized_app(sample_t *sample)
{
    sample_app(sample);
    uint8_t *size = byte_at(sample, 3);
    *size = (uint8_t)((*size & 0x0F) | 0x40);
}

/* Two bytes changed alike: the XOR checksum does not see it, the hash does. */
void sample_rehashed_not(sample_t *sample)
{
    sample_app(sample);
    *byte_at(sample, 0x2000) ^= 0x55;
    *byte_at(sample, 0x2004) ^= 0x55;
}

void sample_app_without_hash(sample_t *sample)
{
    image_wish_t wish;
    image_wish_default(&wish);
    wish.no_hash = true;
    build(sample, &wish);
}

/* 100 bytes behind the end. */
void sample_app_and_more(sample_t *sample)
{
    sample_t app;
    sample_app(&app);
    filled(sample, app.len + 100, 0x5A);
    memcpy(sample->bytes, app.bytes, app.len);
    sample_free(&app);
}

/* Whole, but without the descriptor's magic. */
void sample_bare_image(sample_t *sample)
{
    sample_app(sample);
    ota_put_le32(byte_at(sample, OTA_APP_DESC_OFFSET), 0);
    if (image_reseal(sample->bytes, sample->len) != OTA_OK) {
        abort();
    }
}

void sample_arduino_app(sample_t *sample)
{
    image_wish_t wish;
    image_wish_default(&wish);
    wish.project = "arduino-lib-builder";
    build(sample, &wish);
}

void sample_two_key_app(sample_t *sample)
{
    sample_t app;
    sample_app(&app);
    size_t sector = (app.len + 0xFFFu) & ~(size_t)0xFFF;
    filled(sample, sector + 0x1000, 0xFF);
    memcpy(sample->bytes, app.bytes, app.len);
    for (size_t block = 0; block < 2; block++) {
        sample->bytes[sector + block * 1216] = 0xE7;
        sample->bytes[sector + block * 1216 + 1] = 2;
    }
    sample_free(&app);
}

void sample_huge_app(sample_t *sample)
{
    sample_app_for(sample, "esp32", 2500u * 1024u);
}

/* --- transfers that went wrong
 * ---------------------------------------------------------------------- */

static void behind(sample_t *sample, const void *first, size_t len)
{
    sample_t app;
    sample_app(&app);
    filled(sample, len + app.len, 0);
    memcpy(sample->bytes, first, len);
    memcpy(sample->bytes + len, app.bytes, app.len);
    sample_free(&app);
}

void sample_multipart(sample_t *sample)
{
    static const char head[] = "------WebKitFormBoundaryAbCdEf012345\r\n"
                               "Content-Disposition: form-data; name=\"update\"; "
                               "filename=\"firmware.bin\"\r\n"
                               "Content-Type: application/octet-stream\r\n\r\n";
    behind(sample, head, sizeof(head) - 1);
}

void sample_http(sample_t *sample)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nServer: test\r\nContent-Length: 32768\r\n\r\n";
    behind(sample, head, sizeof(head) - 1);
}

void sample_shifted(sample_t *sample)
{
    sample_t noise;
    sample_noise(&noise, 467);
    behind(sample, noise.bytes, noise.len);
    sample_free(&noise);
}

void sample_ciphertext(sample_t *sample)
{
    sample_noise(sample, 0x20000);
}

void sample_encrypted_flash(sample_t *sample)
{
    sample_noise(sample, 0x100000);
    memset(sample->bytes, 0xFF, 0x1000);
}

/* --- other people's formats
 * -------------------------------------------------------------------------- */

static void noise_with(sample_t *sample, size_t len, const void *head, size_t n)
{
    sample_noise(sample, len);
    memcpy(sample->bytes, head, n);
}

void sample_gzip(sample_t *sample)
{
    noise_with(sample, 4096, "\x1F\x8B\x08\x08", 4);
}

void sample_zip(sample_t *sample)
{
    noise_with(sample, 4096, "PK\x03\x04", 4);
}

void sample_elf(sample_t *sample)
{
    noise_with(sample, 4096,
               "\x7F"
               "ELF\x01\x01\x01",
               7);
}

void sample_uf2(sample_t *sample)
{
    noise_with(sample, 4096, "UF2\nWQ]\x9E", 8);
}

void sample_esp8266(sample_t *sample)
{
    static const uint8_t head[] = {0xE9, 1, 2,    0x40, 0,    0,    0x10, 0x40,
                                   0,    0, 0x10, 0x40, 0x84, 0x0D, 0,    0};
    noise_with(sample, 4096, head, sizeof(head));
}

void sample_mcuboot(sample_t *sample)
{
    noise_with(sample, 4096, "\x3D\xB8\xF3\x96", 4);
}

void sample_delta(sample_t *sample)
{
    noise_with(sample, 4096, "\x10\xDE\xCD\xFC", 4);
}

static void encrypted(sample_t *sample, size_t len)
{
    noise_with(sample, len, "\xCF\xB6\x88\x07", 4);
    ota_put_le32(sample->bytes + 404, 4096);
}

void sample_encrypted_image(sample_t *sample)
{
    encrypted(sample, 512 + 4096);
}

void sample_padded_encrypted_image(sample_t *sample)
{
    encrypted(sample, 512 + 4096 + 3);
}

void sample_littlefs(sample_t *sample)
{
    noise_with(sample, 8192, "\x01\x00\x00\x00\xF0\x0F\xFF\xF7littlefs", 16);
}

void sample_nvs(sample_t *sample)
{
    static const uint8_t head[] = {0xFE, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0xFE};
    filled(sample, 0x5000, 0xFF);
    memcpy(sample->bytes, head, sizeof(head));
}

void sample_picture(sample_t *sample)
{
    noise_with(sample, 2048, "\x89PNG\r\n", 6);
}

/* Neither text nor random nor anything known. */
void sample_odd(sample_t *sample)
{
    filled(sample, 600, 3);
}

void sample_first_record(sample_t *sample)
{
    sample_otadata(sample, 1, OTA_STATE_VALID, 0, 0);
}

void sample_blank(sample_t *sample)
{
    filled(sample, 8192, 0xFF);
}

void sample_zeroes(sample_t *sample)
{
    filled(sample, 8192, 0);
}

void sample_empty(sample_t *sample)
{
    filled(sample, 0, 0);
}

void sample_otadata(sample_t *sample, uint32_t seq0, uint32_t state0, uint32_t seq1,
                    uint32_t state1)
{
    const uint32_t seq[2] = {seq0, seq1};
    const uint32_t state[2] = {state0, state1};
    filled(sample, OTA_OTADATA_SIZE, 0xFF);
    for (unsigned i = 0; i < 2; i++) {
        ota_entry_t entry;
        ota_entry_blank(&entry);
        entry.seq = seq[i];
        entry.state = state[i];
        entry.crc = ota_entry_crc(seq[i]);
        if (seq[i] != 0) {
            ota_entry_encode(sample->bytes + i * OTA_OTADATA_SECTOR, &entry);
        }
    }
}
