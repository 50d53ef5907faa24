/* SPDX-License-Identifier: Apache-2.0 */
/* otary demo: which story, where, and how it ended. */
#include "cli/demo.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

bool demo_is_local(const demo_t *demo)
{
    return strcmp(cli_text(demo->cli, "story"), "local") == 0;
}

const char *demo_policy(const demo_t *demo)
{
    const char *policy = cli_text(demo->cli, "policy");
    return policy != NULL ? policy : demo_is_local(demo) ? "stock" : "otary";
}

/* --- the end before the end --------------------------------------------------------------------
 */

static volatile sig_atomic_t ended;

static void note_end(int number)
{
    ended = number;
}

/* Whoever ends the story, by Ctrl-C or by closing the pipe, finds nothing left behind. */
static void watch_for_end(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction action = {.sa_handler = note_end};
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        (void)sigaction(numbers[i], &action, NULL);
    }
    (void)sigaction(SIGPIPE, &ignore, NULL);
}

void demo_look_for_end(demo_t *demo)
{
    if (ended != 0 && demo->failures == 0) {
        demo->failures++;
        (void)cli_refuse(demo->cli, "DEMO", "ended from outside", NULL, "run it again");
    }
}

/* --- the story ---------------------------------------------------------------------------------
 */

static void close_story(demo_t *demo)
{
    cli_t *cli = demo->cli;
    (void)cJSON_AddNumberToObject(cli->report, "failures", demo->failures);
    if (demo->failures == 0) {
        cli_print(cli,
                  "\n%sThe device booted after every step, and ran the old image or the new "
                  "one,\nnever a mixture.%s\n",
                  cli_style(cli, CLI_BOLD), cli_style(cli, CLI_PLAIN));
    }
    if (!demo->temporary) {
        cli_print(cli, "The files are in %s: type the commands there.\n", demo->folder);
    }
}

/* The commands are typed inside the folder; afterwards we are where we were. */
static int tell_inside(demo_t *demo)
{
    cli_t *cli = demo->cli;
    int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (here < 0 || chdir(demo->folder) != 0) {
        if (here >= 0) {
            (void)close(here);
        }
        return cli_refuse(cli, "FILE", "cannot enter the folder", demo->folder,
                          "name another one with --keep");
    }
    (void)cJSON_AddStringToObject(cli->report, "images", demo->source);
    if (demo_is_local(demo)) {
        cli_print(cli, "One device, from its first boot on, with %s.\n", demo->source);
        demo_local(demo);
    } else {
        cli_print(cli,
                  "The whole way of an update, all of it on this machine, with\n%s.\n"
                  "Lines with $ are commands that you could type; they are really run.\n",
                  demo->source);
        demo_air(demo);
    }
    bool back = fchdir(here) == 0;
    (void)close(here);
    close_story(demo);
    return back && demo->failures == 0 ? CLI_OK : CLI_REFUSED;
}

static int run(cli_t *cli)
{
    demo_t demo = {.cli = cli, .running = ""};
    demo.chapters = cJSON_AddArrayToObject(cli->report, "chapters");
    int rc = CLI_REFUSED;
    if ((cli_text(cli, "old") == NULL) != (cli_text(cli, "new") == NULL)) {
        return cli_misuse(cli, "an update goes from one image to another",
                          "give both --old FILE and --new FILE, or neither");
    }
    watch_for_end();
    if (demo_set(&demo)) {
        rc = tell_inside(&demo);
    }
    demo_strike(&demo);
    return rc;
}

static const cli_option_t options[] = {
    {"story", 's', CLI_CHOICE, "air|local", "air",
     "over the air, with a server; or one flash file alone"},
    {"table", 't', CLI_FILE, "FILE", NULL, "partition table to play on; else one that fits"},
    {"old", 0, CLI_FILE, "FILE", NULL, "the image that the device starts with"},
    {"new", 0, CLI_FILE, "FILE", NULL, "the image that it is updated to"},
    {"policy", 'p', CLI_CHOICE, "stock|otary", NULL,
     "whose bootloader boots: Espressif's [local], or Otary's [air]"},
    {"keep", 'k', CLI_FILE, "DIR", NULL, "play in this folder and leave the files there"},
    CLI_END};

static const cli_verb_t verbs[] = {
    {.summary = "the whole story on a virtual device: publish, serve, update through a power cut, "
                "confirm, roll back, report, halt",
     .details = "Every step is a command of this program, shown as one would type it and really "
                "carried out;\neach outcome is checked, and one that is not as promised makes the "
                "exit status 1. Nothing leaves\nthis machine: the server listens on loopback, and "
                "ends with the story.\n\nThe story over the air is told with images made on the "
                "spot, unless --old and --new name your own.\nThe local one first looks for a pair "
                "firmware/*/NAME.old.bin, NAME.new.bin in the folder OTARY_DATA\n(or "
                "../shared/data).",
     .example = "otary demo\notary demo --old v1.bin --new v2.bin --table partitions.csv\n"
                "otary demo --story local --keep story",
     .options = options,
     .run = run},
    {0}};

const cli_command_t cli_demo = {"demo", "watch a release go over the air, a power cut, a rollback",
                                verbs};
