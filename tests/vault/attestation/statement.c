/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM begins what it has made with a number of its own and signs nothing from
 * outside that begins so: that, and the restricted AK, is why a statement is
 * believed (TPM 2.0 Part 1, 31). */
#include "tests/vault/attestation/statement.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <tss2/tss2_mu.h>

#include "tests/vault/attestation/member.h"
#include "tests/vault/attestation/refuse.h"

#define HASH 32
#define SCALAR 32        /* of P-256 */
#define SIGNATURE_DER 80 /* ECDSA-Sig-Value of two such: 72 */

static bool
unmarshal(const struct member *bytes, TPMS_ATTEST *ret)
{
    size_t used = 0;

    return Tss2_MU_TPMS_ATTEST_Unmarshal(bytes->bytes, bytes->length, &used,
                                         ret) == 0 &&
           used == bytes->length;
}

/* TPM_GENERATED_VALUE (Part 2, 6.2), of what a TPM makes itself.  tss2-mu reads
 * other numbers, too, up to its version 3. */
static bool
is_generated(const struct member *bytes)
{
    static const uint8_t magic[] = {0xff, 'T', 'C', 'G'};

    return bytes->length >= sizeof magic &&
           memcmp(bytes->bytes, magic, sizeof magic) == 0;
}

/* A number behind its length of two bytes, off the front of what is left. */
static BIGNUM *
take_scalar(const uint8_t **at, const uint8_t *end)
{
    size_t length;
    BIGNUM *number;

    if (end - *at < 2)
        return NULL;
    length = (size_t)(*at)[0] << 8 | (*at)[1];
    if (length == 0 || length > SCALAR || (size_t)(end - *at - 2) < length)
        return NULL;
    number = BN_bin2bn(*at + 2, (int)length, NULL);
    *at += 2 + length;
    return number;
}

/* TPMT_SIGNATURE of ECDSA with SHA-256 as OpenSSL has it; the length, or 0. */
static int
convert(const struct member *signature, uint8_t ret[static SIGNATURE_DER])
{
    static const uint8_t ecdsa_sha256[] = {0, 0x18, 0, 0x0b};
    const uint8_t *at = signature->bytes;
    const uint8_t *end = at + signature->length;
    ECDSA_SIG *both = ECDSA_SIG_new();
    BIGNUM *r = NULL;
    BIGNUM *s = NULL;
    int length = 0;

    if (signature->length > sizeof ecdsa_sha256 &&
        memcmp(at, ecdsa_sha256, sizeof ecdsa_sha256) == 0) {
        at += sizeof ecdsa_sha256;
        r = take_scalar(&at, end);
        s = r != NULL ? take_scalar(&at, end) : NULL;
    }
    if (both != NULL && s != NULL && at == end &&
        ECDSA_SIG_set0(both, r, s) == 1) {
        r = s = NULL;
        length = i2d_ECDSA_SIG(both, &ret);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(both);
    return length > 0 ? length : 0;
}

static bool
is_signed(const struct member *statement, const struct member *signature,
          EVP_PKEY *ak)
{
    uint8_t der[SIGNATURE_DER];
    int length = convert(signature, der);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = length > 0 && context != NULL &&
                EVP_DigestVerifyInit_ex(context, NULL, "SHA256", NULL, NULL, ak,
                                        NULL) == 1 &&
                EVP_DigestVerify(context, der, (size_t)length, statement->bytes,
                                 statement->length) == 1;

    EVP_MD_CTX_free(context);
    return good;
}

/* The signature is first: until then a statement is a stranger's bytes, and no
 * parser of them is run. */
static bool
check(const struct member *statement, const struct member *signature,
      const struct statement_form *form, TPMS_ATTEST *attest,
      struct attestation_fault *ret)
{
    const TPM2B_DATA *extra = &attest->extraData;

    if (!is_signed(statement, signature, form->ak))
        return refuse_evidence(ret, "%s is not signed by the offer's AK",
                               form->subject);
    if (!is_generated(statement))
        return refuse_evidence(ret,
                               "%s was not made by a TPM: its magic "
                               "number is another",
                               form->subject);
    if (!unmarshal(statement, attest))
        return refuse_evidence(ret, "%s is not one TPMS_ATTEST", form->subject);
    if (attest->type != form->type)
        return refuse_evidence(ret, "%s is of another kind", form->subject);
    if (extra->size != HASH ||
        CRYPTO_memcmp(extra->buffer, form->qualifying, HASH) != 0)
        return refuse_evidence(ret,
                               "%s is bound to another enrolment, vault, key "
                               "or certificate",
                               form->subject);
    return true;
}

bool
statement_read(const json_t *json, const struct statement_form *form,
               TPMS_ATTEST *ret, struct attestation_fault *ret_fault)
{
    struct member statement;
    struct member signature = {0};
    bool done = false;

    if (!member_read(json, "statement", &statement) ||
        !member_read(json, "signature", &signature) ||
        statement.bytes == NULL || signature.bytes == NULL)
        (void)refuse_evidence(ret_fault, "%s or its signature is missing",
                              form->subject);
    else
        done = check(&statement, &signature, form, ret, ret_fault);
    member_free(&statement);
    member_free(&signature);
    return done;
}
