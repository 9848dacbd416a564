/* SPDX-License-Identifier: Apache-2.0 */
/* What libcurl is told, against a TLS server that does as it likes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "agent/net/http.h"

struct server {
    pid_t pid;
    unsigned port;
    BIO *issuers; /* its own certificate, as PEM */
};

static EVP_PKEY *client_key;
static X509 *client_certificate;

/* Of HOST, signed by itself. */
static X509 *
make_certificate(EVP_PKEY *key, const char *host)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    char names[64];
    X509_EXTENSION *extension;

    (void)snprintf(names, sizeof names, "DNS:%s", host);
    extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
    X509_set_version(certificate, X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    X509_EXTENSION_free(extension);
    return certificate;
}

static void
send_text(SSL *tls, const char *text, size_t length)
{
    size_t written;

    (void)SSL_write_ex(tls, text, length, &written);
}

/* LENGTH bytes to whoever asks for them, "/moved" leads to "/fine". */
static void
answer(SSL *tls, const char *request)
{
    static char body[HTTP_REPLY_MAX + 1];
    size_t length = 4;
    char head[256];

    memset(body, 'x', sizeof body);
    if (strncmp(request, "GET /most ", 10) == 0)
        length = HTTP_REPLY_MAX;
    else if (strncmp(request, "GET /more ", 10) == 0)
        length = HTTP_REPLY_MAX + 1;
    if (strncmp(request, "GET /moved ", 11) == 0)
        (void)snprintf(head, sizeof head,
                       "HTTP/1.1 302 Found\r\nLocation: /fine\r\n"
                       "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                       length);
    else
        (void)snprintf(head, sizeof head,
                       "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
                       "Connection: close\r\n\r\n",
                       length);
    send_text(tls, head, strlen(head));
    send_text(tls, body, length);
}

/* In the child, for ever. */
static void
serve(int listener, SSL_CTX *context)
{
    char request[4096];

    for (;;) {
        int fd = accept(listener, NULL, NULL);
        SSL *tls = SSL_new(context);
        int length = 0;

        if (SSL_set_fd(tls, fd) == 1 && SSL_accept(tls) == 1)
            length = SSL_read(tls, request, sizeof request - 1);
        if (length > 0) {
            request[length] = '\0';
            answer(tls, request);
            (void)SSL_shutdown(tls);
        }
        SSL_free(tls);
        (void)close(fd);
    }
}

static int
listen_anywhere(unsigned *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

/* With a certificate for HOST and no later TLS than VERSION. */
static void
start_server(struct server *server, const char *host, int version)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = make_certificate(key, host);
    int listener = listen_anywhere(&server->port);

    assert_int_equal(SSL_CTX_set_max_proto_version(context, version), 1);
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    server->issuers = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509(server->issuers, certificate), 1);
    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)signal(SIGPIPE, SIG_IGN);
        serve(listener, context);
    }
    (void)close(listener);
    SSL_CTX_free(context);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void
stop_server(struct server *server)
{
    (void)kill(server->pid, SIGKILL);
    assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
    BIO_free(server->issuers);
}

/* GET PATH of SERVER at "localhost", believing ISSUERS. */
static enum ks_err
get(const struct server *server, BIO *issuers, const char *scheme,
    const char *path, long *ret_status, size_t *ret_length)
{
    static const struct layout_net_connect target = {.proxy = "",
                                                     .proxy_except = ""};
    struct http_identity identity = {.target = &target,
                                     .certificate = client_certificate,
                                     .key = client_key};
    struct http_request request = {.method = "GET"};
    struct http_reply reply = {0};
    struct err_cause cause = {""};
    struct http *http = NULL;
    char *pem;
    char url[128];
    enum ks_err rc;

    identity.authorities_length = (size_t)BIO_get_mem_data(issuers, &pem);
    identity.authorities = pem;
    (void)snprintf(url, sizeof url, "%s://localhost:%u%s", scheme, server->port,
                   path);
    request.url = url;
    assert_int_equal(http_open(&identity, &http, &cause), KS_OK);
    rc = http_call(http, &request, &reply, &cause);
    print_message("  %s: %s %s\n", url, err_name(rc), cause.text);
    *ret_status = reply.status;
    *ret_length = reply.length;
    http_close(&http);
    return rc;
}

/* The same, when only the outcome counts. */
static enum ks_err
outcome(const struct server *server, const char *scheme)
{
    long status;
    size_t length;

    return get(server, server->issuers, scheme, "/fine", &status, &length);
}

static void
server_of_another_name_is_not_believed(void **state)
{
    struct server server;

    (void)state;
    start_server(&server, "other.example", TLS1_3_VERSION);
    assert_int_equal(outcome(&server, "https"), KS_ERR_NET_NAME);
    stop_server(&server);
}

static void
server_of_another_issuer_is_not_believed(void **state)
{
    struct server server, other;
    long status;
    size_t length;

    (void)state;
    start_server(&server, "localhost", TLS1_3_VERSION);
    start_server(&other, "localhost", TLS1_3_VERSION);
    assert_int_equal(
        get(&server, other.issuers, "https", "/fine", &status, &length),
        KS_ERR_NET_TRUST);
    stop_server(&server);
    stop_server(&other);
}

static void
older_tls_is_not_spoken(void **state)
{
    struct server server;

    (void)state;
    start_server(&server, "localhost", TLS1_2_VERSION);
    assert_int_equal(outcome(&server, "https"), KS_ERR_NET);
    stop_server(&server);
}

static void
nothing_without_tls_is_spoken(void **state)
{
    struct server server;

    (void)state;
    start_server(&server, "localhost", TLS1_3_VERSION);
    assert_int_equal(outcome(&server, "http"), KS_ERR_NET);
    assert_int_equal(outcome(&server, "ftp"), KS_ERR_NET);
    stop_server(&server);
}

static void
redirect_is_not_followed(void **state)
{
    struct server server;
    long status;
    size_t length;

    (void)state;
    start_server(&server, "localhost", TLS1_3_VERSION);
    assert_int_equal(
        get(&server, server.issuers, "https", "/moved", &status, &length),
        KS_OK);
    assert_int_equal(status, 302);
    stop_server(&server);
}

static void
reply_is_taken_up_to_the_cap_and_no_further(void **state)
{
    struct server server;
    long status;
    size_t length;

    (void)state;
    start_server(&server, "localhost", TLS1_3_VERSION);
    assert_int_equal(
        get(&server, server.issuers, "https", "/more", &status, &length),
        KS_ERR_NET_REPLY);
    assert_int_equal(
        get(&server, server.issuers, "https", "/most", &status, &length),
        KS_OK);
    assert_int_equal(status, 200);
    assert_int_equal(length, HTTP_REPLY_MAX);
    stop_server(&server);
}

/* Nobody listens at port 1. */
static void
proxy_of_the_environment_is_passed_over(void **state)
{
    struct server server;

    (void)state;
    assert_int_equal(setenv("https_proxy", "http://127.0.0.1:1", 1), 0);
    assert_int_equal(setenv("ALL_PROXY", "http://127.0.0.1:1", 1), 0);
    start_server(&server, "localhost", TLS1_3_VERSION);
    assert_int_equal(outcome(&server, "https"), KS_OK);
    stop_server(&server);
    assert_int_equal(unsetenv("https_proxy"), 0);
    assert_int_equal(unsetenv("ALL_PROXY"), 0);
}

static int
start(void **state)
{
    (void)state;
    client_key = EVP_EC_gen("P-256");
    client_certificate = make_certificate(client_key, "client.example");
    return http_init(NULL) == KS_OK ? 0 : -1;
}

static int
stop(void **state)
{
    (void)state;
    X509_free(client_certificate);
    EVP_PKEY_free(client_key);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server_of_another_name_is_not_believed),
        cmocka_unit_test(server_of_another_issuer_is_not_believed),
        cmocka_unit_test(older_tls_is_not_spoken),
        cmocka_unit_test(nothing_without_tls_is_spoken),
        cmocka_unit_test(redirect_is_not_followed),
        cmocka_unit_test(reply_is_taken_up_to_the_cap_and_no_further),
        cmocka_unit_test(proxy_of_the_environment_is_passed_over),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
