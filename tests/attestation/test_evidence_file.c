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
#include <openssl/x509.h>

#include "tests/support/own_directory.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/support/tpm2/swtpm_maker.h"
#include "tests/support/tpm2/tpm2_tool.h"
#include "tests/vault/attestation/ak_certificate.h"
#include "tests/vault/attestation/area.h"
#include "tests/vault/attestation/envelope.h"
#include "tests/vault/attestation/tests/round.h"
#include "tests/vault/service/pki.h"

#define DAY (24 * 60 * 60)
#define EK_CERTIFICATE "0x01c00002"

static struct swtpm *swtpm;
static struct tpm *tpm;
static struct rig_run run;

/* Up to MAX bytes of a file; how many there are. */
static size_t
read_file(const char *path, void *ret, size_t max)
{
    FILE *file = fopen(path, "re");
    size_t length;

    assert_non_null(file);
    length = fread(ret, 1, max, file);
    assert_true(length < max);
    assert_int_equal(fclose(file), 0);
    return length;
}

/* The certificates of the TPMs' maker, in the directory MAKER, in one file. */
static void
join_maker(const char *maker, const char *name)
{
    static const char *const names[] = {SWTPM_MAKER_ROOT, SWTPM_MAKER_ISSUER};
    char path[512];
    char text[8192] = "";
    size_t length = 0;

    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", maker, names[i]);
        length += read_file(path, text + length, sizeof text - 1 - length);
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

/* The EK's certificate, as tpm2-tools read it. */
static void
add_certificate(struct round *round)
{
    struct attestation_fault fault = {.sentence = ""};
    const char *path = own_directory_path("ek.der");
    uint8_t bytes[2048];

    tpm2_tool(&run, swtpm_socket(swtpm), "nvread", EK_CERTIFICATE, "-o", path,
              NULL);
    rig_expect(&run, 0, "");
    tpm_set(json_object_get(round->offer_json, "endorsement"), "certificate",
            bytes, read_file(path, bytes, sizeof bytes));
    attestation_offer_free(round->offer);
    round->offer = attestation_offer_read(round->offer_json, &fault);
    if (round->offer == NULL)
        fail_msg("%s", fault.sentence);
}

static enum attestation_trusted
judge(const struct attestation_offer *offer, const char *roots)
{
    struct attestation_judgement judgement;
    struct attestation_fault fault = {.sentence = ""};
    struct attestation_trust trust = {.roots = own_directory_path(roots),
                                      .now = (int64_t)time(NULL)};

    if (!attestation_judge(offer, &trust, &judgement, &fault))
        fail_msg("%s", fault.sentence);
    return judgement.trusted;
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

/* A machine attests, and its evidence file is NAME.  VAULT gives the AK a
 * certificate; NULL: one that does not trust the TPM. */
static void
make_file(const char *name, bool rsa, const struct vault *vault)
{
    struct round_of of = {.ek = TPM_RSA_2048,
                          .pcrs = 1 | 1 << 7,
                          .rsa = rsa,
                          .has_credential = true};
    struct round round;
    struct attestation_result result;
    struct member bytes;
    struct area machine;
    struct envelope_plan plan = {.machine = "c0ffee00",
                                 .time = (int64_t)time(NULL),
                                 .origin = "born",
                                 .proof = vault ? "EK-verified" : "certified",
                                 .emulated = true};

    round_make(tpm, &of, &round);
    add_certificate(&round);
    round_accept(&round, round.evidence, &result);
    assert_true(member_read(json_object_get(round.evidence, "machine"),
                            "public", &bytes));
    assert_null(area_read(&bytes, &machine));
    plan.trusted = judge(round.offer, vault != NULL ? "roots" : "no-roots");
    assert_int_equal(plan.trusted, vault != NULL ? ATTESTATION_BY_CHAIN
                                                 : ATTESTATION_UNKNOWN);
    plan.offer = round.offer_json;
    plan.evidence = round.evidence;
    plan.expected = &round.expected;
    plan.machine_key = machine.key;
    if (vault != NULL) {
        plan.ak_certificate = certify_ak(vault, round.offer);
        plan.authority = vault->certificate;
    }
    write_file(name, &plan);
    X509_free(plan.ak_certificate);
    area_free(&machine);
    round_free(&round);
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
    char maker[FRESH_DIRECTORY + 64];
    struct vault vault;

    own_directory_make(state);
    (void)snprintf(maker, sizeof maker, "%s", own_directory_path("maker"));
    swtpm = swtpm_new_endorsed(directory, maker);
    assert_non_null(swtpm);
    tpm = tpm_new(swtpm_socket(swtpm));
    assert_int_equal(mkdir(own_directory_path("roots"), 0700), 0);
    join_maker(maker, "roots/maker.pem");
    vault_found(&vault, "authority.pem");
    make_file("ec.json", false, &vault);
    make_file("rsa.json", true, &vault);
    make_file("unknown.json", false, NULL);
    vault_forget(&vault);
    return 0;
}

static int
stop(void **state)
{
    tpm_free(tpm);
    swtpm_free(&swtpm);
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
