/* SPDX-License-Identifier: Apache-2.0 */
/* Step 3: the credential's key into the token, recorded before it is made and
 * flushed to the medium after.  Whether it works is for a fresh process to
 * prove, never for this run. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "agent/holdfast/register/registration.h"
#include "agent/holdfast/report/progress.h"
#include "agent/holdfast/state/pem.h"

static void
put_credential(struct state *state, const struct credential *credential)
{
    static const struct {
        enum state_text to;
        enum credential_field from;
    } fields[] = {
        {STATE_VAULT, CREDENTIAL_RESOURCE_ID},
        {STATE_VAULT_NAME, CREDENTIAL_RESOURCE_NAME},
        {STATE_VAULT_SUBSCRIPTION, CREDENTIAL_SUBSCRIPTION_ID},
        {STATE_VAULT_GROUP, CREDENTIAL_RESOURCE_GROUP},
        {STATE_VAULT_LOCATION, CREDENTIAL_LOCATION},
        {STATE_AUTHORITY, CREDENTIAL_AAD_AUTHORITY},
        {STATE_TENANT, CREDENTIAL_AAD_TENANT_ID},
        {STATE_CLIENT_ID, CREDENTIAL_CLIENT_ID},
        {STATE_ENDPOINT, CREDENTIAL_ENDPOINT},
    };

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        state_set_text(state, fields[i].to, credential->text[fields[i].from]);
}

/* The addresses that are not fields of the file as they stand. */
static enum ks_err
put_addresses(struct state *state, const struct credential *credential,
              const struct options *options, struct err_cause *cause)
{
    char text[CREDENTIAL_TEXT_MAX];
    enum ks_err rc = credential_audience(credential, text, sizeof text);

    if (rc == KS_OK) {
        state_set_text(state, STATE_AUDIENCE, text);
        rc = endpoint_token(credential, text, sizeof text);
    }
    if (rc != KS_OK)
        return err_set(cause, rc, "an address in it is too long");
    state_set_text(state, STATE_TOKEN_ENDPOINT,
                   options->token_endpoint != NULL ? options->token_endpoint
                                                   : text);
    return KS_OK;
}

/* A fresh random id where none is recorded under WHICH. */
static enum ks_err
choose_id(struct state *state, enum state_text which, struct err_cause *cause)
{
    uint8_t id[KEYSTORE_ID_LENGTH];

    if (state_bytes(state, which, id, sizeof id))
        return KS_OK;
    if (RAND_bytes(id, sizeof id) != 1)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "key id");
    state_set_bytes(state, which, id, sizeof id);
    return KS_OK;
}

/* An earlier attempt with another credential: its key goes, the machine key
 * stays for this one. */
static enum ks_err
drop_other_credential(struct registration *registration,
                      const uint8_t sha256[static 32],
                      struct token_client *token, struct err_cause *cause)
{
    struct state *state = registration->session.state;
    uint8_t recorded[32];
    enum ks_err rc;

    if (!state_bytes(state, STATE_CREDENTIAL_SHA256, recorded,
                     sizeof recorded) ||
        memcmp(recorded, sha256, sizeof recorded) == 0)
        return KS_OK;
    rc = session_remove_key(&registration->session, token, STATE_CREDENTIAL_ID,
                            cause);
    if (rc == KS_OK)
        state_set_text(state, STATE_CREDENTIAL_ID, "");
    return rc;
}

static enum ks_err
record(struct registration *registration, const struct intake *intake,
       const uint8_t sha256[static 32], struct err_cause *cause)
{
    struct state *state = registration->session.state;
    enum ks_err rc;

    put_credential(state, intake->credential);
    pem_put_certificate(state, STATE_CREDENTIAL_CERTIFICATE,
                        intake->credential->certificate);
    state_set_bytes(state, STATE_CREDENTIAL_SHA256, sha256, 32);
    state_set_number(state, STATE_CREDENTIAL_KEY, STATE_KEY_ON_TOKEN);
    rc = put_addresses(state, intake->credential, registration->options, cause);
    if (rc == KS_OK)
        rc = choose_id(state, STATE_CREDENTIAL_ID, cause);
    if (rc == KS_OK)
        rc = choose_id(state, STATE_MACHINE_ID, cause);
    if (rc == KS_OK)
        rc = state_save(state, STATE_IMPORTING, cause);
    return rc;
}

enum ks_err
registration_import(struct registration *registration, struct intake *intake,
                    struct err_cause *cause)
{
    struct token_client *token = NULL;
    uint8_t sha256[CREDENTIAL_SHA256_LENGTH];
    uint8_t sha1[CREDENTIAL_SHA1_LENGTH];
    uint8_t id[KEYSTORE_ID_LENGTH];
    char label[64];
    enum keystore_way way = KEYSTORE_WAY_UNKNOWN;
    enum ks_err rc = credential_thumbprints(intake->credential, sha256, sha1,
                                            cause);

    if (rc == KS_OK)
        rc = session_run(&registration->session, intake->material, &token,
                         cause);
    if (rc == KS_OK)
        rc = registration_put_file(registration->session.state, intake, cause);
    if (rc == KS_OK)
        rc = drop_other_credential(registration, sha256, token, cause);
    if (rc == KS_OK)
        rc = record(registration, intake, sha256, cause);
    if (rc != KS_OK)
        goto out;
    progress_say("importing the credential's key into token \"%s\"",
                 registration->session.store.label);
    (void)snprintf(label, sizeof label, "holdfast credential %.40s",
                   state_text(registration->session.state, STATE_VAULT_NAME));
    err_escape(label); /* a token may not know UTF-8 */
    (void)state_bytes(registration->session.state, STATE_CREDENTIAL_ID, id,
                      sizeof id);
    rc = token_client_import(token,
                             &(struct layout_token_import){
                                 id, label, intake->credential->certificate},
                             &way, cause);
    session_flush(&registration->session);
    if (rc == KS_OK && way != KEYSTORE_WAY_UNKNOWN)
        state_set_number(registration->session.state, STATE_IMPORT, way);
out:
    token_client_close(&token);
    return rc;
}

void
registration_undo_import(struct registration *registration)
{
    struct session *session = &registration->session;
    struct token_client *token = NULL;
    struct err_cause second = {""}; /* the first is what the user is told */
    enum ks_err rc = session_run(session, -1, &token, &second);

    if (rc == KS_OK)
        rc = session_remove_key(session, token, STATE_CREDENTIAL_ID, &second);
    if (rc == KS_OK)
        rc = session_remove_key(session, token, STATE_MACHINE_ID, &second);
    token_client_close(&token);
    if (rc != KS_OK)
        return;
    session_flush(session);
    rc = state_forget(session->state, &second);
    (void)rc; /* what stays is taken up by the next call */
}
