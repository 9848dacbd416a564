/* SPDX-License-Identifier: Apache-2.0 */
/* The vault's half is the verifier's own functions, and the machine's is a TPM.
 */
#include "tests/vault/attestation/tests/round.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/rand.h>
#include <tss2/tss2_mu.h>

#include "tests/vault/attestation/area.h"
#include "tests/vault/service/encoding.h"

/* A vault draws these for each enrolment. */
static void
expect_new(struct round *round)
{
    uint8_t nonce[32];
    char *text;

    assert_int_equal(RAND_bytes(nonce, sizeof nonce), 1);
    text = encoding_base64url(nonce, sizeof nonce);
    (void)strcpy(round->nonce, text);
    free(text);
    round->expected.nonce = round->nonce;
    round->expected.vault = "4711";
    assert_int_equal(RAND_bytes(round->expected.certificate_sha256, 32), 1);
    assert_int_equal(
        RAND_bytes(round->expected.secret, sizeof round->expected.secret), 1);
}

void
round_qualify(const struct round *round, const struct tpm_key *machine,
              uint8_t ret[static 32])
{
    struct attestation_binding binding;
    struct member bytes = {.bytes = malloc(sizeof(TPMT_PUBLIC))};
    struct area area;

    assert_non_null(bytes.bytes);
    assert_int_equal(
        Tss2_MU_TPMT_PUBLIC_Marshal(tpm_key_public(machine), bytes.bytes,
                                    sizeof(TPMT_PUBLIC), &bytes.length),
        0);
    assert_null(area_read(&bytes, &area));
    assert_true(attestation_bind(&round->expected, area.key, &binding));
    memcpy(ret, binding.qualifying, 32);
    area_free(&area);
}

void
round_make(struct tpm *tpm, const struct round_of *of, struct round *ret)
{
    struct attestation_fault fault = {.sentence = ""};
    uint8_t qualifying[32];
    uint8_t secret[64];
    size_t length = 0;
    char *challenge;

    *ret = (struct round){
        .offer_json = tpm_offer(tpm, of->ek, TPM_BORN, of->pcrs)};
    ret->offer = attestation_offer_read(ret->offer_json, &fault);
    assert_string_equal(fault.sentence, "");
    assert_non_null(ret->offer);
    expect_new(ret);
    challenge = attestation_challenge(ret->offer, ret->expected.secret);
    assert_non_null(challenge);
    assert_true(tpm_activate(tpm, challenge, secret, &length));
    assert_int_equal(length, ATTESTATION_SECRET);
    free(challenge);
    ret->machine = of->imports ? tpm_key_import(tpm)
                               : tpm_key_new(tpm, TPM_BORN_ATTRIBUTES, of->rsa);
    if (of->has_credential)
        ret->credential = tpm_key_import(tpm);
    round_qualify(ret, ret->machine, qualifying);
    ret->evidence = tpm_evidence(
        tpm, &(struct tpm_answer){.nonce = ret->nonce,
                                  .secret = secret,
                                  .qualifying = qualifying,
                                  .machine = ret->machine,
                                  .credential = ret->credential});
}

void
round_free(struct round *round)
{
    json_decref(round->offer_json);
    json_decref(round->evidence);
    attestation_offer_free(round->offer);
    tpm_key_free(round->machine);
    tpm_key_free(round->credential);
    *round = (struct round){.offer = NULL};
}

void
round_accept(const struct round *round, const json_t *evidence,
             struct attestation_result *ret)
{
    struct attestation_fault fault = {.sentence = ""};
    bool good = attestation_check(round->offer, evidence, &round->expected, ret,
                                  &fault);

    assert_string_equal(fault.sentence, "");
    assert_true(good);
}

void
round_refuse(const struct round *round, const json_t *evidence,
             const char *says)
{
    struct attestation_fault fault = {.sentence = ""};
    struct attestation_result result;

    assert_false(attestation_check(round->offer, evidence, &round->expected,
                                   &result, &fault));
    assert_int_equal(fault.kind, ATTESTATION_FAULT_EVIDENCE);
    if (strstr(fault.sentence, says) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", says, fault.sentence);
}
