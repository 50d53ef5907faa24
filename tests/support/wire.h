/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP as bytes on a socket: says exactly what a test wants said, also what no client would. */
#ifndef TESTS_SUPPORT_WIRE_H
#define TESTS_SUPPORT_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Connects to 127.0.0.1; reads and writes give up after ten seconds. -1: refused. */
int wire_connect(uint16_t port);
/* Everything, or false. */
bool wire_send(int fd, const void *bytes, size_t len);
/* Until the other side ends it: how many bytes came, at most `max` - 1; a NUL follows. */
size_t wire_receive(int fd, char *bytes, size_t max);

/* One request on a connection of its own: what came, with a NUL; the status, 0: no answer. */
unsigned wire_ask(uint16_t port, const void *request, size_t len, char *answer, size_t max);

#endif
