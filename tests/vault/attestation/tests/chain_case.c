/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vault/attestation/tests/chain_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/support/own_directory.h"
#include "tests/vault/attestation/tests/forge.h"
#include "tests/vault/attestation/tests/tpm.h"
#include "tests/vault/attestation/tests/tpm_template.h"

#define EARLIER 1577836800
#define LATER 4000000000

struct chain_case chain_case;

struct authority_of
chain_maker(const char *name, const struct authority *issuer)
{
    return (struct authority_of){.name = name,
                                 .issuer = issuer,
                                 .kind = "RSA",
                                 .constraints = "CA:TRUE",
                                 .digest = "SHA256",
                                 .from = EARLIER,
                                 .to = LATER};
}

/* --- offers --- */

struct mint
chain_issued_by(const struct authority *authority, const char *name)
{
    return (struct mint){
        .key = chain_case.ek, .issuer = name, .issuer_key = authority->key};
}

json_t *
chain_plain_offer(void)
{
    TPMT_PUBLIC ek_area = tpm_template_ek[TPM_RSA_2048].publicArea;
    TPMT_PUBLIC ak_area = forge_ak();

    forge_put_key(&ek_area, chain_case.ek);
    forge_put_key(&ak_area, chain_case.ak);
    return forge_offer(&ek_area, &ak_area);
}

static void
chain_add_certificate(json_t *offer, const struct mint *as)
{
    uint8_t bytes[MINT_MAX];

    tpm_set(json_object_get(offer, "endorsement"), "certificate", bytes,
            mint(as, bytes));
}

/* The chain grows by one. */
void
chain_add(json_t *offer, const struct authority *authority)
{
    json_t *endorsement = json_object_get(offer, "endorsement");
    json_t *holder = json_object();
    unsigned char *der = NULL;
    int length = i2d_X509(authority->certificate, &der);

    assert_true(length > 0);
    if (json_object_get(endorsement, "chain") == NULL)
        assert_int_equal(
            json_object_set_new(endorsement, "chain", json_array()), 0);
    tpm_set(holder, "one", der, (size_t)length);
    assert_int_equal(json_array_append(json_object_get(endorsement, "chain"),
                                       json_object_get(holder, "one")),
                     0);
    json_decref(holder);
    OPENSSL_free(der);
}

json_t *
chain_offer(const struct mint *as, const struct authority *sent)
{
    json_t *offer = chain_plain_offer();

    chain_add_certificate(offer, as);
    if (sent != NULL)
        chain_add(offer, sent);
    return offer;
}

/* --- judgements --- */

struct attestation_trust
chain_trust(void)
{
    return (struct attestation_trust){.roots = own_directory_path("roots"),
                                      .now = CHAIN_NOW};
}

/* The offer's judgement; RET_FAULT says why there is none. */
bool
chain_judge(const json_t *json, const struct attestation_trust *by,
            struct attestation_judgement *ret,
            struct attestation_fault *ret_fault)
{
    struct attestation_offer *offer;
    bool done = false;

    *ret = (struct attestation_judgement){.trusted = ATTESTATION_UNKNOWN};
    *ret_fault = (struct attestation_fault){.sentence = ""};
    offer = attestation_offer_read(json, ret_fault);
    if (offer != NULL)
        done = attestation_judge(offer, by, ret, ret_fault);
    attestation_offer_free(offer);
    return done;
}

/* Takes OFFER over, as the next do. */
void
chain_expect(json_t *offer, const struct attestation_trust *by,
             enum attestation_trusted trusted, const char *chain)
{
    struct attestation_judgement judgement;
    struct attestation_fault fault;

    if (!chain_judge(offer, by, &judgement, &fault))
        fail_msg("%s", fault.sentence);
    assert_int_equal(judgement.trusted, trusted);
    assert_string_equal(judgement.chain, chain);
    json_decref(offer);
}

void
chain_refuse(json_t *offer, const struct attestation_trust *by,
             const char *says)
{
    struct attestation_judgement judgement;
    struct attestation_fault fault;

    assert_false(chain_judge(offer, by, &judgement, &fault));
    assert_int_equal(judgement.trusted, ATTESTATION_UNKNOWN);
    assert_int_equal(fault.kind, ATTESTATION_FAULT_ENDORSEMENT);
    if (strstr(fault.sentence, says) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", says, fault.sentence);
    json_decref(offer);
}

void
chain_install(const struct authority *authority, const char *name)
{
    char path[FRESH_DIRECTORY + 64];

    (void)snprintf(path, sizeof path, "roots/%s.pem", name);
    authority_save(authority, own_directory_path(path));
}

/* --- setup --- */

int
chain_make_roots(void **state)
{
    assert_int_equal(own_directory_make(state), 0);
    assert_int_equal(mkdir(own_directory_path("roots"), 0700), 0);
    return 0;
}

int
chain_set_up(void **state)
{
    struct authority_of of = chain_maker("Root", NULL);

    (void)state;
    chain_case.ek = EVP_RSA_gen(2048);
    chain_case.other_ek = EVP_RSA_gen(2048);
    chain_case.ak = EVP_EC_gen("P-256");
    assert_non_null(chain_case.ek);
    assert_non_null(chain_case.other_ek);
    assert_non_null(chain_case.ak);
    authority_make(&of, &chain_case.root);
    authority_make(&of, &chain_case.twin);
    of = chain_maker("Stranger", NULL);
    authority_make(&of, &chain_case.stranger);
    of = chain_maker("Middle", &chain_case.root);
    authority_make(&of, &chain_case.middle);
    return 0;
}

int
chain_tear_down(void **state)
{
    (void)state;
    authority_free(&chain_case.root);
    authority_free(&chain_case.twin);
    authority_free(&chain_case.stranger);
    authority_free(&chain_case.middle);
    EVP_PKEY_free(chain_case.ek);
    EVP_PKEY_free(chain_case.other_ek);
    EVP_PKEY_free(chain_case.ak);
    return 0;
}
