/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server's identity: what OpenSSL and libcurl check of its certificate, and
 * what they would let pass (RFC 9525, RFC 8446, 4.4.2.2, RFC 7633).  Also tells
 * why a server was refused: libcurl says little more than that it was.
 */
#ifndef AGENT_NET_SERVER_TRUST_H
#define AGENT_NET_SERVER_TRUST_H

#include <stdbool.h>

#include <openssl/ssl.h>

#include "keystore/base/err.h"

struct server_trust {
    char host[256];            /* that is connected to; IPv6 in brackets */
    STACK_OF(X509_CRL) * crls; /* borrowed; NULL: nobody looks */
    enum ks_err fault;         /* of the last connection; KS_OK: none */
    struct err_cause cause;
};

/* Have connections of TLS believe a server of TRUST's host alone:
 *
 *   its chain ends at an issuer of the context's, with keys and hashes of 112
 *   bits of security;
 *   its subjectAltName has the host: a common name counts for nothing;
 *   its certificate is for TLS servers and, where it says so at all, for
 *   signatures, which are all that TLS 1.3 has of it;
 *   a stapled OCSP response says that it is good; one must be there where the
 *   certificate says so;
 *   where TRUST has CRLs, one of its issuer's is there for each certificate of
 *   the chain, up to the root's own, signed by it and in date, and names it
 *   not;
 *   it has the certificate's key.
 *
 * What is refused is in TRUST, which must live as long as TLS:
 * KS_ERR_NET_TRUST, _NAME, _DATE, _CERTIFICATE, _CRL.  False without memory. */
bool server_trust_prepare(SSL_CTX *tls, struct server_trust *trust);

#endif
