/* SPDX-License-Identifier: Apache-2.0 */
/* The serial number is made once, at random: nothing about the machine or the
 * directory's path may be read out of it. */
#include "keystore/store/soft_serial.h"

#include <string.h>

#include <openssl/rand.h>

#include "keystore/base/hex.h"
#include "keystore/store/key_file.h"

static enum ks_err
make_serial(int directory, struct err_cause *cause)
{
    uint8_t random[SOFT_SERIAL_LENGTH / 2];
    struct secret *text = NULL;
    enum ks_err rc = secret_new(SOFT_SERIAL_LENGTH + 1, &text);

    if (rc != KS_OK)
        return err_set(cause, rc, "a serial number");
    if (RAND_bytes(random, (int)sizeof random) != 1) {
        rc = err_set_openssl(cause, KS_ERR_INTERNAL, "random serial");
    } else {
        hex_write((char *)secret_space(text), random, sizeof random);
        secret_set_length(text, SOFT_SERIAL_LENGTH);
        rc = key_file_write(directory, "serial", text, cause);
    }
    secret_free(&text);
    /* Another process may have been faster; then its serial holds. */
    return rc == KS_ERR_KEY_OTHER ? KS_OK : rc;
}

enum ks_err
soft_serial_read(int directory, char ret[static SOFT_SERIAL_LENGTH + 1],
                 struct err_cause *cause)
{
    struct secret *text = NULL;
    enum ks_err rc = key_file_read(directory, "serial", SOFT_SERIAL_LENGTH,
                                   &text, cause);

    if (rc == KS_ERR_KEY_MISSING) {
        rc = make_serial(directory, cause);
        if (rc == KS_OK)
            rc = key_file_read(directory, "serial", SOFT_SERIAL_LENGTH, &text,
                               cause);
    }
    if (rc != KS_OK)
        return rc;
    memcpy(ret, secret_bytes(text), secret_length(text));
    ret[secret_length(text)] = '\0';
    secret_free(&text);
    if (strspn(ret, "0123456789abcdef") != SOFT_SERIAL_LENGTH)
        return err_set(cause, KS_ERR_TOKEN_FAILED, "the serial file is broken");
    return KS_OK;
}
