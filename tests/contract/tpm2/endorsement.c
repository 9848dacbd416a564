/* SPDX-License-Identifier: Apache-2.0 */
/* Which endorsement key is offered, as TPMs and their owners have it. */
#include "tests/contract/tpm2/evidence_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hsm/tpm2/endorsements.h"

#define RSA_INDEX "0x01c00002"
#define P256_INDEX "0x01c0000a"
#define P384_INDEX "0x01c00016"
#define CHAIN_INDEX "0x01c00100"
#define CHAIN_NEXT "0x01c00101"

static struct evidence_case exchange;

#define MAKERS "platformcreate|ppwrite|ppread|ownerread|authread|no_da"

/* Put BYTES at INDEX, with ATTRIBUTES and, where it is not "", a password. */
static void
put_into_nv(const char *index, const void *bytes, size_t length,
            const char *attributes, const char *password)
{
    char path[TPM2_CASE_PATH], size[16];
    FILE *file;

    tpm2_case_path("nv", path);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    (void)snprintf(size, sizeof size, "%zu", length);
    tpm2_case_tool("nvdefine", index, "-C", "p", "-s", size, "-a", attributes,
                   "-p", password);
    tpm2_case_tool("nvwrite", index, "-C", "p", "-i", path);
}

static void
assert_offered(const char *algorithm, const void *certificate, size_t length)
{
    const struct evidence_endorsement *said = &exchange.offer.endorsement;

    tpm2_case_open();
    evidence_case_offer(&exchange);
    assert_string_equal(said->algorithm, algorithm);
    assert_int_equal(said->certificate_length, length);
    if (certificate != NULL)
        assert_memory_equal(said->certificate, certificate, length);
    evidence_case_ask(&exchange, NULL);
    evidence_case_assert_answered(&exchange);
    evidence_case_end(&exchange);
    keystore_close(&contract.store);
    assert_string_equal(tpm2_case_handles(TRANSIENT), "");
    assert_string_equal(tpm2_case_handles(LOADED_SESSIONS), "");
}

static void
p256_is_offered_where_it_has_a_certificate(void **state)
{
    static const uint8_t certificate[1500] = {0x30, 0x82, 0x05, 0xd8, 1, 2, 3};

    (void)state;
    put_into_nv(P256_INDEX, certificate, sizeof certificate, MAKERS, "");
    assert_offered("P-256", certificate, sizeof certificate);
}

/* The RSA key's index was defined, and nobody has written to it. */
static void
index_without_a_certificate_is_none(void **state)
{
    static const uint8_t certificate[1000] = {0x30, 0x82, 0x03, 0xe4, 1, 2, 3};
    struct tpm2_endorsements *found = NULL;

    (void)state;
    tpm2_case_tool("nvdefine", RSA_INDEX, "-C", "p", "-s", "1000", "-a",
                   MAKERS);
    put_into_nv(P256_INDEX, certificate, sizeof certificate, MAKERS, "");
    assert_offered("P-256", certificate, sizeof certificate);
    assert_ks_ok(tpm2_endorsements(tpm2_case.uri, &found, NULL));
    assert_string_equal(found->key[found->offered].algorithm, "P-256");
    free(found);
}

/* swtpm's own, by its template H-3. */
static void
p384_is_offered_where_it_alone_has_a_certificate(void **state)
{
    (void)state;
    tpm2_case_tool("nvundefine", RSA_INDEX, "-C", "p");
    tpm2_case_open();
    evidence_case_offer(&exchange);
    keystore_close(&contract.store);
    assert_string_equal(exchange.offer.endorsement.algorithm, "P-384");
    tap_reset(tpm2_case.tap);
    assert_offered("P-384", exchange.offer.endorsement.certificate,
                   exchange.offer.endorsement.certificate_length);
}

/* The TPM's own would be made anew where none stands, or another's does. */
static void
key_is_made_where_another_stands_at_its_handle(void **state)
{
    char context[TPM2_CASE_PATH];

    (void)state;
    tpm2_case_open();
    evidence_case_offer(&exchange);
    keystore_close(&contract.store);
    tpm2_case_tool("evictcontrol", "-C", "o", "-c", "0x81010001");
    tpm2_case_path("context", context);
    tpm2_case_tool("createprimary", "-C", "o", "-G", "rsa2048", "-c", context);
    tpm2_case_tool("evictcontrol", "-C", "o", "-c", context, "0x81010001");
    tpm2_case_tool("flushcontext", "-t");
    tap_reset(tpm2_case.tap);
    assert_offered("RSA-2048", exchange.offer.endorsement.certificate,
                   exchange.offer.endorsement.certificate_length);
    assert_true(tap_count(tpm2_case.tap, CC_CREATE_PRIMARY) >= 2);
}

/* One of the same template, in another hierarchy: the certificate tells. */
static void
key_is_made_where_its_like_stands_at_its_handle(void **state)
{
    static struct evidence_endorsement own;
    char context[TPM2_CASE_PATH], policy[TPM2_CASE_PATH];
    FILE *file;

    (void)state;
    tpm2_case_open();
    evidence_case_offer(&exchange);
    keystore_close(&contract.store);
    own = exchange.offer.endorsement;
    tpm2_case_path("context", context);
    tpm2_case_path("policy", policy);
    file = fopen(policy, "we");
    assert_non_null(file);
    /* Behind type, hash, attributes, and its own length. */
    assert_int_equal(fwrite(own.public.bytes + 10, 1, 32, file), 32);
    assert_int_equal(fclose(file), 0);
    tpm2_case_tool("evictcontrol", "-C", "o", "-c", "0x81010001");
    tpm2_case_tool("createprimary", "-C", "o", "-G", "rsa2048:aes128cfb", "-L",
                   policy, "-c", context, "-a",
                   "fixedtpm|fixedparent|sensitivedataorigin|adminwithpolicy|"
                   "restricted|decrypt");
    tpm2_case_tool("evictcontrol", "-C", "o", "-c", context, "0x81010001");
    tpm2_case_tool("flushcontext", "-t");
    assert_offered("RSA-2048", own.certificate, own.certificate_length);
    assert_memory_equal(exchange.offer.endorsement.sha256, own.sha256, 32);
}

/* As Intel's on-die certificates stand: over indices, with what fills up. */
static void
chain_in_nv_is_offered(void **state)
{
    static uint8_t chain[1200];
    const size_t certificates = 600 + 400;

    (void)state;
    memset(chain, 0xff, sizeof chain);
    memcpy(chain, "\x30\x82\x02\x54", 4);
    memcpy(chain + 600, "\x30\x82\x01\x8c", 4);
    put_into_nv(CHAIN_INDEX, chain, 700, MAKERS, "");
    put_into_nv(CHAIN_NEXT, chain + 700, 500, MAKERS, "");
    tpm2_case_open();
    evidence_case_offer(&exchange);
    assert_int_equal(exchange.offer.chain_length, certificates);
    assert_memory_equal(exchange.offer.chain, chain, certificates);
}

static void
assert_no_offer(const char *says)
{
    static struct tpm2_case_state before;
    struct err_cause cause = {.text = ""};

    tpm2_case_open();
    tpm2_case_look(&before);
    assert_ks_err(
        KS_ERR_TOKEN_UNSUPPORTED,
        keystore_offer_evidence(contract.store, &exchange.offer, &cause));
    if (strstr(cause.text, says) == NULL)
        fail_msg("not \"%s\": %s", says, cause.text);
    keystore_close(&contract.store);
    tpm2_case_assert_unchanged(&before);
}

static void
password_of_the_hierarchy_is_said(void **state)
{
    (void)state;
    tpm2_case_tool("changeauth", "-c", "endorsement", "secret-246");
    assert_no_offer("endorsement hierarchy has a password");
    tpm2_case_tool("changeauth", "-c", "endorsement", "-p", "secret-246");
    tpm2_case_open();
    evidence_case_offer(&exchange);
}

/* It is set between the offer and the question. */
static void
password_set_meanwhile_is_said(void **state)
{
    struct err_cause cause = {.text = ""};

    (void)state;
    tpm2_case_open();
    evidence_case_offer(&exchange);
    evidence_case_ask(&exchange, NULL);
    tpm2_case_tool("changeauth", "-c", "endorsement", "secret-246");
    assert_ks_err(KS_ERR_TOKEN_UNSUPPORTED,
                  keystore_give_evidence(contract.store, &exchange.question,
                                         &exchange.evidence, &cause));
    assert_non_null(strstr(cause.text, "endorsement hierarchy has a password"));
    evidence_case_end(&exchange);
    assert_string_equal(tpm2_case_handles(TRANSIENT), "");
    assert_true(strlen(tpm2_case_handles(LOADED_SESSIONS)) <=
                strlen("- 0x2000000\n"));
}

static void
hierarchy_switched_off_is_said(void **state)
{
    (void)state;
    tpm2_case_tool("hierarchycontrol", "-C", "p", "ehEnable", "clear");
    assert_no_offer("endorsement hierarchy is switched off");
}

/* No maker's certificate is so. */
static void
certificate_that_cannot_be_read_is_said(void **state)
{
    (void)state;
    put_into_nv(P256_INDEX, "0123456789", 10,
                "platformcreate|ppwrite|ppread|authread|no_da", "secret-135");
    assert_no_offer("0x01c0000a cannot be read without a password");
}

/* Only keys that count wrong values are locked out. */
static void
lockout_is_in_nobodys_way(void **state)
{
    (void)state;
    tpm2_case_open();
    evidence_case_offer(&exchange);
    tpm2_case_lock();
    evidence_case_ask(&exchange, NULL);
    evidence_case_assert_answered(&exchange);
    evidence_case_offer(&exchange);
    assert_true(exchange.offer.endorsement.certificate_length > 0);
    evidence_case_end(&exchange);
}

/* None of this kind, so that there is nothing to offer. */
static void
tpm_that_makes_no_such_key_offers_none(void **state)
{
    static const struct {
        uint32_t code;
        unsigned nth;
        const char *says;
    } rows[] = {
        /* Behind the root key. */
        {CC_CREATE_PRIMARY, 2, "makes no endorsement key of RSA-2048"},
        {CC_CREATE, 1, "makes no attestation key of P-256"},
    };

    (void)state;
    tpm2_case_provision();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct tap_fault fault = {.action = TAP_ERROR,
                                        .code = rows[i].code,
                                        .nth = rows[i].nth,
                                        .rc = 0x2ca}; /* TPM_RC_TYPE, P2 */

        tap_inject(tpm2_case.tap, &fault);
        assert_no_offer(rows[i].says);
    }
}

int
contract_tpm2_endorsement(void)
{
    const struct CMUnitTest tests[] = {
        TPM2_CASE(p256_is_offered_where_it_has_a_certificate),
        TPM2_CASE(index_without_a_certificate_is_none),
        EVIDENCE_CASE(p384_is_offered_where_it_alone_has_a_certificate),
        EVIDENCE_CASE(key_is_made_where_another_stands_at_its_handle),
        EVIDENCE_CASE(key_is_made_where_its_like_stands_at_its_handle),
        EVIDENCE_CASE(chain_in_nv_is_offered),
        TPM2_CASE(password_of_the_hierarchy_is_said),
        TPM2_CASE(password_set_meanwhile_is_said),
        TPM2_CASE(hierarchy_switched_off_is_said),
        TPM2_CASE(certificate_that_cannot_be_read_is_said),
        EVIDENCE_CASE(lockout_is_in_nobodys_way),
        TPM2_CASE(tpm_that_makes_no_such_key_offers_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
