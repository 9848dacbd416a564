/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of docs/attestation.md, in the order in which one makes the next
 * worth something: the right enrolment, the right TPM, its AK, the keys. */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "tests/vault/attestation/offer.h"
#include "tests/vault/attestation/pcr.h"
#include "tests/vault/attestation/refuse.h"
#include "tests/vault/attestation/statement.h"
#include "tests/vault/attestation/template.h"
#include "tests/vault/attestation/verifier.h"

/* Everything that the checks of one evidence look at. */
struct examination {
    const struct attestation_offer *offer;
    const json_t *evidence;
    const struct attestation_expected *expected;
    struct attestation_binding binding;
    struct attestation_result *result;
    struct attestation_fault *fault;
};

/* The caller has found offer and secret by it; evidence of another enrolment is
 * named as such here, and not as a wrong secret. */
static bool
check_nonce(struct examination *at)
{
    const char *nonce = json_string_value(
        json_object_get(at->evidence, "nonce"));

    return (nonce != NULL && strcmp(nonce, at->expected->nonce) == 0) ||
           refuse_evidence(at->fault, "the nonce is not that of this offer");
}

/* Whoever knows it has the EK and an AK of the offered Name in one TPM. */
static bool
check_secret(struct examination *at)
{
    struct member secret;
    bool same = member_read(at->evidence, "secret", &secret) &&
                secret.length == ATTESTATION_SECRET &&
                CRYPTO_memcmp(secret.bytes, at->expected->secret,
                              ATTESTATION_SECRET) == 0;

    member_free(&secret);
    return same ||
           refuse_evidence(at->fault, "the secret is not the challenge's");
}

static bool
read_statement(struct examination *at, const char *member,
               const struct statement_form *as, TPMS_ATTEST *ret)
{
    struct statement_form form = *as;

    form.ak = at->offer->ak.key;
    form.qualifying = at->binding.qualifying;
    return statement_read(json_object_get(at->evidence, member), &form, ret,
                          at->fault);
}

/* A public area that a statement is about. */
static bool
read_key(struct examination *at, const char *member, const char *subject,
         struct area *ret)
{
    struct member public;
    const char *why;

    *ret = (struct area){0};
    if (!member_read(json_object_get(at->evidence, member), "public",
                     &public) ||
        public.bytes == NULL)
        return refuse_evidence(at->fault, "%s is missing", subject);
    why = area_read(&public, ret);
    return why == NULL || refuse_evidence(at->fault, "%s %s", subject, why);
}

/* The AK's TPM has made the AK, out of the very data that are shown. */
static bool
check_creation(struct examination *at)
{
    const struct statement_form form = {.subject = "the creation statement",
                                        .type = TPM2_ST_ATTEST_CREATION};
    const TPMS_CREATION_INFO *info;
    TPMS_ATTEST attest;
    struct member data;
    uint8_t hash[32];
    bool same;

    if (!read_statement(at, "creation", &form, &attest))
        return false;
    info = &attest.attested.creation;
    if (!area_has_name(&at->offer->ak, &info->objectName))
        return refuse_evidence(
            at->fault, "the creation statement is about another key than "
                       "the offer's AK");
    same = member_read(json_object_get(at->evidence, "creation"), "data",
                       &data) &&
           data.bytes != NULL &&
           EVP_Q_digest(NULL, "SHA256", NULL, data.bytes, data.length, hash,
                        NULL) == 1 &&
           info->creationHash.size == sizeof hash &&
           memcmp(info->creationHash.buffer, hash, sizeof hash) == 0;
    member_free(&data);
    return same ||
           refuse_evidence(at->fault, "the creation data are not those of the "
                                      "creation statement");
}

/* The AK says that its TPM holds a key of this Name; the Name has the
 * attributes in it that were checked. */
static bool
check_machine(struct examination *at, const struct area *machine)
{
    const struct statement_form form = {
        .subject = "the machine key's statement",
        .type = TPM2_ST_ATTEST_CERTIFY};
    TPMS_ATTEST attest;

    if (!read_statement(at, "machine", &form, &attest))
        return false;
    if (!area_has_name(machine, &attest.attested.certify.name))
        return refuse_evidence(
            at->fault, "the machine key's statement is about another key");
    at->result->clock = attest.clockInfo.clock;
    memcpy(at->result->machine_sha256, machine->sha256, ATTESTATION_HEX);
    return true;
}

/* For information: the key came from a file, and the TPM says only that it is
 * there as well. */
static bool
check_credential(struct examination *at)
{
    const struct statement_form form = {
        .subject = "the credential key's statement",
        .type = TPM2_ST_ATTEST_CERTIFY};
    TPMS_ATTEST attest;
    struct area key;
    bool done;

    if (json_object_get(at->evidence, "credential") == NULL)
        return true;
    done = read_key(at, "credential", "the credential's key", &key) &&
           read_statement(at, "credential", &form, &attest);
    if (done && !area_has_name(&key, &attest.attested.certify.name))
        done = refuse_evidence(
            at->fault, "the credential key's statement is about another key");
    if (done)
        memcpy(at->result->credential_sha256, key.sha256, ATTESTATION_HEX);
    area_free(&key);
    return done;
}

/* Offer and evidence agree on whether there is one: the offer was judged by the
 * PCRs that it promises. */
static bool
check_quote(struct examination *at)
{
    const struct statement_form form = {.subject = "the quote",
                                        .type = TPM2_ST_ATTEST_QUOTE};
    const json_t *quote = json_object_get(at->evidence, "quote");
    TPMS_ATTEST attest;

    if (quote == NULL && at->offer->pcrs == 0)
        return true;
    if (quote == NULL)
        return refuse_evidence(at->fault,
                               "the quote that the offer promises is missing");
    if (at->offer->pcrs == 0)
        return refuse_evidence(at->fault,
                               "the quote is of PCRs, and the offer has none");
    at->result->pcrs = at->offer->pcrs;
    return read_statement(at, "quote", &form, &attest) &&
           pcr_read(json_object_get(quote, "values"), &attest.attested.quote,
                    at->result, at->fault);
}

static bool
examine(struct examination *at)
{
    struct area machine = {0};
    bool done = check_nonce(at) && check_secret(at) &&
                read_key(at, "machine", "the machine's key", &machine) &&
                template_check_machine(&machine, at->fault);

    if (done && !attestation_bind(at->expected, machine.key, &at->binding))
        done = refuse_vault(at->fault, "the vault cannot compute what the "
                                       "statements are bound to");
    done = done && check_creation(at) && check_machine(at, &machine) &&
           check_credential(at) && check_quote(at) &&
           pcr_meet(at->expected->pcr_policy, at->result, at->fault);
    area_free(&machine);
    return done;
}

bool
attestation_check(const struct attestation_offer *offer, const json_t *evidence,
                  const struct attestation_expected *expected,
                  struct attestation_result *ret,
                  struct attestation_fault *ret_fault)
{
    struct examination at = {.offer = offer,
                             .evidence = evidence,
                             .expected = expected,
                             .result = ret,
                             .fault = ret_fault};

    *ret = (struct attestation_result){0};
    return examine(&at);
}
