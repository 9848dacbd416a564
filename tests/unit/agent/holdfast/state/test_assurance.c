/* SPDX-License-Identifier: Apache-2.0 */
/* The words on the machine's key: two axes, and both facts of an emulation that
 * a vault trusts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "agent/holdfast/state/assurance.h"
#include "agent/holdfast/state/state.h"
#include "tests/support/own_directory.h"

struct row {
    const char *kind;
    int emulated;
    const char *vaults_origin, *vaults_proof;
    const char *origin, *proof, *sentence;
};

static const struct row rows[] = {
    {"pkcs11", 0, "", "", "born", "claimed", "born in the token, claimed"},
    {"pkcs11", 1, "", "", "emulated", "claimed",
     "born in an emulation, claimed"},
    {"soft", 1, "", "", "emulated", "claimed", "born in an emulation, claimed"},
    {"tpm2", 0, "", "", "born", "claimed", "born in the token, claimed"},
    {"tpm2", 0, "born", "certified", "born", "certified",
     "born in the token, certified"},
    {"tpm2", 0, "born", "EK-verified", "born", "EK-verified",
     "born in the token, EK-verified"},
    {"tpm2", 1, "emulated", "certified", "emulated", "certified",
     "born in an emulation, certified"},
    {"tpm2", 1, "born", "EK-verified", "born", "EK-verified",
     "born in the token, EK-verified, emulated TPM"},
    /* The vault did not know it yet. */
    {"tpm2", 1, "born", "certified", "emulated", "certified",
     "born in an emulation, certified"},
    {"pkcs11", 1, "born", "EK-verified", "born", "EK-verified",
     "born in the token, EK-verified, emulated token"},
    {"tpm2", 0, "imported", "certified", "imported", "certified",
     "imported into the token, certified"},
};

static void
every_pair_of_facts_has_its_words(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        char sentence[ASSURANCE_SENTENCE_MAX];
        struct state *state = NULL;

        assert_int_equal(state_open(directory, true, &state, NULL), KS_OK);
        state_set_text(state, STATE_TOKEN_SCHEME, row->kind);
        state_set_number(state, STATE_TOKEN_EMULATED, (uint64_t)row->emulated);
        state_set_text(state, STATE_ORIGIN, row->vaults_origin);
        state_set_text(state, STATE_PROOF, row->vaults_proof);
        assert_string_equal(assurance_origin(state), row->origin);
        assert_string_equal(assurance_proof(state), row->proof);
        assurance_sentence(state, sentence);
        assert_string_equal(sentence, row->sentence);
        state_close(&state);
    }
}

/* They come from a network. */
static void
long_words_are_cut(void **unused)
{
    char sentence[ASSURANCE_SENTENCE_MAX], words[201];
    struct state *state = NULL;

    (void)unused;
    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    assert_int_equal(state_open(directory, true, &state, NULL), KS_OK);
    state_set_text(state, STATE_TOKEN_SCHEME, "tpm2");
    state_set_text(state, STATE_ORIGIN, words);
    state_set_text(state, STATE_PROOF, words);
    assurance_sentence(state, sentence);
    assert_string_equal(sentence,
                        "of an origin unknown here, xxxxxxxxxxxxxxxxxxxx");
    state_close(&state);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, own_directory_make,                  \
                                    own_directory_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_pair_of_facts_has_its_words),
        TEST(long_words_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
