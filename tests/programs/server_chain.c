/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates put together by OpenSSL, extension by extension. */
#include "tests/programs/server_chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define NEED(holds)                                                            \
    do {                                                                       \
        if (!(holds)) {                                                        \
            (void)fprintf(stderr, "chain: %s\n", #holds);                      \
            abort();                                                           \
        }                                                                      \
    } while (0)

#define DAY 86400L

/* Who issues: its certificate and key */
struct issuer {
    X509 *certificate;
    EVP_PKEY *key;
};

static struct issuer issuers[SERVER_ISSUER__MAX];

static void
add(X509 *to, int nid, const char *value)
{
    X509_EXTENSION *extension;

    if (value == NULL)
        return;
    extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    NEED(extension != NULL && X509_add_ext(to, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* An extension of no known kind, by its OID's number under a private arc */
static void
add_unknown(X509 *to)
{
    ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension;

    NEED(ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05", 2) == 1);
    extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 1, value);
    NEED(extension != NULL && X509_add_ext(to, extension, -1) == 1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
}

/* A name that a C string ends in the middle of */
static void
add_nul(X509 *to)
{
    static const char text[] = "localhost\0.example";
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *value = ASN1_IA5STRING_new();

    NEED(ASN1_STRING_set(value, text, sizeof text - 1) == 1);
    GENERAL_NAME_set0_value(name, GEN_DNS, value);
    NEED(sk_GENERAL_NAME_push(names, name) == 1);
    NEED(X509_add1_ext_i2d(to, NID_subject_alt_name, names, 0, 0) == 1);
    GENERAL_NAMES_free(names);
}

static void
add_extensions(X509 *to, const struct server_certificate *wanted)
{
    add(to, NID_basic_constraints, wanted->basic);
    add(to, NID_key_usage, wanted->usage);
    add(to, NID_ext_key_usage, wanted->extended_usage);
    add(to, NID_name_constraints, wanted->constraints);
    add(to, NID_tlsfeature, wanted->feature);
    if (wanted->nul)
        add_nul(to);
    else if (wanted->san == NULL)
        add(to, NID_subject_alt_name, "DNS:localhost");
    else if (*wanted->san != '\0')
        add(to, NID_subject_alt_name, wanted->san);
    if (wanted->critical)
        add_unknown(to);
}

static void
sign(X509 *certificate, EVP_PKEY *key, const struct server_certificate *wanted)
{
    const EVP_MD *digest = EVP_get_digestbyname(
        wanted->digest != NULL ? wanted->digest : "SHA256");
    const ASN1_BIT_STRING *signature = NULL;

    NEED(X509_sign(certificate, key,
                   EVP_PKEY_is_a(key, "ED25519") ? NULL : digest) > 0);
    if (!wanted->altered)
        return;
    X509_get0_signature(&signature, NULL, certificate);
    /* The last byte is in the signature's second number: still well-formed. */
    ((unsigned char *)(uintptr_t)signature->data)[signature->length - 1] ^= 1;
}

static X509 *
make(const struct server_certificate *wanted, const struct issuer *by)
{
    static long serial = 1;
    bool usual = wanted->from == 0 && wanted->to == 0;
    EVP_PKEY *key = server_chain_key(wanted->key != NULL ? wanted->key
                                                         : "P-256");
    X509 *ret = X509_new();
    X509_NAME *name = X509_get_subject_name(ret);

    NEED(X509_set_version(ret,
                          wanted->bare ? X509_VERSION_1 : X509_VERSION_3) == 1);
    NEED(ASN1_INTEGER_set(X509_get_serialNumber(ret), serial++) == 1);
    NEED(X509_gmtime_adj(X509_getm_notBefore(ret),
                         usual ? -DAY : wanted->from) != NULL);
    NEED(X509_gmtime_adj(X509_getm_notAfter(ret), usual ? DAY : wanted->to) !=
         NULL);
    if (wanted->name != NULL)
        NEED(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                        (const unsigned char *)wanted->name, -1,
                                        -1, 0) == 1);
    NEED(X509_set_issuer_name(
             ret, by == NULL || wanted->itself
                      ? X509_get_subject_name(ret)
                      : X509_get_subject_name(by->certificate)) == 1);
    NEED(X509_set_pubkey(ret, key) == 1);
    if (!wanted->bare)
        add_extensions(ret, wanted);
    sign(ret, by == NULL || wanted->itself ? key : by->key, wanted);
    return ret;
}

static void
make_issuer(enum server_issuer which, const char *key, const char *name,
            bool outdated)
{
    struct server_certificate wanted = {
        .key = key,
        .name = name,
        .san = "",
        .basic = "critical,CA:TRUE",
        .usage = "critical,keyCertSign,cRLSign",
        .from = outdated ? -2 * DAY : -DAY,
        .to = outdated ? -DAY : DAY,
    };

    issuers[which].certificate = make(&wanted, NULL);
    issuers[which].key = server_chain_key(key);
}

void
server_chain_begin(const char *path)
{
    FILE *file = fopen(path, "we");

    make_issuer(SERVER_AUTHORITY, "P-256/authority", "authority", false);
    make_issuer(SERVER_FORMER, "P-256/former", "former", true);
    make_issuer(SERVER_STRANGER, "P-256/stranger", "stranger", false);
    make_issuer(SERVER_NAMESAKE, "P-256/namesake", "authority", false);
    NEED(file != NULL);
    NEED(PEM_write_X509(file, issuers[SERVER_AUTHORITY].certificate) == 1);
    NEED(PEM_write_X509(file, issuers[SERVER_FORMER].certificate) == 1);
    NEED(fclose(file) == 0);
}

void
server_chain_end(void)
{
    for (size_t i = 0; i < SERVER_ISSUER__MAX; i++)
        X509_free(issuers[i].certificate);
    server_chain_key_end();
}

/* The responder's certificate, by ISSUER, for USAGE */
static X509 *
make_responder(const char *usage, const struct issuer *issuer)
{
    struct server_certificate wanted = {.key = "P-256/responder",
                                        .name = "responder",
                                        .san = "",
                                        .extended_usage = usage};

    return make(&wanted, issuer);
}

static OCSP_BASICRESP *
make_basic(X509 *leaf, const struct issuer *issuer, enum server_status status)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    X509 *of = status == SERVER_ANOTHERS ? issuers[SERVER_FORMER].certificate
                                         : leaf;
    OCSP_CERTID *id = OCSP_cert_to_id(NULL, of, issuer->certificate);
    long since = status == SERVER_EARLY ? 3600 : -2 * 3600;
    ASN1_TIME *from = X509_gmtime_adj(NULL, since);
    ASN1_TIME *to = X509_gmtime_adj(NULL,
                                    status == SERVER_STALE ? -3600 : 7200);
    int said = status == SERVER_REVOKED   ? V_OCSP_CERTSTATUS_REVOKED
               : status == SERVER_UNKNOWN ? V_OCSP_CERTSTATUS_UNKNOWN
                                          : V_OCSP_CERTSTATUS_GOOD;

    NEED(basic != NULL && id != NULL);
    NEED(OCSP_basic_add1_status(basic, id, said, OCSP_REVOKED_STATUS_NOSTATUS,
                                said == V_OCSP_CERTSTATUS_REVOKED ? from : NULL,
                                from, to) != NULL);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    return basic;
}

static void
sign_basic(OCSP_BASICRESP *basic, const struct issuer *issuer,
           enum server_status status)
{
    struct issuer by = status == SERVER_FORGED ? issuers[SERVER_STRANGER]
                                               : *issuer;
    X509 *responder = NULL;

    if (status == SERVER_DELEGATED)
        responder = make_responder("OCSPSigning", issuer);
    else if (status == SERVER_UNENTITLED)
        responder = make_responder("serverAuth", issuer);
    if (responder != NULL)
        by = (struct issuer){responder, server_chain_key("P-256/responder")};
    NEED(OCSP_basic_sign(basic, by.certificate, by.key, EVP_sha256(), NULL,
                         0) == 1);
    X509_free(responder);
}

static void
make_response(struct server_chain *chain, const struct issuer *issuer,
              enum server_status status)
{
    static const unsigned char garbage[] = "not a response";
    OCSP_BASICRESP *basic;
    OCSP_RESPONSE *response;

    if (status == SERVER_NONE)
        return;
    if (status == SERVER_GARBAGE) {
        chain->response = OPENSSL_memdup(garbage, sizeof garbage);
        chain->response_length = (int)sizeof garbage;
        return;
    }
    basic = make_basic(chain->leaf, issuer, status);
    sign_basic(basic, issuer, status);
    response = OCSP_response_create(status == SERVER_TRY_LATER
                                        ? OCSP_RESPONSE_STATUS_TRYLATER
                                        : OCSP_RESPONSE_STATUS_SUCCESSFUL,
                                    status == SERVER_TRY_LATER ? NULL : basic);
    NEED(response != NULL);
    chain->response_length = i2d_OCSP_RESPONSE(response, &chain->response);
    NEED(chain->response_length > 0);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
}

void
server_chain_make(const struct server_certificate *leaf,
                  const struct server_certificate *const *middles,
                  enum server_issuer issuer, enum server_status status,
                  struct server_chain *ret)
{
    struct issuer by = issuers[issuer];

    *ret = (struct server_chain){.others = sk_X509_new_null()};
    for (; middles != NULL && *middles != NULL; middles++) {
        X509 *one = make(*middles, &by);

        by = (struct issuer){one, server_chain_key((*middles)->key)};
        NEED(sk_X509_unshift(ret->others, one) > 0);
    }
    ret->leaf = make(leaf, &by);
    ret->key = server_chain_key(leaf->key != NULL ? leaf->key : "P-256");
    make_response(ret, &by, status);
}

void
server_chain_free(struct server_chain *chain)
{
    X509_free(chain->leaf);
    sk_X509_pop_free(chain->others, X509_free);
    OPENSSL_free(chain->response);
    *chain = (struct server_chain){.leaf = NULL};
}
