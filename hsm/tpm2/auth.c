/* SPDX-License-Identifier: Apache-2.0 */
/* The value's file may serve other software as a file of a passphrase. */
#include "hsm/tpm2/auth.h"

#include <string.h>

#include <openssl/rand.h>

#include "keystore/store/key_file.h"

#define AUTH_LENGTH 32 /* of the digest of a Name: the most a TPM takes */

static enum ks_err
copy_value(const struct secret *from, struct tpm2_auth *ret,
           struct err_cause *cause)
{
    size_t length = from != NULL ? secret_length(from) : 0;

    if (secret_new(AUTH_LENGTH, &ret->value) != KS_OK)
        return err_set(cause, KS_ERR_MEMORY_LOCK, "authorisation value");
    if (length > 0)
        memcpy(secret_space(ret->value), secret_bytes(from), length);
    secret_set_length(ret->value, length);
    ret->is_pin = from != NULL;
    return KS_OK;
}

enum ks_err
tpm2_auth_read(const struct tpm2_place *place, bool empty,
               const struct secret *pin, struct tpm2_auth *ret,
               struct err_cause *cause)
{
    char name[TPM2_PLACE_FILE];
    enum ks_err rc;

    tpm2_place_file(place, "auth", name);
    rc = key_file_read(place->directory, name, AUTH_LENGTH, &ret->value, cause);
    if (rc != KS_ERR_KEY_MISSING)
        return rc;
    if (empty)
        return copy_value(NULL, ret, cause);
    if (pin == NULL)
        return err_set(cause, KS_ERR_PIN_NEEDED, "for key %s", place->id);
    return copy_value(pin, ret, cause);
}

/* Random bytes, but for those that end a line or a text. */
static bool
fill_random(uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        if (RAND_priv_bytes(bytes + i, 1) != 1)
            return false;
        i += bytes[i] != '\0' && bytes[i] != '\n' && bytes[i] != '\r';
    }
    return true;
}

enum ks_err
tpm2_auth_new(const struct tpm2_place *place, const struct secret *pin,
              struct tpm2_auth *ret, struct err_cause *cause)
{
    char name[TPM2_PLACE_FILE];

    if (pin != NULL)
        return copy_value(pin, ret, cause);
    if (secret_new(AUTH_LENGTH, &ret->value) != KS_OK)
        return err_set(cause, KS_ERR_MEMORY_LOCK, "authorisation value");
    if (!fill_random(secret_space(ret->value), AUTH_LENGTH))
        return err_set_openssl(cause, KS_ERR_INTERNAL, "authorisation value");
    secret_set_length(ret->value, AUTH_LENGTH);
    tpm2_place_file(place, "auth", name);
    return key_file_write(place->directory, name, ret->value, cause);
}
