/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/attestation/made.h"

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

void
made_found(struct made_vault *vault, const char *name)
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

void
made_forget(struct made_vault *vault)
{
    X509_free(vault->certificate);
    EVP_PKEY_free(vault->key);
}

static X509 *
certify_ak(const struct made_vault *vault,
           const struct attestation_offer *offer)
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
    static struct rig_run run;
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

void
made_file(const char *name, bool rsa, const struct made_vault *vault)
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
                                 .origin = vault ? "born" : "emulated",
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

/* --- the TPM --- */

void
made_begin(void)
{
    char maker[FRESH_DIRECTORY + 64];

    (void)snprintf(maker, sizeof maker, "%s", own_directory_path("maker"));
    swtpm = swtpm_new_endorsed(directory, maker);
    assert_non_null(swtpm);
    tpm = tpm_new(swtpm_socket(swtpm));
    assert_int_equal(mkdir(own_directory_path("roots"), 0700), 0);
    join_maker(maker, "roots/maker.pem");
}

void
made_end(void)
{
    tpm_free(tpm);
    swtpm_free(&swtpm);
}
