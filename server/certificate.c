/* SPDX-License-Identifier: Apache-2.0 */
#include "server/certificate.h"

#include "server/path.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define YEARS     10
#define DAY       86400L
#define NAMES_MAX 384u

static bool extend(X509 *cert, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool good = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

/* `address` is what one listens on: an IP address, or a host's name. */
static bool add_names(X509 *cert, const char *address)
{
    char names[NAMES_MAX];
    char host[65] = "localhost";
    if (gethostname(host, sizeof(host) - 1) != 0 || !path_word(host, strlen(host))) {
        (void)snprintf(host, sizeof(host), "localhost");
    }
    bool number = strspn(address, "0123456789.") == strlen(address) || strchr(address, ':') != NULL;
    int len = snprintf(names, sizeof(names), "DNS:localhost,IP:127.0.0.1,IP:::1,DNS:%s,%s:%s", host,
                       number ? "IP" : "DNS", address);
    return len > 0 && (size_t)len < sizeof(names) && extend(cert, NID_subject_alt_name, names);
}

static bool add_serial(X509 *cert)
{
    unsigned char serial[16];
    if (RAND_bytes(serial, sizeof(serial)) != 1) {
        return false;
    }
    serial[0] = (unsigned char)((serial[0] & 0x7Fu) | 0x40u); /* positive, of full length */
    BIGNUM *number = BN_bin2bn(serial, sizeof(serial), NULL);
    bool good = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
    BN_free(number);
    return good;
}

static bool add_subject(X509 *cert)
{
    X509_NAME *name = X509_get_subject_name(cert);
    return X509_set_version(cert, X509_VERSION_3) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                      (const unsigned char *)"otary serve", -1, -1, 0) == 1 &&
           X509_set_issuer_name(cert, name) == 1;
}

/* A client with a slow clock shall not be the one that cannot connect. */
static bool add_times(X509 *cert)
{
    return X509_gmtime_adj(X509_getm_notBefore(cert), -DAY) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(cert), YEARS * 365, 0, NULL) != NULL;
}

static bool add_extensions(X509 *cert, const char *address)
{
    return extend(cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           extend(cert, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
           extend(cert, NID_ext_key_usage, "serverAuth") &&
           extend(cert, NID_subject_key_identifier, "hash") && add_names(cert, address);
}

static bool fill(X509 *cert, EVP_PKEY *key, const char *address)
{
    return add_serial(cert) && add_subject(cert) && add_times(cert) &&
           X509_set_pubkey(cert, key) == 1 && add_extensions(cert, address) &&
           X509_sign(cert, key, EVP_sha256()) > 0;
}

static FILE *create(const char *path, mode_t mode)
{
    (void)unlink(path); /* half of a pair is worth nothing */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL && fd >= 0) {
        (void)close(fd);
    }
    return file;
}

static bool store_key(const char *path, const EVP_PKEY *key)
{
    FILE *file = create(path, 0600);
    bool good = file != NULL && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;
    return file != NULL && fclose(file) == 0 && good;
}

static bool store_cert(const char *path, const X509 *cert)
{
    FILE *file = create(path, 0644);
    bool good = file != NULL && PEM_write_X509(file, cert) == 1;
    return file != NULL && fclose(file) == 0 && good;
}

bool certificate_ensure(const char *cert_path, const char *key_path, const char *address,
                        bool *made, release_trouble_t *trouble)
{
    *made = access(cert_path, F_OK) != 0 || access(key_path, F_OK) != 0;
    if (!*made) {
        return true;
    }
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    bool good = key != NULL && cert != NULL && fill(cert, key, address);
    bool stored = good && store_key(key_path, key) && store_cert(cert_path, cert);
    int error = errno;
    EVP_PKEY_free(key);
    X509_free(cert);
    if (!good) {
        return release_fail(trouble, "CERTIFICATE", cert_path, "give one with --cert and --key",
                            "OpenSSL makes no certificate for %s", address);
    }
    return stored ||
           release_fail(trouble, "FILE", cert_path, "name a place to write to with --database",
                        "the certificate cannot be stored (error %d)", error);
}

bool certificate_print(const char *path, char print[65])
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    FILE *file = fopen(path, "r");
    X509 *cert = file != NULL ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    bool good = cert != NULL && X509_digest(cert, EVP_sha256(), hash, &len) == 1 && len == 32;
    X509_free(cert);
    if (file != NULL) {
        (void)fclose(file);
    }
    for (size_t i = 0; good && i < 32; i++) {
        (void)snprintf(print + i * 2, 3, "%02x", hash[i]);
    }
    return good;
}
