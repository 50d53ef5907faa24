/* SPDX-License-Identifier: Apache-2.0 */
/* otary update: one update of a flash file, through the calls that a device's firmware makes. */
#include "cli/cli.h"
#include "cli/flash_open.h"
#include "cli/powered_open.h"
#include "host/explain.h"
#include "host/flash_update.h"
#include "host/size.h"

#include <string.h>

#define CHUNK_MAX (1u << 20)

static const cli_option_t options[] = {
    {"size", 's', CLI_TEXT, "unknown|sequential|N", NULL,
     "what begin is told of the size; else the file's"},
    {"slot", 0, CLI_TEXT, "SLOT", NULL, "slot or partition to write; else the next OTA slot"},
    {"chunk", 0, CLI_NUMBER, "BYTES", "4K", "bytes of one write"},
    {"read-back", 0, CLI_FLAG, NULL, NULL, "compare what was programmed"},
    {"resume", 0, CLI_FLAG, NULL, NULL, "go on with an update that was cut off"},
    {"final", 0, CLI_TEXT, "PART", NULL, "what the bytes are for, if not for SLOT"},
    {"copy", 0, CLI_FLAG, NULL, NULL, "with --final: copy them there when they are complete"},
    {"unjudged", 0, CLI_FLAG, NULL, NULL, "send what the file holds, as a bad server would"},
    {"no-switch", 'n', CLI_FLAG, NULL, NULL, "leave the choice of what boots as it is"},
    CLI_RUNNING,
    CLI_BOOTLOADER,
    CLI_CUT_AFTER,
    CLI_TABLE_OFFSET,
    CLI_END};

/* Everything that lives as long as the command. */
typedef struct {
    cli_t *cli;
    const char *flash;
    const char *firmware;
    flash_image_t image;
    flash_meter_t meter;
    powered_t *powered;
    cli_bytes_t bytes;
    ota_part_t target;
    ota_part_t final;
    cli_progress_t bar;
    flash_update_wish_t wish;
    flash_update_result_t result;
} job_t;

/* --- what was typed ------------------------------------------------------------------------ */

static bool read_size(cli_t *cli, uint32_t len, uint32_t *size)
{
    const char *text = cli_text(cli, "size");
    if (text == NULL) {
        *size = len;
    } else if (strcmp(text, "unknown") == 0) {
        *size = OTA_SIZE_UNKNOWN;
    } else if (strcmp(text, "sequential") == 0) {
        *size = OTA_WITH_SEQUENTIAL_WRITES;
    } else if (!cli_parse_number(text, size) || *size >= OTA_WITH_SEQUENTIAL_WRITES) {
        (void)cli_misuse(cli, cli_format(cli, "--size \"%s\" is no size", text),
                         "give unknown, sequential, or a number of bytes");
        return false;
    }
    return true;
}

static bool read_part(cli_t *cli, const ota_table_t *table, const char *option, ota_part_t *part)
{
    const char *text = cli_text(cli, option);
    if (part_parse(table, text, part) == OTA_OK) {
        return true;
    }
    (void)cli_refuse(cli, "OTA_ERR_NOT_IN_TABLE",
                     cli_format(cli, "the table has no partition \"%s\"", text), cli->operand[0],
                     cli_format(cli, "`otary flash show %s` lists them", cli->operand[0]));
    return false;
}

static void advance(void *user, uint32_t done)
{
    job_t *job = user;
    cli_progress(job->cli, &job->bar, done);
}

/* false: reported. */
static bool make_wish(job_t *job)
{
    cli_t *cli = job->cli;
    flash_update_wish_t *wish = &job->wish;
    wish->bytes = job->bytes.bytes;
    wish->len = (uint32_t)job->bytes.len;
    wish->chunk = cli_number(cli, "chunk");
    wish->flags = cli_flag(cli, "read-back") ? OTA_UPDATE_READ_BACK : 0;
    wish->resume = cli_flag(cli, "resume");
    wish->copy = cli_flag(cli, "copy");
    wish->keep_choice = cli_flag(cli, "no-switch");
    wish->judge_first = !cli_flag(cli, "unjudged");
    wish->progress = advance;
    wish->user = job;
    job->bar = (cli_progress_t){.label = job->firmware, .total = wish->len};
    if (wish->chunk == 0 || wish->chunk > CHUNK_MAX) {
        (void)cli_misuse(cli, "--chunk is out of range", "give 1 to 1M bytes");
        return false;
    }
    if (wish->copy && !cli_given(cli, "final")) {
        (void)cli_misuse(cli, "--copy needs --final", "name the partition to copy to");
        return false;
    }
    if (cli_given(cli, "slot")) {
        wish->target = &job->target;
        if (!read_part(cli, &job->image.table, "slot", &job->target)) {
            return false;
        }
    }
    if (cli_given(cli, "final")) {
        wish->final = &job->final;
        if (!read_part(cli, &job->image.table, "final", &job->final)) {
            return false;
        }
    }
    return read_size(cli, wish->len, &wish->size);
}

/* The device as the last boot left it; what the options say of its bootloader is kept. */
static bool start_device(job_t *job)
{
    cli_t *cli = job->cli;
    job->powered = cli_powered(cli, job->flash, &job->image);
    bool told = cli_given(cli, "policy") || cli_given(cli, "rollback") ||
                cli_given(cli, "no-rollback") || cli_given(cli, "secure-version");
    return (!told || cli_powered_save(cli, job->powered)) &&
           cli_powered_run(cli, job->powered, true);
}

/* --- reporting -------------------------------------------------------------------------------- */

static const char *name_of(cli_t *cli, const ota_part_t *part)
{
    if (!ota_part_is_slot(part)) {
        return part->label;
    }
    return cli_format(cli, "%s (%s)", slot_name((ota_slot_t)(part->subtype - OTA_SUBTYPE_OTA_0)),
                      part->label);
}

static const char *step_name(flash_update_step_t step)
{
    static const char *const names[] = {"target", "judge",   "begin",  "write",
                                        "finish", "verdict", "select", "done"};
    return names[step];
}

static void report(job_t *job)
{
    cJSON *json = job->cli->report;
    const flash_update_result_t *result = &job->result;
    const flash_bill_t *bill = &job->meter.bill;
    const flash_part_t *part = &flash_part_w25q32jv;
    (void)cJSON_AddStringToObject(json, "running", slot_name(job->powered->device.running));
    (void)cJSON_AddStringToObject(json, "target", result->target.label);
    (void)cJSON_AddStringToObject(json, "slot", slot_name(result->slot));
    (void)cJSON_AddStringToObject(json, "step", step_name(result->step));
    (void)cJSON_AddStringToObject(json, "status", ota_status_name(result->status));
    (void)cJSON_AddNumberToObject(json, "bytes", job->wish.len);
    (void)cJSON_AddNumberToObject(json, "written", result->written);
    (void)cJSON_AddNumberToObject(json, "resumed_at", result->resumed);
    (void)cJSON_AddBoolToObject(json, "selected", result->selected);
    cJSON *flash = cJSON_AddObjectToObject(json, "flash");
    (void)cJSON_AddNumberToObject(flash, "erases_4k", (double)bill->erases[0]);
    (void)cJSON_AddNumberToObject(flash, "erases_32k", (double)bill->erases[1]);
    (void)cJSON_AddNumberToObject(flash, "erases_64k", (double)bill->erases[2]);
    (void)cJSON_AddNumberToObject(flash, "pages", (double)bill->pages);
    (void)cJSON_AddNumberToObject(flash, "programmed_bytes", (double)bill->programmed_bytes);
    (void)cJSON_AddStringToObject(flash, "part", part->name);
    (void)cJSON_AddNumberToObject(flash, "typical_us", (double)flash_bill_typical(bill, part));
    (void)cJSON_AddNumberToObject(flash, "maximum_us", (double)flash_bill_maximum(bill, part));
}

static void print_cost(job_t *job)
{
    cli_t *cli = job->cli;
    const flash_bill_t *bill = &job->meter.bill;
    const flash_part_t *part = &flash_part_w25q32jv;
    cli_print(cli, "erased    %s: %llu x 64K, %llu x 32K, %llu x 4K\n",
              cli_bytes(cli, flash_bill_erased_bytes(bill)), (unsigned long long)bill->erases[2],
              (unsigned long long)bill->erases[1], (unsigned long long)bill->erases[0]);
    cli_print(cli, "written   %s in %llu pages\n", cli_bytes(cli, bill->programmed_bytes),
              (unsigned long long)bill->pages);
    cli_print(cli, "time      %.1f s on a %s, at most %.1f s\n",
              (double)flash_bill_typical(bill, part) / 1e6, part->name,
              (double)flash_bill_maximum(bill, part) / 1e6);
}

static void print_result(job_t *job)
{
    cli_t *cli = job->cli;
    const flash_update_result_t *result = &job->result;
    cli_print(cli, "running   %s\n", slot_name(job->powered->device.running));
    cli_print(cli, "target    %s at 0x%x, %s\n", name_of(cli, &result->target),
              (unsigned)result->target.offset, cli_bytes(cli, result->target.size));
    if (job->wish.resume) {
        cli_print(cli, "resumed   at 0x%x: flash held the first %u bytes already\n",
                  (unsigned)result->resumed, (unsigned)result->found);
    }
    print_cost(job);
    if (result->slot == OTA_SLOT_NONE) {
        return;
    }
    cli_print(cli, "verdict   %sgood%s: the bootloader will take it\n", cli_style(cli, CLI_GREEN),
              cli_style(cli, CLI_PLAIN));
    if (!result->selected) {
        cli_print(cli, "next boot unchanged; `otary slots set` selects %s\n",
                  slot_name(result->slot));
        return;
    }
    cli_print(cli, "next boot %s%s\n", slot_name(result->slot),
              job->powered->device.boot.rollback
                  ? ", on trial: confirm it after its first boot, or it is rolled back"
                  : "");
}

/* The two refusals that people meet most get their numbers and a table that fits. */
static const char *table_that_fits(job_t *job)
{
    const char *suggest = cli_format(job->cli,
                                     "`otary table suggest %s` ranks the tables that fit; a new "
                                     "table is flashed by cable once",
                                     job->firmware);
    return job->wish.len > 0x1E0000u
               ? suggest
               : cli_format(job->cli,
                            "`board_build.partitions = min_spiffs.csv` in platformio.ini gives "
                            "two OTA slots of 1.875 MiB on 4 MiB of flash; %s",
                            suggest);
}

static int refuse_only_slot(job_t *job)
{
    cli_t *cli = job->cli;
    ota_part_t part = {0};
    ota_slot_t running = job->powered->device.running;
    bool known = slot_part(&job->image.table, running, &part) == OTA_OK;
    return cli_refuse(cli, ota_status_name(OTA_ERR_ONLY_SLOT),
                      cli_format(cli,
                                 "the table's only OTA slot is %s, and that is what runs: there is "
                                 "nothing to update into (ESP_ERR_OTA_PARTITION_CONFLICT)",
                                 known ? name_of(cli, &part) : slot_name(running)),
                      cli_format(cli, "%s, partition table at 0x%x", job->flash,
                                 (unsigned)job->image.table_offset),
                      table_that_fits(job));
}

static int refuse_too_large(job_t *job)
{
    cli_t *cli = job->cli;
    const ota_part_t *target = &job->result.target;
    char needs[SIZE_TEXT];
    char room[SIZE_TEXT];
    return cli_refuse(cli, ota_status_name(job->result.status),
                      cli_format(cli, "the firmware is larger than its slot: it has %s, %s has %s",
                                 size_exact(job->wish.len, needs), name_of(cli, target),
                                 size_exact(target->size, room)),
                      job->firmware, table_that_fits(job));
}

/* What a program would call, the user of a flash file types. */
static int refuse_unconfirmed(job_t *job)
{
    cli_t *cli = job->cli;
    explain_t words;
    explain_status(OTA_ERR_UNCONFIRMED, &words);
    return cli_refuse(cli, words.name, words.what, cli_format(cli, "%s: otadata", job->flash),
                      cli_format(cli, "`otary slots confirm %s`, or `otary slots reject %s`",
                                 job->flash, job->flash));
}

static bool too_large(const job_t *job)
{
    const flash_update_result_t *result = &job->result;
    return (result->status == OTA_ERR_RANGE || result->status == OTA_ERR_IMAGE_TOO_BIG) &&
           job->wish.len > result->target.size && ota_part_is_slot(&result->target);
}

static int refuse(job_t *job)
{
    cli_t *cli = job->cli;
    const flash_update_result_t *result = &job->result;
    if (result->status == OTA_ERR_ONLY_SLOT) {
        return refuse_only_slot(job);
    }
    if (too_large(job)) {
        return refuse_too_large(job);
    }
    if (result->status == OTA_ERR_UNCONFIRMED) {
        return refuse_unconfirmed(job);
    }
    bool about_flash = result->step == FLASH_UPDATE_TARGET || result->step == FLASH_UPDATE_BEGIN ||
                       result->step == FLASH_UPDATE_SELECT;
    int status =
        cli_status(cli, result->status, &result->fault, about_flash ? job->flash : job->firmware);
    if (job->meter.bill.pages > 0 && result->step == FLASH_UPDATE_WRITE) {
        cli_warn(cli, "UNFINISHED",
                 cli_format(cli,
                            "%s is half written; the running slot and the choice of what boots "
                            "are as they were",
                            result->target.label),
                 cli_format(cli, "%s, %u of %u bytes", job->flash, (unsigned)result->written,
                            (unsigned)job->wish.len),
                 "repeat the command, or go on with --resume");
    }
    return status;
}

static int install(job_t *job)
{
    ota_slot_t next = OTA_SLOT_NONE;
    if (job->wish.target == NULL && ota_device_next(&job->powered->device, &next) == OTA_OK &&
        slot_part(&job->image.table, next, &job->target) == OTA_OK) {
        job->wish.target = &job->target; /* as above, with the table's own label */
    }
    ota_status_t status = flash_update_run(&job->powered->device, &job->wish, &job->result);
    cli_progress_end(job->cli, &job->bar);
    report(job);
    if (status != OTA_OK) {
        return refuse(job);
    }
    print_result(job);
    return CLI_OK;
}

static int run(cli_t *cli)
{
    job_t *job = cli_allocate(cli, sizeof(*job));
    memset(job, 0, sizeof(*job));
    job->cli = cli;
    job->flash = cli->operand[0];
    job->firmware = cli->operand[1];
    if (!cli_read(cli, job->firmware, CLI_FILE_MAX, &job->bytes)) {
        return CLI_REFUSED;
    }
    if (job->bytes.len == 0) {
        return cli_refuse(cli, ota_status_name(OTA_ERR_EMPTY), "the firmware file is empty",
                          job->firmware, "build or download it again");
    }
    if (!cli_flash_open(cli, job->flash, true, &job->image)) {
        return CLI_REFUSED;
    }
    flash_meter_arm(&job->meter, &job->image.file.flash);
    int status = make_wish(job) && start_device(job) ? install(job) : CLI_REFUSED;
    flash_image_close(&job->image);
    return status;
}

static const cli_verb_t verbs[] = {
    {.name = NULL,
     .operands = "FLASH FIRMWARE",
     .min = 2,
     .max = 2,
     .summary = "install a firmware into the next slot and select it",
     .details =
         "Runs the update as the device would: judge the first bytes, erase what the next ones\n"
         "need, program, judge the whole, ask what the bootloader will decide, select. The "
         "running\n"
         "slot is never touched. The file is judged whole before anything is; a device cannot do\n"
         "that: --unjudged shows what it does with a file that turns bad on the way. The flash "
         "file\n"
         "is written in the order of the operations, so that a command which dies leaves what a\n"
         "power cut would leave; repeat it, or go on with --resume.\n"
         "\n"
         "--slot also takes other partitions (data, bootloader, table), which are then only "
         "written\nand judged by their own rules. With --final the bytes are judged as what they "
         "are for;\nwith --copy they are copied there from SLOT in the end.",
     .example = "otary update device.bin firmware.bin\n"
                "otary update device.bin firmware.bin --size sequential --chunk 1000\n"
                "otary update device.bin firmware.bin --resume\n"
                "otary update device.bin spiffs.bin --slot spiffs",
     .options = options,
     .run = run},
    {0}};

const cli_command_t cli_update = {"update", "the update itself: into the next slot, and switch",
                                  verbs};
