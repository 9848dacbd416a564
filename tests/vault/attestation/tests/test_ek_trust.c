/* SPDX-License-Identifier: Apache-2.0 */
/* Who vouches for an EK: nobody that the offer brings with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/own_directory.h"
#include "tests/vault/attestation/tests/chain_case.h"

/* --- unknown --- */

/* GHSA-6hxq-p678-4hr2: the sender's own root, sent along. */
static void
trusts_no_root_that_is_sent(void **state)
{
    const struct attestation_trust by = chain_trust();
    struct mint as = chain_issued_by(&chain_case.stranger, "Stranger");
    struct authority_of of = chain_maker("Under", &chain_case.stranger);
    struct authority under;
    json_t *offer;

    (void)state;
    chain_install(&chain_case.root, "root");
    chain_expect(chain_offer(&as, &chain_case.stranger), &by,
                 ATTESTATION_UNKNOWN, "");
    authority_make(&of, &under);
    as = chain_issued_by(&under, "Under");
    offer = chain_offer(&as, &under);
    chain_add(offer, &chain_case.stranger);
    chain_expect(offer, &by, ATTESTATION_UNKNOWN, "");
    authority_free(&under);
    /* With the name of the root that is trusted. */
    as = chain_issued_by(&chain_case.twin, "Root");
    chain_expect(chain_offer(&as, &chain_case.twin), &by, ATTESTATION_UNKNOWN,
                 "");
}

static void
knows_no_maker_without_roots(void **state)
{
    const struct attestation_trust by = chain_trust();
    struct attestation_trust nowhere = {
        .roots = own_directory_path("not/there"), .now = CHAIN_NOW};
    struct mint as = chain_issued_by(&chain_case.root, "Root");

    (void)state;
    chain_expect(chain_offer(&as, NULL), &by, ATTESTATION_UNKNOWN, "");
    chain_expect(chain_offer(&as, &chain_case.root), &nowhere,
                 ATTESTATION_UNKNOWN, "");
    nowhere.roots = NULL;
    chain_expect(chain_offer(&as, &chain_case.root), &nowhere,
                 ATTESTATION_UNKNOWN, "");
    chain_install(&chain_case.root, "root");
    chain_expect(chain_plain_offer(), &by, ATTESTATION_UNKNOWN, "");
    /* The intermediate is missing. */
    as = chain_issued_by(&chain_case.middle, "Middle");
    chain_expect(chain_offer(&as, NULL), &by, ATTESTATION_UNKNOWN, "");
}

/* --- trusted --- */

static void
trusts_a_chain(void **state)
{
    struct mint as = chain_issued_by(&chain_case.root, "Root");
    const struct attestation_trust by = chain_trust();

    (void)state;
    chain_install(&chain_case.root, "root");
    chain_expect(chain_offer(&as, NULL), &by, ATTESTATION_BY_CHAIN,
                 "CN=Root\n");
    as.odd = MINT_LONG_LENGTHS | MINT_UNPADDED | MINT_OAEP;
    as.signature = MINT_PSS;
    chain_expect(chain_offer(&as, NULL), &by, ATTESTATION_BY_CHAIN,
                 "CN=Root\n");
    as = chain_issued_by(&chain_case.middle, "Middle");
    chain_expect(chain_offer(&as, &chain_case.middle), &by,
                 ATTESTATION_BY_CHAIN, "CN=Middle\nCN=Root\n");
    /* What else is sent along does no harm. */
    as = chain_issued_by(&chain_case.root, "Root");
    chain_expect(chain_offer(&as, &chain_case.twin), &by, ATTESTATION_BY_CHAIN,
                 "CN=Root\n");
}

/* An intermediate that lies in the directory, with its root or without it: as
 * ST's root, which another maker has signed. */
static void
trusts_what_the_owner_installs(void **state)
{
    struct mint as = chain_issued_by(&chain_case.middle, "Middle");
    const struct attestation_trust by = chain_trust();

    (void)state;
    chain_install(&chain_case.middle, "middle");
    chain_expect(chain_offer(&as, NULL), &by, ATTESTATION_BY_CHAIN,
                 "CN=Middle\n");
    chain_expect(chain_offer(&as, &chain_case.root), &by, ATTESTATION_BY_CHAIN,
                 "CN=Middle\n");
    chain_install(&chain_case.root, "root");
    chain_expect(chain_offer(&as, NULL), &by, ATTESTATION_BY_CHAIN,
                 "CN=Middle\nCN=Root\n");
}

/* By the key, whoever has issued a certificate: also where it has expired or
 * cannot be read.  The same serial number under another key is another one. */
static void
trusts_a_key_that_is_listed(void **state)
{
    struct mint as = chain_issued_by(&chain_case.stranger, "Stranger");
    struct attestation_trust by = chain_trust();
    char hash[ATTESTATION_HEX];
    const char *const listed[] = {"00", hash, NULL};
    json_t *offer = chain_plain_offer();
    struct attestation_fault fault;
    struct attestation_offer *read = attestation_offer_read(offer, &fault);

    (void)state;
    (void)strcpy(hash, attestation_offer_ek(read));
    attestation_offer_free(read);
    by.allowed = listed;
    chain_expect(offer, &by, ATTESTATION_BY_LIST, "");
    as.to = "261231235959";
    chain_expect(chain_offer(&as, NULL), &by, ATTESTATION_BY_LIST, "");
    as.odd = MINT_STRANGE;
    chain_expect(chain_offer(&as, NULL), &by, ATTESTATION_BY_LIST, "");
    hash[0] ^= 1;
    as = chain_issued_by(&chain_case.stranger, "Stranger");
    chain_expect(chain_offer(&as, NULL), &by, ATTESTATION_UNKNOWN, "");
}

static void
says_who_made_the_tpm(void **state)
{
    struct mint as = chain_issued_by(&chain_case.root, "Root");

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct attestation_fault fault;
        struct attestation_offer *offer;
        json_t *json;

        as.model = i == 0 ? NULL : "swtpm";
        json = chain_offer(&as, NULL);
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CHAIN_TEST(trusts_no_root_that_is_sent),
        CHAIN_TEST(knows_no_maker_without_roots),
        CHAIN_TEST(trusts_a_chain),
        CHAIN_TEST(trusts_what_the_owner_installs),
        CHAIN_TEST(trusts_a_key_that_is_listed),
        CHAIN_TEST(says_who_made_the_tpm),
    };

    return cmocka_run_group_tests(tests, chain_set_up, chain_tear_down);
}
