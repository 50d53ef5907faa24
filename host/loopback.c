/* SPDX-License-Identifier: Apache-2.0 */
#include "host/loopback.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

struct sockaddr_in loopback_at(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}

static int close_it(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
    return -1;
}

int loopback_listen(int backlog, uint16_t *port)
{
    struct sockaddr_in at = loopback_at(0);
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 ||
        listen(fd, backlog) != 0 || getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
        return close_it(fd);
    }
    *port = ntohs(at.sin_port);
    return fd;
}

int loopback_connect(uint16_t port)
{
    const struct sockaddr_in at = loopback_at(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof(at)) != 0) {
        return close_it(fd);
    }
    return fd;
}

void loopback_hang_up(int fd, bool reset)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (reset) {
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    }
    (void)close(fd);
}
