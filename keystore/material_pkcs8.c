/* SPDX-License-Identifier: Apache-2.0 */
/* A PrivateKeyInfo made of one that was read in place.  The one copy that
 * comes of it is a secret. */
#include "keystore/material_pkcs8.h"

#include <string.h>

#include "keystore/der.h"

#define HEADER_MAX 4 /* a tag, and a length below 65536 */

/* A SEQUENCE's header for LENGTH bytes of content. */
static size_t
write_header(uint8_t ret[static HEADER_MAX], size_t length)
{
    size_t at = 0;

    ret[at++] = DER_SEQUENCE;
    if (length > 0xff)
        ret[at++] = 0x82;
    else if (length > 0x7f)
        ret[at++] = 0x81;
    if (length > 0xff)
        ret[at++] = (uint8_t)(length >> 8);
    ret[at++] = (uint8_t)length;
    return at;
}

enum ks_err
material_pkcs8(const struct material *material, struct secret **ret,
               struct err_cause *cause)
{
    const struct material_number *content = &material->content;
    struct secret *secret = NULL;
    size_t header;
    enum ks_err rc;

    if (content->length == 0 || content->length > MATERIAL_MAX - HEADER_MAX)
        return err_set(cause, KS_ERR_INTERNAL, "PKCS#8 of %zu bytes",
                       content->length);
    rc = secret_new(MATERIAL_MAX, &secret);
    if (rc != KS_OK)
        return err_set(cause, rc, "%d bytes for a key", MATERIAL_MAX);
    header = write_header(secret_space(secret), content->length);
    memcpy(secret_space(secret) + header, content->bytes, content->length);
    secret_set_length(secret, header + content->length);
    *ret = secret;
    return KS_OK;
}
