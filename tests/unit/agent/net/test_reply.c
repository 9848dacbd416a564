/* SPDX-License-Identifier: Apache-2.0 */
/* Replies as a vault, or somebody in its place, may send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>

#include "agent/net/reply.h"

static struct http_reply
reply(long status, const char *body)
{
    struct http_reply made = {.status = status,
                              .body = (char *)(uintptr_t)body,
                              .length = strlen(body)};

    return made;
}

static enum ks_err
status(long got, const char *body, struct err_cause *cause)
{
    struct http_reply made = reply(got, body);

    cause->text[0] = '\0';
    return vault_reply_status(&made, 200, "asking", cause);
}

static void
status_decides(void **state)
{
    struct err_cause cause;

    (void)state;
    assert_int_equal(status(301, "", &cause), KS_ERR_NET_REPLY);
    assert_int_equal(status(204, "", &cause), KS_ERR_NET_REPLY);
    assert_int_equal(status(503, "", &cause), KS_ERR_VAULT_FAILED);
    assert_int_equal(status(429, "", &cause), KS_ERR_VAULT_FAILED);
    assert_int_equal(status(401, "<html>", &cause), KS_ERR_VAULT_REFUSED);
    assert_string_equal(cause.text, "asking: 401");
    assert_int_equal(status(200, "anything", &cause), KS_OK);
}

/* What passes is asked for again; what a server says for good is not, and its
 * remedy is no waiting. */
static void
only_what_may_pass_is_temporary(void **state)
{
    static const long temporary[] = {408, 425, 429, 500, 502, 503, 504};
    static const long final[] = {501, 505, 506, 508, 510, 511};
    struct err_cause cause;

    (void)state;
    for (size_t i = 0; i < sizeof temporary / sizeof temporary[0]; i++) {
        assert_true(http_is_temporary(temporary[i]));
        assert_int_equal(status(temporary[i], "", &cause), KS_ERR_VAULT_FAILED);
        assert_string_equal(err_remedy_after(KS_ERR_VAULT_FAILED, &cause),
                            err_remedy(KS_ERR_VAULT_FAILED));
    }
    for (size_t i = 0; i < sizeof final / sizeof final[0]; i++) {
        assert_false(http_is_temporary(final[i]));
        assert_int_equal(status(final[i], "", &cause), KS_ERR_VAULT_FAILED);
        assert_non_null(strstr(cause.text, "; tell the vault's operator"));
    }
    assert_false(http_is_temporary(507));
    assert_int_equal(status(507, "", &cause), KS_ERR_VAULT_FULL);
    assert_true(http_is_temporary(520)); /* a front's own */
    for (long of_client = 400; of_client < 500; of_client++)
        assert_int_equal(http_is_temporary(of_client), of_client == 408 ||
                                                           of_client == 425 ||
                                                           of_client == 429);
    for (long fine = 100; fine < 400; fine++)
        assert_false(http_is_temporary(fine));
}

static void
refusal_tells_the_vaults_sentence_without_its_controls(void **state)
{
    struct err_cause cause;

    (void)state;
    assert_int_equal(
        status(401,
               "{\"error\":\"invalid_client\",\"error_description\":"
               "\"superseded: a newer file\\u001b[2J\\u0007\"}",
               &cause),
        KS_ERR_VAULT_CREDENTIAL);
    assert_string_equal(cause.text,
                        "asking: 401 superseded: a newer file?[2J?");
    assert_int_equal(status(400, "{\"error\":\"invalid_request\"}", &cause),
                     KS_ERR_VAULT_REFUSED);
    assert_string_equal(cause.text, "asking: 400 invalid_request");
    assert_int_equal(status(401,
                            "{\"error\":\"invalid_client\","
                            "\"error_description\":\"superseded: by a newer "
                            "file; it was downloaded\"}",
                            &cause),
                     KS_ERR_VAULT_CREDENTIAL);
    assert_string_equal(err_remedy_after(KS_ERR_VAULT_CREDENTIAL, &cause),
                        err_remedy(KS_ERR_VAULT_CREDENTIAL));
}

static void
refusals_are_told_apart_by_their_sentence(void **state)
{
    static const struct {
        long status;
        const char *sentence;
        enum ks_err err;
    } cases[] = {
        {401, "superseded: by a newer file", KS_ERR_VAULT_CREDENTIAL},
        {401, "expired: made too long ago", KS_ERR_VAULT_CREDENTIAL},
        {401, "retired: it was for one machine", KS_ERR_VAULT_CREDENTIAL},
        {401, "revoked: by its owner", KS_ERR_VAULT_CREDENTIAL},
        {403, "revoked: the machine has left", KS_ERR_VAULT_REFUSED},
        {401, "unknown-certificate: none", KS_ERR_VAULT_CREDENTIAL},
        {401, "AADSTS700027: The certificate is not registered.",
         KS_ERR_VAULT_CREDENTIAL},
        {401, "clock: outside its time", KS_ERR_VAULT_CLOCK},
        {400,
         "AADSTS700024: Client assertion is not within its valid time "
         "range.",
         KS_ERR_VAULT_CLOCK},
        {401, "AADSTS7000241: something else", KS_ERR_VAULT_REFUSED},
        {401, "certificate-mismatch: two", KS_ERR_VAULT_REFUSED},
        {401, "assertion: signature", KS_ERR_VAULT_REFUSED},
        {401, "token: altered", KS_ERR_VAULT_REFUSED},
        {403, "policy: it wants a TPM", KS_ERR_VAULT_POLICY},
        {403, "endorsement: expired", KS_ERR_VAULT_EVIDENCE},
        {403, "evidence: another nonce", KS_ERR_VAULT_EVIDENCE},
        {403, "duplicate: of machine 1", KS_ERR_VAULT_DUPLICATE},
        {401, "policy: a credential's status", KS_ERR_VAULT_REFUSED},
        {403, "evidences: nothing", KS_ERR_VAULT_REFUSED},
        {403, "proof: missing", KS_ERR_VAULT_REFUSED},
        {403, "nonce: used", KS_ERR_VAULT_REFUSED},
        {400, "request: the body is too large", KS_ERR_VAULT_REFUSED},
        {401, "clockwork", KS_ERR_VAULT_REFUSED},
        {407, "proxy", KS_ERR_VAULT_REFUSED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err_cause cause;
        char body[256];

        (void)snprintf(body, sizeof body, "{\"error_description\":\"%s\"}",
                       cases[i].sentence);
        assert_int_equal(status(cases[i].status, body, &cause), cases[i].err);
        assert_non_null(strstr(cause.text, cases[i].sentence));
    }
}

/* The same words of a machine's certificate are no advice on a file. */
static void
machine_is_told_of_its_own_certificate(void **state)
{
    static char ended[] = "{\"error_description\":\"expired: a year ago\"}";
    static char unknown[] =
        "{\"error_description\":\"unknown-certificate: none\"}";
    const struct http_reply replies[] = {
        {.status = 401, .body = ended, .length = sizeof ended - 1},
        {.status = 401,
         .body = ended,
         .length = sizeof ended - 1,
         .machine = true},
        {.status = 401,
         .body = unknown,
         .length = sizeof unknown - 1,
         .machine = true},
    };
    static const enum ks_err errors[] = {
        KS_ERR_VAULT_CREDENTIAL, KS_ERR_MACHINE_ENDED, KS_ERR_VAULT_REFUSED};

    (void)state;
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++)
        assert_int_equal(vault_reply_status(&replies[i], 200, "asking", NULL),
                         errors[i]);
}

static void
only_an_object_is_taken(void **state)
{
    static const char *const bad[] = {
        "",
        "[]",
        "7",
        "{",
        "{\"a\":1}x",
        "{\"a\":1,\"a\":2}",
        "{\"a\":\"\xff\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct http_reply made = reply(200, bad[i]);
        json_t *object = NULL;

        assert_int_equal(vault_reply_json(&made, &object, NULL),
                         KS_ERR_NET_REPLY);
        assert_null(object);
    }
}

static void
texts_are_short_and_clean(void **state)
{
    json_t *object = json_pack("{s:s, s:s, s:s, s:i, s:s%}", "good", "value",
                               "empty", "", "line", "a\nb", "number", 1, "nul",
                               "a\0b", (size_t)3);

    (void)state;
    assert_non_null(object);
    assert_null(vault_reply_text(object, "absent", 10));
    assert_null(vault_reply_text(object, "empty", 10));
    assert_null(vault_reply_text(object, "line", 10));
    assert_null(vault_reply_text(object, "number", 10));
    assert_null(vault_reply_text(object, "nul", 10));
    assert_null(vault_reply_text(object, "good", 4));
    assert_string_equal(vault_reply_text(object, "good", 5), "value");
    json_decref(object);
}

/* A certs-only PKCS #7 with COUNT certificates, in base64 with line ends. */
static char *
make_certificates(int count)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    PKCS7 *pkcs7 = PKCS7_new();
    BIO *base64 = BIO_new(BIO_f_base64());
    BIO *memory = BIO_push(base64, BIO_new(BIO_s_mem()));
    char *text, *data;
    long length;

    assert_int_equal(PKCS7_set_type(pkcs7, NID_pkcs7_signed), 1);
    assert_int_equal(PKCS7_content_new(pkcs7, NID_pkcs7_data), 1);
    for (int i = 0; i < count; i++) {
        X509 *certificate = X509_new();

        X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 60);
        X509_set_pubkey(certificate, key);
        assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
        assert_int_equal(PKCS7_add_certificate(pkcs7, certificate), 1);
        X509_free(certificate);
    }
    assert_int_equal(i2d_PKCS7_bio(memory, pkcs7), 1);
    assert_int_equal(BIO_flush(memory), 1);
    length = BIO_get_mem_data(BIO_next(memory), &data);
    text = strndup(data, (size_t)length);
    BIO_free_all(memory);
    PKCS7_free(pkcs7);
    EVP_PKEY_free(key);
    return text;
}

static int
count_certificates(const char *text)
{
    struct http_reply made = reply(200, text);
    STACK_OF(X509) *certificates = NULL;
    enum ks_err rc = vault_reply_certificates(&made, &certificates, NULL);
    int count = rc == KS_OK ? sk_X509_num(certificates) : 0;

    sk_X509_pop_free(certificates, X509_free);
    assert_true(rc == KS_OK || rc == KS_ERR_NET_REPLY);
    return count;
}

static void
certificates_come_whole_or_not_at_all(void **state)
{
    char *none = make_certificates(0);
    char *two = make_certificates(2);
    size_t length = strlen(two);

    (void)state;
    assert_int_equal(count_certificates(""), 0);
    assert_int_equal(count_certificates("!!!!"), 0);
    assert_int_equal(count_certificates("AAAA"), 0);
    assert_int_equal(count_certificates(none), 0);
    assert_int_equal(count_certificates(two), 2);
    for (size_t cut = 4; cut < length; cut += 7) {
        char *part = strndup(two, length - cut);

        assert_int_equal(count_certificates(part), 0);
        free(part);
    }
    free(none);
    free(two);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_decides),
        cmocka_unit_test(only_what_may_pass_is_temporary),
        cmocka_unit_test(refusals_are_told_apart_by_their_sentence),
        cmocka_unit_test(machine_is_told_of_its_own_certificate),
        cmocka_unit_test(
            refusal_tells_the_vaults_sentence_without_its_controls),
        cmocka_unit_test(only_an_object_is_taken),
        cmocka_unit_test(texts_are_short_and_clean),
        cmocka_unit_test(certificates_come_whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
