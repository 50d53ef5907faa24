/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `otary serve` beside nginx, on loopback, in the same run: a 1.5 MB image to parallel clients,
 * and polls of a manifest. wrk asks; the two take turns, so that whatever else the machine does
 * meets both; medians count. Fails under 0.8 of nginx for images, under 0.5 for polls. Both have
 * as many workers as there are processors, which they share with wrk.
 */
#include "host/loopback.h"

#include <libgen.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS     5u
#define SECONDS    2u
#define IMAGE_SIZE 1500000u
#define POLL_SIZE  1200u
#define IMAGE      "images/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.bin"
#define POLL       "lamp/stable/manifest.json"
#define START_MS   10000u

extern char **environ;

static char folder[] = "/tmp/otary-bench-XXXXXX";
static char otary[4096];

typedef struct {
    const char *name;
    pid_t pid;
    unsigned port;
} host_t;

static void put(const char *name, const char *bytes, size_t len)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, len, file) != len || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

static void prepare(char *self)
{
    static const char *const folders[] = {"", "/public", "/public/images", "/public/lamp",
                                          "/public/lamp/stable"};
    static char bytes[IMAGE_SIZE];
    char path[512];
    (void)snprintf(otary, sizeof(otary), "%s/../otary", dirname(self));
    if (mkdtemp(folder) == NULL) {
        perror("bench_server");
        exit(1);
    }
    for (size_t i = 1; i < sizeof(folders) / sizeof(folders[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", folder, folders[i]);
        (void)mkdir(path, 0755);
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (char)(i % 251);
    }
    put("public/" IMAGE, bytes, IMAGE_SIZE);
    put("public/" POLL, bytes, POLL_SIZE);
}

/* --- the two servers ------------------------------------------------------------------------ */

static unsigned free_port(void)
{
    uint16_t port = 0;
    int fd = loopback_listen(1, &port);
    if (fd >= 0) {
        (void)close(fd);
    }
    return port;
}

static bool answers(unsigned port)
{
    int fd = loopback_connect((uint16_t)port);
    if (fd >= 0) {
        (void)close(fd);
    }
    return fd >= 0;
}

static bool spawn(host_t *host, char *const argv[])
{
    posix_spawn_file_actions_t actions;
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
    int rc = posix_spawnp(&host->pid, argv[0], &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    for (unsigned ms = 0; rc == 0 && ms < START_MS; ms += 50) {
        const struct timespec pause = {.tv_nsec = 50000000};
        if (answers(host->port)) {
            return true;
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)printf("%s does not start\n", host->name);
    return false;
}

static bool start_otary(host_t *host)
{
    char root[64];
    char listen[32];
    char option[] = "--listen";
    char verb[] = "serve";
    host->port = free_port();
    (void)snprintf(root, sizeof(root), "%s/public", folder);
    (void)snprintf(listen, sizeof(listen), "127.0.0.1:%u", host->port);
    char *const argv[] = {otary, verb, root, option, listen, NULL};
    return spawn(host, argv);
}

static bool start_nginx(host_t *host)
{
    char text[2048];
    char config[64];
    char program[] = "nginx";
    char errors[] = "-e";
    char log[64];
    char option[] = "-c";
    host->port = free_port();
    int len = snprintf(text, sizeof(text),
                       "%sdaemon off; worker_processes %ld; pid %s/pid;\n"
                       "events { worker_connections 1024; }\nhttp {\n"
                       "access_log off; sendfile on; tcp_nopush on;\n"
                       "client_body_temp_path %s/a; proxy_temp_path %s/b; fastcgi_temp_path %s/c;\n"
                       "uwsgi_temp_path %s/d; scgi_temp_path %s/e;\n"
                       "server { listen 127.0.0.1:%u backlog=1024; root %s/public; }\n}\n",
                       geteuid() == 0 ? "user root;\n" : "", sysconf(_SC_NPROCESSORS_ONLN), folder,
                       folder, folder, folder, folder, folder, host->port, folder);
    put("nginx.conf", text, (size_t)len);
    (void)snprintf(config, sizeof(config), "%s/nginx.conf", folder);
    (void)snprintf(log, sizeof(log), "%s/nginx.log", folder);
    char *const argv[] = {program, errors, log, option, config, NULL};
    return spawn(host, argv);
}

static void stop(const host_t *host)
{
    int status = 0;
    if (host->pid > 0) {
        (void)kill(host->pid, SIGTERM);
        (void)waitpid(host->pid, &status, 0);
    }
}

/* --- measuring ------------------------------------------------------------------------------ */

/* Requests a second, as wrk says; negative: it failed, or an answer was not 200. */
static double ask(const host_t *host, const char *path, unsigned clients)
{
    char line[512];
    double rate = -1;
    bool wrong = false;
    (void)snprintf(line, sizeof(line), "wrk -t1 -c%u -d%us --timeout 10s http://127.0.0.1:%u/%s",
                   clients, SECONDS, host->port, path);
    FILE *out = popen(line, "r"); /* NOLINT(cert-env33-c): the words are our own */
    while (out != NULL && fgets(line, sizeof(line), out) != NULL) {
        const char *found = strstr(line, "Requests/sec:");
        rate = found != NULL ? strtod(found + 13, NULL) : rate;
        wrong = wrong || strstr(line, "Non-2xx") != NULL || strstr(line, "Socket errors") != NULL;
    }
    return out != NULL && pclose(out) == 0 && !wrong ? rate : -1;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool compare(const char *what, const host_t hosts[2], const char *path, unsigned clients,
                    double limit)
{
    double rate[2][ROUNDS];
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned h = 0; h < 2; h++) {
            rate[h][round] = ask(&hosts[h], path, clients);
        }
    }
    for (unsigned h = 0; h < 2; h++) {
        qsort(rate[h], ROUNDS, sizeof(rate[h][0]), by_value);
    }
    double ratio = rate[0][ROUNDS / 2] / rate[1][ROUNDS / 2];
    bool good = rate[0][0] > 0 && rate[1][0] > 0 && ratio >= limit;
    (void)printf("%-30s %10.0f/s %10.0f/s   %5.2f x (at least %.1f)%s\n", what, rate[0][ROUNDS / 2],
                 rate[1][ROUNDS / 2], ratio, limit, good ? "" : "  FAILED");
    return good;
}

static bool installed(const char *program)
{
    char command[64];
    (void)snprintf(command, sizeof(command), "command -v %s >/dev/null", program);
    return system(command) == 0; /* NOLINT(cert-env33-c): the words are our own */
}

int main(int argc, char **argv)
{
    (void)argc;
    host_t hosts[2] = {{.name = "otary serve"}, {.name = "nginx"}};
    (void)setenv("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", 1);
    if (!installed("nginx") || !installed("wrk")) {
        (void)printf("skipped: needs nginx and wrk (tools/setup.sh bench)\n");
        return 0;
    }
    prepare(argv[0]);
    bool good = start_otary(&hosts[0]) && start_nginx(&hosts[1]);
    if (good) {
        (void)printf("%-30s %12s %12s\n", "", "otary serve", "nginx");
        good = compare("1.5 MB image, 16 clients", hosts, IMAGE, 16, 0.8);
        good = compare("manifest of 1.2 KB, 64 clients", hosts, POLL, 64, 0.5) && good;
    }
    stop(&hosts[0]);
    stop(&hosts[1]);
    char command[64];
    (void)snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command) == 0 && good ? 0 : 1; /* NOLINT(cert-env33-c): our own folder */
}
