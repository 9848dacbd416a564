/* SPDX-License-Identifier: Apache-2.0 */
/* The table of schemes against what OpenSSL knows of them by itself.  Every row
 * is tried, so that a new one is held here without a line of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>

#include "keystore/store/signature.h"
#include "keystore/store/soft_sign.h"

static const char content[] = "what is signed";
static EVP_PKEY *keys[MATERIAL__MAX];

static const struct scheme *
row_of(unsigned scheme)
{
    const struct scheme *row = scheme_row((enum keystore_scheme)scheme);

    assert_non_null(row);
    return row;
}

static void
sizes_hold_the_largest_row(void **state)
{
    (void)state;
    for (unsigned i = 1; i < KEYSTORE_SCHEME__MAX; i++) {
        size_t length = scheme_digest_length((enum keystore_scheme)i);

        assert_int_equal(length, EVP_MD_get_size(row_of(i)->hash()));
        assert_in_range(length, 1, KEYSTORE_DIGEST_MAX);
    }
    for (unsigned i = 1; i < MATERIAL__MAX; i++) {
        assert_in_range(scheme_field_length((enum material_type)i), 0,
                        KEYSTORE_FIELD_MAX);
        assert_in_range(EVP_PKEY_get_size(keys[i]), 1, KEYSTORE_SIGNATURE_MAX);
    }
}

static void
curve_has_one_number_one_name_and_its_bits(void **state)
{
    (void)state;
    for (unsigned i = 1; i < MATERIAL__MAX; i++) {
        const struct scheme_key *key = scheme_key((enum material_type)i);
        EC_GROUP *group;

        assert_int_equal(EVP_PKEY_is_a(keys[i], key->name), 1);
        assert_int_equal(scheme_key_type(keys[i]), i);
        if (key->curve == NULL)
            continue;
        assert_int_equal(EC_curve_nist2nid(key->curve), key->nid);
        assert_int_equal(scheme_curve_type(key->nid), i);
        group = EC_GROUP_new_by_curve_name(key->nid);
        assert_non_null(group);
        assert_int_equal(EC_GROUP_get_degree(group), key->bits);
        EC_GROUP_free(group);
    }
}

static void
x509_algorithm_is_of_the_same_hash_and_key(void **state)
{
    (void)state;
    for (unsigned i = 1; i < KEYSTORE_SCHEME__MAX; i++) {
        const struct scheme *row = row_of(i);
        bool ec = scheme_key(row->type)->curve != NULL;
        int hash = NID_undef, key = NID_undef;

        assert_int_equal(row->form == SCHEME_ECDSA, ec);
        assert_int_equal(OBJ_find_sigid_algs(row->x509, &hash, &key), 1);
        if (row->form == SCHEME_PSS) {
            assert_int_equal(row->x509, NID_rsassaPss);
            continue; /* its parameters say the hash */
        }
        assert_int_equal(hash, EVP_MD_get_type(row->hash()));
        assert_int_equal(key,
                         ec ? NID_X9_62_id_ecPublicKey : NID_rsaEncryption);
    }
}

/* The parameters by which OpenSSL itself would verify a certificate. */
static void
pss_parameters_say_the_hash_and_its_length(void **state)
{
    (void)state;
    for (unsigned i = 1; i < KEYSTORE_SCHEME__MAX; i++) {
        const struct scheme *row = row_of(i);
        const unsigned char *der = row->x509_parameters;
        RSA_PSS_PARAMS *pss;

        assert_int_equal(der != NULL, row->form == SCHEME_PSS);
        if (der == NULL)
            continue;
        pss = d2i_RSA_PSS_PARAMS(NULL, &der, (long)row->x509_length);
        assert_non_null(pss);
        assert_ptr_equal(der, row->x509_parameters + row->x509_length);
        assert_int_equal(OBJ_obj2nid(pss->hashAlgorithm->algorithm),
                         EVP_MD_get_type(row->hash()));
        assert_int_equal(ASN1_INTEGER_get(pss->saltLength),
                         EVP_MD_get_size(row->hash()));
        RSA_PSS_PARAMS_free(pss);
    }
}

/* A key has one scheme in TLS, and OpenSSL knows it by its name. */
static void
tls_scheme_is_found_by_code_and_by_key(void **state)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    (void)state;
    assert_non_null(context);
    for (unsigned i = 1; i < KEYSTORE_SCHEME__MAX; i++) {
        const struct scheme *row = row_of(i);
        char name[64]; /* OpenSSL's macro drops the const */

        assert_int_equal(row->tls != 0, row->tls_name != NULL);
        assert_true(scheme_suits((enum keystore_scheme)i, keys[row->type]));
        if (row->tls == 0)
            continue;
        assert_int_equal(scheme_of_tls(row->tls), i);
        assert_int_equal(scheme_of_key(keys[row->type]), i);
        assert_in_range(snprintf(name, sizeof name, "%s", row->tls_name), 1,
                        sizeof name - 1);
        assert_int_equal(SSL_CTX_set1_client_sigalgs_list(context, name), 1);
    }
    SSL_CTX_free(context);
}

/* RFC 8446, 4.2.3 */
static void
tls_schemes_beyond_the_three_are_refused(void **state)
{
    (void)state;
    for (uint64_t code = 0; code <= 0x10000; code++) {
        enum keystore_scheme scheme = scheme_of_tls(code);

        assert_int_equal(scheme, code == 0x0804   ? KEYSTORE_PS256
                                 : code == 0x0403 ? KEYSTORE_ES256
                                 : code == 0x0503 ? KEYSTORE_ES384
                                                  : 0);
    }
}

static bool
verifies(const struct scheme *row, const struct keystore_signature *signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = NULL;
    bool good = EVP_DigestVerifyInit(context, &inner, row->hash(), NULL,
                                     keys[row->type]) == 1;

    if (row->form == SCHEME_PSS)
        good = good &&
               EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING) ==
                   1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(inner,
                                                RSA_PSS_SALTLEN_DIGEST) == 1;
    good = good &&
           EVP_DigestVerify(context, signature->bytes, signature->length,
                            (const uint8_t *)content, sizeof content) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

/* As a peer or a certification authority would, from the content alone. */
static void
standard_form_verifies_without_the_table(void **state)
{
    (void)state;
    for (unsigned i = 1; i < KEYSTORE_SCHEME__MAX; i++) {
        const struct scheme *row = row_of(i);
        uint8_t digest[KEYSTORE_DIGEST_MAX];
        struct keystore_signature made, standard;

        assert_int_equal(EVP_Digest(content, sizeof content, digest, NULL,
                                    row->hash(), NULL),
                         1);
        assert_int_equal(soft_sign(keys[row->type], (enum keystore_scheme)i,
                                   digest, &made, NULL),
                         KS_OK);
        assert_int_equal(made.length, signature_length(keys[row->type]));
        assert_true(
            signature_standard((enum keystore_scheme)i, &made, &standard));
        assert_true(verifies(row, &standard));
    }
}

static void
no_scheme_is_none(void **state)
{
    static const enum keystore_scheme none[] = {0, KEYSTORE_SCHEME__MAX, 4711};
    struct keystore_signature made = {.length = 64}, ret;
    EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_null(scheme_row(none[i]));
        assert_int_equal(scheme_digest_length(none[i]), 0);
        assert_false(scheme_suits(none[i], keys[MATERIAL_RSA]));
        assert_false(signature_standard(none[i], &made, &ret));
    }
    made.length = KEYSTORE_SIGNATURE_MAX + 1;
    assert_false(
        signature_standard(scheme_of_key(keys[MATERIAL_RSA]), &made, &ret));
    assert_null(scheme_key(0));
    assert_null(scheme_key(MATERIAL__MAX));
    assert_int_equal(scheme_curve_type(NID_undef), 0); /* as RSA has it */
    assert_int_equal(scheme_of_tls(0), 0);
    assert_int_equal(scheme_of_tls(0x10804), 0);
    assert_int_equal(scheme_of_tls(0x0807), 0); /* ed25519 */
    assert_non_null(other);
    assert_int_equal(scheme_of_key(other), 0);
    assert_int_equal(scheme_key_type(other), 0);
    EVP_PKEY_free(other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_hold_the_largest_row),
        cmocka_unit_test(curve_has_one_number_one_name_and_its_bits),
        cmocka_unit_test(x509_algorithm_is_of_the_same_hash_and_key),
        cmocka_unit_test(pss_parameters_say_the_hash_and_its_length),
        cmocka_unit_test(tls_scheme_is_found_by_code_and_by_key),
        cmocka_unit_test(tls_schemes_beyond_the_three_are_refused),
        cmocka_unit_test(standard_form_verifies_without_the_table),
        cmocka_unit_test(no_scheme_is_none),
    };
    int failed;

    for (unsigned i = 1; i < MATERIAL__MAX; i++) {
        const char *curve = scheme_key((enum material_type)i)->curve;

        keys[i] = curve != NULL ? EVP_EC_gen(curve) : EVP_RSA_gen(2048);
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (unsigned i = 1; i < MATERIAL__MAX; i++)
        EVP_PKEY_free(keys[i]);
    return failed;
}
