/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration, and the start with an inherited socket: nginx takes the
 * descriptors that the environment variable NGINX names instead of binding, so
 * that nobody can take the port in between.
 *
 * A credentials file passes through a worker's memory on its way to the
 * browser, in the buffer that nginx reads from vaultd and in the one that it
 * writes to TLS from.  Both are freed when the request ends or the connection
 * falls idle, and glibc, told so by GLIBC_TUNABLES, overwrites all memory that
 * is freed (perturb); its per-thread cache, which would be passed over, is off.
 * Measured: without it a scan of the worker finds the whole file, with it
 * nothing. */
#include "tests/vault/service/nginx.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/vault/service/fault.h"

#define TUNABLES                                                               \
    "GLIBC_TUNABLES=glibc.malloc.perturb=165:glibc.malloc.tcache_count=0"
#define METHODS "GET, HEAD, POST, DELETE"
#define PATH "PATH=/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/bin"

/* Backup data is large and is no secret: it goes through piece by piece, and
 * may lie in buffers. */
static const char data[] =
    "client_max_body_size 257m; proxy_request_buffering off; "
    "client_body_buffer_size 2m; proxy_buffering on; "
    "proxy_buffers 8 128k; proxy_buffer_size 128k;";

/* Refusals that nginx makes itself, in the protocol's shape: what a client did
 * is told by the status, and by the word. */
static const struct nginx_refusal {
    const char *statuses; /* as error_page has them; 494, 497: both a 400 */
    int status;           /* the answer's */
    const char *sentence; /* begins with a word of docs/protocol.md */
} refusals[] = {
    {"400 497", 400, "request: it is no well-formed HTTPS request"},
    {"405", 405, "method: here are known only " METHODS},
    {"413", 413, "large: the body is longer than any that is taken here"},
    {"414", 414, "large: the path is longer than any that is here"},
    {"494 =431", 431,
     "large: the headers are longer than any that are read here"},
    {"501", 501, "request: this transfer coding is not known, only chunked"},
    {"505", 505, "request: only HTTP/2 and HTTP/1.1 are known here"},
};

static const char log_format[] =
    "    log_format json escape=json '{\"time\":\"$time_iso8601\","
    "\"connection\":$connection,\"connection_requests\":$connection_requests,"
    "\"request\":\"$request\",\"status\":$status,"
    "\"http_version\":\"$server_protocol\",\"ssl_protocol\":\"$ssl_protocol\","
    "\"ssl_session_reused\":\"$ssl_session_reused\","
    "\"ssl_client_verify\":\"$ssl_client_verify\","
    "\"ssl_client_fingerprint\":\"$ssl_client_fingerprint\","
    "\"ssl_client_s_dn\":\"$ssl_client_s_dn\"}';\n";

static void
write_main(FILE *file, const struct place *place)
{
    const char *run = place->path[PLACE_RUN];

    /* As root, nginx would hand its workers to a user who cannot reach
     * vaultd's socket. */
    if (geteuid() == 0)
        (void)fprintf(file, "user root;\n");
    (void)fprintf(file,
                  "worker_processes 1;\ndaemon off;\npid %s/nginx.pid;\n"
                  "lock_file %s/nginx.lock;\nerror_log %s;\n"
                  "events { worker_connections 4096; }\n",
                  run, run, place->path[PLACE_NGINX_LOG]);
}

static void
write_paths(FILE *file, const struct place *place)
{
    static const char *const kinds[] = {"client_body", "proxy", "fastcgi",
                                        "uwsgi", "scgi"};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        (void)fprintf(file, "    %s_temp_path %s/%s;\n", kinds[i],
                      place->path[PLACE_RUN], kinds[i]);
}

/* The answer comes from a place of the refusal's own, which no client can ask
 * for; nginx leads there also what has no valid path, or too large a body for
 * others.  Of 405 the methods must be named (RFC 9110, 15.5.6), and no cache
 * keeps any. */
static void
write_refusal(FILE *file, const struct nginx_refusal *refusal)
{
    (void)fprintf(
        file,
        "        error_page %s /.refused/%d;\n"
        "        location = /.refused/%d { internal; client_max_body_size 0; "
        "default_type application/json; %s"
        "add_header Cache-Control no-store always; return %d "
        "'{\"error\":\"invalid_request\","
        "\"error_description\":\"%s\"}'; }\n",
        refusal->statuses, refusal->status, refusal->status,
        refusal->status == 405 ? "add_header Allow '" METHODS "' always; " : "",
        refusal->status, refusal->sentence);
}

/* Of an expired client certificate nginx itself would only say 400 (its 495);
 * vaultd judges it by its own clock and says why.  404 is nginx's answer to who
 * asks for the place of a refusal; vaultd has nothing there, either. */
static void
write_server(FILE *file, const struct place *place, unsigned port,
             const char *keepalive)
{
    (void)fprintf(file,
                  "    server {\n"
                  "        listen 127.0.0.1:%u ssl http2;\n"
                  "        server_name localhost;\n"
                  "        ssl_certificate %s;\n"
                  "        ssl_certificate_key %s;\n"
                  "        ssl_protocols TLSv1.3;\n"
                  "        ssl_session_tickets off;\n"
                  "        ssl_session_cache off;\n"
                  "        ssl_conf_command NumTickets 0;\n"
                  "        ssl_verify_client optional_no_ca;\n"
                  /* A backup is one connection, however long it takes. */
                  "        keepalive_requests 1000000000;\n"
                  "        keepalive_time 7d;\n"
                  "        keepalive_timeout %s;\n"
                  "        http2_body_preread_size 2m;\n"
                  "        http2_chunk_size 16k;\n"
                  "        error_page 404 495 = @vaultd;\n",
                  port, place->path[PLACE_SERVER],
                  place->path[PLACE_SERVER_KEY], keepalive);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        write_refusal(file, &refusals[i]);
    for (int named = 0; named < 2; named++)
        (void)fprintf(file,
                      "        location %s { proxy_pass http://unix:%s:; }\n",
                      named != 0 ? "@vaultd" : "/", place->path[PLACE_SOCKET]);
    (void)fprintf(file,
                  "        location ~ ^/(config$|data/|index/|keys/|locks/|"
                  "snapshots/) { proxy_pass http://unix:%s:; %s }\n",
                  place->path[PLACE_SOCKET], data);
    (void)fprintf(file, "    }\n");
}

static void
write_http(FILE *file, const struct place *place, unsigned port,
           const char *keepalive)
{
    (void)fprintf(file, "http {\n%s    access_log %s json;\n", log_format,
                  place->path[PLACE_ACCESS_LOG]);
    write_paths(file, place);
    (void)fputs("    server_tokens off;\n"
                "    client_max_body_size 64k;\n"
                "    client_body_buffer_size 64k;\n"
                "    proxy_http_version 1.1;\n"
                /* Nothing of a reply on disk, and as little as can be in
                 * memory */
                "    proxy_buffering off;\n"
                "    proxy_max_temp_file_size 0;\n"
                "    proxy_set_header " NGINX_CERTIFICATE
                " $ssl_client_escaped_cert;\n"
                "    proxy_set_header " NGINX_CONNECTION " $connection;\n"
                "    proxy_set_header " NGINX_ADDRESS " $remote_addr;\n",
                file);
    write_server(file, place, port, keepalive);
    (void)fprintf(file, "}\n");
}

bool
nginx_configure(const struct place *place, unsigned port, const char *keepalive)
{
    const char *path = place->path[PLACE_NGINX];
    FILE *file;

    file = fopen(path, "we");
    if (file == NULL)
        return fault("%s: %m", path);
    write_main(file, place);
    write_http(file, place, port, keepalive);
    return fclose(file) == 0 || fault("%s: %m", path);
}

/* In the child; returns where nginx could not be started. */
static void
become(const struct place *place, int listener, pid_t parent)
{
    static const char *const programs[] = {"/usr/sbin/nginx", "nginx"};
    char sockets[32];
    char path[] = PATH;
    char tunables[] = TUNABLES;
    char *environment[] = {path, tunables, sockets, NULL};
    sigset_t none;

    (void)snprintf(sockets, sizeof sockets, "NGINX=%d;", listener);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        return;
    (void)fcntl(listener, F_SETFD, 0);
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        (void)execle(programs[i], "nginx", "-p", place->directory, "-c",
                     place->path[PLACE_NGINX], "-e",
                     place->path[PLACE_NGINX_LOG], (char *)NULL, environment);
    fault("nginx: %m");
}

pid_t
nginx_start(const struct place *place, int listener)
{
    pid_t parent = getpid();
    pid_t child = fork();

    if (child < 0)
        fault("fork: %m");
    if (child != 0)
        return child;
    become(place, listener, parent);
    _exit(127);
}
