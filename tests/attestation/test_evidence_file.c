/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of a TPM that has its maker's certificates, taken by the vault's
 * verifier and written into a file, which strangers' tools then read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "tests/attestation/attester.h"
#include "tests/support/own_directory.h"
#include "tests/support/rig_process.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/support/tpm2/swtpm_maker.h"
#include "tests/vault/attestation/ak_certificate.h"
#include "tests/vault/attestation/envelope.h"
#include "tests/vault/service/encoding.h"
#include "tests/vault/service/pki.h"

#define VAULT "4711"
#define DAY (24 * 60 * 60)

static struct swtpm *tpm;
static struct rig_run run;

/* A nonce, and what the evidence is to fit. */
static void
expect(struct attestation_expected *expected, char nonce[static 44])
{
    uint8_t bytes[32];
    char *text;

    assert_int_equal(RAND_bytes(bytes, sizeof bytes), 1);
    text = encoding_base64url(bytes, sizeof bytes);
    assert_non_null(text);
    memcpy(nonce, text, 44);
    free(text);
    *expected = (struct attestation_expected){.nonce = nonce, .vault = VAULT};
    assert_int_equal(RAND_bytes(expected->certificate_sha256, 32), 1);
    assert_int_equal(RAND_bytes(expected->secret, sizeof expected->secret), 1);
}

/* Put the files NAMES of the directory FROM together as NAME. */
static void
join(const char *name, const char *from, const char *const *names)
{
    char path[512];
    char text[8192] = "";
    size_t length = 0;
    FILE *file;

    for (; *names != NULL; names++) {
        (void)snprintf(path, sizeof path, "%s/%s", from, *names);
        file = fopen(path, "re");
        assert_non_null(file);
        length += fread(text + length, 1, sizeof text - 1 - length, file);
        assert_int_equal(fclose(file), 0);
        assert_true(length < sizeof text - 1);
        text[length] = '\0';
    }
    own_directory_write(name, text);
}

/* --- the vault --- */

struct vault {
    EVP_PKEY *key;
    X509 *certificate;
};

/* Its certificate becomes the file NAME. */
static void
vault_found(struct vault *vault, const char *name)
{
    int64_t now = (int64_t)time(NULL);
    struct pki_plan plan = {.common_name = "Vault attestation CA",
                            .authority = true,
                            .from = now - DAY,
                            .to = now + 3650 * (int64_t)DAY};

    vault->key = pki_key("P-256");
    vault->certificate = pki_certificate(&plan, vault->key, NULL, vault->key);
    assert_non_null(vault->certificate);
    assert_true(
        pki_save_certificate(own_directory_path(name), vault->certificate));
}

static void
vault_forget(struct vault *vault)
{
    X509_free(vault->certificate);
    EVP_PKEY_free(vault->key);
}

static X509 *
certify_ak(const struct vault *vault, const struct attestation_offer *offer)
{
    const struct attestation_maker *maker = attestation_offer_maker(offer);
    struct ak_certificate_plan plan = {.key = attestation_offer_ak(offer),
                                       .manufacturer = maker->manufacturer,
                                       .model = maker->model,
                                       .version = maker->version,
                                       .now = (int64_t)time(NULL)};
    X509 *certificate = ak_certificate_make(&plan, vault->certificate,
                                            vault->key);

    assert_non_null(certificate);
    return certificate;
}

/* --- one registration --- */

static enum attestation_trusted
judge(const struct attestation_offer *offer, const char *roots)
{
    struct attestation_judgement judgement;
    struct attestation_fault fault = {0};
    struct attestation_trust trust = {.roots = own_directory_path(roots),
                                      .now = (int64_t)time(NULL)};

    if (!attestation_judge(offer, &trust, &judgement, &fault))
        fail_msg("%s", fault.sentence);
    return judgement.trusted;
}

static json_t *
answer(struct attester *attester, const struct attestation_offer *offer,
       const struct attestation_expected *expected)
{
    struct attestation_fault fault = {0};
    struct attestation_result result;
    struct attestation_binding binding;
    char *challenge = attestation_challenge(offer, expected->secret);
    json_t *evidence;

    assert_non_null(challenge);
    assert_true(attestation_bind(expected, attester_key(attester), &binding));
    evidence = attester_evidence(attester, expected->nonce, challenge,
                                 binding.qualifying);
    if (!attestation_check(offer, evidence, expected, &result, &fault))
        fail_msg("%s", fault.sentence);
    free(challenge);
    return evidence;
}

/* The text without the activation secret of EVIDENCE. */
static void
write_file(const char *name, const struct envelope_plan *plan)
{
    char *text = envelope_make(plan);
    const char *secret = json_string_value(
        json_object_get(plan->evidence, "secret"));

    assert_non_null(text);
    assert_int_equal(strlen(secret), 43);
    assert_null(strstr(text, secret));
    own_directory_write(name, text);
    free(text);
}

/* A machine with a key of KIND attests, and its evidence file is NAME.  VAULT
 * gives the AK a certificate; NULL: one that does not trust the TPM. */
static void
make_file(const char *name, const char *kind, const struct vault *vault)
{
    struct attester *attester = attester_new(swtpm_socket(tpm), kind);
    struct attestation_fault fault = {0};
    struct attestation_expected expected;
    char nonce[44];
    json_t *offered = attester_offer(attester);
    struct attestation_offer *offer = attestation_offer_read(offered, &fault);
    json_t *evidence;
    struct envelope_plan plan = {.machine = "c0ffee00",
                                 .time = (int64_t)time(NULL),
                                 .origin = "born",
                                 .proof = vault ? "EK-verified" : "certified",
                                 .emulated = true,
                                 .offer = offered,
                                 .expected = &expected,
                                 .machine_key = attester_key(attester)};

    if (offer == NULL)
        fail_msg("%s", fault.sentence);
    expect(&expected, nonce);
    plan.trusted = judge(offer, vault != NULL ? "roots" : "no-roots");
    assert_int_equal(plan.trusted, vault != NULL ? ATTESTATION_BY_CHAIN
                                                 : ATTESTATION_UNKNOWN);
    evidence = answer(attester, offer, &expected);
    plan.evidence = evidence;
    if (vault != NULL) {
        plan.ak_certificate = certify_ak(vault, offer);
        plan.authority = vault->certificate;
    }
    write_file(name, &plan);
    X509_free(plan.ak_certificate);
    json_decref(evidence);
    json_decref(offered);
    attestation_offer_free(offer);
    attester_free(&attester);
}

/* --- strangers --- */

/* Have verify-evidence.sh check the file NAME. */
static void
verify(const char *name, const char *root, const char *authority)
{
    const char *words[] = {VERIFY_EVIDENCE,
                           own_directory_path(name),
                           "--root",
                           own_directory_path(root),
                           "--authority",
                           own_directory_path(authority),
                           NULL};

    rig_run(&run, words);
}

static void
expect_acceptance(void)
{
    (void)fputs(run.out, stderr);
    rig_expect(&run, 0, "");
    assert_non_null(strstr(run.out, "\nall accept\n"));
    assert_null(strstr(run.out, "REFUSES"));
}

static void
expect_refusal(const char *by)
{
    char line[128];

    (void)snprintf(line, sizeof line, "\nREFUSES  %s", by);
    if (strstr(run.out, line) == NULL)
        fail_msg("not refused by %s: %s", by, run.out);
    assert_int_equal(run.status, 1);
}

static void
test_strangers_accept(void **state)
{
    (void)state;
    verify("ec.json", "roots/maker.pem", "authority.pem");
    expect_acceptance();
    verify("rsa.json", "roots/maker.pem", "authority.pem");
    expect_acceptance();
}

/* A file of a TPM that nobody vouches for says no more than that its keys are
 * in one TPM; its maker is not asked about. */
static void
test_without_ak_certificate(void **state)
{
    const char *words[] = {VERIFY_EVIDENCE, own_directory_path("unknown.json"),
                           NULL};

    (void)state;
    rig_run(&run, words);
    expect_acceptance();
    assert_non_null(strstr(run.out, "\nunasked  openssl verify"));
    assert_null(strstr(run.out, "simplewebauthn"));
}

/* The vault's own certificate is in the file; who trusts another vault's is not
 * taken in by that, nor by one of the same name. */
static void
test_other_roots(void **state)
{
    struct vault other;

    (void)state;
    vault_found(&other, "other.pem");
    vault_forget(&other);
    verify("ec.json", "roots/maker.pem", "other.pem");
    expect_refusal("openssl verify, the AK's certificate");
    expect_refusal("@simplewebauthn/server");
    verify("ec.json", "other.pem", "authority.pem");
    expect_refusal("openssl verify, the EK's certificate");
}

/* One letter in the middle of the string at PATH, names with dots between. */
static void
alter(json_t *file, const char *path)
{
    char names[96];
    char *rest = names;
    const char *name;
    const char *old;
    char *text;
    json_t *parent = NULL;
    json_t *at = file;

    (void)snprintf(names, sizeof names, "%s", path);
    while ((name = strsep(&rest, ".")) != NULL) {
        parent = at;
        at = json_object_get(parent, name);
        if (json_is_array(at))
            at = json_array_get(at, 0);
    }
    old = json_string_value(at);
    assert_non_null(old);
    text = strdup(old);
    assert_non_null(text);
    text[strlen(text) / 2] = text[strlen(text) / 2] == '2' ? '3' : '2';
    assert_int_equal(json_string_set(at, text), 0);
    free(text);
}

static void
test_every_value_counts(void **state)
{
    static const struct {
        const char *path, *by;
    } values[] = {
        {"binding.nonce", "clientDataJSON"},
        {"binding.vault", "clientDataJSON"},
        {"binding.machine_spki", "clientDataJSON"},
        {"binding.certificate_sha256", "clientDataJSON"},
        {"binding.client_data", "machine: extraData"},
        {"binding.authenticator_data", "machine: extraData"},
        {"offer.endorsement.public", "the EK's area"},
        {"offer.endorsement.certificate", "openssl verify, the EK"},
        {"offer.key", "the AK's area"},
        {"attestation_key.certificate", "openssl verify, the AK"},
        {"evidence.creation.data", "creation: the Name is the AK's"},
        {"evidence.creation.statement", "openssl dgst, creation"},
        {"evidence.creation.signature", "creation: both encodings"},
        {"evidence.machine.public", "machine: the certified Name"},
        {"evidence.machine.statement", "openssl dgst, machine"},
        {"evidence.machine.signature", "machine: both encodings"},
        {"evidence.quote.statement", "tpm2_checkquote"},
        {"evidence.quote.signature", "tpm2_checkquote"},
        {"evidence.quote.values", "tpm2_checkquote"},
        {"signatures_der.machine", "openssl dgst, machine"},
        {"webauthn.response.clientDataJSON", "@simplewebauthn/server"},
        {"webauthn.response.attestationObject", "@simplewebauthn/server"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        json_t *file = json_load_file(own_directory_path("ec.json"), 0, NULL);

        assert_non_null(file);
        alter(file, values[i].path);
        assert_int_equal(
            json_dump_file(file, own_directory_path("altered.json"), 0), 0);
        json_decref(file);
        verify("altered.json", "roots/maker.pem", "authority.pem");
        print_message("%s\n", values[i].path);
        expect_refusal(values[i].by);
    }
}

static void
test_no_evidence_file(void **state)
{
    (void)state;
    own_directory_write("other.json", "{\"format\": \"holdfast-evidence\", "
                                      "\"version\": 2}\n");
    verify("other.json", "roots/maker.pem", "authority.pem");
    rig_expect(&run, 65, "is no evidence file of version 1");
}

/* 100 places for each stranger; the script says which. */
static void
one_bit(const char *name)
{
    const char *words[] = {ONE_BIT, own_directory_path(name),
                           own_directory_path("roots/maker.pem"),
                           own_directory_path("authority.pem"), NULL};

    rig_run(&run, words);
    (void)fputs(run.out, stderr);
    rig_expect(&run, 0, "");
    assert_non_null(strstr(run.out, "@simplewebauthn/server refuses 100"));
}

static void
test_one_bit(void **state)
{
    (void)state;
    one_bit("ec.json");
    one_bit("rsa.json");
}

static int
start(void **state)
{
    static const char *const certificates[] = {SWTPM_MAKER_ROOT,
                                               SWTPM_MAKER_ISSUER, NULL};
    char maker[FRESH_DIRECTORY + 64];
    struct vault vault;

    own_directory_make(state);
    (void)snprintf(maker, sizeof maker, "%s", own_directory_path("maker"));
    tpm = swtpm_new_endorsed(directory, maker);
    assert_non_null(tpm);
    assert_int_equal(mkdir(own_directory_path("roots"), 0700), 0);
    join("roots/maker.pem", maker, certificates);
    vault_found(&vault, "authority.pem");
    make_file("ec.json", "P-256", &vault);
    make_file("rsa.json", "RSA-2048", &vault);
    make_file("unknown.json", "P-256", NULL);
    vault_forget(&vault);
    return 0;
}

static int
stop(void **state)
{
    swtpm_free(&tpm);
    return own_directory_remove(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strangers_accept),
        cmocka_unit_test(test_without_ak_certificate),
        cmocka_unit_test(test_other_roots),
        cmocka_unit_test(test_every_value_counts),
        cmocka_unit_test(test_no_evidence_file),
        cmocka_unit_test(test_one_bit),
    };

    return cmocka_run_group_tests_name("evidence_file", tests, start, stop);
}
