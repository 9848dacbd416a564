/* SPDX-License-Identifier: Apache-2.0 */
/*
 * That the token made the signatures: what pkcs11-spy or a tap on the TPM's bus
 * saw of a whole registration, beside the vault's record of what it was shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "tests/programs/signatures.h"
#include "tests/support/rig_case.h"
#include "tests/support/tpm2/tap.h"

#define SIGNATURES_MAX 64
#define CC_SIGN 0x15d /* TPM 2.0 Library, Part 2, 6.5.2 */

/* What the token returned, as SHA-256 in hex digits. */
static char signatures[SIGNATURES_MAX][65];
static size_t count;

static void
add_signature(const uint8_t *bytes, size_t length)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned hash_length = 0;

    assert_true(count < SIGNATURES_MAX);
    assert_int_equal(
        EVP_Digest(bytes, length, hash, &hash_length, EVP_sha256(), NULL), 1);
    for (size_t i = 0; i < hash_length; i++)
        snprintf(signatures[count] + 2 * i, 3, "%02x", hash[i]);
    count++;
}

static bool
was_made_on_token(const char *hash)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(signatures[i], hash) == 0)
            return true;
    return false;
}

/* TLS connections with a client certificate: each is one handshake's
 * signature. */
static size_t
count_connections(void)
{
    json_t *records = rig_records(&rig);
    json_t *record;
    json_int_t seen[16];
    size_t i, connections = 0;

    json_array_foreach(records, i, record)
    {
        json_int_t number = json_integer_value(
            json_object_get(record, "connection"));
        const char *certificate = json_string_value(
            json_object_get(record, "certificate"));
        bool known = certificate == NULL || *certificate == '\0';

        for (size_t j = 0; j < connections; j++)
            known = known || seen[j] == number;
        if (known)
            continue;
        assert_true(connections < 16);
        seen[connections++] = number;
    }
    json_decref(records);
    return connections;
}

/* The vault's SHA-256 of a signature it was shown, of all records. */
static size_t
match_records(const char *name)
{
    json_t *records = rig_records(&rig);
    json_t *record;
    size_t i, matched = 0;

    json_array_foreach(records, i, record)
    {
        const char *hash = json_string_value(json_object_get(record, name));

        if (hash == NULL || *hash == '\0')
            continue;
        assert_true(was_made_on_token(hash));
        matched++;
    }
    json_decref(records);
    return matched;
}

static int
start(void **state)
{
    (void)rig_case_start(state);
    if (rig.kind == RIG_TPM2)
        rig_tap(&rig);
    else
        rig_use_module(&rig, SPY_MODULE);
    return 0;
}

static void
read_signatures(void)
{
    count = 0;
    if (rig.kind != RIG_TPM2) {
        signatures_from_spy(&rig, add_signature);
        return;
    }
    signatures_from_bus(&rig, add_signature);
    assert_int_equal(count, tap_count(rig.tap, CC_SIGN));
}

/*
 * A registration signs: in the run that imports nothing that leaves the token's
 * own check of the key; a proof of the credential key in a fresh process; two
 * TLS handshakes, the credential's and the machine's; one assertion; one
 * enrolment proof; one certificate request; a proof of the machine key; a
 * receipt.  Store checks: one at the import, one at the birth of a key, and
 * with PKCS#11 one where a fresh process finds an EC key, whose public half no
 * token tells with the private one: the machine's always, and the credential's.
 */
static void
expect_all_made_on_the_token(const char *key)
{
    const size_t own = 2 /* store's checks */ + 2 /* proofs */ + 1 /* request */
                       + 1 /* receipt */;
    size_t found = 0;
    size_t assertions, proofs, handshakes;

    rig_download_key(&rig, key, file);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    read_signatures();
    if (rig.kind == RIG_PKCS11) {
        signatures_expect_soon(&rig);
        found = strcmp(key, "rsa2048") == 0 ? 1 : 2;
    }
    assertions = match_records("assertion_signature");
    proofs = match_records("proof_signature");
    handshakes = count_connections();
    assert_int_equal(assertions, 1);
    assert_int_equal(proofs, 1);
    assert_int_equal(handshakes, 2);
    assert_int_equal(count, own + found + assertions + proofs + handshakes);
    assert_false(was_made_on_token(
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

static void
signatures_with_rsa_are_made_on_the_token(void **state)
{
    (void)state;
    expect_all_made_on_the_token("rsa2048");
}

static void
signatures_with_p256_are_made_on_the_token(void **state)
{
    (void)state;
    expect_all_made_on_the_token("p256");
}

static void
signatures_with_p384_are_made_on_the_token(void **state)
{
    (void)state;
    expect_all_made_on_the_token("p384");
}

/* Assertion and enrolment proof, and before them the trial whether the token
 * has the scheme at all; TLS 1.3 has no such signatures. */
static void
rs256_is_for_statements_on_request(void **state)
{
    (void)state;
    rig_download(&rig, "one", file);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_int_equal(signatures_count_mechanism(&rig, "CKM_RSA_PKCS"), 0);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    rig_download(&rig, "one", file);
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--rs256",
                 file, NULL);
    rig_expect(&run, 0, "");
    assert_int_equal(signatures_count_mechanism(&rig, "CKM_RSA_PKCS"), 3);
}

#define TEST(name) RIG_CASE(name, start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(signatures_with_rsa_are_made_on_the_token),
        TEST(signatures_with_p256_are_made_on_the_token),
        TEST(signatures_with_p384_are_made_on_the_token),
    };

    /* Only the spy's log tells mechanisms. */
    const struct CMUnitTest by_mechanism[] = {
        TEST(rs256_is_for_statements_on_request),
    };
    int failed;

    rig_case_begin(argc, argv);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (strcmp(kind, "pkcs11") == 0)
        failed += cmocka_run_group_tests(by_mechanism, NULL, NULL);
    return failed;
}
