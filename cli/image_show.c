/* SPDX-License-Identifier: Apache-2.0 */
/* otary image show: an image's facts. */
#include "cli/image.h"
#include "host/explain.h"
#include "host/image_info.h"

#include <string.h>

const cli_option_t image_show_options[] = {CLI_END};

/* Bytes of a descriptor go to a terminal: nothing but printable ASCII. */
static const char *clean(cli_t *cli, const char *text)
{
    char copy[40]; /* the longest field has 32 */
    size_t i = 0;
    for (; i < sizeof(copy) - 1 && text[i] != '\0'; i++) {
        copy[i] = text[i] < ' ' || text[i] > '~' ? '?' : text[i];
    }
    copy[i] = '\0';
    return cli_format(cli, "%s", copy);
}

static const char *named(cli_t *cli, const char *text)
{
    return text[0] != '\0' ? clean(cli, text) : "(not set)";
}

static const char *verdict(bool right)
{
    return right ? "right" : "WRONG";
}

static void show_descriptor(cli_t *cli, const image_info_t *info)
{
    if (info->has_app_desc) {
        const ota_app_desc_t *app = &info->app;
        const char *when = cli_format(cli, "%s %s ", clean(cli, app->date), clean(cli, app->time));
        cli_print(cli, "  project    %s, version %s\n", named(cli, app->project),
                  named(cli, app->version));
        cli_print(cli, "  built      %swith ESP-IDF %s\n", app->date[0] != '\0' ? when : "",
                  named(cli, app->idf_version));
        cli_print(cli, "  secure     version %u\n", app->secure_version);
    } else if (info->has_bootloader_desc) {
        const ota_bootloader_desc_t *boot = &info->bootloader;
        cli_print(cli, "  bootloader version %u, secure version %u\n", boot->version,
                  boot->secure_version);
        cli_print(cli, "  built      %s with ESP-IDF %s\n", clean(cli, boot->date_time),
                  clean(cli, boot->idf_version));
    } else {
        cli_print(cli, "  descriptor none\n");
    }
}

/* "80m or 40m", as esptool writes it, to "80 MHz or 40 MHz". */
static const char *frequency(cli_t *cli, const char *name)
{
    const char *text = "";
    for (; *name != '\0'; name++) {
        text =
            *name == 'm' ? cli_format(cli, "%s MHz", text) : cli_format(cli, "%s%c", text, *name);
    }
    return text;
}

static void show_header(cli_t *cli, const image_info_t *info)
{
    const ota_image_header_t *header = &info->header;
    char min[16];
    char max[16];
    explain_rev(header->min_rev, false, min, sizeof(min));
    explain_rev(header->max_rev, true, max, sizeof(max));
    cli_print(cli, "  flash      %s, %s, %s\n",
              cli_bytes(cli, (uint64_t)(1u << 20) << (header->spi_speed_size >> 4)),
              image_spi_mode_name(header->spi_mode),
              frequency(cli, image_flash_freq_name(info->chip, header->spi_speed_size)));
    cli_print(cli, "  chip       %s, entry 0x%08x\n",
              header->min_rev == 0 && strcmp(max, "any") == 0
                  ? "any revision"
                  : cli_format(cli, "revisions %s to %s", min, max),
              (unsigned)header->entry);
}

static void show_segments(cli_t *cli, const image_info_t *info)
{
    for (size_t i = 0; i < info->segments; i++) {
        const image_segment_t *segment = &info->segment[i];
        if (segment->len == UINT32_MAX) {
            cli_print(cli, "  segment %-2u 0x%06x  blank: erased flash\n", (unsigned)i,
                      (unsigned)segment->at);
            continue;
        }
        cli_print(cli, "  segment %-2u 0x%06x  to 0x%08x  %8u bytes ", (unsigned)i,
                  (unsigned)segment->at, (unsigned)segment->load, (unsigned)segment->len);
        for (size_t k = 0; k < segment->names; k++) {
            cli_print(cli, " %s", segment->name[k]);
        }
        cli_print(cli, "\n");
    }
}

static void show_block(cli_t *cli, const image_block_t *block)
{
    char digest[65];
    if (block->kind == BLOCK_MALFORMED) {
        cli_print(cli, "  signature  at 0x%x: malformed, %s\n", (unsigned)block->at, block->why);
    } else if (block->kind == BLOCK_V1) {
        cli_print(cli, "  signature  at 0x%x: v1, its key is not in the image\n",
                  (unsigned)block->at);
    } else if (block->kind != BLOCK_ABSENT) {
        image_hex(block->key_digest, 32, digest);
        cli_print(cli, "  signature  at 0x%x: %s, digest %s, signature %s\n", (unsigned)block->at,
                  image_block_name(block->kind), verdict(block->digest_true),
                  verdict(block->signature_true));
        cli_print(cli, "  its key    %s\n", digest);
    }
}

static void show_seals(cli_t *cli, const image_info_t *info)
{
    if (!info->sealed) {
        return;
    }
    cli_print(cli, "  checksum   at 0x%x: %s\n", (unsigned)info->checksum_at,
              verdict(info->checksum == info->checksum_stored));
    if (info->header.hash_appended != 0) {
        cli_print(cli, "  SHA-256    at 0x%x: %s\n", (unsigned)info->hash_at,
                  verdict(info->hash_true));
    } else {
        cli_print(cli, "  SHA-256    none: only the checksum guards this image\n");
    }
    if (info->signed_length == info->length) {
        cli_print(cli, "  signature  none\n");
    }
    show_block(cli, &info->v1);
    for (size_t i = 0;
         i < IMAGE_BLOCKS && info->signed_length > info->length && info->v1.kind == BLOCK_ABSENT;
         i++) {
        show_block(cli, &info->block[i]);
    }
    if (info->trailing > 0) {
        cli_print(cli, "  behind it  %s that belong to nobody%s\n", cli_bytes(cli, info->trailing),
                  info->trailing_blank ? ", all FF" : "");
    }
}

/* The last header that was read is erased flash: the image was cut, not the file. */
static bool blank_segment(const image_info_t *info)
{
    return info->stop == IMAGE_STOP_SEGMENT && info->segments > 0 &&
           info->segment[info->segments - 1].len == UINT32_MAX;
}

/* What reading already shows to be wrong; the verdict of rules is `verify`'s. */
static int judge(cli_t *cli, const image_info_t *info, const char *path)
{
    static const ota_status_t statuses[] = {
        [IMAGE_STOP_NONE] = OTA_OK,
        [IMAGE_STOP_EMPTY] = OTA_ERR_IMAGE_TRUNCATED,
        [IMAGE_STOP_MAGIC] = OTA_ERR_IMAGE_MAGIC,
        [IMAGE_STOP_HEADER] = OTA_ERR_IMAGE_TRUNCATED,
        [IMAGE_STOP_TOO_MANY] = OTA_ERR_IMAGE_SEGMENT_COUNT,
        [IMAGE_STOP_SEGMENT] = OTA_ERR_IMAGE_TRUNCATED,
        [IMAGE_STOP_CHECKSUM] = OTA_ERR_IMAGE_TRUNCATED,
    };
    ota_fault_t fault = {.status = statuses[info->stop], .offset = info->stop_at};
    if (info->stop == IMAGE_STOP_NONE && info->checksum != info->checksum_stored) {
        fault = (ota_fault_t){OTA_ERR_IMAGE_CHECKSUM, info->checksum_at, info->checksum_stored,
                              info->checksum};
    } else if (blank_segment(info)) {
        fault = (ota_fault_t){OTA_ERR_IMAGE_SEGMENT_LENGTH,
                              info->segment[info->segments - 1].at + 4, UINT32_MAX, UINT32_MAX};
    } else if (info->stop == IMAGE_STOP_NONE && info->header.hash_appended != 0 &&
               !info->hash_true) {
        fault.status = info->hash_there ? OTA_ERR_IMAGE_HASH : OTA_ERR_IMAGE_TRUNCATED;
        fault.offset = info->hash_there ? info->hash_at : (uint32_t)info->file_len;
    }
    return fault.status == OTA_OK ? CLI_OK : cli_status(cli, fault.status, &fault, path);
}

static int show_file(cli_t *cli, const char *path)
{
    static image_info_t info; /* too large for the stack of a recursion-free tool to carry twice */
    file_map_t map;
    if (!cli_image_open(cli, path, &map)) {
        return CLI_REFUSED;
    }
    image_info_read(map.bytes, map.len, &info);
    cJSON *json = image_info_json(&info);
    (void)cJSON_AddStringToObject(json, "file", path);
    (void)cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(cli->report, "images"), json);
    if (info.stop != IMAGE_STOP_EMPTY && info.stop != IMAGE_STOP_MAGIC) {
        cli_print(cli, "%s%s%s: %s for %s, %s%s\n", cli_style(cli, CLI_BOLD), path,
                  cli_style(cli, CLI_PLAIN), info.kind == OTA_IMAGE_APP ? "app" : "bootloader",
                  info.chip != NULL ? info.chip->name : "an unknown chip",
                  cli_bytes(cli, info.sealed ? info.signed_length : info.file_len),
                  info.stop != IMAGE_STOP_NONE ? ", incomplete" : "");
        show_descriptor(cli, &info);
        show_header(cli, &info);
        show_segments(cli, &info);
        show_seals(cli, &info);
    }
    int rc = judge(cli, &info, path);
    file_unmap(&map);
    return rc;
}

int image_show(cli_t *cli)
{
    int rc = CLI_OK;
    (void)cJSON_AddArrayToObject(cli->report, "images");
    for (size_t i = 0; i < cli->operands; i++) {
        int one = show_file(cli, cli->operand[i]);
        rc = one != CLI_OK ? one : rc;
    }
    return rc;
}
