/* SPDX-License-Identifier: Apache-2.0 */
/* A server and thousands of connections that want nothing, want it slowly, or never finish a TLS
 * handshake: whoever asks properly is served, the limit holds, and nothing is left of them. */
#include "ports/http/curl.h"
#include "server/certificate.h"
#include "server/server.h"
#include "support/folder.h"
#include "support/served.h"
#include "support/unit.h"
#include "support/wire.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LIMIT       2048u
#define MANY        2000u /* below the limit */
#define TOO_MANY    3000u
#define SLOW_TLS    400u
#define DESCRIPTORS 12000u /* both ends of all of them are ours */
#define IMAGE_SIZE                                                                                 \
    (4u << 20) /* more than socket buffers hold: who does not read it holds it up                  \
                */
/* Our ends, and theirs up to the limit. (Files are no measure: connections that want nothing are
 * ended one by one, and those that hold a file open move up.) */
#define MOST  (TOO_MANY + LIMIT + 100u)
#define BODY  SERVED_MANIFEST
#define TURNS 1500u /* of 20 ms at most: patience with a server that has much to do */

static server_t *server;
static int fds[TOO_MANY];

static void start(void)
{
    release_trouble_t trouble;
    bool made = false;
    const char *cert = folder_path("crt");
    const char *key = folder_path("key");
    assert_true(certificate_ensure(cert, key, "127.0.0.1", &made, &trouble));
    const server_wish_t wish = {.root = folder_path("root"),
                                .database = folder_path("database"),
                                .address = "127.0.0.1",
                                .tls_address = "127.0.0.1",
                                .cert = cert,
                                .key = key,
                                .token = SERVED_TOKEN,
                                .connections = LIMIT,
                                .threads = 2,
                                .patience = 5};
    server = server_start(&wish, &trouble);
    if (server == NULL) {
        fail_msg("%s: %s", trouble.where, trouble.what);
    }
}

/* --- clients ----------------------------------------------------------------------------------
 */

static unsigned get(void)
{
    static char answer[4096];
    static const char request[] = "GET /lamp/stable/manifest.json HTTP/1.1\r\nHost: x\r\n"
                                  "Connection: close\r\n\r\n";
    unsigned status =
        wire_ask(server_port(server), request, sizeof(request) - 1, answer, sizeof(answer));
    return status == 200 && strstr(answer, "\r\n\r\n" BODY) == NULL ? 0 : status;
}

/* Something, the end, a failure or enough turns. */
static bool waits(ota_status_t status, size_t len, bool end, unsigned turn)
{
    return status == OTA_OK && len == 0 && !end && turn < TURNS;
}

/* Status and body of a request that is under way. */
static uint16_t finish(http_curl_t *curl, char *text, size_t room, size_t *len)
{
    uint16_t code = 0;
    bool end = false;
    ota_status_t status = OTA_OK;
    for (unsigned i = 0; i < TURNS && status == OTA_OK && code == 0; i++) {
        status = curl->http.head(curl, &code);
    }
    for (unsigned i = 0; waits(status, *len, end, i); i++) {
        status = curl->http.read(curl, text, room, len, &end);
    }
    return code;
}

/* The same over HTTPS, by the port that devices' agents have on hosts. */
static unsigned get_tls(void)
{
    static http_curl_t curl;
    char url[64];
    char text[64];
    size_t len = 0;
    assert_int_equal(http_curl_open(&curl), OTA_OK);
    curl.any_certificate = true;
    (void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/lamp/stable/manifest.json",
                   (unsigned)server_tls_port(server));
    assert_int_equal(curl.http.start(&curl, &(ota_http_request_t){.url = url}), OTA_OK);
    uint16_t code = finish(&curl, text, sizeof(text), &len);
    curl.http.stop(&curl);
    http_curl_close(&curl);
    return len == strlen(BODY) && memcmp(text, BODY, len) == 0 ? code : 0;
}

/* Until it is served; a server that is full makes room for whoever waits. */
static void expect_served(unsigned (*ask)(void), unsigned turns)
{
    unsigned status = 0;
    while (status != 200 && turns-- > 0) {
        status = ask();
    }
    assert_int_equal(status, 200);
}

/* Silent, in the middle of a head, and with an answer that it does not read. */
static void open_many(size_t count)
{
    char request[200];
    static const char half[] = "GET /lamp/stable/manifest.json HTTP/1.1\r\nX: ";
    int n = snprintf(request, sizeof(request), "GET /%s HTTP/1.1\r\nHost: x\r\n\r\n", SERVED_IMAGE);
    for (size_t i = 0; i < count; i++) {
        fds[i] = wire_connect(server_port(server));
        assert_true(fds[i] >= 0);
        if (i % 3 == 1) {
            (void)wire_send(fds[i], half, sizeof(half) - 1);
        } else if (i % 3 == 2) {
            (void)wire_send(fds[i], request, (size_t)n);
        }
    }
}

static void close_many(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)close(fds[i]);
    }
}

/* What of it is open: everything, or sockets alone. */
static unsigned count_open(bool sockets)
{
    unsigned count = 0;
    char what[8];
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        ssize_t n = readlinkat(dirfd(dir), entry->d_name, what, sizeof(what));
        bool socket = n >= 7 && memcmp(what, "socket:", 7) == 0;
        count += socket || !sockets;
    }
    assert_int_equal(closedir(dir), 0);
    return count;
}

static unsigned descriptors(void)
{
    return count_open(false);
}

/* Waits until no more than `most` are open; false: that does not come. */
static bool falls_to(unsigned most)
{
    for (unsigned i = 0; i < TURNS && descriptors() > most; i++) {
        const struct timespec pause = {.tv_nsec = 20000000};
        (void)nanosleep(&pause, NULL);
    }
    return descriptors() <= most;
}

/* --- tests ------------------------------------------------------------------------------------
 */

static void two_thousand_that_want_nothing_cost_the_next_one_nothing(void **state)
{
    (void)state;
    unsigned before = descriptors();
    open_many(MANY);
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(get(), 200); /* there is room: at the first attempt */
    }
    assert_int_equal(get_tls(), 200);
    close_many(MANY);
    assert_true(falls_to(before));
}

static void beyond_the_limit_nobody_is_taken_in_and_somebody_is_served(void **state)
{
    (void)state;
    unsigned before = descriptors();
    unsigned sockets = count_open(true);
    open_many(TOO_MANY);
    assert_true(count_open(true) <= sockets + MOST);
    expect_served(get, 5); /* each waits ten seconds */
    assert_true(count_open(true) <= sockets + MOST);
    expect_served(get_tls, 1); /* the other entrance has places of its own */
    close_many(TOO_MANY);
    assert_true(falls_to(before));
    assert_int_equal(get(), 200);
}

static void handshakes_without_an_end_are_ended(void **state)
{
    (void)state;
    static const char hello[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    unsigned before = descriptors();
    for (size_t i = 0; i < SLOW_TLS; i++) {
        fds[i] = wire_connect(server_tls_port(server));
        assert_true(fds[i] >= 0);
        (void)wire_send(fds[i], hello, i % sizeof(hello));
    }
    assert_int_equal(get_tls(), 200);
    assert_true(descriptors() >= before + SLOW_TLS);
    assert_true(falls_to(before + SLOW_TLS)); /* the server has let go of all its ends */
    for (size_t i = 0; i < SLOW_TLS; i++) {
        char byte = 0;
        assert_true(recv(fds[i], &byte, 1, 0) <= 1); /* an alert, an end: no wait for nothing */
    }
    close_many(SLOW_TLS);
    assert_int_equal(get_tls(), 200);
}

static void what_is_no_tls_is_refused_at_once(void **state)
{
    (void)state;
    static char answer[4096];
    static const char *const says[] = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x80\x2e\x01\x00\x02",
                                       "\x16\x03\x01\xff\xff\x01\xff\xff\xff", "\r\n\r\n"};
    for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
        int fd = wire_connect(server_tls_port(server));
        assert_true(fd >= 0);
        assert_true(wire_send(fd, says[i], strlen(says[i])));
        (void)shutdown(fd, SHUT_WR); /* it may be gone already */
        (void)wire_receive(fd, answer, sizeof(answer));
        (void)close(fd);
        assert_null(strstr(answer, "200 OK"));
        assert_null(strstr(answer, BODY));
    }
    assert_int_equal(get_tls(), 200);
}

/* --- the folder -------------------------------------------------------------------------------
 */

static int make_all(void **state)
{
    struct rlimit files;
    static char bytes[IMAGE_SIZE];
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_max < DESCRIPTORS) {
        print_message("SKIPPED: thousands of connections (fewer than %u open files)\n",
                      DESCRIPTORS);
        exit(77);
    }
    files.rlim_cur = DESCRIPTORS;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    if (served_make(state, bytes, sizeof(bytes)) != 0) {
        return -1;
    }
    start();
    assert_int_equal(get(), 200); /* what is opened once is open now */
    assert_int_equal(get_tls(), 200);
    return 0;
}

static int remove_all(void **state)
{
    server_stop(server);
    return folder_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_thousand_that_want_nothing_cost_the_next_one_nothing),
        cmocka_unit_test(beyond_the_limit_nobody_is_taken_in_and_somebody_is_served),
        cmocka_unit_test(handshakes_without_an_end_are_ended),
        cmocka_unit_test(what_is_no_tls_is_refused_at_once),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
