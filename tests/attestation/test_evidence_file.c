/* SPDX-License-Identifier: Apache-2.0 */
/* What strangers' tools make of evidence files, of a key on P-256 and of an RSA
 * key, and of what is not one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "tests/attestation/made.h"
#include "tests/support/own_directory.h"
#include "tests/support/rig_process.h"

static struct rig_run run;

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
strangers_accept_the_file(void **state)
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
without_a_certificate_nobody_vouches_for_the_tpm(void **state)
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
roots_in_the_file_are_not_believed(void **state)
{
    struct made_vault other;

    (void)state;
    made_found(&other, "other.pem");
    made_forget(&other);
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

/* Values that are altered together, and for each who finds that out, because
 * of it alone. */
struct altered {
    const char *path, *by;
};

static const struct altered altered[][6] = {
    {{"binding.nonce", "clientDataJSON"},
     {"offer.endorsement.public", "the EK's area"},
     {"evidence.creation.data", "creation: the Name is the AK's"},
     {"evidence.machine.signature", "machine: both encodings"},
     {"evidence.quote.values", "tpm2_checkquote"}},
    {{"binding.vault", "clientDataJSON"},
     {"offer.endorsement.certificate", "openssl verify, the EK"},
     {"evidence.creation.signature", "creation: both encodings"},
     {"evidence.quote.statement", "openssl dgst, quote"},
     {"signatures_der.credential", "openssl dgst, credential"}},
    {{"binding.machine_spki", "clientDataJSON"},
     {"evidence.creation.statement", "openssl dgst, creation"},
     {"evidence.credential.public", "credential: the certified Name"},
     {"evidence.quote.signature", "tpm2_checkquote"}},
    {{"binding.certificate_sha256", "clientDataJSON"},
     {"evidence.machine.statement", "openssl dgst, machine"},
     {"evidence.credential.statement", "openssl dgst, credential"}},
    {{"binding.client_data", "machine: extraData"},
     {"webauthn.response.clientDataJSON", "@simplewebauthn/server"}},
    {{"binding.authenticator_data", "machine: extraData"},
     {"webauthn.response.attestationObject", "@simplewebauthn/server"},
     {"signatures_der.machine", "openssl dgst, machine"}},
    {{"offer.key", "the AK's area"}},
    {{"attestation_key.certificate", "openssl verify, the AK"},
     {"evidence.machine.public", "machine: the certified Name"}},
};

static void
every_value_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof altered / sizeof altered[0]; i++) {
        json_t *json = json_load_file(own_directory_path("ec.json"), 0, NULL);

        assert_non_null(json);
        for (const struct altered *each = altered[i]; each->path; each++)
            alter(json, each->path);
        assert_int_equal(
            json_dump_file(json, own_directory_path("altered.json"), 0), 0);
        json_decref(json);
        verify("altered.json", "roots/maker.pem", "authority.pem");
        for (const struct altered *each = altered[i]; each->path; each++)
            expect_refusal(each->by);
    }
}

/* ec.json with the member at PARENT.NAME (PARENT "" for the file itself) taken
 * away, or with VALUE in its place. */
static void
write_with(const char *parent, const char *name, json_t *value)
{
    json_t *json = json_load_file(own_directory_path("ec.json"), 0, NULL);
    json_t *at = *parent == '\0' ? json : json_object_get(json, parent);

    assert_non_null(json_object_get(at, name));
    if (value != NULL)
        assert_int_equal(json_object_set_new(at, name, value), 0);
    else
        assert_int_equal(json_object_del(at, name), 0);
    assert_int_equal(
        json_dump_file(json, own_directory_path("altered.json"), 0), 0);
    json_decref(json);
}

/* The vault's word on the TPM is the certificate of the AK; a file without it,
 * or with another verdict, says what nobody has signed. */
static void
verdict_that_nothing_stands_for_is_refused(void **state)
{
    (void)state;
    write_with("", "attestation_key", NULL);
    verify("altered.json", "roots/maker.pem", "authority.pem");
    expect_refusal("verdict: origin");
    write_with("verdict", "proof", json_string("certified"));
    verify("altered.json", "roots/maker.pem", "authority.pem");
    expect_refusal("verdict: origin");
    write_with("verdict", "emulated", json_false());
    verify("altered.json", "roots/maker.pem", "authority.pem");
    expect_refusal("verdict: origin");
    write_with("verdict", "origin", json_string("imported"));
    verify("altered.json", "roots/maker.pem", "authority.pem");
    expect_refusal("verdict: origin");
    write_with("", "vault", json_string("17"));
    verify("altered.json", "roots/maker.pem", "authority.pem");
    expect_refusal("verdict: the vault");
    write_with("", "machine", json_string("c0ffee\naccepts  all"));
    verify("altered.json", "roots/maker.pem", "authority.pem");
    rig_expect(&run, 65, "is no evidence file");
}

static void
other_files_are_told(void **state)
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
one_changed_bit_is_refused_by_each(void **state)
{
    (void)state;
    one_bit("rsa.json");
}

static void
there_is_no_secret_in_it(void **state)
{
    json_t *json = json_load_file(own_directory_path("ec.json"), 0, NULL);
    json_t *evidence = json_object_get(json, "evidence");

    (void)state;
    assert_non_null(json_object_get(evidence, "nonce"));
    assert_null(json_object_get(evidence, "secret"));
    json_decref(json);
}

static int
start(void **state)
{
    struct made_vault vault;

    own_directory_make(state);
    made_begin();
    made_found(&vault, "authority.pem");
    made_file("ec.json", false, &vault);
    made_file("rsa.json", true, &vault);
    made_file("unknown.json", false, NULL);
    made_forget(&vault);
    return 0;
}

static int
stop(void **state)
{
    made_end();
    return own_directory_remove(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_no_secret_in_it),
        cmocka_unit_test(strangers_accept_the_file),
        cmocka_unit_test(without_a_certificate_nobody_vouches_for_the_tpm),
        cmocka_unit_test(roots_in_the_file_are_not_believed),
        cmocka_unit_test(every_value_counts),
        cmocka_unit_test(verdict_that_nothing_stands_for_is_refused),
        cmocka_unit_test(other_files_are_told),
        cmocka_unit_test(one_changed_bit_is_refused_by_each),
    };

    return cmocka_run_group_tests_name("evidence_file", tests, start, stop);
}
