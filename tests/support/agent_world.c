/* SPDX-License-Identifier: Apache-2.0 */
#include "support/agent_world.h"

#include "boot/boot.h"
#include "core/bytes.h"
#include "ports/crypto/openssl.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

/* --- ports -------------------------------------------------------------------------------------
 */

static ota_status_t verify(void *ctx, const ota_signature_t *signature)
{
    (void)ctx;
    bool good = signature->signature_len == OTA_SIG_MAX &&
                memcmp(signature->signature, signature->digest, signature->digest_len) == 0 &&
                signature->signature[32] == signature->key[0];
    return good ? OTA_OK : OTA_ERR_SIGNATURE;
}

static uint32_t clock_ms(void *ctx)
{
    return ((scene_t *)ctx)->ms;
}

static uint32_t clock_now(void *ctx)
{
    return ((scene_t *)ctx)->now;
}

static uint32_t next_random(void *ctx)
{
    scene_t *world = ctx;
    world->random = world->random * 1664525u + 1013904223u;
    return world->random >> 8;
}

static scene_value_t *value_of(scene_t *world, const char *key)
{
    for (size_t i = 0; i < 4; i++) {
        if (world->value[i].key[0] == '\0') {
            (void)snprintf(world->value[i].key, sizeof(world->value[i].key), "%s", key);
        }
        if (strcmp(world->value[i].key, key) == 0) {
            return &world->value[i];
        }
    }
    fail_msg("a fifth key: %s", key);
    abort();
}

static ota_status_t store_read(void *ctx, const char *key, void *dst, size_t room, size_t *len)
{
    const scene_value_t *value = value_of(ctx, key);
    *len = value->len;
    memcpy(dst, value->bytes, min_size(room, value->len));
    return OTA_OK;
}

/* Where the power fails the old value is gone and the new one is there in part. */
static ota_status_t store_write(void *ctx, const char *key, const void *src, size_t len)
{
    scene_t *world = ctx;
    scene_value_t *value = value_of(world, key);
    if (world->dead || world->store_fails || (world->cutting && world->cut.cut)) {
        return OTA_ERR_PORT;
    }
    size_t n = len;
    if (world->store_torn_at >= 0) {
        n = min_size(len, (size_t)world->store_torn_at);
        world->store_torn_at -= (int64_t)n;
        world->dead = n < len;
    }
    memcpy(value->bytes, src, n);
    value->len = len;
    return world->dead ? OTA_ERR_PORT : OTA_OK;
}

static void hear(void *ctx, const ota_agent_event_t *event)
{
    scene_t *world = ctx;
    world->seen[event->kind]++;
    world->last[event->kind] = *event;
    if (event->kind == OTA_AGENT_ROLLED_BACK || event->kind == OTA_AGENT_CONFIRMED) {
        (void)snprintf(world->version, sizeof(world->version), "%s", event->version);
    }
}

/* --- publisher ---------------------------------------------------------------------------------
 */

void scene_sign(scene_t *world, const char *folder, const char *text, char key)
{
    char id[OTA_KEY_ID_SIZE + 1];
    char name[OTA_SIG_NAME_SIZE];
    ota_hash_t hash;
    memset(id, key, OTA_KEY_ID_SIZE);
    id[OTA_KEY_ID_SIZE] = '\0';
    assert_int_equal(ota_signed_name(&world->crypto, (const uint8_t *)text, strlen(text),
                                     (ota_text_t){id, OTA_KEY_ID_SIZE}, name),
                     OTA_OK);
    size_t at = world->signatures++ % 12;
    uint8_t *bytes = world->signature[at];
    memset(bytes, 0, OTA_SIG_MAX);
    assert_int_equal(crypto_openssl.hash_start(NULL, &hash, OTA_HASH_SHA256), OTA_OK);
    crypto_openssl.hash_update(NULL, &hash, text, strlen(text));
    crypto_openssl.hash_finish(NULL, &hash, bytes);
    bytes[32] = (uint8_t)(ota_hex_digit((uint8_t)key, false) * 17);
    (void)snprintf(world->name[at], sizeof(world->name[at]), "/lamp/%s/%s", folder, name);
    net_put(&world->net, world->name[at], bytes, OTA_SIG_MAX);
}

const char *scene_key_set(scene_t *world, unsigned at, uint32_t version, char key)
{
    char *text = world->keys[at];
    char id[OTA_KEY_ID_SIZE + 1];
    char number[769];
    memset(id, key, OTA_KEY_ID_SIZE);
    memset(number, key, 768);
    id[OTA_KEY_ID_SIZE] = number[768] = '\0';
    (void)snprintf(text, sizeof(world->keys[at]),
                   "{\"otary\":\"keys\",\"format\":1,\"product\":\"lamp\",\"version\":%u,"
                   "\"threshold\":1,\"keys\":[{\"id\":\"%s\",\"kind\":\"rsa-3072\",\"public\":"
                   "\"%s\"}]}",
                   version, id, number);
    return text;
}

void scene_publish(scene_t *world, uint32_t order, const char *version, const char *extra)
{
    uint8_t digest[OTA_SHA256_SIZE];
    char sha[2 * OTA_SHA256_SIZE + 1] = "";
    char path[96];
    ota_hash_t hash;
    assert_int_equal(crypto_openssl.hash_start(NULL, &hash, OTA_HASH_SHA256), OTA_OK);
    crypto_openssl.hash_update(NULL, &hash, world->image.bytes, world->image.len);
    crypto_openssl.hash_finish(NULL, &hash, digest);
    ota_hex_text(digest, sizeof(digest), sha);
    (void)snprintf(world->manifest, sizeof(world->manifest),
                   "{\"otary\":\"manifest\",\"format\":1,\"product\":\"lamp\",\"channel\":"
                   "\"stable\",\"serial\":%u,\"version\":\"%s\",\"order\":%u,\"issued\":1000,%s"
                   "\"keys\":1,\"images\":[{\"sha256\":\"%s\",\"size\":%u,\"chip\":0}]}",
                   ++world->serial, version, order, extra, sha, world->image.len);
    (void)snprintf(path, sizeof(path), "/images/%s.bin", sha);
    net_put(&world->net, path, world->image.bytes, world->image.len);
    net_put(&world->net, "/lamp/stable/manifest.json", world->manifest,
            (uint32_t)strlen(world->manifest));
    scene_sign(world, "stable", world->manifest, 'a');
}

/* --- the device --------------------------------------------------------------------------------
 */

bool scene_boot(scene_t *world)
{
    ota_boot_trace_t *trace = malloc(sizeof(*trace));
    static uint8_t table[OTA_TABLE_SIZE];
    static uint8_t buffer[4096];
    ota_device_t *device = &world->board.device;
    if (world->net.open) {
        world->net.open = false;
    }
    world->dead = false;
    world->flash = world->cutting ? world->flash : world->board.nor.flash;
    ota_boot_verifier_t verifier = {.flash = &world->flash,
                                    .rules = {.chip = device->chip, .crypto = &world->crypto},
                                    .buffer = buffer,
                                    .buffer_len = sizeof(buffer)};
    ota_machine_t machine = {.flash = &world->flash,
                             .table_buffer = table,
                             .config = &device->boot,
                             .ctx = &verifier,
                             .load = ota_boot_verify};
    assert_non_null(trace);
    world->boots++;
    bool up = ota_boot_run(&machine, trace) == OTA_OK;
    ota_slot_t booted = trace->booted;
    free(trace);
    if (!up || (world->cutting && world->cut.cut)) {
        return false;
    }
    device->sessions = NULL;
    uint32_t address = ota_layout_region(&device->layout, booted).offset;
    assert_int_equal(ota_device_init(device, &world->board.table, address), OTA_OK);
    world->who.version = booted == 0 ? "1.0" : "2.0";
    if (world->crashes && booted != 0) {
        return scene_boot(world);
    }
    assert_int_equal(ota_agent_start(&world->agent, &world->config), OTA_OK);
    return true;
}

bool scene_step(scene_t *world)
{
    ota_agent_next_t next = ota_agent_step(&world->agent, world->healthy);
    if (world->dead || (world->cutting && world->cut.cut)) {
        return false;
    }
    world->ms += next == OTA_AGENT_WAIT ? ota_agent_pause(&world->agent) : 1;
    return next != OTA_AGENT_RESTART || scene_boot(world);
}

bool scene_until(scene_t *world, ota_agent_kind_t kind, unsigned steps)
{
    unsigned before = world->seen[kind];
    while (steps-- > 0 && world->seen[kind] == before) {
        if (!scene_step(world)) {
            return false;
        }
    }
    return world->seen[kind] != before;
}

bool scene_holds_new(const scene_t *world, const char *label)
{
    return board_holds(&world->board, label, &world->image);
}

static void fill_config(scene_t *world)
{
    world->config = (ota_agent_config_t){.device = &world->board.device,
                                         .http = &world->http,
                                         .clock = &world->clock,
                                         .random = &world->random_port,
                                         .store = &world->store,
                                         .identity = &world->who,
                                         .server = "http://host.example",
                                         .report = "http://host.example/report",
                                         .workspace = world->workspace,
                                         .workspace_size = sizeof(world->workspace),
                                         .trial = {OTA_TRIAL_CONTACT, 0, 100},
                                         .poll_ms = 3600000,
                                         .retry_ms = 1000,
                                         .retry_max_ms = 20000,
                                         .stall_ms = 5000,
                                         .document_ms = 20000,
                                         .image_ms = 600000,
                                         .tries = 5,
                                         .ctx = world,
                                         .event = hear};
}

int scene_setup(void **state)
{
    scene_t *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    board_start(&world->board);
    world->crypto = crypto_openssl;
    world->crypto.verify = verify;
    ota_device_t *device = &world->board.device;
    device->records = NULL;
    device->crypto = &world->crypto;
    device->boot = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .rollback = true};
    world->flash = world->board.nor.flash;
    device->flash = &world->flash;
    net_start(&world->net, &world->ms);
    world->http = net_port(&world->net);
    world->clock = (ota_clock_t){OTA_CLOCK_VERSION, world, clock_ms, clock_now};
    world->random_port = (ota_random_t){OTA_RANDOM_VERSION, world, next_random};
    world->store = (ota_store_t){OTA_STORE_VERSION, world, store_read, store_write};
    world->store_torn_at = -1;
    world->ms = 0xFFFFF000u; /* wraps soon */
    world->healthy = true;
    const char *keys = scene_key_set(world, 0, 1, 'a');
    world->who = (ota_identity_t){.product = "lamp",
                                  .channel = "stable",
                                  .id = (const uint8_t *)"\x01\x02",
                                  .id_len = 2,
                                  .version = "1.0",
                                  .keys = (const uint8_t *)keys,
                                  .keys_len = (uint32_t)strlen(keys)};
    fill_config(world);
    world->image = board_image((board_want_t){.size = 20480, .seed = 77});
    scene_publish(world, 5, "2.0", "");
    assert_true(scene_boot(world));
    *state = world;
    return 0;
}

int scene_teardown(void **state)
{
    scene_t *world = *state;
    board_image_free(&world->image);
    board_stop(&world->board);
    free(world);
    return 0;
}
