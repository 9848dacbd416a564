/* SPDX-License-Identifier: Apache-2.0 */
/* Which token it is: recorded by the first run, and held against by later ones,
 * by what the token says of itself.  The file of its module belongs to somebody
 * else's package, and is another one after each update. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/holdfast/register/registration.h"

void
registration_put_module(const struct registration *registration)
{
    struct state *state = registration->state;
    const struct keystore_info *store = &registration->store;

    state_set_text(state, STATE_TOKEN_MAKER, store->maker);
    state_set_text(state, STATE_TOKEN_MODEL, store->model);
    state_set_text(state, STATE_TOKEN_MODULE, store->module);
    state_set_text(state, STATE_TOKEN_MODULE_ASKED,
                   registration->preflight.module);
}

/* What is to be said of the change; NULL: nothing has changed, or no memory. */
static char *
describe_update(const struct state *state, const struct keystore_info *store)
{
    const char *maker = state_text(state, STATE_TOKEN_MAKER);
    const char *model = state_text(state, STATE_TOKEN_MODEL);
    const char *module = state_text(state, STATE_TOKEN_MODULE);
    char *text = NULL;
    int length = 0;

    if (strcmp(maker, store->maker) != 0 || strcmp(model, store->model) != 0)
        length = asprintf(&text,
                          "token %s calls itself \"%s\", \"%s\" now, no more "
                          "\"%s\", \"%s\"",
                          store->serial, store->maker, store->model, maker,
                          model);
    else if (strcmp(module, store->module) != 0)
        length = asprintf(&text,
                          "the PKCS#11 module is another file than before: %s, "
                          "not %s",
                          store->module, module);
    return length < 0 ? NULL : text;
}

void
registration_tell_update(struct state *state)
{
    struct err_cause cause;
    const char *update = state_text(state, STATE_TOKEN_UPDATE);
    enum ks_err rc;

    if (*update == '\0')
        return;
    (void)fprintf(stderr, "holdfast: warning: %s\n", update);
    state_set_text(state, STATE_TOKEN_UPDATE, "");
    rc = state_save(state, state_phase(state), &cause);
    (void)rc; /* where that fails it is said once more */
}

/* Said once, and recorded.  Who may have changed the file was looked at when it
 * was opened (hsm/pkcs11/path.h). */
static enum ks_err
note_update(const struct registration *registration, struct err_cause *cause)
{
    struct state *state = registration->state;
    char *update = describe_update(state, &registration->store);
    enum ks_err rc;

    if (update == NULL)
        return KS_OK;
    state_set_text(state, STATE_TOKEN_UPDATE, update);
    free(update);
    registration_put_module(registration);
    rc = state_save(state, state_phase(state), cause);
    if (rc == KS_OK && !registration->silent)
        registration_tell_update(state);
    return rc;
}

static enum ks_err
check_same(const struct registration *registration, struct err_cause *cause)
{
    const struct state *state = registration->state;
    const struct keystore_info *store = &registration->store;
    const struct token_self recorded = preflight_recorded(
        &registration->preflight);
    const struct token_self found = {store->maker, store->model, store->serial};

    if (strcmp(state_text(state, STATE_TOKEN_SCHEME), store->scheme) == 0 &&
        token_self_is_same(&recorded, &found))
        return registration->anew ? KS_OK : note_update(registration, cause);
    return err_set(cause, KS_ERR_TOKEN_OTHER,
                   "%s token with serial %s instead of %s token with serial %s",
                   store->scheme, store->serial,
                   state_text(state, STATE_TOKEN_SCHEME),
                   state_text(state, STATE_TOKEN_SERIAL));
}

enum ks_err
registration_check_token(const struct registration *registration,
                         struct err_cause *cause)
{
    struct state *state = registration->state;
    const struct keystore_info *store = &registration->store;

    state_set_number(state, STATE_TOKEN_SRK_UNVERIFIED, store->srk_unverified);
    /* One that is given when an attempt is taken up is that of the keys that
     * are made from then on. */
    if (registration->preflight.pin >= 0)
        state_set_number(state, STATE_TOKEN_PIN, 1);
    if (*state_text(state, STATE_TOKEN_SCHEME) != '\0')
        return check_same(registration, cause);
    state_set_text(state, STATE_TOKEN_URI, registration->preflight.uri);
    state_set_text(state, STATE_TOKEN_SCHEME, store->scheme);
    state_set_text(state, STATE_TOKEN_LABEL, store->label);
    state_set_text(state, STATE_TOKEN_SERIAL, store->serial);
    registration_put_module(registration);
    state_set_text(state, STATE_TOKEN_ROOT, store->root);
    state_set_number(state, STATE_TOKEN_EMULATED, store->emulated);
    state_set_number(state, STATE_TOKEN_HARDWARE,
                     registration->preflight.hardware ||
                         strcmp(store->scheme, "tpm2") == 0);
    return KS_OK;
}
