/* SPDX-License-Identifier: Apache-2.0 */
/* A TLS 1.3 handshake whose client key signs elsewhere, and what the keyless
 * provider must refuse or leave to OpenSSL's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>

#include "agent/net/keyless.h"
#include "agent/statement/statement.h"

struct signer {
    EVP_PKEY *key;
    unsigned calls;
    uint16_t scheme;
    bool refuse;
    bool handshake; /* the content was a CertificateVerify's */
};

/* The other process's part, with a key of the default provider. */
static bool
sign(void *context, uint16_t scheme, const uint8_t *content,
     size_t content_length, uint8_t *signature, size_t *length)
{
    struct signer *signer = context;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_PKEY_CTX *ctx;
    const char *digest = scheme == 0x0503 ? "SHA384" : "SHA256";

    signer->calls++;
    signer->scheme = scheme;
    signer->handshake = statement_is_handshake(content, content_length);
    if (!signer->refuse) {
        assert_int_equal(EVP_DigestSignInit_ex(md, &ctx, digest, NULL, NULL,
                                               signer->key, NULL),
                         1);
        if (scheme == 0x0804) {
            EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING);
            EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST);
        }
        assert_int_equal(
            EVP_DigestSign(md, signature, length, content, content_length), 1);
    }
    EVP_MD_CTX_free(md);
    return !signer->refuse;
}

static EVP_PKEY *
make_key(const char *kind)
{
    EVP_PKEY *key = strcmp(kind, "RSA") == 0 ? EVP_RSA_gen(2048)
                                             : EVP_EC_gen(kind);

    assert_non_null(key);
    return key;
}

static X509 *
make_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);

    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               (const unsigned char *)"keyless", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

static int
accept_any(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    (void)store;
    return 1;
}

static SSL *
make_end(EVP_PKEY *key, X509 *certificate, bool client, int version)
{
    const char *scheme = keyless_scheme(key);
    SSL_CTX *ctx = SSL_CTX_new(client ? TLS_client_method()
                                      : TLS_server_method());
    SSL *ssl;

    assert_int_equal(SSL_CTX_use_certificate(ctx, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
    assert_int_equal(SSL_CTX_check_private_key(ctx), 1);
    SSL_CTX_set_max_proto_version(ctx, version);
    if (client) /* the macro is not const */
        assert_int_equal(
            SSL_CTX_set1_client_sigalgs_list(ctx, (char *)(uintptr_t)scheme),
            1);
    else
        SSL_CTX_set_verify(
            ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
    ssl = SSL_new(ctx);
    SSL_CTX_free(ctx);
    return ssl;
}

/* A handshake in memory; whether both ends finished it. */
static bool
handshake(EVP_PKEY *client_key, X509 *client_certificate, int version)
{
    EVP_PKEY *server_key = EVP_EC_gen("P-256");
    X509 *server_certificate = make_certificate(server_key);
    SSL *client = make_end(client_key, client_certificate, true, version);
    SSL *server = make_end(server_key, server_certificate, false, version);
    BIO *one, *other;
    int c = 0, s = 0;

    assert_int_equal(BIO_new_bio_pair(&one, 65536, &other, 65536), 1);
    SSL_set_bio(client, one, one);
    SSL_set_bio(server, other, other);
    for (int i = 0; i < 10 && (c != 1 || s != 1); i++) {
        c = SSL_connect(client);
        s = SSL_accept(server);
    }
    if (s == 1)
        assert_int_equal(
            X509_cmp(SSL_get0_peer_certificate(server), client_certificate), 0);
    ERR_clear_error();
    SSL_free(client);
    SSL_free(server);
    X509_free(server_certificate);
    EVP_PKEY_free(server_key);
    return c == 1 && s == 1;
}

struct identity {
    struct signer signer;
    EVP_PKEY *keyless;
    X509 *certificate;
};

static void
make_identity(struct identity *identity, const char *kind)
{
    struct err_cause cause = {""};

    memset(identity, 0, sizeof *identity);
    identity->signer.key = make_key(kind);
    identity->certificate = make_certificate(identity->signer.key);
    assert_int_equal(keyless_key(X509_get0_pubkey(identity->certificate), sign,
                                 &identity->signer, &identity->keyless, &cause),
                     KS_OK);
}

static void
free_identity(struct identity *identity)
{
    EVP_PKEY_free(identity->keyless);
    EVP_PKEY_free(identity->signer.key);
    X509_free(identity->certificate);
}

/* TLS 1.2 signs the messages themselves: the signer sees that and can refuse.
 */
static void
tls12_is_told_apart(void **state)
{
    struct identity identity;

    (void)state;
    make_identity(&identity, "RSA");
    (void)handshake(identity.keyless, identity.certificate, TLS1_2_VERSION);
    assert_int_equal(identity.signer.calls, 1);
    assert_false(identity.signer.handshake);
    free_identity(&identity);
}

/* Whether KEY signs with this digest and padding; the signer is the judge. */
static bool
signs(EVP_PKEY *key, const char *digest, int padding, int salt)
{
    static const uint8_t content[98];
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_PKEY_CTX *ctx;
    uint8_t signature[512];
    size_t length = sizeof signature;
    bool done;

    done = EVP_DigestSignInit_ex(md, &ctx, digest, NULL, NULL, key, NULL) == 1;
    if (done && padding != 0)
        done = EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1 &&
               (padding != RSA_PKCS1_PSS_PADDING ||
                EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt) == 1);
    done = done &&
           EVP_DigestSign(md, signature, &length, content, sizeof content) == 1;
    EVP_MD_CTX_free(md);
    ERR_clear_error();
    return done;
}

static void
other_schemes_are_refused(void **state)
{
    struct identity rsa, p256;

    (void)state;
    make_identity(&rsa, "RSA");
    make_identity(&p256, "P-256");
    assert_false(signs(rsa.keyless, "SHA256", RSA_PKCS1_PADDING, 0));
    assert_false(signs(rsa.keyless, "SHA512", RSA_PKCS1_PSS_PADDING,
                       RSA_PSS_SALTLEN_DIGEST));
    assert_false(signs(rsa.keyless, "SHA256", RSA_PKCS1_PSS_PADDING, 20));
    assert_false(signs(p256.keyless, "SHA384", 0, 0));
    assert_int_equal(rsa.signer.calls, 0);
    assert_int_equal(p256.signer.calls, 0);
    assert_true(signs(rsa.keyless, "SHA256", RSA_PKCS1_PSS_PADDING,
                      RSA_PSS_SALTLEN_DIGEST));
    assert_true(signs(p256.keyless, "SHA256", 0, 0));
    free_identity(&rsa);
    free_identity(&p256);
}

static void
private_half_cannot_be_written(void **state)
{
    struct identity identity;
    BIO *bio = BIO_new(BIO_s_mem());

    (void)state;
    make_identity(&identity, "P-256");
    assert_int_not_equal(PEM_write_bio_PrivateKey(bio, identity.keyless, NULL,
                                                  NULL, 0, NULL, NULL),
                         1);
    assert_int_equal(PEM_write_bio_PUBKEY(bio, identity.keyless), 1);
    ERR_clear_error();
    BIO_free(bio);
    free_identity(&identity);
}

static void
refusal_ends_the_handshake(void **state)
{
    struct identity identity;

    (void)state;
    make_identity(&identity, "P-256");
    identity.signer.refuse = true;
    assert_false(
        handshake(identity.keyless, identity.certificate, TLS1_3_VERSION));
    assert_int_equal(identity.signer.calls, 1);
    free_identity(&identity);
}

static void
handshakes_are_signed_elsewhere(void **state)
{
    static const struct {
        const char *kind;
        uint16_t scheme;
    } cases[] = {{"RSA", 0x0804}, {"P-256", 0x0403}, {"P-384", 0x0503}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct identity identity;

        make_identity(&identity, cases[i].kind);
        assert_true(
            handshake(identity.keyless, identity.certificate, TLS1_3_VERSION));
        assert_int_equal(identity.signer.calls, 1);
        assert_int_equal(identity.signer.scheme, cases[i].scheme);
        assert_true(identity.signer.handshake);
        free_identity(&identity);
    }
}

/* Keys of others must not be drawn into a provider that cannot verify. */
static void
all_else_is_openssls_own(void **state)
{
    EVP_KEYMGMT *management = EVP_KEYMGMT_fetch(NULL, "EC", NULL);
    EVP_SIGNATURE *signature = EVP_SIGNATURE_fetch(NULL, "ECDSA", NULL);
    EVP_PKEY *key = EVP_EC_gen("P-256");

    (void)state;
    assert_string_equal(
        OSSL_PROVIDER_get0_name(EVP_KEYMGMT_get0_provider(management)),
        "default");
    assert_string_equal(
        OSSL_PROVIDER_get0_name(EVP_SIGNATURE_get0_provider(signature)),
        "default");
    assert_true(signs(key, "SHA512", 0, 0));
    EVP_KEYMGMT_free(management);
    EVP_SIGNATURE_free(signature);
    EVP_PKEY_free(key);
}

static int
load(void **state)
{
    struct err_cause cause = {""};

    (void)state;
    return keyless_init(&cause) == KS_OK ? 0 : -1;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls12_is_told_apart),
        cmocka_unit_test(other_schemes_are_refused),
        cmocka_unit_test(private_half_cannot_be_written),
        cmocka_unit_test(refusal_ends_the_handshake),
        cmocka_unit_test(handshakes_are_signed_elsewhere),
        cmocka_unit_test(all_else_is_openssls_own),
    };

    return cmocka_run_group_tests(tests, load, NULL);
}
