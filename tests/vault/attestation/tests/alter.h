/* SPDX-License-Identifier: Apache-2.0 */
/* Something is changed at a random place, which is printed: every value of a
 * message counts. */
#ifndef VAULT_ATTESTATION_TESTS_ALTER_H
#define VAULT_ATTESTATION_TESTS_ALTER_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* One bit of the bytes of one text in VALUE, however deep; each bit of all of
 * them is as likely. */
void alter_bit(json_t *value);
/* One character of a text becomes another one of base64url. */
void alter_character(json_t *value);
/* One bit of these bytes. */
void alter_bytes(uint8_t *bytes, size_t length);

#endif
