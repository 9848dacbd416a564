/* SPDX-License-Identifier: Apache-2.0 */
/* What a TPM proves of its keys, held against its own word and its maker's by a
 * verifier that shares no code with Holdfast. */
#include "tests/contract/tpm2/evidence_case.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static struct evidence_case exchange;

/* The certificate must be of the endorsement key in the offer. */
static void
assert_certificate_is_of_the_key(const struct evidence_endorsement *said)
{
    const unsigned char *at = said->certificate;
    X509 *certificate = d2i_X509(NULL, &at, (long)said->certificate_length);
    TPMT_PUBLIC area;
    EVP_PKEY *key;
    uint8_t hash[32];

    assert_non_null(certificate);
    statement_area(&said->public, &area);
    key = statement_key(&area);
    assert_int_equal(EVP_PKEY_eq(key, X509_get0_pubkey(certificate)), 1);
    statement_spki(key, hash);
    assert_memory_equal(said->sha256, hash, sizeof hash);
    EVP_PKEY_free(key);
    X509_free(certificate);
}

static void
assert_attestation_key(const struct evidence_offer *offer)
{
    TPMT_PUBLIC area;
    TPM2B_NAME name;

    statement_area(&offer->key, &area);
    assert_int_equal(area.type, TPM2_ALG_ECC);
    assert_int_equal(area.nameAlg, TPM2_ALG_SHA256);
    assert_int_equal(area.objectAttributes,
                     TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                         TPMA_OBJECT_SENSITIVEDATAORIGIN |
                         TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA |
                         TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT);
    assert_int_equal(area.authPolicy.size, 0);
    assert_int_equal(area.parameters.eccDetail.curveID, TPM2_ECC_NIST_P256);
    assert_int_equal(area.parameters.eccDetail.scheme.scheme, TPM2_ALG_ECDSA);
    statement_name(&offer->key, &name);
    assert_int_equal(offer->name_length, name.size);
    assert_memory_equal(offer->name, name.name, name.size);
}

static void
makers_word_is_offered(void **state)
{
    const struct evidence_endorsement *said = &exchange.offer.endorsement;

    (void)state;
    tpm2_case_open();
    evidence_case_offer(&exchange);
    assert_string_equal(said->algorithm, "RSA-2048");
    assert_certificate_is_of_the_key(said);
    assert_int_equal(exchange.offer.chain_length, 0);
    assert_attestation_key(&exchange.offer);
}

static void
each_offer_has_another_attestation_key(void **state)
{
    struct evidence_area first;

    (void)state;
    tpm2_case_open();
    evidence_case_offer(&exchange);
    first = exchange.offer.key;
    evidence_case_offer(&exchange);
    assert_memory_not_equal(exchange.offer.key.bytes, first.bytes,
                            first.length);
}

static void
question_is_answered(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];

    (void)state;
    tpm2_case_open();
    evidence_case_offer(&exchange);
    evidence_case_ask(&exchange, NULL);
    evidence_case_assert_answered(&exchange);
    assert_false(
        tap_saw(tpm2_case.tap, exchange.secret, sizeof exchange.secret));
    contract_id(id);
    exchange.question.credential = contract_import(RSA_2048, id);
    exchange.question.pcrs = 1 << 0 | 1 << 7 | 1 << 23;
    evidence_case_assert_answered(&exchange);
    exchange.question.pcrs = 0xffffff;
    evidence_case_assert_answered(&exchange);
    evidence_case_end(&exchange);
    assert_string_equal(tpm2_case_handles(TRANSIENT), "");
}

static void
put(const char *name, const void *bytes, size_t length,
    char ret[static TPM2_CASE_PATH])
{
    FILE *file;

    tpm2_case_path(name, ret);
    file = fopen(ret, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void
put_key(const char *name, char ret[static TPM2_CASE_PATH])
{
    TPMT_PUBLIC area;
    EVP_PKEY *key;
    FILE *file;

    statement_area(&exchange.offer.key, &area);
    key = statement_key(&area);
    tpm2_case_path(name, ret);
    file = fopen(ret, "we");
    assert_non_null(file);
    assert_int_equal(PEM_write_PUBKEY(file, key), 1);
    assert_int_equal(fclose(file), 0);
    EVP_PKEY_free(key);
}

/* `tpm2 checkquote` of the evidence, with its PCRs 0, 7 and 23. */
static bool
checks_quote(void)
{
    const struct evidence *given = &exchange.evidence;
    char key[TPM2_CASE_PATH], quote[TPM2_CASE_PATH], signature[TPM2_CASE_PATH],
        values[TPM2_CASE_PATH];
    char qualifying[2 * EVIDENCE_QUALIFYING + 1];
    const char *argv[] = {
        TPM2_TOOLS, "checkquote", "-u", key,        "-m", quote,
        "-s",       signature,    "-f", values,     "-l", "sha256:0,7,23",
        "-g",       "sha256",     "-q", qualifying, NULL};

    for (size_t i = 0; i < EVIDENCE_QUALIFYING; i++)
        (void)snprintf(qualifying + 2 * i, 3, "%02x", exchange.qualifying[i]);
    put_key("ak.pem", key);
    put("quote", given->quote.bytes, given->quote.length, quote);
    put("signature", given->quote.signature, given->quote.signature_length,
        signature);
    put("values", given->pcr, 32 * given->pcr_count, values);
    rig_run(&tpm2_case.run, argv);
    return tpm2_case.run.status == 0;
}

/* Other people's verifier takes the quote, and not with another bit in it. */
static void
quote_is_what_tpm2_tools_check(void **state)
{
    struct evidence *given = &exchange.evidence;

    (void)state;
    tpm2_case_open();
    tpm2_case_tool("pcrextend", "23:sha256=00000000000000000000000000000000"
                                "00000000000000000000000000000001");
    evidence_case_offer(&exchange);
    evidence_case_ask(&exchange, NULL);
    exchange.question.pcrs = 1 << 0 | 1 << 7 | 1 << 23;
    evidence_case_assert_answered(&exchange);
    if (!checks_quote())
        fail_msg("%s%s", tpm2_case.run.out, tpm2_case.run.err);
    given->quote.bytes[given->quote.length - 1] ^= 1;
    assert_false(checks_quote());
    given->quote.bytes[given->quote.length - 1] ^= 1;
    given->pcr[2][31] ^= 1;
    assert_false(checks_quote());
    given->pcr[2][31] ^= 1;
    exchange.qualifying[0] ^= 1;
    assert_false(checks_quote());
    evidence_case_end(&exchange);
}

/* A PCR that the TPM's bank does not have, or a bank that it lacks. */
static void
pcrs_that_are_not_there_are_said(void **state)
{
    struct err_cause cause = {.text = ""};

    (void)state;
    tpm2_case_tool("pcrallocate", "sha1:all+sha256:none");
    assert_int_equal(swtpm_restart(store_fixture_swtpm(contract.fixture)), 0);
    tpm2_case_open();
    evidence_case_offer(&exchange);
    evidence_case_ask(&exchange, NULL);
    exchange.question.pcrs = 1;
    assert_ks_err(KS_ERR_TOKEN_UNSUPPORTED,
                  keystore_give_evidence(contract.store, &exchange.question,
                                         &exchange.evidence, &cause));
    assert_non_null(strstr(cause.text, "lacks PCRs"));
    exchange.question.pcrs = 0;
    evidence_case_assert_answered(&exchange);
    evidence_case_end(&exchange);
}

static void
tpm_without_certificates_answers(void **state)
{
    (void)state;
    tpm2_case_open();
    evidence_case_offer(&exchange);
    assert_string_equal(exchange.offer.endorsement.algorithm, "RSA-2048");
    assert_int_equal(exchange.offer.endorsement.certificate_length, 0);
    evidence_case_ask(&exchange, NULL);
    evidence_case_assert_answered(&exchange);
    evidence_case_end(&exchange);
    keystore_close(&contract.store);
    assert_string_equal(tpm2_case_handles(TRANSIENT), "");
    assert_string_equal(tpm2_case_handles(LOADED_SESSIONS), "");
}

int
contract_tpm2_evidence(void)
{
    const struct CMUnitTest tests[] = {
        EVIDENCE_CASE(makers_word_is_offered),
        EVIDENCE_CASE(each_offer_has_another_attestation_key),
        EVIDENCE_CASE(question_is_answered),
        EVIDENCE_CASE(quote_is_what_tpm2_tools_check),
        TPM2_CASE(pcrs_that_are_not_there_are_said),
        TPM2_CASE(tpm_without_certificates_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
