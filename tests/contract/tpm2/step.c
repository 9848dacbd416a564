/* SPDX-License-Identifier: Apache-2.0 */
/* What a registration does with a TPM, cut into what one process does. */
#include "tests/contract/tpm2/step.h"

#include "tests/contract/tpm2/evidence_case.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>

#define SRK "- 0x81000001\n"
#define EK "- 0x81010001\n- 0x81010016\n"
#define FIRST "0x81000200"
#define COMMANDS_MAX 60
#define COMMANDS_MIN 8 /* fewer, and something was not stepped through */

static enum ks_err
sign_once(struct keystore_key *key)
{
    EVP_PKEY *public = keystore_key_public(key);
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    struct keystore_signature signature;

    return keystore_sign(key, scheme_of_key(public), digest, &signature, NULL);
}

static enum ks_err
import(const uint8_t *id)
{
    struct keystore_key *key = NULL;
    enum ks_err rc = keystore_import(contract.store, id, "step",
                                     &sample(RSA_2048)->material,
                                     sample(RSA_2048)->public, &key, NULL);

    keystore_key_free(&key);
    return rc;
}

/* One that is there from a run before is as good. */
static enum ks_err
generate(const uint8_t *id)
{
    struct keystore_key *key = NULL;
    enum ks_err rc = keystore_find(contract.store, id, NULL, &key, NULL);

    if (rc == KS_ERR_KEY_MISSING)
        rc = keystore_generate(contract.store, id, "step", MATERIAL_P256, &key,
                               NULL);
    if (rc == KS_OK)
        rc = sign_once(key);
    keystore_key_free(&key);
    return rc;
}

static enum ks_err
sign(const uint8_t *id)
{
    struct keystore_key *key = NULL;
    enum ks_err rc = keystore_find(contract.store, id, sample(RSA_2048)->public,
                                   &key, NULL);

    for (unsigned i = 0; rc == KS_OK && i < 2; i++)
        rc = sign_once(key);
    keystore_key_free(&key);
    return rc;
}

/* An offer and the answer to a question; the verifier needs no TPM. */
static enum ks_err
prove(const uint8_t *id)
{
    static struct evidence_case exchange;
    struct keystore_key *key = NULL;
    TPM2B_NAME name;
    enum ks_err rc = keystore_find(contract.store, id, sample(RSA_2048)->public,
                                   &key, NULL);

    if (rc == KS_OK)
        rc = keystore_offer_evidence(contract.store, &exchange.offer, NULL);
    if (rc == KS_OK) {
        statement_name(&exchange.offer.key, &name);
        evidence_case_challenge(&exchange, &name);
        exchange.question.machine = key;
        exchange.question.pcrs = 1;
        rc = keystore_give_evidence(contract.store, &exchange.question,
                                    &exchange.evidence, NULL);
    }
    if (rc == KS_OK && memcmp(exchange.evidence.secret, exchange.secret,
                              sizeof exchange.secret) != 0)
        rc = KS_ERR_INTERNAL;
    keystore_key_free(&key);
    return rc;
}

const struct tpm2_step tpm2_steps[TPM2_STEP__MAX] = {
    [TPM2_STEP_IMPORT] = {"import", NULL, false, true, import, false},
    [TPM2_STEP_IMPORT_AT_HANDLE] = {"import at a handle", FIRST, false, true,
                                    import, false},
    [TPM2_STEP_GENERATE] = {"generate", NULL, false, true, generate, false},
    [TPM2_STEP_SIGN] = {"sign", NULL, false, false, sign, false},
    [TPM2_STEP_IMPORT_TRANSIENT] = {"import, with a root key made for it", NULL,
                                    true, true, import, false},
    [TPM2_STEP_EVIDENCE] = {"evidence", NULL, false, false, prove, true},
    [TPM2_STEP_EVIDENCE_MADE] = {"evidence, with an endorsement key made for "
                                 "it",
                                 NULL, false, false, prove, false},
};

/* A new id, and under it the key that STEP needs. */
static void
begin(const struct tpm2_step *step, uint8_t *ret_id)
{
    contract_id(ret_id);
    if (step->fresh)
        return;
    tpm2_case_open();
    tpm2_case_import(RSA_2048, ret_id);
}

static void
forget(const uint8_t *id)
{
    static const char *const suffixes[] = {"pem", "handle", "auth"};

    for (size_t i = 0; i < 3; i++) {
        char path[TPM2_CASE_PATH];

        tpm2_case_key_path(id, suffixes[i], path);
        assert_true(unlink(path) == 0 || errno == ENOENT);
    }
}

/* Everything again as begin() left it. */
static void
again(const struct tpm2_step *step, const uint8_t *id)
{
    if (!step->fresh)
        return;
    forget(id);
    assert_int_equal(swtpm_replace(store_fixture_swtpm(contract.fixture)), 0);
}

static enum ks_err
run_in_child(const struct tpm2_step *step, const uint8_t *id)
{
    struct keystore_config config = tpm2_case_config();
    char uri[TPM2_CASE_PATH + 64];
    enum ks_err rc;

    (void)snprintf(uri, sizeof uri, "%s%s%s%s", tpm2_case.uri,
                   step->transient ? ";root=transient" : "",
                   step->handle != NULL ? ";handle=" : "",
                   step->handle != NULL ? step->handle : "");
    config.uri = uri;
    rc = contract_try(&config, &contract.store, NULL);
    if (rc == KS_OK)
        rc = step->run(id);
    keystore_close(&contract.store);
    return rc;
}

/* Open the store, do it, close the store: the error, or a signal's number below
 * 0 if that ended the process. */
static int
run(const struct tpm2_step *step, const uint8_t *id)
{
    int status = 0;
    pid_t child = fork();

    _Static_assert(KS_ERR__MAX < 128, "an error fits an exit status");
    if (child == 0)
        _exit((int)run_in_child(step, id));
    assert_true(child > 0);
    while (waitpid(child, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static size_t
count_key_files(void)
{
    char path[TPM2_CASE_PATH];
    struct dirent **entries = NULL;
    size_t files = 0;
    int count;

    tpm2_case_path("keys", path);
    count = scandir(path, &entries, NULL, NULL);
    for (int i = 0; i < count; i++) {
        files += entries[i]->d_type == DT_REG;
        free(entries[i]);
    }
    free(entries);
    return files;
}

/* Do it with no fault: it must succeed, and then there is what it makes and
 * nothing else: no object, one session at the most. */
static void
finish(const struct tpm2_step *step, const uint8_t *id)
{
    size_t sessions;

    tap_inject(tpm2_case.tap, NULL);
    assert_ks_ok((enum ks_err)run(step, id));
    assert_true(tpm2_case_has_file(id, "auth"));
    assert_true(
        tpm2_case_has_file(id, step->handle != NULL ? "handle" : "pem"));
    assert_int_equal(count_key_files(), 2);
    assert_string_equal(tpm2_case_handles(TRANSIENT), "");
    assert_string_equal(tpm2_case_handles(PERSISTENT), step->handle != NULL
                                                           ? SRK "- " FIRST "\n"
                                                       : step->transient ? ""
                                                       : step->endorsed ? SRK EK
                                                                        : SRK);
    sessions = strlen(tpm2_case_handles(LOADED_SESSIONS));
    assert_true(sessions <= strlen("- 0x2000000\n"));
    /* The TPM has three: those of the dead, whom nobody can know, are in the
     * way without a resource manager. */
    if (sessions > 0)
        tpm2_case_tool("flushcontext", "-l");
}

/* Before the TPM obeys, and after. */
static bool
happens_twice(const struct tap_fault *fault)
{
    return fault->times != TAP_ALWAYS &&
           (fault->action == TAP_CUT || fault->action == TAP_KILL);
}

/* A key that was taken back behind a wire cut for good may still be loaded, and
 * an opening knows it by its Name only where that is recorded: an imported key
 * has the same once more, of a generated one the dead process alone knew it. */
static void
forgive(const struct tpm2_step *step, const uint8_t *id)
{
    size_t most = step->transient ? 2 : 1; /* a root key that was made, too */

    tap_inject(tpm2_case.tap, NULL);
    assert_true(strlen(tpm2_case_handles(TRANSIENT)) <=
                most * strlen("- 0x80000000\n"));
    if (step == &tpm2_steps[TPM2_STEP_GENERATE])
        tpm2_case_tool("flushcontext", "-t");
    else
        assert_ks_ok((enum ks_err)run(step, id));
}

static void
step_once(const struct tpm2_step *step, const uint8_t *id,
          const struct tap_fault *fault, void (*check)(unsigned nth, int ended),
          bool *ret_struck)
{
    int ended;

    tap_inject(tpm2_case.tap, fault);
    ended = run(step, id);
    *ret_struck = tap_struck(tpm2_case.tap) != 0;
    if (*ret_struck)
        check(fault->nth, ended);
    else
        assert_ks_ok((enum ks_err)ended);
    if (fault->times == TAP_ALWAYS && step->fresh && *ret_struck)
        forgive(step, id);
    finish(step, id);
    again(step, id);
}

void
tpm2_step_through(const struct tpm2_step *step, struct tap_fault fault,
                  void (*check)(unsigned nth, int ended))
{
    uint8_t id[KEYSTORE_ID_LENGTH];

    begin(step, id);
    for (int i = 0; i <= happens_twice(&fault); i++) {
        bool struck = true;

        fault.executed = i == 1;
        for (fault.nth = 1; struck; fault.nth++) {
            assert_true(fault.nth < COMMANDS_MAX);
            step_once(step, id, &fault, check, &struck);
        }
        assert_true(fault.nth > COMMANDS_MIN);
    }
}

int
tpm2_step_run_tests(const char *group, CMUnitTestFunction test,
                    const char *name)
{
    char names[TPM2_STEP__MAX][96];
    struct CMUnitTest tests[TPM2_STEP__MAX];

    for (size_t i = 0; i < TPM2_STEP__MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "%s (%s)", name,
                       tpm2_steps[i].name);
        tests[i] = (struct CMUnitTest){
            names[i], test,
            tpm2_steps[i].endorsed ? evidence_case_start : tpm2_case_start,
            tpm2_case_stop, (void *)(uintptr_t)&tpm2_steps[i]};
    }
    return _cmocka_run_group_tests(group, tests, TPM2_STEP__MAX, NULL, NULL);
}
