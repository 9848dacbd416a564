/* SPDX-License-Identifier: Apache-2.0 */
/* `attest` before any registration: what a TPM with its maker's certificates
 * could prove, one without, and one whose certificate is none; and tokens that
 * prove nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_tpm.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/support/tpm2/swtpm_maker.h"

#define OPENSSL "/usr/bin/openssl"

/* OPTION may be NULL. */
static void
attest(const char *option)
{
    char program[RIG_PATH + 16];
    const char *argv[] = {program,       "attest",       "--token", rig.token,
                          "--state-dir", "/nonexistent", option,    NULL};

    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    rig_run(&run, argv);
}

/* What it says, which the caller releases. */
static json_t *
report_of(void)
{
    attest("--json");
    rig_expect(&run, 0, "");
    return rig_json(&run);
}

static const char *
text_in(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    if (text == NULL)
        fail_msg("no text %s", key);
    return text;
}

/* The row of ALGORITHM, borrowed. */
static json_t *
endorsement_in(json_t *report, const char *algorithm)
{
    json_t *keys = json_object_get(report, "endorsement");
    json_t *each, *found = NULL;
    size_t i;

    json_array_foreach(keys, i, each)
    {
        if (strcmp(text_in(each, "algorithm"), algorithm) == 0)
            found = each;
    }
    if (found == NULL)
        fail_msg("no endorsement key of %s", algorithm);
    return found;
}

/* One line of what SCRIPT, in the rig's directory, prints; FIRST is its $1. */
static const char *
shell(const char *script, const char *first)
{
    static char all[1024];
    const char *argv[] = {"/bin/sh", "-c", all, "sh", first, NULL};

    snprintf(all, sizeof all,
             "set -e; cd '%s'; export TPM2TOOLS_TCTI='swtpm:path=%s'; %s",
             rig.directory, swtpm_socket(rig.tpm), script);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    run.out[strcspn(run.out, "\n")] = '\0';
    return run.out;
}

static void
expect_lines(const char *const *lines)
{
    attest(NULL);
    rig_expect(&run, 0, "");
    for (; *lines != NULL; lines++)
        if (strstr(run.out, *lines) == NULL)
            fail_msg("no \"%s\" in\n%s", *lines, run.out);
}

/* By other people's programs the same key, which register offers. */
static void
hash_is_of_the_endorsement_key(void **state)
{
    json_t *report = report_of();
    json_t *key = endorsement_in(report, "RSA-2048");

    (void)state;
    assert_true(json_is_true(json_object_get(key, "offered")));
    assert_string_equal(
        text_in(key, "sha256"),
        shell("tpm2_createek -G rsa -u ek.pem -f pem -c ek.ctx; "
              "tpm2_flushcontext -t; " OPENSSL
              " pkey -pubin -in ek.pem -outform der | sha256sum | cut -c1-64",
              ""));
    assert_string_equal(text_in(report, "maker"), "IBM");
    assert_true(json_is_true(json_object_get(report, "emulated")));
    assert_string_equal(text_in(report, "tpm"), rig.token);
    assert_string_equal(text_in(report, "attestation_key"),
                        "P-256, ECDSA with SHA-256");
    json_decref(report);
}

static void
one_key_is_offered_and_each_is_another(void **state)
{
    json_t *report = report_of();
    json_t *keys = json_object_get(report, "endorsement");
    json_t *each, *other;
    size_t i, j, offered = 0;

    (void)state;
    assert_true(json_array_size(keys) > 1);
    json_array_foreach(keys, i, each)
    {
        offered += json_is_true(json_object_get(each, "offered"));
        json_array_foreach(keys, j, other)
        {
            assert_int_equal(i == j, strcmp(text_in(each, "sha256"),
                                            text_in(other, "sha256")) == 0);
        }
    }
    assert_int_equal(offered, 1);
    json_decref(report);
}

static void
nothing_in_the_tpm_is_changed(void **state)
{
    char before[4096];
    const char *all = "for what in handles-persistent handles-transient "
                      "handles-nv-index; do tpm2_getcap $what; done | "
                      "tr '\\n' ' '";

    (void)state;
    snprintf(before, sizeof before, "%s", shell(all, ""));
    attest(NULL);
    rig_expect(&run, 0, "");
    assert_string_equal(shell(all, ""), before);
}

static void
certificates_of_the_maker_are_told(void **state)
{
    static const char *const lines[] = {
        "a certificate",
        "endorsement certificate issuer CN=swtpm-localca",
        "endorsement certificate subject CN=unknown",
        "endorsement certificate valid to 9999-12-31",
        "no intermediate certificates in NV",
        "EK-verified where the vault trusts the certificate's issuer",
        NULL};
    json_t *report, *key, *certificate;

    (void)state;
    report = report_of();
    key = endorsement_in(report, "RSA-2048");
    certificate = json_object_get(key, "certificate");
    assert_string_equal(text_in(certificate, "issuer"), "CN=swtpm-localca");
    assert_string_equal(
        shell("echo \"$1\" | base64 -d >ek.der; " OPENSSL
              " x509 -inform der -in ek.der -noout -pubkey | " OPENSSL
              " pkey -pubin -outform der | sha256sum | cut -c1-64",
              text_in(certificate, "der")),
        text_in(key, "sha256"));
    assert_string_equal(
        shell("cd maker; " OPENSSL " x509 -inform der -in ../ek.der -out "
              "ek.pem; " OPENSSL " verify -CAfile " SWTPM_MAKER_ROOT
              " -untrusted " SWTPM_MAKER_ISSUER " ek.pem",
              ""),
        "ek.pem: OK");
    assert_int_equal(json_array_size(json_object_get(report, "chain")), 0);
    json_decref(report);
    expect_lines(lines);
}

static void
tpm_without_certificates_says_so(void **state)
{
    static const char *const lines[] = {
        "no certificate", "EK-verified where the vault lists the key", NULL};
    json_t *report;

    (void)state;
    report = report_of();
    assert_string_equal(text_in(endorsement_in(report, "RSA-2048"), "in_nv"),
                        "no certificate");
    assert_null(
        json_object_get(endorsement_in(report, "RSA-2048"), "certificate"));
    json_decref(report);
    expect_lines(lines);
}

/* The owner of a TPM without any can put them there. */
static void
bytes_that_are_no_certificate_are_told_as_that(void **state)
{
    static const char *const lines[] = {"a certificate, not readable here",
                                        NULL};
    json_t *report, *key;

    (void)state;
    (void)shell("head -c 200 /dev/zero >nothing; tpm2_nvdefine -C o -s 200 "
                "0x1c00002; tpm2_nvwrite -C o -i nothing 0x1c00002",
                "");
    report = report_of();
    key = endorsement_in(report, "RSA-2048");
    assert_string_equal(text_in(key, "in_nv"),
                        "a certificate, not readable here");
    assert_int_equal(
        strlen(text_in(json_object_get(key, "certificate"), "der")), 268);
    json_decref(report);
    expect_lines(lines);
}

/* As Intel's are: one behind the other, from 0x01c00100 on. */
static void
intermediate_certificates_are_told(void **state)
{
    static const char *const lines[] = {"chain subject", "CN=second", NULL};
    json_t *report, *chain;

    (void)state;
    (void)shell("for name in first second; do " OPENSSL
                " req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                "-keyout key -subj /CN=$name -outform der 2>/dev/null; done "
                ">chain; size=$(stat -c %s chain); tpm2_nvdefine -C o -s $size "
                "0x1c00100; tpm2_nvwrite -C o -i chain 0x1c00100",
                "");
    report = report_of();
    chain = json_object_get(report, "chain");
    assert_int_equal(json_array_size(chain), 2);
    assert_string_equal(text_in(json_array_get(chain, 0), "subject"),
                        "CN=first");
    assert_string_equal(text_in(json_array_get(chain, 1), "issuer"),
                        "CN=second");
    json_decref(report);
    expect_lines(lines);
}

/* As nobody could register then, either. */
static void
password_of_the_hierarchy_is_told(void **state)
{
    (void)state;
    tpm_tool(&rig, "changeauth", "-c", "endorsement", "secret", NULL);
    attest("--json");
    rig_expect(&run, 78,
               "where the key lives cannot be proved: the TPM's "
               "endorsement hierarchy has a password; take it off");
    assert_string_equal(run.out, "");
}

static void
token_that_proves_nothing_is_an_error(void **state)
{
    (void)state;
    attest("--json");
    rig_expect(&run, 78, "where the key lives cannot be proved: a ");
    rig_expect(&run, 78, "only claims where its keys live; name a TPM 2.0");
    assert_string_equal(run.out, "");
}

static void
tpm_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    swtpm_free(&rig.tpm);
    attest("--json");
    assert_int_equal(run.status, 78);
    assert_string_equal(run.out, "");
}

#define TEST(name) RIG_CASE(name, rig_case_start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest of_each_tpm[] = {
        TEST(hash_is_of_the_endorsement_key),
        TEST(one_key_is_offered_and_each_is_another),
        TEST(nothing_in_the_tpm_is_changed),
        TEST(password_of_the_hierarchy_is_told),
        TEST(tpm_that_is_not_there_is_an_error),
    };
    const struct CMUnitTest with_certificates[] = {
        TEST(certificates_of_the_maker_are_told),
    };
    const struct CMUnitTest without_certificates[] = {
        TEST(tpm_without_certificates_says_so),
        TEST(bytes_that_are_no_certificate_are_told_as_that),
        TEST(intermediate_certificates_are_told),
    };
    const struct CMUnitTest of_another[] = {
        TEST(token_that_proves_nothing_is_an_error),
    };

    rig_case_begin(argc, argv);
    if (strcmp(kind, "soft") == 0 || strcmp(kind, "pkcs11") == 0)
        return cmocka_run_group_tests(of_another, NULL, NULL);
    return cmocka_run_group_tests(of_each_tpm, NULL, NULL) +
           (strcmp(kind, "endorsed") == 0
                ? cmocka_run_group_tests(with_certificates, NULL, NULL)
                : cmocka_run_group_tests(without_certificates, NULL, NULL));
}
