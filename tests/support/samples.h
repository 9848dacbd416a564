/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys to import, made by OpenSSL for this run, and OpenSSL's opinion of what
 * a store makes of them.
 */
#ifndef TESTS_SUPPORT_SAMPLES_H
#define TESTS_SUPPORT_SAMPLES_H

#include "keystore/store/keystore.h"

enum sample_name {
    RSA_2048,
    RSA_3072,
    RSA_4096,
    P_256,
    P_384,
    P_256_OTHER, /* of the same type, but another key */
    SAMPLE__MAX
};

struct sample {
    const char *name;
    enum material_type type;
    unsigned bits;
    EVP_PKEY *public;
    struct secret *pkcs8;
    struct material material; /* points into pkcs8 */
};

/* Make one, to be had from sample() until samples_free().  Returns 0 or -1. */
int sample_make(enum sample_name name);
void samples_free(void);
const struct sample *sample(enum sample_name name);

/* Does SCHEME fit a key like PUBLIC?  By its type alone. */
bool scheme_fits(enum keystore_scheme scheme, EVP_PKEY *public);
const char *scheme_name(enum keystore_scheme scheme);

/* Have KEY sign a digest with SCHEME and OpenSSL verify the signature with
 * PUBLIC: PSS with a salt of 32 exactly.  NULL if all is well, else what is
 * wrong. */
const char *check_signature(struct keystore_key *key, EVP_PKEY *public,
                            enum keystore_scheme scheme);

#endif
