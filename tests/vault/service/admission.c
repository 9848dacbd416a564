/* SPDX-License-Identifier: Apache-2.0 */
/* What the verifier finds becomes a refusal here, and the policy's sentences
 * say what machine, or which command of the owner's, would meet it. */
#include "tests/vault/service/admission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include "tests/vault/service/fault.h"

/* --- the EK --- */

struct list {
    const char **eks;
    size_t count;
    bool failed;
};

static void
add_allowed(void *context, const char *ek)
{
    struct list *list = context;
    const char **grown = realloc(list->eks,
                                 (list->count + 2) * sizeof *list->eks);
    char *copy = strdup(ek);

    if (grown != NULL)
        list->eks = grown;
    if (grown == NULL || copy == NULL) {
        free(copy);
        list->failed = true;
        return;
    }
    list->eks[list->count++] = copy;
    list->eks[list->count] = NULL;
}

static void
clear_list(struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free((void *)(uintptr_t)list->eks[i]);
    free(list->eks);
}

static bool
refuse(struct exchange *exchange, const struct attestation_fault *fault_found)
{
    switch (fault_found->kind) {
    case ATTESTATION_FAULT_ENDORSEMENT:
        return exchange_refuse(exchange, REFUSAL_ENDORSEMENT, "%s",
                               fault_found->sentence);
    case ATTESTATION_FAULT_EVIDENCE:
        return exchange_refuse(exchange, REFUSAL_EVIDENCE, "%s",
                               fault_found->sentence);
    case ATTESTATION_FAULT_VAULT:
        break;
    }
    fault("attestation: %s", fault_found->sentence);
    return exchange_fault(exchange);
}

static bool
judge(struct exchange *exchange, struct admission *admission)
{
    struct attestation_fault found = {.kind = ATTESTATION_FAULT_VAULT};
    struct list list = {0};
    char roots[POLICY_ROOTS_MAX];
    struct attestation_trust trust = {.roots = roots, .now = exchange->now};
    bool read = policy_each_allowed(exchange->service->store, admission->vault,
                                    add_allowed, &list) &&
                !list.failed;
    bool good;

    policy_roots(&exchange->service->place, admission->vault, roots);
    trust.allowed = list.eks;
    good = read && attestation_judge(admission->offer, &trust,
                                     &admission->judgement, &found);
    clear_list(&list);
    return good || (read ? refuse(exchange, &found) : exchange_fault(exchange));
}

bool
admission_begin(struct exchange *exchange, const char *vault,
                const json_t *offer, struct admission *ret)
{
    struct attestation_fault found = {.kind = ATTESTATION_FAULT_VAULT};

    *ret = (struct admission){0};
    (void)snprintf(ret->vault, sizeof ret->vault, "%s", vault);
    if (!policy_read(exchange->service->store, vault, &ret->policy))
        return exchange_fault(exchange);
    if (offer == NULL)
        return true;
    ret->offer = attestation_offer_read(offer, &found);
    return ret->offer != NULL ? judge(exchange, ret) : refuse(exchange, &found);
}

void
admission_clear(struct admission *admission)
{
    attestation_offer_free(admission->offer);
    admission->offer = NULL;
}

/* --- the policy --- */

/* "0,7", as an option of the agent's takes it. */
static void
list_pcrs(uint32_t pcrs, char ret[static 80])
{
    char *at = ret;

    *at = '\0';
    for (unsigned i = 0; i < 24; i++)
        if ((pcrs >> i & 1) != 0)
            at += snprintf(at, (size_t)(ret + 80 - at), "%s%u",
                           at == ret ? "" : ",", i);
}

static bool
check_pcrs(struct exchange *exchange, const struct admission *admission)
{
    uint32_t wanted = 0;
    uint32_t offered = admission->offer != NULL
                           ? attestation_offer_pcrs(admission->offer)
                           : 0;
    char list[80];

    if (admission->policy.pcrs[0] == '\0')
        return true;
    if (!attestation_pcr_policy(admission->policy.pcrs, &wanted)) {
        fault("vault %s: its policy of PCRs cannot be read", admission->vault);
        return exchange_fault(exchange);
    }
    if ((wanted & ~offered) == 0)
        return true;
    list_pcrs(wanted | offered, list);
    return exchange_refuse(
        exchange, REFUSAL_POLICY,
        "this vault wants a quote of PCRs by the machine's TPM; register, or "
        "attest --submit, with --attest-pcrs %s on a machine with a TPM 2.0",
        list);
}

static bool
refuse_unproven(struct exchange *exchange)
{
    return exchange_refuse(
        exchange, REFUSAL_POLICY,
        "this vault lets in only a machine whose TPM proves that the key was "
        "born in it, and this one proves nothing; register one with a TPM 2.0 "
        "whose maker the vault's owner trusts, with --attest require");
}

static bool
check_trust(struct exchange *exchange, const struct admission *admission)
{
    return admission->judgement.trusted != ATTESTATION_UNKNOWN ||
           exchange_refuse(
               exchange, REFUSAL_POLICY,
               "nobody whom this vault's owner trusts vouches for the TPM with "
               "the EK %s; let the owner add its maker's root, or this EK to "
               "the list, or register a machine with another TPM 2.0",
               attestation_offer_ek(admission->offer));
}

bool
admission_check_offer(struct exchange *exchange,
                      const struct admission *admission)
{
    bool vouched = admission->judgement.trusted != ATTESTATION_UNKNOWN;

    if (admission->policy.level == POLICY_EK_VERIFIED) {
        if (admission->offer == NULL)
            return refuse_unproven(exchange);
        if (!check_trust(exchange, admission))
            return false;
    }
    if (admission->policy.level == POLICY_BORN && admission->offer != NULL &&
        attestation_offer_is_emulation(admission->offer) && !vouched)
        return exchange_refuse(
            exchange, REFUSAL_POLICY,
            "this vault lets in no emulation, and the TPM's certificate says "
            "that it is one; register a machine with a token of hardware");
    return check_pcrs(exchange, admission);
}

/* What a machine says of an emulation is believed; the rest is what a policy
 * that wants no proof has to believe. */
static bool
check_born(struct exchange *exchange, const struct assurance *assurance)
{
    if (strcmp(assurance->origin, "born") == 0)
        return true;
    return exchange_refuse(
        exchange, REFUSAL_POLICY,
        "this vault lets in only a key that was born in a token of hardware, "
        "and this one is %s; register with a token that makes the key itself",
        assurance->origin);
}

bool
admission_check(struct exchange *exchange, const struct admission *admission,
                const char *key_store)
{
    struct evidence evidence = {
        .emulated = admission->offer != NULL &&
                    attestation_offer_is_emulation(admission->offer)};
    struct assurance assurance;

    if (admission->proven)
        evidence.proof = admission->judgement.trusted == ATTESTATION_UNKNOWN
                             ? EVIDENCE_CERTIFIED
                             : EVIDENCE_EK_VERIFIED;
    if (!admission_check_offer(exchange, admission))
        return false;
    if (!admission->proven && (admission->policy.level == POLICY_EK_VERIFIED ||
                               admission->policy.pcrs[0] != '\0'))
        return refuse_unproven(exchange);
    evidence_assure(key_store, &evidence, &assurance);
    return admission->policy.level == POLICY_ANY ||
           check_born(exchange, &assurance);
}

/* --- the evidence --- */

/* The secret's own 32 bytes; false where there are none. */
static bool
read_secret(const struct challenge *challenge, const json_t *evidence,
            uint8_t ret[static ATTESTATION_SECRET])
{
    const char *text = json_string_value(json_object_get(evidence, "secret"));
    size_t length = 0;
    uint8_t *bytes;
    bool good;

    if (challenge->secret[0] != '\0')
        return encoding_from_hex(challenge->secret, ret, ATTESTATION_SECRET);
    bytes = text != NULL ? encoding_from_base64url(text, strlen(text), &length)
                         : NULL;
    good = bytes != NULL && length == ATTESTATION_SECRET;
    if (good)
        memcpy(ret, bytes, ATTESTATION_SECRET);
    free(bytes);
    return good;
}

bool
admission_prove(struct exchange *exchange, struct admission *admission,
                const struct challenge *challenge, const json_t *evidence)
{
    const char *nonce = json_string_value(json_object_get(evidence, "nonce"));
    struct attestation_fault found = {.kind = ATTESTATION_FAULT_VAULT};
    struct attestation_expected expected = {
        .nonce = nonce != NULL ? nonce : "",
        .vault = admission->vault,
        .pcr_policy = admission->policy.pcrs[0] != '\0' ? admission->policy.pcrs
                                                        : NULL};

    if (!encoding_from_hex(challenge->caller, expected.certificate_sha256,
                           sizeof expected.certificate_sha256) ||
        !read_secret(challenge, evidence, expected.secret))
        return exchange_fault(exchange);
    if (!attestation_check(admission->offer, evidence, &expected,
                           &admission->result, &found))
        return refuse(exchange, &found);
    admission->proven = true;
    return true;
}

bool
admission_check_key(struct exchange *exchange,
                    const struct admission *admission, const char *key)
{
    return strcmp(admission->result.machine_sha256, key) == 0 ||
           exchange_refuse(exchange, REFUSAL_EVIDENCE,
                           "the key that the TPM certifies is not the "
                           "machine's key");
}

bool
admission_check_credential(struct exchange *exchange,
                           const struct admission *admission)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(X509_get0_pubkey(exchange->certificate), &der);
    char hash[ENCODING_HASH_HEX] = "";
    bool done = length > 0 && encoding_hash(der, (size_t)length, hash);

    OPENSSL_free(der);
    if (!done)
        return exchange_fault(exchange);
    return admission->result.credential_sha256[0] == '\0' ||
           strcmp(admission->result.credential_sha256, hash) == 0 ||
           exchange_refuse(exchange, REFUSAL_EVIDENCE,
                           "the key that the TPM certifies as the credential's "
                           "is another");
}
