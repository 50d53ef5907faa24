/* SPDX-License-Identifier: Apache-2.0 */
#include "server/serve.h"

#include "host/file.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 4096u
#define THREADS_MAX 16L
#define IDLE        30u /* seconds in which nothing may pass */
#define MEMORY      (32u << 10)
#define PEM_MAX     (256u << 10)

/* --- callbacks ------------------------------------------------------------------------------ */

/* Bytes of a connection that the kernel takes before it has sent them. Without a limit a few
 * clients fill megabytes, and what is sent has left the processor's cache long before. */
static void keep_short(int fd)
{
#ifdef TCP_NOTSENT_LOWAT
    const int unsent = 65536;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
#else
    (void)fd;
#endif
}

static void notify(void *context, struct MHD_Connection *connection, void **socket_context,
                   enum MHD_ConnectionNotificationCode code)
{
    const entrance_t *entrance = context;
    watch_t *watch = entrance->server->watch;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        watch_leave(watch, *socket_context);
        *socket_context = NULL;
        return;
    }
    *socket_context = NULL;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info != NULL) {
        keep_short(info->connect_fd);
        *socket_context = watch_enter(watch, info->connect_fd);
    }
}

/* Paths are decoded once, by path_decode, which sees what was really sent. */
static size_t leave_escaped(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

/* --- start ---------------------------------------------------------------------------------- */

static uint32_t threads_of(const server_wish_t *wish)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (wish->threads != 0) {
        return wish->threads;
    }
    processors = processors < 1 ? 1 : processors;
    return (uint32_t)(processors < THREADS_MAX ? processors : THREADS_MAX);
}

/* Each connection has a socket and, while it is answered, a file. */
static uint32_t connections_of(const server_wish_t *wish)
{
    struct rlimit files;
    uint32_t wanted = wish->connections != 0 ? wish->connections : CONNECTIONS;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) {
        return wanted;
    }
    rlim_t room = files.rlim_cur > 192 ? (files.rlim_cur - 128) / 2 : 32;
    return room < wanted ? (uint32_t)room : wanted;
}

static struct MHD_Daemon *listen_at(entrance_t *entrance, const struct addrinfo *address)
{
    const server_t *server = entrance->server;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD;
    flags |= address->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0;
    flags |= entrance->tls ? MHD_USE_TLS : 0;
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, server->cert},
                                   {MHD_OPTION_HTTPS_MEM_KEY, 0, server->key},
                                   {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    /* The pool has two threads at least: one is MHD's least, and a slow disk may hold one. */
    uint32_t threads = threads_of(&server->wish);
    return MHD_start_daemon(
        flags, 0, NULL, NULL, serve_handle, entrance, MHD_OPTION_SOCK_ADDR, address->ai_addr,
        MHD_OPTION_THREAD_POOL_SIZE, threads < 2 ? 2u : threads, MHD_OPTION_CONNECTION_LIMIT,
        connections_of(&server->wish), MHD_OPTION_CONNECTION_TIMEOUT, IDLE,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY, MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024u,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_CONNECTION, notify, entrance,
        MHD_OPTION_NOTIFY_COMPLETED, serve_completed, entrance, MHD_OPTION_UNESCAPE_CALLBACK,
        leave_escaped, NULL, MHD_OPTION_ARRAY, entrance->tls ? tls : none, MHD_OPTION_END);
}

static bool enter(entrance_t *entrance, const char *address, uint16_t port,
                  release_trouble_t *trouble)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    char service[8];
    (void)snprintf(service, sizeof(service), "%u", port);
    int rc = getaddrinfo(address, service, &hints, &found);
    if (rc != 0) {
        return release_fail(trouble, "ADDRESS", address, "name an address of this machine",
                            "there is no such address: %s", gai_strerror(rc));
    }
    errno = 0;
    entrance->daemon = listen_at(entrance, found);
    int error = errno;
    freeaddrinfo(found);
    if (entrance->daemon == NULL) {
        return release_fail(trouble, "LISTEN", address,
                            error == EADDRINUSE ? "choose another port; port 0 takes any"
                            : entrance->tls     ? "look at certificate and key: PEM, unencrypted"
                                                : "choose another address and a port above 1023",
                            error == EADDRINUSE ? "port %u is taken already"
                                                : "port %u cannot be listened to",
                            port);
    }
    return true;
}

static bool read_pem(const char *path, char **text, release_trouble_t *trouble)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    file_result_t result = file_read(path, PEM_MAX, &bytes, &len);
    *text = (char *)bytes;
    return result == FILE_OK ||
           release_fail(trouble, "FILE", path, "name a PEM file", "%s", file_result_text(result));
}

static bool open_entrances(server_t *server, release_trouble_t *trouble)
{
    const server_wish_t *wish = &server->wish;
    if (wish->address != NULL && !enter(&server->plain, wish->address, wish->port, trouble)) {
        return false;
    }
    return wish->tls_address == NULL ||
           (read_pem(wish->cert, &server->cert, trouble) &&
            read_pem(wish->key, &server->key, trouble) &&
            enter(&server->tls, wish->tls_address, wish->tls_port, trouble));
}

static bool start(server_t *server, release_trouble_t *trouble)
{
    const server_wish_t *wish = &server->wish;
    server->root = open(wish->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (server->root < 0) {
        return release_fail(trouble, "FILE", wish->root,
                            "name the directory that `otary publish` has written",
                            "there is no such directory, or it may not be read");
    }
    server->store = store_open(wish->database, wish->devices, wish->log, trouble);
    if (server->store == NULL) {
        return false;
    }
    uint32_t entrances = wish->address != NULL && wish->tls_address != NULL ? 2 : 1;
    server->watch = watch_start(entrances * connections_of(wish), wish->patience);
    if (server->watch == NULL) {
        return release_fail(trouble, "MEMORY", wish->root, "free some memory",
                            "no thread can be started");
    }
    return open_entrances(server, trouble);
}

server_t *server_start(const server_wish_t *wish, release_trouble_t *trouble)
{
    server_t *server = calloc(1, sizeof(*server));
    if (server == NULL) {
        (void)release_fail(trouble, "MEMORY", wish->root, "free some memory", "out of memory");
        return NULL;
    }
    server->wish = *wish;
    server->root = -1;
    server->plain = (entrance_t){.server = server, .tls = false};
    server->tls = (entrance_t){.server = server, .tls = true};
    if (!start(server, trouble)) {
        server_stop(server);
        return NULL;
    }
    return server;
}

void server_stop(server_t *server)
{
    if (server == NULL) {
        return;
    }
    if (server->plain.daemon != NULL) {
        MHD_stop_daemon(server->plain.daemon);
    }
    if (server->tls.daemon != NULL) {
        MHD_stop_daemon(server->tls.daemon);
    }
    watch_stop(server->watch);
    store_close(server->store);
    if (server->root >= 0) {
        (void)close(server->root);
    }
    free(server->cert);
    free(server->key);
    free(server);
}

static uint16_t port_of(const entrance_t *entrance)
{
    const union MHD_DaemonInfo *info =
        entrance->daemon != NULL ? MHD_get_daemon_info(entrance->daemon, MHD_DAEMON_INFO_BIND_PORT)
                                 : NULL;
    return info != NULL ? info->port : 0;
}

uint16_t server_port(const server_t *server)
{
    return port_of(&server->plain);
}

uint16_t server_tls_port(const server_t *server)
{
    return port_of(&server->tls);
}
