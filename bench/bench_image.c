/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast an image is verified: a file of 2 MiB through the device's own code, against what
 * OpenSSL's SHA-256 reaches on 1 MiB buffers, in turn within one process so that both see the
 * same machine. Medians. Fails below 90 %.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/sha256.h"
#include "host/file_map.h"
#include "host/image_build.h"
#include "host/image_verify.h"
#include "ports/crypto/openssl.h"

#define IMAGE_SIZE (2u << 20)
#define BUFFER     (1u << 20)
#define ROUNDS     401u
#define SLOW       31u /* rounds of the built-in hash */
#define TARGET     0.90

static uint8_t *buffer;
static char path[] = "/tmp/otary-bench-XXXXXX";
static image_bytes_t image;

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "bench_image: %s failed\n", what);
        exit(1);
    }
}

/* As `openssl speed -evp sha256 -bytes 1048576`: digests of one buffer. */
static void hash_evp(void)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    for (size_t i = 0; i < IMAGE_SIZE / BUFFER; i++) {
        must(EVP_Digest(buffer, BUFFER, digest, NULL, EVP_sha256(), NULL) == 1, "EVP_Digest");
    }
}

static ota_image_rules_t rules(void)
{
    return (ota_image_rules_t){.chip = ota_chip_by_name("esp32"),
                               .any_rev = true,
                               .address = 0x10000,
                               .limit = 0xFFFFFFFFu,
                               .crypto = &crypto_openssl};
}

/* What `otary image verify FILE` does between open and close. */
static void verify_file(void)
{
    file_map_t map;
    ota_image_t verifier;
    ota_image_rules_t wanted = rules();
    must(file_map(path, SIZE_MAX, &map) == FILE_OK, "reading the image");
    must(image_verify(&verifier, &wanted, map.bytes, map.len) == OTA_OK, "verifying");
    file_unmap(&map);
}

static void verify_memory(void)
{
    ota_image_t verifier;
    ota_image_rules_t wanted = rules();
    must(image_verify(&verifier, &wanted, image.bytes, image.len) == OTA_OK, "verifying");
}

static void hash_builtin(void)
{
    sha256_t sha;
    uint8_t digest[32];
    ota_sha256_start(&sha);
    ota_sha256_update(&sha, image.bytes, image.len);
    ota_sha256_finish(&sha, digest);
}

typedef struct {
    const char *what;
    void (*run)(void);
    unsigned rounds;
    double seconds[ROUNDS];
} contender_t;

static contender_t contenders[] = {
    {.what = "OpenSSL EVP SHA-256, 1 MiB buffers", .run = hash_evp, .rounds = ROUNDS},
    {.what = "verify an image file", .run = verify_file, .rounds = ROUNDS},
    {.what = "verify an image in memory", .run = verify_memory, .rounds = ROUNDS},
    {.what = "built-in SHA-256 alone", .run = hash_builtin, .rounds = SLOW},
};

#define CONTENDERS (sizeof(contenders) / sizeof(contenders[0]))

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(contender_t *contender)
{
    qsort(contender->seconds, contender->rounds, sizeof(double), by_value);
    return contender->seconds[contender->rounds / 2];
}

static void prepare(void)
{
    image_wish_t wish;
    image_wish_default(&wish);
    wish.size = IMAGE_SIZE;
    must(image_build(&wish, &image) == OTA_OK, "building the image");
    buffer = malloc(BUFFER);
    must(buffer != NULL, "malloc");
    for (size_t i = 0; i < BUFFER; i++) {
        buffer[i] = (uint8_t)(i * 31);
    }
    int fd = mkstemp(path);
    must(fd >= 0 && write(fd, image.bytes, image.len) == (ssize_t)image.len, "writing the image");
    (void)close(fd);
}

int main(void)
{
    prepare();
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < CONTENDERS; i++) {
            if (round < contenders[i].rounds) {
                double start = now();
                contenders[i].run();
                contenders[i].seconds[round] = now() - start;
            }
        }
    }
    (void)unlink(path);
    double yardstick = median(&contenders[0]);
    for (size_t i = 0; i < CONTENDERS; i++) {
        double seconds = median(&contenders[i]);
        (void)printf("%-36s %8.3f ms  %7.0f MB/s  %5.1f %%\n", contenders[i].what, seconds * 1e3,
                     IMAGE_SIZE / seconds / 1e6, 100 * yardstick / seconds);
    }
    double ratio = yardstick / median(&contenders[1]);
    (void)printf("an image file at %.1f %% of OpenSSL's SHA-256 (wanted: 90 %%)\n", 100 * ratio);
    free(buffer);
    image_free(&image);
    return ratio >= TARGET ? 0 : 1;
}
