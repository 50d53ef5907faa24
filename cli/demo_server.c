/* SPDX-License-Identifier: Apache-2.0 */
/* The server of the story: `otary serve` in a process of its own, as one would start it. */
#include "cli/demo.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096u
#define STATUS_MAX     (256u << 10)
#define COMMAND        "serve public --listen none --https-listen 127.0.0.1:0"

struct demo_server {
    pid_t pid;
    int words; /* what it says on stderr */
    const char *url;
    const char *certificate;
    uint16_t port;
};

/* --- a process of its own ----------------------------------------------------------------------
 */

static void become_server(int words, pid_t parent)
{
    char line[] = "otary " COMMAND " --json";
    char *argv[16] = {NULL};
    size_t count = 0;
    for (char *word = strtok(line, " "); word != NULL && count < 15; word = strtok(NULL, " ")) {
        argv[count++] = word;
    }
    int nowhere = open("/dev/null", O_RDWR);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() == parent && nowhere >= 0 && dup2(nowhere, STDIN_FILENO) >= 0 &&
        dup2(nowhere, STDOUT_FILENO) >= 0 && dup2(words, STDERR_FILENO) >= 0) {
        (void)execv("/proc/self/exe", argv);
    }
    _exit(CLI_REFUSED);
}

/* One line; false: it ended before. */
static bool read_line(int from, char line[LINE_MAX_BYTES])
{
    size_t len = 0;
    ssize_t n = 1;
    while (n > 0 && len < LINE_MAX_BYTES - 1 && (len == 0 || line[len - 1] != '\n')) {
        n = read(from, line + len, 1);
        n = n < 0 && errno == EINTR ? 1 : n;
        len += n > 0 ? 1 : 0;
    }
    line[len] = '\0';
    return n > 0;
}

static bool take_answer(demo_t *demo, demo_server_t *server)
{
    char *line = cli_allocate(demo->cli, LINE_MAX_BYTES);
    cJSON *answer = read_line(server->words, line) ? cJSON_Parse(line) : NULL;
    server->url = cli_format(demo->cli, "%s", demo_text(answer, "https"));
    server->certificate = cli_format(demo->cli, "%s", demo_text(answer, "certificate"));
    cJSON_Delete(answer);
    const char *colon = strrchr(server->url, ':');
    uint32_t port = 0;
    bool good = colon != NULL && cli_parse_number(colon + 1, &port) && port <= UINT16_MAX;
    server->port = (uint16_t)port;
    return good;
}

/* The server as a process of its own, and the end of a pipe with its words. */
static void start(demo_server_t *server)
{
    int ends[2] = {-1, -1};
    pid_t self = getpid();
    bool piped = pipe(ends) == 0 && fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 &&
                 fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0;
    server->pid = piped ? fork() : -1;
    if (server->pid == 0) {
        become_server(ends[1], self);
    }
    if (piped) {
        (void)close(ends[1]);
    }
    server->words = ends[0];
}

demo_server_t *demo_serve(demo_t *demo)
{
    demo_server_t *server = cli_allocate(demo->cli, sizeof(*server));
    if (demo->failures > 0) {
        return NULL;
    }
    demo_show_command(demo, COMMAND " &");
    (void)fflush(stdout); /* the child must not say it again */
    start(server);
    bool good = server->pid > 0 && take_answer(demo, server);
    demo_fact(demo, good,
              cli_format(demo->cli, "it serves %s, with a certificate that it made itself",
                         good ? server->url : "nothing"));
    if (!good) {
        demo_serve_stop(server);
    }
    return good ? server : NULL;
}

void demo_serve_stop(demo_server_t *server)
{
    if (server == NULL) {
        return;
    }
    if (server->pid > 0) {
        (void)kill(server->pid, SIGTERM);
        while (waitpid(server->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    if (server->words >= 0) {
        (void)close(server->words);
    }
}

const char *demo_serve_url(const demo_server_t *server)
{
    return server->url;
}

uint16_t demo_serve_port(const demo_server_t *server)
{
    return server->port;
}

/* --- its status --------------------------------------------------------------------------------
 */

typedef struct {
    size_t len;
    char *text;
} answer_t;

static size_t take(const char *data, size_t size, size_t count, void *user)
{
    answer_t *answer = user;
    size_t len = size * count;
    if (len >= STATUS_MAX - answer->len) {
        return 0;
    }
    memcpy(answer->text + answer->len, data, len);
    answer->len += len;
    answer->text[answer->len] = '\0';
    return len;
}

static bool set_all(CURL *easy, const demo_server_t *server, struct curl_slist *lines,
                    const char *url, answer_t *answer)
{
    return curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CAINFO, server->certificate) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT, 20L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer) == CURLE_OK;
}

cJSON *demo_serve_status(demo_t *demo, const demo_server_t *server)
{
    cli_t *cli = demo->cli;
    cli_bytes_t token;
    answer_t answer = {0, cli_allocate(cli, STATUS_MAX)};
    if (!cli_read(cli, "public.db.token", 1024, &token)) {
        return NULL;
    }
    size_t digits = strcspn((const char *)token.bytes, "\r\n");
    const char *bearer =
        cli_format(cli, "Authorization: Bearer %.*s", (int)digits, (const char *)token.bytes);
    struct curl_slist *lines = curl_slist_append(NULL, bearer);
    CURL *easy = curl_easy_init();
    bool good = easy != NULL && lines != NULL &&
                set_all(easy, server, lines, cli_format(cli, "%s/status", server->url), &answer) &&
                curl_easy_perform(easy) == CURLE_OK;
    curl_easy_cleanup(easy);
    curl_slist_free_all(lines);
    return good ? cJSON_Parse(answer.text) : NULL;
}
