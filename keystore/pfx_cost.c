/* SPDX-License-Identifier: Apache-2.0 */
/* The algorithms and iterations of a PFX, read from its parameters.  Must never
 * derive a key. */
#include "keystore/pfx_cost.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

static enum ks_err
refused(struct err_cause *cause, const char *what)
{
    ERR_clear_error();
    return err_set(cause, KS_ERR_CRED_FORMAT, "ManagementCert: %s", what);
}

static enum ks_err
charge(const ASN1_INTEGER *iterations, int64_t *budget, struct err_cause *cause)
{
    int64_t count;

    if (iterations == NULL || ASN1_INTEGER_get_int64(&count, iterations) != 1 ||
        count < 1 || count > *budget)
        return refused(cause, "too many iterations of key derivation");
    *budget -= count;
    return KS_OK;
}

static int
nid_of(const X509_ALGOR *algorithm)
{
    const ASN1_OBJECT *object = NULL;

    if (algorithm != NULL)
        X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    return object != NULL ? OBJ_obj2nid(object) : NID_undef;
}

/* The parameters of ALGORITHM as the structure of TYPE; NULL if they are none
 */
static void *
parameters_of(const X509_ALGOR *algorithm, const ASN1_ITEM *type)
{
    const void *value = NULL;
    int kind = V_ASN1_UNDEF;

    X509_ALGOR_get0(NULL, &kind, &value, algorithm);
    return kind == V_ASN1_SEQUENCE ? ASN1_item_unpack(value, type) : NULL;
}

/* RFC 7292, appendix C */
static enum ks_err
charge_pkcs12(const X509_ALGOR *algorithm, int64_t *budget,
              struct err_cause *cause)
{
    PBEPARAM *parameters = parameters_of(algorithm, ASN1_ITEM_rptr(PBEPARAM));
    enum ks_err rc = charge(parameters != NULL ? parameters->iter : NULL,
                            budget, cause);

    PBEPARAM_free(parameters);
    return rc;
}

/* RFC 8018, 6.2; only the ciphers that writers of PFX files use */
static enum ks_err
charge_pbes2(const X509_ALGOR *algorithm, int64_t *budget,
             struct err_cause *cause)
{
    PBE2PARAM *scheme = parameters_of(algorithm, ASN1_ITEM_rptr(PBE2PARAM));
    PBKDF2PARAM *kdf = NULL;
    int cipher = scheme != NULL ? nid_of(scheme->encryption) : NID_undef;
    enum ks_err rc;

    if (cipher != NID_aes_128_cbc && cipher != NID_aes_192_cbc &&
        cipher != NID_aes_256_cbc && cipher != NID_des_ede3_cbc) {
        rc = refused(cause, "a cipher that is not read here");
    } else if (nid_of(scheme->keyfunc) != NID_id_pbkdf2) {
        rc = refused(cause, "a key derivation that is not read here");
    } else {
        kdf = parameters_of(scheme->keyfunc, ASN1_ITEM_rptr(PBKDF2PARAM));
        rc = charge(kdf != NULL ? kdf->iter : NULL, budget, cause);
    }
    PBKDF2PARAM_free(kdf);
    PBE2PARAM_free(scheme);
    return rc;
}

enum ks_err
pfx_cost_decryption(const X509_ALGOR *algorithm, int64_t *budget,
                    struct err_cause *cause)
{
    switch (nid_of(algorithm)) {
    case NID_pbe_WithSHA1And3_Key_TripleDES_CBC:
    case NID_pbe_WithSHA1And2_Key_TripleDES_CBC:
    case NID_pbe_WithSHA1And128BitRC2_CBC:
    case NID_pbe_WithSHA1And40BitRC2_CBC:
        return charge_pkcs12(algorithm, budget, cause);
    case NID_pbes2:
        return charge_pbes2(algorithm, budget, cause);
    default:
        return refused(cause, "a cipher that is not read here");
    }
}

enum ks_err
pfx_cost_mac(const PKCS12 *pfx, int64_t *budget, struct err_cause *cause)
{
    const X509_ALGOR *algorithm = NULL;
    const ASN1_INTEGER *iterations = NULL;

    PKCS12_get0_mac(NULL, &algorithm, NULL, &iterations, pfx);
    switch (nid_of(algorithm)) {
    case NID_sha1:
    case NID_sha256:
    case NID_sha384:
    case NID_sha512:
        break;
    default:
        return refused(cause, "a MAC that is not read here");
    }
    /* absent means one (RFC 7292, 4) */
    return iterations != NULL ? charge(iterations, budget, cause) : KS_OK;
}
