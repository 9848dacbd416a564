/* SPDX-License-Identifier: Apache-2.0 */
/*
 * That the token made the signatures: pkcs11-spy's log of a whole registration
 * beside the vault's record of what it was shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "tests/integration/rig.h"

#define SIGNATURES_MAX 64

static struct rig rig;
static struct rig_run run;
static char file[RIG_PATH];

static int
start(void **state)
{
    (void)state;
    rig_start(&rig, "pkcs11");
    snprintf(rig.token, sizeof rig.token, "pkcs11:token=rig?module-path=%s",
             SPY_MODULE);
    rig_download(&rig, "one", file);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    rig_stop(&rig);
    return 0;
}

/* What C_Sign returned, as SHA-256 in hex digits. */
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

/* A dump's lines after AT: offset, sixteen bytes in hex, characters. */
static size_t
read_dump(const char *at, uint8_t *bytes, size_t most)
{
    size_t length = 0;

    while ((at = strchr(at, '\n')) != NULL && strncmp(++at, "    ", 4) == 0) {
        const char *hex = at + 4 + strcspn(at + 4, " ");

        for (int i = 0; i < 16; i++) {
            unsigned byte;

            hex += strspn(hex, " ");
            if (!isxdigit((unsigned char)hex[0]) ||
                !isxdigit((unsigned char)hex[1]) || length == most ||
                sscanf(hex, "%2x", &byte) != 1)
                break;
            bytes[length++] = (uint8_t)byte;
            hex += 2;
            if (hex[0] == ' ' && hex[1] == ' ')
                break;
        }
    }
    return length;
}

/* Every C_Sign that gave a signature and not only its length. */
static void
read_log(void)
{
    static const char output[] = "[out] pSignature[*pulSignatureLen]";
    char path[RIG_PATH + 16];
    char *log;

    count = 0;
    snprintf(path, sizeof path, "%s/spy.log", rig.directory);
    log = rig_read(path, NULL);
    for (char *call = log; (call = strstr(call, ": C_Sign\n")) != NULL;
         call++) {
        char *end = strstr(call, "Returned:");
        char *at = strstr(call, output);
        uint8_t bytes[1024];
        size_t length;

        assert_non_null(end);
        if (at == NULL || at > end || strncmp(end, "Returned:  0 ", 13) != 0)
            continue;
        length = read_dump(at, bytes, sizeof bytes);
        if (length > 0)
            add_signature(bytes, length);
    }
    free(log);
}

static bool
was_made_on_token(const char *hash)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(signatures[i], hash) == 0)
            return true;
    return false;
}

/* How often the token was told to sign with MECHANISM, as the spy writes it. */
static size_t
count_mechanism(const char *mechanism)
{
    char path[RIG_PATH + 16], line[64];
    char *log;
    size_t found = 0;

    snprintf(path, sizeof path, "%s/spy.log", rig.directory);
    snprintf(line, sizeof line, "pMechanism->type = %s", mechanism);
    log = rig_read(path, NULL);
    for (char *call = log; (call = strstr(call, ": C_SignInit\n")) != NULL;
         call++) {
        char *end = strstr(call, "Returned:");
        char *at = strstr(call, line);

        assert_non_null(end);
        if (at != NULL && at < end && isspace((unsigned char)at[strlen(line)]))
            found++;
    }
    free(log);
    return found;
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

/*
 * A registration signs: in the run that imports nothing that leaves the token's
 * own check of the key; a proof of the credential key in a fresh process; two
 * TLS handshakes, the credential's and the machine's; one assertion; one
 * enrolment proof; one certificate request; a proof of the machine key; a
 * receipt.  Store checks: one at the import, one at the birth of a key.
 */
static void
signatures_were_made_on_the_token(void **state)
{
    const size_t own = 2 /* store's checks */ + 2 /* proofs */ + 1 /* request */
                       + 1 /* receipt */;
    size_t assertions, proofs, handshakes;

    (void)state;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    read_log();
    assertions = match_records("assertion_signature");
    proofs = match_records("proof_signature");
    handshakes = count_connections();
    assert_int_equal(assertions, 1);
    assert_int_equal(proofs, 1);
    assert_int_equal(handshakes, 2);
    assert_int_equal(count, own + assertions + proofs + handshakes);
    assert_int_equal(count_mechanism("CKM_RSA_PKCS"), 0);
    assert_false(was_made_on_token(
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

/* Assertion and enrolment proof; TLS 1.3 has no such signatures. */
static void
rs256_is_for_statements_on_request(void **state)
{

    (void)state;
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--rs256",
                 file, NULL);
    rig_expect(&run, 0, "");
    assert_int_equal(count_mechanism("CKM_RSA_PKCS"), 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(signatures_were_made_on_the_token,
                                        start, stop),
        cmocka_unit_test_setup_teardown(rs256_is_for_statements_on_request,
                                        start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
