/* SPDX-License-Identifier: Apache-2.0 */
/* A chain must not end below a root: nobody's list would be asked of the issuer
 * that it ends at. */
#include "agent/net/server_crls.h"

#include <stdio.h>

#include <openssl/x509_vfy.h>

#include "keystore/base/err.h"

#define NAME_MAX_SHOWN 100 /* characters; a name can be longer than a line */

/* libcurl lets a chain end at any certificate that is trusted, and says so to
 * OpenSSL only in the middle of the handshake: OpenSSL then finds no issuer
 * whose list that one could be in. */
void
server_crls_use(X509_STORE_CTX *store, STACK_OF(X509_CRL) * crls)
{
    X509_VERIFY_PARAM *how = X509_STORE_CTX_get0_param(store);

    (void)X509_VERIFY_PARAM_clear_flags(how, X509_V_FLAG_PARTIAL_CHAIN);
    (void)X509_VERIFY_PARAM_set_flags(how, X509_V_FLAG_CRL_CHECK |
                                               X509_V_FLAG_CRL_CHECK_ALL);
    X509_STORE_CTX_set0_crls(store, crls);
}

const char *
server_crls_say(X509_STORE_CTX *store, const char *what,
                char text[static SERVER_CRLS_TEXT])
{
    X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    BIO *bio = BIO_new(BIO_s_mem());
    char *name = NULL;
    long length = 0;

    if (certificate != NULL && bio != NULL &&
        X509_NAME_print_ex(bio, X509_get_issuer_name(certificate), 0,
                           XN_FLAG_RFC2253) > 0)
        length = BIO_get_mem_data(bio, &name);
    (void)snprintf(text, SERVER_CRLS_TEXT, "%s (issuer %.*s)", what,
                   (int)(length < NAME_MAX_SHOWN ? length : NAME_MAX_SHOWN),
                   length > 0 ? name : "");
    BIO_free(bio);
    err_quote(text); /* the server may have written the name */
    return text;
}
