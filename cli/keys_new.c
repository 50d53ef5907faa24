/* SPDX-License-Identifier: Apache-2.0 */
/* otary keys new: a fresh key pair, for who has none yet. */
#include "cli/release.h"
#include "ports/crypto/openssl_key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PEM_ROOM 4096u

const cli_option_t cli_keys_new_options[] = {
    {"type", 't', CLI_CHOICE, "p256|rsa3072", "p256", "kind of key"}, CLI_END};

/* Nobody else may read it, at no moment, and no key is ever written over. */
static int store(cli_t *cli, const char *path, const char *pem, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool there = fd < 0 && errno == EEXIST;
    bool good = fd >= 0 && write(fd, pem, len) == (ssize_t)len;
    int error = errno;
    good = fd >= 0 && close(fd) == 0 && good;
    if (good) {
        return CLI_OK;
    }
    return there ? cli_refuse(cli, "FILE", "there is a file already, and keys are not overwritten",
                              path, "name another file")
                 : cli_refuse(cli, "FILE",
                              cli_format(cli, "cannot write the key: %s", strerror(error)), path,
                              "name a file in a folder that you may write to");
}

int cli_keys_new(cli_t *cli)
{
    const char *path = cli->operand[0];
    bool rsa = strcmp(cli_text(cli, "type"), "rsa3072") == 0;
    char *pem = cli_allocate(cli, PEM_ROOM);
    char id[CRYPTO_KEY_ID] = "";
    crypto_key_t *key =
        crypto_key_generate(rsa ? OTA_SIGNATURE_RSA3072_PSS : OTA_SIGNATURE_ECDSA_P256);
    size_t len = key != NULL ? crypto_key_write(key, false, pem, PEM_ROOM) : 0;
    bool made = len > 0 && crypto_key_id(key, id);
    crypto_key_free(key);
    if (!made) {
        return cli_refuse(cli, "KEY", "OpenSSL makes no such key", path,
                          "make one with `openssl genpkey`");
    }
    int rc = store(cli, path, pem, len);
    if (rc == CLI_OK) {
        (void)cJSON_AddStringToObject(cli->report, "file", path);
        (void)cJSON_AddStringToObject(cli->report, "id", id);
        cli_print(cli,
                  "%s: a fresh %s key, %s\nkeep it secret, and keep a copy: it signs what devices "
                  "will take\n",
                  path, rsa ? "RSA-3072" : "ECDSA P-256", id);
    }
    return rc;
}
