/* SPDX-License-Identifier: Apache-2.0 */
/* Who vouches for an EK: nobody that the offer brings with it. */
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
#include "tests/vault/attestation/tests/alter.h"
#include "tests/vault/attestation/tests/authority.h"
#include "tests/vault/attestation/tests/forge.h"
#include "tests/vault/attestation/tests/mint.h"
#include "tests/vault/attestation/tests/tpm.h"
#include "tests/vault/attestation/tests/tpm_template.h"
#include "tests/vault/attestation/verifier.h"

#define NOW 1800000000 /* 2027 */
#define EARLIER 1577836800
#define LATER 4000000000
#define PLACES 100

static EVP_PKEY *ek;
static EVP_PKEY *other_ek;
static EVP_PKEY *ak;
static struct authority root;
static struct authority middle;   /* of the root */
static struct authority stranger; /* self-signed, and nobody's */
static struct authority twin;     /* the same, with the root's name */

static struct authority_of
maker(const char *name, const struct authority *issuer)
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

static struct mint
issued_by(const struct authority *authority, const char *name)
{
    return (struct mint){
        .key = ek, .issuer = name, .issuer_key = authority->key};
}

static json_t *
plain_offer(void)
{
    TPMT_PUBLIC ek_area = tpm_template_ek[TPM_RSA_2048].publicArea;
    TPMT_PUBLIC ak_area = forge_ak();

    forge_put_key(&ek_area, ek);
    forge_put_key(&ak_area, ak);
    return forge_offer(&ek_area, &ak_area);
}

static void
add_certificate(json_t *offer, const struct mint *as)
{
    uint8_t bytes[MINT_MAX];

    tpm_set(json_object_get(offer, "endorsement"), "certificate", bytes,
            mint(as, bytes));
}

/* One more of the offer's chain. */
static void
add_to_chain(json_t *offer, const struct authority *authority)
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

static json_t *
offer_of(const struct mint *as, const struct authority *sent)
{
    json_t *offer = plain_offer();

    add_certificate(offer, as);
    if (sent != NULL)
        add_to_chain(offer, sent);
    return offer;
}

/* --- judgements --- */

static struct attestation_trust
trust(void)
{
    return (struct attestation_trust){.roots = own_directory_path("roots"),
                                      .now = NOW};
}

/* The offer's judgement; RET_FAULT says why there is none. */
static bool
judge(const json_t *json, const struct attestation_trust *by,
      struct attestation_judgement *ret, struct attestation_fault *ret_fault)
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
static void
expect(json_t *offer, const struct attestation_trust *by,
       enum attestation_trusted trusted, const char *chain)
{
    struct attestation_judgement judgement;
    struct attestation_fault fault;

    if (!judge(offer, by, &judgement, &fault))
        fail_msg("%s", fault.sentence);
    assert_int_equal(judgement.trusted, trusted);
    assert_string_equal(judgement.chain, chain);
    json_decref(offer);
}

static void
refuse(json_t *offer, const struct attestation_trust *by, const char *says)
{
    struct attestation_judgement judgement;
    struct attestation_fault fault;

    assert_false(judge(offer, by, &judgement, &fault));
    assert_int_equal(judgement.trusted, ATTESTATION_UNKNOWN);
    assert_int_equal(fault.kind, ATTESTATION_FAULT_ENDORSEMENT);
    if (strstr(fault.sentence, says) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", says, fault.sentence);
    json_decref(offer);
}

static void
install(const struct authority *authority, const char *name)
{
    char path[FRESH_DIRECTORY + 64];

    (void)snprintf(path, sizeof path, "roots/%s.pem", name);
    authority_save(authority, own_directory_path(path));
}

/* --- refused --- */

static void
refuses_the_certificate_of_another_key(void **state)
{
    struct mint as = issued_by(&root, "Root");
    struct attestation_trust by = trust();
    char hash[ATTESTATION_HEX];
    const char *const listed[] = {hash, NULL};
    json_t *offer = plain_offer();
    struct attestation_fault fault;
    struct attestation_offer *read = attestation_offer_read(offer, &fault);

    (void)state;
    install(&root, "root");
    (void)strcpy(hash, attestation_offer_ek(read));
    attestation_offer_free(read);
    json_decref(offer);
    as.key = other_ek;
    refuse(offer_of(&as, NULL), &by, "is with the wrong key");
    as.odd = MINT_OAEP;
    refuse(offer_of(&as, NULL), &by, "is with the wrong key");
    by.allowed = listed;
    refuse(offer_of(&as, NULL), &by, "is with the wrong key");
}

static void
refuses_what_is_out_of_date(void **state)
{
    struct authority_of of = maker("Old", NULL);
    struct mint as = issued_by(&root, "Root");
    const struct attestation_trust by = trust();
    struct authority old;

    (void)state;
    install(&root, "root");
    as.to = "261231235959";
    refuse(offer_of(&as, NULL), &by, "the EK's certificate has expired");
    as.issuer = "Nobody";
    refuse(offer_of(&as, NULL), &by, "the EK's certificate has expired");
    as = issued_by(&root, "Root");
    as.from = "280101000000";
    refuse(offer_of(&as, NULL), &by, "the EK's certificate is not valid yet");
    of.to = NOW - 1;
    authority_make(&of, &old);
    install(&old, "old");
    as = issued_by(&old, "Old");
    refuse(offer_of(&as, NULL), &by, "certificate has expired");
    authority_free(&old);
    of.name = "Old middle";
    of.issuer = &root;
    authority_make(&of, &old);
    as = issued_by(&old, "Old middle");
    refuse(offer_of(&as, &old), &by, "certificate has expired");
    authority_free(&old);
}

static void
refuses_another_usage(void **state)
{
    struct mint as = issued_by(&root, "Root");
    const struct attestation_trust by = trust();

    (void)state;
    install(&root, "root");
    as.odd = MINT_OTHER_USAGE;
    refuse(offer_of(&as, NULL), &by, "without 2.23.133.8.1");
}

static void
refuses_what_its_issuer_has_not_signed(void **state)
{
    struct mint as = issued_by(&stranger, "Root");
    const struct attestation_trust by = trust();
    struct authority_of of = maker("Leaf", &root);
    struct authority leaf;

    (void)state;
    install(&root, "root");
    refuse(offer_of(&as, NULL), &by, "is not signed by the issuer");
    /* By a certificate of the maker's that is no authority's. */
    of.constraints = "CA:FALSE";
    authority_make(&of, &leaf);
    as = issued_by(&leaf, "Leaf");
    refuse(offer_of(&as, &leaf), &by, "is not signed by the issuer");
    authority_free(&leaf);
}

static void
refuses_issuers_that_do_not_hold(void **state)
{
    struct authority_of of = maker("Short root", NULL);
    const struct attestation_trust by = trust();
    struct authority top;
    struct authority below;
    struct mint as;

    (void)state;
    of.constraints = "CA:TRUE,pathlen:0";
    authority_make(&of, &top);
    install(&top, "short");
    of = maker("Below", &top);
    authority_make(&of, &below);
    as = issued_by(&below, "Below");
    refuse(offer_of(&as, &below), &by, "path length");
    authority_free(&below);
    of = maker("SHA-1", &root);
    of.digest = "SHA1";
    authority_make(&of, &below);
    install(&root, "root");
    as = issued_by(&below, "SHA-1");
    refuse(offer_of(&as, &below), &by, "CA signature digest algorithm");
    authority_free(&below);
    authority_free(&top);
}

static void
refuses_what_cannot_be_read(void **state)
{
    struct mint as = issued_by(&root, "Root");
    const struct attestation_trust by = trust();
    json_t *offer;

    (void)state;
    install(&root, "root");
    as.signature = MINT_SHA1;
    refuse(offer_of(&as, NULL), &by, "the EK's certificate is signed with SHA");
    as.signature = MINT_SHA256;
    offer = offer_of(&as, NULL);
    assert_int_equal(json_object_set_new(json_object_get(offer, "endorsement"),
                                         "chain", json_pack("[s]", "AAAA")),
                     0);
    refuse(offer, &by, "certificate 1 of the EK's chain cannot be read");
    offer = offer_of(&as, NULL);
    assert_int_equal(json_object_set_new(json_object_get(offer, "endorsement"),
                                         "chain",
                                         json_pack("[s,i]", "AAAA", 1)),
                     0);
    refuse(offer, &by, "certificate 2 of the EK's chain is no base64url");
    offer = offer_of(&as, NULL);
    for (unsigned i = 0; i < 9; i++)
        add_to_chain(offer, &middle);
    refuse(offer, &by, "no list of at most 8 certificates");
    offer = offer_of(&as, NULL);
    assert_int_equal(json_object_set_new(json_object_get(offer, "endorsement"),
                                         "certificate", json_string("")),
                     0);
    refuse(offer, &by, "the EK's certificate is no base64url");
}

/* Each bit of what the machine sends: of the EK, its certificate and its
 * chain. */
static void
refuses_an_altered_endorsement(void **state)
{
    struct mint as = issued_by(&middle, "Middle");
    const struct attestation_trust by = trust();
    json_t *good = offer_of(&as, &middle);

    (void)state;
    install(&root, "root");
    for (unsigned i = 0; i < 2 * PLACES; i++) {
        struct attestation_judgement judgement;
        struct attestation_fault fault;
        json_t *offer = json_deep_copy(good);

        if (i % 2 == 0)
            alter_bit(json_object_get(offer, "endorsement"));
        else
            alter_character(json_object_get(offer, "endorsement"));
        (void)judge(offer, &by, &judgement, &fault);
        assert_int_equal(judgement.trusted, ATTESTATION_UNKNOWN);
        json_decref(offer);
    }
    expect(good, &by, ATTESTATION_BY_CHAIN, "CN=Middle\nCN=Root\n");
}

static void
says_that_the_vaults_own_roots_are_broken(void **state)
{
    struct mint as = issued_by(&root, "Root");
    const struct attestation_trust by = trust();
    struct attestation_judgement judgement;
    struct attestation_fault fault;
    json_t *offer = offer_of(&as, NULL);

    (void)state;
    install(&root, "root");
    own_directory_write("roots/readme.txt", "no PEM, and nobody asks");
    assert_true(judge(offer, &by, &judgement, &fault));
    own_directory_write("roots/broken.pem", "-----BEGIN CERTIFICATE-----\n");
    assert_false(judge(offer, &by, &judgement, &fault));
    assert_int_equal(fault.kind, ATTESTATION_FAULT_VAULT);
    own_directory_write("roots/broken.pem", "");
    assert_false(judge(offer, &by, &judgement, &fault));
    assert_int_equal(fault.kind, ATTESTATION_FAULT_VAULT);
    json_decref(offer);
}

/* --- unknown --- */

/* GHSA-6hxq-p678-4hr2: the sender's own root, sent along. */
static void
trusts_no_root_that_is_sent(void **state)
{
    const struct attestation_trust by = trust();
    struct mint as = issued_by(&stranger, "Stranger");
    struct authority_of of = maker("Under", &stranger);
    struct authority under;
    json_t *offer;

    (void)state;
    install(&root, "root");
    expect(offer_of(&as, &stranger), &by, ATTESTATION_UNKNOWN, "");
    authority_make(&of, &under);
    as = issued_by(&under, "Under");
    offer = offer_of(&as, &under);
    add_to_chain(offer, &stranger);
    expect(offer, &by, ATTESTATION_UNKNOWN, "");
    authority_free(&under);
    /* With the name of the root that is trusted. */
    as = issued_by(&twin, "Root");
    expect(offer_of(&as, &twin), &by, ATTESTATION_UNKNOWN, "");
}

static void
knows_no_maker_without_roots(void **state)
{
    const struct attestation_trust by = trust();
    struct attestation_trust nowhere = {
        .roots = own_directory_path("not/there"), .now = NOW};
    struct mint as = issued_by(&root, "Root");

    (void)state;
    expect(offer_of(&as, NULL), &by, ATTESTATION_UNKNOWN, "");
    expect(offer_of(&as, &root), &nowhere, ATTESTATION_UNKNOWN, "");
    nowhere.roots = NULL;
    expect(offer_of(&as, &root), &nowhere, ATTESTATION_UNKNOWN, "");
    install(&root, "root");
    expect(plain_offer(), &by, ATTESTATION_UNKNOWN, "");
    /* The intermediate is missing. */
    as = issued_by(&middle, "Middle");
    expect(offer_of(&as, NULL), &by, ATTESTATION_UNKNOWN, "");
}

/* --- trusted --- */

static void
trusts_a_chain(void **state)
{
    struct mint as = issued_by(&root, "Root");
    const struct attestation_trust by = trust();

    (void)state;
    install(&root, "root");
    expect(offer_of(&as, NULL), &by, ATTESTATION_BY_CHAIN, "CN=Root\n");
    as.odd = MINT_LONG_LENGTHS | MINT_UNPADDED | MINT_OAEP;
    as.signature = MINT_PSS;
    expect(offer_of(&as, NULL), &by, ATTESTATION_BY_CHAIN, "CN=Root\n");
    as = issued_by(&middle, "Middle");
    expect(offer_of(&as, &middle), &by, ATTESTATION_BY_CHAIN,
           "CN=Middle\nCN=Root\n");
    /* What else is sent along does no harm. */
    as = issued_by(&root, "Root");
    expect(offer_of(&as, &twin), &by, ATTESTATION_BY_CHAIN, "CN=Root\n");
}

/* An intermediate that lies in the directory, with its root or without it: as
 * ST's root, which another maker has signed. */
static void
trusts_what_the_owner_installs(void **state)
{
    struct mint as = issued_by(&middle, "Middle");
    const struct attestation_trust by = trust();

    (void)state;
    install(&middle, "middle");
    expect(offer_of(&as, NULL), &by, ATTESTATION_BY_CHAIN, "CN=Middle\n");
    expect(offer_of(&as, &root), &by, ATTESTATION_BY_CHAIN, "CN=Middle\n");
    install(&root, "root");
    expect(offer_of(&as, NULL), &by, ATTESTATION_BY_CHAIN,
           "CN=Middle\nCN=Root\n");
}

/* By the key, whoever has issued a certificate: also where it has expired or
 * cannot be read.  The same serial number under another key is another one. */
static void
trusts_a_key_that_is_listed(void **state)
{
    struct mint as = issued_by(&stranger, "Stranger");
    struct attestation_trust by = trust();
    char hash[ATTESTATION_HEX];
    const char *const listed[] = {"00", hash, NULL};
    json_t *offer = plain_offer();
    struct attestation_fault fault;
    struct attestation_offer *read = attestation_offer_read(offer, &fault);

    (void)state;
    (void)strcpy(hash, attestation_offer_ek(read));
    attestation_offer_free(read);
    by.allowed = listed;
    expect(offer, &by, ATTESTATION_BY_LIST, "");
    as.to = "261231235959";
    expect(offer_of(&as, NULL), &by, ATTESTATION_BY_LIST, "");
    as.odd = MINT_STRANGE;
    expect(offer_of(&as, NULL), &by, ATTESTATION_BY_LIST, "");
    hash[0] ^= 1;
    as = issued_by(&stranger, "Stranger");
    expect(offer_of(&as, NULL), &by, ATTESTATION_UNKNOWN, "");
}

static void
says_who_made_the_tpm(void **state)
{
    struct mint as = issued_by(&root, "Root");

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct attestation_fault fault;
        struct attestation_offer *offer;
        json_t *json;

        as.model = i == 0 ? NULL : "swtpm";
        json = offer_of(&as, NULL);
        offer = attestation_offer_read(json, &fault);
        assert_non_null(offer);
        assert_string_equal(attestation_offer_maker(offer)->manufacturer,
                            "id:4E544300");
        assert_string_equal(attestation_offer_maker(offer)->model,
                            i == 0 ? "NPCT75x" : "swtpm");
        assert_int_equal(attestation_offer_is_emulation(offer), i == 1);
        attestation_offer_free(offer);
        json_decref(json);
    }
}

/* --- setup --- */

static int
make_roots(void **state)
{
    assert_int_equal(own_directory_make(state), 0);
    assert_int_equal(mkdir(own_directory_path("roots"), 0700), 0);
    return 0;
}

static int
set_up(void **state)
{
    struct authority_of of = maker("Root", NULL);

    (void)state;
    ek = EVP_RSA_gen(2048);
    other_ek = EVP_RSA_gen(2048);
    ak = EVP_EC_gen("P-256");
    assert_non_null(ek);
    assert_non_null(other_ek);
    assert_non_null(ak);
    authority_make(&of, &root);
    authority_make(&of, &twin);
    of = maker("Stranger", NULL);
    authority_make(&of, &stranger);
    of = maker("Middle", &root);
    authority_make(&of, &middle);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    authority_free(&root);
    authority_free(&twin);
    authority_free(&stranger);
    authority_free(&middle);
    EVP_PKEY_free(ek);
    EVP_PKEY_free(other_ek);
    EVP_PKEY_free(ak);
    return 0;
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, make_roots, own_directory_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(refuses_the_certificate_of_another_key),
        TEST(refuses_what_is_out_of_date),
        TEST(refuses_another_usage),
        TEST(refuses_what_its_issuer_has_not_signed),
        TEST(refuses_issuers_that_do_not_hold),
        TEST(refuses_what_cannot_be_read),
        TEST(refuses_an_altered_endorsement),
        TEST(says_that_the_vaults_own_roots_are_broken),
        TEST(trusts_no_root_that_is_sent),
        TEST(knows_no_maker_without_roots),
        TEST(trusts_a_chain),
        TEST(trusts_what_the_owner_installs),
        TEST(trusts_a_key_that_is_listed),
        TEST(says_who_made_the_tpm),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
