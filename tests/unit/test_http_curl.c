/* SPDX-License-Identifier: Apache-2.0 */
/* ports/http/curl against a server on loopback that says, byte for byte, what a test wants said. */
#include "ports/http/curl.h"
#include "support/talker.h"
#include "support/unit.h"

#include <stdio.h>

#define BODY_MAX 8192u
#define TURNS    400u /* calls of 20 ms at most until something must have happened */

typedef struct {
    talker_t talker;
    http_curl_t curl;
    char url[64];
} host_t;

static host_t host;

static void start(const talk_t *talk, size_t talks)
{
    assert_true(talker_start(&host.talker, talk, talks));
    (void)snprintf(host.url, sizeof(host.url), "http://127.0.0.1:%u/x", (unsigned)host.talker.port);
}

static int open_port(void **state)
{
    (void)state;
    memset(&host, 0, sizeof(host));
    return http_curl_open(&host.curl) == OTA_OK ? 0 : -1;
}

static int close_port(void **state)
{
    (void)state;
    http_curl_close(&host.curl);
    talker_stop(&host.talker);
    return 0;
}

/* --- the port, as the agent uses it ------------------------------------------------------------
 */

static ota_status_t ask(const ota_http_request_t *request)
{
    return host.curl.http.start(&host.curl, request);
}

/* Until there is a status, or none is to be had. */
static ota_status_t head(uint16_t *code)
{
    ota_status_t status = OTA_OK;
    *code = 0;
    for (unsigned i = 0; i < TURNS && status == OTA_OK && *code == 0; i++) {
        status = host.curl.http.head(&host.curl, code);
    }
    return status;
}

/* Until the end, or a failure: what came, with a NUL. OTA_ERR_EMPTY: neither. */
static ota_status_t body(char *text, size_t room, size_t *len)
{
    bool end = false;
    *len = 0;
    for (unsigned i = 0; i < TURNS; i++) {
        size_t n = 0;
        ota_status_t status =
            host.curl.http.read(&host.curl, text + *len, room - 1 - *len, &n, &end);
        *len += n;
        text[*len] = '\0';
        if (status != OTA_OK || end) {
            return status;
        }
    }
    return OTA_ERR_EMPTY;
}

static void hang_up(void)
{
    host.curl.http.stop(&host.curl);
}

static void expect_head(uint16_t wanted)
{
    uint16_t code = 0;
    assert_int_equal(ask(&(ota_http_request_t){.url = host.url}), OTA_OK);
    assert_int_equal(head(&code), OTA_OK);
    assert_int_equal(code, wanted);
}

static void expect_body(const char *wanted, ota_status_t status)
{
    static char text[BODY_MAX];
    size_t len = 0;
    assert_int_equal(body(text, sizeof(text), &len), status);
    assert_string_equal(text, wanted);
    hang_up();
}

/* --- answers -----------------------------------------------------------------------------------
 */

static void users_60_chunks_are_put_together(void **state)
{
    (void)state;
    static const talk_t answer[] = {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                     "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: 1\r\n\r\n",
                                     0, AND_CLOSE}};
    start(answer, 1);
    expect_head(200);
    expect_body("abcdefg", OTA_OK);
}

static void chunks_that_end_early_are_a_lost_connection(void **state)
{
    (void)state;
    static const talk_t answer[] = {
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", 0, AND_CLOSE}};
    start(answer, 1);
    expect_head(200);
    expect_body("abc", OTA_ERR_HTTP_LOST);
}

static void users_53_a_body_shorter_than_its_length_is_a_lost_connection(void **state)
{
    (void)state;
    static const talk_t answer[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", 0, AND_CLOSE}};
    start(answer, 1);
    expect_head(200);
    expect_body("abc", OTA_ERR_HTTP_LOST);
}

static void a_body_longer_than_its_length_ends_where_the_length_says(void **state)
{
    (void)state;
    static const talk_t answer[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", 0, AND_CLOSE}};
    start(answer, 1);
    expect_head(200);
    expect_body("abc", OTA_OK);
}

static void two_lengths_that_differ_are_not_believed(void **state)
{
    (void)state;
    static const talk_t answer[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 6\r\n\r\nabcdef", 0, AND_CLOSE}};
    uint16_t code = 0;
    char text[16];
    size_t len = 0;
    start(answer, 1);
    assert_int_equal(ask(&(ota_http_request_t){.url = host.url}), OTA_OK);
    if (head(&code) == OTA_OK) { /* the first line was fine */
        (void)body(text, sizeof(text), &len);
        assert_true(len <= 6);
    }
    hang_up();
}

static void users_51_a_reset_is_a_lost_connection(void **state)
{
    (void)state;
    static const talk_t answer[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", 0, AND_RESET}};
    static char text[64];
    size_t len = 0;
    start(answer, 1);
    uint16_t code = 0;
    assert_int_equal(ask(&(ota_http_request_t){.url = host.url}), OTA_OK);
    ota_status_t status = head(&code); /* the reset may overtake the head */
    status = status == OTA_OK ? body(text, sizeof(text), &len) : status;
    assert_int_equal(status, OTA_ERR_HTTP_LOST);
    hang_up();
}

static void silence_does_not_block(void **state)
{
    (void)state;
    static const talk_t answer[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", 0, AND_HOLD}};
    char text[16];
    size_t len = 0;
    size_t sum = 0;
    bool end = false;
    start(answer, 1);
    expect_head(200);
    for (unsigned i = 0; i < 10; i++) { /* each call returns: the agent's clock decides */
        assert_int_equal(host.curl.http.read(&host.curl, text, sizeof(text), &len, &end), OTA_OK);
        assert_false(end);
        sum += len;
    }
    assert_int_equal(sum, 3);
    hang_up();
}

static void a_handshake_without_an_end_does_not_block(void **state)
{
    (void)state;
    static const talk_t answer[] = {{NULL, 0, AND_HOLD}};
    uint16_t code = 0;
    char url[64];
    start(answer, 1);
    (void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/x", (unsigned)host.talker.port);
    assert_int_equal(ask(&(ota_http_request_t){.url = url}), OTA_OK);
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(host.curl.http.head(&host.curl, &code), OTA_OK);
        assert_int_equal(code, 0);
    }
    hang_up();
}

static void what_speaks_no_tls_is_no_server(void **state)
{
    (void)state;
    static const talk_t answer[] = {{"HTTP/1.1 400 Bad Request\r\n\r\n", 0, UNASKED}};
    uint16_t code = 0;
    char url[64];
    start(answer, 1);
    (void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/x", (unsigned)host.talker.port);
    assert_int_equal(ask(&(ota_http_request_t){.url = url}), OTA_OK);
    assert_int_equal(head(&code), OTA_ERR_HTTP_CONNECT);
    hang_up();
}

static void preliminary_answers_are_passed_over(void **state)
{
    (void)state;
    static const talk_t answer[] = {{"HTTP/1.1 100 Continue\r\n\r\n"
                                     "HTTP/1.1 103 Early Hints\r\nX-What: hint\r\n\r\n"
                                     "HTTP/1.1 206 Partial Content\r\nX-What: answer\r\n"
                                     "Content-Length: 2\r\n\r\nok",
                                     0, AND_CLOSE}};
    char value[16];
    start(answer, 1);
    expect_head(206);
    assert_int_equal(host.curl.http.header(&host.curl, "x-what", value, sizeof(value)), 6);
    assert_string_equal(value, "answer");
    expect_body("ok", OTA_OK);
}

static void users_59_a_redirect_is_the_agents_business_whatever_its_length(void **state)
{
    (void)state;
    static char text[1200];
    static talk_t answer[1];
    char value[600];
    int n = snprintf(text, sizeof(text), "HTTP/1.1 302 Found\r\nLOCATION: http://127.0.0.1/");
    memset(text + n, 'a', 523);
    (void)snprintf(text + n + 523, sizeof(text) - (size_t)n - 523, "\r\nContent-Length: 0\r\n\r\n");
    answer[0] = (talk_t){text, 0, AND_CLOSE};
    start(answer, 1);
    expect_head(302);
    assert_int_equal(host.curl.http.header(&host.curl, "location", value, sizeof(value)), 540);
    assert_int_equal(strlen(value), 540);
    char little[8];
    assert_int_equal(host.curl.http.header(&host.curl, "location", little, sizeof(little)), 540);
    assert_string_equal(little, "http://");
    assert_int_equal(host.curl.http.header(&host.curl, "absent", little, sizeof(little)), 0);
    expect_body("", OTA_OK);
}

static void a_head_without_measure_is_a_lost_connection(void **state)
{
    (void)state;
    static char text[400000];
    static talk_t answer[1];
    uint16_t code = 0;
    size_t len = (size_t)snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nX: ");
    memset(text + len, 'a', sizeof(text) - len);
    answer[0] = (talk_t){text, sizeof(text), AND_CLOSE};
    start(answer, 1);
    assert_int_equal(ask(&(ota_http_request_t){.url = host.url}), OTA_OK);
    assert_int_equal(head(&code), OTA_ERR_HTTP_LOST);
    assert_int_equal(code, 0);
    hang_up();
}

/* libcurl calls it a success: a device would wait, and a host's turn for ever, until the stall. */
static void a_head_that_ends_early_is_a_lost_connection(void **state)
{
    (void)state;
    static const talk_t answer[] = {{"HTTP/1.1 200 OK\r\nContent-Le", 0, AND_CLOSE}};
    uint16_t code;
    start(answer, 1);
    const ota_http_request_t request = {.url = host.url};
    assert_int_equal(ask(&request), OTA_OK);
    assert_int_equal(head(&code), OTA_ERR_HTTP_LOST);
}

static void what_is_no_http_is_a_lost_connection(void **state)
{
    (void)state;
    static const talk_t answer[] = {{"220 mail.example ESMTP\r\n", 0, AND_CLOSE}};
    uint16_t code = 0;
    start(answer, 1);
    assert_int_equal(ask(&(ota_http_request_t){.url = host.url}), OTA_OK);
    assert_int_equal(head(&code), OTA_ERR_HTTP_LOST);
    hang_up();
}

static void nobody_at_home_is_told_from_a_wrong_address(void **state)
{
    (void)state;
    uint16_t code = 0;
    static const talk_t answer[] = {{"", 0, AND_CLOSE}};
    start(answer, 0); /* a port that was somebody's */
    talker_stop(&host.talker);
    assert_int_equal(ask(&(ota_http_request_t){.url = host.url}), OTA_OK);
    assert_int_equal(head(&code), OTA_ERR_HTTP_CONNECT);
    hang_up();
    assert_int_equal(ask(&(ota_http_request_t){.url = "ftp://127.0.0.1/x"}), OTA_OK);
    assert_int_equal(head(&code), OTA_ERR_HTTP_URL);
    hang_up();
}

/* --- requests ----------------------------------------------------------------------------------
 */

#define EMPTY "HTTP/1.1 204 No Content\r\n\r\n"

static void requests_say_what_the_agent_wants_and_share_a_connection(void **state)
{
    (void)state;
    static const talk_t answer[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 0, AND_NEXT},
        {"HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\ny", 0, AND_NEXT},
        {EMPTY, 0, AND_CLOSE}};
    uint16_t code = 0;
    start(answer, 3);
    expect_head(200);
    expect_body("x", OTA_OK);
    assert_int_equal(
        ask(&(ota_http_request_t){.url = host.url, .from = 4096, .if_range = "\"tag\""}), OTA_OK);
    assert_int_equal(head(&code), OTA_OK);
    expect_body("y", OTA_OK);
    assert_int_equal(
        ask(&(ota_http_request_t){.url = host.url, .body = "{\"a\":1}", .body_len = 7}), OTA_OK);
    assert_int_equal(head(&code), OTA_OK);
    assert_int_equal(code, 204);
    expect_body("", OTA_OK);
    talker_stop(&host.talker);
    assert_int_equal(host.talker.connections, 1); /* users_49: a connection each would be slow */
    assert_null(strstr(host.talker.request[0], "Range"));
    assert_non_null(strstr(host.talker.request[0], "\r\nAccept-Encoding: identity\r\n"));
    assert_non_null(
        strstr(host.talker.request[1], "\r\nRange: bytes=4096-\r\nIf-Range: \"tag\"\r\n"));
    assert_non_null(strstr(host.talker.request[2], "POST /x HTTP/1.1\r\n"));
    assert_non_null(strstr(host.talker.request[2], "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(host.talker.request[2], "\r\n\r\n{\"a\":1}"));
}

static void a_request_may_be_given_up_at_any_moment(void **state)
{
    (void)state;
    static const talk_t answer[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", 0, AND_HOLD},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 0, AND_CLOSE}};
    start(answer, 2);
    expect_head(200);
    hang_up(); /* in the middle of a body */
    expect_head(200);
    expect_body("ok", OTA_OK);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_port, close_port)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(users_60_chunks_are_put_together),
        TEST(chunks_that_end_early_are_a_lost_connection),
        TEST(users_53_a_body_shorter_than_its_length_is_a_lost_connection),
        TEST(a_body_longer_than_its_length_ends_where_the_length_says),
        TEST(two_lengths_that_differ_are_not_believed),
        TEST(users_51_a_reset_is_a_lost_connection),
        TEST(silence_does_not_block),
        TEST(a_handshake_without_an_end_does_not_block),
        TEST(what_speaks_no_tls_is_no_server),
        TEST(preliminary_answers_are_passed_over),
        TEST(users_59_a_redirect_is_the_agents_business_whatever_its_length),
        TEST(a_head_without_measure_is_a_lost_connection),
        TEST(a_head_that_ends_early_is_a_lost_connection),
        TEST(what_is_no_http_is_a_lost_connection),
        TEST(nobody_at_home_is_told_from_a_wrong_address),
        TEST(requests_say_what_the_agent_wants_and_share_a_connection),
        TEST(a_request_may_be_given_up_at_any_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
