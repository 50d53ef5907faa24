/* SPDX-License-Identifier: Apache-2.0 */
/* What the server keeps: reports in the database, the token; and how it shows them. */
#include "server/status.h"
#include "server/token.h"
#include "support/folder.h"
#include "support/unit.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- database ------------------------------------------------------------------------------- */

static store_t *open_store(const char *name, uint32_t devices, uint32_t log)
{
    release_trouble_t trouble;
    store_t *store = store_open(folder_path(name), devices, log, &trouble);
    assert_non_null(store);
    return store;
}

static report_t report_of(const char *device, const char *version, report_result_t result)
{
    report_t report = {.order = 7, .result = result};
    (void)snprintf(report.device, sizeof(report.device), "%s", device);
    (void)snprintf(report.product, sizeof(report.product), "lamp");
    (void)snprintf(report.version, sizeof(report.version), "%s", version);
    (void)snprintf(report.from, sizeof(report.from), "1.0");
    return report;
}

static cJSON *status_of(store_t *store)
{
    cJSON *json = cJSON_CreateObject();
    assert_true(store_status(store, json));
    return json;
}

static int count_of(const cJSON *json, const char *list)
{
    return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(json, list));
}

static void the_database_knows_what_runs(void **state)
{
    (void)state;
    store_t *store = open_store("runs.db", 0, 0);
    report_t report = report_of("a", "2.0", REPORT_INSTALLED);
    assert_int_equal(store_report(store, &report, 100), STORE_OK);
    cJSON *json = status_of(store);
    const cJSON *row = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "versions"), 0);
    assert_string_equal(cJSON_GetObjectItem(row, "version")->valuestring, "1.0");
    cJSON_Delete(json);
    report.result = REPORT_CONFIRMED;
    assert_int_equal(store_report(store, &report, 101), STORE_OK);
    store_close(store);
    store = open_store("runs.db", 0, 0); /* it is still there after a restart */
    json = status_of(store);
    row = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "versions"), 0);
    assert_int_equal(count_of(json, "versions"), 1);
    assert_int_equal(count_of(json, "latest"), 2);
    assert_string_equal(cJSON_GetObjectItem(row, "version")->valuestring, "2.0");
    cJSON_Delete(json);
    report.result = REPORT_ROLLED_BACK;
    assert_int_equal(store_report(store, &report, 102), STORE_OK);
    json = status_of(store);
    row = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "versions"), 0);
    assert_string_equal(cJSON_GetObjectItem(row, "version")->valuestring, "1.0");
    assert_int_equal(count_of(json, "failures"), 1);
    cJSON_Delete(json);
    store_close(store);
}

static void sql_in_a_report_stays_text(void **state)
{
    (void)state;
    static const char nasty[] = "'); DROP TABLE device; --";
    store_t *store = open_store("sql.db", 0, 0);
    report_t report = report_of(nasty, "x' OR '1'='1", REPORT_FAILED);
    (void)snprintf(report.reason, sizeof(report.reason), "\"; DELETE FROM report; %%s");
    assert_int_equal(store_report(store, &report, 1), STORE_OK);
    report = report_of("other", "2.0", REPORT_FAILED);
    assert_int_equal(store_report(store, &report, 2), STORE_OK);
    cJSON *json = status_of(store);
    assert_int_equal((int)cJSON_GetObjectItem(json, "devices")->valuedouble, 2);
    const cJSON *row = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "latest"), 1);
    assert_string_equal(cJSON_GetObjectItem(row, "device")->valuestring, nasty);
    cJSON_Delete(json);
    store_close(store);
}

static void the_database_is_bounded(void **state)
{
    (void)state;
    char device[16];
    store_t *store = open_store("bounded.db", 5, 10);
    for (uint32_t i = 0; i < 40; i++) {
        (void)snprintf(device, sizeof(device), "d%" PRIu32, i % 8);
        report_t report = report_of(device, "2.0", REPORT_CONFIRMED);
        assert_int_equal(store_report(store, &report, i), i % 8 < 5 ? STORE_OK : STORE_FULL);
    }
    cJSON *json = status_of(store);
    assert_int_equal((int)cJSON_GetObjectItem(json, "devices")->valuedouble, 5);
    assert_int_equal(count_of(json, "latest"), 10);
    cJSON_Delete(json);
    store_close(store);
    store = open_store("bounded.db", 5, 10); /* the bound counts what was there */
    report_t report = report_of("late", "2.0", REPORT_CONFIRMED);
    assert_int_equal(store_report(store, &report, 50), STORE_FULL);
    store_close(store);
}

static void the_page_escapes_what_devices_say(void **state)
{
    (void)state;
    store_t *store = open_store("page.db", 0, 0);
    report_t report = report_of("<script>alert(1)</script>", "2<b>", REPORT_FAILED);
    (void)snprintf(report.reason, sizeof(report.reason), "<img src=x onerror=\"&\">");
    assert_int_equal(store_report(store, &report, 1), STORE_OK);
    int root = open(folder_name(), O_RDONLY | O_DIRECTORY);
    assert_true(root >= 0);
    cJSON *status = status_collect(root, store);
    assert_non_null(status);
    size_t len = 0;
    char *page = status_page(status, &len);
    assert_non_null(page);
    assert_int_equal(strlen(page), len);
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "<b>"));
    assert_null(strstr(page, "<img"));
    assert_non_null(strstr(page, "&lt;img src=x onerror=&quot;&amp;&quot;&gt;"));
    free(page);
    cJSON_Delete(status);
    assert_int_equal(close(root), 0);
    store_close(store);
}

/* --- token ---------------------------------------------------------------------------------- */

static void the_token_is_made_once_and_kept_private(void **state)
{
    (void)state;
    const char *path = folder_path("token");
    char token[TOKEN_DIGITS + 1];
    char again[TOKEN_DIGITS + 1];
    bool made = false;
    struct stat info;
    release_trouble_t trouble;
    assert_true(token_load(path, token, &made, &trouble));
    assert_true(made);
    assert_int_equal(strlen(token), TOKEN_DIGITS);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_true(token_load(path, again, &made, &trouble));
    assert_false(made);
    assert_string_equal(token, again);
    assert_int_equal(chmod(path, 0644), 0);
    assert_false(token_load(path, again, &made, &trouble));
    assert_int_equal(truncate(path, 10), 0);
    assert_int_equal(chmod(path, 0600), 0);
    assert_false(token_load(path, again, &made, &trouble));
}

static void only_the_token_authorizes(void **state)
{
    (void)state;
    static const char token[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    static const char *const bad[] = {
        "",
        "Bearer",
        "Bearer ",
        "Bearer 0",
        "Bearer x",
        "Bearer 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdee",
        "Bearer 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "Basic",
        "Basic ",
        "Basic x",
        "Basic ====",
        "Basic Og==",
        "Basic eDo=",
        "Basic !!!!",
        "Digest 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"};
    assert_false(token_authorized(NULL, token));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (token_authorized(bad[i], token)) {
            fail_msg("\"%s\" authorizes", bad[i]);
        }
    }
    assert_true(token_authorized(
        "bearer 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", token));
    assert_true(token_authorized(
        "Basic eDowMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJj"
        "ZGVm",
        token));
    char huge[4096] = "Basic ";
    memset(huge + 6, 'A', 4000);
    assert_false(token_authorized(huge, token));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_database_knows_what_runs),
        cmocka_unit_test(sql_in_a_report_stays_text),
        cmocka_unit_test(the_database_is_bounded),
        cmocka_unit_test(the_page_escapes_what_devices_say),
        cmocka_unit_test(the_token_is_made_once_and_kept_private),
        cmocka_unit_test(only_the_token_authorizes),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
