/* SPDX-License-Identifier: Apache-2.0 */
/* A TLS 1.3 server for clients of all kinds. */
#ifndef TESTS_BENCH_SERVER_H
#define TESTS_BENCH_SERVER_H

#include <stddef.h>

#include <openssl/types.h>

/* What it answers, by HTTP, to a client that has proven one of CLIENTS; others
 * get no answer. */
#define BENCH_SERVER_ANSWER "mutual"

/* Start one as a child of this process, which it ends with, on a free port of
 * 127.0.0.1.  Returns the port; it takes connections by then. */
unsigned bench_server_start(X509 *certificate, EVP_PKEY *key,
                            X509 *const *clients, size_t count);

#endif
