/* SPDX-License-Identifier: Apache-2.0 */
/* usage: fuzz_seeds DIRECTORY
 * Makes the corpus anew, in a directory that has area/, ek_certificate/ and
 * evidence/: certificates of each oddity, and what a real TPM offers and
 * answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "tests/support/own_directory.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/vault/attestation/tests/mint.h"
#include "tests/vault/attestation/tests/round.h"
#include "tests/vault/service/encoding.h"

static const char *corpus;

static void
save(const char *name, const void *bytes, size_t length)
{
    char path[4096];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/%s", corpus, name);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void
makes_certificates(void **state)
{
    static const struct {
        const char *name;
        unsigned odd;
        enum mint_signature signature;
        bool rsa;
    } seeds[] = {
        {"ek_certificate/plain", 0, MINT_SHA256, true},
        {"ek_certificate/pss", MINT_ONE_SET, MINT_PSS, true},
        {"ek_certificate/oaep", MINT_OAEP | MINT_LONG_LENGTHS, MINT_SHA256,
         true},
        {"ek_certificate/ecdsa", MINT_UNPADDED | MINT_SHORT_TIME, MINT_SHA384,
         false},
        {"ek_certificate/zeros", MINT_ZEROS | MINT_OFFSET_TIME | MINT_FALSE,
         MINT_SHA256, false},
        {"ek_certificate/strange", MINT_STRANGE, MINT_SHA256, false},
        {"ek_certificate/version1", MINT_NO_EXTENSIONS, MINT_SHA1, true},
    };
    EVP_PKEY *rsa = EVP_RSA_gen(2048);
    EVP_PKEY *ec = EVP_EC_gen("P-256");

    (void)state;
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        const struct mint as = {.key = seeds[i].rsa ? rsa : ec,
                                .issuer = "Maker",
                                .issuer_key = seeds[i].rsa ? rsa : ec,
                                .signature = seeds[i].signature,
                                .odd = seeds[i].odd};
        uint8_t bytes[MINT_MAX];

        save(seeds[i].name, bytes, mint(&as, bytes));
    }
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
}

/* An EK's area or a machine's, out of base64url. */
static void
save_area(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, "public"));
    size_t length = 0;
    uint8_t *bytes = encoding_from_base64url(text, strlen(text), &length);

    assert_non_null(bytes);
    save(name, bytes, length);
    free(bytes);
}

static void
makes_evidence(void **state)
{
    static const struct round_of rounds[] = {
        {.ek = TPM_RSA_2048, .rsa = true},
        {.ek = TPM_P256, .pcrs = 0x81, .has_credential = true},
        {.ek = TPM_P384, .pcrs = 1}};
    struct swtpm *swtpm;
    struct tpm *tpm;

    assert_int_equal(own_directory_make(state), 0);
    swtpm = swtpm_new(directory);
    assert_non_null(swtpm);
    tpm = tpm_new(swtpm_socket(swtpm));
    for (unsigned i = 0; i < 3; i++) {
        struct round round;
        char name[32];
        json_t *json;
        char *text;

        round_make(tpm, &rounds[i], &round);
        json = json_pack("{s:O,s:O,s:{s:s}}", "offer", round.offer_json,
                         "evidence", round.evidence, "expected", "nonce",
                         round.nonce);
        tpm_set(json_object_get(json, "expected"), "secret",
                round.expected.secret, ATTESTATION_SECRET);
        text = json_dumps(json, JSON_COMPACT);
        (void)snprintf(name, sizeof name, "evidence/round%u", i);
        save(name, text, strlen(text));
        (void)snprintf(name, sizeof name, "area/ek%u", i);
        save_area(json_object_get(round.offer_json, "endorsement"), name);
        (void)snprintf(name, sizeof name, "area/machine%u", i);
        save_area(json_object_get(round.evidence, "machine"), name);
        free(text);
        json_decref(json);
        round_free(&round);
    }
    tpm_free(tpm);
    swtpm_free(&swtpm);
    assert_int_equal(own_directory_remove(state), 0);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_certificates),
        cmocka_unit_test(makes_evidence),
    };

    if (argc != 2) {
        (void)fputs("usage: fuzz_seeds DIRECTORY\n", stderr);
        return 64;
    }
    corpus = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
