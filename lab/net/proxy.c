/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/net/proxy.h"

#include "host/loopback.h"
#include "lab/dice.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PAIRS   128u
#define PIECE   2048u
#define SHORT   3000u  /* requests, heads, a TLS handshake */
#define LONG    40000u /* and an image */
#define NEVER   UINT64_MAX
#define LOOK_MS 20

/* One way of a connection: what was read from one side and not yet written to the other. */
typedef struct {
    uint64_t seen;
    uint64_t cut_at;
    size_t at;
    size_t len;
    bool ended;
    uint8_t bytes[PIECE];
} way_t;

/* side[0] is the device, side[1] the server; way[i] is what side i says. */
typedef struct {
    bool used;
    bool tls;
    bool stalled;
    proxy_cut_t cut;
    uint64_t drop_ms;
    int side[2];
    way_t way[2];
} pair_t;

typedef struct {
    const proxy_t *proxy;
    dice_t kill_dice;
    uint64_t kill_at;
    uint32_t kills;
    pair_t pair[PAIRS];
} run_t;

static uint64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static void no_waiting(int fd)
{
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* --- doors --------------------------------------------------------------------------------- */

bool proxy_open(proxy_t *proxy)
{
    bool good = true;
    for (unsigned i = 0; i < PROXY_DOORS; i++) {
        proxy->listening[i] = loopback_listen((int)PAIRS, &proxy->port[i]);
        good = good && proxy->listening[i] >= 0;
        if (good) {
            no_waiting(proxy->listening[i]);
        }
    }
    if (!good) {
        proxy_close(proxy);
    }
    return good;
}

void proxy_close(proxy_t *proxy)
{
    for (unsigned i = 0; i < PROXY_DOORS; i++) {
        if (proxy->listening[i] >= 0) {
            (void)close(proxy->listening[i]);
        }
        proxy->listening[i] = -1;
    }
}

/* --- connections --------------------------------------------------------------------------- */

/* hard: with a reset, not an end. */
static void drop(pair_t *pair, bool hard)
{
    loopback_hang_up(pair->side[0], hard);
    loopback_hang_up(pair->side[1], hard);
    pair->used = false;
}

/* Where and how connection `number` breaks. */
static void doom(const proxy_t *proxy, pair_t *pair, uint32_t number)
{
    dice_t dice;
    dice_start(&dice, (uint64_t)proxy->seed << 32 | number);
    bool breaks = dice_below(&dice, 100) < proxy->cut;
    unsigned way = (unsigned)dice_below(&dice, 2);
    uint64_t kind = dice_below(&dice, 6);
    uint64_t among = dice_below(&dice, 2) == 0 ? SHORT : LONG;
    /* A device says little: its way is cut among that. */
    uint64_t at = dice_below(&dice, way == 0 ? SHORT / 4u : among);
    pair->cut = kind < 3 ? PROXY_RESET : kind < 4 ? PROXY_STALL : PROXY_END;
    pair->way[way].cut_at = breaks ? at : NEVER;
    pair->way[1u - way].cut_at = NEVER;
}

static pair_t *free_pair(run_t *run)
{
    for (unsigned i = 0; i < PAIRS; i++) {
        if (!run->pair[i].used) {
            return &run->pair[i];
        }
    }
    return NULL;
}

static int reach_server(const proxy_t *proxy, unsigned door)
{
    uint16_t port = (uint16_t)atomic_load(&proxy->shared->upstream[door]);
    return port != 0 ? loopback_connect(port) : -1;
}

static void enter(run_t *run, unsigned door)
{
    const proxy_t *proxy = run->proxy;
    pair_t *pair = free_pair(run);
    int client = pair != NULL ? accept(proxy->listening[door], NULL, NULL) : -1;
    if (client < 0) {
        return;
    }
    uint32_t number = atomic_fetch_add(&proxy->shared->connections, 1u);
    int server = reach_server(proxy, door);
    if (server < 0) {
        atomic_fetch_add(&proxy->shared->refused, 1u);
        loopback_hang_up(client, true);
        return;
    }
    memset(pair, 0, sizeof(*pair));
    pair->used = true;
    pair->tls = door == PROXY_TLS;
    pair->side[0] = client;
    pair->side[1] = server;
    no_waiting(client);
    no_waiting(server);
    doom(proxy, pair, number);
}

static void cut(const run_t *run, pair_t *pair)
{
    proxy_shared_t *shared = run->proxy->shared;
    atomic_fetch_add(&shared->cuts[pair->cut], 1u);
    atomic_fetch_add(&shared->tls, pair->tls ? 1u : 0u);
    if (pair->cut == PROXY_STALL) {
        pair->stalled = true;
        pair->drop_ms = now_ms() + run->proxy->stall_ms;
    } else {
        drop(pair, pair->cut == PROXY_RESET);
    }
}

/* --- bytes --------------------------------------------------------------------------------- */

static void next_kill(run_t *run, uint64_t now)
{
    uint32_t each = run->proxy->kill_each;
    run->kill_at = now + each / 2u + dice_below(&run->kill_dice, each);
}

/* A server that is starting is killed when it has started: until then the point waits. */
static void count_bytes(run_t *run, size_t more)
{
    proxy_shared_t *shared = run->proxy->shared;
    uint64_t all = atomic_fetch_add(&shared->bytes, more) + more;
    if (run->kills >= run->proxy->kills || all < run->kill_at) {
        return;
    }
    int pid = atomic_exchange(&shared->server, 0);
    if (pid > 0) {
        run->kills++;
        atomic_store(&shared->upstream[PROXY_PLAIN], 0u);
        atomic_store(&shared->upstream[PROXY_TLS], 0u);
        (void)kill(pid, SIGKILL);
        atomic_fetch_add(&shared->kills, 1u);
        next_kill(run, all);
    }
}

/* Reads what may still be handed on. false: the side is gone, hard. */
static bool take(way_t *way, int from)
{
    uint64_t left = way->cut_at - way->seen;
    ssize_t n = recv(from, way->bytes, left < PIECE ? (size_t)left : PIECE, 0);
    if (n < 0) {
        return false;
    }
    way->at = 0;
    way->len = (size_t)n;
    way->seen += (uint64_t)n;
    way->ended = n == 0;
    return true;
}

/* false: the other side is gone. */
static bool give(run_t *run, way_t *way, int to)
{
    ssize_t n = send(to, way->bytes + way->at, way->len, 0);
    if (n < 0) {
        return false;
    }
    way->at += (size_t)n;
    way->len -= (size_t)n;
    count_bytes(run, (size_t)n);
    return true;
}

/* Reads, or writes what was read. false: a side is gone. */
static bool work(run_t *run, pair_t *pair, unsigned i, short from, short to)
{
    way_t *way = &pair->way[i];
    const short readable = POLLIN | POLLHUP | POLLERR;
    const short writable = POLLOUT | POLLHUP | POLLERR;
    if (way->len > 0) {
        return (to & writable) == 0 || give(run, way, pair->side[1u - i]);
    }
    bool reads = !way->ended && way->seen < way->cut_at && (from & readable) != 0;
    return !reads || take(way, pair->side[i]);
}

/* One way of a pair; what poll said of its two ends. */
static void move(run_t *run, pair_t *pair, unsigned i, short from, short to)
{
    const way_t *way = &pair->way[i];
    if (!work(run, pair, i, from, to)) {
        drop(pair, true);
    } else if (way->len == 0 && way->seen >= way->cut_at) {
        cut(run, pair);
    } else if (way->len == 0 && way->ended) {
        drop(pair, false);
    }
}

/* --- the loop ------------------------------------------------------------------------------ */

static short wanted(const pair_t *pair, unsigned side)
{
    const way_t *says = &pair->way[side];
    const way_t *hears = &pair->way[1u - side];
    return (short)((says->len == 0 && !says->ended ? POLLIN : 0) | (hears->len > 0 ? POLLOUT : 0));
}

static void fill(const run_t *run, struct pollfd *polled)
{
    polled[0] = (struct pollfd){run->proxy->life, POLLIN, 0};
    polled[1] = (struct pollfd){run->proxy->listening[PROXY_PLAIN], POLLIN, 0};
    polled[2] = (struct pollfd){run->proxy->listening[PROXY_TLS], POLLIN, 0};
    for (unsigned i = 0; i < PAIRS; i++) {
        const pair_t *pair = &run->pair[i];
        bool moves = pair->used && !pair->stalled;
        for (unsigned side = 0; side < 2; side++) {
            polled[3u + 2u * i + side] =
                moves ? (struct pollfd){pair->side[side], wanted(pair, side), 0}
                      : (struct pollfd){-1, 0, 0};
        }
    }
}

static void serve_pair(run_t *run, pair_t *pair, const struct pollfd *polled)
{
    if (pair->stalled && now_ms() >= pair->drop_ms) {
        drop(pair, true);
    }
    for (unsigned side = 0; side < 2 && pair->used && !pair->stalled; side++) {
        move(run, pair, side, polled[side].revents, polled[1u - side].revents);
    }
}

void proxy_run(const proxy_t *proxy)
{
    static run_t run;
    static struct pollfd polled[3u + 2u * PAIRS];
    run.proxy = proxy;
    dice_start(&run.kill_dice, proxy->seed);
    next_kill(&run, 0);
    do {
        fill(&run, polled);
        (void)poll(polled, sizeof(polled) / sizeof(polled[0]), LOOK_MS);
        for (unsigned i = 0; i < PAIRS; i++) {
            if (run.pair[i].used) {
                serve_pair(&run, &run.pair[i], &polled[3u + 2u * i]);
            }
        }
        for (unsigned door = 0; door < PROXY_DOORS; door++) {
            if ((polled[1u + door].revents & POLLIN) != 0) {
                enter(&run, door);
            }
        }
    } while (polled[0].revents == 0);
}
