/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of servers' certificates.  Only test_server_certificates.c reads
 * it.
 */
#ifndef TESTS_PROGRAMS_SERVER_CERTIFICATES_H
#define TESTS_PROGRAMS_SERVER_CERTIFICATES_H

#include "keystore/base/err.h"
#include "tests/programs/server_chain.h"
#include "tests/programs/server_crl.h"

#define SERVER_MIDDLES 2
#define SERVER_CRLS 4

struct server_row {
    const char *name;
    const char *host; /* NULL: localhost */
    struct server_certificate leaf;
    const struct server_certificate *middles[SERVER_MIDDLES + 1];
    bool unsent; /* the middles */
    enum server_issuer issuer;
    enum server_status status;
    struct server_crl crls[SERVER_CRLS + 1];
    enum server_crl_form form; /* of the file with them */
    bool anchored;             /* the middles are trusted themselves */
    bool impostor;             /* the server has another private key */
    enum ks_err expected;
    const char *says; /* the class of the refusal, and more */
};

/* Ended by a row without a name. */
extern const struct server_row server_rows[];

#endif
