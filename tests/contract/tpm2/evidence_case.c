/* SPDX-License-Identifier: Apache-2.0 */
/* Uses nothing of hsm/. */
#include "tests/contract/tpm2/evidence_case.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#define BORN                                                                   \
    (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |                          \
     TPMA_OBJECT_SENSITIVEDATAORIGIN)

static int
start(void **state)
{
    (void)state;
    contract.fixture = store_fixture_new("endorsed");
    return contract.fixture != NULL ? 0 : -1;
}

int
evidence_case_start(void **state)
{
    return start(state) == 0 ? tpm2_case_tap() : -1;
}

static void
write_file(const char *name, char path[static TPM2_CASE_PATH],
           const void *prefix, size_t prefix_length,
           const struct evidence_area *rest)
{
    FILE *file;

    tpm2_case_path(name, path);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(prefix, 1, prefix_length, file), prefix_length);
    if (rest != NULL)
        assert_int_equal(fwrite(rest->bytes, 1, rest->length, file),
                         rest->length);
    assert_int_equal(fclose(file), 0);
}

static size_t
read_file(const char *path, uint8_t *ret, size_t capacity)
{
    FILE *file = fopen(path, "re");
    size_t length;

    assert_non_null(file);
    length = fread(ret, 1, capacity, file);
    assert_true(length < capacity);
    assert_int_equal(fclose(file), 0);
    return length;
}

/* Without a TPM, as a verifier has none. */
void
evidence_case_challenge(struct evidence_case *exchange, const TPM2B_NAME *name)
{
    const struct evidence_area *ek = &exchange->offer.endorsement.public;
    const uint8_t size[] = {(uint8_t)(ek->length >> 8),
                            (uint8_t)(ek->length & 0xff)};
    char public[TPM2_CASE_PATH], secret[TPM2_CASE_PATH], blob[TPM2_CASE_PATH];
    char hex[2 * sizeof name->name + 1];
    const char *argv[] = {
        TPM2_TOOLS, "makecredential", "-T", "none", "-u", public,
        "-s",       secret,           "-n", hex,    "-o", blob,
        NULL};

    assert_int_equal(
        RAND_bytes(exchange->qualifying, sizeof exchange->qualifying), 1);
    for (size_t i = 0; i < name->size; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", name->name[i]);
    write_file("ek.public", public, size, sizeof size, ek);
    tpm2_case_path("challenge", blob);
    assert_int_equal(RAND_bytes(exchange->secret, sizeof exchange->secret), 1);
    write_file("secret", secret, exchange->secret, sizeof exchange->secret,
               NULL);
    rig_run(&tpm2_case.run, argv);
    rig_expect(&tpm2_case.run, 0, "");
    exchange->question = (struct evidence_question){
        .challenge = exchange->challenge, .qualifying = exchange->qualifying};
    exchange->question.challenge_length = read_file(blob, exchange->challenge,
                                                    sizeof exchange->challenge);
}

void
evidence_case_offer(struct evidence_case *exchange)
{
    struct err_cause cause = {.text = ""};

    memset(&exchange->offer, 0xa5, sizeof exchange->offer);
    if (keystore_offer_evidence(contract.store, &exchange->offer, &cause) !=
        KS_OK)
        fail_msg("offer: %s", cause.text);
}

void
evidence_case_ask(struct evidence_case *exchange, const TPM2B_NAME *name)
{
    TPM2B_NAME own;
    uint8_t id[KEYSTORE_ID_LENGTH];

    statement_name(&exchange->offer.key, &own);
    evidence_case_challenge(exchange, name != NULL ? name : &own);
    contract_id(id);
    assert_ks_ok(keystore_generate(contract.store, id, "machine", MATERIAL_P256,
                                   &exchange->question.machine, NULL));
}

void
evidence_case_end(struct evidence_case *exchange)
{
    keystore_key_free(&exchange->question.machine);
    keystore_key_free(&exchange->question.credential);
}

void
evidence_case_assert_statement(const struct evidence_case *exchange,
                               const struct evidence_statement *statement,
                               TPM2_ST type, TPMS_ATTEST *ret)
{
    TPMT_PUBLIC ak;
    EVP_PKEY *key;

    statement_area(&exchange->offer.key, &ak);
    key = statement_key(&ak);
    assert_true(statement_read(statement, key, ret));
    EVP_PKEY_free(key);
    assert_int_equal(ret->type, type);
    assert_int_equal(ret->extraData.size, EVIDENCE_QUALIFYING);
    assert_memory_equal(ret->extraData.buffer, exchange->qualifying,
                        EVIDENCE_QUALIFYING);
}

static void
assert_same_name(const TPM2B_NAME *said, const struct evidence_area *area)
{
    TPM2B_NAME name;

    statement_name(area, &name);
    assert_int_equal(said->size, name.size);
    assert_memory_equal(said->name, name.name, name.size);
}

static void
assert_creation(const struct evidence_case *exchange)
{
    const struct evidence *given = &exchange->evidence;
    const TPMS_CREATION_INFO *info;
    TPMS_ATTEST said;
    uint8_t hash[32];
    size_t length = 0;

    evidence_case_assert_statement(exchange, &given->creation,
                                   TPM2_ST_ATTEST_CREATION, &said);
    info = &said.attested.creation;
    assert_same_name(&info->objectName, &exchange->offer.key);
    assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL,
                                  given->creation_data.bytes,
                                  given->creation_data.length, hash, &length),
                     1);
    assert_int_equal(info->creationHash.size, length);
    assert_memory_equal(info->creationHash.buffer, hash, length);
}

/* KEY's own public half must be in AREA, and its attributes HAS of BORN. */
static void
assert_certified(const struct evidence_case *exchange, struct keystore_key *key,
                 const struct evidence_area *area,
                 const struct evidence_statement *statement, TPMA_OBJECT has)
{
    TPMS_ATTEST said;
    TPMT_PUBLIC read;
    EVP_PKEY *public;

    evidence_case_assert_statement(exchange, statement, TPM2_ST_ATTEST_CERTIFY,
                                   &said);
    assert_same_name(&said.attested.certify.name, area);
    statement_area(area, &read);
    assert_int_equal(read.objectAttributes & BORN, has);
    assert_int_equal(read.objectAttributes & TPMA_OBJECT_RESTRICTED, 0);
    public = statement_key(&read);
    assert_int_equal(EVP_PKEY_eq(public, keystore_key_public(key)), 1);
    EVP_PKEY_free(public);
}

static void
assert_quoted(const struct evidence_case *exchange)
{
    const struct evidence *given = &exchange->evidence;
    const TPMS_PCR_SELECTION *selection;
    TPMS_ATTEST said;
    uint8_t hash[32];
    size_t length = 0;

    evidence_case_assert_statement(exchange, &given->quote,
                                   TPM2_ST_ATTEST_QUOTE, &said);
    assert_int_equal(said.attested.quote.pcrSelect.count, 1);
    selection = &said.attested.quote.pcrSelect.pcrSelections[0];
    assert_int_equal(selection->hash, TPM2_ALG_SHA256);
    assert_int_equal(selection->sizeofSelect, 3);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(selection->pcrSelect[i],
                         exchange->question.pcrs >> 8 * i & 0xff);
    assert_int_equal(given->pcr_count,
                     __builtin_popcount(exchange->question.pcrs));
    assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, given->pcr,
                                  32 * given->pcr_count, hash, &length),
                     1);
    assert_memory_equal(said.attested.quote.pcrDigest.buffer, hash, length);
}

void
evidence_case_assert_answered(struct evidence_case *exchange)
{
    const struct evidence_question *question = &exchange->question;
    struct evidence *given = &exchange->evidence;
    struct err_cause cause = {.text = ""};

    memset(given, 0xa5, sizeof *given);
    if (keystore_give_evidence(contract.store, question, given, &cause) !=
        KS_OK)
        fail_msg("evidence: %s", cause.text);
    assert_int_equal(given->secret_length, sizeof exchange->secret);
    assert_memory_equal(given->secret, exchange->secret,
                        sizeof exchange->secret);
    assert_creation(exchange);
    assert_certified(exchange, question->machine, &given->machine_public,
                     &given->machine, BORN);
    if (question->credential != NULL)
        assert_certified(exchange, question->credential,
                         &given->credential_public, &given->credential, 0);
    else
        assert_int_equal(given->credential.length, 0);
    if (question->pcrs != 0)
        assert_quoted(exchange);
    else
        assert_int_equal(given->quote.length + given->pcr_count, 0);
}
