/* SPDX-License-Identifier: Apache-2.0 */
/* The ASN.1 is OpenSSL's, the TPM's structures are the TSS's; a file may have
 * been written by anybody. */
#include "hsm/tpm2/pem.h"

#include <stdio.h>
#include <string.h>

#include <openssl/asn1t.h>
#include <openssl/bio.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <tss2/tss2_mu.h>

#define PEM_NAME "TSS2 PRIVATE KEY"
#define LOADABLE "2.23.133.10.1.3" /* id-loadablekey */
#define TRUE 0xff

struct tss_key {
    ASN1_OBJECT *type;
    ASN1_BOOLEAN empty_auth;
    ASN1_INTEGER *parent;
    ASN1_OCTET_STRING *public;
    ASN1_OCTET_STRING *private;
};

/* OpenSSL's macros want a type name. */
typedef struct tss_key TSS_KEY;

/* empty_auth without a default, so that false is written, too: readers differ
 * in what they take an absent one for. */
ASN1_SEQUENCE(TSS_KEY) =
    {
        ASN1_SIMPLE(TSS_KEY, type, ASN1_OBJECT),
        ASN1_EXP_OPT(TSS_KEY, empty_auth, ASN1_BOOLEAN, 0),
        ASN1_SIMPLE(TSS_KEY, parent, ASN1_INTEGER),
        ASN1_SIMPLE(TSS_KEY, public, ASN1_OCTET_STRING),
        ASN1_SIMPLE(TSS_KEY, private, ASN1_OCTET_STRING),
} static_ASN1_SEQUENCE_END(TSS_KEY)

        IMPLEMENT_STATIC_ASN1_ALLOC_FUNCTIONS(TSS_KEY)

            static bool set_areas(TSS_KEY * key, const struct tpm2_pem *pem)
{
    uint8_t bytes[sizeof(TPM2B_PUBLIC) + sizeof(TPM2B_PRIVATE)];
    size_t length = 0;

    if (Tss2_MU_TPM2B_PUBLIC_Marshal(&pem->public, bytes, sizeof bytes,
                                     &length) != TSS2_RC_SUCCESS ||
        ASN1_STRING_set(key->public, bytes, (int)length) != 1)
        return false;
    length = 0;
    return Tss2_MU_TPM2B_PRIVATE_Marshal(&pem->private, bytes, sizeof bytes,
                                         &length) == TSS2_RC_SUCCESS &&
           ASN1_STRING_set(key->private, bytes, (int)length) == 1;
}

/* The caller frees *RET with OPENSSL_free(); its length, or -1. */
static int
encode_der(const struct tpm2_pem *pem, unsigned char **ret)
{
    TSS_KEY *key = TSS_KEY_new();
    int length = -1;

    if (key != NULL) {
        key->type = OBJ_txt2obj(LOADABLE, 1);
        key->empty_auth = pem->empty_auth ? TRUE : 0;
    }
    if (key != NULL && key->type != NULL &&
        ASN1_INTEGER_set_uint64(key->parent, pem->parent) == 1 &&
        set_areas(key, pem))
        length = ASN1_item_i2d((ASN1_VALUE *)key, ret, ASN1_ITEM_rptr(TSS_KEY));
    TSS_KEY_free(key);
    return length;
}

static bool
write_pem(BIO *bio, const char *label, const unsigned char *der, int length)
{
    char line[96];

    (void)snprintf(line, sizeof line, "%.80s", label);
    err_escape(line);
    /* A label could look like the beginning of a key. */
    return BIO_printf(bio, "Key: %s\n", line) > 0 &&
           PEM_write_bio(bio, PEM_NAME, "", der, length) > 0;
}

enum ks_err
tpm2_pem_encode(const struct tpm2_pem *pem, const char *label,
                struct secret **ret, struct err_cause *cause)
{
    unsigned char *der = NULL;
    int der_length = encode_der(pem, &der);
    BIO *bio = BIO_new(BIO_s_mem());
    struct secret *text = NULL;
    char *bytes = NULL;
    long length = 0;
    enum ks_err rc = KS_ERR_INTERNAL;

    if (der_length > 0 && bio != NULL && write_pem(bio, label, der, der_length))
        length = BIO_get_mem_data(bio, &bytes);
    if (length > 0)
        rc = secret_new((size_t)length, &text);
    if (rc == KS_OK) {
        memcpy(secret_space(text), bytes, (size_t)length);
        secret_set_length(text, (size_t)length);
        *ret = text;
    } else {
        rc = err_set_openssl(cause, rc, "key file");
    }
    BIO_free(bio);
    OPENSSL_free(der);
    return rc;
}

static bool
get_areas(const TSS_KEY *key, struct tpm2_pem *ret)
{
    size_t used = 0;
    size_t length = (size_t)ASN1_STRING_length(key->public);

    if (Tss2_MU_TPM2B_PUBLIC_Unmarshal(ASN1_STRING_get0_data(key->public),
                                       length, &used,
                                       &ret->public) != TSS2_RC_SUCCESS ||
        used != length)
        return false;
    used = 0;
    length = (size_t)ASN1_STRING_length(key->private);
    return Tss2_MU_TPM2B_PRIVATE_Unmarshal(ASN1_STRING_get0_data(key->private),
                                           length, &used,
                                           &ret->private) == TSS2_RC_SUCCESS &&
           used == length;
}

static bool
is_loadable(const TSS_KEY *key)
{
    char type[sizeof LOADABLE + 8];

    return OBJ_obj2txt(type, sizeof type, key->type, 1) > 0 &&
           strcmp(type, LOADABLE) == 0;
}

static bool
decode_der(const unsigned char *der, long length, struct tpm2_pem *ret)
{
    const unsigned char *end = der;
    TSS_KEY *key = (TSS_KEY *)ASN1_item_d2i(NULL, &end, length,
                                            ASN1_ITEM_rptr(TSS_KEY));
    struct tpm2_pem pem = {.empty_auth = false};
    uint64_t parent = 0;
    bool good = key != NULL && end == der + length && is_loadable(key) &&
                ASN1_INTEGER_get_uint64(&parent, key->parent) == 1 &&
                parent <= UINT32_MAX && get_areas(key, &pem);

    if (good) {
        pem.empty_auth = key->empty_auth > 0; /* -1: absent */
        pem.parent = (TPM2_HANDLE)parent;
        *ret = pem;
    }
    TSS_KEY_free(key);
    return good;
}

/* A file that claims to be encrypted must not make OpenSSL ask. */
static int
no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

enum ks_err
tpm2_pem_decode(const uint8_t *text, size_t length, struct tpm2_pem *ret,
                struct err_cause *cause)
{
    BIO *bio = BIO_new_mem_buf(text, (int)length);
    unsigned char *der = NULL;
    long der_length = 0;
    bool good = bio != NULL &&
                PEM_bytes_read_bio(&der, &der_length, NULL, PEM_NAME, bio,
                                   no_passphrase, NULL) == 1 &&
                decode_der(der, der_length, ret);

    OPENSSL_free(der);
    BIO_free(bio);
    return good ? KS_OK
                : err_set(cause, KS_ERR_TOKEN_FAILED,
                          "its file is no TSS2 PRIVATE KEY");
}
