/* SPDX-License-Identifier: Apache-2.0 */
/* The story by cable: one flash file, updated, refused, rolled back and cut. */
#include "cli/demo.h"
#include "ota/policy.h"

#include <string.h>

/* One boot by this command; which slot runs must be `expected`. */
static void boot_by(demo_t *demo, const char *line, const char *expected, const char *meaning)
{
    cli_t *cli = demo->cli;
    cJSON *report = demo_run(demo, CLI_OK, line);
    const cJSON *boot_report = cJSON_GetObjectItemCaseSensitive(report, "boot");
    demo->running = cli_format(cli, "%s", demo_text(boot_report, "booted"));
    demo_fact(demo, strcmp(demo->running, expected) == 0,
              cli_format(cli, "%s runs: %s", demo->running, meaning));
    cJSON_Delete(report);
}

static void boot(demo_t *demo, const char *expected, const char *meaning)
{
    boot_by(demo, "boot " DEMO_FLASH, expected, meaning);
}

/* Runs a command whose report does not matter beyond its exit status. */
static void command(demo_t *demo, int status, const char *line)
{
    cJSON_Delete(demo_run(demo, status, line));
}

/* An update by this command; the slot that it went into. */
static const char *update(demo_t *demo, const char *line)
{
    cli_t *cli = demo->cli;
    cJSON *report = demo_run(demo, CLI_OK, line);
    const char *slot = cli_format(cli, "%s", demo_text(report, "slot"));
    const cJSON *resumed = cJSON_GetObjectItemCaseSensitive(report, "resumed_at");
    bool selected = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(report, "selected"));
    double from = cJSON_IsNumber(resumed) ? resumed->valuedouble : 0;
    const char *how = from > 0 ? cli_format(cli, " from byte %.0f on", from) : "";
    demo_fact(
        demo, selected && slot[0] != '\0' && strcmp(slot, demo->running) != 0,
        cli_format(cli, "%s is written%s and chosen; %s still runs", slot, how, demo->running));
    cJSON_Delete(report);
    return slot;
}

static void new_device(demo_t *demo)
{
    demo_chapter(demo, "A new device",
                 "A blank flash gets a bootloader, a partition table and its first application.");
    command(demo, CLI_OK,
            cli_format(demo->cli,
                       "flash new " DEMO_FLASH " --table " DEMO_TABLE
                       " --bootloader " DEMO_BOOTLOADER " --app %s=" DEMO_OLD,
                       demo->first));
    boot_by(demo,
            cli_format(demo->cli, "boot " DEMO_FLASH " --policy %s --rollback", demo_policy(demo)),
            demo->first, "the first application");
}

static const char *an_update(demo_t *demo)
{
    demo_chapter(demo, "An update",
                 "The new image goes into the slot that does not run, is judged while its\n"
                 "   bytes pass, and only then is it chosen.");
    const char *slot = update(demo, "update " DEMO_FLASH " " DEMO_NEW);
    boot(demo, slot, "the new image, on trial until it confirms itself");
    command(demo, CLI_OK, "slots confirm " DEMO_FLASH);
    boot(demo, slot, "confirmed, it stays");
    return slot;
}

static void refusals(demo_t *demo, const char *good)
{
    demo_chapter(demo, "Images that must not win",
                 "One bit of the firmware flipped, then a web page in its stead: refused, with\n"
                 "   the place and the reason.");
    command(demo, CLI_REFUSED, "update " DEMO_FLASH " " DEMO_BROKEN);
    command(demo, CLI_REFUSED, "update " DEMO_FLASH " " DEMO_PAGE);
    boot(demo, good, "nothing has changed");
}

static void rollback(demo_t *demo, const char *good)
{
    demo_chapter(demo, "An image that crashes",
                 "Whole and genuine, but its application never says that it is well.");
    const char *slot = update(demo, "update " DEMO_FLASH " " DEMO_CRASHING);
    bool otary = strcmp(demo_policy(demo), "otary") == 0;
    boot(demo, slot, "on trial; now it crashes, and the chip resets");
    for (unsigned i = 1; otary && i < OTA_TRIAL_BOOTS; i++) {
        boot(demo, slot, "tried again, and it crashes again");
    }
    boot(demo, good, "rolled back to the last good application");
}

/* Half of the writes that the image takes, at 4 KiB each. */
static const char *in_the_middle(demo_t *demo)
{
    unsigned cut = (unsigned)(demo->new_len / 8192);
    return cli_format(demo->cli, "update " DEMO_FLASH " " DEMO_NEW " --cut-after %u",
                      cut > 0 ? cut : 1);
}

static const char *power_cut(demo_t *demo, const char *good)
{
    demo_chapter(demo, "The power fails in the middle",
                 "The update dies inside a flash operation; then someone switches on again.");
    command(demo, CLI_REFUSED, in_the_middle(demo));
    boot(demo, good, "the application from before");
    demo_holds_new(demo, good);
    const char *slot = update(demo, "update " DEMO_FLASH " " DEMO_NEW " --resume");
    boot(demo, slot, "the same update, gone on with where it was cut");
    command(demo, CLI_OK, "slots confirm " DEMO_FLASH);
    boot(demo, slot, "and it stays");
    demo_holds_new(demo, slot);
    return slot;
}

/* Whichever of the two the device runs, it must run; the next attempt then succeeds. */
static void cut_choice(demo_t *demo, const char *running, const char *other)
{
    cli_t *cli = demo->cli;
    demo_chapter(demo, "The power fails while the choice is written",
                 "The most delicate moment: the few bytes that say what boots.");
    command(demo, CLI_REFUSED, cli_format(cli, "slots set " DEMO_FLASH " %s --cut-after 1", other));
    cJSON *report = demo_run(demo, CLI_OK, "boot " DEMO_FLASH);
    const cJSON *boot_report = cJSON_GetObjectItemCaseSensitive(report, "boot");
    const char *booted = cli_format(cli, "%s", demo_text(boot_report, "booted"));
    demo_fact(demo, strcmp(booted, running) == 0 || strcmp(booted, other) == 0,
              cli_format(cli, "%s runs: one choice or the other, both are whole", booted));
    cJSON_Delete(report);
    demo_holds_new(demo, booted);
}

void demo_local(demo_t *demo)
{
    new_device(demo);
    const char *good = an_update(demo);
    refusals(demo, good);
    rollback(demo, good);
    const char *running = power_cut(demo, good);
    cut_choice(demo, running, good);
}
