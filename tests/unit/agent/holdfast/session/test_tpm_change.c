/* SPDX-License-Identifier: Apache-2.0 */
/* What has become of a TPM, by what is recorded and what is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "agent/holdfast/session/tpm_change.h"
#include "agent/holdfast/state/state.h"
#include "tests/support/own_directory.h"

#define OURS "0101010101010101010101010101010101010101010101010101010101010101"

struct row {
    const char *ek, *firmware, *proof;
    enum tpm_client_sameness sameness;
    int found; /* EKs: none read, another's, ours behind another */
    enum tpm_change_kind kind;
};

enum { UNREAD, ANOTHER, OURS_TOO };

static const struct row rows[] = {
    {"", "", "", TPM_CLIENT_SAME, UNREAD, TPM_CHANGE_NONE},
    {OURS, "1.0", "certified", TPM_CLIENT_SAME, UNREAD, TPM_CHANGE_NONE},
    {OURS, "0.9", "certified", TPM_CLIENT_SAME, UNREAD, TPM_CHANGE_FIRMWARE},
    /* Its vault asked for no evidence, and takes none anew. */
    {OURS, "0.9", "", TPM_CLIENT_SAME, UNREAD, TPM_CHANGE_NONE},
    /* An EK that is there decides nothing while the keys are. */
    {OURS, "1.0", "certified", TPM_CLIENT_SAME, ANOTHER, TPM_CHANGE_NONE},
    {OURS, "1.0", "certified", TPM_CLIENT_OTHER, OURS_TOO, TPM_CHANGE_CLEARED},
    {OURS, "0.9", "certified", TPM_CLIENT_OTHER, OURS_TOO, TPM_CHANGE_CLEARED},
    {OURS, "1.0", "certified", TPM_CLIENT_OTHER, ANOTHER, TPM_CHANGE_OTHER},
    {OURS, "1.0", "certified", TPM_CLIENT_OTHER, UNREAD, TPM_CHANGE_LOST},
    {"", "", "", TPM_CLIENT_OTHER, OURS_TOO, TPM_CHANGE_LOST},
    /* Damage in the record is no proof of another TPM's. */
    {"01", "", "", TPM_CLIENT_OTHER, OURS_TOO, TPM_CHANGE_LOST},
    {OURS, "0.9", "certified", TPM_CLIENT_UNCOMPARED, OURS_TOO,
     TPM_CHANGE_UNCOMPARED},
};

static enum tpm_change_kind
judge(const struct row *row)
{
    uint8_t ours[LAYOUT_HASH], another[LAYOUT_HASH] = {2};
    struct layout_token_endorsement_answer found = {
        .endorsement_count = (size_t)row->found,
        .endorsement = {{.sha256 = another}, {.sha256 = ours}}};
    struct tpm_client look = {.firmware = "1.0", .sameness = row->sameness};
    struct state *state = NULL;
    enum tpm_change_kind kind;

    memset(ours, 1, sizeof ours);
    assert_int_equal(state_open(directory, true, &state, NULL), KS_OK);
    state_set_text(state, STATE_EK_SHA256, row->ek);
    state_set_text(state, STATE_TPM_FIRMWARE, row->firmware);
    state_set_text(state, STATE_PROOF, row->proof);
    kind = tpm_change_judge(state, &look, row->found != UNREAD ? &found : NULL);
    state_close(&state);
    return kind;
}

static void
each_finding_has_its_name(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (judge(&rows[i]) != rows[i].kind)
            fail_msg("row %zu: %s", i, tpm_change_word(judge(&rows[i])));
}

/* Scripts tell them apart, and only what is no trouble has no way back. */
static void
each_has_a_word_of_its_own_and_a_way_back(void **unused)
{
    (void)unused;
    for (int i = 0; i < TPM_CHANGE__MAX; i++) {
        enum tpm_change_kind kind = (enum tpm_change_kind)i;

        assert_int_equal(*tpm_change_way_back(kind) == '\0',
                         kind == TPM_CHANGE_NONE);
        assert_string_not_equal(tpm_change_sentence(kind), "");
        for (int j = 0; j < i; j++)
            assert_string_not_equal(tpm_change_word(kind),
                                    tpm_change_word((enum tpm_change_kind)j));
    }
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, own_directory_make,                  \
                                    own_directory_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_finding_has_its_name),
        TEST(each_has_a_word_of_its_own_and_a_way_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
