/* SPDX-License-Identifier: Apache-2.0 */
/* CsrAttrs ::= SEQUENCE OF CHOICE { OBJECT IDENTIFIER, Attribute }.  Of the key
 * there is exactly one attribute, whose type is the key's and whose one value
 * is the curve; the signature's algorithm is named by its bare identifier. */
#include "tests/vault/service/csr_attributes.h"

#include <stdbool.h>

#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "tests/vault/service/encoding.h"
#include "tests/vault/service/fault.h"

/* Add VALUE (taken over), of TYPE, to LIST. */
static bool
add(ASN1_SEQUENCE_ANY *list, int type, void *value)
{
    ASN1_TYPE *element = ASN1_TYPE_new();

    if (element == NULL || value == NULL ||
        sk_ASN1_TYPE_push(list, element) <= 0) {
        ASN1_TYPE_free(element);
        return false;
    }
    ASN1_TYPE_set(element, type, value);
    return true;
}

/* The attribute that asks for a key on P-256, in DER; NULL after a fault. */
static ASN1_STRING *
make_key_attribute(void)
{
    X509_ATTRIBUTE *attribute = X509_ATTRIBUTE_create(
        NID_X9_62_id_ecPublicKey, V_ASN1_OBJECT,
        OBJ_nid2obj(NID_X9_62_prime256v1));
    ASN1_STRING *string = ASN1_STRING_type_new(V_ASN1_SEQUENCE);
    unsigned char *der = NULL;
    int length = attribute != NULL ? i2d_X509_ATTRIBUTE(attribute, &der) : -1;

    if (string == NULL || length <= 0 ||
        ASN1_STRING_set(string, der, length) != 1) {
        ASN1_STRING_free(string);
        string = NULL;
    }
    OPENSSL_free(der);
    X509_ATTRIBUTE_free(attribute);
    return string;
}

char *
csr_attributes(void)
{
    ASN1_SEQUENCE_ANY *list = sk_ASN1_TYPE_new_null();
    unsigned char *der = NULL;
    char *text = NULL;
    int length = -1;

    if (list != NULL && add(list, V_ASN1_SEQUENCE, make_key_attribute()) &&
        add(list, V_ASN1_OBJECT, OBJ_nid2obj(NID_ecdsa_with_SHA256)))
        length = i2d_ASN1_SEQUENCE_ANY(list, &der);
    if (length > 0)
        text = encoding_base64_lines(der, (size_t)length);
    else
        fault_openssl("CsrAttrs");
    OPENSSL_free(der);
    sk_ASN1_TYPE_pop_free(list, ASN1_TYPE_free);
    return text;
}
