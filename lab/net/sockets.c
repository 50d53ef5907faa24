/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/net/sockets.h"

#include "lab/share.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CUT_PERCENT   50u
#define AGENT_STALL   400u /* ms */
#define STALL_MS      1500u
#define TRIES         5u /* starts of the server in a row that fail */
#define FIRST_WAIT_MS 20000u
#define URL           64u

typedef struct {
    const net_stage_t *stage;
    const sockets_wish_t *wish;
    proxy_t proxy;
    int life; /* the pipe's other end: closed, or dead with us, it ends the others */
    pid_t keeper;
    pid_t relay;
    char url[PROXY_DOORS][URL];
    char report[PROXY_DOORS][URL];
} scene_t;

/* --- the server ---------------------------------------------------------------------------- */

/* Does not return. */
static void be_server(const scene_t *scene, int say)
{
    uint16_t port[PROXY_DOORS] = {0, 0};
    char byte;
    if (!scene->wish->serve(scene->wish->ctx, port) ||
        write(say, port, sizeof(port)) != (ssize_t)sizeof(port)) {
        _exit(1);
    }
    (void)close(say);
    while (read(scene->proxy.life, &byte, 1) < 0 && errno == EINTR) {
    }
    _exit(0);
}

static bool over(const scene_t *scene)
{
    struct pollfd life = {scene->proxy.life, POLLIN, 0};
    return poll(&life, 1, 0) != 0;
}

static void announce(proxy_shared_t *shared, const uint16_t *port, pid_t pid)
{
    atomic_fetch_add(&shared->starts, 1u);
    atomic_store(&shared->upstream[PROXY_PLAIN], port[PROXY_PLAIN]);
    atomic_store(&shared->upstream[PROXY_TLS], port[PROXY_TLS]);
    atomic_store(&shared->server, pid);
}

static void await_end(const scene_t *scene, pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (!killed && !over(scene)) {
        atomic_fetch_add(&scene->proxy.shared->crashes, 1u);
        atomic_store(&scene->proxy.shared->server, 0);
    }
}

/* One life of the server. false: it did not start. */
static bool keep_one(const scene_t *scene)
{
    int ends[2];
    uint16_t port[PROXY_DOORS];
    if (pipe(ends) != 0) {
        return false;
    }
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        be_server(scene, ends[1]);
    }
    (void)close(ends[1]);
    bool ready = pid > 0 && read(ends[0], port, sizeof(port)) == (ssize_t)sizeof(port);
    (void)close(ends[0]);
    if (ready) {
        announce(scene->proxy.shared, port, pid);
    }
    if (pid > 0) {
        await_end(scene, pid);
    }
    return ready;
}

static void keep(const scene_t *scene)
{
    unsigned failed = 0;
    while (!over(scene) && failed < TRIES) {
        failed = keep_one(scene) ? 0 : failed + 1u;
    }
}

/* --- the others ---------------------------------------------------------------------------- */

static pid_t hire(const scene_t *scene, bool keeper)
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(scene->life);
        (void)signal(SIGPIPE, SIG_IGN);
        if (keeper) {
            keep(scene);
        } else {
            proxy_run(&scene->proxy);
        }
        _exit(0);
    }
    return pid;
}

static void dismiss(pid_t pid)
{
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

static bool wait_for_server(const scene_t *scene)
{
    for (uint32_t ms = 0; ms < FIRST_WAIT_MS; ms += 10u) {
        if (atomic_load(&scene->proxy.shared->server) > 0) {
            return true;
        }
        (void)poll(NULL, 0, 10);
    }
    return false;
}

static bool open_scene(scene_t *scene)
{
    int ends[2];
    if (pipe(ends) != 0) {
        return false;
    }
    scene->proxy.life = ends[0];
    scene->life = ends[1];
    if (!proxy_open(&scene->proxy)) {
        return false;
    }
    for (unsigned i = 0; i < PROXY_DOORS; i++) {
        (void)snprintf(scene->url[i], URL, "http%s://127.0.0.1:%u", i == PROXY_TLS ? "s" : "",
                       (unsigned)scene->proxy.port[i]);
        (void)snprintf(scene->report[i], URL, "http%s://127.0.0.1:%u/report",
                       i == PROXY_TLS ? "s" : "", (unsigned)scene->proxy.port[i]);
    }
    scene->keeper = hire(scene, true);
    scene->relay = hire(scene, false);
    return scene->keeper > 0 && scene->relay > 0 && wait_for_server(scene);
}

static void close_scene(scene_t *scene)
{
    if (scene->life >= 0) {
        (void)close(scene->life);
        dismiss(scene->keeper);
        dismiss(scene->relay);
        (void)close(scene->proxy.life);
    }
    proxy_close(&scene->proxy);
}

/* --- the fleet ----------------------------------------------------------------------------- */

/* Without a proxy a worker would only try until its polls are used up. */
static void *end_with_parent(void *ctx)
{
    const scene_t *scene = ctx;
    struct pollfd life = {scene->proxy.life, POLLIN, 0};
    while (poll(&life, 1, -1) < 0 && errno == EINTR) {
    }
    _exit(1);
}

static void watch_parent(scene_t *scene)
{
    pthread_t thread;
    (void)close(scene->life); /* or it would keep the others */
    if (pthread_create(&thread, NULL, end_with_parent, scene) == 0) {
        (void)pthread_detach(thread);
    }
}

static ota_status_t work(void *ctx, const share_worker_t *worker, void *result)
{
    scene_t *scene = ctx;
    sockets_sum_t *sum = result;
    ota_status_t status = OTA_OK;
    const net_wish_t wish = {.part = NET_FLEET, .seed = scene->wish->seed};
    watch_parent(scene);
    memset(sum, 0, sizeof(*sum));
    for (uint32_t i = share_take(worker); i < scene->wish->devices && status == OTA_OK;
         i = share_take(worker)) {
        unsigned door = i % PROXY_DOORS;
        const wire_server_t server = {scene->url[door], scene->report[door],
                                      door == PROXY_TLS ? scene->wish->authorities : NULL,
                                      AGENT_STALL};
        net_plan_t plan;
        net_outcome_t outcome;
        char name[NET_NAME];
        net_plan_of(&wish, i, &plan, name);
        plan.server = &server;
        status = net_session(scene->stage, &plan, &outcome);
        net_count_in(&sum->net, name, &outcome);
        sum->told += outcome.reports > 0 ? 1u : 0u;
        ++*worker->done;
    }
    return status;
}

static void add(void *to, const void *from)
{
    sockets_sum_t *sum = to;
    const sockets_sum_t *more = from;
    net_sum_add(&sum->net, &more->net);
    sum->told += more->told;
}

static void read_shared(const proxy_shared_t *shared, sockets_sum_t *sum)
{
    sum->starts = atomic_load(&shared->starts);
    sum->kills = atomic_load(&shared->kills);
    sum->crashes = atomic_load(&shared->crashes);
    sum->connections = atomic_load(&shared->connections);
    sum->refused = atomic_load(&shared->refused);
    for (unsigned i = 0; i < PROXY_CUTS; i++) {
        sum->cuts[i] = atomic_load(&shared->cuts[i]);
    }
    sum->tls = atomic_load(&shared->tls);
    sum->bytes = atomic_load(&shared->bytes);
}

ota_status_t sockets_run(const net_stage_t *stage, const sockets_wish_t *wish, sockets_sum_t *sum)
{
    scene_t scene = {.stage = stage, .wish = wish, .life = -1};
    share_t share = {.jobs = wish->jobs != 0 ? wish->jobs : SHARE_JOBS_MAX,
                     .result_size = sizeof(*sum),
                     .work = work,
                     .add = add,
                     .ctx = &scene,
                     .progress = wish->progress,
                     .user = wish->user};
    void *memory = mmap(NULL, sizeof(proxy_shared_t), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(sum, 0, sizeof(*sum));
    if (memory == MAP_FAILED) {
        return OTA_ERR_NO_ROOM;
    }
    share.jobs = share.jobs < wish->devices ? share.jobs : wish->devices;
    scene.proxy = (proxy_t){.seed = wish->seed,
                            .cut = CUT_PERCENT,
                            .kills = wish->kills,
                            .kill_each = wish->devices * (stage->image->len / (wish->kills + 1u)),
                            .stall_ms = STALL_MS,
                            .listening = {-1, -1},
                            .shared = memory};
    scene.proxy.kill_each = scene.proxy.kill_each > 0 ? scene.proxy.kill_each : 1u;
    ota_status_t status = open_scene(&scene) ? share_run(&share, sum) : OTA_ERR_PORT;
    close_scene(&scene);
    read_shared(memory, sum);
    (void)munmap(memory, sizeof(proxy_shared_t));
    return status;
}
