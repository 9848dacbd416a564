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
                                                 .attests = true,
                                                 .hardware = true};

static const struct keystore_kind *
find_kind(const char *text, size_t length)
{
    static const struct keystore_kind *const kinds[] = {
        &keystore_kind_soft, &keystore_kind_pkcs11, &keystore_kind_tpm2};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strlen(kinds[i]->scheme) == length &&
            memcmp(text, kinds[i]->scheme, length) == 0)
            return kinds[i];
    return &keystore_kind_none;
}

const struct keystore_kind *
keystore_kind_of(const char *scheme)
{
    return find_kind(scheme, strlen(scheme));
}

const struct keystore_kind *
keystore_kind_of_uri(const char *uri)
{
    const char *colon = strchr(uri, ':');

    return colon != NULL ? find_kind(uri, (size_t)(colon - uri))
                         : &keystore_kind_none;
}
