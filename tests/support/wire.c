/* SPDX-License-Identifier: Apache-2.0 */
#include "support/wire.h"

#include "host/loopback.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int wire_connect(uint16_t port)
{
    const struct sockaddr_in there = loopback_at(port);
    const struct timeval patience = {.tv_sec = 10};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (connect(fd, (const struct sockaddr *)&there, sizeof(there)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

bool wire_send(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

size_t wire_receive(int fd, char *bytes, size_t max)
{
    size_t len = 0;
    while (len + 1 < max) {
        ssize_t got = recv(fd, bytes + len, max - 1 - len, 0);
        if (got <= 0) {
            break;
        }
        len += (size_t)got;
    }
    bytes[len] = '\0';
    return len;
}

unsigned wire_ask(uint16_t port, const void *request, size_t len, char *answer, size_t max)
{
    int fd = wire_connect(port);
    answer[0] = '\0';
    if (fd < 0) {
        return 0;
    }
    (void)wire_send(fd, request, len); /* it may answer before it has heard all */
    (void)wire_receive(fd, answer, max);
    (void)close(fd);
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? (unsigned)strtoul(answer + 9, NULL, 10) : 0;
}
