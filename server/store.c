/* SPDX-License-Identifier: Apache-2.0 */
#include "server/store.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Enumerators of the statements; their texts stand in `texts` in the same order. */
enum { BEGIN, COMMIT, ROLLBACK, KNOWN, COUNT, PUT, LOG, TRIM, STATEMENTS };

struct store {
    sqlite3 *db;
    sqlite3_stmt *statement[STATEMENTS];
    pthread_mutex_t mutex;
    uint32_t devices; /* at most */
    uint32_t log;
    int64_t count; /* devices there are: counting them takes time */
};

static const char schema[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA user_version=1;"
    "CREATE TABLE IF NOT EXISTS device(product TEXT NOT NULL, device TEXT NOT NULL,"
    " channel TEXT NOT NULL, version TEXT NOT NULL, ord INTEGER NOT NULL, came_from TEXT NOT NULL,"
    " result TEXT NOT NULL, reason TEXT NOT NULL, boots INTEGER NOT NULL, running TEXT NOT NULL,"
    " first INTEGER NOT NULL, last INTEGER NOT NULL, reports INTEGER NOT NULL,"
    " PRIMARY KEY(product, device)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS report(seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,"
    " product TEXT NOT NULL, device TEXT NOT NULL, channel TEXT NOT NULL, version TEXT NOT NULL,"
    " ord INTEGER NOT NULL, came_from TEXT NOT NULL, result TEXT NOT NULL, reason TEXT NOT NULL,"
    " boots INTEGER NOT NULL);";

/* What runs is `version` once it is confirmed; before, and where it failed, what ran before. */
static const char *const texts[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [KNOWN] = "SELECT 1 FROM device WHERE product=?2 AND device=?3",
    [COUNT] = "SELECT count(*) FROM device",
    [PUT] = "INSERT INTO device VALUES(?2,?3,?4,?5,?6,?7,?8,?9,?10,"
            " CASE ?8 WHEN 'confirmed' THEN ?5 ELSE ?7 END, ?1,?1,1)"
            " ON CONFLICT(product,device) DO UPDATE SET channel=?4, version=?5, ord=?6,"
            " came_from=?7, result=?8, reason=?9, boots=?10, last=?1, reports=reports+1,"
            " running=CASE WHEN ?8='confirmed' THEN ?5 WHEN ?7<>'' THEN ?7 ELSE running END",
    [LOG] =
        ("INSERT INTO report(at,product,device,channel,version,ord,came_from,result,reason,boots)"
         " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)"),
    [TRIM] = "DELETE FROM report WHERE seq <= (SELECT max(seq) FROM report) - ?1",
};

/* SQLITE_ROW or SQLITE_DONE; *value: the first column of a row. */
static int step(sqlite3_stmt *statement, int64_t *value)
{
    int rc = sqlite3_step(statement);
    *value = rc == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    (void)sqlite3_reset(statement);
    return rc;
}

static bool done(sqlite3_stmt *statement)
{
    int64_t ignored = 0;
    return step(statement, &ignored) == SQLITE_DONE;
}

/* --- opening -------------------------------------------------------------------------------- */

static bool prepare(store_t *store)
{
    if (sqlite3_busy_timeout(store->db, 5000) != SQLITE_OK ||
        sqlite3_exec(store->db, schema, NULL, NULL, NULL) != SQLITE_OK) {
        return false;
    }
    for (size_t i = 0; i < STATEMENTS; i++) {
        if (sqlite3_prepare_v3(store->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &store->statement[i], NULL) != SQLITE_OK) {
            return false;
        }
    }
    return step(store->statement[COUNT], &store->count) == SQLITE_ROW;
}

store_t *store_open(const char *path, uint32_t devices, uint32_t log, release_trouble_t *trouble)
{
    /* SQLite would leave it readable for others. */
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    store_t *store = fd >= 0 ? calloc(1, sizeof(*store)) : NULL;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (store == NULL) {
        (void)release_fail(trouble, "FILE", path, "name a file to write to with --database",
                           "the database cannot be opened");
        return NULL;
    }
    store->devices = devices != 0 ? devices : STORE_DEVICES;
    store->log = log != 0 ? log : STORE_LOG;
    (void)pthread_mutex_init(&store->mutex, NULL);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK || !prepare(store)) {
        (void)release_fail(trouble, "DATABASE", path,
                           "name another file with --database, or remove this one", "SQLite: %s",
                           sqlite3_errmsg(store->db));
        store_close(store);
        return NULL;
    }
    return store;
}

void store_close(store_t *store)
{
    if (store == NULL) {
        return;
    }
    for (size_t i = 0; i < STATEMENTS; i++) {
        (void)sqlite3_finalize(store->statement[i]);
    }
    (void)sqlite3_close(store->db);
    (void)pthread_mutex_destroy(&store->mutex);
    free(store);
}

/* --- reports -------------------------------------------------------------------------------- */

static void bind(sqlite3_stmt *statement, const report_t *report, uint32_t now)
{
    const char *words[] = {report->product, report->device, report->channel, report->version};
    (void)sqlite3_bind_int64(statement, 1, now);
    for (int i = 0; i < 4; i++) {
        (void)sqlite3_bind_text(statement, i + 2, words[i], -1, SQLITE_STATIC);
    }
    /* A statement that has fewer parameters refuses the rest: that is what it should. */
    (void)sqlite3_bind_int64(statement, 6, report->order);
    (void)sqlite3_bind_text(statement, 7, report->from, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(statement, 8, report_result_name(report->result), -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(statement, 9, report->reason, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(statement, 10, report->boots);
}

/* *fresh: the device was never heard of. */
static store_result_t admit(store_t *store, const report_t *report, uint32_t now, bool *fresh)
{
    int64_t value = 0;
    bind(store->statement[KNOWN], report, now);
    int rc = step(store->statement[KNOWN], &value);
    *fresh = rc == SQLITE_DONE;
    if (*fresh) {
        return store->count < (int64_t)store->devices ? STORE_OK : STORE_FULL;
    }
    return rc == SQLITE_ROW ? STORE_OK : STORE_FAILED;
}

static store_result_t put(store_t *store, const report_t *report, uint32_t now, bool *fresh)
{
    store_result_t result = admit(store, report, now, fresh);
    if (result != STORE_OK) {
        return result;
    }
    bind(store->statement[PUT], report, now);
    bind(store->statement[LOG], report, now);
    (void)sqlite3_bind_int64(store->statement[TRIM], 1, store->log);
    bool good =
        done(store->statement[PUT]) && done(store->statement[LOG]) && done(store->statement[TRIM]);
    return good ? STORE_OK : STORE_FAILED;
}

store_result_t store_report(store_t *store, const report_t *report, uint32_t now)
{
    store_result_t result = STORE_FAILED;
    bool fresh = false;
    (void)pthread_mutex_lock(&store->mutex);
    if (done(store->statement[BEGIN])) {
        result = put(store, report, now, &fresh);
        if (result != STORE_OK || !done(store->statement[COMMIT])) {
            (void)done(store->statement[ROLLBACK]);
            result = result == STORE_OK ? STORE_FAILED : result;
        }
        store->count += result == STORE_OK && fresh;
    }
    (void)pthread_mutex_unlock(&store->mutex);
    return result;
}

/* --- status --------------------------------------------------------------------------------- */

static cJSON *row_of(sqlite3_stmt *statement)
{
    cJSON *row = cJSON_CreateObject();
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        const char *name = sqlite3_column_name(statement, i);
        if (sqlite3_column_type(statement, i) == SQLITE_INTEGER) {
            (void)cJSON_AddNumberToObject(row, name, (double)sqlite3_column_int64(statement, i));
        } else {
            const unsigned char *text = sqlite3_column_text(statement, i);
            (void)cJSON_AddStringToObject(row, name, text != NULL ? (const char *)text : "");
        }
    }
    return row;
}

static bool list(store_t *store, cJSON *json, const char *name, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    cJSON *rows = cJSON_AddArrayToObject(json, name);
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW) {
            (void)cJSON_AddItemToArray(rows, row_of(statement));
        }
    }
    (void)sqlite3_finalize(statement);
    return rc == SQLITE_DONE;
}

static bool fill(store_t *store, cJSON *json)
{
    int64_t devices = 0;
    if (step(store->statement[COUNT], &devices) != SQLITE_ROW) {
        return false;
    }
    (void)cJSON_AddNumberToObject(json, "devices", (double)devices);
    return list(store, json, "versions",
                "SELECT product, running AS version, count(*) AS devices FROM device"
                " GROUP BY product, running ORDER BY product, devices DESC LIMIT 1000") &&
           list(store, json, "results",
                "SELECT product, version, ord AS \"order\", result, count(*) AS devices FROM device"
                " GROUP BY product, version, ord, result ORDER BY product, ord DESC, result"
                " LIMIT 1000") &&
           list(store, json, "failures",
                "SELECT product, version, result, reason, count(*) AS reports,"
                " count(DISTINCT device) AS devices, max(at) AS last FROM report"
                " WHERE result IN ('rolled-back','failed','refused')"
                " GROUP BY product, version, result, reason ORDER BY max(seq) DESC LIMIT 200") &&
           list(store, json, "latest",
                "SELECT at, product, device, channel, version, ord AS \"order\","
                " came_from AS \"from\", result, reason, boots FROM report"
                " ORDER BY seq DESC LIMIT 50");
}

bool store_status(store_t *store, cJSON *json)
{
    (void)pthread_mutex_lock(&store->mutex);
    /* One transaction: the sums must be those of one moment. */
    bool good = done(store->statement[BEGIN]) && fill(store, json);
    (void)done(store->statement[COMMIT]);
    (void)pthread_mutex_unlock(&store->mutex);
    return good;
}
