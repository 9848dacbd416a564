/* SPDX-License-Identifier: Apache-2.0 */
/* The length is looked at before anything is decoded: a body is a stranger's.
 */
#include "tests/vault/attestation/member.h"

#include <stdlib.h>

#include "tests/vault/service/encoding.h"

bool
member_value(const json_t *value, struct member *ret)
{
    size_t length = json_string_length(value);

    *ret = (struct member){0};
    /* Four characters for three bytes. */
    if (!json_is_string(value) || length == 0 ||
        length > MEMBER_MAX / 3 * 4 + 4)
        return false;
    ret->bytes = encoding_from_base64url(json_string_value(value), length,
                                         &ret->length);
    if (ret->bytes != NULL && ret->length > 0 && ret->length <= MEMBER_MAX)
        return true;
    member_free(ret);
    return false;
}

bool
member_read(const json_t *object, const char *name, struct member *ret)
{
    const json_t *value = json_object_get(object, name);

    *ret = (struct member){0};
    if (!json_is_object(object))
        return false;
    return value == NULL || member_value(value, ret);
}

void
member_free(struct member *member)
{
    free(member->bytes);
    *member = (struct member){0};
}
