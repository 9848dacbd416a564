/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes EK certificates as the field has them, written by hand: OpenSSL would
 * make none of the odd ones.  What goes wrong in making them fails the test.
 */
#ifndef VAULT_ATTESTATION_TESTS_MINT_H
#define VAULT_ATTESTATION_TESTS_MINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#define MINT_MAX 2048 /* what an NV index holds */

/* What is other than in a plain certificate; bits. */
#define MINT_LONG_LENGTHS 0x0001u  /* each length of three bytes */
#define MINT_UNPADDED 0x0002u      /* no number has the zero of its sign */
#define MINT_ZEROS 0x0004u         /* each number has four in front */
#define MINT_OAEP 0x0008u          /* the key's algorithm is rsaesOaep */
#define MINT_FALSE 0x0010u         /* critical FALSE is written out */
#define MINT_TRUE_IS_ONE 0x0020u   /* TRUE is 01, not ff */
#define MINT_ONE_SET 0x0040u       /* the TCG's attributes are one RDN */
#define MINT_NO_NAMES 0x0080u      /* without an alternative name */
#define MINT_PLAIN_NAMES 0x0100u   /* which is not critical */
#define MINT_NO_USAGE 0x0200u      /* without an extended key usage */
#define MINT_OTHER_USAGE 0x0400u   /* which is not an EK's */
#define MINT_STRANGE 0x0800u       /* a critical extension of nobody */
#define MINT_AUTHORITY 0x1000u     /* CA:TRUE */
#define MINT_NO_EXTENSIONS 0x2000u /* version 1 */
#define MINT_SHORT_TIME 0x4000u    /* UTCTime without seconds */
#define MINT_OFFSET_TIME 0x8000u   /* "+0000" in place of Z */
#define MINT_OTHER_OUTSIDE                                                     \
    0x10000u /* another algorithm beside the signature                         \
              */

enum mint_signature {
    MINT_SHA256, /* with the issuer's RSA or EC key */
    MINT_SHA384,
    MINT_SHA1,
    MINT_PSS, /* SHA-256, and a salt of 32 bytes */
    MINT_PSS_SHA1,
    MINT_NONE /* an algorithm that is none */
};

struct mint {
    EVP_PKEY *key;
    const char *issuer; /* its common name */
    EVP_PKEY *issuer_key;
    enum mint_signature signature;
    unsigned odd;
    const char *from;  /* UTCTime without its zone; NULL: 2020 */
    const char *to;    /* NULL: the year 9999 */
    const char *model; /* NULL: "NPCT75x" */
};

/* The certificate; its length. */
size_t mint(const struct mint *as, uint8_t ret[static MINT_MAX]);

#endif
