/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/holdfast/state/assurance.h"

#include <stdio.h>
#include <string.h>

static bool
is_emulated(const struct state *state)
{
    return state_number(state, STATE_TOKEN_EMULATED) != 0;
}

const char *
assurance_proof(const struct state *state)
{
    const char *vaults = state_text(state, STATE_PROOF);

    return *vaults != '\0' ? vaults : "claimed";
}

/* A vault judges evidence before it is told what the token says of itself, and
 * by that an emulation is one unless the vault's owner trusts it on purpose. */
const char *
assurance_origin(const struct state *state)
{
    const char *vaults = state_text(state, STATE_ORIGIN);

    if (is_emulated(state) &&
        strcmp(assurance_proof(state), "EK-verified") != 0)
        return "emulated";
    return *vaults != '\0' ? vaults : "born";
}

static const char *
origin_sentence(const char *origin)
{
    static const struct {
        const char *word;
        const char *sentence;
    } sentences[] = {
        {"born", "born in the token"},
        {"emulated", "born in an emulation"},
        {"imported", "imported into the token"},
    };

    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        if (strcmp(origin, sentences[i].word) == 0)
            return sentences[i].sentence;
    return "of an origin unknown here";
}

/* An emulation that the vault's owner trusts on purpose makes keys that are
 * born, and stays an emulation. */
static const char *
second_fact(const struct state *state)
{
    if (!is_emulated(state) || strcmp(assurance_origin(state), "emulated") == 0)
        return "";
    return state_kind(state)->wraps_files ? ", emulated TPM"
                                          : ", emulated token";
}

void
assurance_sentence(const struct state *state,
                   char ret[static ASSURANCE_SENTENCE_MAX])
{
    (void)snprintf(ret, ASSURANCE_SENTENCE_MAX, "%s, %.20s%s",
                   origin_sentence(assurance_origin(state)),
                   assurance_proof(state), second_fact(state));
}
