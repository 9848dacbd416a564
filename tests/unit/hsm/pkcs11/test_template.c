/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a token for a new key: the protection always, nothing that
 * only the token may say, and room for every number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hsm/pkcs11/template.h"
#include "keystore/store/backend.h"

#define NUMBERS 8 /* of an RSA key */

static const uint8_t id[KEYSTORE_ID_LENGTH] = {1, 2, 3};
static const enum material_type types[] = {MATERIAL_RSA, MATERIAL_P256,
                                           MATERIAL_P384};

#define TYPES (sizeof types / sizeof types[0])

static const CK_ATTRIBUTE *
find(const struct pkcs11_template *template, CK_ATTRIBUTE_TYPE type)
{
    const CK_ATTRIBUTE *found = NULL;

    for (CK_ULONG i = 0; i < template->count; i++) {
        if (template->attributes[i].type != type)
            continue;
        if (found != NULL)
            fail_msg("0x%lx stands there twice", type);
        found = &template->attributes[i];
    }
    return found;
}

static void
assert_flag(const struct pkcs11_template *template, CK_ATTRIBUTE_TYPE type,
            CK_BBOOL value)
{
    const CK_ATTRIBUTE *attribute = find(template, type);

    if (attribute == NULL || attribute->ulValueLen != sizeof value)
        fail_msg("0x%lx is missing", type);
    assert_int_equal(*(const CK_BBOOL *)attribute->pValue, value);
}

static void
assert_bytes(const struct pkcs11_template *template, CK_ATTRIBUTE_TYPE type,
             const void *value, size_t length)
{
    const CK_ATTRIBUTE *attribute = find(template, type);

    assert_non_null(attribute);
    assert_int_equal(attribute->ulValueLen, length);
    assert_memory_equal(attribute->pValue, value, length);
}

static void
private_keys_are_always_protected(void **state)
{
    (void)state;
    for (size_t i = 0; i < TYPES * PKCS11_STRICTNESS__MAX; i++) {
        const struct keystore_new_key name = {id, "label", types[i % TYPES],
                                              NULL, NULL};
        const CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
        struct pkcs11_template template;

        pkcs11_template_private(&template, &name,
                                (enum pkcs11_strictness)(i / TYPES));
        assert_bytes(&template, CKA_CLASS, &class, sizeof class);
        assert_bytes(&template, CKA_ID, id, sizeof id);
        assert_bytes(&template, CKA_LABEL, "label", 5);
        assert_flag(&template, CKA_TOKEN, CK_TRUE);
        assert_flag(&template, CKA_PRIVATE, CK_TRUE);
        assert_flag(&template, CKA_SENSITIVE, CK_TRUE);
        assert_flag(&template, CKA_EXTRACTABLE, CK_FALSE);
        assert_flag(&template, CKA_SIGN, CK_TRUE);
    }
}

/* SoftHSM answers CKR_ATTRIBUTE_READ_ONLY to them. */
static void
nothing_is_claimed_that_only_the_token_may_say(void **state)
{
    static const CK_ATTRIBUTE_TYPE theirs[] = {CKA_LOCAL, CKA_ALWAYS_SENSITIVE,
                                               CKA_NEVER_EXTRACTABLE,
                                               CKA_KEY_GEN_MECHANISM};

    (void)state;
    for (size_t i = 0; i < TYPES * 4; i++) {
        const struct keystore_new_key name = {id, "", types[i % TYPES], NULL,
                                              NULL};
        struct pkcs11_template template;

        pkcs11_template_private(&template, &name, PKCS11_FULL);
        assert_null(find(&template, theirs[i / TYPES]));
        pkcs11_template_public(&template, &name);
        assert_null(find(&template, theirs[i / TYPES]));
        assert_null(find(&template, CKA_SENSITIVE));
    }
}

static void
leniency_leaves_out_what_is_optional(void **state)
{
    static const CK_ATTRIBUTE_TYPE uses[] = {CKA_SIGN_RECOVER, CKA_DECRYPT,
                                             CKA_UNWRAP, CKA_DERIVE};
    static const CK_MECHANISM_TYPE rsa[] = {CKM_RSA_PKCS, CKM_RSA_PKCS_PSS};
    static const CK_MECHANISM_TYPE ec[] = {CKM_ECDSA};

    (void)state;
    for (size_t i = 0; i < TYPES; i++) {
        const struct keystore_new_key name = {id, "", types[i], NULL, NULL};
        struct pkcs11_template full;
        struct pkcs11_template changeable;
        struct pkcs11_template any;
        struct pkcs11_template core;

        pkcs11_template_private(&full, &name, PKCS11_FULL);
        pkcs11_template_private(&changeable, &name, PKCS11_CHANGEABLE);
        pkcs11_template_private(&any, &name, PKCS11_ANY_MECHANISM);
        pkcs11_template_private(&core, &name, PKCS11_CORE);
        assert_flag(&full, CKA_MODIFIABLE, CK_FALSE);
        assert_flag(&full, CKA_COPYABLE, CK_FALSE);
        assert_null(find(&changeable, CKA_MODIFIABLE));
        assert_null(find(&changeable, CKA_COPYABLE));
        assert_non_null(find(&changeable, CKA_ALLOWED_MECHANISMS));
        assert_null(find(&any, CKA_MODIFIABLE));
        if (types[i] == MATERIAL_RSA)
            assert_bytes(&full, CKA_ALLOWED_MECHANISMS, rsa, sizeof rsa);
        else
            assert_bytes(&full, CKA_ALLOWED_MECHANISMS, ec, sizeof ec);
        assert_null(find(&any, CKA_ALLOWED_MECHANISMS));
        assert_null(find(&core, CKA_ALLOWED_MECHANISMS));
        for (size_t j = 0; j < sizeof uses / sizeof uses[0]; j++) {
            assert_flag(&full, uses[j], CK_FALSE);
            assert_flag(&any, uses[j], CK_FALSE);
            assert_null(find(&core, uses[j]));
        }
        assert_true(full.count + NUMBERS <=
                    sizeof full.attributes / sizeof full.attributes[0]);
    }
}

static void
only_refused_attributes_are_a_reason_to_ask_for_less(void **state)
{
    static const CK_RV refused[] = {
        CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID,
        CKR_ATTRIBUTE_READ_ONLY, CKR_TEMPLATE_INCONSISTENT};
    static const CK_RV others[] = {
        CKR_OK,           CKR_DEVICE_MEMORY,       CKR_GENERAL_ERROR,
        CKR_DEVICE_ERROR, CKR_TEMPLATE_INCOMPLETE, CKR_USER_NOT_LOGGED_IN};

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_true(pkcs11_strictness_refused(refused[i]));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(pkcs11_strictness_refused(others[i]));
}

static void
curves_are_known_by_their_exact_oid(void **state)
{
    /* P-256 with a byte more, secp256k1, an explicit curve's beginning */
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
                                   0x3d, 0x03, 0x01, 0x07, 0x00};
    static const uint8_t secp256k1[] = {0x06, 0x05, 0x2b, 0x81,
                                        0x04, 0x00, 0x0a};
    static const uint8_t explicit[] = {0x30, 0x81, 0xe0};

    (void)state;
    assert_int_equal(pkcs11_template_curve(p256, sizeof p256), 0);
    assert_int_equal(pkcs11_template_curve(p256, sizeof p256 - 2), 0);
    assert_int_equal(pkcs11_template_curve(secp256k1, sizeof secp256k1), 0);
    assert_int_equal(pkcs11_template_curve(explicit, sizeof explicit), 0);
    assert_int_equal(pkcs11_template_curve(p256, sizeof p256 - 1),
                     MATERIAL_P256);
    for (size_t i = 1; i < TYPES; i++) {
        struct pkcs11_template template = {.count = 0};
        const CK_ATTRIBUTE *params;

        pkcs11_template_add_curve(&template, types[i]);
        params = find(&template, CKA_EC_PARAMS);
        assert_non_null(params);
        assert_int_equal(
            pkcs11_template_curve(params->pValue, params->ulValueLen),
            types[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(private_keys_are_always_protected),
        cmocka_unit_test(nothing_is_claimed_that_only_the_token_may_say),
        cmocka_unit_test(leniency_leaves_out_what_is_optional),
        cmocka_unit_test(only_refused_attributes_are_a_reason_to_ask_for_less),
        cmocka_unit_test(curves_are_known_by_their_exact_oid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
