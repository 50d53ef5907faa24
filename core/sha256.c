/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sha256.h"

#include "core/bytes.h"
#include "ota/crypto.h"

/* First 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t round_constant[64] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u,
    0xab1c5ed5u, 0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu,
    0x9bdc06a7u, 0xc19bf174u, 0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu,
    0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau, 0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u,
    0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u, 0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu,
    0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u, 0xa2bfe8a1u, 0xa81a664bu,
    0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u, 0x19a4c116u,
    0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u,
    0xc67178f2u,
};

static uint32_t rotate(uint32_t v, unsigned n)
{
    return v >> n | v << (32u - n);
}

static uint32_t get_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static void put_be32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

/* The schedule is kept as a ring of 16 words: 64 bytes of stack instead of 256. */
static void block(uint32_t state[8], const uint8_t *p)
{
    uint32_t w[16];
    uint32_t v[8];
    memcpy(v, state, sizeof(v));
    for (unsigned i = 0; i < 64; i++) {
        if (i < 16) {
            w[i] = get_be32(p + (size_t)i * 4u);
        } else {
            uint32_t w1 = w[(i + 1) & 15u];
            uint32_t w14 = w[(i + 14) & 15u];
            uint32_t s0 = rotate(w1, 7) ^ rotate(w1, 18) ^ (w1 >> 3);
            uint32_t s1 = rotate(w14, 17) ^ rotate(w14, 19) ^ (w14 >> 10);
            w[i & 15u] += s0 + w[(i + 9) & 15u] + s1;
        }
        uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
        uint32_t choose = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t t1 = v[7] + s1 + choose + round_constant[i] + w[i & 15u];
        uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
        uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        memmove(v + 1, v, 7 * sizeof(v[0]));
        v[4] += t1;
        v[0] = t1 + s0 + majority;
    }
    for (unsigned i = 0; i < 8; i++) {
        state[i] += v[i];
    }
}

void ota_sha256_start(sha256_t *sha)
{
    static const uint32_t start[8] = {
        0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au,
        0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
    };
    memcpy(sha->state, start, sizeof(start));
    sha->len = 0;
}

void ota_sha256_update(sha256_t *sha, const void *data, size_t len)
{
    const uint8_t *p = data;
    size_t held = (size_t)(sha->len % 64);
    sha->len += len;
    if (held > 0) {
        size_t take = min_size(64 - held, len);
        memcpy(sha->buffer + held, p, take);
        p += take;
        len -= take;
        if (held + take < 64) {
            return;
        }
        block(sha->state, sha->buffer);
    }
    for (; len >= 64; len -= 64, p += 64) {
        block(sha->state, p);
    }
    if (len > 0) {
        memcpy(sha->buffer, p, len);
    }
}

void ota_sha256_finish(sha256_t *sha, uint8_t digest[32])
{
    uint64_t bits = sha->len * 8;
    size_t held = (size_t)(sha->len % 64);
    sha->buffer[held++] = 0x80;
    if (held > 56) {
        memset(sha->buffer + held, 0, 64 - held);
        block(sha->state, sha->buffer);
        held = 0;
    }
    memset(sha->buffer + held, 0, 56 - held);
    put_be32(sha->buffer + 56, (uint32_t)(bits >> 32));
    put_be32(sha->buffer + 60, (uint32_t)bits);
    block(sha->state, sha->buffer);
    for (size_t i = 0; i < 8; i++) {
        put_be32(digest + i * 4, sha->state[i]);
    }
}

/* --- as a crypto port ------------------------------------------------------------- */

_Static_assert(sizeof(sha256_t) <= sizeof(ota_hash_t), "the opaque hash state must hold ours");

static ota_status_t builtin_start(void *ctx, ota_hash_t *hash, ota_hash_kind_t kind)
{
    (void)ctx;
    if (kind != OTA_HASH_SHA256) {
        return OTA_ERR_UNSUPPORTED;
    }
    ota_sha256_start((sha256_t *)(void *)hash);
    return OTA_OK;
}

static void builtin_update(void *ctx, ota_hash_t *hash, const void *data, size_t len)
{
    (void)ctx;
    ota_sha256_update((sha256_t *)(void *)hash, data, len);
}

static void builtin_finish(void *ctx, ota_hash_t *hash, uint8_t *digest)
{
    (void)ctx;
    ota_sha256_finish((sha256_t *)(void *)hash, digest);
}

const ota_crypto_t ota_crypto_builtin = {
    .version = OTA_CRYPTO_VERSION,
    .hash_start = builtin_start,
    .hash_update = builtin_update,
    .hash_finish = builtin_finish,
};
