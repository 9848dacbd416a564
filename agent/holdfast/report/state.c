/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a registration, and of its TPM by now, as JSON. */
#include "agent/holdfast/report/report.h"

#include <string.h>

#include <jansson.h>

#include "agent/holdfast/register/registration.h"
#include "agent/holdfast/report/lifetime.h"
#include "agent/holdfast/report/print.h"
#include "agent/holdfast/state/assurance.h"
#include "agent/holdfast/state/given.h"
#include "keystore/store/keystore.h"

static void
put_state(json_t *object, const char *key, const struct state *state,
          enum state_text which)
{
    report_put_text(object, key, state_text(state, which));
}

static void
put_state_time(json_t *object, const char *key, const struct state *state,
               enum state_number which)
{
    uint64_t when = state_number(state, which);

    if (when != 0)
        report_put_time(object, key, (time_t)when);
}

static json_t *
state_vault(const struct state *state)
{
    json_t *vault = json_object();

    put_state(vault, "name", state, STATE_VAULT_NAME);
    put_state(vault, "id", state, STATE_VAULT);
    put_state(vault, "subscription", state, STATE_VAULT_SUBSCRIPTION);
    put_state(vault, "resource_group", state, STATE_VAULT_GROUP);
    put_state(vault, "location", state, STATE_VAULT_LOCATION);
    put_state(vault, "service", state, STATE_ENDPOINT);
    return vault;
}

const char *
report_hardware(bool emulated, bool says_so)
{
    return emulated  ? "no: a software emulation"
           : says_so ? "by its own word"
                     : "unknown: it does not say so";
}

/* Its handle, and how far it is to be trusted.  A state of before root keys at
 * other places says nothing. */
static void
put_root_key(json_t *token, const struct state *state)
{
    const char *root = state_text(state, STATE_TOKEN_ROOT);
    bool transient = strcmp(root, "0x40000001") == 0; /* TPM_RH_OWNER */

    report_put_text(token, "storage_root_handle",
                    transient ? "none: it is made at each opening" : root);
    report_put_text(token, "storage_root_key",
                    state_number(state, STATE_TOKEN_SRK_UNVERIFIED)
                        ? "unverified: the owner's password is set"
                        : "made again by the TPM and the same");
}

/* The TPM as it is now, and the way back. */
static json_t *
tpm_now(const struct tpm_change *change, bool json)
{
    json_t *now = json_object();

    report_put_text(now, "condition",
                    json ? tpm_change_word(change->kind)
                         : tpm_change_sentence(change->kind));
    report_put_text(now, "firmware", change->firmware);
    report_put_text(now, "why", change->why.text);
    report_put_text(now, "way_back", tpm_change_way_back(change->kind));
    return now;
}

static json_t *
state_token(const struct state *state, bool json)
{
    json_t *token = json_object();

    put_state(token, "kind", state, STATE_TOKEN_SCHEME);
    put_state(token, "label", state, STATE_TOKEN_LABEL);
    put_state(token, "maker", state, STATE_TOKEN_MAKER);
    put_state(token, "model", state, STATE_TOKEN_MODEL);
    put_state(token, "serial", state, STATE_TOKEN_SERIAL);
    put_state(token, "module", state, STATE_TOKEN_MODULE);
    (void)json_object_set_new(
        token, "emulated",
        json_boolean(state_number(state, STATE_TOKEN_EMULATED)));
    report_put_text(
        token, "hardware",
        report_hardware(state_number(state, STATE_TOKEN_EMULATED) != 0,
                        state_number(state, STATE_TOKEN_HARDWARE) != 0));
    if (state_kind(state)->wraps_files)
        put_root_key(token, state);
    if (*state_text(state, STATE_MACHINE_SPKI) != '\0' && json) {
        report_put_text(token, "machine_key_origin", assurance_origin(state));
        report_put_text(token, "machine_key_proof", assurance_proof(state));
    }
    put_state(token, "ek_sha256", state, STATE_EK_SHA256);
    put_state(token, "firmware_recorded", state, STATE_TPM_FIRMWARE);
    return token;
}

/* The files of attempts before the last: each has a key in it. */
static json_t *
state_earlier_files(const struct state *state)
{
    json_t *files = json_array();

    for (size_t i = 1; i < state_given_count(state); i++) {
        json_t *file = json_object();
        const char *outcome = state_given_text(state, i, STATE_WIPE_OUTCOME);
        const char *path = state_given_text(state, i, STATE_FILE_PATH);

        report_put_text(file, "file", *path != '\0' ? path : "-");
        report_put_text(file, "wipe",
                        *outcome != '\0'
                            ? outcome
                            : "to come, when 'holdfast register' has finished");
        report_put_text(file, "wipe_detail",
                        state_given_text(state, i, STATE_WIPE_DETAIL));
        (void)json_array_append_new(files, file);
    }
    return files;
}

static json_t *
state_credential(const struct state *state)
{
    static const char *const where[] = {
        [STATE_KEY_GONE] = "removed from the token",
        [STATE_KEY_ON_TOKEN] = "on the token, to be removed",
        [STATE_KEY_KEPT] = "kept on the token",
    };
    static const char *const ways[] = {
        [KEYSTORE_WAY_CLEAR] = "in the clear",
        [KEYSTORE_WAY_WRAPPED] = "wrapped under a key of the token",
    };
    json_t *credential = json_object();
    uint64_t way = state_number(state, STATE_IMPORT);
    uint64_t key = state_number(state, STATE_CREDENTIAL_KEY);

    put_state(credential, "certificate_sha256", state, STATE_CREDENTIAL_SHA256);
    put_state(credential, "file", state, STATE_FILE_PATH);
    put_state(credential, "wipe", state, STATE_WIPE_OUTCOME);
    put_state(credential, "wipe_detail", state, STATE_WIPE_DETAIL);
    put_state_time(credential, "wiped_at", state, STATE_WIPED_AT);
    report_put_text(credential, "import",
                    ways[way < KEYSTORE_WAY__MAX ? way : 0]);
    report_put_text(credential, "key", where[key <= STATE_KEY_KEPT ? key : 0]);
    if (state_given_count(state) > 1)
        (void)json_object_set_new(credential, "earlier_files",
                                  state_earlier_files(state));
    return credential;
}

/* The settings that `reconfigure` changes. */
static json_t *
state_settings(const struct state *state)
{
    json_t *settings = json_object();

    put_state(settings, "token_uri", state, STATE_TOKEN_URI);
    put_state(settings, "pin_file", state, STATE_PIN_SOURCE);
    put_state(settings, "ca_file", state, STATE_CA_FILE);
    put_state(settings, "crl_file", state, STATE_CRL_FILE);
    put_state(settings, "proxy", state, STATE_PROXY);
    put_state(settings, "proxy_except", state, STATE_PROXY_EXCEPT);
    return settings;
}

static json_t *
state_machine(const struct state *state, bool json)
{
    json_t *machine = json_object();
    char sentence[ASSURANCE_SENTENCE_MAX];
    time_t end;

    put_state(machine, "id", state, STATE_MACHINE);
    put_state(machine, "name", state, STATE_MACHINE_NAME);
    put_state_time(machine, "registered_at", state, STATE_REGISTERED_AT);
    if (lifetime_end(state, &end))
        report_put_time(machine, "certificate_ends", end);
    if (state_phase(state) < STATE_REGISTERED)
        (void)json_object_set_new(
            machine, "vault_may_list_it",
            json_boolean(registration_may_be_listed(state)));
    if (*state_text(state, STATE_MACHINE_SPKI) != '\0' && !json) {
        assurance_sentence(state, sentence);
        report_put_text(machine, "key", sentence);
    }
    return machine;
}

void
report_state(const struct state *state, const struct tpm_change *change,
             bool json)
{
    json_t *object = json_object();

    report_put_text(object, "state", state_phase_name(state_phase(state)));
    (void)json_object_set_new(object, "vault", state_vault(state));
    (void)json_object_set_new(object, "machine", state_machine(state, json));
    (void)json_object_set_new(object, "token", state_token(state, json));
    if (change != NULL)
        (void)json_object_set_new(object, "tpm_now", tpm_now(change, json));
    (void)json_object_set_new(object, "credential", state_credential(state));
    (void)json_object_set_new(object, "settings", state_settings(state));
    if (json)
        put_state(object, "receipt", state, STATE_RECEIPT);
    report_print(object, json);
}
