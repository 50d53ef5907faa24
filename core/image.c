/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/image.h"

#include "core/bytes.h"
#include "core/image_internal.h"

#define DESC_HEAD 8u   /* magic, secure version */
#define DESC_BODY 168u /* up to the block revisions */
#define DESC_TAIL 8u   /* block revisions, MMU page and three bytes that nobody needs */

ota_status_t ota_image_fail(ota_image_t *image, ota_status_t status, uint32_t offset,
                            uint32_t found, uint32_t expected)
{
    image->state = ITEM_FAILED;
    image->fault.status = status;
    image->fault.offset = offset;
    image->fault.found = found;
    image->fault.expected = expected;
    return status;
}

const ota_crypto_t *ota_image_crypto(const ota_image_t *image)
{
    return image->rules->crypto != NULL ? image->rules->crypto : &ota_crypto_builtin;
}

/* A v1 bootloader's signature lies elsewhere in flash, not behind the image. */
bool ota_image_signed(const ota_image_rules_t *rules)
{
    return rules->trust != NULL && rules->trust->scheme != OTA_SCHEME_NONE &&
           !(rules->kind == OTA_IMAGE_BOOTLOADER && rules->trust->scheme == OTA_SCHEME_V1_P256);
}

uint32_t ota_image_add(uint32_t a, uint32_t b)
{
    uint32_t sum = a + b;
    return sum < a ? UINT32_MAX : sum;
}

/* What follows the segments is less than two sectors: if that much still fits into 32 bits,
 * nothing below can wrap. */
uint32_t ota_image_total(const ota_image_t *image, uint32_t end)
{
    if (ota_image_add(end, 2 * SIGNATURE_SECTOR + 128u) == UINT32_MAX) {
        return UINT32_MAX;
    }
    uint32_t total = (end | 15u) + 1u;
    if (image->header.hash_appended != 0) {
        total += OTA_SHA256_SIZE;
    }
    if (!ota_image_signed(image->rules)) {
        return total;
    }
    if (image->rules->trust->scheme == OTA_SCHEME_V1_P256) {
        return total + SIGNATURE_V1;
    }
    return ((total - 1u) | (SIGNATURE_SECTOR - 1u)) + 1u + SIGNATURE_SECTOR;
}

/* --- the chain ---------------------------------------------------------------------- */

/* A judge that refuses says so in the state (ota_image_fail); nobody asks it again. */
static void expect(ota_image_t *image, uint8_t item, uint32_t need)
{
    image->state = item;
    image->need = need;
    image->held = 0;
}

static void next_segment(ota_image_t *image)
{
    if (image->segment < image->header.segments) {
        expect(image, ITEM_SEGMENT, SEGMENT_HEADER);
        return;
    }
    image->length = ota_image_total(image, image->segment_end);
    expect(image, ITEM_PAD, 16u - image->segment_end % 16u);
}

static void magic_done(ota_image_t *image)
{
    if (image->hold[0] != OTA_IMAGE_MAGIC) {
        (void)ota_image_fail(image, OTA_ERR_IMAGE_MAGIC, 0, image->hold[0], OTA_IMAGE_MAGIC);
        return;
    }
    image->state = ITEM_HEADER; /* gathered behind the magic byte */
    image->need = OTA_IMAGE_HEADER - 1;
}

static void header_done(ota_image_t *image)
{
    if (ota_image_judge_header(image) != OTA_OK) {
        return;
    }
    image->flags |= FLAG_HEADER;
    if (image->header.hash_appended == 0 && !ota_image_signed(image->rules)) {
        image->flags &= (uint8_t)~FLAG_HASHING;
    }
    image->segment_end = OTA_IMAGE_HEADER;
    next_segment(image);
}

static void segment_done(ota_image_t *image)
{
    uint32_t len = ota_get_le32(image->hold + 4);
    if (ota_image_judge_segment(image, ota_get_le32(image->hold), len) != OTA_OK) {
        return;
    }
    image->segment_end = image->offset + len;
    image->segment++;
    if (image->segment == image->header.segments) {
        image->length = ota_image_total(image, image->segment_end);
    }
    if (image->segment == 1 && image->rules->kind == OTA_IMAGE_APP) {
        expect(image, ITEM_DESC_HEAD, DESC_HEAD);
    } else {
        expect(image, ITEM_DATA, len);
    }
}

static void desc_head_done(ota_image_t *image)
{
    if (ota_image_judge_desc_head(image) == OTA_OK) {
        expect(image, ITEM_DESC_BODY, DESC_BODY);
    }
}

static void desc_body_done(ota_image_t *image)
{
    expect(image, ITEM_DESC_TAIL, DESC_TAIL);
}

static void desc_tail_done(ota_image_t *image)
{
    if (ota_image_judge_desc_tail(image) == OTA_OK) {
        expect(image, ITEM_DATA, image->segment_end - image->offset);
    }
}

/* The running hash becomes its digest, kept where the hash was. */
static void seal(ota_image_t *image)
{
    uint8_t digest[OTA_SHA384_SIZE] = {0};
    const ota_crypto_t *crypto = ota_image_crypto(image);
    crypto->hash_finish(crypto->ctx, &image->hash, digest);
    memcpy(&image->hash, digest, sizeof(digest));
    image->flags &= (uint8_t)~FLAG_HASHING;
}

static void payload_done(ota_image_t *image)
{
    image->segment = 0; /* from here on it counts signature blocks */
    if (!ota_image_signed(image->rules)) {
        expect(image, ITEM_DONE, 0);
    } else if (image->rules->trust->scheme == OTA_SCHEME_V1_P256) {
        expect(image, ITEM_FILL, 0);
    } else {
        expect(image, ITEM_FILL, (0u - image->offset) % SIGNATURE_SECTOR);
    }
}

static void pad_done(ota_image_t *image)
{
    uint8_t stored = image->hold[image->held - 1u];
    if (stored != image->checksum) {
        (void)ota_image_fail(image, OTA_ERR_IMAGE_CHECKSUM, image->offset - 1, stored,
                             image->checksum);
        return;
    }
    if (image->header.hash_appended == 0) {
        payload_done(image);
        return;
    }
    if (!ota_image_signed(image->rules)) {
        seal(image);
    }
    expect(image, ITEM_DIGEST, OTA_SHA256_SIZE);
}

/* Signed builds do not compare it: the signature covers it. */
static void digest_done(ota_image_t *image)
{
    const ota_image_rules_t *rules = image->rules;
    bool compared =
        !ota_image_signed(rules) && (rules->kind == OTA_IMAGE_APP || rules->bootloader_hash);
    if (compared && (image->flags & FLAG_DIFFERS) != 0) {
        (void)ota_image_fail(image, OTA_ERR_IMAGE_HASH, image->offset - OTA_SHA256_SIZE, 0, 0);
        return;
    }
    payload_done(image);
}

static void fill_done(ota_image_t *image)
{
    seal(image);
    expect(image, ITEM_BLOCK, ota_image_block_size(image->rules));
}

static void block_done(ota_image_t *image)
{
    if (ota_image_judge_block(image) != OTA_OK) {
        return;
    }
    image->segment++;
    if ((image->flags & FLAG_GENUINE) != 0) {
        expect(image, ITEM_REST, image->length - image->offset);
    } else if (image->rules->trust->scheme != OTA_SCHEME_V1_P256 &&
               image->segment < image->rules->trust->blocks) {
        expect(image, ITEM_BLOCK, ota_image_block_size(image->rules));
    } else {
        ota_image_no_genuine_block(image);
    }
}

static void rest_done(ota_image_t *image)
{
    expect(image, ITEM_DONE, 0);
}

/* By item; ITEM_DATA ends in the next segment. */
static void (*const judges[])(ota_image_t *) = {
    [ITEM_MAGIC] = magic_done,         [ITEM_HEADER] = header_done,
    [ITEM_SEGMENT] = segment_done,     [ITEM_DESC_HEAD] = desc_head_done,
    [ITEM_DESC_BODY] = desc_body_done, [ITEM_DESC_TAIL] = desc_tail_done,
    [ITEM_DATA] = next_segment,        [ITEM_PAD] = pad_done,
    [ITEM_DIGEST] = digest_done,       [ITEM_FILL] = fill_done,
    [ITEM_BLOCK] = block_done,         [ITEM_REST] = rest_done,
};

/* --- bytes -------------------------------------------------------------------------- */

/* Compilers make vectors of it where there are any. */
static uint8_t xor_bytes(const uint8_t *p, size_t len)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < len; i++) {
        sum ^= p[i];
    }
    return sum;
}

/* Where the present item is gathered; NULL: nobody needs its bytes together. */
static uint8_t *gathered(ota_image_t *image)
{
    switch (image->state) {
    case ITEM_MAGIC:
    case ITEM_HEADER:
    case ITEM_SEGMENT:
    case ITEM_DESC_HEAD:
    case ITEM_DESC_TAIL:
    case ITEM_PAD:
        return image->hold;
    case ITEM_BLOCK:
        return image->rules->workspace;
    default:
        return NULL;
    }
}

/* len <= need */
static void take(ota_image_t *image, const uint8_t *p, size_t len)
{
    uint8_t *hold = gathered(image);
    if ((image->flags & FLAG_HASHING) != 0) {
        const ota_crypto_t *crypto = ota_image_crypto(image);
        crypto->hash_update(crypto->ctx, &image->hash, p, len);
    }
    if (image->state >= ITEM_DESC_HEAD && image->state <= ITEM_DATA) {
        image->checksum ^= xor_bytes(p, len);
    }
    if (hold != NULL) {
        memcpy(hold + image->held, p, len);
    } else if (image->state == ITEM_DIGEST &&
               memcmp((const uint8_t *)&image->hash + image->held, p, len) != 0) {
        image->flags |= FLAG_DIFFERS;
    }
    image->held = (uint16_t)(image->held + len); /* read only for items that are gathered */
    image->offset += (uint32_t)len;
    image->need -= (uint32_t)len;
}

/* Rules that no image could be held against. */
static ota_status_t check_rules(ota_image_t *image)
{
    const ota_image_rules_t *rules = image->rules;
    const ota_crypto_t *crypto = ota_image_crypto(image);
    if (rules->kind > OTA_IMAGE_BOOTLOADER || crypto->version != OTA_CRYPTO_VERSION) {
        return ota_image_fail(image, OTA_ERR_ARG, 0, 0, 0);
    }
    if (rules->limit < OTA_IMAGE_HEADER) {
        return ota_image_fail(image, OTA_ERR_IMAGE_TOO_BIG, 0, OTA_IMAGE_HEADER, rules->limit);
    }
    return image->chip != NULL ? ota_image_judge_partition(image) : OTA_OK;
}

static ota_status_t start_hash(ota_image_t *image)
{
    const ota_image_rules_t *rules = image->rules;
    const ota_crypto_t *crypto = ota_image_crypto(image);
    ota_hash_kind_t kind = OTA_HASH_SHA256;
    ota_status_t status = OTA_OK;
    if (ota_image_signed(rules)) {
        kind = rules->trust->scheme == OTA_SCHEME_V2_P384 ? OTA_HASH_SHA384 : OTA_HASH_SHA256;
        status = ota_image_trust_check(rules, crypto);
    }
    if (status == OTA_OK) {
        status = crypto->hash_start(crypto->ctx, &image->hash, kind);
    }
    return status == OTA_OK ? OTA_OK : ota_image_fail(image, status, 0, 0, 0);
}

ota_status_t ota_image_start(ota_image_t *image, const ota_image_rules_t *rules)
{
    if (image == NULL) {
        return OTA_ERR_ARG;
    }
    memset(image, 0, sizeof(*image));
    if (rules == NULL) {
        return ota_image_fail(image, OTA_ERR_ARG, 0, 0, 0);
    }
    image->rules = rules;
    image->chip = rules->chip;
    image->checksum = 0xEF;
    image->flags = FLAG_HASHING;
    expect(image, ITEM_MAGIC, 1);
    ota_status_t status = check_rules(image);
    return status == OTA_OK ? start_hash(image) : status;
}

ota_status_t ota_image_feed(ota_image_t *image, const void *data, size_t len)
{
    const uint8_t *p = data;
    if (image == NULL || (data == NULL && len > 0)) {
        return OTA_ERR_ARG;
    }
    while (len > 0 && image->state < ITEM_DONE) {
        size_t n = min_size(len, image->need);
        take(image, p, n);
        p += n;
        len -= n;
        while (image->need == 0 && image->state < ITEM_DONE) {
            judges[image->state](image);
        }
    }
    return image->state == ITEM_FAILED ? image->fault.status : OTA_OK;
}

/* The bytes ended where the signature should begin: an unsigned image, not a cut one. */
static bool ends_unsigned(const ota_image_t *image)
{
    return (image->state == ITEM_FILL || image->state == ITEM_BLOCK) && image->held == 0 &&
           image->segment == 0;
}

ota_status_t ota_image_finish(ota_image_t *image)
{
    if (image == NULL) {
        return OTA_ERR_ARG;
    }
    if (image->state < ITEM_DONE) {
        ota_status_t status =
            ends_unsigned(image) ? OTA_ERR_SIGNATURE_MISSING : OTA_ERR_IMAGE_TRUNCATED;
        return ota_image_fail(image, status, image->offset, image->offset,
                              ota_image_length_at_least(image));
    }
    return image->state == ITEM_FAILED ? image->fault.status : OTA_OK;
}

/* --- answers ------------------------------------------------------------------------ */

const ota_fault_t *ota_image_fault(const ota_image_t *image)
{
    return &image->fault;
}

bool ota_image_has_header(const ota_image_t *image)
{
    return (image->flags & FLAG_HEADER) != 0;
}

bool ota_image_complete(const ota_image_t *image)
{
    return image->state == ITEM_DONE;
}

uint32_t ota_image_length(const ota_image_t *image)
{
    return image->length;
}

uint32_t ota_image_length_at_least(const ota_image_t *image)
{
    if (image->length != 0) {
        return image->length;
    }
    if (!ota_image_has_header(image)) {
        return OTA_IMAGE_HEADER;
    }
    uint32_t headers = SEGMENT_HEADER * (uint32_t)(image->header.segments - image->segment);
    return ota_image_total(image, ota_image_add(image->segment_end, headers));
}
