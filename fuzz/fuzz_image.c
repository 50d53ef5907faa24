/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images: the first bytes choose rules and pieces, the rest is the image. Whatever it is, the
 * verifier must give one answer however the bytes are cut, at an offset that exists, and the
 * reader of facts must survive it.
 *
 *   0 chip (by index; 255: any)   1 flags   2 size of the pieces   3 limit, in 256 bytes   4..
 * image
 */
#include <stdlib.h>
#include <string.h>

#include "host/image_build.h"
#include "host/image_info.h"
#include "host/image_verify.h"
#include "ports/crypto/openssl.h"

#define PREFIX 4u

enum { BOOTLOADER = 1, ANTI_ROLLBACK = 2, NEED_HASH = 4, ANY_REV = 8, SCHEME_SHIFT = 4 };

static const uint8_t stranger[1][64] = {{0}};

static void demand(bool held)
{
    if (!held) {
        abort();
    }
}

static ota_image_rules_t rules_of(const uint8_t *prefix, ota_trust_t *trust)
{
    static uint8_t workspace[OTA_SIGNATURE_BLOCK];
    uint8_t flags = prefix[1];
    ota_image_rules_t rules = {
        .kind = (flags & BOOTLOADER) != 0 ? OTA_IMAGE_BOOTLOADER : OTA_IMAGE_APP,
        .chip = ota_chip_at(prefix[0]),
        .chip_by_id = ota_chip_by_id,
        .any_rev = (flags & ANY_REV) != 0,
        .address = 0x10000,
        .limit = prefix[3] == 0 ? 0xFFFFFFFFu : prefix[3] * 256u,
        .require_hash = (flags & NEED_HASH) != 0,
        .bootloader_hash = true,
        .anti_rollback = (flags & ANTI_ROLLBACK) != 0,
        .secure_version = 1,
        .workspace = workspace,
        .crypto = &crypto_openssl,
    };
    *trust = (ota_trust_t){.scheme = (ota_scheme_t)((flags >> SCHEME_SHIFT) % 5u),
                           .blocks = 3,
                           .key_count = 1,
                           .keys = stranger};
    rules.trust = trust;
    return rules;
}

static ota_status_t in_pieces(ota_image_t *image, const ota_image_rules_t *rules,
                              const uint8_t *bytes, size_t len, size_t piece)
{
    ota_status_t status = ota_image_start(image, rules);
    uint32_t least = 0;
    for (size_t at = 0; status == OTA_OK && at < len; at += piece) {
        size_t n = len - at < piece ? len - at : piece;
        demand(ota_image_length_at_least(image) >= least);
        least = ota_image_length_at_least(image);
        status = ota_image_feed(image, bytes + at, n);
    }
    return status == OTA_OK ? ota_image_finish(image) : status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static image_info_t info;
    ota_trust_t trust;
    ota_image_t whole;
    ota_image_t pieces;
    if (size < PREFIX) {
        return 0;
    }
    ota_image_rules_t rules = rules_of(data, &trust);
    const uint8_t *bytes = data + PREFIX;
    size_t len = size - PREFIX;
    ota_status_t status = in_pieces(&whole, &rules, bytes, len, len > 0 ? len : 1);
    demand(in_pieces(&pieces, &rules, bytes, len, data[2] + 1u) == status);
    demand(whole.fault.offset == pieces.fault.offset && whole.fault.found == pieces.fault.found);
    demand(ota_image_length(&whole) == ota_image_length(&pieces));
    if (status == OTA_OK) {
        demand(ota_image_length(&whole) <= len && ota_image_length(&whole) <= rules.limit);
    } else {
        demand(whole.fault.status == status && whole.fault.offset <= len);
    }
    image_info_read(bytes, len, &info);
    demand(info.stop_at <= len && info.signed_length <= len);
    cJSON_Delete(image_info_json(&info));
    size_t plain = image_plain_length(bytes, len);
    demand(plain <= len);
    (void)image_guess_kind(bytes, len);
    return 0;
}
