/* SPDX-License-Identifier: Apache-2.0 */
/* One process that accepts, and one for each connection. */
#include "tests/programs/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "tests/programs/hostile_connection.h"

static int
listen_on(unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)*port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on),
                     0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

/* Who connects is asked for a certificate, and may show any. */
static int
accept_any(int ok, X509_STORE_CTX *context)
{
    (void)ok;
    (void)context;
    return 1;
}

static SSL_CTX *
make_context(const struct hostile_script *script, const struct hostile_pki *pki)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    (void)SSL_CTX_set_max_proto_version(
        context, script->tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
    (void)SSL_CTX_set_num_tickets(context, 0);
    (void)SSL_CTX_use_certificate(context, pki->server[script->identity]);
    (void)SSL_CTX_use_PrivateKey(context, pki->server_key);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, accept_any);
    return context;
}

_Noreturn static void
serve_connection(int fd, struct hostile_script *script,
                 const struct hostile_pki *pki)
{
    SSL_CTX *context = make_context(script, pki);
    SSL *ssl = SSL_new(context);

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1) {
        script->handshakes++;
        hostile_connection(ssl, script, pki);
    }
    (void)close(fd);
    SSL_free(ssl);
    SSL_CTX_free(context);
    _exit(0);
}

_Noreturn static void
serve(int listener, struct hostile_script *script,
      const struct hostile_pki *pki)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGCHLD, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

        if (fd >= 0 && fork() == 0) {
            /* The port is free from hostile_stop() on. */
            (void)close(listener);
            serve_connection(fd, script, pki);
        }
        (void)close(fd);
    }
}

void
hostile_start(struct hostile *hostile, const char *directory, unsigned port)
{
    struct hostile_pki pki;
    int listener;

    hostile->port = port;
    listener = listen_on(&hostile->port);
    (void)snprintf(hostile->ca_file, sizeof hostile->ca_file, "%s/hostile.pem",
                   directory);
    hostile_pki_make(&pki, hostile->ca_file);
    hostile->script = mmap(NULL, sizeof *hostile->script,
                           PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                           -1, 0);
    assert_true(hostile->script != MAP_FAILED);
    hostile->process = fork();
    assert_true(hostile->process >= 0);
    if (hostile->process == 0)
        serve(listener, hostile->script, &pki);
    (void)close(listener);
    hostile_pki_free(&pki);
}

void
hostile_stop(struct hostile *hostile)
{
    assert_int_equal(kill(hostile->process, SIGKILL), 0);
    assert_int_equal(waitpid(hostile->process, NULL, 0), hostile->process);
    (void)munmap(hostile->script, sizeof *hostile->script);
}

void
hostile_reset(struct hostile *hostile)
{
    char vault[sizeof hostile->script->vault];

    memcpy(vault, hostile->script->vault, sizeof vault);
    memset(hostile->script, 0, sizeof *hostile->script);
    memcpy(hostile->script->vault, vault, sizeof vault);
}

void
hostile_go(struct hostile *hostile, enum hostile_step step,
           enum hostile_way way)
{
    hostile->script->step = step;
    hostile->script->way = way;
}

void
hostile_reply(struct hostile *hostile, enum hostile_step step,
              const char *status, const char *headers, const char *body)
{
    hostile_go(hostile, step, HOSTILE_REPLY);
    (void)snprintf(hostile->script->reply, sizeof hostile->script->reply,
                   "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s", status,
                   headers, strlen(body), body);
}
