/* SPDX-License-Identifier: Apache-2.0 */
/* Binary values of a JSON object: base64url without padding, one spelling for
 * one value. */
#ifndef VAULT_ATTESTATION_MEMBER_H
#define VAULT_ATTESTATION_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#define MEMBER_MAX                                                             \
    2048 /* of each; a certificate as NV holds it is the longest */

struct member {
    uint8_t *bytes; /* NULL where there is none */
    size_t length;
};

/* The member NAME of OBJECT, for member_free().  True, and no bytes, where it
 * is absent; false where it is empty, longer than MEMBER_MAX, or no such text.
 * OBJECT may be NULL or something else than an object: false. */
bool member_read(const json_t *object, const char *name, struct member *ret);
/* The same of a value by itself, which has to be there. */
bool member_value(const json_t *value, struct member *ret);
void member_free(struct member *member);

#endif
