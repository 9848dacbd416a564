/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens as they are known before anybody logs in, as JSON. */
#include "agent/holdfast/report/report.h"

#include <stdio.h>

#include <jansson.h>

#include "agent/holdfast/report/print.h"
#include "hsm/pkcs11/emulation.h"

static json_t *
token_object(const struct inspect_token *token)
{
    static const struct {
        unsigned flag;
        const char *name;
    } flags[] = {
        {CHANNEL_TOKEN_INITIALISED, "initialised"},
        {CHANNEL_TOKEN_LOGIN_REQUIRED, "login_required"},
        {CHANNEL_TOKEN_PIN_SET, "pin_set"},
        {CHANNEL_TOKEN_OWN_PIN_PAD, "own_pin_pad"},
        {CHANNEL_TOKEN_PIN_COUNT_LOW, "pin_count_low"},
        {CHANNEL_TOKEN_PIN_FINAL_TRY, "pin_final_try"},
        {CHANNEL_TOKEN_PIN_LOCKED, "pin_locked"},
        {CHANNEL_TOKEN_READ_ONLY, "read_only"},
        {CHANNEL_TOKEN_UNWRAPS, "takes_wrapped_keys"},
    };
    json_t *object = json_object();

    report_put_text(object, "label", token->label);
    report_put_text(object, "maker", token->maker);
    report_put_text(object, "model", token->model);
    report_put_text(object, "serial", token->serial);
    report_put_text(
        object, "hardware",
        report_hardware(pkcs11_emulation_is(token->maker, token->model),
                        (token->flags & CHANNEL_TOKEN_HARDWARE) != 0));
    report_put_text(object, "slot", token->slot);
    report_put_text(object, "module", token->module);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        (void)json_object_set_new(
            object, flags[i].name,
            json_boolean((token->flags & flags[i].flag) != 0));
    (void)json_object_set_new(object, "certificates",
                              json_integer(token->certificates));
    return object;
}

/* A TPM's number is its storage root key's. */
static const char *
root_of(const struct tpm_client *tpm)
{
    switch (tpm->standing) {
    case TPM_CLIENT_ROOT_STANDARD:
        return tpm->srk;
    case TPM_CLIENT_ROOT_FOREIGN:
        return "none: another program's key stands where the storage root key "
               "would";
    case TPM_CLIENT_ROOT_TRANSIENT:
        return "none: the storage root key is made at each opening";
    case TPM_CLIENT_ROOT_NONE:
        break;
    }
    return "none: no storage root key yet";
}

static json_t *
tpm_object(const struct tpm_client *tpm)
{
    json_t *object = json_object();
    json_t *lockout = json_object();

    report_put_text(object, "tpm", tpm->uri);
    report_put_text(object, "maker", tpm->maker);
    report_put_text(object, "model", tpm->model);
    report_put_text(object, "firmware", tpm->firmware);
    (void)json_object_set_new(object, "emulated", json_boolean(tpm->emulated));
    report_put_text(object, "key_types", tpm->key_types);
    report_put_text(object, "serial", root_of(tpm));
    (void)json_object_set_new(object, "owner_password",
                              json_boolean(tpm->owner_password));
    (void)json_object_set_new(lockout, "locked", json_boolean(tpm->locked));
    (void)json_object_set_new(lockout, "failures", json_integer(tpm->failures));
    (void)json_object_set_new(lockout, "most_failures",
                              json_integer(tpm->failures_max));
    (void)json_object_set_new(lockout, "seconds_to_forget_one",
                              json_integer(tpm->interval));
    (void)json_object_set_new(object, "lockout", lockout);
    return object;
}

void
report_tokens(const struct inspect_token *tokens, size_t token_count,
              const struct tpm_client *tpms, size_t tpm_count, bool json)
{
    json_t *array = json_array();
    json_t *entry;
    size_t i;

    for (i = 0; i < token_count; i++)
        (void)json_array_append_new(array, token_object(&tokens[i]));
    for (i = 0; i < tpm_count; i++)
        (void)json_array_append_new(array, tpm_object(&tpms[i]));
    if (json) {
        report_print(array, true);
        return;
    }
    json_array_foreach(array, i, entry)
    {
        if (i > 0)
            (void)putchar('\n');
        report_print(json_incref(entry), false);
    }
    json_decref(array);
}
