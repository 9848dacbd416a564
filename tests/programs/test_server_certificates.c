/* SPDX-License-Identifier: Apache-2.0 */
/* Which servers the real holdfast-net believes: each certificate of a table is
 * shown to it by a TLS server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "tests/support/fresh_directory.h"
#include "tests/programs/net_seat.h"
#include "tests/programs/server_certificates.h"

#define HOSTS 3

/* Shared with the server */
static struct script {
    atomic_size_t row;
    atomic_uint asked; /* requests that it could read */
} * script;

static struct server_chain *chains; /* one a row */
static pid_t server;
static char directory[FRESH_DIRECTORY];
static char ca_file[FRESH_DIRECTORY + 16];
static char own_file[FRESH_DIRECTORY + 16]; /* of issuers, for one row, */
static char crl_file[FRESH_DIRECTORY + 16]; /* and of what they revoked */
static unsigned port;

/* holdfast-net, once for each host */
static struct {
    const char *host;
    struct net_seat seat;
} seats[HOSTS] = {
    {.host = "localhost"}, {.host = "127.0.0.1"}, {.host = "[::1]"}};

static int
accept_any(int ok, X509_STORE_CTX *context)
{
    (void)ok;
    (void)context;
    return 1;
}

static int
staple(SSL *tls, void *chain)
{
    const struct server_chain *of = chain;

    if (of->response == NULL)
        return SSL_TLSEXT_ERR_NOACK;
    (void)SSL_set_tlsext_status_ocsp_resp(
        tls, OPENSSL_memdup(of->response, (size_t)of->response_length),
        of->response_length);
    return SSL_TLSEXT_ERR_OK;
}

/* What is too weak for the client is not so for this server. */
static SSL_CTX *
make_context(const struct server_row *row, struct server_chain *chain)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = chain->key;

    if (row->impostor)
        key = server_chain_impostor(
            key, server_chain_key(EVP_PKEY_is_a(key, "RSA") == 1
                                      ? "RSA-2048/impostor"
                                      : "P-256/impostor"));
    SSL_CTX_set_security_level(tls, 0);
    (void)SSL_CTX_set_num_tickets(tls, 0);
    if (SSL_CTX_use_certificate(tls, chain->leaf) != 1 ||
        SSL_CTX_use_PrivateKey(tls, key) != 1 ||
        (!row->unsent && SSL_CTX_set1_chain(tls, chain->others) != 1))
        abort();
    (void)SSL_CTX_set_mode(tls, SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, accept_any);
    (void)SSL_CTX_set_tlsext_status_cb(tls, staple);
    (void)SSL_CTX_set_tlsext_status_arg(tls, chain);
    if (row->impostor)
        EVP_PKEY_free(key);
    return tls;
}

static void
answer(SSL *tls)
{
    static const char reply[] = "HTTP/1.1 204 No Content\r\n" HOSTILE_CLOSE
                                "\r\n";
    char request[4096];

    if (SSL_accept(tls) != 1 || SSL_read(tls, request, sizeof request) <= 0)
        return;
    script->asked++;
    (void)SSL_write(tls, reply, sizeof reply - 1);
    (void)SSL_shutdown(tls);
}

_Noreturn static void
serve(int listener)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        size_t row = script->row;
        SSL_CTX *context = make_context(&server_rows[row], &chains[row]);
        SSL *tls = SSL_new(context);

        if (SSL_set_fd(tls, fd) == 1)
            answer(tls);
        SSL_free(tls);
        SSL_CTX_free(context);
        (void)close(fd);
    }
}

/* Of IPv6's loopback address and IPv4's */
static int
listen_anywhere(unsigned *ret)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int off = 0;

    assert_int_equal(
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *ret = ntohs(address.sin6_port);
    return fd;
}

static size_t
count_rows(void)
{
    size_t count = 0;

    while (server_rows[count].name != NULL)
        count++;
    return count;
}

static int
start(void **state)
{
    size_t count = count_rows();
    int listener = listen_anywhere(&port);

    (void)state;
    assert_true(fresh_directory("holdfast", directory));
    (void)snprintf(ca_file, sizeof ca_file, "%s/issuers.pem", directory);
    (void)snprintf(own_file, sizeof own_file, "%s/own.pem", directory);
    (void)snprintf(crl_file, sizeof crl_file, "%s/crls.pem", directory);
    server_chain_begin(ca_file);
    chains = calloc(count, sizeof *chains);
    for (size_t i = 0; i < count; i++)
        server_chain_make(&server_rows[i].leaf, server_rows[i].middles,
                          server_rows[i].issuer, server_rows[i].status,
                          &chains[i]);
    script = mmap(NULL, sizeof *script, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(script != MAP_FAILED);
    (void)server_chain_key("RSA-2048/impostor");
    server = fork();
    assert_true(server >= 0);
    if (server == 0)
        serve(listener);
    (void)close(listener);
    for (size_t i = 0; i < HOSTS; i++)
        net_seat_enter(&seats[i].seat, seats[i].host, port, ca_file);
    return 0;
}

static int
stop(void **state)
{
    size_t count = count_rows();

    (void)state;
    for (size_t i = 0; i < HOSTS; i++)
        net_seat_leave(&seats[i].seat);
    assert_int_equal(kill(server, SIGKILL), 0);
    assert_int_equal(waitpid(server, NULL, 0), server);
    for (size_t i = 0; i < count; i++)
        server_chain_free(&chains[i]);
    free(chains);
    server_chain_end();
    assert_int_equal(unlink(ca_file), 0);
    assert_int_equal(rmdir(directory), 0);
    return 0;
}

static struct net_seat *
seat_of(const struct server_row *row)
{
    const char *host = row->host != NULL ? row->host : "localhost";
    size_t i = 0;

    while (strcmp(seats[i].host, host) != 0)
        i++;
    return &seats[i].seat;
}

/* The row's own issuers: all, and those between */
static void
write_issuers(const struct server_row *row, const struct server_chain *chain)
{
    FILE *from = fopen(ca_file, "re");
    FILE *to = fopen(own_file, "we");
    int character;

    assert_true(from != NULL && to != NULL);
    while ((character = getc(from)) != EOF)
        assert_int_equal(putc(character, to), character);
    for (int i = 0; row->anchored && i < sk_X509_num(chain->others); i++)
        assert_int_equal(PEM_write_X509(to, sk_X509_value(chain->others, i)),
                         1);
    assert_int_equal(fclose(from), 0);
    assert_int_equal(fclose(to), 0);
}

/* Of a holdfast-net of its own, with the row's lists */
static enum ks_err
ask_with_lists(size_t at, struct err_cause *cause)
{
    const struct server_row *row = &server_rows[at];
    struct net_seat seat = {.crl_file = crl_file};
    enum ks_err rc;

    write_issuers(row, &chains[at]);
    server_crl_write(row->crls, &chains[at], row->middles, row->form, crl_file);
    net_seat_enter(&seat, "localhost", port, own_file);
    rc = net_seat_ask(&seat, HOSTILE_LEAVE, cause);
    net_seat_leave(&seat);
    assert_int_equal(unlink(own_file), 0);
    assert_int_equal(unlink(crl_file), 0);
    return rc;
}

static enum ks_err
ask(size_t at, struct err_cause *cause)
{
    const struct server_row *row = &server_rows[at];

    return row->crls[0].kind != CRL_END || row->form != CRL_AS_PEM
               ? ask_with_lists(at, cause)
               : net_seat_ask(seat_of(row), HOSTILE_LEAVE, cause);
}

/* A server that is refused reads no request. */
static bool
is_as_expected(size_t at)
{
    const struct server_row *row = &server_rows[at];
    struct err_cause cause;
    enum ks_err rc;

    script->row = at;
    script->asked = 0;
    rc = ask(at, &cause);
    if (rc == row->expected && (rc == KS_OK) == (script->asked == 1) &&
        (row->says == NULL || strstr(cause.text, row->says) != NULL))
        return true;
    print_error("%s: %s, %u asked (%s)\n", row->name, err_name(rc),
                script->asked, cause.text);
    return false;
}

static void
servers_are_believed_or_refused_each_with_its_class(void **state)
{
    size_t count = count_rows();
    unsigned wrong = 0;

    (void)state;
    for (size_t i = 0; i < count; i++)
        if (!is_as_expected(i))
            wrong++;
    assert_int_equal(wrong, 0);
    assert_true(count >= 60);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_are_believed_or_refused_each_with_its_class),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
