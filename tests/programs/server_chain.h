/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of servers, good ones and every kind of bad one, and OCSP
 * responses to them.  Ends the process where OpenSSL fails.  Shares no code
 * with the product.
 */
#ifndef TESTS_PROGRAMS_SERVER_CHAIN_H
#define TESTS_PROGRAMS_SERVER_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

struct server_certificate {
    const char *key;    /* "RSA-2048", "P-256", "ED25519"; NULL: P-256 */
    const char *digest; /* NULL: SHA256 */
    const char *name;   /* common name; NULL: none */
    const char *san;    /* as X509V3_EXT_conf(3) has it; NULL: of localhost */
    const char *usage;  /* keyUsage, */
    const char *extended_usage; /* extKeyUsage, */
    const char *basic;          /* basicConstraints, */
    const char *constraints;    /* nameConstraints, */
    const char *feature;        /* tlsfeature; NULL: none of these */
    bool bare;                  /* no extensions, and of version 1 */
    bool critical;              /* one more that is critical and unknown */
    bool nul;                   /* the name "localhost", NUL, ".example" */
    bool altered;               /* its signature, by one bit */
    bool itself;                /* signed by its own key, as its own issuer */
    long from, to; /* seconds from now; both 0: a day back and ahead */
};

enum server_issuer {
    SERVER_AUTHORITY, /* trusted */
    SERVER_FORMER,    /* the same, and outdated */
    SERVER_STRANGER,  /* not trusted */
    SERVER_NAMESAKE,  /* of the authority's name, with another key */
    SERVER_ISSUER__MAX
};

enum server_status {
    SERVER_NONE,
    SERVER_GOOD,
    SERVER_DELEGATED, /* good, by a responder of the issuer's */
    SERVER_REVOKED,
    SERVER_UNKNOWN,
    SERVER_STALE,
    SERVER_EARLY,
    SERVER_FORGED,     /* good, signed by a stranger */
    SERVER_UNENTITLED, /* by somebody whom the issuer certified for servers */
    SERVER_ANOTHERS,   /* good, of another certificate */
    SERVER_TRY_LATER,  /* the responder's own failure */
    SERVER_GARBAGE
};

struct server_chain {
    X509 *leaf;
    EVP_PKEY *key; /* of the leaf; borrowed */
    STACK_OF(X509) * others;
    unsigned char *response; /* OCSP, DER; freed */
    int response_length;
};

/* Make the issuers and write those that are trusted to PATH. */
void server_chain_begin(const char *path);
void server_chain_end(void);

/* A key of KIND, the same each time; borrowed.  server_chain_end() ends them
 * by the other function. */
EVP_PKEY *server_chain_key(const char *kind);
void server_chain_key_end(void);

/* The public half of one key with the private half of another, both P-256 or
 * both RSA; the caller frees it. */
EVP_PKEY *server_chain_impostor(EVP_PKEY *public, EVP_PKEY *private);

/* A chain of LEAF, issued by the last of MIDDLES (ended by NULL), the first of
 * which ISSUER has issued, and STATUS. */
void server_chain_make(const struct server_certificate *leaf,
                       const struct server_certificate *const *middles,
                       enum server_issuer issuer, enum server_status status,
                       struct server_chain *ret);
void server_chain_free(struct server_chain *chain);

#endif
