/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's HTTP over libcurl, for hosts. It does not block: head and read wait a few
 * milliseconds for the network and return. One struct a device; thousands may live in one process.
 *
 * https: by default certificates are checked. They may be left unchecked (`any_certificate`): trust
 * lies in the manifest's signatures, and an expired certificate must strand nobody.
 */
#ifndef PORTS_HTTP_CURL_H
#define PORTS_HTTP_CURL_H

#include "agent/ports.h"

#define HTTP_CURL_BUFFER 16384u /* libcurl hands over at most so much at once */

typedef struct {
    ota_http_t http;         /* ctx points back at this struct: do not move it */
    const char *authorities; /* file of certificates to trust (PEM); NULL: the system's */
    bool any_certificate;
    uint32_t wait_ms; /* how long head and read may wait; default 20 */
    void *multi;
    void *easy;
    void *lines; /* of the request's header */
    ota_status_t status;
    uint16_t code;
    bool done;   /* the transfer is over */
    bool paused; /* the buffer is not empty */
    size_t len;  /* bytes in the buffer, from `at` */
    size_t at;
    uint8_t buffer[HTTP_CURL_BUFFER];
} http_curl_t;

/* OTA_ERR_PORT: libcurl cannot be had. Set the fields above `multi` afterwards. */
OTA_MUST_CHECK ota_status_t http_curl_open(http_curl_t *curl);
void http_curl_close(http_curl_t *curl);

#endif
