/* SPDX-License-Identifier: Apache-2.0 */
/* A fact of a kind is a column here, not a comparison of names where it
 * matters. */
#include "keystore/store/kind.h"

#include <stddef.h>
#include <string.h>

const struct keystore_kind keystore_kind_none = {.scheme = ""};

const struct keystore_kind keystore_kind_soft = {.scheme = "soft",
                                                 .unprotected = true};

const struct keystore_kind keystore_kind_pkcs11 = {
    .scheme = "pkcs11", .in_module = true, .unflushed = true};

const struct keystore_kind keystore_kind_tpm2 = {.scheme = "tpm2",
                                                 .pin_of_keys = true,
                                                 .wraps_files = true,
                                                 .hardware = true};

const struct keystore_kind *
keystore_kind_of(const char *text)
{
    static const struct keystore_kind *const kinds[] = {
        &keystore_kind_soft, &keystore_kind_pkcs11, &keystore_kind_tpm2};
    size_t length = strcspn(text, ":");

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strlen(kinds[i]->scheme) == length &&
            memcmp(text, kinds[i]->scheme, length) == 0)
            return kinds[i];
    return &keystore_kind_none;
}
