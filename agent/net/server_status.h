/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OCSP response that a server staples to its certificate (RFC 6960,
 * RFC 8446, 4.4.2.1).  Nobody is asked for one: that would tell strangers who
 * backs up where.
 */
#ifndef AGENT_NET_SERVER_STATUS_H
#define AGENT_NET_SERVER_STATUS_H

#include <openssl/ssl.h>

/* The fault of the response that the server of TLS sent, or of its sending none
 * (RFC 7633), in words; NULL: there is none. */
const char *server_status_fault(SSL *tls);

#endif
