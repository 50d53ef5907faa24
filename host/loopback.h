/* SPDX-License-Identifier: Apache-2.0 */
/* Loopback: TCP within this machine. Sockets are blocking, and closed by exec. */
#ifndef HOST_LOOPBACK_H
#define HOST_LOOPBACK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* 127.0.0.1 and this port; 0: the kernel chooses. */
struct sockaddr_in loopback_at(uint16_t port);

/* A socket that listens where the kernel chose. -1: errno says why. */
int loopback_listen(int backlog, uint16_t *port);

/* -1: nobody answers there, or errno says why. */
int loopback_connect(uint16_t port);

/* reset: the other side sees a reset, not an end; what was waiting is dropped. */
void loopback_hang_up(int fd, bool reset);

#endif
