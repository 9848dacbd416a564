/* SPDX-License-Identifier: Apache-2.0 */
/* The vault may know this machine already.  The phase cannot say that: a
 * registration that is taken up again begins at the import once more, and what
 * the vault was asked before stays asked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/holdfast/register/registration.h"

#include "keystore/base/hex.h"

bool
registration_may_be_listed(const struct state *state)
{
    /* The public half is recorded just before the vault is asked for its
     * certificate, and stays. */
    return *state_text(state, STATE_MACHINE_SPKI) != '\0';
}

bool
registration_was_asked_with(const struct state *state,
                            const uint8_t sha256[static 32])
{
    char hex[2 * 32 + 1];

    hex_write(hex, sha256, 32);
    return registration_may_be_listed(state) &&
           strstr(state_text(state, STATE_ASKED_WITH), hex) != NULL;
}

enum ks_err
registration_note_asked(struct state *state, struct err_cause *cause)
{
    const char *earlier = state_text(state, STATE_ASKED_WITH);
    const char *now = state_text(state, STATE_CREDENTIAL_SHA256);
    char *all = NULL;

    if (strstr(earlier, now) != NULL && *earlier != '\0')
        return KS_OK;
    if (asprintf(&all, "%s%s%s", earlier, *earlier != '\0' ? " " : "", now) < 0)
        return err_set_errno(cause, KS_ERR_RESOURCES, "no memory");
    state_set_text(state, STATE_ASKED_WITH, all);
    free(all);
    return KS_OK;
}
