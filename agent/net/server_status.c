/* SPDX-License-Identifier: Apache-2.0 */
/* Must find fault with whatever it cannot read: a response that was sent is
 * there to be believed or not. */
#include "agent/net/server_status.h"

#include <stdbool.h>

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#define CLOCK_SECONDS 300 /* that clocks may differ by */

/* Does CERTIFICATE say that it comes with a response (RFC 7633)?  Number 5 is
 * the TLS extension status_request. */
static bool
wants_response(X509 *certificate)
{
    TLS_FEATURE *features = X509_get_ext_d2i(certificate, NID_tlsfeature, NULL,
                                             NULL);
    bool wants = false;

    for (int i = 0; i < sk_ASN1_INTEGER_num(features); i++)
        if (ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, i)) ==
            TLSEXT_TYPE_status_request)
            wants = true;
    TLS_FEATURE_free(features);
    return wants;
}

/* The fault that BASIC, whose signature is right, names of the first of CHAIN;
 * NULL: none. */
static const char *
judge(OCSP_BASICRESP *basic, STACK_OF(X509) * chain)
{
    OCSP_CERTID *id = OCSP_cert_to_id(NULL, sk_X509_value(chain, 0),
                                      sk_X509_value(chain, 1));
    ASN1_GENERALIZEDTIME *since = NULL;
    ASN1_GENERALIZEDTIME *until = NULL;
    int status = V_OCSP_CERTSTATUS_UNKNOWN;
    bool found = id != NULL && OCSP_resp_find_status(basic, id, &status, NULL,
                                                     NULL, &since, &until) == 1;

    OCSP_CERTID_free(id);
    if (!found)
        return "the OCSP response is for another certificate";
    if (OCSP_check_validity(since, until, CLOCK_SECONDS, -1) != 1)
        return "the OCSP response is out of date";
    if (status == V_OCSP_CERTSTATUS_REVOKED)
        return "the certificate is revoked";
    return status == V_OCSP_CERTSTATUS_GOOD
               ? NULL
               : "the OCSP response does not know the certificate";
}

static const char *
check(SSL *tls, OCSP_BASICRESP *basic)
{
    STACK_OF(X509) *chain = SSL_get0_verified_chain(tls);
    X509_STORE *store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(tls));

    /* A certificate that is trusted by itself has no issuer to ask. */
    if (sk_X509_num(chain) < 2)
        return NULL;
    if (OCSP_basic_verify(basic, chain, store, 0) != 1)
        return "the OCSP response is not signed by the certificate's issuer";
    return judge(basic, chain);
}

const char *
server_status_fault(SSL *tls)
{
    const unsigned char *der = NULL;
    long length = SSL_get_tlsext_status_ocsp_resp(tls, &der);
    OCSP_RESPONSE *response = NULL;
    OCSP_BASICRESP *basic = NULL;
    const char *fault;

    if (der == NULL || length <= 0)
        return wants_response(SSL_get0_peer_certificate(tls))
                   ? "the certificate must come with an OCSP response, and "
                     "there is none"
                   : NULL;
    response = d2i_OCSP_RESPONSE(NULL, &der, length);
    if (response != NULL &&
        OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL)
        basic = OCSP_response_get1_basic(response);
    fault = basic != NULL ? check(tls, basic)
                          : "the OCSP response says nothing";
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    ERR_clear_error();
    return fault;
}
