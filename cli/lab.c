/* SPDX-License-Identifier: Apache-2.0 */
/* otary lab: the fault laboratory. */
#include "cli/lab.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *lab_number(cli_t *cli, uint64_t number)
{
    const char *text = number < 1000 ? cli_format(cli, "%" PRIu64, number)
                                     : cli_format(cli, "%s,%03u", lab_number(cli, number / 1000),
                                                  (unsigned)(number % 1000));
    return text;
}

const char *lab_loss(cli_t *cli, uint64_t number, uint64_t all, int width)
{
    double share = all > 0 ? 100.0 * (double)number / (double)all : 0.0;
    int digits = share < 0.01 ? 3 : share < 1.0 ? 2 : 1;
    const char *text =
        number == 0 ? "0" : cli_format(cli, "%s (%.*f %%)", lab_number(cli, number), digits, share);
    return cli_format(cli, "%s%*s%s", cli_style(cli, number == 0 ? CLI_GREEN : CLI_RED), width,
                      text, cli_style(cli, CLI_PLAIN));
}

int lab_broken(cli_t *cli, ota_status_t status, const char *what)
{
    return cli_refuse(cli, ota_status_name(status),
                      cli_format(cli, "the sweep did not run: %s", what), NULL,
                      status == OTA_ERR_NO_ROOM || status == OTA_ERR_PORT
                          ? "free some memory, or give a smaller --jobs"
                          : "this is a fault of the program: report it with the command that you "
                            "typed");
}

static const cli_verb_t verbs[] = {
    {.name = "run",
     .run = lab_run_verb,
     .summary = "cut the power at every operation of your own update",
     .details =
         "Runs the update from --from to --to on a virtual chip with your partition table, cuts "
         "the\n"
         "power at every flash operation in every way a NOR chip can be interrupted, boots with "
         "the\n"
         "device's own code and judges what runs. Beside it: the same update by Espressif's "
         "rules.\n"
         "\n"
         "Operations on otadata are cut at every byte. Real images take thousands of operations:\n"
         "each is cut before and after, a sample of them inside; the output says how many. Exit\n"
         "status 1: a cut breaks a promise under the rules that --policy names.",
     .example =
         "otary lab run --table partitions.csv --from old.bin --to new.bin\n"
         "otary lab run --table min_spiffs.csv --from old.bin --to new.bin --html report.html\n"
         "otary lab run --flash device.bin --from old.bin --to new.bin --policy stock "
         "--bootloader-rollback",
     .options = lab_run_options},
    {.name = "replay",
     .operands = "ID",
     .min = 1,
     .max = 1,
     .run = lab_replay_case,
     .summary = "step through one case by its name",
     .details = "Every sweep names what it finds. The name is all that is needed to run exactly "
                "that case\n"
                "again; where the sweep was given --seed, --table, --from or --to, give them here "
                "too. Exit\n"
                "status 1: it breaks a promise.",
     .example =
         "otary lab replay normal/i4.46.d\n"
         "otary lab replay otadata.stock.confirm.0.prefix.12\n"
         "otary lab replay rot.otary.confirmed.0xf004.3\n"
         "otary lab replay normal/i1k.300.d --table partitions.csv --from old.bin --to new.bin",
     .options = lab_replay_options},
    {.name = "otadata",
     .run = lab_otadata,
     .summary = "what each torn write to otadata costs, stock beside ours",
     .details =
         "Runs one update (select, first boot, confirm) on the device's own code, leaves every\n"
         "write to otadata half done in three ways (each byte prefix; one bit only, and all but\n"
         "one; random), boots, and judges. For Espressif's rules these are the 120,972 states of\n"
         "a published model. Exit status 1 if a state breaks a promise under policy otary.",
     .example = "otary lab otadata\notary lab otadata --json",
     .options = lab_otadata_options},
    {.name = "rot",
     .run = lab_rot,
     .summary = "turn every bit of what decides over, and boot",
     .details =
         "Every bit of otadata's first 256 bytes (both sectors), of the partition table and of\n"
         "both images' headers, one at a time, on a device that rests confirmed, selected, on\n"
         "trial or rejected; then random bits of the image that is to boot. Each flip must be\n"
         "harmless or detected. There is one copy of the partition table: a flip in it is refused\n"
         "by its MD5, and the device waits for a cable. Exit status 1 if policy otary breaks a\n"
         "promise.",
     .example = "otary lab rot\notary lab rot --random 10000",
     .options = lab_rot_options},
    {.name = "faults",
     .run = lab_faults,
     .summary = "let every call of the flash port fail, in every scenario",
     .details =
         "Each read, program and erase of each scenario fails: once and for ever, saying so, half\n"
         "done, or silently. Then each failure is combined with one power cut after it, and each\n"
         "power cut with one failure after it. While calls fail nothing may be bricked, lost or\n"
         "left unguarded; when they work again the update must come to its end. Exit status 1 if\n"
         "a promise is broken.",
     .example = "otary lab faults\notary lab faults --scenario 'confirm/o4'\n"
                "otary lab faults --stock",
     .options = lab_faults_options},
    {.name = "net",
     .run = lab_net,
     .summary = "cut the network at every byte, with servers that misbehave and power that fails",
     .details =
         "A virtual device updates over HTTP from a published directory: cut at every byte of the\n"
         "session (reset, stalled, ended early), from servers that misbehave in every way of\n"
         "docs/network.md, and as a fleet with power cuts, losses and a server that goes away and\n"
         "comes back. Whatever boots must be the old image or the published one, bit for bit; it\n"
         "must come to rest, updated or with a reason; an interruption costs at most one erase\n"
         "unit. Nothing leaves this process: no sockets. Exit status 1 if a promise is broken.\n"
         "\n"
         "--sockets: a fleet over TCP and TLS on loopback instead, through a proxy that breaks\n"
         "connections, from the server of `otary serve`, which is killed and started again. What\n"
         "it has answered with 2xx must be in its database.",
     .example = "otary lab net\notary lab net --case portal\n"
                "otary lab net --flash dev.bin --directory public\n"
                "otary lab net --sockets --devices 20 --kills 20 --seed 7",
     .options = lab_net_options},
    {.name = "scoreboard",
     .run = lab_scoreboard,
     .summary = "all of it: every sweep, in one table beside the best known elsewhere",
     .details = "Takes up to a quarter of an hour on two cores. Exit status 1 if a goal is missed.",
     .example = "otary lab scoreboard\notary lab scoreboard --seconds 60 --random 10000 --json",
     .options = lab_scoreboard_options},
    {.name = "list",
     .run = lab_list,
     .summary = "the scenarios of the laboratory, by name",
     .details =
         "A name is a row and a variant: normal/o4f is the row \"normal\" by otary's rules on a\n"
         "chip that programs 4 bytes, with a factory app. Variants: o otary, s Espressif's\n"
         "bootloader with our library, i Espressif's alone; the program unit; k erases of 64\n"
         "KiB too; x flash encryption; f factory and two slots, q four slots, r one slot and\n"
         "factory.",
     .example = "otary lab list\notary lab list --scenario 'select/*'",
     .options = lab_list_options},
    {0}};

const cli_command_t cli_lab = {"lab", "the fault laboratory: power cuts, rot, failing flash",
                               verbs};
