/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in the child that makes a credential, nowhere else. */
#include "tests/vault/service/pfx.h"

#include <stdbool.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "tests/vault/service/fault.h"

#define ROUNDS 2000
#define PASSWORD ""
#define CSP "Microsoft Enhanced Cryptographic Provider v1.0"

/* What ties certificate and key together; Windows counts from one. */
static unsigned char local_key_id[] = {1, 0, 0, 0};

static PKCS12_SAFEBAG *
make_key_bag(EVP_PKEY *key, const char *friendly_name)
{
    PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(key);
    PKCS12_SAFEBAG *bag = NULL;

    if (plain != NULL)
        bag = PKCS12_SAFEBAG_create_pkcs8_encrypt(
            NID_pbe_WithSHA1And3_Key_TripleDES_CBC, PASSWORD, 0, NULL, 0,
            ROUNDS, plain);
    PKCS8_PRIV_KEY_INFO_free(plain);
    if (bag != NULL &&
        PKCS12_add_localkeyid(bag, local_key_id, sizeof local_key_id) == 1 &&
        PKCS12_add_friendlyname_utf8(bag, friendly_name, -1) == 1 &&
        (EVP_PKEY_is_a(key, "RSA") != 1 ||
         PKCS12_add_CSPName_asc(bag, CSP, -1) == 1))
        return bag;
    PKCS12_SAFEBAG_free(bag);
    return NULL;
}

static PKCS12_SAFEBAG *
make_certificate_bag(X509 *certificate)
{
    PKCS12_SAFEBAG *bag = PKCS12_SAFEBAG_create_cert(certificate);

    if (bag != NULL &&
        PKCS12_add_localkeyid(bag, local_key_id, sizeof local_key_id) == 1)
        return bag;
    PKCS12_SAFEBAG_free(bag);
    return NULL;
}

/* One bag in a content of its own, encrypted unless PBE is 0; takes BAG. */
static bool
add_content(STACK_OF(PKCS7) * contents, PKCS12_SAFEBAG *bag, int pbe)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = sk_PKCS12_SAFEBAG_new_null();
    PKCS7 *content = NULL;

    if (bag != NULL && bags != NULL && sk_PKCS12_SAFEBAG_push(bags, bag) > 0) {
        bag = NULL; /* transferred */
        content = pbe == 0 ? PKCS12_pack_p7data(bags)
                           : PKCS12_pack_p7encdata(pbe, PASSWORD, 0, NULL, 0,
                                                   ROUNDS, bags);
    }
    PKCS12_SAFEBAG_free(bag);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    if (content != NULL && sk_PKCS7_push(contents, content) > 0)
        return true;
    PKCS7_free(content);
    return false;
}

uint8_t *
pfx_make(EVP_PKEY *key, X509 *certificate, const char *friendly_name,
         size_t *ret)
{
    STACK_OF(PKCS7) *contents = sk_PKCS7_new_null();
    PKCS12 *pfx = PKCS12_init(NID_pkcs7_data);
    unsigned char *der = NULL;
    int length = 0;

    if (contents != NULL && pfx != NULL &&
        add_content(contents, make_key_bag(key, friendly_name), 0) &&
        add_content(contents, make_certificate_bag(certificate),
                    NID_pbe_WithSHA1And40BitRC2_CBC) &&
        PKCS12_pack_authsafes(pfx, contents) == 1 &&
        PKCS12_set_mac(pfx, PASSWORD, 0, NULL, 0, ROUNDS, EVP_sha1()) == 1)
        length = i2d_PKCS12(pfx, &der);
    if (length <= 0)
        fault_openssl("a PFX");
    sk_PKCS7_pop_free(contents, PKCS7_free);
    PKCS12_free(pfx);
    *ret = length > 0 ? (size_t)length : 0;
    return length > 0 ? der : NULL;
}
