/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over every file of the folders and files named on the command line. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path, long bytes)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return -1;
    }
    size_t len = (size_t)bytes;
    uint8_t *data = malloc(len > 0 ? len : 1); /* exact, so that ASan sees the first byte too far */
    int rc = data != NULL && fread(data, 1, len, file) == len ? 0 : -1;
    (void)fclose(file);
    if (rc == 0) {
        (void)LLVMFuzzerTestOneInput(data, len);
    }
    free(data);
    return rc;
}

static int replay_path(const char *path, unsigned *runs);

static int replay_folder(const char *path, unsigned *runs)
{
    DIR *dir = opendir(path);
    if (dir == NULL) {
        perror(path);
        return -1;
    }
    int rc = 0;
    for (struct dirent *entry = readdir(dir); rc == 0 && entry != NULL; entry = readdir(dir)) {
        char inner[4096];
        int n = snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && n > 0 && (size_t)n < sizeof(inner)) {
            rc = replay_path(inner, runs);
        }
    }
    (void)closedir(dir);
    return rc;
}

static int replay_path(const char *path, unsigned *runs)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        perror(path);
        return -1;
    }
    if (S_ISDIR(st.st_mode)) {
        return replay_folder(path, runs);
    }
    (*runs)++;
    return replay_file(path, (long)st.st_size);
}

int main(int argc, char **argv)
{
    unsigned runs = 0;
    for (int i = 1; i < argc; i++) {
        if (replay_path(argv[i], &runs) != 0) {
            return 1;
        }
    }
    if (runs == 0) {
        (void)fprintf(stderr, "replay: the corpus is empty\n");
        return 1;
    }
    (void)printf("%u inputs replayed\n", runs);
    return 0;
}
