/* SPDX-License-Identifier: Apache-2.0 */
#include "support/talker.h"

#include "host/loopback.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A head, and the body that its Content-Length speaks of. */
static bool whole(const char *request)
{
    const char *end = strstr(request, "\r\n\r\n");
    const char *length = strstr(request, "Content-Length: ");
    size_t body = length != NULL ? (size_t)strtoul(length + 16, NULL, 10) : 0;
    return end != NULL && strlen(end + 4) >= body;
}

static bool wait_for(talker_t *talker, int fd)
{
    while (!atomic_load(&talker->stopping)) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, 50) > 0) {
            return true;
        }
    }
    return false;
}

static bool read_request(talker_t *talker, int fd, char *request)
{
    size_t len = 0;
    request[0] = '\0';
    while (len < TALKER_REQUEST - 1 && wait_for(talker, fd)) {
        ssize_t n = recv(fd, request + len, TALKER_REQUEST - 1 - len, 0);
        if (n <= 0) {
            return false;
        }
        len += (size_t)n;
        request[len] = '\0';
        if (whole(request)) {
            return true;
        }
    }
    return false;
}

static void hold(talker_t *talker, int fd)
{
    char rest[256];
    while (wait_for(talker, fd) && recv(fd, rest, sizeof(rest), 0) > 0) {
    }
}

static void finish(talker_t *talker, int fd, talk_then_t then)
{
    if (then == AND_HOLD || then == UNASKED) {
        hold(talker, fd);
    }
    loopback_hang_up(fd, then == AND_RESET);
}

static void send_all(int fd, const char *text, size_t len)
{
    for (ssize_t n = 1; len > 0 && n > 0;) {
        n = send(fd, text, len, MSG_NOSIGNAL);
        text += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
}

/* False: nobody is there any more. */
static bool say(talker_t *talker, size_t number, int fd)
{
    const talk_t *talk = &talker->talk[number];
    bool asked = talk->text == NULL || talk->then == UNASKED ||
                 read_request(talker, fd, talker->request[number % TALKER_REQUESTS]);
    if (asked && talk->text != NULL) {
        send_all(fd, talk->text, talk->len > 0 ? talk->len : strlen(talk->text));
    }
    return asked;
}

static void *serve(void *context)
{
    talker_t *talker = context;
    int fd = -1;
    for (size_t i = 0; i < talker->talks; i++) {
        if (fd < 0 && wait_for(talker, talker->listener)) {
            fd = accept(talker->listener, NULL, NULL);
            talker->connections++;
        }
        if (fd < 0 || !say(talker, i, fd)) {
            break;
        }
        if (talker->talk[i].then != AND_NEXT) {
            finish(talker, fd, talker->talk[i].then);
            fd = -1;
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return NULL;
}

bool talker_start(talker_t *talker, const talk_t *talk, size_t talks)
{
    uint16_t port = 0;
    memset(talker, 0, sizeof(*talker));
    talker->talk = talk;
    talker->talks = talks;
    talker->listener = loopback_listen(8, &port);
    bool good = talker->listener >= 0 && pthread_create(&talker->thread, NULL, serve, talker) == 0;
    talker->port = good ? port : 0;
    return good;
}

void talker_stop(talker_t *talker)
{
    atomic_store(&talker->stopping, true);
    if (talker->port != 0) {
        (void)pthread_join(talker->thread, NULL);
        (void)close(talker->listener);
        talker->port = 0;
    }
}
