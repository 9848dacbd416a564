/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation by lists (CRLs, RFC 5280, 6.3) that somebody put into a file:
 * OpenSSL checks them, asking nobody.
 */
#ifndef AGENT_NET_SERVER_CRLS_H
#define AGENT_NET_SERVER_CRLS_H

#include <stdbool.h>

#include <openssl/x509.h>

/* Have STORE believe only certificates that have a list of their issuer's among
 * CRLS, which it shares, and are not in it: all of the chain, as curl's
 * --crlfile has it.  False without memory. */
bool server_crls_add(X509_STORE *store, const STACK_OF(X509_CRL) * crls);

/* WHAT went wrong in STORE, in TEXT with whose list it is about. */
#define SERVER_CRLS_TEXT 200
const char *server_crls_say(X509_STORE_CTX *store, const char *what,
                            char text[static SERVER_CRLS_TEXT]);

#endif
