/* SPDX-License-Identifier: Apache-2.0 */
/* Engines are deprecated since 3.0, but where there is no PKCS#11 provider (Debian 12) they are how
 * OpenSSL reaches a token. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ports/crypto/openssl_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/engine.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/store.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

struct crypto_key {
    EVP_PKEY *pkey;
    EVP_PKEY *numbers; /* its public half: a token answers fewer questions about its keys */
    ota_signature_kind_t kind;
    bool is_private;
};

/* --- reading and making ----------------------------------------------------------------- */

/* False: an algorithm, size or curve that no ESP32 checks. */
static bool find_kind(EVP_PKEY *pkey, ota_signature_kind_t *kind)
{
    char group[32] = "";
    if (EVP_PKEY_is_a(pkey, "RSA")) {
        *kind = OTA_SIGNATURE_RSA3072_PSS;
        return EVP_PKEY_get_bits(pkey) == 3072;
    }
    if (EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group),
                                       NULL) != 1) {
        return false;
    }
    *kind = strcmp(group, "prime256v1") == 0 ? OTA_SIGNATURE_ECDSA_P256 : OTA_SIGNATURE_ECDSA_P384;
    return strcmp(group, "prime256v1") == 0 || strcmp(group, "secp384r1") == 0;
}

/* SubjectPublicKeyInfo in DER; OPENSSL_free it. Its length, 0: failed. */
static size_t public_der(EVP_PKEY *pkey, uint8_t **der)
{
    *der = NULL;
    int len = pkey != NULL ? i2d_PUBKEY(pkey, der) : 0;
    return len > 0 ? (size_t)len : 0;
}

static EVP_PKEY *public_half(EVP_PKEY *pkey)
{
    uint8_t *der = NULL;
    size_t len = public_der(pkey, &der);
    const uint8_t *at = der;
    EVP_PKEY *half = len > 0 ? d2i_PUBKEY(NULL, &at, (long)len) : NULL;
    OPENSSL_free(der);
    return half;
}

/* Takes over pkey. */
static crypto_key_t *wrap(EVP_PKEY *pkey, bool is_private)
{
    crypto_key_t *key = calloc(1, sizeof(*key));
    EVP_PKEY *numbers = public_half(pkey);
    if (key == NULL || numbers == NULL || !find_kind(numbers, &key->kind)) {
        EVP_PKEY_free(numbers);
        EVP_PKEY_free(pkey);
        free(key);
        return NULL;
    }
    key->pkey = pkey;
    key->numbers = numbers;
    key->is_private = is_private;
    return key;
}

crypto_key_t *crypto_key_read(const char *pem, size_t len)
{
    char no_passphrase[] = ""; /* never asks on the terminal: an encrypted PEM is refused */
    BIO *bio = BIO_new_mem_buf(pem, (int)len);
    if (bio == NULL) {
        return NULL;
    }
    bool is_private = true;
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, no_passphrase);
    if (pkey == NULL && BIO_reset(bio) == 1) {
        is_private = false;
        pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, no_passphrase);
    }
    BIO_free(bio);
    return wrap(pkey, is_private);
}

/* The first key of a store: a private one if it has one. */
static EVP_PKEY *from_store(const char *uri, bool *is_private)
{
    EVP_PKEY *pkey = NULL;
    OSSL_STORE_CTX *store = OSSL_STORE_open(uri, NULL, NULL, NULL, NULL);
    while (store != NULL && pkey == NULL && OSSL_STORE_eof(store) == 0) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);
        int type = info != NULL ? OSSL_STORE_INFO_get_type(info) : 0;
        *is_private = type == OSSL_STORE_INFO_PKEY;
        if (*is_private) {
            pkey = OSSL_STORE_INFO_get1_PKEY(info);
        } else if (type == OSSL_STORE_INFO_PUBKEY) {
            pkey = OSSL_STORE_INFO_get1_PUBKEY(info);
        }
        OSSL_STORE_INFO_free(info);
    }
    (void)OSSL_STORE_close(store);
    return pkey;
}

#ifdef OPENSSL_NO_ENGINE
static EVP_PKEY *from_engine(const char *uri, bool *is_private)
{
    (void)uri;
    (void)is_private;
    return NULL;
}
#else
static EVP_PKEY *from_engine(const char *uri, bool *is_private)
{
    EVP_PKEY *pkey = NULL;
    ENGINE *engine = ENGINE_by_id("pkcs11");
    if (engine != NULL && ENGINE_init(engine) == 1) {
        pkey = ENGINE_load_private_key(engine, uri, NULL, NULL);
        *is_private = pkey != NULL;
        if (pkey == NULL) {
            pkey = ENGINE_load_public_key(engine, uri, NULL, NULL);
        }
        (void)ENGINE_finish(engine); /* the key holds a reference of its own */
    }
    (void)ENGINE_free(engine);
    return pkey;
}
#endif

static bool begins(const char *text, const char *front)
{
    return strncmp(text, front, strlen(front)) == 0;
}

bool crypto_key_is_uri(const char *text)
{
    return begins(text, "pkcs11:") || begins(text, "file:");
}

crypto_key_t *crypto_key_open(const char *uri)
{
    bool is_private = false;
    EVP_PKEY *pkey = from_store(uri, &is_private);
    if (pkey == NULL && begins(uri, "pkcs11:")) {
        pkey = from_engine(uri, &is_private);
    }
    return wrap(pkey, is_private);
}

crypto_key_t *crypto_key_generate(ota_signature_kind_t kind)
{
    switch (kind) {
    case OTA_SIGNATURE_RSA3072_PSS:
        return wrap(EVP_RSA_gen(3072), true);
    case OTA_SIGNATURE_ECDSA_P256:
        return wrap(EVP_EC_gen("P-256"), true);
    case OTA_SIGNATURE_ECDSA_P384:
        return wrap(EVP_EC_gen("P-384"), true);
    case OTA_SIGNATURE_RSA3072_PKCS1: /* a way to sign, no kind of key */
        break;
    }
    return NULL;
}

void crypto_key_free(crypto_key_t *key)
{
    if (key != NULL) {
        EVP_PKEY_free(key->numbers);
        EVP_PKEY_free(key->pkey);
        free(key);
    }
}

ota_signature_kind_t crypto_key_kind(const crypto_key_t *key)
{
    return key->kind;
}

bool crypto_key_is_private(const crypto_key_t *key)
{
    return key->is_private;
}

/* --- numbers ---------------------------------------------------------------------------- */

static bool write_number(const crypto_key_t *key, const char *name, uint8_t *out, int len)
{
    BIGNUM *number = NULL;
    bool ok = EVP_PKEY_get_bn_param(key->numbers, name, &number) == 1 &&
              BN_bn2binpad(number, out, len) == len;
    BN_free(number);
    return ok;
}

size_t crypto_key_numbers(const crypto_key_t *key, uint8_t numbers[CRYPTO_NUMBERS_MAX])
{
    if (key->kind == OTA_SIGNATURE_RSA3072_PSS) {
        return write_number(key, OSSL_PKEY_PARAM_RSA_N, numbers, 384) ? 384 : 0;
    }
    int half = key->kind == OTA_SIGNATURE_ECDSA_P256 ? 32 : 48;
    bool ok = write_number(key, OSSL_PKEY_PARAM_EC_PUB_X, numbers, half) &&
              write_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, numbers + half, half);
    return ok ? (size_t)half * 2 : 0;
}

/* R = 2^(2*3072) mod n;  m = -n^-1 mod 2^32 */
static bool montgomery(const BIGNUM *n, uint8_t r[384], uint32_t *m)
{
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *power = BN_new();
    BIGNUM *rest = BN_new();
    BIGNUM *word = BN_new();
    bool ok = ctx != NULL && power != NULL && rest != NULL && word != NULL &&
              BN_set_bit(power, 2 * 3072) && BN_mod(rest, power, n, ctx) &&
              BN_bn2binpad(rest, r, 384) == 384;
    ok = ok && BN_set_bit(word, 32) && BN_mod_inverse(rest, n, word, ctx) != NULL;
    if (ok) {
        *m = (uint32_t)(0u - (uint32_t)BN_get_word(rest));
    }
    BN_free(word);
    BN_free(rest);
    BN_free(power);
    BN_CTX_free(ctx);
    return ok;
}

bool crypto_key_rsa(const crypto_key_t *key, uint32_t *exponent, uint8_t r[384], uint32_t *m)
{
    BIGNUM *n = NULL;
    BIGNUM *e = NULL;
    if (key->kind != OTA_SIGNATURE_RSA3072_PSS) {
        return false;
    }
    bool ok = EVP_PKEY_get_bn_param(key->numbers, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
              EVP_PKEY_get_bn_param(key->numbers, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
              BN_num_bits(e) <= 32 && montgomery(n, r, m);
    if (ok) {
        *exponent = (uint32_t)BN_get_word(e);
    }
    BN_free(e);
    BN_free(n);
    return ok;
}

/* --- signing ------------------------------------------------------------------------------ */

static size_t sign_rsa(EVP_PKEY_CTX *ctx, const uint8_t *digest, size_t digest_len, uint8_t *out)
{
    size_t len = CRYPTO_NUMBERS_MAX;
    bool ok = EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
              EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 32) == 1 &&
              EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
              EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) == 1 &&
              EVP_PKEY_sign(ctx, out, &len, digest, digest_len) == 1;
    return ok && len == 384 ? len : 0;
}

/* EVP gives DER; the formats want r || s. */
static size_t sign_ec(EVP_PKEY_CTX *ctx, const uint8_t *digest, size_t digest_len, uint8_t *out)
{
    uint8_t der[128];
    size_t len = sizeof(der);
    int half = digest_len == OTA_SHA256_SIZE ? 32 : 48;
    if (EVP_PKEY_sign(ctx, der, &len, digest, digest_len) != 1) {
        return 0;
    }
    const uint8_t *p = der;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)len);
    bool ok = sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, half) == half &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + half, half) == half;
    ECDSA_SIG_free(sig);
    return ok ? (size_t)half * 2 : 0;
}

size_t crypto_key_sign(const crypto_key_t *key, const uint8_t *digest, size_t digest_len,
                       uint8_t signature[CRYPTO_NUMBERS_MAX])
{
    size_t wanted =
        key->kind == OTA_SIGNATURE_ECDSA_P384 ? OTA_SHA384_SIZE : (size_t)OTA_SHA256_SIZE;
    if (!key->is_private || digest_len != wanted) {
        return 0;
    }
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
    size_t len = 0;
    if (ctx != NULL && EVP_PKEY_sign_init(ctx) == 1) {
        len = key->kind == OTA_SIGNATURE_RSA3072_PSS ? sign_rsa(ctx, digest, digest_len, signature)
                                                     : sign_ec(ctx, digest, digest_len, signature);
    }
    EVP_PKEY_CTX_free(ctx);
    return len;
}

bool crypto_key_id(const crypto_key_t *key, char id[CRYPTO_KEY_ID])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_LENGTH];
    uint8_t *der = NULL;
    size_t len = public_der(key->numbers, &der);
    bool ok = len > 0 && EVP_Digest(der, len, digest, NULL, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    for (size_t i = 0; ok && i < (CRYPTO_KEY_ID - 1) / 2; i++) {
        id[2 * i] = digits[digest[i] >> 4];
        id[2 * i + 1] = digits[digest[i] & 0x0F];
    }
    id[CRYPTO_KEY_ID - 1] = '\0';
    return ok;
}

size_t crypto_key_sign_document(const crypto_key_t *key, const void *bytes, size_t len,
                                uint8_t signature[CRYPTO_NUMBERS_MAX])
{
    size_t room = CRYPTO_NUMBERS_MAX;
    if (!key->is_private || key->kind == OTA_SIGNATURE_ECDSA_P384) {
        return 0;
    }
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
              EVP_DigestSign(ctx, signature, &room, bytes, len) == 1;
    EVP_MD_CTX_free(ctx);
    return ok ? room : 0;
}

size_t crypto_key_write(const crypto_key_t *key, bool public_only, char *pem, size_t room)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    size_t len = 0;
    int ok = 0;
    if (bio != NULL) {
        ok = public_only ? PEM_write_bio_PUBKEY(bio, key->numbers)
                         : PEM_write_bio_PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL);
    }
    long have = ok == 1 ? BIO_get_mem_data(bio, &text) : 0;
    if (have > 0 && (size_t)have < room) {
        len = (size_t)have;
        memcpy(pem, text, len);
        pem[len] = '\0';
    }
    BIO_free(bio);
    return len;
}
