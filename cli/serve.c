/* SPDX-License-Identifier: Apache-2.0 */
/* otary serve: a published directory over HTTP and HTTPS, and what devices report. */
#define _DEFAULT_SOURCE /* realpath */
#include "cli/release.h"

#include "server/certificate.h"
#include "server/server.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define DEFAULT_LISTEN "127.0.0.1:8070"
#define ADDRESS_MAX    128u
#define PORT_MAX       65535u

static const cli_option_t options[] = {
    {"listen", 'l', CLI_TEXT, "ADDR:PORT", DEFAULT_LISTEN,
     "where HTTP is served; port 0: any, [::1]:80 for IPv6, none: HTTPS only"},
    {"https", 's', CLI_FLAG, NULL, NULL, "serve HTTPS too, at the next port"},
    {"https-listen", 0, CLI_TEXT, "ADDR:PORT", NULL, "where HTTPS is served instead"},
    {"cert", 0, CLI_FILE, "PEM", NULL, "certificate with its chain; by default one of our own"},
    {"key", 'k', CLI_FILE, "PEM", NULL, "its private key"},
    {"database", 'd', CLI_FILE, "FILE", NULL, "what devices report; by default DIR.db"},
    {"connections", 0, CLI_NUMBER, "N", "4096", "how many at once"},
    CLI_END};

typedef struct {
    char address[ADDRESS_MAX];
    uint16_t port;
} place_t;

typedef struct {
    server_wish_t wish;
    place_t plain;
    place_t tls;
    char token[TOKEN_DIGITS + 1];
    const char *token_file;
    bool token_made;
    bool own_cert;
} serve_t;

/* --- options -------------------------------------------------------------------------------- */

/* How many bytes the address has in front of the colon of its port; 0: it is none. *from: where. */
static size_t address_of(const char *text, const char *colon, const char **from)
{
    bool six = text[0] == '[';
    *from = six ? text + 1 : text;
    if (colon == NULL || colon <= *from) {
        return 0;
    }
    size_t len = (size_t)(colon - *from);
    if (six) {
        return (*from)[len - 1] == ']' ? len - 1 : 0;
    }
    return memchr(text, ':', len) == NULL ? len : 0; /* IPv6 needs its brackets */
}

/* "127.0.0.1:8070", "[::1]:0", "localhost:80". */
static int take_place(cli_t *cli, const char *option, const char *text, place_t *place)
{
    uint32_t port = 0;
    const char *from = NULL;
    const char *colon = strrchr(text, ':');
    size_t len = address_of(text, colon, &from);
    if (len == 0 || len >= ADDRESS_MAX || !cli_parse_number(colon + 1, &port) || port > PORT_MAX) {
        return cli_misuse(cli, cli_format(cli, "%s %s is no address and port", option, text),
                          "write it like 127.0.0.1:8070, 0.0.0.0:80 or [::1]:8070");
    }
    memcpy(place->address, from, len);
    place->address[len] = '\0';
    place->port = (uint16_t)port;
    return CLI_OK;
}

static int take_https(cli_t *cli, serve_t *serve)
{
    const char *text = cli_text(cli, "https-listen");
    if (text != NULL) {
        return take_place(cli, "--https-listen", text, &serve->tls);
    }
    serve->tls = serve->plain;
    if (serve->tls.port == PORT_MAX) {
        return cli_misuse(cli, "there is no port behind 65535", "give --https-listen");
    }
    serve->tls.port = (uint16_t)(serve->tls.port == 0 ? 0 : serve->tls.port + 1);
    return CLI_OK;
}

static int check_pair(cli_t *cli, bool tls)
{
    bool cert = cli_text(cli, "cert") != NULL;
    if (cert != (cli_text(cli, "key") != NULL)) {
        return cli_misuse(cli, "a certificate and its key belong together",
                          "give both --cert and --key, or neither");
    }
    return cert && !tls ? cli_misuse(cli, "a certificate is for HTTPS", "add --https") : CLI_OK;
}

static int take_places(cli_t *cli, serve_t *serve)
{
    const char *listen = cli_text(cli, "listen");
    bool plain = strcmp(listen, "none") != 0;
    bool tls = cli_flag(cli, "https") || cli_text(cli, "https-listen") != NULL || !plain;
    int rc = take_place(cli, "--listen", plain ? listen : DEFAULT_LISTEN, &serve->plain);
    if (rc == CLI_OK && tls) {
        rc = take_https(cli, serve);
    }
    if (rc == CLI_OK) {
        rc = check_pair(cli, tls);
    }
    serve->wish.address = plain ? serve->plain.address : NULL;
    serve->wish.port = serve->plain.port;
    serve->wish.tls_address = tls ? serve->tls.address : NULL;
    serve->wish.tls_port = serve->tls.port;
    return rc;
}

/* --- files ---------------------------------------------------------------------------------- */

/* The folder of a path, as it really is; NULL: there is none. free() it. */
static char *folder_of(cli_t *cli, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return realpath(".", NULL);
    }
    return realpath(cli_format(cli, "%.*s", (int)(slash - path + 1), path), NULL);
}

/* Token, key and database beside what everyone may fetch would be a mistake away from being
 * published. */
static int check_outside(cli_t *cli, const serve_t *serve)
{
    char *root = realpath(serve->wish.root, NULL);
    char *folder = folder_of(cli, serve->wish.database);
    size_t len = root != NULL ? strlen(root) : 0;
    bool inside = root != NULL && folder != NULL && strncmp(folder, root, len) == 0 &&
                  (folder[len] == '\0' || folder[len] == '/' || len == 1);
    bool there = folder != NULL;
    free(root);
    free(folder);
    if (!there) {
        return cli_refuse(cli, "FILE", "the folder of the database is not there",
                          serve->wish.database, "make it, or name another with --database");
    }
    return inside ? cli_refuse(cli, "FILE", "the database lies in the directory that is served",
                               serve->wish.database, "name a file outside with --database")
                  : CLI_OK;
}

/* "public/" and "." have no name to put ".db" behind. */
static const char *default_database(cli_t *cli, const char *root)
{
    char *real = realpath(root, NULL);
    const char *path = cli_format(cli, "%s.db", real != NULL ? real : root);
    free(real);
    return path;
}

static int take_files(cli_t *cli, serve_t *serve)
{
    release_trouble_t trouble;
    struct stat info;
    server_wish_t *wish = &serve->wish;
    wish->root = cli->operand[0];
    if (stat(wish->root, &info) != 0 || !S_ISDIR(info.st_mode)) {
        return cli_refuse(cli, "FILE", "there is no such directory", wish->root,
                          "name the directory that `otary publish` has written");
    }
    wish->database = cli_text(cli, "database");
    if (wish->database == NULL) {
        wish->database = default_database(cli, wish->root);
    }
    int rc = check_outside(cli, serve);
    if (rc != CLI_OK) {
        return rc;
    }
    serve->token_file = cli_format(cli, "%s.token", wish->database);
    wish->token = serve->token;
    return token_load(serve->token_file, serve->token, &serve->token_made, &trouble)
               ? CLI_OK
               : cli_trouble(cli, &trouble);
}

static int take_certificate(cli_t *cli, serve_t *serve)
{
    release_trouble_t trouble;
    server_wish_t *wish = &serve->wish;
    bool made = false;
    wish->cert = cli_text(cli, "cert");
    wish->key = cli_text(cli, "key");
    serve->own_cert = wish->cert == NULL;
    if (wish->tls_address == NULL || !serve->own_cert) {
        return CLI_OK;
    }
    wish->cert = cli_format(cli, "%s.crt", wish->database);
    wish->key = cli_format(cli, "%s.key", wish->database);
    return certificate_ensure(wish->cert, wish->key, wish->tls_address, &made, &trouble)
               ? CLI_OK
               : cli_trouble(cli, &trouble);
}

/* --- words ---------------------------------------------------------------------------------- */

static const char *url(cli_t *cli, bool tls, const char *address, uint16_t port)
{
    bool six = strchr(address, ':') != NULL;
    return cli_format(cli, "http%s://%s%s%s:%u", tls ? "s" : "", six ? "[" : "", address,
                      six ? "]" : "", port);
}

static void say_token(cli_t *cli, const serve_t *serve)
{
    (void)cJSON_AddStringToObject(cli->report, "token_file", serve->token_file);
    (void)cJSON_AddBoolToObject(cli->report, "token_made", serve->token_made);
    if (serve->token_made) { /* the one time that it is shown */
        (void)cJSON_AddStringToObject(cli->report, "token", serve->token);
        cli_print(cli, "token     %s\n          made now, and kept in %s\n", serve->token,
                  serve->token_file);
    } else {
        cli_print(cli, "token     in %s\n", serve->token_file);
    }
}

static void say_https(cli_t *cli, const serve_t *serve, const server_t *server)
{
    char print[65];
    const char *there = url(cli, true, serve->tls.address, server_tls_port(server));
    (void)cJSON_AddStringToObject(cli->report, "https", there);
    (void)cJSON_AddStringToObject(cli->report, "certificate", serve->wish.cert);
    cli_print(cli, "https     %s\n          certificate %s%s\n", there, serve->wish.cert,
              serve->own_cert ? ", self-made: clients need it (curl --cacert)" : "");
    if (certificate_print(serve->wish.cert, print)) {
        (void)cJSON_AddStringToObject(cli->report, "sha256", print);
        cli_print(cli, "          SHA-256 %s\n", print);
    }
}

/* One line of JSON at the start, for who waits for the ports; the report itself comes last. */
static void say_ready(cli_t *cli)
{
    if (cli->json) {
        char *line = cJSON_PrintUnformatted(cli->report);
        (void)fprintf(stderr, "%s\n", line != NULL ? line : "{}");
        cJSON_free(line);
    }
    (void)fflush(stdout);
}

static void say_start(cli_t *cli, const serve_t *serve, const server_t *server)
{
    const char *base = NULL;
    (void)cJSON_AddStringToObject(cli->report, "directory", serve->wish.root);
    (void)cJSON_AddStringToObject(cli->report, "database", serve->wish.database);
    cli_print(cli, "serving   %s\n", serve->wish.root);
    if (serve->wish.address != NULL) {
        base = url(cli, false, serve->plain.address, server_port(server));
        (void)cJSON_AddStringToObject(cli->report, "http", base);
        cli_print(cli, "http      %s\n", base);
    }
    if (serve->wish.tls_address != NULL) {
        say_https(cli, serve, server);
        base = url(cli, true, serve->tls.address, server_tls_port(server));
    }
    cli_print(cli, "reports   POST %s/report, into %s\n", base, serve->wish.database);
    cli_print(cli, "status    %s/status (the token is its password)\n", base);
    say_token(cli, serve);
    cli_print(cli, "Ctrl-C ends it.\n");
    say_ready(cli);
}

/* --- running -------------------------------------------------------------------------------- */

/* Each connection takes two descriptors; the usual soft limit of 1024 is for select(). */
static void raise_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max < 65536 ? files.rlim_max : 65536;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

static int serve_until_signal(cli_t *cli, serve_t *serve)
{
    sigset_t ends;
    release_trouble_t trouble;
    int signal_number = 0;
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGINT);
    (void)sigaddset(&ends, SIGTERM);
    /* Before the first thread: they all inherit it, and the signal waits for sigwait. */
    (void)sigprocmask(SIG_BLOCK, &ends, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGPIPE, &ignore, NULL);
    server_t *server = server_start(&serve->wish, &trouble);
    if (server == NULL) {
        return cli_trouble(cli, &trouble);
    }
    say_start(cli, serve, server);
    while (sigwait(&ends, &signal_number) != 0) {
    }
    server_stop(server);
    cli_print(cli, "stopped\n");
    (void)cJSON_DeleteItemFromObject(cli->report, "token");
    return CLI_OK;
}

static int run(cli_t *cli)
{
    static serve_t serve;
    memset(&serve, 0, sizeof(serve));
    if (cli_number(cli, "connections") < 16 || cli_number(cli, "connections") > 30000) {
        return cli_misuse(cli, "--connections is out of range", "give 16 to 30000");
    }
    serve.wish.connections = cli_number(cli, "connections");
    raise_files();
    int rc = take_places(cli, &serve);
    rc = rc == CLI_OK ? take_files(cli, &serve) : rc;
    rc = rc == CLI_OK ? take_certificate(cli, &serve) : rc;
    return rc == CLI_OK ? serve_until_signal(cli, &serve) : rc;
}

static const cli_verb_t verbs[] = {
    {.operands = "DIR",
     .min = 1,
     .max = 1,
     .run = run,
     .summary = "serve a published directory to devices and take their reports",
     .details =
         "Serves what `otary publish` has written, over HTTP and with --https over HTTPS too: "
         "ranges, entity tags, sendfile. Trust lies in the signatures, so plain HTTP will do. Only "
         "this machine is served unless --listen names another address.\n\n"
         "Devices POST what became of an update to /report. /status shows releases, rollouts, "
         "devices by version and failures with their reasons, as a page or as JSON. It needs the "
         "admin token, which is made at the first start, shown once and kept in DATABASE.token; "
         "it is taken over HTTPS, or over HTTP from this machine.\n\n"
         "Without --cert and --key, HTTPS uses a certificate of its own, kept as DATABASE.crt and "
         "DATABASE.key. SIGINT and SIGTERM end the server. With --json what it listens on is one "
         "line on stderr at the start, and the report comes at the end.",
     .options = options,
     .example =
         "otary serve public\n"
         "otary serve public --listen 0.0.0.0:80 --https --cert fullchain.pem --key key.pem\n"
         "curl -H \"Authorization: Bearer $(cat public.db.token)\" "
         "http://127.0.0.1:8070/status"},
    {0}};

const cli_command_t cli_serve = {"serve", "the published directory for devices", verbs};
