/* SPDX-License-Identifier: Apache-2.0 */
/* A PrivateKeyInfo made of one that was read in place.  The one copy that
 * comes of it is a secret. */
#include "keystore/store/material_pkcs8.h"

#include <string.h>

#include "keystore/base/der.h"

enum ks_err
material_pkcs8(const struct material *material, struct secret **ret,
               struct err_cause *cause)
{
    const struct material_number *content = &material->content;
    struct secret *secret = NULL;
    size_t header;
    enum ks_err rc;

    if (content->length == 0 || content->length > MATERIAL_MAX - DER_HEADER_MAX)
        return err_set(cause, KS_ERR_INTERNAL, "PKCS#8 of %zu bytes",
                       content->length);
    rc = secret_new(MATERIAL_MAX, &secret);
    if (rc != KS_OK)
        return err_set(cause, rc, "%d bytes for a key", MATERIAL_MAX);
    header = der_header(secret_space(secret), DER_SEQUENCE, content->length);
    memcpy(secret_space(secret) + header, content->bytes, content->length);
    secret_set_length(secret, header + content->length);
    *ret = secret;
    return KS_OK;
}
