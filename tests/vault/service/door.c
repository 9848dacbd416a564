/* SPDX-License-Identifier: Apache-2.0 */
/* Between libmicrohttpd and struct exchange.  Believes the headers in which
 * nginx names the client's certificate, because nobody else can reach the
 * socket. */
#include "tests/vault/service/door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <microhttpd.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tests/vault/service/clock.h"
#include "tests/vault/service/data_upload.h"
#include "tests/vault/service/exchange.h"
#include "tests/vault/service/fault.h"
#include "tests/vault/service/form.h"
#include "tests/vault/service/nginx.h"
#include "tests/vault/service/route.h"

#define TIMEOUT_SECONDS 120U
/* Of a connection: pieces of an upload are about as large. */
#define MEMORY ((size_t)128 * 1024)

struct door {
    struct MHD_Daemon *daemon;
    int fd;
};

static const char *
get_header(void *source, const char *name)
{
    return MHD_lookup_connection_value(source, MHD_HEADER_KIND, name);
}

/* What nginx says of the TLS client. */
static void
read_client(struct exchange *exchange)
{
    const char *escaped = exchange_get(exchange, NGINX_CERTIFICATE);
    const char *connection = exchange_get(exchange, NGINX_CONNECTION);
    const char *address = exchange_get(exchange, NGINX_ADDRESS);
    char *pem = escaped != NULL ? strdup(escaped) : NULL;
    unsigned char *der = NULL;
    int length = 0;

    exchange->address = address != NULL ? address : "";
    if (connection != NULL)
        exchange->record.connection = strtoll(connection, NULL, 10);
    if (pem != NULL && form_unescape(pem)) {
        BIO *bio = BIO_new_mem_buf(pem, -1);

        exchange->certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        (void)BIO_free(bio);
        ERR_clear_error();
    }
    if (exchange->certificate != NULL)
        length = i2d_X509(exchange->certificate, &der);
    if (length > 0)
        (void)encoding_hash(der, (size_t)length, exchange->record.certificate);
    OPENSSL_free(der);
    free(pem);
}

/* The headers are there, the body is not.  What is refused now is answered when
 * the body has been passed over: nginx would not read an answer before. */
static struct exchange *
begin(struct service *service, struct MHD_Connection *connection,
      const char *method, const char *path)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);

    if (exchange == NULL)
        return NULL;
    exchange->service = service;
    exchange->header = get_header;
    exchange->source = connection;
    exchange->reply_fd = -1;
    exchange->method = method;
    exchange->path = path;
    exchange->now = clock_now(service->store);
    exchange->body = calloc(1, EXCHANGE_BODY_MAX + 1);
    if (exchange->body == NULL) {
        free(exchange);
        return NULL;
    }
    read_client(exchange);
    if (route_is_upload(exchange))
        exchange->upload = data_upload_begin(exchange);
    return exchange;
}

static void
finish(void *context, struct MHD_Connection *connection, void **state,
       enum MHD_RequestTerminationCode code)
{
    struct exchange *exchange = *state;

    (void)context;
    (void)connection;
    (void)code;
    if (exchange == NULL)
        return;
    data_upload_free(exchange->upload);
    X509_free(exchange->certificate);
    json_decref(exchange->record.key_store);
    json_decref(exchange->record.assurance);
    OPENSSL_cleanse(exchange->body, EXCHANGE_BODY_MAX);
    free(exchange->body);
    free(exchange);
    *state = NULL;
}

/* What does not fit is counted, so that it is refused. */
static void
take(struct exchange *exchange, const char *bytes, size_t length)
{
    size_t room = EXCHANGE_BODY_MAX - exchange->length;

    if (exchange->upload != NULL) {
        data_upload_take(exchange->upload, bytes, length);
        return;
    }
    if (exchange->length > EXCHANGE_BODY_MAX)
        return;
    if (length > room)
        exchange->length = EXCHANGE_BODY_MAX + 1;
    else {
        memcpy(exchange->body + exchange->length, bytes, length);
        exchange->length += length;
    }
}

static enum MHD_Result
send_reply(struct exchange *exchange, struct MHD_Connection *connection)
{
    struct MHD_Response *response;
    enum MHD_Result done;

    if (exchange->reply_fd >= 0)
        response = MHD_create_response_from_fd_at_offset64(
            exchange->reply_length, exchange->reply_fd,
            (uint64_t)exchange->reply_from);
    else
        response = MHD_create_response_from_buffer(
            exchange->reply_length, exchange->reply,
            exchange->reply != NULL ? MHD_RESPMEM_MUST_FREE
                                    : MHD_RESPMEM_PERSISTENT);
    if (response == NULL)
        return MHD_NO;
    for (size_t i = 0; i < exchange->header_count; i++)
        (void)MHD_add_response_header(response, exchange->headers[i].name,
                                      exchange->headers[i].value);
    done = MHD_queue_response(connection, (unsigned)exchange->status, response);
    MHD_destroy_response(response);
    return done;
}

static enum MHD_Result
answer(struct exchange *exchange, struct MHD_Connection *connection)
{
    exchange->now = clock_now(exchange->service->store);
    exchange->answered = true;
    if (exchange->status != 0)
        exchange->record.step = "M7";
    else if (exchange->length > EXCHANGE_BODY_MAX)
        exchange_refuse(exchange, REFUSAL_LARGE,
                        "a body of this request has at most %d bytes",
                        EXCHANGE_BODY_MAX);
    else
        route_dispatch(exchange);
    if (exchange->status == 0)
        exchange_fault(exchange);
    (void)record_write(exchange->service->store, &exchange->record,
                       exchange->now, exchange->method, exchange->path,
                       exchange->status, refusal_word(exchange->refusal));
    return send_reply(exchange, connection);
}

static enum MHD_Result
handle(void *context, struct MHD_Connection *connection, const char *path,
       const char *method, const char *version, const char *data,
       size_t *length, void **state)
{
    struct exchange *exchange = *state;

    (void)version;
    if (exchange == NULL) {
        *state = begin(context, connection, method, path);
        return *state != NULL ? MHD_YES : MHD_NO;
    }
    if (*length > 0) {
        take(exchange, data, *length);
        *length = 0;
        return MHD_YES;
    }
    return exchange->answered ? MHD_YES : answer(exchange, connection);
}

struct door *
door_open(struct service *service, int socket)
{
    struct door *door = calloc(1, sizeof *door);
    const union MHD_DaemonInfo *info = NULL;

    if (door != NULL)
        door->daemon = MHD_start_daemon(
            MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, handle, service,
            MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_SIGPIPE_HANDLED_BY_APP,
            1, MHD_OPTION_NOTIFY_COMPLETED, finish, NULL,
            MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_SECONDS,
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY, MHD_OPTION_END);
    if (door != NULL && door->daemon != NULL)
        info = MHD_get_daemon_info(door->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL) {
        fault("libmicrohttpd did not start");
        free(door);
        return NULL;
    }
    door->fd = info->epoll_fd;
    return door;
}

void
door_close(struct door **door)
{
    if (*door == NULL)
        return;
    MHD_stop_daemon((*door)->daemon);
    free(*door);
    *door = NULL;
}

int
door_fd(const struct door *door)
{
    return door->fd;
}

int
door_timeout(const struct door *door)
{
    MHD_UNSIGNED_LONG_LONG milliseconds;

    if (MHD_get_timeout(door->daemon, &milliseconds) != MHD_YES)
        return -1;
    return milliseconds < 60000 ? (int)milliseconds : 60000;
}

void
door_run(struct door *door)
{
    (void)MHD_run(door->daemon);
}
