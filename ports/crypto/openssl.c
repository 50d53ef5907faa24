/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hash states are the plain SHA256_CTX / SHA512_CTX structs: the port's contract is that a
 * state is a value which may be copied and dropped, and EVP contexts live on the heap. OpenSSL
 * calls these functions deprecated since 3.0 but runs the same assembly behind them.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ports/crypto/openssl.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <string.h>

#define EC_KEY_MAX 96u
#define EC_DER_MAX 128

typedef struct {
    uint64_t kind;
    union {
        SHA256_CTX sha256;
        SHA512_CTX sha384;
    } ctx;
} openssl_hash_t;

_Static_assert(sizeof(openssl_hash_t) <= sizeof(ota_hash_t),
               "the opaque hash state must hold ours");

static ota_status_t hash_start(void *ctx, ota_hash_t *hash, ota_hash_kind_t kind)
{
    openssl_hash_t *state = (openssl_hash_t *)(void *)hash;
    (void)ctx;
    state->kind = (uint64_t)kind;
    int ok =
        kind == OTA_HASH_SHA256 ? SHA256_Init(&state->ctx.sha256) : SHA384_Init(&state->ctx.sha384);
    return ok == 1 ? OTA_OK : OTA_ERR_PORT;
}

static void hash_update(void *ctx, ota_hash_t *hash, const void *data, size_t len)
{
    openssl_hash_t *state = (openssl_hash_t *)(void *)hash;
    (void)ctx;
    if (state->kind == OTA_HASH_SHA256) {
        (void)SHA256_Update(&state->ctx.sha256, data, len);
    } else {
        (void)SHA384_Update(&state->ctx.sha384, data, len);
    }
}

static void hash_finish(void *ctx, ota_hash_t *hash, uint8_t *digest)
{
    openssl_hash_t *state = (openssl_hash_t *)(void *)hash;
    (void)ctx;
    if (state->kind == OTA_HASH_SHA256) {
        (void)SHA256_Final(digest, &state->ctx.sha256);
    } else {
        (void)SHA384_Final(digest, &state->ctx.sha384);
    }
}

static EVP_PKEY *key_from(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static EVP_PKEY *rsa_key(const ota_signature_t *signature)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = NULL;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(signature->key, (int)signature->key_len, NULL);
    if (builder != NULL && n != NULL && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_ulong(builder, OSSL_PKEY_PARAM_RSA_E, signature->exponent)) {
        params = OSSL_PARAM_BLD_to_param(builder);
    }
    if (params != NULL) {
        key = key_from("RSA", params);
    }
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    return key;
}

static EVP_PKEY *ec_key(const ota_signature_t *signature)
{
    uint8_t point[EC_KEY_MAX + 1];
    char p256[] = "P-256";
    char p384[] = "P-384";
    char *group = signature->kind == OTA_SIGNATURE_ECDSA_P256 ? p256 : p384;
    point[0] = 4; /* uncompressed */
    memcpy(point + 1, signature->key, signature->key_len);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, signature->key_len + 1),
        OSSL_PARAM_construct_end(),
    };
    return key_from("EC", params);
}

static bool set_pss(EVP_PKEY_CTX *ctx)
{
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 32) == 1 &&
           EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) == 1;
}

static bool set_pkcs1(EVP_PKEY_CTX *ctx)
{
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1;
}

static int check_rsa(EVP_PKEY *key, const ota_signature_t *signature)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    int result = -1;
    if (ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
        (signature->kind == OTA_SIGNATURE_RSA3072_PSS ? set_pss(ctx) : set_pkcs1(ctx))) {
        result = EVP_PKEY_verify(ctx, signature->signature, signature->signature_len,
                                 signature->digest, signature->digest_len);
    }
    EVP_PKEY_CTX_free(ctx);
    return result;
}

/* r || s -> DER, which is what EVP wants. Length, or 0. */
static int der_of(const ota_signature_t *signature, uint8_t der[EC_DER_MAX])
{
    int len = 0;
    int half = (int)(signature->signature_len / 2);
    BIGNUM *r = BN_bin2bn(signature->signature, half, NULL);
    BIGNUM *s = BN_bin2bn(signature->signature + half, half, NULL);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    if (r != NULL && s != NULL && sig != NULL && ECDSA_SIG_set0(sig, r, s) == 1) {
        r = NULL; /* owned by sig now */
        s = NULL;
        if (i2d_ECDSA_SIG(sig, NULL) <= EC_DER_MAX) {
            uint8_t *out = der;
            len = i2d_ECDSA_SIG(sig, &out);
        }
    }
    ECDSA_SIG_free(sig);
    BN_free(r);
    BN_free(s);
    return len > 0 ? len : 0;
}

static int check_ec(EVP_PKEY *key, const ota_signature_t *signature)
{
    uint8_t der[EC_DER_MAX];
    int len = der_of(signature, der);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    int result = -1;
    if (len > 0 && ctx != NULL && EVP_PKEY_verify_init(ctx) == 1) {
        result = EVP_PKEY_verify(ctx, der, (size_t)len, signature->digest, signature->digest_len);
    }
    EVP_PKEY_CTX_free(ctx);
    return result;
}

static bool sizes_are(const ota_signature_t *signature, size_t numbers, size_t digest)
{
    return signature->key_len == numbers && signature->signature_len == numbers &&
           signature->digest_len == digest;
}

static bool lengths_ok(const ota_signature_t *signature)
{
    switch (signature->kind) {
    case OTA_SIGNATURE_RSA3072_PSS:
    case OTA_SIGNATURE_RSA3072_PKCS1:
        return sizes_are(signature, 384, OTA_SHA256_SIZE);
    case OTA_SIGNATURE_ECDSA_P256:
        return sizes_are(signature, 64, OTA_SHA256_SIZE);
    case OTA_SIGNATURE_ECDSA_P384:
        return sizes_are(signature, 96, OTA_SHA384_SIZE);
    }
    return false;
}

/* A key that OpenSSL cannot even build (a point off the curve) is no genuine signature either. */
static ota_status_t verify(void *ctx, const ota_signature_t *signature)
{
    (void)ctx;
    if (!lengths_ok(signature)) {
        return OTA_ERR_UNSUPPORTED;
    }
    bool rsa = signature->kind == OTA_SIGNATURE_RSA3072_PSS ||
               signature->kind == OTA_SIGNATURE_RSA3072_PKCS1;
    EVP_PKEY *key = rsa ? rsa_key(signature) : ec_key(signature);
    if (key == NULL) {
        return OTA_ERR_SIGNATURE;
    }
    int result = rsa ? check_rsa(key, signature) : check_ec(key, signature);
    EVP_PKEY_free(key);
    return result == 1 ? OTA_OK : OTA_ERR_SIGNATURE;
}

const ota_crypto_t crypto_openssl = {
    .version = OTA_CRYPTO_VERSION,
    .hash_start = hash_start,
    .hash_update = hash_update,
    .hash_finish = hash_finish,
    .verify = verify,
};
