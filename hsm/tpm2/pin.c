/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM without a word on its lockout gets no PIN. */
#include "hsm/tpm2/pin.h"

#include <string.h>

#define PIN_MAX_LENGTH 32 /* of the digest of a key's Name, SHA-256 */

static enum ks_err
check_lockout(const struct tpm2_lockout *lockout, struct err_cause *cause)
{
    if (lockout->locked)
        return err_set(cause, KS_ERR_PIN_LOCKED,
                       "the TPM is in lockout after %u refusals; wait %u s, "
                       "or tpm2_dictionarylockout --clear-lockout",
                       lockout->failures, lockout->interval);
    if (lockout->failures > 0 &&
        (lockout->failures >= lockout->failures_max ||
         lockout->failures_max - lockout->failures == 1))
        return err_set(cause, KS_ERR_PIN_LOCKED,
                       "one more refusal would lock the TPM (%u of %u); wait "
                       "%u s, or tpm2_dictionarylockout --clear-lockout",
                       lockout->failures, lockout->failures_max,
                       lockout->interval);
    return KS_OK;
}

enum ks_err
tpm2_pin_may_try(struct tpm2_connection *tpm, struct err_cause *cause)
{
    struct tpm2_property property = {.maker = ""};
    TSS2_RC rc = tpm2_property_read_lockout(tpm->esys, &property);

    if (rc != TSS2_RC_SUCCESS)
        return tpm2_connection_fail(tpm, cause, rc, "TPM2_GetCapability");
    return check_lockout(&property.lockout, cause);
}

enum ks_err
tpm2_pin_take(struct tpm2_connection *tpm, const struct secret *pin,
              struct secret **ret, struct err_cause *cause)
{
    enum ks_err rc;

    if (pin == NULL)
        return KS_OK;
    if (secret_length(pin) == 0)
        return err_set(
            cause, KS_ERR_PIN_NEEDED,
            "the one given is empty; put the PIN where it is read from");
    if (secret_length(pin) > PIN_MAX_LENGTH)
        return err_set(cause, KS_ERR_PIN_WRONG, "a TPM takes at most %d bytes",
                       PIN_MAX_LENGTH);
    rc = tpm2_pin_may_try(tpm, cause);
    if (rc == KS_OK)
        rc = secret_new(PIN_MAX_LENGTH, ret);
    if (rc != KS_OK)
        return rc;
    memcpy(secret_space(*ret), secret_bytes(pin), secret_length(pin));
    secret_set_length(*ret, secret_length(pin));
    return KS_OK;
}
