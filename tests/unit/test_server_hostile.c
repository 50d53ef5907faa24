/* SPDX-License-Identifier: Apache-2.0 */
/* A server on a port of loopback, and clients that mean no good. */
#include "server/server.h"
#include "support/folder.h"
#include "support/served.h"
#include "support/unit.h"
#include "support/wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SECRET      "the secret that nobody may read"
#define IMAGE_SIZE  100000u
#define CONNECTIONS 64u
#define ANSWER_MAX  (IMAGE_SIZE + 4096u)

static char answer[ANSWER_MAX];
static server_t *server;

static void start(void)
{
    release_trouble_t trouble;
    const server_wish_t wish = {.root = folder_path("root"),
                                .database = folder_path("database"),
                                .address = "127.0.0.1",
                                .token = SERVED_TOKEN,
                                .connections = CONNECTIONS,
                                .threads = 2,
                                .patience = 5};
    server = server_start(&wish, &trouble);
    if (server == NULL) {
        fail_msg("%s: %s", trouble.where, trouble.what);
    }
}

static unsigned ask_bytes(const void *request, size_t len)
{
    return wire_ask(server_port(server), request, len, answer, sizeof(answer));
}

static unsigned ask(const char *request)
{
    return ask_bytes(request, strlen(request));
}

/* A GET with more header lines, each with its \r\n. */
static unsigned get(const char *path, const char *headers)
{
    static char request[8192];
    (void)snprintf(request, sizeof(request),
                   "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", path, headers);
    return ask(request);
}

static unsigned post(const char *body, size_t len)
{
    static char request[8192];
    int n = snprintf(request, sizeof(request),
                     "POST /report HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                     "Content-Length: %zu\r\n\r\n",
                     len);
    memcpy(request + n, body, len);
    return ask_bytes(request, (size_t)n + len);
}

static void still_serves(void)
{
    assert_int_equal(get("/lamp/stable/manifest.json", ""), 200);
    assert_non_null(strstr(answer, "\r\n\r\n{\"a\":1}"));
}

/* --- paths ---------------------------------------------------------------------------------- */

static void no_path_leaves_the_directory(void **state)
{
    (void)state;
    static const char *const paths[] = {"/../secret",
                                        "/%2e%2e/secret",
                                        "/%2E%2E%2Fsecret",
                                        "/..%2fsecret",
                                        "/.%2e/secret",
                                        "/lamp/../../secret",
                                        "/lamp/stable/../../../secret",
                                        "/%252e%252e%252fsecret",
                                        "/%c0%ae%c0%ae/secret",
                                        "/%e0%80%ae%e0%80%ae/secret",
                                        "/..%5csecret",
                                        "/..\\secret",
                                        "//secret",
                                        "///../secret",
                                        "/./../secret",
                                        "/lamp/%00../../secret",
                                        "/link",
                                        "/up/secret",
                                        "/lamp/link",
                                        "/up/root/lamp/stable/manifest.json",
                                        "/..;/secret",
                                        "/%2e%2e;x/secret",
                                        "../secret",
                                        "/file:///etc/passwd",
                                        "/lamp/stable/manifest.json%00.bin",
                                        "/%",
                                        "/%2",
                                        "/\x01",
                                        "/\xff\xfe",
                                        "/.hidden",
                                        "/lamp/stable",
                                        "/lamp/stable/",
                                        "/images",
                                        "/"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        unsigned status = get(paths[i], "");
        if ((status != 404 && status != 400) || strstr(answer, SECRET) != NULL) {
            fail_msg("%s: %u %s", paths[i], status, answer);
        }
    }
    assert_int_not_equal(ask("GET http://x/../secret HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                             "\r\n"),
                         200);
    still_serves();
}

static void an_encoded_name_is_the_name(void **state)
{
    (void)state;
    assert_int_equal(get("/l%61mp/stable/manifest%2ejson", ""), 200);
    assert_int_equal(get("/lamp/stable/manifest.json?x=/../..", ""), 200);
}

/* --- ranges --------------------------------------------------------------------------------- */

static void a_part_is_exactly_what_was_asked_for(void **state)
{
    (void)state;
    char path[128];
    char etag[160];
    (void)snprintf(path, sizeof(path), "/%s", SERVED_IMAGE);
    assert_int_equal(get(path, "Range: bytes=70000-70003\r\n"), 206);
    assert_non_null(strstr(answer, "Content-Range: bytes 70000-70003/100000\r\n"));
    assert_non_null(strstr(answer, "Content-Length: 4\r\n"));
    const char *body = strstr(answer, "\r\n\r\n") + 4;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal((unsigned char)body[i], (70000 + i) % 251);
    }
    assert_int_equal(get(path, "Range: bytes=100000-\r\n"), 416);
    assert_non_null(strstr(answer, "Content-Range: bytes */100000\r\n"));
    (void)snprintf(etag, sizeof(etag), "Range: bytes=5-\r\nIf-Range: \"%.64s-186a0\"\r\n",
                   &SERVED_IMAGE[7]);
    assert_int_equal(get(path, etag), 206);
    assert_int_equal(get(path, "Range: bytes=5-\r\nIf-Range: \"other\"\r\n"), 200);
    assert_non_null(strstr(answer, "Content-Length: 100000\r\n"));
    (void)snprintf(etag, sizeof(etag), "If-None-Match: \"x\", W/\"%.64s-186a0\"\r\n",
                   &SERVED_IMAGE[7]);
    assert_int_equal(get(path, etag), 304);
}

static void absurd_ranges_are_harmless(void **state)
{
    (void)state;
    static char many[7000] = "Range: bytes=0-0";
    char path[128];
    (void)snprintf(path, sizeof(path), "/%s", SERVED_IMAGE);
    assert_int_equal(get(path, "Range: bytes=99999999999999999999999-\r\n"), 416);
    assert_int_equal(get(path, "Range: bytes=0-99999999999999999999999\r\n"), 206);
    assert_int_equal(get(path, "Range: bytes=-99999999999999999999999\r\n"), 206);
    assert_int_equal(get(path, "Range: bytes=9-1\r\n"), 200);
    assert_int_equal(get(path, "Range: bytes=-\r\n"), 200);
    assert_int_equal(get(path, "Range: \r\n"), 200);
    while (strlen(many) < sizeof(many) - 16) { /* CVE-2011-3192 of another server */
        (void)strncat(many, ",0-,5-", sizeof(many) - strlen(many) - 3);
    }
    (void)strncat(many, "\r\n", 3);
    assert_int_equal(get(path, many), 200);
    assert_non_null(strstr(answer, "Content-Length: 100000\r\n"));
}

/* --- heads and bodies ----------------------------------------------------------------------- */

static void huge_heads_are_refused(void **state)
{
    (void)state;
    static char request[300000];
    int n = snprintf(request, sizeof(request), "GET /x HTTP/1.1\r\nHost: x\r\nX: ");
    memset(request + n, 'a', sizeof(request) - (size_t)n);
    unsigned status = ask_bytes(request, sizeof(request));
    assert_true(status == 431 || status == 413 || status == 0);
    n = snprintf(request, sizeof(request), "GET /");
    memset(request + n, 'a', sizeof(request) - (size_t)n);
    status = ask_bytes(request, sizeof(request));
    assert_true(status == 414 || status == 431 || status == 0);
    size_t len = (size_t)snprintf(request, sizeof(request), "GET /x HTTP/1.1\r\n");
    while (len + 16 < sizeof(request)) {
        len += (size_t)snprintf(request + len, sizeof(request) - len, "A: b\r\n");
    }
    status = ask_bytes(request, len);
    assert_true(status == 431 || status == 413 || status == 0);
    still_serves();
}

static void what_is_no_http_is_refused(void **state)
{
    (void)state;
    static const char *const requests[] = {"\r\n\r\n\r\n",
                                           "GET\r\n\r\n",
                                           "GET /lamp\r\n\r\n",
                                           "\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
                                           "GET / HTTP/9.9\r\n\r\n",
                                           "GET /secret HTTP/1.1\r\n\r\n", /* no Host */
                                           "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"};
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        int fd = wire_connect(server_port(server));
        assert_true(fd >= 0);
        assert_true(wire_send(fd, requests[i], strlen(requests[i])));
        assert_int_equal(shutdown(fd, 1), 0);
        (void)wire_receive(fd, answer, sizeof(answer));
        (void)close(fd);
        assert_null(strstr(answer, "200 OK"));
        assert_null(strstr(answer, SECRET));
    }
    static const char *const methods[] = {"PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH"};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        char request[128];
        (void)snprintf(request, sizeof(request),
                       "%s /lamp/stable/manifest.json HTTP/1.1\r\nHost: x\r\n"
                       "Connection: close\r\n\r\n",
                       methods[i]);
        assert_int_equal(ask(request), 405);
    }
    still_serves();
}

static void oversized_reports_are_refused(void **state)
{
    (void)state;
    static char body[8000];
    memset(body, ' ', sizeof(body));
    assert_int_equal(post(body, 4000), 413);
    assert_int_equal(ask("POST /report HTTP/1.1\r\nHost: x\r\n"
                         "Content-Length: 18446744073709551615\r\n\r\n"),
                     413);
    /* Chunks tell no length: read to a bound, then refused. */
    static char request[12000];
    size_t len = (size_t)snprintf(request, sizeof(request),
                                  "POST /report HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n1000\r\n");
    memset(request + len, ' ', 0x1000);
    len += 0x1000;
    len += (size_t)snprintf(request + len, sizeof(request) - len, "\r\n0\r\n\r\n");
    assert_int_equal(ask_bytes(request, len), 413);
    /* Without an end: the connection is cut. */
    int fd = wire_connect(server_port(server));
    const char *head = "POST /report HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_true(wire_send(fd, head, strlen(head)));
    len = 0;
    memcpy(request, "1000\r\n", 6);
    memset(request + 6, ' ', 0x1000);
    memcpy(request + 6 + 0x1000, "\r\n", 2);
    while (len < (8u << 20) && wire_send(fd, request, 0x1000 + 8)) {
        len += 0x1000;
    }
    (void)close(fd);
    assert_true(len < (8u << 20));
    still_serves();
}

static void bad_reports_are_refused_and_leave_no_trace(void **state)
{
    (void)state;
#define REST "\"version\":\"1\",\"device\":\"d\""
    static const char *const bodies[] = {
        "",
        "{",
        "null",
        "[1,2]",
        "{\"device\":1}",
        "{\"device\":\"d\"}",
        ("{" REST ",\"product\":\"../x\",\"order\":1,\"result\":\"failed\"}"),
        ("{" REST ",\"product\":\"p\",\"order\":1e9,\"result\":\"failed\"}"),
        ("{" REST ",\"product\":\"p\",\"order\":1,\"result\":\"DROP\"}"),
    };
    assert_int_equal(post("\x00\x01\x02", 3), 400);
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        assert_int_equal(post(bodies[i], strlen(bodies[i])), 400);
    }
    const char *sql = "{\"device\":\"'; DROP TABLE report;--\",\"product\":\"p\",\"version\":\"'\","
                      "\"order\":1,\"result\":\"failed\",\"reason\":\"' OR 1=1 --\"}";
    assert_int_equal(post(sql, strlen(sql)), 204);
    char headers[128];
    (void)snprintf(headers, sizeof(headers), "Authorization: Bearer %s\r\n", SERVED_TOKEN);
    assert_int_equal(get("/status", headers), 200);
    assert_non_null(strstr(answer, "\"devices\":1,"));
    assert_non_null(strstr(answer, "'; DROP TABLE report;--"));
    assert_int_equal(get("/report", ""), 405);
    /* A page that someone visits cannot report: its form is no JSON. */
    assert_int_equal(ask("POST /report HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                         "Content-Length: 2\r\n\r\n{}"),
                     415);
}

static void the_status_needs_the_token(void **state)
{
    (void)state;
    static const char *const paths[] = {"/status", "/status.json", "/status?x=1"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_int_equal(get(paths[i], ""), 401);
        assert_null(strstr(answer, "releases"));
        assert_int_equal(get(paths[i], "Authorization: Bearer x\r\n"), 401);
        assert_int_equal(get(paths[i], "Authorization: Basic Og==\r\n"), 401);
    }
    assert_int_equal(get("/%73tatus", ""), 404);
}

/* --- many and slow -------------------------------------------------------------------------- */

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void who_drips_is_cut_off(void **state)
{
    (void)state;
    int fd = wire_connect(server_port(server));
    double start_time = seconds();
    assert_true(wire_send(fd, "GET / HTTP/1.1\r\nX: ", 19));
    while (seconds() - start_time < 12 && wire_send(fd, "a", 1)) { /* never idle, never done */
        const struct timespec pause = {.tv_nsec = 100000000};
        (void)nanosleep(&pause, NULL);
    }
    double took = seconds() - start_time;
    (void)close(fd);
    assert_true(took > 3 && took < 10);
}

/* Far more silent connections than there are places: whoever asks properly is served soon (and
 * before libmicrohttpd would drop idle ones, after 30 seconds). */
static void silent_connections_do_not_shut_others_out(void **state)
{
    (void)state;
    enum { SILENT = 200 };
    static int fds[SILENT];
    for (size_t i = 0; i < SILENT; i++) {
        fds[i] = wire_connect(server_port(server));
        assert_true(fds[i] >= 0); /* in the backlog, where not accepted */
        (void)wire_send(fds[i], "GET /", 5);
    }
    unsigned served = 0;
    double start_time = seconds();
    while (served != 200 && seconds() - start_time < 25) {
        served = get("/lamp/stable/manifest.json", "");
    }
    for (size_t i = 0; i < SILENT; i++) {
        (void)close(fds[i]);
    }
    assert_int_equal(served, 200);
    still_serves();
}

static void who_hangs_up_midway_costs_nothing(void **state)
{
    (void)state;
    char request[200];
    int n = snprintf(request, sizeof(request), "GET /%s HTTP/1.1\r\nHost: x\r\n\r\n", SERVED_IMAGE);
    for (size_t i = 0; i < 200; i++) {
        int fd = wire_connect(server_port(server));
        assert_true(fd >= 0);
        (void)wire_send(fd, request, i % (size_t)n + 1);
        (void)close(fd);
    }
    still_serves();
}

/* --- the folder ----------------------------------------------------------------------------- */

static int make_all(void **state)
{
    static char bytes[IMAGE_SIZE];
    for (size_t i = 0; i < IMAGE_SIZE; i++) {
        bytes[i] = (char)(i % 251);
    }
    if (served_make(state, bytes, sizeof(bytes)) != 0) {
        return -1;
    }
    folder_put("secret", SECRET, strlen(SECRET));
    folder_put("root/.hidden", SECRET, strlen(SECRET));
    assert_int_equal(symlink("../secret", folder_path("root/link")), 0);
    assert_int_equal(symlink("../../secret", folder_path("root/lamp/link")), 0);
    assert_int_equal(symlink("..", folder_path("root/up")), 0);
    start();
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
        cmocka_unit_test(no_path_leaves_the_directory),
        cmocka_unit_test(an_encoded_name_is_the_name),
        cmocka_unit_test(a_part_is_exactly_what_was_asked_for),
        cmocka_unit_test(absurd_ranges_are_harmless),
        cmocka_unit_test(huge_heads_are_refused),
        cmocka_unit_test(what_is_no_http_is_refused),
        cmocka_unit_test(oversized_reports_are_refused),
        cmocka_unit_test(bad_reports_are_refused_and_leave_no_trace),
        cmocka_unit_test(the_status_needs_the_token),
        cmocka_unit_test(who_drips_is_cut_off),
        cmocka_unit_test(silent_connections_do_not_shut_others_out),
        cmocka_unit_test(who_hangs_up_midway_costs_nothing),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
