/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long one command takes from exec to exit, as a script or an editor feels it: medians of
 * fresh processes, output thrown away. Fails above single-digit milliseconds.
 */
#include <fcntl.h>
#include <libgen.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/image_build.h"

#define ROUNDS     101u
#define LIMIT_MS   10.0
#define IMAGE_SIZE (2u << 20)
#define ARGS_MAX   8u

static char folder[] = "/tmp/otary-bench-XXXXXX";
static char otary[4096];
static char image_path[64];
static char table_path[64];

static double now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void put_file(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, len, file) != len || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

static void prepare(char *self)
{
    static const char table[] = "nvs,data,nvs,0x9000,0x5000,\n"
                                "otadata,data,ota,0xe000,0x2000,\n"
                                "app0,app,ota_0,0x10000,0x1E0000,\n"
                                "app1,app,ota_1,0x1F0000,0x1E0000,\n";
    image_wish_t wish;
    image_bytes_t image;
    image_wish_default(&wish);
    wish.size = IMAGE_SIZE;
    if (mkdtemp(folder) == NULL || image_build(&wish, &image) != OTA_OK) {
        perror("bench_startup");
        exit(1);
    }
    (void)snprintf(otary, sizeof(otary), "%s/../otary", dirname(self));
    (void)snprintf(image_path, sizeof(image_path), "%s/image.bin", folder);
    (void)snprintf(table_path, sizeof(table_path), "%s/table.csv", folder);
    put_file(image_path, image.bytes, image.len);
    put_file(table_path, table, sizeof(table) - 1);
    image_free(&image);
}

/* Exit status; -1: it did not run. `line`: words split by blanks, which it loses. */
static int run_once(char *line)
{
    extern char **environ;
    char *argv[ARGS_MAX + 1] = {otary};
    char *rest = NULL;
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;
    int status = -1;
    char *word = strtok_r(line, " ", &rest);
    for (size_t i = 1; word != NULL && i < ARGS_MAX; i++) {
        argv[i] = word;
        word = strtok_r(NULL, " ", &rest);
    }
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    if (posix_spawn(&pid, otary, &actions, NULL, argv, environ) != 0 ||
        waitpid(pid, &status, 0) != pid) {
        status = -1;
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return status != -1 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median in ms; negative: the command failed. */
static double measure(const char *words, const char *path)
{
    double ms[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++) {
        char line[256];
        (void)snprintf(line, sizeof(line), "%s %s", words, path);
        double start = now_ms();
        if (run_once(line) != 0) {
            return -1;
        }
        ms[i] = now_ms() - start;
    }
    qsort(ms, ROUNDS, sizeof(ms[0]), by_value);
    return ms[ROUNDS / 2];
}

int main(int argc, char **argv)
{
    (void)argc;
    prepare(argv[0]);
    const struct {
        const char *what;
        const char *words;
        const char *path;
    } commands[] = {
        {"otary --version", "--version", ""},
        {"otary image show, 2 MiB", "image show", image_path},
        {"otary image verify, 2 MiB", "image verify", image_path},
        {"otary table build", "table build -o -", table_path},
    };
    int failed = 0;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        double ms = measure(commands[i].words, commands[i].path);
        bool good = ms >= 0 && ms < LIMIT_MS;
        failed += good ? 0 : 1;
        (void)printf("%-28s %8.2f ms%s\n", commands[i].what, ms, good ? "" : "  FAILED");
    }
    (void)unlink(image_path);
    (void)unlink(table_path);
    (void)rmdir(folder);
    return failed == 0 ? 0 : 1;
}
