/* SPDX-License-Identifier: Apache-2.0 */
/* A whole process that calls a server once by a key in a TPM, of Holdfast's own
 * pieces: one half has the network as holdfast-net, the other the key as
 * holdfast-token, with the channel of these two between them.
 *
 * usage: bench_tpm2_client URI KEYS ID CERTIFICATE AUTHORITIES URL */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "agent/ipc/channel.h"
#include "agent/net/http.h"
#include "agent/net/keyless.h"
#include "agent/statement/statement.h"
#include "hsm/tpm2/tpm2.h"
#include "keystore/store/signature.h"
#include "tests/bench/bench_measure.h"

#define ARENA (64 * 1024)
#define FILE_MAX 8192
#define SIGN_TIMEOUT 60000

static enum ks_err
answer(void *context, struct msg *msg, struct err_cause *cause)
{
    struct keystore_key *key = context;
    uint8_t signature[KEYSTORE_SIGNATURE_MAX], standard[KEYSTORE_SIGNATURE_MAX];
    size_t length = sizeof signature;
    struct layout_sign_handshake request;
    enum ks_err rc = layout_sign_handshake_take(msg, &request, cause);
    const struct layout_bytes *content = &request.content;
    enum keystore_scheme scheme = scheme_of_tls(request.scheme);

    if (rc == KS_OK &&
        (scheme == 0 || !statement_is_handshake(content->at, content->length)))
        rc = KS_ERR_STATEMENT;
    if (rc == KS_OK)
        rc = statement_sign(key, scheme, NULL, content->at, content->length,
                            signature, &length, cause);
    if (rc != KS_OK)
        return rc;
    length = signature_standard(scheme, signature, length, standard);
    LAYOUT_PUT(msg, sign_handshake_answer, {standard, length});
    return KS_OK;
}

/* The half with the key, until the other one has ended. */
static void
token(int channel, const char *uri, const char *keys, const char *id)
{
    static const struct keystore_ops *const backends[] = {&hsm_tpm2_ops, NULL};
    struct keystore_config config = {.uri = uri, .allow_emulation = true};
    uint8_t bytes[KEYSTORE_ID_LENGTH] = {0};
    struct keystore *store = NULL;
    struct keystore_key *key = NULL;

    for (size_t i = 0; i < sizeof bytes; i++)
        bench_require(sscanf(id + 2 * i, "%2hhx", &bytes[i]) == 1, "id");
    config.keys_fd = open(keys, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bench_require(keystore_open(backends, &config, &store, NULL) == KS_OK &&
                      keystore_find(store, bytes, NULL, &key, NULL) == KS_OK,
                  "key");
    channel_serve(channel, answer, key);
    keystore_key_free(&key);
    keystore_close(&store);
    (void)close(config.keys_fd);
}

static bool
ask(void *context, uint16_t scheme, const uint8_t *content,
    size_t content_length, uint8_t *signature, size_t *length)
{
    int channel = *(const int *)context;
    struct msg *msg = msg_new();
    struct layout_sign_handshake_answer made;
    bool done;

    LAYOUT_PUT(msg, sign_handshake, .scheme = scheme,
               .content = {content, content_length});
    done = channel_call(channel, msg, SIGN_TIMEOUT, NULL) == KS_OK &&
           layout_sign_handshake_answer_take(msg, &made, NULL) == KS_OK &&
           made.signature.length <= *length;
    if (done) {
        memcpy(signature, made.signature.at, made.signature.length);
        *length = made.signature.length;
    }
    msg_free(&msg);
    return done;
}

static size_t
read_file(const char *path, char ret[static FILE_MAX])
{
    FILE *file = fopen(path, "re");
    size_t length;

    bench_require(file != NULL, path);
    length = fread(ret, 1, FILE_MAX, file);
    (void)fclose(file);
    return length;
}

/* The half with the network. */
static void
net(int channel, const char *certificate, const char *authorities,
    const char *url)
{
    const struct http_request request = {.method = "GET", .url = url};
    const struct layout_net_connect target = {.proxy = "", .proxy_except = ""};
    struct http_identity identity = {.target = &target};
    struct http_reply reply = {.status = 0};
    struct err_cause cause = {.text = ""};
    struct http *http = NULL;
    char pem[FILE_MAX], issuers[FILE_MAX];
    BIO *bio = BIO_new_mem_buf(pem, (int)read_file(certificate, pem));

    bench_require(keyless_init(NULL) == KS_OK && http_init(NULL) == KS_OK,
                  "OpenSSL");
    identity.authorities = issuers;
    identity.authorities_length = read_file(authorities, issuers);
    identity.certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    bench_require(keyless_key(X509_get0_pubkey(identity.certificate), ask,
                              &channel, &identity.key, NULL) == KS_OK &&
                      http_open(&identity, &http, &cause) == KS_OK,
                  "identity");
    bench_require(http_call(http, &request, &reply, &cause) == KS_OK,
                  cause.text[0] != '\0' ? cause.text : "call");
    (void)fputs(reply.body, stdout);
    http_close(&http);
    EVP_PKEY_free(identity.key);
    X509_free(identity.certificate);
    BIO_free(bio);
}

int
main(int argc, char **argv)
{
    int channel[2], status = -1;
    pid_t pid;

    bench_require(argc == 7, "usage");
    bench_require(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) == 0,
        "channel");
    pid = fork();
    bench_require(pid >= 0, "fork");
    if (pid == 0) {
        (void)close(channel[0]);
        bench_require(secret_init(ARENA, NULL) == KS_OK, "memory");
        token(channel[1], argv[1], argv[2], argv[3]);
        return 0;
    }
    (void)close(channel[1]);
    net(channel[0], argv[4], argv[5], argv[6]);
    (void)close(channel[0]);
    bench_require(waitpid(pid, &status, 0) == pid && status == 0, "token");
    return 0;
}
