/* SPDX-License-Identifier: Apache-2.0 */
/* One try and no more: a TPM counts the refused ones. */
#include "hsm/tpm2/pin.h"

#include <string.h>

#include "hsm/tpm2/directory.h"
#include "hsm/tpm2/key.h"

#define PIN_MAX_LENGTH 32 /* of the digest of a key's Name, SHA-256 */

/* A lockout is for everybody who uses the TPM. */
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
tpm2_pin_may_try(struct tpm2_store *store, struct err_cause *cause)
{
    struct tpm2_property property = {.maker = ""};
    TSS2_RC rc = tpm2_property_read_lockout(store->esys, &property);

    if (rc != TSS2_RC_SUCCESS)
        return tpm2_store_fail(store, cause, rc, "TPM2_GetCapability");
    return check_lockout(&property.lockout, cause);
}

enum ks_err
tpm2_pin_take(struct tpm2_store *store, const struct secret *pin,
              struct err_cause *cause)
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
    rc = tpm2_pin_may_try(store, cause);
    if (rc == KS_OK)
        rc = secret_new(PIN_MAX_LENGTH, &store->pin);
    if (rc != KS_OK)
        return rc;
    memcpy(secret_space(store->pin), secret_bytes(pin), secret_length(pin));
    secret_set_length(store->pin, secret_length(pin));
    return KS_OK;
}

enum ks_err
tpm2_pin_check(struct tpm2_store *store, struct err_cause *cause)
{
    static const uint8_t digest[KEYSTORE_DIGEST_MAX];
    uint8_t signature[KEYSTORE_SIGNATURE_MAX];
    size_t length = sizeof signature;
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct tpm2_key *key = NULL;
    enum ks_err rc;

    if (store->pin == NULL || !tpm2_directory_find_with_pin(store, id))
        return KS_OK;
    rc = tpm2_key_find(store, id, &key, cause);
    if (rc == KS_OK && key->auth_is_pin)
        rc = tpm2_sign(key, scheme_of_key(key->key.public), digest, signature,
                       &length, cause);
    tpm2_key_free(&key);
    /* What else is wrong with it shows where it is used. */
    return rc == KS_ERR_PIN_WRONG || rc == KS_ERR_PIN_LOCKED ? rc : KS_OK;
}
