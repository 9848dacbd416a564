/* SPDX-License-Identifier: Apache-2.0 */
/* Steps 4 and 5: the credential's run.  The key is proved first, in this fresh
 * process; then it signs one handshake, one assertion and one proof. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/holdfast/register/attest.h"
#include "agent/holdfast/register/enrolment.h"
#include "agent/holdfast/register/registration.h"
#include "agent/holdfast/report/progress.h"
#include "agent/holdfast/session/pair.h"
#include "agent/holdfast/state/pem.h"
#include "agent/statement/certificate_request.h"
#include "agent/statement/jws.h"

/* The credential's run and what belongs to it. */
struct run {
    struct registration *registration;
    struct state *state;
    struct pair pair;
    X509 *credential;  /* its certificate */
    EVP_PKEY *machine; /* public half, once there */
};

static enum ks_err
prove_credential(struct run *run, struct err_cause *cause)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    enum ks_err rc;

    if (!state_bytes(run->state, STATE_CREDENTIAL_ID, id, sizeof id))
        return err_set(cause, KS_ERR_STATE_BROKEN, "no credential key");
    rc = token_client_bind_credential(run->pair.token, id, run->credential,
                                      cause);
    if (rc == KS_OK)
        rc = token_client_prove(run->pair.token, STATEMENT_CREDENTIAL,
                                X509_get0_pubkey(run->credential), cause);
    if (rc == KS_OK)
        rc = state_save(run->state, STATE_IMPORTED, cause);
    return rc;
}

/* The vault answers a credential that has expired for the key alone that it was
 * asked about: for a new one it would refuse. */
static enum ks_err
check_new_key(const struct run *run, struct err_cause *cause)
{
    const struct credential credential = {.certificate = run->credential};
    time_t from, to;
    enum ks_err rc = credential_validity(&credential, &from, &to, cause);

    if (rc == KS_OK && time(NULL) > to)
        rc = err_set(cause, KS_ERR_CRED_EXPIRED,
                     "the machine's key that it had asked for is not on the "
                     "token any more");
    return rc;
}

/* A machine key from an earlier attempt is used again, so that the vault can
 * answer a repeated enrolment with the same certificate. */
static enum ks_err
bind_earlier_machine(struct run *run, struct err_cause *cause)
{
    enum ks_err rc;

    if (*state_text(run->state, STATE_MACHINE_SPKI) == '\0')
        return KS_OK;
    rc = pair_bind_machine(&run->registration->session, run->pair.token, cause);
    if (rc != KS_OK)
        return rc == KS_ERR_KEY_MISSING ? check_new_key(run, cause) : rc;
    run->machine = pem_public(run->state, STATE_MACHINE_SPKI);
    return run->machine != NULL
               ? KS_OK
               : err_set(cause, KS_ERR_STATE_BROKEN, "no machine key");
}

static enum ks_err
plan(struct run *run, struct err_cause *cause)
{
    uint8_t hash[32];
    struct layout_token_plan pins = {
        .client_id = state_text(run->state, STATE_CLIENT_ID),
        .token_endpoint = state_text(run->state, STATE_TOKEN_ENDPOINT),
        .resource = state_text(run->state, STATE_AUDIENCE),
        .vault = state_text(run->state, STATE_VAULT),
        .scheme = scheme_of_key(X509_get0_pubkey(run->credential)),
        .attest = settings_attest(&run->registration->session.settings)};

    if (pins.scheme == KEYSTORE_PS256 && run->registration->options->rs256)
        pins.scheme = KEYSTORE_RS256;
    if (run->machine != NULL) {
        enum ks_err rc = jws_spki_hash(run->machine, hash, cause);

        if (rc != KS_OK)
            return rc;
        pins.machine_key = (struct layout_bytes){hash, sizeof hash};
    }
    return token_client_plan(run->pair.token, &pins, cause);
}

static enum ks_err
get_token(struct run *run, struct err_cause *cause)
{
    progress_say("asking %s for an access token",
                 state_text(run->state, STATE_AUTHORITY));
    return net_client_token(run->pair.net, cause);
}

static enum ks_err
make_machine_key(struct run *run, struct err_cause *cause)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char label[64];
    enum ks_err rc = KS_OK;

    if (run->machine == NULL) {
        progress_say("making the machine's own key in the token");
        (void)state_bytes(run->state, STATE_MACHINE_ID, id, sizeof id);
        (void)snprintf(label, sizeof label, "holdfast machine %.40s",
                       state_text(run->state, STATE_VAULT_NAME));
        err_escape(label); /* a token may not know UTF-8 */
        rc = token_client_generate(run->pair.token, id, label, &run->machine,
                                   cause);
        run->registration->no_machine_key = rc != KS_OK;
        if (rc != KS_OK)
            return rc;
        pem_put_public(run->state, STATE_MACHINE_SPKI, run->machine);
        state_set_text(run->state, STATE_ASKED_WITH, ""); /* of another key */
        session_flush(&run->registration->session);
    }
    rc = registration_note_asked(run->state, cause);
    return rc == KS_OK ? state_save(run->state, STATE_REGISTERING, cause) : rc;
}

static void
machine_name(char ret[static HOST_NAME_MAX + 1])
{
    if (gethostname(ret, HOST_NAME_MAX + 1) != 0 || *ret == '\0')
        (void)snprintf(ret, HOST_NAME_MAX + 1, "machine");
    ret[HOST_NAME_MAX] = '\0';
    err_escape(ret);
}

/* Nonce and evidence, request, proof, and the certificate that answers them. */
static enum ks_err
request_certificate(struct run *run, X509 **ret, struct err_cause *cause)
{
    uint8_t request[LAYOUT_REQUEST_MAX];
    size_t length = 0;
    char name[HOST_NAME_MAX + 1];
    struct net_nonce nonce;
    char *proof = NULL;
    enum ks_err rc;

    machine_name(name);
    rc = attest_enrolment(&run->registration->session, &run->pair, name, &nonce,
                          cause);
    if (rc == KS_OK)
        rc = token_client_request(run->pair.token, request, &length, cause);
    if (rc == KS_OK)
        rc = token_client_enrolment(run->pair.token, nonce.text, &proof, cause);
    if (rc == KS_OK) {
        progress_say("enrolling the machine key with vault \"%s\"",
                     state_text(run->state, STATE_VAULT_NAME));
        rc = net_client_enrol(
            run->pair.net, &(struct layout_net_enrol){{request, length}, proof},
            ret, cause);
    }
    free(proof);
    return rc;
}

static enum ks_err
enrol(struct run *run, struct err_cause *cause)
{
    struct enrolment wanted = {.public = run->machine,
                               .vault = state_text(run->state, STATE_VAULT)};
    X509 *certificate = NULL;
    char uuid[ENROLMENT_UUID_MAX];
    enum ks_err rc = net_client_authorities(run->pair.net, &wanted.authorities,
                                            cause);

    if (rc == KS_OK)
        rc = request_certificate(run, &certificate, cause);
    wanted.now = time(NULL);
    if (rc == KS_OK)
        rc = enrolment_check(certificate, &wanted, uuid, cause);
    if (rc != KS_OK)
        goto out;
    state_set_text(run->state, STATE_MACHINE, uuid);
    state_set_number(run->state, STATE_REGISTERED_AT, (uint64_t)time(NULL));
    pem_put_certificate(run->state, STATE_MACHINE_CERTIFICATE, certificate);
    rc = state_save(run->state, STATE_REGISTERED, cause);
out:
    X509_free(certificate);
    sk_X509_pop_free(wanted.authorities, X509_free);
    return rc;
}

enum ks_err
registration_enrol(struct registration *registration, struct err_cause *cause)
{
    struct run run = {.registration = registration,
                      .state = registration->session.state};
    enum ks_err rc;

    run.credential = pem_certificate(run.state, STATE_CREDENTIAL_CERTIFICATE);
    if (run.credential == NULL)
        return err_set(cause, KS_ERR_STATE_BROKEN, "no credential certificate");
    progress_say("proving the imported key in a fresh process");
    rc = pair_open_credential(&registration->session, &run.pair, cause);
    if (rc == KS_OK)
        rc = prove_credential(&run, cause);
    if (rc == KS_OK)
        rc = bind_earlier_machine(&run, cause);
    if (rc == KS_OK)
        rc = plan(&run, cause);
    if (rc == KS_OK)
        rc = get_token(&run, cause);
    if (rc == KS_OK)
        rc = make_machine_key(&run, cause);
    if (rc == KS_OK)
        rc = enrol(&run, cause);
    pair_close(&run.pair);
    X509_free(run.credential);
    EVP_PKEY_free(run.machine);
    return rc;
}
