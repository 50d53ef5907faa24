/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/share.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE    64u        /* so that no two workers count in one cache line */
#define POLL_NS 100000000l /* ten times a second */
#define STACK   ((size_t)512 << 20)

/* At the start of each worker's piece of the shared memory; the result follows it. */
typedef struct {
    uint64_t done;
    ota_status_t status; /* OTA_ERR_PORT until the worker has said otherwise */
} desk_t;

typedef struct {
    const share_t *share;
    unsigned jobs;
    size_t piece;    /* bytes of one worker's desk and result */
    uint8_t *memory; /* the queue, then the desks */
    pid_t pid[SHARE_JOBS_MAX];
    bool ended[SHARE_JOBS_MAX];
} crew_t;

unsigned share_cores(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > (long)SHARE_JOBS_MAX ? SHARE_JOBS_MAX : (unsigned)cores;
}

uint32_t share_take(const share_worker_t *worker)
{
    return __atomic_fetch_add(worker->queue, 1u, __ATOMIC_RELAXED);
}

static desk_t *desk_of(const crew_t *crew, unsigned worker)
{
    return (desk_t *)(void *)(crew->memory + LINE + worker * crew->piece);
}

static void *result_of(desk_t *desk)
{
    return (uint8_t *)desk + LINE;
}

/* One worker, in its own process. */
typedef struct {
    const crew_t *crew;
    unsigned worker;
} job_t;

static void *work(void *argument)
{
    const job_t *job = argument;
    const share_t *share = job->crew->share;
    desk_t *desk = desk_of(job->crew, job->worker);
    share_worker_t me = {job->worker, job->crew->jobs, &desk->done,
                         (uint32_t *)(void *)job->crew->memory};
    desk->status = share->work(share->ctx, &me, result_of(desk));
    return NULL;
}

/* Lives within lives need a deep stack, which only a thread can be given. Does not return. */
static void work_and_exit(const crew_t *crew, unsigned worker)
{
    job_t job = {crew, worker};
    pthread_t thread;
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) == 0 && pthread_attr_setstacksize(&attributes, STACK) == 0 &&
        pthread_create(&thread, &attributes, work, &job) == 0) {
        (void)pthread_join(thread, NULL);
    }
    _exit(0);
}

static unsigned hire(crew_t *crew)
{
    for (unsigned i = 0; i < crew->jobs; i++) {
        desk_of(crew, i)->status = OTA_ERR_PORT;
        crew->pid[i] = fork();
        if (crew->pid[i] == 0) {
            work_and_exit(crew, i);
        }
        if (crew->pid[i] < 0) {
            return i;
        }
    }
    return crew->jobs;
}

static void report(const crew_t *crew)
{
    uint64_t done = 0;
    for (unsigned i = 0; i < crew->jobs; i++) {
        done += *(volatile const uint64_t *)&desk_of(crew, i)->done;
    }
    if (crew->share->progress != NULL) {
        crew->share->progress(crew->share->user, done);
    }
}

static bool all_ended(crew_t *crew, unsigned hired)
{
    bool all = true;
    for (unsigned i = 0; i < hired; i++) {
        crew->ended[i] = crew->ended[i] || waitpid(crew->pid[i], NULL, WNOHANG) != 0;
        all = all && crew->ended[i];
    }
    return all;
}

static ota_status_t collect(const crew_t *crew, unsigned hired, void *sum)
{
    ota_status_t status = hired == crew->jobs ? OTA_OK : OTA_ERR_PORT;
    for (unsigned i = 0; i < hired; i++) {
        desk_t *desk = desk_of(crew, i);
        status = status == OTA_OK ? desk->status : status;
        crew->share->add(sum, result_of(desk));
    }
    return status;
}

ota_status_t share_run(const share_t *share, void *sum)
{
    static const struct timespec pause = {0, POLL_NS};
    crew_t crew = {.share = share, .jobs = share->jobs != 0 ? share->jobs : share_cores()};
    crew.jobs = crew.jobs > SHARE_JOBS_MAX ? SHARE_JOBS_MAX : crew.jobs;
    crew.piece = LINE + (share->result_size + LINE - 1) / LINE * LINE;
    memset(sum, 0, share->result_size);
    void *memory = mmap(NULL, LINE + crew.jobs * crew.piece, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return OTA_ERR_NO_ROOM;
    }
    crew.memory = memory;
    unsigned hired = hire(&crew);
    while (!all_ended(&crew, hired)) {
        report(&crew);
        (void)nanosleep(&pause, NULL);
    }
    ota_status_t status = collect(&crew, hired, sum);
    (void)munmap(memory, LINE + crew.jobs * crew.piece);
    return status;
}
