/* SPDX-License-Identifier: Apache-2.0 */
/* A change of the module is no reason to stop, and none to be silent. */
#include "agent/holdfast/session/recorded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
recorded_put_module(const struct session *session)
{
    struct state *state = session->state;
    const struct keystore_info *store = &session->store;

    state_set_text(state, STATE_TOKEN_MAKER, store->maker);
    state_set_text(state, STATE_TOKEN_MODEL, store->model);
    state_set_text(state, STATE_TOKEN_MODULE, store->module);
    state_set_text(state, STATE_TOKEN_MODULE_ASKED, session->preflight.module);
}

/* The sentence about the change; NULL: nothing has changed, or no memory. */
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
recorded_tell_update(struct state *state)
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
note_update(const struct session *session, struct err_cause *cause)
{
    struct state *state = session->state;
    char *update = describe_update(state, &session->store);
    enum ks_err rc;

    if (update == NULL)
        return KS_OK;
    state_set_text(state, STATE_TOKEN_UPDATE, update);
    free(update);
    recorded_put_module(session);
    rc = state_save(state, state_phase(state), cause);
    if (rc == KS_OK && !session->silent)
        recorded_tell_update(state);
    return rc;
}

static enum ks_err
check_same(const struct session *session, struct err_cause *cause)
{
    const struct state *state = session->state;
    const struct keystore_info *store = &session->store;
    const struct preflight_identity found = {store->maker, store->model,
                                             store->serial};

    if (state_kind(state) == store->kind &&
        preflight_is_same(&session->preflight, &found))
        return session->anew ? KS_OK : note_update(session, cause);
    return err_set(cause, KS_ERR_TOKEN_OTHER,
                   "%s token with serial %s instead of %s token with serial %s",
                   store->kind->scheme, store->serial,
                   state_text(state, STATE_TOKEN_SCHEME),
                   state_text(state, STATE_TOKEN_SERIAL));
}

enum ks_err
recorded_check(const struct session *session, struct err_cause *cause)
{
    struct state *state = session->state;
    const struct keystore_info *store = &session->store;

    state_set_number(state, STATE_TOKEN_SRK_UNVERIFIED, store->srk_unverified);
    /* A PIN that is given when an attempt is taken up is that of the keys that
     * are made from then on. */
    if (session->preflight.pin >= 0)
        state_set_number(state, STATE_TOKEN_PIN, 1);
    if (*state_text(state, STATE_TOKEN_SCHEME) != '\0')
        return check_same(session, cause);
    state_set_text(state, STATE_TOKEN_URI, session->preflight.uri);
    state_set_text(state, STATE_TOKEN_SCHEME, store->kind->scheme);
    state_set_text(state, STATE_TOKEN_LABEL, store->label);
    state_set_text(state, STATE_TOKEN_SERIAL, store->serial);
    recorded_put_module(session);
    state_set_text(state, STATE_TOKEN_ROOT, store->root);
    state_set_number(state, STATE_TOKEN_EMULATED, store->emulated);
    state_set_number(state, STATE_TOKEN_HARDWARE,
                     session->preflight.hardware || store->kind->hardware);
    return KS_OK;
}
