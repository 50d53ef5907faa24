/* SPDX-License-Identifier: Apache-2.0 */
/* otary device new: `otary flash new`, and the facts beside the flash. */
#include "cli/device.h"

#include "device/identity.h"
#include "host/rtc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 48u

const cli_option_t device_new_options[] = {
    {"table", 't', CLI_FILE, "FILE", NULL, "partition table, CSV or binary (needed)"},
    {"app", 'a', CLI_FILE, "SLOT=FILE", NULL, "its first app (needed); may be repeated"},
    {"keys", 'k', CLI_FILE, "FILE", NULL, "key set that its firmware trusts (needed)"},
    {"bootloader", 'b', CLI_FILE, "FILE", NULL, "second-stage bootloader"},
    {"flash-size", 's', CLI_NUMBER, "SIZE", NULL, "size of the chip; else as `otary flash new`"},
    {"channel", 0, CLI_TEXT, "NAME", "stable", "channel that it follows"},
    {"variant", 0, CLI_TEXT, "NAME", NULL, "variant of the board"},
    {"id", 0, CLI_TEXT, "TEXT", NULL, "what it is known by, at most 20 bytes; else random"},
    {"cohort", 0, CLI_TEXT, "NAME", NULL, "a group that it belongs to; may be repeated"},
    {"policy", 'p', CLI_CHOICE, "stock|otary", "otary", "whose bootloader"},
    CLI_FORCE,
    CLI_END};

static bool put(cli_t *cli, char *to, size_t room, const char *text, const char *what)
{
    int n = snprintf(to, room, "%s", text != NULL ? text : "");
    if (n < 0 || (size_t)n >= room) {
        (void)cli_misuse(cli, cli_format(cli, "--%s is too long", what),
                         cli_format(cli, "give at most %u bytes", (unsigned)room - 1));
        return false;
    }
    return true;
}

static bool random_id(cli_t *cli, device_identity_t *identity)
{
    unsigned char bytes[6];
    FILE *file = fopen("/dev/urandom", "rb");
    bool good = file != NULL && fread(bytes, 1, sizeof(bytes), file) == sizeof(bytes);
    if (file != NULL) {
        (void)fclose(file);
    }
    if (!good) {
        (void)cli_refuse(cli, "FILE", "no random bytes for an id", "/dev/urandom",
                         "give one with --id");
        return false;
    }
    (void)snprintf(identity->id, sizeof(identity->id), "%02x%02x%02x%02x%02x%02x", bytes[0],
                   bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]);
    return true;
}

static bool take_cohorts(cli_t *cli, device_identity_t *identity)
{
    size_t at = 0;
    for (const char *name = cli_next(cli, "cohort", &at); name != NULL;
         name = cli_next(cli, "cohort", &at)) {
        uint32_t i = identity->cohort_count;
        if (i == DEVICE_COHORTS) {
            (void)cli_misuse(cli, "too many cohorts", "name at most 8");
            return false;
        }
        if (!put(cli, identity->cohort[i], sizeof(identity->cohort[i]), name, "cohort")) {
            return false;
        }
        identity->cohorts[i] = identity->cohort[i];
        identity->cohort_count++;
    }
    return true;
}

/* The product is the key set's. */
static bool take_keys(cli_t *cli, device_identity_t *identity)
{
    const char *path = cli_text(cli, "keys");
    cli_bytes_t file;
    ota_keys_t keys;
    ota_fault_t fault;
    if (!cli_read(cli, path, OTA_DOCUMENT_MAX, &file)) {
        return false;
    }
    ota_status_t status = ota_keys_open(&keys, file.bytes, file.len, &fault);
    if (status != OTA_OK) {
        (void)cli_status(cli, status, &fault, path);
        return false;
    }
    memcpy(identity->keys, file.bytes, file.len);
    memcpy(identity->product, keys.product.at, keys.product.len);
    return true;
}

static bool take_identity(cli_t *cli, device_identity_t *identity)
{
    const char *id = cli_text(cli, "id");
    return take_keys(cli, identity) &&
           put(cli, identity->channel, sizeof(identity->channel), cli_text(cli, "channel"),
               "channel") &&
           put(cli, identity->variant, sizeof(identity->variant), cli_text(cli, "variant"),
               "variant") &&
           (id == NULL ? random_id(cli, identity) : put(cli, identity->id, 21, id, "id")) &&
           take_cohorts(cli, identity);
}

/* The words of `otary flash new`. */
static void flash_words(cli_t *cli, const char *words[WORDS_MAX])
{
    static const char *const passed[] = {"table", "bootloader"};
    size_t count = 0;
    size_t at = 0;
    words[count++] = "flash";
    words[count++] = "new";
    words[count++] = cli->operand[0];
    for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
        if (cli_text(cli, passed[i]) != NULL) {
            words[count++] = cli_format(cli, "--%s", passed[i]);
            words[count++] = cli_text(cli, passed[i]);
        }
    }
    if (cli_given(cli, "flash-size")) {
        words[count++] = "--flash-size";
        words[count++] = cli_format(cli, "%u", (unsigned)cli_number(cli, "flash-size"));
    }
    for (const char *app = cli_next(cli, "app", &at); app != NULL && count < WORDS_MAX - 4;
         app = cli_next(cli, "app", &at)) {
        words[count++] = "--app";
        words[count++] = app;
    }
    if (cli_flag(cli, "force")) {
        words[count++] = "--force";
    }
    words[count] = NULL;
}

static int make_flash(cli_t *cli)
{
    const char *words[WORDS_MAX];
    flash_words(cli, words);
    return cli_run_inside(cli, words);
}

/* What an earlier device of this name had learnt is not the new one's. */
static void forget_store(cli_t *cli, const char *path)
{
    static const char *const keys[] = {"ota.state.a", "ota.state.b", "ota.keys.a", "ota.keys.b"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        (void)unlink(cli_format(cli, "%s.%s", path, keys[i])); /* usually there is none */
    }
}

int device_new(cli_t *cli)
{
    const char *path = cli->operand[0];
    device_identity_t *identity = cli_allocate(cli, sizeof(*identity));
    if (cli_text(cli, "keys") == NULL || cli_text(cli, "app") == NULL ||
        cli_text(cli, "table") == NULL) {
        return cli_misuse(cli, "a device needs a table, an app and a key set",
                          "add --table FILE, --app SLOT=FILE and --keys FILE");
    }
    if (!take_identity(cli, identity)) {
        return CLI_REFUSED;
    }
    int rc = make_flash(cli);
    if (rc != CLI_OK) {
        return rc;
    }
    bool otary = strcmp(cli_text(cli, "policy"), "otary") == 0;
    rtc_t rtc = {
        .running = OTA_SLOT_NONE,
        .config = {.policy = otary ? OTA_POLICY_OTARY : OTA_POLICY_STOCK, .rollback = true}};
    forget_store(cli, path);
    if (!rtc_store(&rtc, path) || !device_identity_store(identity, path)) {
        return cli_refuse(cli, "FILE",
                          cli_format(cli, "cannot keep who the device is: %s", strerror(errno)),
                          path, "make the folder of the flash file writable");
    }
    (void)cJSON_AddStringToObject(cli->report, "flash", path);
    (void)cJSON_AddStringToObject(cli->report, "id", identity->id);
    (void)cJSON_AddStringToObject(cli->report, "product", identity->product);
    cli_print(cli, "%s%s%s: device %s, a %s on channel %s\n", cli_style(cli, CLI_GREEN), path,
              cli_style(cli, CLI_PLAIN), identity->id, identity->product, identity->channel);
    return CLI_OK;
}
