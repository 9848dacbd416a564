/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation by lists (CRLs, RFC 5280, 6.3) that somebody put into a file:
 * OpenSSL checks them, asking nobody.
 */
#ifndef AGENT_NET_SERVER_CRLS_H
#define AGENT_NET_SERVER_CRLS_H

#include <openssl/x509.h>

/* Have STORE, for the one chain that it is about to verify, believe only
 * certificates that have a list of their issuer's among CRLS, which are
 * borrowed, and are not in it: all of the chain, as curl's --crlfile has it. */
void server_crls_use(X509_STORE_CTX *store, STACK_OF(X509_CRL) * crls);

/* WHAT went wrong in STORE, in TEXT with whose list it is about. */
#define SERVER_CRLS_TEXT 200
const char *server_crls_say(X509_STORE_CTX *store, const char *what,
                            char text[static SERVER_CRLS_TEXT]);

#endif
