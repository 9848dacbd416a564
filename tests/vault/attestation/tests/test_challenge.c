/* SPDX-License-Identifier: Apache-2.0 */
/* Challenges: other people's program answers ours, our TPM answers theirs, and
 * no bit of one can be changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "tests/support/own_directory.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/support/tpm2/tpm2_tool.h"
#include "tests/vault/attestation/area.h"
#include "tests/vault/attestation/offer.h"
#include "tests/vault/attestation/tests/alter.h"
#include "tests/vault/attestation/tests/tpm.h"
#include "tests/vault/attestation/verifier.h"
#include "tests/vault/service/encoding.h"

#define PLACES 100
#define FILE_MAX 600

static struct swtpm *swtpm;
static struct tpm *tpm;

/* A file of BYTES in the test's directory, and back. */
static void
write_file(const char *name, const void *bytes, size_t length)
{
    FILE *file = fopen(own_directory_path(name), "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static size_t
read_file(const char *name, uint8_t ret[static FILE_MAX])
{
    FILE *file = fopen(own_directory_path(name), "rb");
    size_t length;

    assert_non_null(file);
    length = fread(ret, 1, FILE_MAX, file);
    assert_int_equal(fclose(file), 0);
    return length;
}

/* An offer with its secret and challenge. */
struct exchange {
    json_t *json;
    struct attestation_offer *offer;
    uint8_t secret[ATTESTATION_SECRET];
    char *challenge;
};

static void
begin(struct exchange *exchange, enum tpm_ek ek)
{
    struct attestation_fault fault;

    exchange->json = tpm_offer(tpm, ek, TPM_BORN, 0);
    exchange->offer = attestation_offer_read(exchange->json, &fault);
    assert_non_null(exchange->offer);
    assert_int_equal(RAND_bytes(exchange->secret, ATTESTATION_SECRET), 1);
    exchange->challenge = attestation_challenge(exchange->offer,
                                                exchange->secret);
    assert_non_null(exchange->challenge);
}

static void
end(struct exchange *exchange)
{
    attestation_offer_free(exchange->offer);
    json_decref(exchange->json);
    free(exchange->challenge);
}

static bool
activates(const struct exchange *exchange, const char *challenge)
{
    uint8_t secret[64];
    size_t length = 0;

    return tpm_activate(tpm, challenge, secret, &length) &&
           length == ATTESTATION_SECRET &&
           memcmp(secret, exchange->secret, length) == 0;
}

#define HEAD 12   /* magic number, version, lengths of ID_OBJECT and HMAC */
#define SEALED 66 /* HMAC, encrypted TPM2B_DIGEST */
#define SECRET_AT (HEAD + SEALED + 2)

/* Each bit behind the head: what is in the head, the reader of such a file
 * refuses before a TPM sees it. */
static void
refuse_altered(const struct exchange *exchange, const uint8_t *file,
               size_t length)
{
    for (unsigned i = 0; i < PLACES; i++) {
        uint8_t altered[FILE_MAX];
        char *challenge;

        memcpy(altered, file, length);
        if (i % 2 == 0)
            alter_bytes(altered + HEAD, SEALED);
        else
            alter_bytes(altered + SECRET_AT, length - SECRET_AT);
        challenge = encoding_base64url(altered, length);
        assert_false(activates(exchange, challenge));
        free(challenge);
    }
}

static void
is_refused_with_a_bit_changed(void **state)
{
    (void)state;
    for (enum tpm_ek ek = TPM_RSA_2048; ek <= TPM_P256; ek++) {
        struct exchange exchange;
        size_t length = 0;
        uint8_t *file;

        begin(&exchange, ek);
        file = encoding_from_base64url(exchange.challenge,
                                       strlen(exchange.challenge), &length);
        assert_non_null(file);
        refuse_altered(&exchange, file, length);
        assert_true(activates(&exchange, exchange.challenge));
        free(file);
        end(&exchange);
    }
}

/* For another AK of the same TPM, and for another EK. */
static void
is_refused_by_another_ak_and_ek(void **state)
{
    struct exchange first;
    struct exchange second;

    (void)state;
    begin(&first, TPM_P256);
    begin(&second, TPM_P256);
    assert_false(activates(&first, first.challenge));
    assert_true(activates(&second, second.challenge));
    end(&first);
    end(&second);
}

static void
expect_tool(const struct rig_run *run)
{
    if (run->status != 0)
        fail_msg("%s", run->err);
}

static void
tpm2_activatecredential_answers_it(void **state)
{
    struct rig_run *run = malloc(sizeof *run);
    const char *socket = swtpm_socket(swtpm);

    (void)state;
    assert_non_null(run);
    for (enum tpm_ek ek = TPM_RSA_2048; ek <= TPM_P384; ek++) {
        uint8_t answer[FILE_MAX];
        char session[FRESH_DIRECTORY + 80] = "";
        struct exchange exchange;
        size_t length = 0;
        uint8_t *file;

        begin(&exchange, ek);
        file = encoding_from_base64url(exchange.challenge,
                                       strlen(exchange.challenge), &length);
        write_file("blob", file, length);
        free(file);
        if (ek != TPM_P384) {
            tpm2_tool(run, socket, "startauthsession", "--policy-session", "-S",
                      own_directory_path("session"), NULL);
            expect_tool(run);
            tpm2_tool(run, socket, "policysecret", "-S",
                      own_directory_path("session"), "-c", "e", NULL);
            expect_tool(run);
            (void)snprintf(session, sizeof session, "session:%s",
                           own_directory_path("session"));
        }
        tpm2_tool(run, socket, "activatecredential", "-c", TPM_AK_HANDLE, "-C",
                  TPM_EK_HANDLE, "-i", own_directory_path("blob"), "-o",
                  own_directory_path("secret"), "-P", session, NULL);
        expect_tool(run);
        if (ek != TPM_P384)
            tpm2_tool(run, socket, "flushcontext",
                      own_directory_path("session"), NULL);
        assert_int_equal(read_file("secret", answer), ATTESTATION_SECRET);
        assert_memory_equal(answer, exchange.secret, ATTESTATION_SECRET);
        end(&exchange);
    }
    free(run);
}

static void
save_key(EVP_PKEY *key)
{
    FILE *pem = fopen(own_directory_path("ek.pem"), "w");

    assert_non_null(pem);
    assert_int_equal(PEM_write_PUBKEY(pem, key), 1);
    assert_int_equal(fclose(pem), 0);
}

/* Theirs for the same keys: of the same form, and the TPM answers it. */
static void
tpm2_makecredential_makes_the_same_form(void **state)
{
    struct rig_run *run = malloc(sizeof *run);

    (void)state;
    assert_non_null(run);
    for (enum tpm_ek ek = TPM_RSA_2048; ek <= TPM_P256; ek++) {
        uint8_t theirs[FILE_MAX];
        char name[2 * AREA_NAME_MAX + 1];
        struct exchange exchange;
        size_t length = 0;
        size_t their_length;
        uint8_t *ours;
        char *text;

        begin(&exchange, ek);
        write_file("secret", exchange.secret, ATTESTATION_SECRET);
        encoding_hex(exchange.offer->ak.name, exchange.offer->ak.name_length,
                     name);
        save_key(exchange.offer->ek.key);
        tpm2_tool(run, swtpm_socket(swtpm), "makecredential", "-T", "none",
                  "-G", ek == TPM_RSA_2048 ? "rsa" : "ecc", "-u",
                  own_directory_path("ek.pem"), "-n", name, "-s",
                  own_directory_path("secret"), "-o",
                  own_directory_path("blob"), NULL);
        expect_tool(run);
        their_length = read_file("blob", theirs);
        ours = encoding_from_base64url(exchange.challenge,
                                       strlen(exchange.challenge), &length);
        assert_int_equal(their_length, length);
        /* Magic number, version, and lengths of the parts. */
        assert_memory_equal(theirs, ours, HEAD);
        assert_memory_equal(theirs + HEAD + SEALED, ours + HEAD + SEALED, 2);
        text = encoding_base64url(theirs, their_length);
        assert_true(activates(&exchange, text));
        free(text);
        free(ours);
        end(&exchange);
    }
    free(run);
}

static int
set_up(void **state)
{
    assert_int_equal(own_directory_make(state), 0);
    swtpm = swtpm_new(directory);
    assert_non_null(swtpm);
    tpm = tpm_new(swtpm_socket(swtpm));
    return 0;
}

static int
tear_down(void **state)
{
    tpm_free(tpm);
    swtpm_free(&swtpm);
    return own_directory_remove(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_refused_with_a_bit_changed),
        cmocka_unit_test(is_refused_by_another_ak_and_ek),
        cmocka_unit_test(tpm2_activatecredential_answers_it),
        cmocka_unit_test(tpm2_makecredential_makes_the_same_form),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
