/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/credential/pfx.h: structures that no writer makes and a reader has
 * to survive, written by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/keystore/credential/der_writer.h"
#include "tests/unit/keystore/credential/pfx_case.h"

static const uint8_t version[] = {0x02, 0x01, 0x03};
static const uint8_t data[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                               0xf7, 0x0d, 0x01, 0x07, 0x01};
static const uint8_t signed_data[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                      0xf7, 0x0d, 0x01, 0x07, 0x02};
static const uint8_t encrypted_data[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                         0xf7, 0x0d, 0x01, 0x07, 0x06};

/* A PFX whose content info is of TYPE and has CONTENT */
static enum ks_err
try_content(const uint8_t *type, const void *content, size_t length)
{
    struct der_writer info = {.length = 0};
    struct der_writer inner = {.length = 0};
    struct der_writer pfx = {.length = 0};

    der_writer_bytes(&info, type, sizeof data);
    if (length > 0)
        der_writer_put(&info, 0xa0, content, length);
    der_writer_bytes(&inner, version, sizeof version);
    der_writer_put(&inner, 0x30, info.bytes, info.length);
    der_writer_put(&pfx, 0x30, inner.bytes, inner.length);
    return pfx_case_try_bytes(pfx.bytes, pfx.length);
}

/* A PFX of one safe, of TYPE and without content */
static enum ks_err
try_safe(const uint8_t *type)
{
    struct der_writer safe = {.length = 0};
    struct der_writer safes = {.length = 0};
    struct der_writer octets = {.length = 0};

    der_writer_put(&safe, 0x30, type, sizeof data);
    der_writer_put(&safes, 0x30, safe.bytes, safe.length);
    der_writer_put(&octets, 0x04, safes.bytes, safes.length);
    return try_content(data, octets.bytes, octets.length);
}

/* Where other readers have followed a null pointer (CVE-2024-0727) */
static void
hollow_structures_are_refused(void **state)
{
    static const uint8_t empty_octets[] = {0x04, 0x00};
    static const uint8_t no_safes[] = {0x04, 0x02, 0x30, 0x00};

    (void)state;
    assert_int_equal(try_content(data, NULL, 0), KS_ERR_CRED_FORMAT);
    assert_int_equal(try_content(signed_data, NULL, 0), KS_ERR_CRED_FORMAT);
    assert_int_equal(try_content(encrypted_data, NULL, 0), KS_ERR_CRED_FORMAT);
    assert_int_equal(try_content(data, empty_octets, sizeof empty_octets),
                     KS_ERR_CRED_FORMAT);
    assert_int_equal(try_content(data, no_safes, sizeof no_safes),
                     KS_ERR_CRED_NO_KEY);
    assert_int_equal(try_safe(data), KS_ERR_CRED_FORMAT);
    assert_int_equal(try_safe(signed_data), KS_ERR_CRED_UNUSABLE);
    assert_true(pfx_case_says("that a password opens"));
    assert_int_equal(try_safe(encrypted_data), KS_ERR_CRED_FORMAT);
}

/* A PFX with SAFES times a safe that has BAGS times BAG */
static enum ks_err
try_bags(unsigned safes, unsigned bags, const struct der_writer *bag)
{
    struct der_writer contents = {.length = 0};
    struct der_writer sequence = {.length = 0};
    struct der_writer octets = {.length = 0};
    struct der_writer info = {.length = 0};
    struct der_writer all = {.length = 0};

    for (unsigned i = 0; i < bags; i++)
        der_writer_bytes(&contents, bag->bytes, bag->length);
    der_writer_put(&sequence, 0x30, contents.bytes, contents.length);
    der_writer_put(&octets, 0x04, sequence.bytes, sequence.length);
    der_writer_bytes(&info, data, sizeof data);
    der_writer_put(&info, 0xa0, octets.bytes, octets.length);
    for (unsigned i = 0; i < safes; i++)
        der_writer_put(&all, 0x30, info.bytes, info.length);
    sequence.length = octets.length = 0;
    der_writer_put(&sequence, 0x30, all.bytes, all.length);
    der_writer_put(&octets, 0x04, sequence.bytes, sequence.length);
    return try_content(data, octets.bytes, octets.length);
}

/* A bag of TYPE (the last byte of its OID under pkcs-12Bags) with CONTENT */
static struct der_writer
make_bag(uint8_t type, const void *content, size_t length)
{
    const uint8_t oid[] = {0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                           0x0d, 0x01, 0x0c, 0x0a, 0x01, type};
    struct der_writer inner = {.length = 0};
    struct der_writer ret = {.length = 0};

    der_writer_bytes(&inner, oid, sizeof oid);
    der_writer_put(&inner, 0xa0, content, length);
    der_writer_put(&ret, 0x30, inner.bytes, inner.length);
    return ret;
}

/* As many as a file can hold: the bags of a whole list of issuers are read. */
static void
many_safes_and_bags_are_read(void **state)
{
    static const uint8_t null[] = {0x05, 0x00};
    struct der_writer bag = make_bag(99, null, sizeof null);

    (void)state;
    assert_int_equal(try_bags(8, 4, &bag), KS_ERR_CRED_NO_KEY);
    assert_int_equal(try_bags(64, 1, &bag), KS_ERR_CRED_NO_KEY);
    assert_int_equal(try_bags(1, 256, &bag), KS_ERR_CRED_NO_KEY);
}

static void
key_larger_than_any_is_weak(void **state)
{
    static const uint8_t rsa[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                  0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
    static const uint8_t zeros[4097];
    struct der_writer_pkcs8 huge = {.algorithm = rsa,
                                    .algorithm_length = sizeof rsa,
                                    .key = zeros,
                                    .key_length = sizeof zeros};
    struct der_writer key = der_writer_pkcs8(&huge);
    struct der_writer bag = make_bag(1, key.bytes, key.length);

    (void)state;
    assert_int_equal(try_bags(1, 1, &bag), KS_ERR_CRED_WEAK);
    assert_true(pfx_case_says("larger than any"));
}

int
main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, pfx_case_setup, pfx_case_teardown)
    const struct CMUnitTest tests[] = {
        TEST(hollow_structures_are_refused),
        TEST(many_safes_and_bags_are_read),
        TEST(key_larger_than_any_is_weak),
    };

    return cmocka_run_group_tests(tests, pfx_case_make, pfx_case_free);
}
