/* SPDX-License-Identifier: Apache-2.0 */
/* EKs whose certificate is wrong in itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/own_directory.h"
#include "tests/vault/attestation/tests/alter.h"
#include "tests/vault/attestation/tests/chain_case.h"

#define PLACES 100

static void
refuses_the_certificate_of_another_key(void **state)
{
    struct mint as = chain_issued_by(&chain_case.root, "Root");
    struct attestation_trust by = chain_trust();
    char hash[ATTESTATION_HEX];
    const char *const listed[] = {hash, NULL};
    json_t *offer = chain_plain_offer();
    struct attestation_fault fault;
    struct attestation_offer *read = attestation_offer_read(offer, &fault);

    (void)state;
    chain_install(&chain_case.root, "root");
    (void)strcpy(hash, attestation_offer_ek(read));
    attestation_offer_free(read);
    json_decref(offer);
    as.key = chain_case.other_ek;
    chain_refuse(chain_offer(&as, NULL), &by, "is with the wrong key");
    as.odd = MINT_OAEP;
    chain_refuse(chain_offer(&as, NULL), &by, "is with the wrong key");
    by.allowed = listed;
    chain_refuse(chain_offer(&as, NULL), &by, "is with the wrong key");
}

static void
refuses_what_is_out_of_date(void **state)
{
    struct authority_of of = chain_maker("Old", NULL);
    struct mint as = chain_issued_by(&chain_case.root, "Root");
    const struct attestation_trust by = chain_trust();
    struct authority old;

    (void)state;
    chain_install(&chain_case.root, "root");
    as.to = "261231235959";
    chain_refuse(chain_offer(&as, NULL), &by,
                 "the EK's certificate has expired");
    as.issuer = "Nobody";
    chain_refuse(chain_offer(&as, NULL), &by,
                 "the EK's certificate has expired");
    as = chain_issued_by(&chain_case.root, "Root");
    as.from = "280101000000";
    chain_refuse(chain_offer(&as, NULL), &by,
                 "the EK's certificate is not valid yet");
    of.to = CHAIN_NOW - 1;
    authority_make(&of, &old);
    chain_install(&old, "old");
    as = chain_issued_by(&old, "Old");
    chain_refuse(chain_offer(&as, NULL), &by, "certificate has expired");
    authority_free(&old);
    of.name = "Old middle";
    of.issuer = &chain_case.root;
    authority_make(&of, &old);
    as = chain_issued_by(&old, "Old middle");
    chain_refuse(chain_offer(&as, &old), &by, "certificate has expired");
    authority_free(&old);
}

static void
refuses_another_usage(void **state)
{
    struct mint as = chain_issued_by(&chain_case.root, "Root");
    const struct attestation_trust by = chain_trust();

    (void)state;
    chain_install(&chain_case.root, "root");
    as.odd = MINT_OTHER_USAGE;
    chain_refuse(chain_offer(&as, NULL), &by, "without 2.23.133.8.1");
}

static void
refuses_what_its_issuer_has_not_signed(void **state)
{
    struct mint as = chain_issued_by(&chain_case.stranger, "Root");
    const struct attestation_trust by = chain_trust();
    struct authority_of of = chain_maker("Leaf", &chain_case.root);
    struct authority leaf;

    (void)state;
    chain_install(&chain_case.root, "root");
    chain_refuse(chain_offer(&as, NULL), &by, "is not signed by the issuer");
    /* By a certificate of the maker's that is no authority's. */
    of.constraints = "CA:FALSE";
    authority_make(&of, &leaf);
    as = chain_issued_by(&leaf, "Leaf");
    chain_refuse(chain_offer(&as, &leaf), &by, "is not signed by the issuer");
    authority_free(&leaf);
}

static void
refuses_issuers_that_do_not_hold(void **state)
{
    struct authority_of of = chain_maker("Short root", NULL);
    const struct attestation_trust by = chain_trust();
    struct authority top;
    struct authority below;
    struct mint as;

    (void)state;
    of.constraints = "CA:TRUE,pathlen:0";
    authority_make(&of, &top);
    chain_install(&top, "short");
    of = chain_maker("Below", &top);
    authority_make(&of, &below);
    as = chain_issued_by(&below, "Below");
    chain_refuse(chain_offer(&as, &below), &by, "path length");
    authority_free(&below);
    of = chain_maker("SHA-1", &chain_case.root);
    of.digest = "SHA1";
    authority_make(&of, &below);
    chain_install(&chain_case.root, "root");
    as = chain_issued_by(&below, "SHA-1");
    chain_refuse(chain_offer(&as, &below), &by,
                 "CA signature digest algorithm");
    authority_free(&below);
    authority_free(&top);
}

static void
refuses_what_cannot_be_read(void **state)
{
    struct mint as = chain_issued_by(&chain_case.root, "Root");
    const struct attestation_trust by = chain_trust();
    json_t *offer;

    (void)state;
    chain_install(&chain_case.root, "root");
    as.signature = MINT_SHA1;
    chain_refuse(chain_offer(&as, NULL), &by,
                 "the EK's certificate is signed with SHA");
    as.signature = MINT_SHA256;
    offer = chain_offer(&as, NULL);
    assert_int_equal(json_object_set_new(json_object_get(offer, "endorsement"),
                                         "chain", json_pack("[s]", "AAAA")),
                     0);
    chain_refuse(offer, &by, "certificate 1 of the EK's chain cannot be read");
    offer = chain_offer(&as, NULL);
    assert_int_equal(json_object_set_new(json_object_get(offer, "endorsement"),
                                         "chain",
                                         json_pack("[s,i]", "AAAA", 1)),
                     0);
    chain_refuse(offer, &by, "certificate 2 of the EK's chain is no base64url");
    offer = chain_offer(&as, NULL);
    for (unsigned i = 0; i < 9; i++)
        chain_add(offer, &chain_case.middle);
    chain_refuse(offer, &by, "no list of at most 8 certificates");
    offer = chain_offer(&as, NULL);
    assert_int_equal(json_object_set_new(json_object_get(offer, "endorsement"),
                                         "certificate", json_string("")),
                     0);
    chain_refuse(offer, &by, "the EK's certificate is no base64url");
}

/* Each bit of what the machine sends: of the EK, its certificate and its
 * chain. */
static void
refuses_an_altered_endorsement(void **state)
{
    struct mint as = chain_issued_by(&chain_case.middle, "Middle");
    const struct attestation_trust by = chain_trust();
    json_t *good = chain_offer(&as, &chain_case.middle);

    (void)state;
    chain_install(&chain_case.root, "root");
    for (unsigned i = 0; i < 2 * PLACES; i++) {
        struct attestation_judgement judgement;
        struct attestation_fault fault;
        json_t *offer = json_deep_copy(good);

        if (i % 2 == 0)
            alter_bit(json_object_get(offer, "endorsement"));
        else
            alter_character(json_object_get(offer, "endorsement"));
        (void)chain_judge(offer, &by, &judgement, &fault);
        assert_int_equal(judgement.trusted, ATTESTATION_UNKNOWN);
        json_decref(offer);
    }
    chain_expect(good, &by, ATTESTATION_BY_CHAIN, "CN=Middle\nCN=Root\n");
}

static void
says_that_the_vaults_own_roots_are_broken(void **state)
{
    struct mint as = chain_issued_by(&chain_case.root, "Root");
    const struct attestation_trust by = chain_trust();
    struct attestation_judgement judgement;
    struct attestation_fault fault;
    json_t *offer = chain_offer(&as, NULL);

    (void)state;
    chain_install(&chain_case.root, "root");
    own_directory_write("roots/readme.txt", "no PEM, and nobody asks");
    assert_true(chain_judge(offer, &by, &judgement, &fault));
    own_directory_write("roots/broken.pem", "-----BEGIN CERTIFICATE-----\n");
    assert_false(chain_judge(offer, &by, &judgement, &fault));
    assert_int_equal(fault.kind, ATTESTATION_FAULT_VAULT);
    own_directory_write("roots/broken.pem", "");
    assert_false(chain_judge(offer, &by, &judgement, &fault));
    assert_int_equal(fault.kind, ATTESTATION_FAULT_VAULT);
    json_decref(offer);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CHAIN_TEST(refuses_the_certificate_of_another_key),
        CHAIN_TEST(refuses_what_is_out_of_date),
        CHAIN_TEST(refuses_another_usage),
        CHAIN_TEST(refuses_what_its_issuer_has_not_signed),
        CHAIN_TEST(refuses_issuers_that_do_not_hold),
        CHAIN_TEST(refuses_what_cannot_be_read),
        CHAIN_TEST(refuses_an_altered_endorsement),
        CHAIN_TEST(says_that_the_vaults_own_roots_are_broken),
    };

    return cmocka_run_group_tests(tests, chain_set_up, chain_tear_down);
}
