/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signature blocks. A v1 block stands directly behind the hash:
 *
 *   0 version u32 = 0 | 4 r || s, big-endian                                       68 bytes
 *
 * v2 blocks fill the first 3 * 1216 bytes of the sector at the next 4 KiB boundary:
 *
 *            magic version    digest      key                              signature   crc
 *   RSA      0: E7 1: 02      4: 32       36: n 384, 420: e, 424: R, M'    812: 384    1196
 *   P-256    0: E7 1: 03      4: 32       36: curve 02, 37: X Y 64         101: 64     1196
 *   P-384    0: E7 1: 03      4: 48       52: curve 03, 53: X Y 96         149: 96     1196
 *
 * Their numbers are little-endian. A block counts if magic, CRC, version and curve are right;
 * its key if the SHA-256 of the key field is trusted; its signature if it fits the digest
 * computed here. The digest stored in the block decides nothing, as on the device.
 */
#include "core/bytes.h"
#include "core/crc32.h"
#include "core/image_internal.h"

#define BLOCK_MAGIC 0xE7u
#define AT_CRC      1196u

typedef struct {
    ota_signature_kind_t kind;
    uint8_t version;
    uint8_t curve; /* 0: RSA, no such byte */
    uint16_t key;  /* what the key digest covers starts here .. */
    uint16_t signature;
    uint16_t number;       /* bytes of one little-endian number */
    uint16_t key_field;    /* .. and has this many bytes */
    uint16_t numbers;      /* offset of n, or X */
    uint8_t number_count;  /* RSA 1 (n; signature), ECDSA 2 (X, Y; r, s) */
    uint8_t digest_length; /* of the image's digest */
} layout_t;

static const layout_t rsa3072 = {OTA_SIGNATURE_RSA3072_PSS, 2, 0, 36, 812, 384, 776, 36, 1, 32};
static const layout_t p256 = {OTA_SIGNATURE_ECDSA_P256, 3, 2, 36, 101, 32, 65, 37, 2, 32};
static const layout_t p384 = {OTA_SIGNATURE_ECDSA_P384, 3, 3, 52, 149, 48, 97, 53, 2, 48};

static const layout_t *layout_of(ota_scheme_t scheme)
{
    if (scheme == OTA_SCHEME_V2_RSA3072) {
        return &rsa3072;
    }
    return scheme == OTA_SCHEME_V2_P256 ? &p256 : &p384;
}

ota_status_t ota_image_trust_check(const ota_image_rules_t *rules, const ota_crypto_t *crypto)
{
    const ota_trust_t *trust = rules->trust;
    bool v1 = trust->scheme == OTA_SCHEME_V1_P256;
    if (rules->workspace == NULL || trust->scheme > OTA_SCHEME_V2_P384 ||
        (trust->keys == NULL && trust->key_count > 0)) {
        return OTA_ERR_ARG;
    }
    if (!v1 && (trust->blocks < 1 || trust->blocks > 3)) {
        return OTA_ERR_ARG;
    }
    return crypto->verify != NULL ? OTA_OK : OTA_ERR_UNSUPPORTED;
}

uint32_t ota_image_block_size(const ota_image_rules_t *rules)
{
    return rules->trust->scheme == OTA_SCHEME_V1_P256 ? SIGNATURE_V1 : OTA_SIGNATURE_BLOCK;
}

/* The nearest miss of all blocks is the one to report: a bad signature of a trusted key says
 * more than an unknown key, and that more than no block. Kept in hold and segment_load, which
 * nothing else uses any more. */
enum { MISS_NO_BLOCK, MISS_KEY, MISS_SIGNATURE };

static void miss(ota_image_t *image, uint8_t rank, uint32_t offset)
{
    if (image->segment == 0 || rank > image->hold[0]) {
        image->hold[0] = rank;
        image->segment_load = offset;
    }
}

void ota_image_no_genuine_block(ota_image_t *image)
{
    static const ota_status_t statuses[] = {
        [MISS_NO_BLOCK] = OTA_ERR_SIGNATURE_MISSING,
        [MISS_KEY] = OTA_ERR_SIGNATURE_KEY,
        [MISS_SIGNATURE] = OTA_ERR_SIGNATURE,
    };
    (void)ota_image_fail(image, statuses[image->hold[0]], image->segment_load, 0, 0);
}

/* Genuine, a miss at `offset`, or a failure of the port. */
static ota_status_t verify(ota_image_t *image, const ota_signature_t *signature, uint32_t offset)
{
    const ota_crypto_t *crypto = ota_image_crypto(image);
    ota_status_t status = crypto->verify(crypto->ctx, signature);
    if (status == OTA_OK) {
        image->flags |= FLAG_GENUINE;
        return OTA_OK;
    }
    if (status == OTA_ERR_SIGNATURE) {
        miss(image, MISS_SIGNATURE, offset);
        return OTA_OK;
    }
    return ota_image_fail(image, status, offset, 0, 0);
}

/* --- v1 ----------------------------------------------------------------------------- */

static ota_status_t judge_v1(ota_image_t *image)
{
    const ota_trust_t *trust = image->rules->trust;
    const uint8_t *block = image->rules->workspace;
    uint32_t at = image->offset - SIGNATURE_V1;
    if (ota_get_le32(block) != 0) {
        miss(image, MISS_NO_BLOCK, at);
        return OTA_OK;
    }
    miss(image, MISS_KEY, at);
    ota_status_t status = OTA_OK;
    for (uint8_t i = 0; i < trust->key_count && status == OTA_OK; i++) {
        ota_signature_t signature = {
            .kind = OTA_SIGNATURE_ECDSA_P256,
            .key = trust->keys[i],
            .key_len = 64,
            .digest = (const uint8_t *)&image->hash,
            .digest_len = OTA_SHA256_SIZE,
            .signature = block + 4,
            .signature_len = 64,
        };
        status = verify(image, &signature, at + 4);
        if ((image->flags & FLAG_GENUINE) != 0) {
            break;
        }
    }
    return status;
}

/* --- v2 ----------------------------------------------------------------------------- */

static void reverse(uint8_t *p, uint32_t len)
{
    for (uint32_t i = 0; i < len / 2; i++) {
        uint8_t byte = p[i];
        p[i] = p[len - 1 - i];
        p[len - 1 - i] = byte;
    }
}

/* Little-endian numbers to big-endian ones, and back. */
static void turn(const layout_t *layout, uint8_t *block)
{
    for (uint32_t i = 0; i < layout->number_count; i++) {
        reverse(block + layout->numbers + i * layout->number, layout->number);
        reverse(block + layout->signature + i * layout->number, layout->number);
    }
}

static bool well_formed(const layout_t *layout, const uint8_t *block)
{
    return block[0] == BLOCK_MAGIC && block[1] == layout->version &&
           (layout->curve == 0 || block[layout->key] == layout->curve) &&
           ota_crc32(0, block, AT_CRC) == ota_get_le32(block + AT_CRC);
}

/* OTA_ERR_SIGNATURE_KEY: not among the trusted ones. A second hash state would be the largest
 * thing on the stack, so the image's digest makes room for it meanwhile. */
static ota_status_t key_trusted(ota_image_t *image, const layout_t *layout, const uint8_t *block)
{
    const ota_trust_t *trust = image->rules->trust;
    const ota_crypto_t *crypto = ota_image_crypto(image);
    uint8_t digest[OTA_SHA256_SIZE];
    uint8_t of_image[OTA_SHA384_SIZE];
    memcpy(of_image, &image->hash, sizeof(of_image));
    ota_status_t status = crypto->hash_start(crypto->ctx, &image->hash, OTA_HASH_SHA256);
    if (status == OTA_OK) {
        crypto->hash_update(crypto->ctx, &image->hash, block + layout->key, layout->key_field);
        crypto->hash_finish(crypto->ctx, &image->hash, digest);
    }
    memcpy(&image->hash, of_image, sizeof(of_image));
    if (status != OTA_OK) {
        return status;
    }
    for (uint8_t i = 0; i < trust->key_count; i++) {
        if (memcmp(trust->keys[i], digest, sizeof(digest)) == 0) {
            return OTA_OK;
        }
    }
    return OTA_ERR_SIGNATURE_KEY;
}

static ota_status_t judge_v2(ota_image_t *image)
{
    const layout_t *layout = layout_of(image->rules->trust->scheme);
    uint8_t *block = image->rules->workspace;
    uint32_t at = image->offset - OTA_SIGNATURE_BLOCK;
    size_t bytes = (size_t)layout->number * layout->number_count;
    if (!well_formed(layout, block)) {
        miss(image, MISS_NO_BLOCK, at);
        return OTA_OK;
    }
    ota_status_t status = key_trusted(image, layout, block);
    if (status == OTA_ERR_SIGNATURE_KEY) {
        miss(image, MISS_KEY, at + layout->key);
        return OTA_OK;
    }
    if (status != OTA_OK) {
        return ota_image_fail(image, status, at, 0, 0);
    }
    turn(layout, block);
    ota_signature_t signature = {
        .kind = layout->kind,
        .key = block + layout->numbers,
        .key_len = bytes,
        .exponent = ota_get_le32(block + 420), /* RSA only */
        .digest = (const uint8_t *)&image->hash,
        .digest_len = layout->digest_length,
        .signature = block + layout->signature,
        .signature_len = bytes,
    };
    status = verify(image, &signature, at + layout->signature);
    turn(layout,
         block); /* as it came: a session that takes back a write sends only its end again */
    return status;
}

ota_status_t ota_image_judge_block(ota_image_t *image)
{
    return image->rules->trust->scheme == OTA_SCHEME_V1_P256 ? judge_v1(image) : judge_v2(image);
}
