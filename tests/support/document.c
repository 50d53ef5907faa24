/* SPDX-License-Identifier: Apache-2.0 */
#include "support/document.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

const char good_manifest[] =
    "{\n"
    "  \"otary\": \"manifest\",\n"
    "  \"format\": 1,\n"
    "  \"product\": \"lamp\",\n"
    "  \"channel\": \"stable\",\n"
    "  \"serial\": 12,\n"
    "  \"version\": \"2.1.0\",\n"
    "  \"order\": 7,\n"
    "  \"issued\": 1790000000,\n"
    "  \"expires\": 1800000000,\n"
    "  \"keys\": 2,\n"
    "  \"attempts\": 2,\n"
    "  \"rollout\": {\"share\": 500, \"salt\": \"lamp-2.1.0\", \"halted\": false,"
    " \"cohorts\": [\"beta\", \"lab\"]},\n"
    "  \"recalls\": [{\"order\": 9, \"to\": 7, \"version\": \"2.2.0\"}],\n"
    "  \"images\": [\n"
    "    {\"sha256\": \"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\n"
    "     \"size\": 1000000, \"chip\": 9, \"min_rev\": 1, \"max_rev\": 199, \"secure_version\": "
    "3,\n"
    "     \"flash_size\": 4194304, \"slot_size\": 1048576, \"slots\": 2, \"bootloader\": 2,\n"
    "     \"rollback\": true, \"variant\": \"psram\"},\n"
    "    {\"sha256\": \"ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100\",\n"
    "     \"size\": 70000, \"chip\": 0}\n"
    "  ],\n"
    "  \"notes\": \"Line one.\\nCaf\xC3\xA9 \\ud83d\\ude80\"\n"
    "}\n";

const char *good_keys(void)
{
    static char text[2048];
    static const char *const digits = "0123456789abcdef";
    char modulus[769];
    char point[2][129];
    for (size_t i = 0; i < 768; i++) {
        modulus[i] = digits[(i * 7 + 3) % 16];
    }
    for (size_t i = 0; i < 128; i++) {
        point[0][i] = digits[(i * 5 + 1) % 16];
        point[1][i] = digits[(i * 3 + 2) % 16];
    }
    modulus[768] = point[0][128] = point[1][128] = '\0';
    (void)snprintf(
        text, sizeof(text),
        "{\"otary\": \"keys\", \"format\": 1, \"product\": \"lamp\", \"version\": 3,\n"
        " \"threshold\": 2, \"keys\": [\n"
        "  {\"id\": \"aaaaaaaaaaaaaaaa\", \"kind\": \"ecdsa-p256\", \"public\": \"%s\"},\n"
        "  {\"id\": \"bbbbbbbbbbbbbbbb\", \"kind\": \"ecdsa-p256\", \"public\": \"%s\"},\n"
        "  {\"id\": \"cccccccccccccccc\", \"kind\": \"rsa-3072\", \"exponent\": 65537,\n"
        "   \"public\": \"%s\"}]}\n",
        point[0], point[1], modulus);
    return text;
}

static uint8_t *block(size_t len)
{
    static uint8_t *blocks[8];
    static size_t next;
    free(blocks[next]);
    blocks[next] = malloc(len > 0 ? len : 1);
    assert_non_null(blocks[next]);
    uint8_t *bytes = blocks[next];
    next = (next + 1) % 8;
    return bytes;
}

document_t changed(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    assert_non_null(at);
    size_t front = (size_t)(at - text);
    size_t back = strlen(at + strlen(old));
    size_t len = front + strlen(new) + back;
    uint8_t *bytes = block(len);
    memcpy(bytes, text, front);
    memcpy(bytes + front, new, strlen(new));
    memcpy(bytes + front + strlen(new), at + strlen(old), back);
    return (document_t){bytes, len};
}

document_t cut(const char *text, size_t len)
{
    uint8_t *bytes = block(len);
    memcpy(bytes, text, len);
    return (document_t){bytes, len};
}

document_t whole(const char *text)
{
    return cut(text, strlen(text));
}

const char *vectors_root(void)
{
    return OTARY_SOURCE_DIR;
}

ota_status_t read_manifest(document_t document, ota_manifest_t *manifest, ota_fault_t *fault)
{
    ota_status_t status = ota_manifest_open(manifest, document.bytes, document.len, fault);
    assert_int_equal(fault->status, status);
    assert_true(fault->offset <= document.len);
    return status;
}

void expect_refusal(const char *text, const refusal_t *refusal)
{
    ota_manifest_t manifest;
    ota_fault_t fault;
    document_t document = changed(text, refusal->old, refusal->new);
    ota_status_t status = read_manifest(document, &manifest, &fault);
    if (status != refusal->status) {
        fail_msg("%s -> %s: %s at %u", refusal->old, refusal->new, ota_status_name(status),
                 fault.offset);
    }
    if (refusal->at != NULL &&
        (fault.offset + strlen(refusal->at) > document.len ||
         memcmp(document.bytes + fault.offset, refusal->at, strlen(refusal->at)) != 0)) {
        fail_msg("%s -> %s: at %u, not at %s", refusal->old, refusal->new, fault.offset,
                 refusal->at);
    }
}
