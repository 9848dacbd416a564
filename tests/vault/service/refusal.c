/* SPDX-License-Identifier: Apache-2.0 */
/* Words and statuses; the sentences stand where the refusals are made. */
#include "tests/vault/service/refusal.h"

static const char *const words[] = {
#define X(name, word, status) [REFUSAL_##name] = word,
    REFUSAL_WORDS(X)
#undef X
};

static const int statuses[] = {
#define X(name, word, status) [REFUSAL_##name] = status,
    REFUSAL_WORDS(X)
#undef X
};

const char *
refusal_word(enum refusal refusal)
{
    return words[refusal];
}

int
refusal_status(enum refusal refusal)
{
    return statuses[refusal];
}
