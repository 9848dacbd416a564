/* SPDX-License-Identifier: Apache-2.0 */
/* Header fields go out as literals without a table (RFC 7541, 6.2.2), which
 * need no compressor, and replies' are not read: which frames come tells how a
 * request ended. */
#include "tests/vault/rules/rules.h"

#include "tests/vault/rules/http2.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <openssl/bio.h>
#include <openssl/ssl.h>

enum frame { DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, GOAWAY = 7 };

#define END_STREAM 0x1
#define ACK 0x1
#define END_HEADERS 0x4
#define FRAME_HEADER 9
#define FRAME_MAX ((size_t)16 << 10) /* as nobody has asked for more */
#define FIELD_MAX 126                /* a length that is one byte (5.1) */
#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define SECONDS 10

struct http2 {
    SSL_CTX *context;
    BIO *bio;
    uint32_t stream; /* of the last request */
};

struct block {
    uint8_t bytes[2048];
    size_t length;
};

static void
release(void *thing)
{
    struct http2 *http2 = thing;

    BIO_free_all(http2->bio);
    SSL_CTX_free(http2->context);
    free(http2);
}

static void
send_frame(struct http2 *http2, enum frame type, uint8_t flags,
           const void *bytes, size_t length)
{
    uint32_t stream = type == SETTINGS ? 0 : http2->stream;
    uint8_t header[FRAME_HEADER] = {(uint8_t)(length >> 16),
                                    (uint8_t)(length >> 8),
                                    (uint8_t)length,
                                    (uint8_t)type,
                                    flags,
                                    (uint8_t)(stream >> 24),
                                    (uint8_t)(stream >> 16),
                                    (uint8_t)(stream >> 8),
                                    (uint8_t)stream};

    assert_true(length <= FRAME_MAX);
    assert_int_equal(BIO_write(http2->bio, header, sizeof header),
                     sizeof header);
    if (length > 0)
        assert_int_equal(BIO_write(http2->bio, bytes, (int)length), length);
}

static bool
read_bytes(struct http2 *http2, uint8_t *bytes, size_t length)
{
    while (length > 0) {
        int n = BIO_read(http2->bio, bytes, (int)length);

        if (n <= 0)
            return false;
        bytes += n;
        length -= (size_t)n;
    }
    return true;
}

/* Nothing that a test waits for takes longer. */
static void
limit_waiting(BIO *bio)
{
    const struct timeval limit = {.tv_sec = SECONDS};
    int fd = -1;

    BIO_get_fd(bio, &fd);
    assert_int_equal(
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
}

struct http2 *
http2_new(X509 *certificate, EVP_PKEY *key)
{
    static const unsigned char protocol[] = "\x02h2";
    struct http2 *new = kept(calloc(1, sizeof *new), release);
    SSL *ssl = NULL;

    new->context = SSL_CTX_new(TLS_client_method());
    assert_non_null(new->context);
    assert_int_equal(SSL_CTX_load_verify_file(new->context, service_ca_file()),
                     1);
    SSL_CTX_set_verify(new->context, SSL_VERIFY_PEER, NULL);
    if (certificate != NULL) {
        assert_int_equal(SSL_CTX_use_certificate(new->context, certificate), 1);
        assert_int_equal(SSL_CTX_use_PrivateKey(new->context, key), 1);
    }
    new->bio = BIO_new_ssl_connect(new->context);
    assert_non_null(new->bio);
    BIO_get_ssl(new->bio, &ssl);
    assert_int_equal(SSL_set_alpn_protos(ssl, protocol, 3), 0);
    BIO_set_conn_hostname(new->bio, strstr(service_url(), "//") + 2);
    assert_int_equal(BIO_do_connect(new->bio), 1);
    limit_waiting(new->bio);
    assert_int_equal(BIO_write(new->bio, PREFACE, strlen(PREFACE)),
                     strlen(PREFACE));
    send_frame(new, SETTINGS, 0, NULL, 0);
    return new;
}

static void
add_text(struct block *block, const char *text, size_t length)
{
    assert_true(length <= FIELD_MAX &&
                block->length + length < sizeof block->bytes - 2);
    block->bytes[block->length++] = (uint8_t)length;
    memcpy(block->bytes + block->length, text, length);
    block->length += length;
}

static void
add_field(struct block *block, const char *name, const char *value)
{
    assert_true(block->length < sizeof block->bytes);
    block->bytes[block->length++] = 0;
    add_text(block, name, strlen(name));
    add_text(block, value, strlen(value));
}

/* "name: value" */
static void
add_line(struct block *block, const char *line)
{
    size_t length = strcspn(line, ":");

    assert_true(line[length] == ':' && line[length + 1] == ' ');
    add_field(block, kept_format("%.*s", (int)length, line), line + length + 2);
}

static void
send_request(struct http2 *http2, const struct request *request,
             const char *trailer)
{
    const char *host = strstr(service_url(), "//") + 2;
    const char *body = request->body != NULL ? request->body : "";
    bool more = *body != '\0' || trailer != NULL;
    struct block block = {.length = 0};

    assert_memory_equal(request->url, service_url(), strlen(service_url()));
    add_field(&block, ":method", request->method);
    add_field(&block, ":scheme", "https");
    add_field(&block, ":authority", host);
    add_field(&block, ":path", request->url + strlen(service_url()));
    if (request->type != NULL)
        add_field(&block, "content-type", request->type);
    for (size_t i = 0; request->headers[i] != NULL; i++)
        add_line(&block, request->headers[i]);
    send_frame(http2, HEADERS, (uint8_t)(END_HEADERS | (more ? 0 : END_STREAM)),
               block.bytes, block.length);
    if (*body != '\0')
        send_frame(http2, DATA, trailer == NULL ? END_STREAM : 0, body,
                   strlen(body));
}

static void
send_trailer(struct http2 *http2, const char *trailer)
{
    struct block block = {.length = 0};

    add_line(&block, trailer);
    send_frame(http2, HEADERS, END_HEADERS | END_STREAM, block.bytes,
               block.length);
}

static uint32_t
read_number(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
           (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The next frame; false where the connection has none. */
static bool
read_frame(struct http2 *http2, uint8_t header[static FRAME_HEADER],
           uint8_t payload[static FRAME_MAX])
{
    size_t length;

    if (!read_bytes(http2, header, FRAME_HEADER))
        return false;
    length = read_number(header) >> 8;
    assert_true(length <= FRAME_MAX);
    return read_bytes(http2, payload, length);
}

struct http2_end
http2_send(struct http2 *http2, const struct request *request,
           const char *trailer)
{
    struct http2_end end = {0};
    uint8_t header[FRAME_HEADER], payload[FRAME_MAX];
    bool headers = false;

    http2->stream = http2->stream == 0 ? 1 : http2->stream + 2;
    send_request(http2, request, trailer);
    if (trailer != NULL)
        send_trailer(http2, trailer);
    while (!end.answered && !end.reset && !end.goaway) {
        if (!read_frame(http2, header, payload)) {
            end.closed = true;
            return end;
        }
        if (header[3] == SETTINGS && (header[4] & ACK) == 0)
            send_frame(http2, SETTINGS, ACK, NULL, 0);
        headers = headers || header[3] == HEADERS;
        end.goaway = header[3] == GOAWAY;
        end.reset = header[3] == RST_STREAM;
        end.code = end.goaway  ? read_number(payload + 4)
                   : end.reset ? read_number(payload)
                               : 0;
        end.answered = headers && header[3] <= HEADERS &&
                       (header[4] & END_STREAM) != 0;
    }
    return end;
}
