/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A writer of PFX files that can write as others do: every part in its own
 * encoding and under its own algorithm.  Ends the program where OpenSSL fails.
 */
#ifndef TESTS_UNIT_KEYSTORE_CREDENTIAL_PFX_WRITER_H
#define TESTS_UNIT_KEYSTORE_CREDENTIAL_PFX_WRITER_H

#include "tests/unit/keystore/credential/fixture.h"

/* How lengths and strings are written (X.690, 8.1.3 and 8.7.3) */
enum pfx_writer_form {
    PFX_WRITER_DER,
    PFX_WRITER_LONG,       /* each length in four bytes more than it needs */
    PFX_WRITER_INDEFINITE, /* to an end of contents */
    PFX_WRITER_PIECES      /* the same, and strings of octets in pieces */
};

/* DER, which is freed, in FORM; octets in octets are left alone. */
struct fixture_bytes pfx_writer_reform(struct fixture_bytes der,
                                       enum pfx_writer_form form);

/* An element of TAG around COUNT (at most 9) parts, each a struct
 * fixture_bytes, which are freed. */
struct fixture_bytes pfx_writer_put(uint8_t tag, unsigned count, ...);
struct fixture_bytes pfx_writer_bytes(const void *bytes, size_t length);
struct fixture_bytes pfx_writer_join(struct fixture_bytes first,
                                     struct fixture_bytes second);
struct fixture_bytes pfx_writer_oid(int nid);
struct fixture_bytes pfx_writer_text(const char *text); /* OCTET STRING */

/* A bag of TYPE, its number under pkcs-12Bags, with CONTENT, which is freed */
struct fixture_bytes pfx_writer_bag(uint8_t type, struct fixture_bytes content);

struct pfx_writer_cipher {
    int nid; /* of a PBE, or of a cipher under PBES2; 0: not encrypted */
    int prf; /* of PBKDF2; 0: HMAC with SHA-1, -1: scrypt */
    int iterations;
};

struct pfx_writer {
    struct fixture_bytes key;  /* PKCS#8, which is freed */
    struct fixture_bytes more; /* bags beside it, or nothing; freed */
    X509 *certificates[3];     /* NULLs end the list */
    struct pfx_writer_cipher for_key, for_certificates;
    const char *password;     /* NULL and "" differ */
    const char *key_password; /* NULL: the same */
    int mac;                  /* NID of its digest; 0: none */
    int mac_iterations;
    bool pbmac1;
    bool one_safe;             /* the key among the certificates */
    struct fixture_bytes safe; /* one more, or nothing; freed */
    enum pfx_writer_form inner, outer;
};

struct fixture_bytes pfx_writer(const struct pfx_writer *pfx);

#endif
