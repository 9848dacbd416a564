/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holdfast-net: the one program with a network.  It connects as one identity
 * whose private key it has never seen: holdfast-token signs, over the net
 * channel, what it finds to be a handshake or builds itself.  Must never open a
 * file of its own choice, nor decide anything.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/net/net.h"
#include "agent/net/oauth.h"
#include "agent/sandbox/sandbox.h"
#include "keystore/base/crl.h"

/* Read the whole of FD, unparsed, and close it. */
static enum ks_err
read_file(int fd, off_t most, enum ks_err fault, struct net_file *ret,
          struct err_cause *cause)
{
    const char *what = fault == KS_ERR_CRL ? "the revocation lists"
                                           : "the issuers";
    struct stat status;
    unsigned char *bytes;
    ssize_t length;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_size == 0 || status.st_size > most)
        return err_set(cause, fault, "no regular file of 1 byte to %d MiB",
                       (int)(most >> 20));
    bytes = malloc((size_t)status.st_size);
    if (bytes == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    length = pread(fd, bytes, (size_t)status.st_size, 0);
    (void)close(fd);
    if (length != status.st_size) {
        free(bytes);
        return length < 0
                   ? err_set_errno(cause, KS_ERR_FILE_READ, what)
                   : err_set(cause, KS_ERR_FILE_READ,
                             "%s were changed meanwhile; try again", what);
    }
    *ret = (struct net_file){bytes, (size_t)length};
    return KS_OK;
}

static enum ks_err
read_files(struct net *net, struct net_file *crls, struct err_cause *cause)
{
    enum ks_err rc = read_file(CHANNEL_FD_INPUT, NET_ISSUERS_MAX,
                               KS_ERR_ISSUERS, &net->issuers, cause);

    if (rc == KS_OK && channel_has(CHANNEL_FD_CRL))
        rc = read_file(CHANNEL_FD_CRL, NET_CRLS_MAX, KS_ERR_CRL, crls, cause);
    return rc;
}

/* Only the CRLs are parsed here: libcurl parses the issuers itself, each time
 * that it connects. */
static enum ks_err
parse_crls(struct net *net, struct net_file *crls, struct err_cause *cause)
{
    enum ks_err rc = KS_OK;

    if (crls->bytes != NULL)
        rc = crl_read(crls->bytes, crls->length, &net->crls, cause);
    free(crls->bytes);
    return rc;
}

static enum ks_err
handle(void *context, struct msg *msg, struct err_cause *cause)
{
    return msg_type(msg) == NET_CONNECT ? net_connect(context, msg, cause)
                                        : net_ask(context, msg, cause);
}

/* Libraries and what servers are judged by are read from their files first;
 * then no file is left to open but the resolver's.  Nothing is parsed before
 * that. */
int
main(void)
{
    static struct net net;
    struct net_file crls = {NULL, 0};
    struct err_cause cause = {""};
    enum ks_err rc = sandbox_begin(&cause);

    net.question = msg_new();
    net.told = msg_new();
    if (rc == KS_OK && (net.question == NULL || net.told == NULL))
        rc = err_set(&cause, KS_ERR_RESOURCES, "no memory");
    if (rc == KS_OK)
        rc = http_init(&cause);
    if (rc == KS_OK)
        rc = read_files(&net, &crls, &cause);
    if (rc == KS_OK)
        rc = sandbox_enter(SANDBOX_NET, &cause);
    if (rc == KS_OK)
        rc = parse_crls(&net, &crls, &cause);
    if (rc != KS_OK) {
        channel_refuse(CHANNEL_FD_CONTROL, rc, &cause);
        _exit(err_exit_status(rc));
    }
    channel_serve(CHANNEL_FD_CONTROL, handle, &net);
    vault_token_free(&net.access_token);
    /* libcurl 8 keeps the bytes of a request, the access token among them, for
     * as long as the handle is there. */
    http_close(&net.http);
    _exit(0);
}
