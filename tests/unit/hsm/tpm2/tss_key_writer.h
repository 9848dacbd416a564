/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TSS2 PRIVATE KEY files written by hand, part by part, as others might
 * (draft-bottomley-tpm2-keys, 3).
 */
#ifndef TESTS_UNIT_TSS_KEY_WRITER_H
#define TESTS_UNIT_TSS_KEY_WRITER_H

#include "hsm/tpm2/pem.h"

/* id-loadablekey 2.23.133.10.1.3, and id-importablekey beside it */
extern const uint8_t tss_key_loadable[8];
extern const uint8_t tss_key_importable[8];

struct tss_key_parts {
    const uint8_t *type;
    int empty_auth; /* -1: left out */
    const uint8_t *parent;
    size_t parent_length;
    size_t public_cut; /* bytes missing at its end */
    size_t public_extra;
    size_t private_extra;
    size_t behind; /* bytes after the sequence */
    const char *name;
};

/* Such as are taken. */
extern const struct tss_key_parts tss_key_usual;

/* Write the areas of PEM with these PARTS as a file into TO; its length. */
size_t tss_key_write(const struct tss_key_parts *parts,
                     const struct tpm2_pem *pem, char to[static TPM2_PEM_MAX]);

#endif
