/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate revocation lists for chains of servers, good ones and every kind
 * of bad one.  Ends the process where OpenSSL fails.
 */
#ifndef TESTS_PROGRAMS_SERVER_CRL_H
#define TESTS_PROGRAMS_SERVER_CRL_H

#include "tests/programs/server_chain.h"

enum server_crl_kind {
    CRL_END, /* of several */
    CRL_GOOD,
    CRL_REVOKES,         /* the certificate that it is about, lately */
    CRL_HOLDS,           /* the same for a while (certificateHold) */
    CRL_REVOKES_ANOTHER, /* and not that */
    CRL_ENDED,
    CRL_EARLY,
    CRL_ALTERED,         /* its signature */
    CRL_FORGED,          /* signed by a stranger under the issuer's name */
    CRL_CRITICAL,        /* with an extension that nobody knows */
    CRL_FOR_AUTHORITIES, /* of all that is issued, by its own word */
    CRL_INDIRECT,        /* may have others' certificates */
    CRL_DELTA,           /* what is new alone */
    CRL_ENDLESS          /* without nextUpdate */
};

struct server_crl {
    enum server_crl_kind kind;
    int of; /* of the issuer of which certificate of the chain; 0: the leaf */
};

enum server_crl_form {
    CRL_AS_PEM,
    CRL_AS_DER,
    CRL_AS_MIXED, /* PEM between certificates and words */
    CRL_AS_CUT,   /* PEM whose last list is broken off */
    CRL_AS_WORDS  /* no list at all */
};

/* Make LISTS (ended by CRL_END) for CHAIN, whose keys MIDDLES has as for
 * server_chain_make(), and write them to PATH. */
void server_crl_write(const struct server_crl *lists,
                      const struct server_chain *chain,
                      const struct server_certificate *const *middles,
                      enum server_crl_form form, const char *path);

#endif
