/* SPDX-License-Identifier: Apache-2.0 */
/* Key files as anybody may have written them: cut, altered, of another kind,
 * claiming things. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "hsm/tpm2/pem.h"
#include "hsm/tpm2/public.h"
#include "tests/unit/hsm/tpm2/tss_key_writer.h"

#define ARENA (64 * 1024)
#define PARENT 0x81000001u

static struct tpm2_pem sample;
static struct secret *text;

static int
make_sample(void **state)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");

    (void)state;
    sample = (struct tpm2_pem){.parent = PARENT};
    tpm2_public_template(MATERIAL_P256, 256, false, false, &sample.public);
    assert_int_equal(tpm2_public_fill(&sample.public, key, NULL), KS_OK);
    EVP_PKEY_free(key);
    sample.private.size = 126;
    for (size_t i = 0; i < sample.private.size; i++)
        sample.private.buffer[i] = (uint8_t)i;
    return tpm2_pem_encode(&sample, "a label", &text, NULL) == KS_OK ? 0 : -1;
}

static int
free_sample(void **state)
{
    (void)state;
    secret_free(&text);
    return 0;
}

static enum ks_err
decode(const void *bytes, size_t length)
{
    struct tpm2_pem pem = {.parent = 4711};
    struct err_cause cause = {.text = ""};
    enum ks_err rc = tpm2_pem_decode(bytes, length, &pem, &cause);

    if (rc != KS_OK) {
        assert_int_equal(rc, KS_ERR_TOKEN_FAILED);
        assert_non_null(strstr(cause.text, "TSS2 PRIVATE KEY"));
        assert_int_equal(pem.parent, 4711);
    }
    return rc;
}

static enum ks_err
decode_parts(const struct tss_key_parts *parts, struct tpm2_pem *ret)
{
    char written[TPM2_PEM_MAX];
    size_t length = tss_key_write(parts, &sample, written);

    return tpm2_pem_decode((const uint8_t *)written, length, ret, NULL);
}

static void
anything_else_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        "TSS2 PRIVATE KEY",
        "-----BEGIN TSS2 PRIVATE KEY-----\n",
        "-----BEGIN TSS2 PRIVATE KEY-----\n-----END TSS2 PRIVATE KEY-----\n",
        "-----BEGIN TSS2 PRIVATE KEY-----\nMAA=\n"
        "-----END TSS2 PRIVATE KEY-----\n",
        "-----BEGIN TSS2 PRIVATE KEY-----\n!!!!\n"
        "-----END TSS2 PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(decode(texts[i], strlen(texts[i])),
                         KS_ERR_TOKEN_FAILED);
}

static void
every_cut_file_is_refused(void **state)
{
    size_t length = secret_length(text);

    (void)state;
    assert_int_equal(decode(secret_bytes(text), length), KS_OK);
    /* without its last line's end it is still whole */
    assert_int_equal(decode(secret_bytes(text), length - 1), KS_OK);
    for (size_t i = 0; i < length - 1; i++)
        if (decode(secret_bytes(text), i) == KS_OK)
            fail_msg("%zu of %zu bytes are taken", i, length);
}

static void
files_of_another_kind_are_refused(void **state)
{
    static const uint8_t large[] = {0x02, 0x05, 0x01, 0, 0, 0, 0};
    static const uint8_t negative[] = {0x02, 0x01, 0xff};
    static const uint8_t none[] = {0x05, 0x00};
    struct tss_key_parts parts[9];
    struct tpm2_pem pem;

    (void)state;
    for (size_t i = 0; i < 9; i++)
        parts[i] = tss_key_usual;
    assert_int_equal(decode_parts(&tss_key_usual, &pem), KS_OK);
    parts[0].type = tss_key_importable;
    parts[1].behind = 1;
    parts[2].public_cut = 1;
    parts[3].public_extra = 1;
    parts[4].private_extra = 1;
    parts[5].parent = large;
    parts[5].parent_length = sizeof large;
    parts[6].parent = negative;
    parts[6].parent_length = sizeof negative;
    parts[7].parent = none;
    parts[7].parent_length = sizeof none;
    parts[8].name = "PRIVATE KEY";
    for (size_t i = 0; i < 9; i++)
        if (decode_parts(&parts[i], &pem) != KS_ERR_TOKEN_FAILED)
            fail_msg("%zu is taken", i);
}

/* OpenSSL would ask for it at the terminal, or read it from there. */
static void
nobody_is_asked_for_a_passphrase(void **state)
{
    static const char header[] = "Proc-Type: 4,ENCRYPTED\n"
                                 "DEK-Info: AES-256-CBC,"
                                 "000102030405060708090a0b0c0d0e0f\n\n";
    const char *plain = (const char *)secret_bytes(text);
    const char *body = strstr(plain, "-----\n");
    char claiming[TPM2_PEM_MAX];
    int length;

    (void)state;
    assert_non_null(body);
    body += strlen("-----\n");
    length = snprintf(
        claiming, sizeof claiming, "%.*s%s%.*s", (int)(body - plain), plain,
        header, (int)(secret_length(text) - (size_t)(body - plain)), body);
    assert_in_range(length, 1, sizeof claiming - 1);
    assert_int_equal(decode(claiming, (size_t)length), KS_ERR_TOKEN_FAILED);
}

/* Whatever they come to be: no crash, and no read outside. */
static void
altered_bits_harm_nobody(void **state)
{
    uint8_t altered[TPM2_PEM_MAX];
    size_t length = secret_length(text);
    unsigned taken = 0;

    (void)state;
    for (size_t i = 0; i < length * 8; i++) {
        memcpy(altered, secret_bytes(text), length);
        altered[i / 8] ^= (uint8_t)(1u << i % 8);
        taken += decode(altered, length) == KS_OK;
    }
    /* the label's, and those inside of what only the TPM can judge */
    assert_in_range(taken, 1, length * 8 - 1);
}

static void
labels_cannot_pass_for_keys(void **state)
{
    static const char *const labels[] = {
        "-----BEGIN TSS2 PRIVATE KEY-----",
        "x\n-----BEGIN TSS2 PRIVATE KEY-----\nMAA=\n"
        "-----END TSS2 PRIVATE KEY-----\n",
        "\r\n-----BEGIN CERTIFICATE-----",
        "\x1b[2J\xc3\xa4",
        "%s%s%n",
        "",
        "a label that is much longer than any that anybody would ever want to "
        "give to a key of theirs, and then some more of it, and more",
    };

    (void)state;
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        struct secret *labelled = NULL;
        const char *bytes, *end;
        struct tpm2_pem pem;

        assert_int_equal(tpm2_pem_encode(&sample, labels[i], &labelled, NULL),
                         KS_OK);
        bytes = (const char *)secret_bytes(labelled);
        assert_memory_equal(bytes, "Key: ", 5);
        end = strchr(bytes, '\n');
        assert_memory_equal(end, "\n-----BEGIN TSS2 PRIVATE KEY-----\n", 34);
        for (const char *p = bytes; p < end; p++)
            assert_in_range(*p, ' ', '~');
        assert_int_equal(tpm2_pem_decode(secret_bytes(labelled),
                                         secret_length(labelled), &pem, NULL),
                         KS_OK);
        assert_int_equal(pem.parent, PARENT);
        secret_free(&labelled);
    }
}

/* Others leave it out, and mean by that what this reads: not empty. */
static void
empty_auth_is_read_in_all_its_forms(void **state)
{
    static const struct {
        int written;
        bool wanted;
    } forms[] = {{-1, false}, {0, false}, {0xff, true}, {1, true}};

    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct tss_key_parts parts = tss_key_usual;
        struct tpm2_pem pem = {.empty_auth = !forms[i].wanted};

        parts.empty_auth = forms[i].written;
        assert_int_equal(decode_parts(&parts, &pem), KS_OK);
        assert_int_equal(pem.empty_auth, forms[i].wanted);
    }
}

static void
files_come_back_as_they_were_written(void **state)
{
    static const TPM2_HANDLE parents[] = {PARENT, 0x40000001, 0, 0x817fffff};

    (void)state;
    for (size_t i = 0; i < 2 * sizeof parents / sizeof parents[0]; i++) {
        struct tpm2_pem wanted = sample;
        struct tpm2_pem pem;
        struct secret *written = NULL;

        wanted.parent = parents[i / 2];
        wanted.empty_auth = i % 2 != 0;
        assert_int_equal(tpm2_pem_encode(&wanted, "label", &written, NULL),
                         KS_OK);
        assert_int_equal(tpm2_pem_decode(secret_bytes(written),
                                         secret_length(written), &pem, NULL),
                         KS_OK);
        assert_int_equal(pem.parent, wanted.parent);
        assert_int_equal(pem.empty_auth, wanted.empty_auth);
        assert_int_equal(pem.private.size, wanted.private.size);
        assert_memory_equal(pem.private.buffer, wanted.private.buffer,
                            wanted.private.size);
        assert_memory_equal(&pem.public.publicArea.unique.ecc,
                            &wanted.public.publicArea.unique.ecc,
                            sizeof pem.public.publicArea.unique.ecc.x);
        secret_free(&written);
    }
}

/* An empty value said and not left out: stock tpm2-openssl 1.1 takes keys
 * without it for keys with none. */
static void
empty_auth_is_always_written(void **state)
{
    static const uint8_t said[] = {0xa0, 0x03, 0x01, 0x01, 0x00};
    BIO *bio = BIO_new_mem_buf(secret_bytes(text), (int)secret_length(text));
    char *name = NULL, *header = NULL;
    unsigned char *der = NULL;
    const unsigned char *type;
    long length = 0;

    (void)state;
    assert_int_equal(PEM_read_bio(bio, &name, &header, &der, &length), 1);
    assert_string_equal(name, "TSS2 PRIVATE KEY");
    type = memmem(der, (size_t)length, tss_key_loadable,
                  sizeof tss_key_loadable);
    assert_non_null(type);
    assert_memory_equal(type + sizeof tss_key_loadable, said, sizeof said);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(der);
    BIO_free(bio);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(every_cut_file_is_refused),
        cmocka_unit_test(files_of_another_kind_are_refused),
        cmocka_unit_test(nobody_is_asked_for_a_passphrase),
        cmocka_unit_test(altered_bits_harm_nobody),
        cmocka_unit_test(labels_cannot_pass_for_keys),
        cmocka_unit_test(empty_auth_is_read_in_all_its_forms),
        cmocka_unit_test(files_come_back_as_they_were_written),
        cmocka_unit_test(empty_auth_is_always_written),
    };

    if (secret_init(ARENA, NULL) != KS_OK)
        return 1;
    return cmocka_run_group_tests(tests, make_sample, free_sample);
}
