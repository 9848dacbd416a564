/* SPDX-License-Identifier: Apache-2.0 */
/* Must refuse before the handshake is signed for: what is checked here is
 * checked when OpenSSL has the server's messages, not after the connection
 * stands. */
#include "agent/net/server_trust.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "agent/net/server_crls.h"
#include "agent/net/server_status.h"

#define SECURITY_LEVEL 2 /* 112 bits; systems differ in what is usual */

/* Errors of X509_verify_cert(3) that mean something of their own to a person;
 * all others mean that there is no chain of certificates to an issuer that is
 * trusted. */
static const struct {
    int error;
    enum ks_err err;
    const char *class;
} classes[] = {
    {X509_V_ERR_CERT_NOT_YET_VALID, KS_ERR_NET_DATE, "date"},
    {X509_V_ERR_CERT_HAS_EXPIRED, KS_ERR_NET_DATE, "date"},
    {X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, KS_ERR_NET_DATE, "date"},
    {X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD, KS_ERR_NET_DATE, "date"},
    {X509_V_ERR_PERMITTED_VIOLATION, KS_ERR_NET_NAME, "name"},
    {X509_V_ERR_EXCLUDED_VIOLATION, KS_ERR_NET_NAME, "name"},
    {X509_V_ERR_SUBTREE_MINMAX, KS_ERR_NET_NAME, "name"},
    {X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, KS_ERR_NET_NAME, "name"},
    {X509_V_ERR_UNSUPPORTED_NAME_SYNTAX, KS_ERR_NET_NAME, "name"},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, KS_ERR_NET_CERTIFICATE,
     "bad signature"},
    {X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, KS_ERR_NET_CERTIFICATE,
     "bad signature"},
    {X509_V_ERR_EE_KEY_TOO_SMALL, KS_ERR_NET_CERTIFICATE, "weak"},
    {X509_V_ERR_CA_KEY_TOO_SMALL, KS_ERR_NET_CERTIFICATE, "weak"},
    {X509_V_ERR_CA_MD_TOO_WEAK, KS_ERR_NET_CERTIFICATE, "weak"},
    {X509_V_ERR_INVALID_PURPOSE, KS_ERR_NET_CERTIFICATE, "purpose"},
    {X509_V_ERR_CERT_REJECTED, KS_ERR_NET_CERTIFICATE, "purpose"},
    {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, KS_ERR_NET_CERTIFICATE,
     "purpose"},
    {X509_V_ERR_INVALID_EXTENSION, KS_ERR_NET_CERTIFICATE, "purpose"},
    {X509_V_ERR_CERT_REVOKED, KS_ERR_NET_CERTIFICATE, "status"},
    {X509_V_ERR_UNABLE_TO_GET_CRL, KS_ERR_NET_CRL, "crl"},
    {X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, KS_ERR_NET_CRL, "crl"},
    {X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE, KS_ERR_NET_CRL, "crl"},
    {X509_V_ERR_CRL_SIGNATURE_FAILURE, KS_ERR_NET_CRL, "crl"},
    {X509_V_ERR_CRL_NOT_YET_VALID, KS_ERR_NET_CRL, "crl"},
    {X509_V_ERR_CRL_HAS_EXPIRED, KS_ERR_NET_CRL, "crl"},
    {X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD, KS_ERR_NET_CRL, "crl"},
    {X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD, KS_ERR_NET_CRL, "crl"},
    {X509_V_ERR_KEYUSAGE_NO_CRL_SIGN, KS_ERR_NET_CRL, "crl"},
    {X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION, KS_ERR_NET_CRL, "crl"},
    {X509_V_ERR_DIFFERENT_CRL_SCOPE, KS_ERR_NET_CRL, "crl"},
    {X509_V_ERR_CRL_PATH_VALIDATION_ERROR, KS_ERR_NET_CRL, "crl"},
};

static int
refuse(struct server_trust *trust, enum ks_err fault, const char *class,
       const char *what)
{
    trust->fault = err_set(&trust->cause, fault, "%s: %s: %s", trust->host,
                           class, what);
    return 0;
}

static int
refuse_chain(struct server_trust *trust, X509_STORE_CTX *store)
{
    int error = X509_STORE_CTX_get_error(store);
    const char *what = X509_verify_cert_error_string(error);
    char text[SERVER_CRLS_TEXT];

    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (classes[i].error == error) {
            if (classes[i].err == KS_ERR_NET_CRL ||
                error == X509_V_ERR_CERT_REVOKED)
                what = server_crls_say(store, what, text);
            return refuse(trust, classes[i].err, classes[i].class, what);
        }
    /* Without lists an issuer in the middle of the chain is enough. */
    if (trust->crls != NULL && error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT) {
        trust->fault = err_set(&trust->cause, KS_ERR_NET_TRUST,
                               "%s: untrusted: its root is not there, and with "
                               "CRLs the chain has to end at one; put the root "
                               "into the file of --ca-file, too",
                               trust->host);
        return 0;
    }
    return refuse(trust, KS_ERR_NET_TRUST, "untrusted", what);
}

/* A common name is no host's name, and an address in a dNSName is none: issuers
 * check what is where it belongs alone. */
static bool
is_for_host(X509 *certificate, const char *host)
{
    char address[sizeof((struct server_trust *)NULL)->host];
    size_t length = strlen(host);
    bool literal = host[0] == '[' && length > 2; /* IPv6 in brackets */
    int matches;

    memcpy(address, host + literal, length - literal);
    address[length - (literal ? 2 : 0)] = '\0';
    matches = X509_check_ip_asc(certificate, address, 0);
    if (matches == -2) /* no address */
        matches = X509_check_host(certificate, host, length,
                                  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                      X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
                                  NULL);
    return matches == 1;
}

static int
check_server(struct server_trust *trust, X509 *certificate)
{
    if (!is_for_host(certificate, trust->host))
        return refuse(
            trust, KS_ERR_NET_NAME, "name",
            X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) < 0
                ? "the certificate has no subjectAltName"
                : "the certificate's subjectAltName has others");
    /* OpenSSL is content with keyEncipherment, as TLS 1.2 may be. */
    if ((X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) == 0)
        return refuse(trust, KS_ERR_NET_CERTIFICATE, "purpose",
                      "its keyUsage has no digitalSignature");
    return 1;
}

/* In the place of X509_verify_cert() */
static int
verify(X509_STORE_CTX *store, void *context)
{
    struct server_trust *trust = context;

    if (trust->crls != NULL)
        server_crls_use(store, trust->crls);
    if (X509_verify_cert(store) != 1) {
        (void)refuse_chain(trust, store);
    } else if (check_server(trust, X509_STORE_CTX_get0_cert(store)) != 1) {
        X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    }
    return trust->fault == KS_OK;
}

/* OpenSSL asks whether there is a response or not. */
static int
check_status(SSL *tls, void *context)
{
    struct server_trust *trust = context;
    const char *what = server_status_fault(tls);

    return what == NULL ||
           refuse(trust, KS_ERR_NET_CERTIFICATE, "status", what);
}

/* OpenSSL tells in an alert alone that a server does not have its certificate's
 * key (RFC 8446, 4.4.3), and libcurl gives that the number of any failure to
 * connect. */
static void
watch_alert(int sent, int version, int type, const void *bytes, size_t length,
            SSL *tls, void *context)
{
    const unsigned char *alert = bytes;
    struct server_trust *trust = context;

    (void)version;
    (void)tls;
    if (sent == 1 && type == SSL3_RT_ALERT && length == 2 &&
        alert[1] == SSL_AD_DECRYPT_ERROR && trust->fault == KS_OK)
        (void)refuse(trust, KS_ERR_NET_CERTIFICATE, "bad signature",
                     "the server does not have its certificate's key");
}

bool
server_trust_prepare(SSL_CTX *tls, struct server_trust *trust)
{
    trust->fault = KS_OK;
    SSL_CTX_set_security_level(tls, SECURITY_LEVEL);
    SSL_CTX_set_cert_verify_callback(tls, verify, trust);
    SSL_CTX_set_msg_callback(tls, watch_alert);
    SSL_CTX_set_msg_callback_arg(tls, trust);
    return SSL_CTX_set_tlsext_status_type(tls, TLSEXT_STATUSTYPE_ocsp) == 1 &&
           SSL_CTX_set_tlsext_status_cb(tls, check_status) == 1 &&
           SSL_CTX_set_tlsext_status_arg(tls, trust) == 1;
}
