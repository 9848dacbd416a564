/* SPDX-License-Identifier: Apache-2.0 */
/* The algorithms and iterations of a PFX, read from its parameters.  Must never
 * derive a key. */
#include "keystore/credential/pfx_cost.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#define SCRYPT_UNIT                                                            \
    2 /* iterations that one of its smallest steps counts for                  \
       */

static enum ks_err
refused(struct err_cause *cause, const char *what)
{
    ERR_clear_error();
    return err_set(cause, KS_ERR_CRED_UNUSABLE, "ManagementCert: %s", what);
}

/* Take COUNT times EACH off *BUDGET */
static enum ks_err
charge(const ASN1_INTEGER *count, uint64_t each, int64_t *budget,
       struct err_cause *cause)
{
    int64_t value;

    if (count == NULL || ASN1_INTEGER_get_int64(&value, count) != 1 ||
        value < 1 || each > (uint64_t)*budget ||
        (uint64_t)value > (uint64_t)*budget / each)
        return refused(cause, "too many iterations of key derivation");
    *budget -= value * (int64_t)each;
    return KS_OK;
}

enum ks_err
pfx_cost_iterations(const ASN1_INTEGER *count, int64_t *budget,
                    struct err_cause *cause)
{
    return charge(count, 1, budget, cause);
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

/* RFC 7292, appendix C, and RFC 8018, 6.1: both have a salt and a count */
static enum ks_err
charge_pbe(const X509_ALGOR *algorithm, int64_t *budget,
           struct err_cause *cause)
{
    PBEPARAM *parameters = parameters_of(algorithm, ASN1_ITEM_rptr(PBEPARAM));
    enum ks_err rc = charge(parameters != NULL ? parameters->iter : NULL, 1,
                            budget, cause);

    PBEPARAM_free(parameters);
    return rc;
}

static enum ks_err
charge_pbkdf2(const X509_ALGOR *derivation, int64_t *budget,
              struct err_cause *cause)
{
    PBKDF2PARAM *kdf = parameters_of(derivation, ASN1_ITEM_rptr(PBKDF2PARAM));
    enum ks_err rc = charge(kdf != NULL ? kdf->iter : NULL, 1, budget, cause);

    PBKDF2PARAM_free(kdf);
    return rc;
}

/* RFC 7914, 7: N times r times p blocks are mixed; OpenSSL limits the memory */
static enum ks_err
charge_scrypt(const X509_ALGOR *derivation, int64_t *budget,
              struct err_cause *cause)
{
    SCRYPT_PARAMS *kdf = parameters_of(derivation,
                                       ASN1_ITEM_rptr(SCRYPT_PARAMS));
    uint64_t r = 0;
    uint64_t p = 0;
    enum ks_err rc;

    if (kdf == NULL || ASN1_INTEGER_get_uint64(&r, kdf->blockSize) != 1 ||
        ASN1_INTEGER_get_uint64(&p, kdf->parallelizationParameter) != 1 ||
        r == 0 || p == 0 || r > UINT16_MAX || p > UINT16_MAX)
        rc = refused(cause, "a key derivation that is not read here");
    else
        rc = charge(kdf->costParameter, r * p * SCRYPT_UNIT, budget, cause);
    SCRYPT_PARAMS_free(kdf);
    return rc;
}

/* RFC 8018, 6.2 */
static enum ks_err
charge_pbes2(const X509_ALGOR *algorithm, int64_t *budget,
             struct err_cause *cause)
{
    PBE2PARAM *scheme = parameters_of(algorithm, ASN1_ITEM_rptr(PBE2PARAM));
    int derivation = scheme != NULL ? nid_of(scheme->keyfunc) : NID_undef;
    enum ks_err rc;

    if (derivation == NID_id_pbkdf2)
        rc = charge_pbkdf2(scheme->keyfunc, budget, cause);
    else if (derivation == NID_id_scrypt)
        rc = charge_scrypt(scheme->keyfunc, budget, cause);
    else
        rc = refused(cause, "a key derivation that is not read here");
    PBE2PARAM_free(scheme);
    return rc;
}

enum ks_err
pfx_cost_decryption(const X509_ALGOR *algorithm, int64_t *budget,
                    struct err_cause *cause)
{
    int nid = nid_of(algorithm);

    if (EVP_PBE_find(EVP_PBE_TYPE_OUTER, nid, NULL, NULL, NULL) != 1)
        return refused(cause, "a cipher that is not read here");
    return nid == NID_pbes2 ? charge_pbes2(algorithm, budget, cause)
                            : charge_pbe(algorithm, budget, cause);
}
