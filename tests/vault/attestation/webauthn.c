/* SPDX-License-Identifier: Apache-2.0 */
/* The attestation object is CBOR in CTAP2's canonical form: keys by length and
 * then by their bytes, which is the order that they are added in here. */
#include "tests/vault/attestation/webauthn.h"

#include <stdbool.h>
#include <stdlib.h>

#include <cbor.h>

#include "tests/vault/service/encoding.h"

/* COSE's number of ECDSA with SHA-256 is -7, and CBOR's negative integers are
 * counted from -1. */
#define ES256_BELOW_MINUS_ONE 6

/* Takes VALUE over, whatever comes of it; false without memory. */
static bool
add(cbor_item_t *map, const char *name, cbor_item_t *value)
{
    cbor_item_t *key = cbor_build_string(name);
    bool done = key != NULL && value != NULL &&
                cbor_map_add(map, (struct cbor_pair){key, value});

    if (key != NULL)
        cbor_decref(&key);
    if (value != NULL)
        cbor_decref(&value);
    return done;
}

static cbor_item_t *
bytes(const struct webauthn_bytes *value)
{
    return cbor_build_bytestring(value->bytes, value->length);
}

/* The AK's certificate without its issuer's: a root that comes along with what
 * it is to vouch for proves nothing. */
static cbor_item_t *
certificates(const struct webauthn_plan *plan)
{
    cbor_item_t *list = cbor_new_definite_array(1);
    cbor_item_t *one = bytes(&plan->certificate);
    bool done = list != NULL && one != NULL && cbor_array_push(list, one);

    if (one != NULL)
        cbor_decref(&one);
    if (list != NULL && !done)
        cbor_decref(&list);
    return list;
}

static cbor_item_t *
statement(const struct webauthn_plan *plan)
{
    cbor_item_t *map = cbor_new_definite_map(6);

    if (map != NULL &&
        !(add(map, "alg", cbor_build_negint8(ES256_BELOW_MINUS_ONE)) &&
          add(map, "sig", bytes(&plan->signature)) &&
          add(map, "ver", cbor_build_string("2.0")) &&
          add(map, "x5c", certificates(plan)) &&
          add(map, "pubArea", bytes(&plan->area)) &&
          add(map, "certInfo", bytes(&plan->statement))))
        cbor_decref(&map);
    return map;
}

/* In base64url, for free(). */
static char *
attestation_object(const struct webauthn_plan *plan)
{
    const struct webauthn_bytes data = {
        plan->binding->authenticator_data,
        plan->binding->authenticator_data_length};
    cbor_item_t *map = cbor_new_definite_map(3);
    unsigned char *encoded = NULL;
    size_t size = 0;
    size_t length = 0;
    char *text = NULL;

    if (map == NULL)
        return NULL;
    if (add(map, "fmt", cbor_build_string("tpm")) &&
        add(map, "attStmt", statement(plan)) &&
        add(map, "authData", bytes(&data)))
        length = cbor_serialize_alloc(map, &encoded, &size);
    if (length > 0)
        text = encoding_base64url(encoded, length);
    free(encoded);
    cbor_decref(&map);
    return text;
}

json_t *
webauthn_registration(const struct webauthn_plan *plan)
{
    char *id = encoding_base64url(plan->id.bytes, plan->id.length);
    char *client = encoding_base64url(plan->binding->client_data,
                                      plan->binding->client_data_length);
    char *object = attestation_object(plan);
    json_t *json = NULL;

    if (id != NULL && client != NULL && object != NULL)
        json = json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:{}}", "id", id,
                         "rawId", id, "type", "public-key", "response",
                         "clientDataJSON", client, "attestationObject", object,
                         "clientExtensionResults");
    free(object);
    free(client);
    free(id);
    return json;
}
