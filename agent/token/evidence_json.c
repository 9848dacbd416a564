/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of docs/attestation.md, whose bytes the enrolment proof names by
 * their hash. */
#include "agent/token/evidence_json.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/asn1.h>
#include <openssl/crypto.h>

#include "agent/ipc/layout.h"
#include "agent/statement/jws.h"

/* base64url is four thirds, and names and braces have room in the rest. */
_Static_assert(2 * (2 * EVIDENCE_AREA_MAX + EVIDENCE_CERTIFICATE_MAX +
                    EVIDENCE_CHAIN_MAX) <=
                       LAYOUT_EVIDENCE_MAX &&
                   2 * (EVIDENCE_SECRET_MAX + 3 * EVIDENCE_AREA_MAX +
                        4 * (EVIDENCE_STATEMENT_MAX + EVIDENCE_SIGNATURE_MAX) +
                        32 * EVIDENCE_PCRS) <=
                       LAYOUT_EVIDENCE_MAX,
               "messages hold an offer and its evidence");

/* NULL where memory is short, as jansson has it everywhere here: what is put
 * into an object then is missed there. */
static json_t *
base64url(const uint8_t *bytes, size_t length)
{
    size_t size = 4 * ((length + 2) / 3) + 1;
    char *text = malloc(size);
    json_t *string;

    if (text == NULL)
        return NULL;
    jws_base64url(bytes, length, text);
    string = json_string(text);
    OPENSSL_cleanse(text, size);
    free(text);
    return string;
}

/* NAME into OBJECT, where there is any of it. */
static bool
put(json_t *object, const char *name, const uint8_t *bytes, size_t length)
{
    return length == 0 ||
           json_object_set_new(object, name, base64url(bytes, length)) == 0;
}

static bool
put_area(json_t *object, const char *name, const struct evidence_area *area)
{
    return put(object, name, area->bytes, area->length);
}

/* The member NAME of what an AK signed, with the area AREA_NAME that is
 * believed by it; nothing where it signed none. */
static bool
put_statement(json_t *object, const char *name,
              const struct evidence_statement *statement, const char *area_name,
              const struct evidence_area *area)
{
    json_t *member;

    if (statement->length == 0)
        return true;
    member = json_object();
    if (!put_area(member, area_name, area) ||
        !put(member, "statement", statement->bytes, statement->length) ||
        !put(member, "signature", statement->signature,
             statement->signature_length)) {
        json_decref(member);
        return false;
    }
    return json_object_set_new(object, name, member) == 0;
}

/* The certificates of CHAIN, each by the length that it begins with; what is
 * none, and all behind it, says nothing to anybody.  A verifier refuses a whole
 * offer for a certificate too many, or one that is too long, so that those end
 * the list as well. */
static bool
put_chain(json_t *object, const uint8_t *chain, size_t length)
{
    json_t *list = json_array();
    const uint8_t *end = chain + length;
    bool done = list != NULL;

    while (done && chain < end &&
           json_array_size(list) < EVIDENCE_CHAIN_COUNT) {
        const uint8_t *at = chain;
        long content;
        int tag, class;
        int form = ASN1_get_object(&at, &content, &tag, &class, end - chain);

        if (form != V_ASN1_CONSTRUCTED || tag != V_ASN1_SEQUENCE)
            break;
        at += content;
        if (at - chain > EVIDENCE_CERTIFICATE_MAX)
            break;
        done = json_array_append_new(
                   list, base64url(chain, (size_t)(at - chain))) == 0;
        chain = at;
    }
    if (done && json_array_size(list) > 0)
        return json_object_set_new(object, "chain", list) == 0;
    json_decref(list);
    return done;
}

static json_t *
pcr_list(uint32_t pcrs)
{
    json_t *list = json_array();

    for (json_int_t i = 0; i < EVIDENCE_PCRS; i++)
        if ((pcrs >> i & 1) != 0 &&
            json_array_append_new(list, json_integer(i)) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *
offer_object(const struct evidence_offer *offer, uint32_t pcrs)
{
    const struct evidence_endorsement *ek = &offer->endorsement;
    json_t *endorsement = json_object();
    json_t *object = json_object();
    bool done = put_area(endorsement, "public", &ek->public) &&
                put(endorsement, "certificate", ek->certificate,
                    ek->certificate_length) &&
                put_chain(endorsement, offer->chain, offer->chain_length);

    done = json_object_set_new(object, "endorsement", endorsement) == 0 && done;
    done = done && put_area(object, "key", &offer->key) &&
           (pcrs == 0 ||
            json_object_set_new(object, "pcrs", pcr_list(pcrs)) == 0);
    if (done)
        return object;
    json_decref(object);
    return NULL;
}

static bool
put_values(json_t *object, const struct evidence *evidence)
{
    json_t *list;

    if (evidence->quote.length == 0)
        return true;
    list = json_array();
    for (size_t i = 0; i < evidence->pcr_count && i < EVIDENCE_PCRS; i++)
        if (json_array_append_new(list, base64url(evidence->pcr[i], 32)) != 0) {
            json_decref(list);
            return false;
        }
    return json_object_set_new(json_object_get(object, "quote"), "values",
                               list) == 0;
}

static json_t *
evidence_object(const struct evidence *evidence, const char *nonce)
{
    static const struct evidence_area none = {.length = 0};
    json_t *object = json_pack("{s:s}", "nonce", nonce);

    if (object != NULL &&
        put(object, "secret", evidence->secret, evidence->secret_length) &&
        put_statement(object, "creation", &evidence->creation, "data",
                      &evidence->creation_data) &&
        put_statement(object, "machine", &evidence->machine, "public",
                      &evidence->machine_public) &&
        put_statement(object, "credential", &evidence->credential, "public",
                      &evidence->credential_public) &&
        put_statement(object, "quote", &evidence->quote, "", &none) &&
        put_values(object, evidence))
        return object;
    json_decref(object);
    return NULL;
}

/* Takes OBJECT over. */
static char *
text_of(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);

    json_decref(object);
    return text;
}

char *
evidence_json_offer(const struct evidence_offer *offer, uint32_t pcrs)
{
    return text_of(offer_object(offer, pcrs));
}

char *
evidence_json_answer(const struct evidence *evidence, const char *nonce)
{
    return text_of(evidence_object(evidence, nonce));
}

void
evidence_json_free(char *text)
{
    if (text != NULL)
        OPENSSL_cleanse(text, strlen(text));
    free(text);
}
