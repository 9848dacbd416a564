/* SPDX-License-Identifier: Apache-2.0 */
/* One connection after another: it answers at once, and waits for the other
 * side to close. */
#include "tests/bench/bench_server.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "tests/bench/bench_measure.h"

#define BACKLOG 8
#define PATIENCE_SECONDS 20

static void
serve(SSL_CTX *ctx, int connection)
{
    static const char reply[] = "HTTP/1.1 200 OK\r\n"
                                "Content-Length: 7\r\n"
                                "Connection: close\r\n\r\n" BENCH_SERVER_ANSWER
                                "\n";
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    SSL *ssl = SSL_new(ctx);
    char request[4096];

    (void)setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience,
                     sizeof patience);
    if (SSL_set_fd(ssl, connection) == 1 && SSL_accept(ssl) == 1 &&
        SSL_get0_peer_certificate(ssl) != NULL) {
        (void)SSL_write(ssl, reply, sizeof reply - 1);
        (void)SSL_shutdown(ssl);
        (void)shutdown(connection, SHUT_WR);
        while (read(connection, request, sizeof request) > 0)
            continue;
    }
    SSL_free(ssl);
    (void)close(connection);
}

static SSL_CTX *
make_ctx(X509 *certificate, EVP_PKEY *key, X509 *const *clients, size_t count)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);

    bench_require(SSL_CTX_use_certificate(ctx, certificate) == 1 &&
                      SSL_CTX_use_PrivateKey(ctx, key) == 1 &&
                      SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1 &&
                      SSL_CTX_set_num_tickets(ctx, 0) == 1,
                  "server");
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       NULL);
    for (size_t i = 0; i < count; i++)
        bench_require(X509_STORE_add_cert(store, clients[i]) == 1, "clients");
    return ctx;
}

unsigned
bench_server_start(X509 *certificate, EVP_PKEY *key, X509 *const *clients,
                   size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    SSL_CTX *ctx = make_ctx(certificate, key, clients, count);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pid_t pid;

    bench_require(
        bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
            listen(fd, BACKLOG) == 0 &&
            getsockname(fd, (struct sockaddr *)&address, &length) == 0,
        "port");
    pid = fork();
    bench_require(pid >= 0, "fork");
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)signal(SIGPIPE, SIG_IGN);
        for (;;)
            serve(ctx, accept(fd, NULL, NULL));
    }
    (void)close(fd);
    SSL_CTX_free(ctx);
    return ntohs(address.sin_port);
}
